//! National identity and tax numbers with a check digit: German Steuer-ID, Spanish DNI and NIE, Italian codice fiscale,
//! British national insurance and NHS numbers; and the forms of French passports
//! (`12AB34567`) and identity cards (twelve digits that start with year, month and department), which have none.

use std::sync::LazyLock;

use catalog_core::model::PiiEntity;
use regex::Regex;

use super::checksums::number;
use super::{Hit, Strength};
use crate::text::CellText;

static LETTERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?P<dni> [0-9XYZ] [\ .-]? [0-9]{7} [\ .-]? [A-HJ-NP-TV-Z] )
        | (?P<cf> [A-Z]{6} [\ ]? [0-9LMNP-V]{2} [A-EHLMPR-T] [0-9LMNP-V]{2} [\ ]? [A-Z] [0-9LMNP-V]{3} [A-Z] )
        | (?P<passport> [0-9]{2} [\ ]? [A-Z]{2} [\ ]? [0-9]{5} )
        | (?P<nino> [A-CEGHJ-PR-TW-Z] [A-CEGHJ-NPR-TW-Z] [\ -]? [0-9]{2} [\ -]? [0-9]{2} [\ -]? [0-9]{2} [\ -]? [A-D] )",
    )
    .ok()
});

pub(super) fn find(cell: &CellText<'_>, hits: &mut Vec<Hit>) {
    let mut push = |start, end, strength| {
        hits.push(Hit { start, end, entity: PiiEntity::NationalId, strength });
    };
    if cell.features.letters > 0
        && let Some(regex) = LETTERED.as_ref()
    {
        for found in regex.captures_iter(cell.text) {
            let Some(all) = found.get(0) else { continue };
            let symbols: Vec<u8> =
                all.as_str().bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
            let strength = if found.name("dni").is_some() && spanish(&symbols)
                || found.name("cf").is_some() && italian(&symbols)
            {
                Strength::Proven
            } else if found.name("nino").is_some() && british(&symbols) {
                Strength::Strong
            } else if found.name("passport").is_some() {
                Strength::Shaped
            } else {
                continue;
            };
            if cell.stands_alone(all.start(), all.end()) {
                push(all.start(), all.end(), strength);
            }
        }
    }
    cell.digits.windows(cell.text, 10..13, |window| {
        let valid = match window.digits.len() {
            12 => french_card(window.digits),
            11 => german(window.digits),
            _ => nhs(window.digits),
        };
        if valid && window.whole_run && window.groups.len() <= 4 && cell.stands_alone(window.start(), window.end()) {
            let strength = if window.digits.len() == 11 { Strength::Shaped } else { Strength::Weak };
            push(window.start(), window.end(), strength);
        }
    });
}

/// DNI and NIE: the letter is the number mod 23; X, Y, Z stand for 0, 1, 2.
fn spanish(symbols: &[u8]) -> bool {
    let first = match symbols[0] {
        letter @ b'X'..=b'Z' => letter - b'X',
        digit => digit - b'0',
    };
    let digits: Vec<u8> = std::iter::once(first).chain(symbols[1..8].iter().map(|b| b - b'0')).collect();
    b"TRWAGMYFPDXBNJZSQVHLCKE"[(number(&digits) % 23) as usize] == symbols[8]
}

/// Codice fiscale: odd and even places have their own values, the sum mod 26 is the last letter (D.M. 12 March 1974).
fn italian(symbols: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let sum: u32 = symbols[..15]
        .iter()
        .enumerate()
        .map(|(i, &symbol)| {
            let value = if symbol.is_ascii_digit() { symbol - b'0' } else { symbol - b'A' };
            if i % 2 == 0 { ODD[usize::from(value)] } else { u32::from(value) }
        })
        .sum();
    sum % 26 == u32::from(symbols[15] - b'A')
}

/// National insurance number: prefixes that are never issued.
fn british(symbols: &[u8]) -> bool {
    !matches!(&symbols[..2], b"BG" | b"GB" | b"NK" | b"KN" | b"TN" | b"NT" | b"ZZ")
}

/// Steuer-ID: ISO 7064 mod 11,10; among the first ten digits exactly one repeats.
fn german(digits: &[u8]) -> bool {
    let mut seen = [0_u8; 10];
    for &digit in &digits[..10] {
        seen[usize::from(digit)] += 1;
    }
    let repeats = seen.iter().filter(|n| **n > 1).count() == 1 && seen.iter().all(|n| *n <= 3);
    let mut product = 10_u32;
    for &digit in &digits[..10] {
        let sum = match (u32::from(digit) + product) % 10 {
            0 => 10,
            other => other,
        };
        product = sum * 2 % 11;
    }
    digits[0] != 0 && repeats && (11 - product) % 10 == u32::from(digits[10])
}

/// French identity card of 1988 to 2021: year, month and department of issue, then a count and a key that only the
/// printed card can prove.
fn french_card(digits: &[u8]) -> bool {
    let month = digits[2] * 10 + digits[3];
    let department = digits[4] * 10 + digits[5];
    (1..=12).contains(&month) && (1..=98).contains(&department)
}

/// NHS number: weights 10 to 2, mod 11.
fn nhs(digits: &[u8]) -> bool {
    let sum: u32 = digits[..9].iter().zip((2..=10).rev()).map(|(&d, weight)| u32::from(d) * weight).sum();
    let check = (11 - sum % 11) % 11;
    check == u32::from(digits[9]) && digits[..9].iter().any(|&d| d != 0)
}

#[cfg(test)]
mod tests {
    use crate::recognisers::test_support::found;

    #[test]
    fn numbers_with_a_right_check_are_found() {
        for text in [
            "12345678Z",
            "12.345678-Z",
            "X1234567L",
            "RSSMRA85T10A562S",
            "rssmra85t10a562s",
            "AB 12 34 56 C",
            "65929970489",
            "943 476 5919",
            "12AB34567",
            "880692310285",
        ] {
            assert!(!found(text, "NATIONAL_ID").is_empty(), "{text}");
        }
    }

    #[test]
    fn numbers_with_a_wrong_check_are_not() {
        for text in ["12345678A", "X1234567M", "RSSMRA85T10A562T", "BG123456C", "65929970488"] {
            let hits = found(text, "NATIONAL_ID");
            assert!(hits.iter().all(|h| h.strength == super::Strength::Weak), "{text}");
        }
    }
}
