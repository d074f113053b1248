//! Check digit arithmetic.

/// The Luhn check (ISO/IEC 7812-1, annex B) over digit values.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &d)| match (i % 2, u32::from(d) * 2) {
            (0, _) => u32::from(d),
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Are the last two digits 97 minus the others mod 97? Four to twenty digits.
pub(crate) fn mod97(digits: &[u8]) -> bool {
    let (4..=20, Some((body, key))) = (digits.len(), digits.split_last_chunk::<2>()) else { return false };
    97 - number(body) % 97 == number(key)
}

/// The number that the digit values spell; at most 18 of them.
pub(super) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |n, &d| n.wrapping_mul(10).wrapping_add(u64::from(d)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_accepts_the_standard_example_and_no_neighbour_of_it() {
        let good = [7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 3];
        assert!(luhn(&good));
        for i in 0..good.len() {
            let mut bad = good;
            bad[i] = (bad[i] + 1) % 10;
            assert!(!luhn(&bad));
        }
    }
}
