//! MAC addresses (IEEE 802): six pairs of hexadecimal digits with one kind of separator.

use std::sync::LazyLock;

use catalog_core::model::PiiEntity;
use regex::Regex;

use super::{Hit, Strength};
use crate::text::CellText;

static MAC: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}",
    )
    .ok()
});

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    if !cell.text.bytes().any(|b| matches!(b, b':' | b'-' | b'.')) {
        return;
    }
    let Some(regex) = MAC.as_ref() else { return };
    for found in regex.find_iter(cell.text) {
        let dotted_number = found.as_str().bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
        let longer = cell.before(found.start()).is_some_and(|c| c == ':' || c == '-')
            || cell.after(found.end()).is_some_and(|c| c == ':' || c == '-');
        if cell.stands_alone(found.start(), found.end()) && !dotted_number && !longer {
            hits.push(Hit {
                start: found.start(),
                end: found.end(),
                entity: PiiEntity::MacAddress,
                strength: Strength::Strong,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::recognisers::test_support::found;

    #[test]
    fn three_notations_are_found() {
        for text in ["00:1A:2b:3c:4d:5e", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e"] {
            assert_eq!(found(text, "MAC_ADDRESS").len(), 1, "{text}");
        }
    }

    #[test]
    fn part_of_a_longer_fingerprint_is_none() {
        assert!(found("00:1a:2b:3c:4d:5e:6f:70", "MAC_ADDRESS").is_empty());
        assert!(found("12-34-56-78-90-12", "MAC_ADDRESS").is_empty());
    }
}
