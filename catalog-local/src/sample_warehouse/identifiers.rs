//! Personal identifiers that pass their checksums and belong to nobody: reserved domains, number ranges kept for
//! fiction, bank and commune codes that were never given out.

use super::random::Random;

/// Remainder of a decimal text by 97, letters counted as two digits (A = 10), as ISO 7064 has it.
fn mod_97(text: &str) -> u64 {
    text.chars().filter_map(|c| c.to_digit(36)).fold(0, |rest, digit| {
        let shift = if digit > 9 { 100 } else { 10 };
        (rest * shift + u64::from(digit)) % 97
    })
}

/// A French IBAN (ISO 13616) of bank 99999, which does not exist. The national RIB key is right as well.
pub(super) fn french_iban(random: &mut Random) -> String {
    let (bank, desk, account) = ("99999", format!("{:05}", random.between(1, 400)), random.digits(11));
    let weighted = |text: &str, weight: u64| weight * text.parse::<u64>().unwrap_or(0);
    // RIB key: 97 - (89·bank + 15·desk + 3·account) mod 97.
    let key = 97 - (weighted(bank, 89) + weighted(&desk, 15) + weighted(&account, 3)) % 97;
    let national = format!("{bank}{desk}{account}{key:02}");
    format!("FR{:02}{national}", 98 - mod_97(&format!("{national}FR00")))
}

/// A German IBAN of bank code 99999999, which does not exist.
pub(super) fn german_iban(random: &mut Random) -> String {
    let national = format!("99999999{}", random.digits(10));
    format!("DE{:02}{national}", 98 - mod_97(&format!("{national}DE00")))
}

/// A sixteen-digit card number that passes the Luhn check (ISO/IEC 7812), in the prefixes that payment processors
/// keep for tests.
pub(super) fn card_number(random: &mut Random, network: &str) -> String {
    let prefix = if network == "MASTERCARD" { "555555" } else { "400000" };
    let body = format!("{prefix}{}", random.digits(9));
    // From the right of the body every other digit counts twice, the first one included.
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, byte)| {
            let digit = u32::from(byte - b'0') * if i % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// A French social security number with its key (97 - number mod 97). Paris has no commune above 120, so that nobody
/// was born there.
pub(super) fn french_nir(random: &mut Random, woman: bool, birth_year: i64, birth_month: i64) -> String {
    let sex = if woman { 2 } else { 1 };
    let body = format!(
        "{sex}{:02}{birth_month:02}75{:03}{:03}",
        birth_year % 100,
        random.between(900, 989),
        random.between(1, 999)
    );
    format!("{body}{:02}", 97 - mod_97(&body))
}

/// A US social security number in areas that were not given out before numbers became random in 2011.
pub(super) fn us_ssn(random: &mut Random) -> String {
    format!("{:03}-{:02}-{:04}", random.between(774, 899), random.between(1, 99), random.between(1, 9999))
}

/// A French land line in the ranges that the regulator keeps for fiction, written the way people write it.
pub(super) fn french_phone(random: &mut Random) -> String {
    let [a, b, c] = *random.pick(&[
        ["01", "99", "00"],
        ["02", "61", "91"],
        ["03", "53", "01"],
        ["04", "65", "71"],
        ["05", "36", "49"],
    ]);
    let (d, e) = (random.digits(2), random.digits(2));
    if random.chance(0.3) { format!("+33 {} {b} {c} {d} {e}", &a[1..]) } else { format!("{a} {b} {c} {d} {e}") }
}

/// A US number: 555-01xx is kept for fiction in every area.
pub(super) fn us_phone(random: &mut Random) -> String {
    let area = random.pick(&["212", "312", "415", "617", "202"]);
    format!("({area}) 555-01{}", random.digits(2))
}

/// An address at a domain reserved for examples (RFC 2606); the number keeps it unique.
pub(super) fn email(random: &mut Random, first: &str, last: &str, number: usize) -> String {
    let domain = random.pick(&["example.com", "example.org", "example.net"]);
    format!("{}.{}{number}@{domain}", slug(first), slug(last))
}

/// Lowercase ASCII letters of a name.
fn slug(name: &str) -> String {
    name.chars()
        .filter_map(|c| match c.to_lowercase().next().unwrap_or(c) {
            'é' | 'è' | 'ê' | 'ë' => Some('e'),
            'ç' => Some('c'),
            'à' | 'â' => Some('a'),
            'ï' | 'î' => Some('i'),
            'ô' => Some('o'),
            'û' => Some('u'),
            c if c.is_ascii_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iban_passes_mod_97_and_has_its_countrys_length() {
        let mut random = Random::new(11);
        for _ in 0..200 {
            for (iban, length) in [(french_iban(&mut random), 27), (german_iban(&mut random), 22)] {
                assert_eq!(iban.len(), length);
                assert_eq!(mod_97(&format!("{}{}", &iban[4..], &iban[..4])), 1, "{iban}");
            }
        }
    }

    #[test]
    fn the_iban_check_agrees_with_a_published_example() {
        // The example of the UK registry entry of ISO 13616.
        assert_eq!(mod_97("WEST12345698765432GB82"), 1);
    }

    #[test]
    fn a_card_number_passes_luhn() {
        let mut random = Random::new(12);
        for network in ["VISA", "MASTERCARD"] {
            let number = card_number(&mut random, network);
            let sum: u32 = number
                .bytes()
                .rev()
                .enumerate()
                .map(|(i, b)| u32::from(b - b'0') * if i % 2 == 1 { 2 } else { 1 })
                .map(|d| if d > 9 { d - 9 } else { d })
                .sum();
            assert_eq!((number.len(), sum % 10), (16, 0), "{number}");
        }
    }

    #[test]
    fn a_nir_ends_with_its_key() {
        let nir = french_nir(&mut Random::new(13), true, 1984, 7);
        assert_eq!((nir.len(), &nir[..5]), (15, "28407"));
        let (body, key) = nir.split_at(13);
        assert_eq!(97 - body.parse::<u64>().unwrap() % 97, key.parse::<u64>().unwrap());
    }

    #[test]
    fn an_email_is_ascii_and_at_a_reserved_domain() {
        let email = email(&mut Random::new(14), "Zoé", "Lefèvre", 3);
        assert!(email.starts_with("zoe.lefevre3@example."), "{email}");
    }
}
