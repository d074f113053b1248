//! Numbers that may be a height, a weight or a pulse, and gender codes. They need the column's name.

use catalog_core::model::PiiEntity;

use super::{Hit, Strength, whole};
use crate::text::CellText;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let text = cell.text.trim();
    let figure = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%').trim_end();
    let unit_fits = text.len() - figure.len() <= 5;
    if unit_fits && figure.replace(',', ".").parse::<f64>().is_ok_and(|n| (0.3..=400.0).contains(&n)) {
        hits.extend(whole(cell, PiiEntity::BodyMeasure, Strength::Weak));
    }
}
