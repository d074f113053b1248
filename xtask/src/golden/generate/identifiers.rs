//! Made-up identifiers with valid structure: what a recogniser with checksums takes for real.

use super::random::Random;

/// A card number of 16 digits whose last one is Luhn's.
pub(super) fn card(random: &mut Random) -> String {
    let first = random.pick(&["497010", "513283", "453277", "552100"]).to_owned();
    let body = first + &random.digits(9);
    let check = luhn(&body);
    body + &check.to_string()
}

/// An equipment identity of 15 digits, Luhn too.
pub(super) fn imei(random: &mut Random) -> String {
    let body = "35".to_owned() + &random.digits(12);
    let check = luhn(&body);
    body + &check.to_string()
}

/// The serial of a French SIM card of 19 digits, Luhn too.
pub(super) fn iccid(random: &mut Random) -> String {
    let body = "8933".to_owned() + &random.digits(14);
    let check = luhn(&body);
    body + &check.to_string()
}

/// The digit that makes the sum of Luhn's rule end in 0.
fn luhn(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    (10 - sum % 10) % 10
}

/// French (four of five) or German, with the check digits of ISO 13616 and, in France, the key of the account.
pub(super) fn iban(random: &mut Random) -> String {
    if random.below(5) == 0 {
        let body = random.digits(18);
        return with_check("DE", "1314", &body);
    }
    let bank = random.pick(&["30004", "20041", "10278", "18206", "30003"]).to_owned();
    let (branch, account) = (random.digits(5), random.digits(11));
    let number = |text: &str| text.parse::<u64>().unwrap_or_default();
    let key = 97 - (89 * number(&bank) + 15 * number(&branch) + 3 * number(&account)) % 97;
    with_check("FR", "1527", &format!("{bank}{branch}{account}{key:02}"))
}

fn with_check(country: &str, letters_as_digits: &str, body: &str) -> String {
    let check = 98 - mod97(&format!("{body}{letters_as_digits}00"));
    format!("{country}{check:02}{body}")
}

fn mod97(digits: &str) -> u32 {
    digits.bytes().fold(0, |rest, b| (rest * 10 + u32::from(b - b'0')) % 97)
}

/// The French social security number with its key: sex, year and month of birth, department, commune, order.
pub(super) fn nir(random: &mut Random, female: bool, (year, month): (i64, i64)) -> String {
    let sex = if female { 2 } else { 1 };
    let department = [75, 69, 13, 59, 31, 44, 33, 67, 35, 92][random.below(10) as usize];
    let (commune, order) = (random.between(1, 300), random.between(1, 900));
    let body = format!("{sex}{:02}{month:02}{department}{commune:03}{order:03}", year % 100);
    let key = 97 - body.parse::<u64>().unwrap_or_default() % 97;
    format!("{body}{key:02}")
}

/// A random identifier of version 4.
pub(super) fn uuid(random: &mut Random) -> String {
    let hex = random.hex(32);
    let variant = random.pick(&["8", "9", "a", "b"]);
    format!("{}-{}-4{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// A locally administered hardware address.
pub(super) fn mac(random: &mut Random) -> String {
    let hex = random.hex(10);
    let pairs: Vec<&str> = (0..5).map(|i| &hex[2 * i..2 * i + 2]).collect();
    format!("02:{}", pairs.join(":"))
}

/// An address of the blocks that are kept for documentation or for private networks.
pub(super) fn ip(random: &mut Random) -> String {
    let block = random.pick(&["192.0.2", "198.51.100", "203.0.113", "10.24.7", "10.61.140", "172.16.33"]);
    format!("{block}.{}", random.between(1, 254))
}

/// A French registration plate since 2009.
pub(super) fn plate(random: &mut Random) -> String {
    let letters = b"ABCDEFGHJKLMNPQRSTVWXYZ";
    let mut pair = || (0..2).map(|_| char::from(letters[random.below(23) as usize])).collect::<String>();
    let (first, last) = (pair(), pair());
    format!("{first}-{:03}-{last}", random.between(1, 999))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_pass_their_own_checks() {
        let mut random = Random::new(3, "identifiers");
        for _ in 0..200 {
            let card = card(&mut random);
            assert_eq!((card.len(), luhn(&card[..15])), (16, u32::from(card.as_bytes()[15] - b'0')));
            assert_eq!((imei(&mut random).len(), iccid(&mut random).len()), (15, 19));
            let iban = iban(&mut random);
            let letters = if iban.starts_with("FR") { "1527" } else { "1314" };
            assert_eq!(mod97(&format!("{}{letters}{}", &iban[4..], &iban[2..4])), 1, "{iban}");
            let nir = nir(&mut random, true, (1984, 7));
            let (body, key) = nir.split_at(13);
            assert_eq!((body.parse::<u64>().unwrap() + key.parse::<u64>().unwrap()) % 97, 0);
            assert_eq!(uuid(&mut random).len(), 36);
            assert_eq!((mac(&mut random).len(), plate(&mut random).len()), (17, 9));
        }
    }
}
