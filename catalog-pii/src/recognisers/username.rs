//! Login names. Almost any word may be one, so they need the column's name.

use catalog_core::model::PiiEntity;

use super::{Hit, Strength, whole};
use crate::text::CellText;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let text = cell.text.trim().trim_start_matches('@');
    let form = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+'));
    if form && (2..=64).contains(&text.len()) {
        hits.extend(whole(cell, PiiEntity::Username, Strength::Weak));
    }
}
