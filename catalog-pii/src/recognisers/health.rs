//! Words of diagnoses and findings, blood groups and codes of diseases. They need the column's name.

use catalog_core::model::PiiEntity;

use super::{Hit, Strength, whole};
use crate::dictionary::is_health_word;
use crate::text::CellText;

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    if cell.text.len() > 512 {
        return;
    }
    let blood = matches!(cell.text.trim(), "A+" | "A-" | "B+" | "B-" | "AB+" | "AB-" | "O+" | "O-");
    if blood || is_icd10(cell.text.trim()) || cell.text.split(|c: char| !c.is_alphabetic()).any(is_health_word) {
        hits.extend(whole(cell, PiiEntity::Health, Strength::Weak));
    }
}

/// A code of the WHO's ICD-10: a letter, two digits, perhaps a point and up to four more characters.
fn is_icd10(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (head, tail) = bytes.split_at(bytes.len().min(3));
    head.len() == 3
        && head[0].is_ascii_uppercase()
        && head[1..].iter().all(u8::is_ascii_digit)
        && (tail.is_empty()
            || tail[0] == b'.' && (2..=5).contains(&tail.len()) && tail[1..].iter().all(u8::is_ascii_alphanumeric))
}

#[cfg(test)]
mod tests {
    use crate::recognisers::test_support::found;

    #[test]
    fn diagnoses_and_codes_are_possible_health_data() {
        for text in ["Atopic dermatitis", "ASTHME", "J45.901", "Peanut allergy"] {
            assert_eq!(found(text, "HEALTH").len(), 1, "{text}");
        }
        assert!(found("Blue chair", "HEALTH").is_empty());
    }
}
