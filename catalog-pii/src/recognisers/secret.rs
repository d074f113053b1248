//! Secrets: JSON Web Tokens (RFC 7519), private keys (RFC 7468), tokens with a vendor's prefix, password hashes in
//! crypt format, passwords inside URLs. Other tokens and passwords need the column's name.

use std::sync::LazyLock;

use catalog_core::model::PiiEntity;
use regex::Regex;

use super::{Hit, Strength, whole};
use crate::text::CellText;

static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.?[A-Za-z0-9_-]*
        | -----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----(?s:.*?)(?:-----END\ [A-Z\ ]*PRIVATE\ KEY-----|\z)
        | \bgh[pousr]_[A-Za-z0-9]{20,255} | \bgithub_pat_[A-Za-z0-9_]{20,255} | \bglpat-[A-Za-z0-9_-]{16,64}
        | \b[srp]k_(?:live|test)_[A-Za-z0-9]{10,128} | \bsk-[A-Za-z0-9_-]{20,200}
        | \bxox[abeoprs]-[A-Za-z0-9-]{10,200} | \b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b
        | \bAIza[A-Za-z0-9_-]{35} | \bya29\.[A-Za-z0-9_-]{20,300} | \bnpm_[A-Za-z0-9]{30,64}
        | \bhf_[A-Za-z0-9]{30,64} | \bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,128} | \bdop_v1_[a-f0-9]{40,64}
        | \$2[abxy]?\$\d\d\$[./A-Za-z0-9]{40,64} | \$argon2(?:id|i|d)\$[!-~]{20,300} | \$[156]\$[./!-~]{8,120}
        | \{SSHA(?:256|512)?\}[A-Za-z0-9+/=]{20,120}
        | ://[^\s/:@]{1,64}:[^\s/@]{1,128}@
        | (?i:\bbearer\s+[A-Za-z0-9._~+/-]{16,400}=*)
        | (?i:\b(?:password|passwd|pwd|passphrase|mot\ de\ passe|mdp|api[_-]?key|secret|access[_-]?token)\b[\x22']?\s*[:=]\s*[\x22']?[^\s\x22',;&]{4,128})",
    )
    .ok()
});

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    // Whatever the expression finds has punctuation or is as long as a cloud key.
    let marked = cell.text.len() >= 20 || cell.text.bytes().any(|b| matches!(b, b'$' | b'=' | b':' | b'_' | b'{'));
    if let Some(regex) = SECRET.as_ref().filter(|_| marked) {
        for found in regex.find_iter(cell.text) {
            hits.push(Hit {
                start: found.start(),
                end: found.end(),
                entity: PiiEntity::Credential,
                strength: Strength::Strong,
            });
        }
    }
    let text = cell.text.trim();
    if text.len() >= 6 && (cell.features.digits > 0 || text.len() >= 8) && cell.features.spaces <= 2 {
        hits.extend(whole(cell, PiiEntity::Credential, Strength::Weak));
    }
}

#[cfg(test)]
mod tests {
    use crate::recognisers::Strength;
    use crate::recognisers::test_support::strongest;

    #[test]
    fn tokens_keys_and_hashes_are_found() {
        for text in [
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEow",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "AKIAIOSFODNN7EXAMPLE",
            "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
            "postgres://app:s3cret@db.example/app",
            r#"{"password": "hunter22"}"#,
        ] {
            assert_eq!(strongest(text, "CREDENTIAL"), Some(Strength::Strong), "{text}");
        }
    }

    #[test]
    fn hashes_uuids_and_words_do_not_count_alone() {
        for text in ["d41d8cd98f00b204e9800998ecf8427e", "550e8400-e29b-41d4-a716-446655440000", "password policy"] {
            assert!(strongest(text, "CREDENTIAL") <= Some(Strength::Weak), "{text}");
        }
    }
}
