//! Made-up cells, the same in every run, in columns of one kind each.

use catalog_core::model::PiiEntity;

/// One cell.
pub(crate) struct Cell {
    /// Its text.
    pub(crate) text: String,
    /// `en` or `fr`.
    pub(crate) language: &'static str,
    /// What it is, if it is compared.
    pub(crate) kind: Option<PiiEntity>,
}

/// A splitmix64 generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    fn from(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.from(0, list.len() as u64 - 1) as usize]
    }

    /// The pattern with a random digit for each `#` and one from 2 to 9 for each `N`.
    fn digits(&mut self, pattern: &str) -> String {
        let digit = |c: char, random: &mut Self| match c {
            '#' => char::from(b'0' + random.from(0, 9) as u8),
            'N' => char::from(b'0' + random.from(2, 9) as u8),
            other => other,
        };
        pattern.chars().map(|c| digit(c, self)).collect()
    }
}

type Maker = fn(&mut Random, bool) -> String;

/// The kinds with their shares of sixteen columns.
const MAKERS: [(usize, Option<PiiEntity>, Maker); 9] = [
    (2, Some(PiiEntity::Email), email),
    (2, Some(PiiEntity::Iban), iban),
    (2, Some(PiiEntity::Phone), phone),
    (1, Some(PiiEntity::UsSsn), ssn),
    (2, Some(PiiEntity::Card), card),
    (1, Some(PiiEntity::FrNir), nir),
    (1, None, name),
    (2, None, number),
    (3, None, plain),
];

/// `count` cells in columns of `column` cells of one kind, half of them English, half French.
pub(crate) fn generate(count: usize, column: usize) -> Vec<Cell> {
    let mut random = Random(7);
    let kinds: Vec<usize> = MAKERS.iter().enumerate().flat_map(|(i, (n, _, _))| std::iter::repeat_n(i, *n)).collect();
    (0..count)
        .map(|i| {
            let place = i / column;
            let (_, kind, make) = MAKERS[kinds[place / 2 % kinds.len()]];
            let french = place % 2 == 1;
            Cell { text: make(&mut random, french), language: if french { "fr" } else { "en" }, kind }
        })
        .collect()
}

const GIVEN: [[&str; 8]; 2] = [
    ["Alice", "Robert", "Jennifer", "David", "Susan", "Kevin", "Laura", "Brian"],
    ["Camille", "Julien", "Élodie", "Gérard", "Amélie", "Thierry", "Zoé", "Benoît"],
];
const FAMILY: [[&str; 8]; 2] = [
    ["Miller", "Johnson", "Baker", "Hughes", "Nguyen", "Turner", "Parker", "Ortiz"],
    ["Dupont", "Lefèvre", "Moreau", "Girard", "Rousseau", "Faure", "Chevalier", "Legrand"],
];

fn name(random: &mut Random, french: bool) -> String {
    let (given, family) = (GIVEN[usize::from(french)], FAMILY[usize::from(french)]);
    format!("{} {}", random.one_of(&given), random.one_of(&family))
}

fn email(random: &mut Random, french: bool) -> String {
    let plain = |text: &str| text.to_lowercase().replace(['é', 'è', 'ê'], "e").replace('î', "i");
    let (given, family) = (GIVEN[usize::from(french)], FAMILY[usize::from(french)]);
    let (given, family) = (plain(random.one_of(&given)), plain(random.one_of(&family)));
    let host = random.one_of(&["example.com", "mail.example.org", "example.fr", "example.net"]);
    match random.from(0, 3) {
        0 => format!("{given}.{family}@{host}"),
        1 => format!("{given}{}@{host}", random.digits("##")),
        2 => format!("{}_{family}@{host}", &given[..1]),
        _ => format!("{family}+{given}@{host}").to_uppercase(),
    }
}

fn iban(random: &mut Random, french: bool) -> String {
    let (country, bban) = match (french, random.from(0, 2)) {
        (true, _) => ("FR", random.digits("#######################")),
        (_, 0) => ("DE", random.digits("##################")),
        (_, 1) => ("GB", random.digits("BARC##############")),
        _ => ("ES", random.digits("####################")),
    };
    let rest = format!("{bban}{country}00").bytes().fold(0_u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
    });
    let text = format!("{country}{:02}{bban}", 98 - rest);
    if random.from(0, 1) == 0 { text } else { in_groups(&text, 4) }
}

