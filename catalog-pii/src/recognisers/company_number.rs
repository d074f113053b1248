//! French company numbers: SIREN (nine digits) and SIRET (fourteen), with Luhn's check digit. La Poste's branches
//! check by a digit sum that five divides. A sole trader's number is personal. One number in ten passes by accident,
//! so a plain one needs its column.

use catalog_core::model::PiiEntity;

use super::checksums::luhn;
use super::{Hit, Strength};
use crate::text::{CellText, Window};

/// La Poste.
const LA_POSTE: [u8; 9] = [3, 5, 6, 0, 0, 0, 0, 0, 0];

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    cell.digits.windows(cell.text, 9..15, |window| {
        let (start, end) = (window.start(), window.end());
        let fits = matches!(window.digits.len(), 9 | 14) && window.whole_run && is_grouped(window);
        if fits && is_valid(window.digits) && cell.stands_alone(start, end) {
            hits.push(Hit { start, end, entity: PiiEntity::CompanyNumber, strength: Strength::Shaped });
        }
    });
}

/// One piece, or `123 456 789 00012`.
fn is_grouped(window: &Window<'_>) -> bool {
    let lengths = [3, 3, 3, 5];
    window.groups.len() == 1 || window.lengths().eq(lengths) || window.lengths().eq(lengths[..3].iter().copied())
}

fn is_valid(digits: &[u8]) -> bool {
    let sum: u32 = digits.iter().map(|d| u32::from(*d)).sum();
    let branch_of_la_poste = digits.len() == 14 && digits[..9] == LA_POSTE && sum.is_multiple_of(5);
    digits[..3] != [0, 0, 0] && luhn(&digits[..9]) && (luhn(digits) || branch_of_la_poste)
}

#[cfg(test)]
mod tests {
    use crate::recognisers::test_support::found;

    #[test]
    fn both_lengths_are_found_with_and_without_spaces() {
        for text in ["732829320", "732 829 320", "73282932000074", "732 829 320 00074", "35600000049837"] {
            assert_eq!(found(text, "COMPANY_NUMBER").len(), 1, "{text}");
        }
    }

    #[test]
    fn a_wrong_check_digit_is_none() {
        for text in ["732829321", "73282932000075", "000000000", "7328293200007"] {
            assert!(found(text, "COMPANY_NUMBER").is_empty(), "{text}");
        }
    }
}
