//! Made-up people and places. Telephone numbers come from the ranges that regulators keep for fiction, mail addresses
//! from the domains kept for examples: no row can reach anybody.

use super::calendar::{civil, day_of, iso};
use super::identifiers;
use super::random::Random;
use crate::Result;

const WOMEN: [&str; 44] = [
    "Camille",
    "Léa",
    "Chloé",
    "Manon",
    "Inès",
    "Jeanne",
    "Louise",
    "Hélène",
    "Sophie",
    "Nathalie",
    "Isabelle",
    "Sandrine",
    "Aurélie",
    "Margaux",
    "Fatima",
    "Aïcha",
    "Odile",
    "Brigitte",
    "Solène",
    "Élodie",
    "Emma",
    "Olivia",
    "Charlotte",
    "Amelia",
    "Grace",
    "Hannah",
    "Rebecca",
    "Laura",
    "Susan",
    "Karen",
    "Linda",
    "Megan",
    "Priya",
    "Wei",
    "Zoe",
    "Abigail",
    "Ruth",
    "Eleanor",
    "Catherine",
    "Anna",
    "Maria",
    "Julie",
    "Alice",
    "Clara",
];
const MEN: [&str; 44] = [
    "Lucas",
    "Hugo",
    "Gabriel",
    "Jules",
    "Antoine",
    "Mathieu",
    "Thierry",
    "Philippe",
    "Olivier",
    "Sébastien",
    "Jérôme",
    "François",
    "Karim",
    "Mehdi",
    "Bastien",
    "Yann",
    "Loïc",
    "Rémi",
    "Étienne",
    "Guillaume",
    "Oliver",
    "George",
    "Harry",
    "James",
    "William",
    "Daniel",
    "Samuel",
    "Andrew",
    "Kevin",
    "Brian",
    "Steven",
    "Marcus",
    "Ravi",
    "Chen",
    "Oscar",
    "Edward",
    "Peter",
    "Stephen",
    "Thomas",
    "David",
    "Paul",
    "Simon",
    "Martin",
    "Victor",
];
const SURNAMES: [&str; 80] = [
    "Martin",
    "Bernard",
    "Dubois",
    "Moreau",
    "Lefèvre",
    "Garnier",
    "Rousseau",
    "Blanchard",
    "Faure",
    "Mercier",
    "Lambert",
    "Bonnet",
    "Girard",
    "Fontaine",
    "Chevalier",
    "Gauthier",
    "Perrin",
    "Renaud",
    "Marchand",
    "Dufour",
    "Legrand",
    "Noël",
    "Barbier",
    "Brunet",
    "Leclerc",
    "Colin",
    "Aubert",
    "Lemoine",
    "Roche",
    "Vidal",
    "Benali",
    "Haddad",
    "Diallo",
    "Traoré",
    "Nguyen",
    "Ferreira",
    "Da Silva",
    "Kowalski",
    "Le Goff",
    "Guillou",
    "Smith",
    "Taylor",
    "Brown",
    "Wilson",
    "Walker",
    "Wright",
    "Robinson",
    "Thompson",
    "Hughes",
    "Edwards",
    "Clarke",
    "Turner",
    "Cooper",
    "Bailey",
    "Richardson",
    "Watson",
    "Bennett",
    "Foster",
    "Gray",
    "Hamilton",
    "Murphy",
    "O'Brien",
    "Campbell",
    "Stewart",
    "Patel",
    "Khan",
    "Singh",
    "Ahmed",
    "Okafor",
    "Mensah",
    "Rossi",
    "Weber",
    "Fischer",
    "Novak",
    "Jansen",
    "Lindqvist",
    "Harrison",
    "Coleman",
    "Sanders",
    "Doyle",
];
/// City, start of its postal codes, share in a hundred.
const CITIES: [(&str, &str, u64); 16] = [
    ("Paris", "750", 22),
    ("Lyon", "690", 12),
    ("Marseille", "130", 10),
    ("Toulouse", "310", 8),
    ("Nantes", "440", 7),
    ("Lille", "590", 7),
    ("Bordeaux", "330", 6),
    ("Rennes", "350", 5),
    ("Strasbourg", "670", 5),
    ("Montpellier", "340", 4),
    ("Grenoble", "380", 3),
    ("Dijon", "210", 3),
    ("Angers", "490", 2),
    ("Reims", "511", 2),
    ("Metz", "570", 2),
    ("Quimper", "290", 2),
];
const WAYS: [&str; 14] = [
    "rue des Lilas",
    "avenue de la Gare",
    "rue Victor Hugo",
    "boulevard Pasteur",
    "impasse du Moulin",
    "rue de l'Église",
    "place du Marché",
    "chemin des Vignes",
    "allée des Tilleuls",
    "rue Jean Jaurès",
    "quai de la Loire",
    "route de Paris",
    "rue du Stade",
    "avenue Foch",
];
const MAIL: [&str; 4] = ["example.com", "example.org", "example.net", "mail.example.org"];
const NOTES: [&str; 8] = [
    "{first} {last} called back about the delay, asked for a written answer",
    "Spoke to {title} {last}, new number {phone}",
    "{title} {last} will send the papers from {email}",
    "Rappeler {first} {last} avant vendredi au {phone}",
    "Visit agreed with {first} {last}, dog in the garden",
    "{first} {last} refused the offer, do not call again",
    "Courrier revenu, {title} {last} a déménagé à {city}",
    "{title} {last} disputes the amount and wants a manager",
];

