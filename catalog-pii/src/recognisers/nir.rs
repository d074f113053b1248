//! French social security numbers (NIR): 13 characters and a key of two digits, 97 minus the number mod 97. In Corsica
//! the department is `2A` or `2B`, which count as 19 and 18 (INSEE, decree 82-103).

use std::sync::LazyLock;

use catalog_core::model::PiiEntity;
use regex::Regex;

use super::checksums::number;
use super::{Hit, Strength};
use crate::text::CellText;

static CORSICAN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)[1-478](?:[ .\-_/]{0,3}\d){4}[ .\-_/]{0,3}2[ .\-_/]{0,3}[ab](?:[ .\-_/]{0,3}\d){8}").ok()
});

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let mut push = |start, end| {
        hits.push(Hit { start, end, entity: PiiEntity::FrNir, strength: Strength::Proven });
    };
    cell.digits.windows(cell.text, 15..16, |window| {
        if valid(window.digits, 0) {
            push(window.start(), window.end());
        }
    });
    if !cell.text.bytes().any(|b| matches!(b, b'a' | b'b' | b'A' | b'B')) {
        return;
    }
    let Some(regex) = CORSICAN.as_ref() else { return };
    for found in regex.find_iter(cell.text) {
        let mut digits = [0_u8; 15];
        let mut letter = 0;
        let symbols = found.as_str().bytes().filter(u8::is_ascii_alphanumeric);
        for (slot, byte) in digits.iter_mut().zip(symbols) {
            if byte.is_ascii_digit() {
                *slot = byte - b'0';
            } else {
                letter = byte.to_ascii_uppercase();
            }
        }
        if valid(&digits, letter) {
            push(found.start(), found.end());
        }
    }
}

/// Checks structure and key; `letter` is `A` or `B` when the second digit of the department was one, and that digit
/// is then given as 0.
fn valid(digits: &[u8], letter: u8) -> bool {
    let month = digits[3] * 10 + digits[4];
    let department = digits[5] * 10 + digits[6];
    let structure = matches!(digits[0], 1..=4 | 7 | 8)
        && matches!(month, 1..=12 | 20 | 30..=42 | 50..=99)
        && (department != 0 || letter != 0)
        && digits[10..13] != [0, 0, 0];
    // The letter's digit was read as 0, so the number stands at 20; 2A counts as 19 and 2B as 18.
    let correction = match letter {
        b'A' => 1_000_000,
        b'B' => 2_000_000,
        _ => 0,
    };
    let body = number(&digits[..13]) - correction;
    structure && 97 - body % 97 == number(&digits[13..15])
}

#[cfg(test)]
mod tests {
    use crate::recognisers::test_support::found;

    #[test]
    fn a_nir_with_its_key_is_found_however_it_is_spaced() {
        for text in ["255081416802538", "2 55 08 14 168 025 38", "2-55-08-14-168-025-38", "nir:2550814168025 38;"] {
            assert_eq!(found(text, "FR_NIR").len(), 1, "{text}");
        }
    }

    #[test]
    fn corsica_is_found_in_both_letters_and_cases() {
        // 97 - (1850719123456 mod 97) and 97 - (1850718123456 mod 97).
        for (text, body) in [("185072A123456", 1_850_719_123_456_u64), ("185072b123456", 1_850_718_123_456)] {
            let key = 97 - body % 97;
            assert_eq!(found(&format!("{text}{key:02}"), "FR_NIR").len(), 1, "{text}");
            assert!(found(&format!("{text}{:02}", (key + 1) % 97), "FR_NIR").is_empty(), "{text}");
        }
    }

    #[test]
    fn a_wrong_key_or_month_is_no_nir() {
        for text in ["255081416802539", "255131416802538", "000000000000097"] {
            assert!(found(text, "FR_NIR").is_empty(), "{text}");
        }
    }
}
