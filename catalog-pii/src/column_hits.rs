//! The hits of single cells: found, resolved where they overlap, and weighed against the cell.

use std::borrow::Cow;

use catalog_core::model::{CellRef, PiiEntity};

use crate::column_support::Support;
use crate::house_rules::HouseRules;
use crate::naming::ColumnWords;
use crate::recognisers::{Hit, find_all};
use crate::text::CellText;

/// A cell as text for the recognisers; `None` for what holds no text: NULL, booleans, binary and empty strings.
pub(crate) fn cell_text(cell: CellRef<'_>) -> Option<Cow<'_, str>> {
    match cell {
        CellRef::Text(text) => (!text.trim().is_empty()).then_some(Cow::Borrowed(text)),
        CellRef::Int(n) => Some(Cow::Owned(n.to_string())),
        CellRef::Real(n) => Some(Cow::Owned(n.to_string())),
        CellRef::Null | CellRef::Bool(_) | CellRef::Bytes(_) => None,
    }
}

/// All hits of one cell in a column (`None`: a text without one), strongest first and then longest, but for the
/// values that the operator allows.
pub(crate) fn hits_of(cell: &CellText<'_>, house: &HouseRules, column: Option<&ColumnWords>) -> Vec<Hit> {
    let mut hits = Vec::new();
    if house.allows(cell.text) {
        return hits;
    }
    house.find(cell, column, &mut hits);
    find_all(cell, &mut hits);
    hits.retain(|h| !house.allows(&cell.text[h.start..h.end]));
    hits.sort_by(|a, b| b.strength.cmp(&a.strength).then((b.end - b.start).cmp(&(a.end - a.start))));
    hits
}

/// The hits that count under `support` and do not overlap a stronger or longer one. `hits` come strongest first.
pub(crate) fn resolve(hits: &[Hit], support: &Support) -> Vec<Hit> {
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits.iter().filter(|h| support.counts(h)) {
        if kept.iter().all(|k| hit.end <= k.start || k.end <= hit.start) {
            kept.push(*hit);
        }
    }
    kept
}

/// How much of a cell hits of one entity cover.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// None.
    Nothing,
    /// Some of it.
    Part,
    /// All its letters and digits, or nearly.
    Whole,
}

/// Share of a cell's letters and digits that hits must cover to be the whole cell.
const WHOLE_CELL_SHARE: f64 = 0.85;

/// How much of the cell its hits of `entity` cover.
pub(crate) fn coverage(text: &str, hits: &[Hit], entity: PiiEntity) -> Coverage {
    let weight = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let mut covered = 0;
    for hit in hits.iter().filter(|h| h.entity == entity) {
        covered += weight(&text[hit.start..hit.end]).max(1);
    }
    let all = weight(text).max(1);
    match covered {
        0 => Coverage::Nothing,
        n if n as f64 >= WHOLE_CELL_SHARE * all as f64 => Coverage::Whole,
        _ => Coverage::Part,
    }
}