fn in_groups(text: &str, length: usize) -> String {
    text.as_bytes().chunks(length).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// As people write them: only area codes that exist, exchanges that may be anything that a plan allows.
fn phone(random: &mut Random, french: bool) -> String {
    let pattern = if french {
        random.one_of(&[
            "06 ## ## ## ##",
            "06########",
            "+33 6 ## ## ## ##",
            "+33 (0)6 ## ## ## ##",
            "01 4# ## ## ##",
            "+33 1 4# ## ## ##",
            "02.4#.##.##.##",
            "+3364#######",
        ])
    } else {
        let area = random.one_of(&["212", "415", "312", "617", "702", "305", "206", "503"]);
        let form = random.one_of(&[
            "AAA-N##-####",
            "(AAA)N##-####",
            "(AAA) N##-####",
            "+1-AAA-N##-####",
            "001-AAA-N##-####",
            "AAA.N##.####",
            "AAAN######",
            "AAA-N##-####x###",
            "+1AAAN######",
        ]);
        return random.digits(&form.replace("AAA", area));
    };
    random.digits(pattern)
}

fn ssn(random: &mut Random, _: bool) -> String {
    let area = match random.from(1, 898) {
        666 => 667,
        area => area,
    };
    format!("{area:03}-{:02}-{:04}", random.from(1, 99), random.from(1, 9999))
}

/// Of the issuers and lengths that are in use, twelve to nineteen digits.
fn card(random: &mut Random, _: bool) -> String {
    let pattern = random.one_of(&[
        "4##############",
        "4############## ",
        "4###########",
        "5[1]#############",
        "22N############",
        "34############",
        "37############",
        "6011###########",
        "65#############",
        "3528###########",
        "30[0]##########",
        "36###########",
        "6304########",
        "5018########",
        "4#################",
    ]);
    let body: String = random.digits(pattern).chars().filter(char::is_ascii_digit).collect();
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let d = u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 };
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    let text = format!("{body}{}", (10 - sum % 10) % 10);
    match random.from(0, 3) {
        0 if text.len() == 16 => in_groups(&text, 4),
        1 if text.len() == 16 => in_groups(&text, 4).replace(' ', "-"),
        _ => text,
    }
}

fn nir(random: &mut Random, _: bool) -> String {
    let body = format!(
        "{}{:02}{:02}{:02}{:03}{:03}",
        random.from(1, 2),
        random.from(30, 99),
        random.from(1, 12),
        random.from(1, 95),
        random.from(1, 900),
        random.from(1, 999)
    );
    let value = body.bytes().fold(0_u64, |n, b| n * 10 + u64::from(b - b'0'));
    let key = 97 - value % 97;
    match random.from(0, 1) {
        0 => format!("{body}{key:02}"),
        _ => format!(
            "{} {} {} {} {} {} {key:02}",
            &body[..1],
            &body[1..3],
            &body[3..5],
            &body[5..7],
            &body[7..10],
            &body[10..]
        ),
    }
}

/// Plain integers of nine digits, order numbers and amounts.
fn number(random: &mut Random, _: bool) -> String {
    match random.from(0, 4) {
        0 | 1 => random.digits("N########"),
        2 => random.digits("ORD-202#-######"),
        3 => random.digits("N#####.##"),
        _ => random.digits("N#######"),
    }
}

fn plain(random: &mut Random, french: bool) -> String {
    let words = if french {
        ["commande", "livrée", "en attente", "rouge", "petit modèle", "annulée", "retour client", "sans objet"]
    } else {
        ["order", "shipped", "pending", "red", "small size", "cancelled", "customer return", "not applicable"]
    };
    match random.from(0, 7) {
        0 => format!("{}-{:02}-{:02}", random.from(1990, 2025), random.from(1, 12), random.from(1, 28)),
        1 => random.digits("v#.##.#"),
        2 => format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            random.from(0, u64::from(u32::MAX)),
            random.from(0, 0xffff),
            random.from(0, 0xfff),
            random.from(0, 0xfff),
            random.from(0, 0xffff_ffff_ffff)
        ),
        3 => format!("{:016x}{:016x}", random.next(), random.next()),
        4 => random.from(1900, 2099).to_string(),
        5 => random.digits("AB-####"),
        6 => format!("{} {}", random.one_of(&words), random.digits("##")),
        _ => random.one_of(&words).to_owned(),
    }
}
