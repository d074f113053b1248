//! Payment card numbers (ISO/IEC 7812): 12 to 19 digits, an issuer's prefix with a length that issuer uses, Luhn.

use catalog_core::model::PiiEntity;

use super::checksums::{luhn, number};
use super::{Hit, Strength};
use crate::text::{CellText, Window};

/// Prefix range (compared over as many digits as the bounds have), shortest and longest number.
const ISSUERS: &[(u64, u64, usize, usize)] = &[
    (4, 4, 13, 13),       // Visa, old
    (4, 4, 16, 16),       // Visa
    (4, 4, 19, 19),       // Visa
    (51, 55, 16, 16),     // Mastercard
    (2221, 2720, 16, 16), // Mastercard
    (34, 34, 15, 15),     // American Express
    (37, 37, 15, 15),     // American Express
    (300, 305, 14, 19),   // Diners Club
    (3095, 3095, 14, 19), // Diners Club
    (36, 36, 14, 19),     // Diners Club
    (38, 39, 14, 19),     // Diners Club
    (6011, 6011, 16, 19), // Discover
    (644, 659, 16, 19),   // Discover, RuPay
    (3528, 3589, 16, 19), // JCB
    (1800, 1800, 15, 15), // JCB, old
    (2131, 2131, 15, 15), // JCB, old
    (62, 62, 16, 19),     // UnionPay
    (81, 82, 16, 19),     // UnionPay, RuPay
    (50, 50, 12, 19),     // Maestro, RuPay, Verve
    (56, 58, 12, 19),     // Maestro
    (60, 61, 12, 19),     // Maestro, RuPay
    (63, 63, 12, 19),     // Maestro
    (67, 69, 12, 19),     // Maestro
    (2200, 2204, 16, 19), // Mir
    (9792, 9792, 16, 16), // Troy
];

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    cell.digits.windows(cell.text, 12..20, |window| {
        let (start, end) = (window.start(), window.end());
        if !plausible_grouping(window) || !has_issuer(window.digits) {
            return;
        }
        if luhn(window.digits) {
            hits.push(Hit { start, end, entity: PiiEntity::Card, strength: Strength::Proven });
        } else if window.whole_run && cell.stands_alone(start, end) {
            // A wrong check digit is a typing error or made-up data; the column's name has to say card.
            hits.push(Hit { start, end, entity: PiiEntity::Card, strength: Strength::Weak });
        }
    });
}

fn has_issuer(digits: &[u8]) -> bool {
    ISSUERS.iter().any(|&(low, high, shortest, longest)| {
        let prefix = number(&digits[..low.ilog10() as usize + 1]);
        (low..=high).contains(&prefix) && (shortest..=longest).contains(&digits.len())
    })
}

/// People write a card number in one piece, in groups of four, or as 4-6-5 or 4-6-4; a number that stands by itself
/// may be cut anywhere into a few pieces. This keeps lists of small numbers out.
fn plausible_grouping(window: &Window<'_>) -> bool {
    let groups = window.groups.len();
    let fours = window.lengths().take(groups - 1).all(|n| n == 4) && window.lengths().last().is_some_and(|n| n <= 4);
    let single_digits = groups > 11 && window.lengths().all(|n| n == 1);
    let four_six = groups == 3 && window.lengths().take(2).eq([4, 6]);
    groups == 1
        || fours
        || four_six
        || single_digits
        || (window.whole_run && groups <= 6 && window.lengths().all(|n| n > 1))
}

#[cfg(test)]
mod tests {
    use crate::recognisers::Strength;
    use crate::recognisers::test_support::{found, strongest};

    #[test]
    fn cards_of_every_length_and_spacing_are_found() {
        for text in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "5555-5555-5555-4444",
            "card=4111%201111%201111%201111",
            "3782 822463 10005",
            "30569309025904",
            "6011.1111.1111.1117",
            "4222222222222",
            "6304000000000000",
            "2223003122003222",
            r#"{"pan":"4111/1111/1111/1111"}"#,
            "ref4111111111111111x",
        ] {
            assert_eq!(found(text, "CARD").len(), 1, "{text}");
        }
    }

    #[test]
    fn a_wrong_check_digit_waits_for_its_column() {
        assert_eq!(strongest("4111111111111112", "CARD"), Some(Strength::Weak));
    }

    #[test]
    fn numbers_that_only_look_long_are_no_cards() {
        for text in [
            "2024",
            "123456789",
            "9999999999999995",
            "2023-05-01 10:20:30.123456",
            "1, 4, 1, 1, 11, 4, 12, 88, 3, 7",
            "550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert!(found(text, "CARD").is_empty(), "{text}");
        }
    }
}
