//! Words of origins and religions: special categories of their own. They need the column's name.

use catalog_core::model::PiiEntity;

use super::{Hit, Strength, whole};
use crate::dictionary::{is_origin_word, is_religion_word};
use crate::text::CellText;

/// A longer text tells of more than an origin.
const BYTES_MAX: usize = 64;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    if cell.text.len() > BYTES_MAX {
        return;
    }
    for word in cell.text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()) {
        let entity = match word {
            word if is_origin_word(word) => PiiEntity::Origin,
            word if is_religion_word(word) => PiiEntity::SpecialCategory,
            _ => continue,
        };
        hits.extend(whole(cell, entity, Strength::Weak));
        return;
    }
}

#[cfg(test)]
mod tests {
    use crate::recognisers::test_support::found;

    #[test]
    fn origins_and_religions_are_two_categories() {
        for text in ["Caucasian", "ASIAN", "Hispanic or Latino", "Maghrébin"] {
            assert_eq!(found(text, "ORIGIN").len(), 1, "{text}");
        }
        for text in ["Catholic", "musulmane", "Athée"] {
            assert_eq!(found(text, "SPECIAL_CATEGORY").len(), 1, "{text}");
        }
        assert!(found("Blue chair", "ORIGIN").is_empty());
    }
}
