//! Device identifiers: tokens of letters and digits, and IMEI numbers. They need the column's name.

use catalog_core::model::PiiEntity;

use super::checksums::luhn;
use super::{Hit, Strength};
use crate::text::CellText;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    if cell.text.len() > 512 {
        return;
    }
    let mut start = 0;
    for part in cell.text.split_inclusive([',', ';', ' ', '"', '[', ']', '{', '}']) {
        let word = part.trim_end_matches([',', ';', ' ', '"', '[', ']', '{', '}']);
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        let form = word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.'));
        let imei = word.len() == 15 && digits == 15 && {
            let values: Vec<u8> = word.bytes().map(|b| b - b'0').collect();
            luhn(&values)
        };
        if form && (imei || word.len() >= 6 && digits >= 1 && letters >= 2) {
            let end = start + word.len();
            hits.push(Hit { start, end, entity: PiiEntity::DeviceId, strength: Strength::Weak });
        }
        start += part.len();
    }
}
