//! What the recognisers' tests share.

use super::{Hit, Strength, find_all};
use crate::text::{CellText, normalise};

/// The hits of one entity, the whole-cell guesses of other recognisers left out.
pub(crate) fn found(text: &str, entity: &str) -> Vec<Hit> {
    let (normal, _) = normalise(text, 4096);
    let cell = CellText::new(&normal);
    let mut hits = Vec::new();
    find_all(&cell, &mut hits);
    hits.retain(|h| h.entity.as_str() == entity);
    if hits.iter().any(|h| h.strength > Strength::Weak) {
        hits.retain(|h| h.strength > Strength::Weak);
    }
    hits
}

/// The strongest hit of one entity.
pub(crate) fn strongest(text: &str, entity: &str) -> Option<Strength> {
    found(text, entity).iter().map(|h| h.strength).max()
}
