//! Webhook signatures as OpenMetadata makes them: `X-OM-Signature: sha256=` and the base64 (not hex) of HMAC-SHA256
//! over the raw body. Only the body is signed; replays must be told by the event's id and time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use catalog_core::model::Secret;
use catalog_core::{Error, ErrorKind, Result};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

const SCHEME: &str = "sha256=";

/// Verifies the signatures of one sender; holds the secret in keyed form and cannot be printed.
pub struct WebhookSignature {
    current: Hmac<Sha256>,
    previous: Option<Hmac<Sha256>>,
}

impl WebhookSignature {
    /// Accepts bodies signed with `current`, and with `previous` while a secret is being rotated.
    ///
    /// # Errors
    /// `Configuration` when a secret is empty: anybody could sign with it.
    pub fn new(current: &Secret, previous: Option<&Secret>) -> Result<Self> {
        Ok(Self { current: keyed(current)?, previous: previous.map(keyed).transpose()? })
    }

    /// The header's value for a body, signed with the current secret.
    pub fn sign(&self, body: &[u8]) -> String {
        format!("{SCHEME}{}", STANDARD.encode(tag(&self.current, body)))
    }

    /// Is `header` (the value of `X-OM-Signature`) the signature of exactly these bytes? The comparison takes the
    /// same time wherever the difference is, and whichever secret matches.
    ///
    /// # Errors
    /// `Forbidden` when the header is missing, malformed or wrong.
    pub fn verify(&self, header: Option<&str>, body: &[u8]) -> Result<()> {
        let refuse = |why: &str| Error::new(ErrorKind::Forbidden, "verify_webhook", why);
        let header = header.ok_or_else(|| {
            refuse("the request is not signed").hint("set the same secret key in the sender's subscription")
        })?;
        let encoded =
            header.trim().strip_prefix(SCHEME).ok_or_else(|| refuse("the signature is not of the form sha256=…"))?;
        let given = STANDARD.decode(encoded).map_err(|_| refuse("the signature is not base64"))?;
        let mut matches = tag(&self.current, body).ct_eq(given.as_slice());
        if let Some(previous) = &self.previous {
            matches |= tag(previous, body).ct_eq(given.as_slice());
        }
        if bool::from(matches) { Ok(()) } else { Err(refuse("the signature does not match the body")) }
    }
}

fn keyed(secret: &Secret) -> Result<Hmac<Sha256>> {
    let bad = |why: &str| Error::new(ErrorKind::Configuration, "read_webhook_secret", why);
    if secret.expose().is_empty() {
        return Err(bad("the secret is empty").hint("give the webhook a secret of at least 32 random characters"));
    }
    Hmac::new_from_slice(secret.expose().as_bytes()).map_err(|_| bad("the secret cannot be used as a key"))
}

fn tag(key: &Hmac<Sha256>, body: &[u8]) -> [u8; 32] {
    key.clone().chain_update(body).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with(current: &str, previous: Option<&str>) -> WebhookSignature {
        WebhookSignature::new(&Secret::new(current), previous.map(Secret::new).as_ref()).unwrap()
    }

    /// RFC 4231, test case 2, with the tag in base64.
    #[test]
    fn the_signature_is_base64_hmac_sha256_of_the_raw_body() {
        let header = "sha256=W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
        assert_eq!(with("Jefe", None).sign(b"what do ya want for nothing?"), header);
        assert!(with("Jefe", None).verify(Some(header), b"what do ya want for nothing?").is_ok());
    }

    #[test]
    fn both_secrets_are_accepted_during_rotation_and_no_third() {
        let body = br#"{"id":1}"#;
        let rotating = with("new", Some("old"));
        assert!(rotating.verify(Some(&with("old", None).sign(body)), body).is_ok());
        assert!(rotating.verify(Some(&with("new", None).sign(body)), body).is_ok());
        assert!(rotating.verify(Some(&with("third", None).sign(body)), body).is_err());
        assert!(with("new", None).verify(Some(&with("old", None).sign(body)), body).is_err());
    }

    #[test]
    fn a_missing_hex_truncated_or_empty_signature_is_refused() {
        let verifier = with("s", None);
        let good = verifier.sign(b"x");
        let hex: String = tag(&verifier.current, b"x").iter().map(|b| format!("{b:02x}")).collect();
        for header in
            [None, Some(""), Some("sha256="), Some(&good[7..]), Some(&good[..20]), Some(&format!("sha256={hex}"))]
        {
            assert_eq!(verifier.verify(header, b"x").unwrap_err().kind(), ErrorKind::Forbidden);
        }
    }

    #[test]
    fn an_empty_secret_is_a_configuration_error() {
        assert_eq!(WebhookSignature::new(&Secret::new(" "), None).err().unwrap().kind(), ErrorKind::Configuration);
    }

    proptest! {
        #[test]
        fn a_changed_body_is_refused(body in prop::collection::vec(any::<u8>(), 1..200), at: prop::sample::Index, flip in 1u8..) {
            let verifier = with("secret", Some("older"));
            let header = verifier.sign(&body);
            let mut changed = body.clone();
            changed[at.index(body.len())] ^= flip;
            prop_assert!(verifier.verify(Some(&header), &body).is_ok());
            prop_assert!(verifier.verify(Some(&header), &changed).is_err());
        }

        #[test]
        fn any_header_is_judged_without_panic(header in ".{0,60}") {
            prop_assert!(with("secret", None).verify(Some(&header), b"body").is_err());
        }
    }
}
