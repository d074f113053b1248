//! Numbers on documents and contracts that have no public check: passports, licences, accounts, policies. They need
//! the column's name.

use catalog_core::model::PiiEntity;

use super::{Hit, Strength, whole};
use crate::text::CellText;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let text = cell.text.trim();
    let digits = cell.features.digits;
    let form = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/' | b' ' | b'.'));
    let date_like = text.len() >= 8 && digits == 8 && text.matches(['-', '/']).count() == 2;
    if form && !date_like && (5..=34).contains(&text.len()) && digits >= 3 && cell.features.letters <= digits * 3 {
        hits.extend(whole(cell, PiiEntity::NationalId, Strength::Weak));
        hits.extend(whole(cell, PiiEntity::AccountNumber, Strength::Weak));
    }
}