/// One person of one row: what its columns say about the same human fits together.
#[derive(Debug)]
pub(super) struct Person {
    first: &'static str,
    last: &'static str,
    female: bool,
    born: i64,
    city: (&'static str, &'static str),
}

/// What a column tells about the row's person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    First,
    Last,
    Full,
    LastFirst,
    Email,
    Username,
    Phone,
    Mobile,
    Street,
    City,
    Zip,
    Born,
    Sex,
    Title,
    Iban,
    Nir,
    Card,
    Imei,
    Iccid,
    Mac,
    Ip,
    Plate,
    Note,
    Initials,
}

impl Field {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "first" => Self::First,
            "last" => Self::Last,
            "full" => Self::Full,
            "last_first" => Self::LastFirst,
            "email" => Self::Email,
            "username" => Self::Username,
            "phone" => Self::Phone,
            "mobile" => Self::Mobile,
            "street" => Self::Street,
            "city" => Self::City,
            "zip" => Self::Zip,
            "born" => Self::Born,
            "sex" => Self::Sex,
            "title" => Self::Title,
            "iban" => Self::Iban,
            "nir" => Self::Nir,
            "card" => Self::Card,
            "imei" => Self::Imei,
            "iccid" => Self::Iccid,
            "mac" => Self::Mac,
            "ip" => Self::Ip,
            "plate" => Self::Plate,
            "note" => Self::Note,
            "initials" => Self::Initials,
            _ => return None,
        })
    }
}

impl Person {
    pub(super) fn new(random: &mut Random) -> Self {
        let female = random.below(100) < 52;
        let first = if female { random.pick(&WOMEN) } else { random.pick(&MEN) };
        let mut at = random.below(100);
        let city = CITIES.iter().find(|city| {
            let found = at < city.2;
            at = at.saturating_sub(city.2);
            found
        });
        let city = city.map_or(("Paris", "750"), |c| (c.0, c.1));
        Self {
            first,
            last: random.pick(&SURNAMES),
            female,
            born: random.between(day_of(1938, 1, 1), day_of(2005, 12, 31)),
            city,
        }
    }

    pub(super) fn say(&self, field: Field, random: &mut Random) -> String {
        let title = if self.female { "Mme" } else { "M." };
        match field {
            Field::First => self.first.to_owned(),
            Field::Last => self.last.to_owned(),
            Field::Full => format!("{} {}", self.first, self.last),
            Field::LastFirst => format!("{} {}", self.last.to_uppercase(), self.first),
            Field::Initials => self.first.chars().take(1).chain(self.last.chars().take(1)).collect(),
            Field::Email => format!("{}@{}", self.handle(".", random), random.pick(&MAIL)),
            Field::Username => self.handle("_", random),
            Field::Phone => landline(random),
            Field::Mobile => mobile(random),
            Field::Street => format!("{} {}", random.skewed(1, 180), random.pick(&WAYS)),
            Field::City => self.city.0.to_owned(),
            Field::Zip => format!("{}{:02}", self.city.1, random.below(20)),
            Field::Born => iso(self.born),
            Field::Sex => if self.female { "F" } else { "M" }.to_owned(),
            Field::Title => title.to_owned(),
            Field::Iban => identifiers::iban(random),
            Field::Nir => {
                let (year, month, _) = civil(self.born);
                identifiers::nir(random, self.female, (year, month))
            }
            Field::Card => identifiers::card(random),
            Field::Imei => identifiers::imei(random),
            Field::Iccid => identifiers::iccid(random),
            Field::Mac => identifiers::mac(random),
            Field::Ip => identifiers::ip(random),
            Field::Plate => identifiers::plate(random),
            Field::Note => {
                let text = random.pick(&NOTES).replace("{first}", self.first).replace("{last}", self.last);
                let text = text.replace("{title}", title).replace("{city}", self.city.0);
                let text = text.replace("{phone}", &mobile(random));
                if text.contains("{email}") { text.replace("{email}", &self.say(Field::Email, random)) } else { text }
            }
        }
    }

    fn handle(&self, between: &str, random: &mut Random) -> String {
        let number = random.between(1, 9_999);
        format!("{}{between}{}{number}", plain_letters(self.first), plain_letters(self.last))
    }
}

/// Lower case without accents, spaces and apostrophes, as mail addresses are made.
fn plain_letters(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter_map(|c| match c {
            'é' | 'è' | 'ê' | 'ë' => Some('e'),
            'ï' | 'î' => Some('i'),
            'ô' => Some('o'),
            'ç' => Some('c'),
            'a'..='z' => Some(c),
            _ => None,
        })
        .collect()
}

/// A landline of the ranges that ARCEP keeps for films, one in ten of Ofcom's.
fn landline(random: &mut Random) -> String {
    if random.below(10) == 0 {
        return format!("+44 20 7946 0{:03}", random.below(1_000));
    }
    let range = random.pick(&["1 99 00", "2 61 91", "3 53 01", "4 65 71", "5 36 49"]).to_owned();
    french(&range, random)
}

/// A mobile of the same kind.
fn mobile(random: &mut Random) -> String {
    if random.below(10) == 0 { format!("+44 7700 900{:03}", random.below(1_000)) } else { french("6 39 98", random) }
}

fn french(range: &str, random: &mut Random) -> String {
    let end = format!("{:02} {:02}", random.below(100), random.below(100));
    if random.below(3) == 0 { format!("+33 {range} {end}") } else { format!("0{range} {end}") }
}

/// The field of that name.
///
/// # Errors
/// When there is none.
pub(super) fn field(word: &str) -> Result<Field> {
    Field::parse(word).ok_or_else(|| format!("`{word}` is no way to make values").into())
}
