//! Branches, employees with their managers, products and merchants.

use rusqlite::{Connection, Result, params};

use super::calendar::{Day, TODAY};
use super::identifiers::email;
use super::names::{MERCHANTS, Person, TOWNS};
use super::prepare_insert;
use super::random::Random;

const BRANCHES: usize = 45;
const EMPLOYEES: usize = 380;
const MERCHANT_COUNT: usize = 600;

/// Code, name, family, monthly fee, still sold. Families: CHK current account, SAV savings, LIF life, PRO business.
pub(super) const PRODUCTS: [(&str, &str, &str, Option<f64>, bool); 14] = [
    ("CHK-STD", "Compte courant Essentiel", "CHK", Some(2.5), true),
    ("CHK-PLUS", "Compte courant Confort", "CHK", Some(7.9), true),
    ("CHK-PRM", "Premium current account", "CHK", Some(14.5), true),
    ("CHK-JEU", "Compte Jeune 12-25 ans", "CHK", None, true),
    ("CHK-OLD", "Compte chèque historique", "CHK", Some(1.2), false),
    ("SAV-LVA", "Livret A", "SAV", None, true),
    ("SAV-LDD", "Livret développement durable", "SAV", None, true),
    ("SAV-PEL", "Plan épargne logement", "SAV", None, true),
    ("SAV-CSL", "Compte sur livret", "SAV", None, true),
    ("SAV-TRM", "Fixed-term deposit", "SAV", None, true),
    ("LIF-AV1", "Assurance vie Horizon", "LIF", Some(1.0), true),
    ("LIF-PER", "Plan épargne retraite", "LIF", Some(1.5), true),
    ("PRO-STD", "Compte professionnel", "PRO", Some(19.0), true),
    ("PRO-ASS", "Compte association", "PRO", Some(4.0), false),
];

/// What later tables refer to.
pub(super) struct Organisation {
    pub(super) branches: Vec<i64>,
    pub(super) advisors: Vec<i64>,
    pub(super) merchants: Vec<(i64, String)>,
}

/// Fills `branch`, `employee`, `product` and `merchant`.
pub(super) fn fill(db: &Connection, random: &mut Random) -> Result<Organisation> {
    let branches = fill_branches(db, random)?;
    let advisors = fill_employees(db, random, &branches)?;
    let mut insert = prepare_insert(db, "product", 5)?;
    for (code, name, family, fee, sold) in PRODUCTS {
        insert.execute(params![code, name, family, fee, sold])?;
    }
    let merchants = fill_merchants(db, random)?;
    Ok(Organisation { branches, advisors, merchants })
}

fn fill_branches(db: &Connection, random: &mut Random) -> Result<Vec<i64>> {
    let mut insert = prepare_insert(db, "branch", 6)?;
    let mut branches = Vec::with_capacity(BRANCHES);
    for i in 0..BRANCHES {
        let id = 10 * (i as i64 + 1);
        let (town, prefix) = TOWNS[i % TOWNS.len()];
        let quarter = ["Centre", "Gare", "Nord"][i / TOWNS.len()];
        let opened = Day::random(random, Day::new(1962, 1, 1), Day::new(2018, 12, 31));
        let closed = random.chance(0.08).then(|| Day::random(random, Day::new(2021, 1, 1), TODAY).iso());
        let postal_code = format!("{prefix}{:02}", random.between(1, 20));
        insert.execute(params![id, format!("{town} {quarter}"), town, postal_code, opened.iso(), closed])?;
        branches.push(id);
    }
    Ok(branches)
}

/// A tree of four levels: one director, five regional heads, a manager for each branch, then everybody else.
fn fill_employees(db: &Connection, random: &mut Random, branches: &[i64]) -> Result<Vec<i64>> {
    const TITLES: [(&str, u32); 4] =
        [("Conseiller clientèle", 6), ("Chargé d'affaires", 2), ("Teller", 2), ("Conseiller patrimoine", 1)];
    let mut insert = prepare_insert(db, "employee", 8)?;
    let (mut id, mut heads, mut managers, mut advisors) = (2_000, Vec::new(), Vec::new(), Vec::new());
    let mut director = None;
    for i in 0..EMPLOYEES {
        id += random.between(1, 3);
        let (title, manager, branch) = match i {
            0 => ("Directeur général", None, branches[0]),
            1..=5 => ("Directeur régional", director, branches[0]),
            _ if i < 6 + branches.len() => ("Directeur d'agence", Some(heads[i % heads.len()]), branches[i - 6]),
            _ => {
                let place = random.below(branches.len());
                (*random.weighted(&TITLES), Some(managers[place]), branches[place])
            }
        };
        match i {
            0 => director = Some(id),
            1..=5 => heads.push(id),
            _ if i < 6 + branches.len() => managers.push(id),
            _ => advisors.push(id),
        }
        let person = Person::random(random, true);
        let mail = random.chance(0.97).then(|| email(random, person.first, person.last, i));
        let hired = Day::random(random, Day::new(1992, 1, 1), Day::new(2026, 3, 1));
        let left = (i > 50 && random.chance(0.07)).then(|| Day::random(random, hired, TODAY).iso());
        insert.execute(params![id, person.full(), mail, title, branch, manager, hired.iso(), left])?;
    }
    Ok(advisors)
}

fn fill_merchants(db: &Connection, random: &mut Random) -> Result<Vec<(i64, String)>> {
    let mut insert = prepare_insert(db, "merchant", 5)?;
    let mut merchants = Vec::with_capacity(MERCHANT_COUNT);
    let mut id = 5_000;
    for _ in 0..MERCHANT_COUNT {
        id += random.between(1, 9);
        let (mcc, kind, words) = random.pick_skewed(&MERCHANTS);
        let name = format!("{kind} {}", random.pick(words));
        let town = (*mcc != 5999).then(|| random.pick_skewed(&TOWNS).0);
        let country = *random.weighted(&[("FR", 90), ("BE", 4), ("DE", 3), ("US", 3)]);
        insert.execute(params![id, name, mcc, town, country])?;
        merchants.push((id, name));
    }
    Ok(merchants)
}
