//! E-mail addresses (RFC 5321, without quoted local parts), also with the `@` escaped for a URL, JSON or HTML.

use std::sync::LazyLock;

use catalog_core::model::PiiEntity;
use regex::Regex;

use super::{Hit, Strength};
use crate::text::CellText;

// Labels have no upper bound here: each repetition of a class of all letters costs tens of kilobytes, and the 61 of a
// label held five megabytes for as long as the process lived. A label that is too long for the DNS is masked all the
// same.
static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)[\p{L}\p{N}!#$&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$&'*+/=?^_`{|}~-]+)*\s?(?:@|%40|\\u0040|&#64;)\s?(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+(?:xn--[a-z0-9-]{2,}|\p{L}{2,})",
    )
    .ok()
});

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let Some(regex) = EMAIL.as_ref() else { return };
    for found in regex.find_iter(cell.text) {
        hits.push(Hit { start: found.start(), end: found.end(), entity: PiiEntity::Email, strength: Strength::Strong });
    }
}

#[cfg(test)]
mod tests {
    use crate::recognisers::test_support::found;

    #[test]
    fn an_address_is_found_in_text_json_and_urls() {
        for text in [
            "ann.lee+news@mail.example.co.uk",
            "JEAN.DUPONT@EXAMPLE.FR",
            r#"{"to":"a@b.io"}"#,
            "https://x.example/?m=ann%40example.org&x=1",
            "écrire à rené@exämple.fr.",
            "a@this-is-a-label-of-more-than-sixty-three-letters-which-no-name-server-knows.example",
        ] {
            assert_eq!(found(text, "EMAIL").len(), 1, "{text}");
        }
    }

    #[test]
    fn an_at_sign_alone_is_no_address() {
        for text in ["@handle", "a@b", "5 @ 3.20", "user@localhost", "me@"] {
            assert!(found(text, "EMAIL").is_empty(), "{text}");
        }
    }
}
