//! International bank account numbers: country, length and structure of the SWIFT registry, check digits mod 97
//! (ISO 13616, ISO 7064), in any case and with separators.

use catalog_core::model::PiiEntity;
use iban::Iban;

use super::{Hit, Strength};
use crate::text::CellText;

const LENGTH_MIN: usize = 15;
const LENGTH_MAX: usize = 34;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let bytes = cell.text.as_bytes();
    let mut at = 0;
    while at + LENGTH_MIN <= bytes.len() {
        let starts = bytes[at].is_ascii_alphabetic() && bytes[at + 1].is_ascii_alphabetic();
        match starts.then(|| end_of_iban(bytes, at)).flatten() {
            Some(end) => {
                hits.push(Hit { start: at, end, entity: PiiEntity::Iban, strength: Strength::Proven });
                at = end;
            }
            None => at += 1,
        }
    }
}

/// The byte after the IBAN that starts at `start`, if one does.
fn end_of_iban(bytes: &[u8], start: usize) -> Option<usize> {
    let mut compact = [0_u8; LENGTH_MAX];
    let mut filled = 0;
    let mut at = start;
    let mut gap = 0;
    while at < bytes.len() && filled < LENGTH_MAX {
        let byte = bytes[at];
        if byte.is_ascii_alphanumeric() {
            if (filled == 2 || filled == 3) && !byte.is_ascii_digit() {
                return None;
            }
            compact[filled] = byte.to_ascii_uppercase();
            filled += 1;
            gap = 0;
            at += 1;
            let text = std::str::from_utf8(&compact[..filled]).ok()?;
            if filled >= LENGTH_MIN && text.parse::<Iban>().is_ok() {
                return Some(at);
            }
        } else if byte == b'%' && bytes.get(at + 1..at + 3).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit)) {
            at += 3;
        } else if gap < 3 && matches!(byte, b' ' | b'.' | b'-' | b'_' | b'/' | b'+' | b'|' | b',' | b':' | b'*' | b'\'')
        {
            gap += 1;
            at += 1;
        } else {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::recognisers::test_support::found;

    #[test]
    fn an_iban_is_found_in_any_case_and_spacing() {
        for text in [
            "FR1420041010050500013M02606",
            "fr14 2004 1010 0505 0001 3m02 606",
            "DE89-3704-0044-0532-0130-00",
            r#"{"iban":"GB82.WEST.1234.5698.7654.32"}"#,
            "pay?to=ES91%202100%200418%204502%200005%201332&x=1",
            "IBAN:NL91ABNA0417164300.",
        ] {
            assert_eq!(found(text, "IBAN").len(), 1, "{text}");
        }
    }

    #[test]
    fn a_wrong_check_digit_or_length_is_no_iban() {
        for text in ["FR1520041010050500013M02606", "DE8937040044053201300", "de305d54-75b4-431b-adb2-eb6b9e546014"] {
            assert!(found(text, "IBAN").is_empty(), "{text}");
        }
    }
}
