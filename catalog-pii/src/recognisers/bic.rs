//! Business identifier codes (ISO 9362). Eight capitals may be any word, so they need the column's name.

use catalog_core::model::PiiEntity;

use super::{Hit, Strength, whole};
use crate::text::CellText;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let text = cell.text.trim().as_bytes();
    let structure = (text.len() == 8 || text.len() == 11)
        && text[..6].iter().all(u8::is_ascii_alphabetic)
        && text[6..].iter().all(u8::is_ascii_alphanumeric);
    if structure {
        hits.extend(whole(cell, PiiEntity::Bic, Strength::Weak));
    }
}

#[cfg(test)]
mod tests {
    use crate::recognisers::test_support::found;

    #[test]
    fn both_lengths_are_possible_codes() {
        assert_eq!(found("BNPAFRPP", "BIC").len(), 1);
        assert_eq!(found("DEUTDEFF500", "BIC").len(), 1);
        assert!(found("BNPAFR", "BIC").is_empty());
    }
}
