//! Customers, and the reports on those who pay taxes in the United States.

use rusqlite::{Connection, Result, params};

use super::calendar::{Day, TODAY};
use super::identifiers::{email, french_nir, french_phone, us_phone, us_ssn};
use super::names::{Person, US_STREETS, US_TOWNS};
use super::organisation::Organisation;
use super::prepare_insert;
use super::random::Random;

const CUSTOMERS: usize = 5_000;

/// What later tables and the query log need of a customer.
pub(super) struct Customer {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) last_name: &'static str,
    pub(super) email: Option<String>,
    pub(super) branch: i64,
    pub(super) since: Day,
    pub(super) american: bool,
}

/// Fills `customer`.
pub(super) fn fill(db: &Connection, random: &mut Random, bank: &Organisation) -> Result<Vec<Customer>> {
    let mut insert = prepare_insert(db, "customer", 14)?;
    let mut customers = Vec::with_capacity(CUSTOMERS);
    let mut id = 100_000;
    for i in 0..CUSTOMERS {
        id += random.between(1, 7);
        let language = *random.weighted(&[("fr", 78), ("en", 22)]);
        let person = Person::random(random, language == "fr");
        let birth = Day::new(1983, 1, 1).plus((random.normal() * 6_000.0) as i64).min(Day::new(2010, 1, 1));
        let (year, month, _) = birth.date();
        let american = language == "en" && random.chance(0.15);
        let nir = (!american && random.chance(0.85)).then(|| french_nir(random, person.woman, year, month));
        let mail = random.chance(0.93).then(|| email(random, person.first, person.last, i));
        let phone = random.chance(0.88).then(|| if american { us_phone(random) } else { french_phone(random) });
        // PA private, PR premium, PB private banking, EN enterprise.
        let segment = *random.weighted(&[("PA", 80), ("PR", 13), ("PB", 2), ("EN", 5)]);
        let branch = *random.pick_skewed(&bank.branches);
        let advisor = random.chance(0.72).then(|| *random.pick(&bank.advisors));
        let since = Day::random(random, Day::new(1998, 1, 1).max(birth), Day::new(2026, 5, 31));
        let grade = random.chance(0.9).then(|| *random.weighted(&[("A", 40), ("B", 35), ("C", 18), ("D", 7)]));
        let birth_date = random.chance(0.995).then(|| birth.iso());
        let remarks = random.chance(0.12).then(|| remark(random, language, mail.as_deref()));
        insert.execute(params![
            id,
            person.first,
            person.last,
            birth_date,
            nir,
            mail,
            phone,
            segment,
            language,
            branch,
            advisor,
            since.iso(),
            grade,
            remarks
        ])?;
        customers.push(Customer {
            id,
            name: person.full(),
            last_name: person.last,
            email: mail,
            branch,
            since,
            american,
        });
    }
    Ok(customers)
}

/// A note an advisor typed. Some quote an address, as notes do.
fn remark(random: &mut Random, language: &str, mail: Option<&str>) -> String {
    if let (Some(mail), true) = (mail, random.chance(0.2)) {
        return if language == "fr" {
            format!("Préfère être contacté par courriel : {mail}")
        } else {
            format!("Prefers to be reached by e-mail: {mail}")
        };
    }
    let notes = if language == "fr" {
        &[
            "Rendez-vous annuel à planifier",
            "Projet immobilier en cours d'étude",
            "Client fidèle, dossier complet",
            "Demande de plafond carte refusée",
            "Pièce d'identité à renouveler",
        ]
    } else {
        &[
            "Annual review to be scheduled",
            "Asked about a mortgage for a second home",
            "Long-standing customer, file complete",
            "Proof of address is missing",
            "Considering a move abroad next year",
        ]
    };
    (*random.pick(notes)).to_owned()
}

/// Fills `fatca_report`: one to three tax years for each American customer.
pub(super) fn fill_fatca(db: &Connection, random: &mut Random, customers: &[Customer]) -> Result<()> {
    let mut insert = prepare_insert(db, "fatca_report", 7)?;
    let mut id = 0;
    for customer in customers.iter().filter(|c| c.american) {
        let ssn = us_ssn(random);
        let address = format!("{} {}, {}", random.between(1, 980), random.pick(&US_STREETS), random.pick(&US_TOWNS));
        let phone = random.chance(0.8).then(|| us_phone(random));
        for year in (TODAY.date().0 - random.between(1, 3))..TODAY.date().0 {
            id += 1;
            let known_address = random.chance(0.95).then_some(&address);
            insert.execute(params![id, customer.id, ssn, known_address, phone, year, random.amount(18_000.0, 1.1)])?;
        }
    }
    Ok(())
}
