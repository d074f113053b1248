//! The tables that were taken over from the old core-banking system: cryptic names, packed dates, dirty rows.

use rusqlite::{Connection, Result, params};

use super::accounts::Account;
use super::calendar::{Day, TODAY};
use super::customers::Customer;
use super::identifiers::{french_iban, french_phone, german_iban};
use super::names::{Person, STREETS, TOWNS};
use super::prepare_insert;
use super::random::Random;

const MOVEMENTS: i64 = 14_000;

/// Operation code, label, sense (D debit, C credit), weight, median amount.
const OPERATIONS: [(&str, &str, &str, u32, f64); 12] = [
    ("VIR", "VIREMENT SEPA EMIS", "D", 22, 180.0),
    ("VRC", "VIREMENT SEPA RECU", "C", 14, 240.0),
    ("SAL", "VIREMENT SALAIRE", "C", 12, 2_150.0),
    ("PRL", "PRELEVEMENT SEPA", "D", 20, 64.0),
    ("CHQ", "CHEQUE EMIS", "D", 6, 95.0),
    ("RCH", "REMISE DE CHEQUE", "C", 3, 110.0),
    ("RET", "RETRAIT DAB", "D", 9, 60.0),
    ("FRS", "FRAIS DE TENUE DE COMPTE", "D", 8, 4.5),
    ("INT", "INTERETS CREDITEURS", "C", 3, 12.0),
    ("AGI", "AGIOS DEBITEURS", "D", 1, 9.0),
    ("LOY", "LOYER MENSUEL", "D", 1, 720.0),
    ("REJ", "REJET DE PRELEVEMENT", "C", 1, 64.0),
];

/// Fills `T_REF_OPE`, `T_CLI_ADR` and `T_CPT_MVT`.
pub(super) fn fill(db: &Connection, random: &mut Random, customers: &[Customer], accounts: &[Account]) -> Result<()> {
    let mut insert = prepare_insert(db, "T_REF_OPE", 3)?;
    for (code, label, sense, ..) in OPERATIONS {
        insert.execute(params![code, label, sense])?;
    }
    fill_addresses(db, random, customers)?;
    fill_movements(db, random, accounts)
}

fn fill_addresses(db: &Connection, random: &mut Random, customers: &[Customer]) -> Result<()> {
    let mut insert = prepare_insert(db, "T_CLI_ADR", 11)?;
    for customer in customers {
        for order in 1..=*random.weighted(&[(1, 86), (2, 12), (3, 2)]) {
            // P principale, C courrier.
            let kind = if order == 1 { "P" } else { "C" };
            let street = format!("{} {}", random.between(1, 180), random.pick(&STREETS));
            let more = random.chance(0.15).then(|| format!("Bât. {}", random.pick(&["A", "B", "C"])));
            let (town, prefix) = *random.pick_skewed(&TOWNS);
            let postal_code = format!("{prefix}{:02}", random.below(40));
            let phone = random.chance(0.6).then(|| french_phone(random));
            let created = Day::random(random, customer.since, TODAY).packed();
            let active = if order == 1 || random.chance(0.4) { "O" } else { "N" };
            insert.execute(params![
                customer.id,
                order,
                kind,
                street,
                more,
                postal_code,
                town.to_uppercase(),
                "FR",
                phone,
                created,
                active
            ])?;
        }
    }
    Ok(())
}

/// A few movements belong to accounts that were purged before the others moved to the new system.
fn fill_movements(db: &Connection, random: &mut Random, accounts: &[Account]) -> Result<()> {
    let purged: Vec<i64> = (0..14).map(|i| 39_000_111 + i * 1_307).collect();
    let weighted: Vec<(usize, u32)> = OPERATIONS.iter().enumerate().map(|(i, op)| (i, op.3)).collect();
    let mut insert = prepare_insert(db, "T_CPT_MVT", 10)?;
    for id in 1..=MOVEMENTS {
        let account = if random.chance(0.003) { *random.pick(&purged) } else { random.pick_skewed(accounts).id };
        let (code, label, sense, _, median) = OPERATIONS[*random.weighted(&weighted)];
        let day = Day::random_in_season(random, Day::new(2024, 1, 1), TODAY);
        let value_day = random.chance(0.97).then(|| day.plus(random.between(0, 2)).packed());
        let amount = random.amount(median, 0.6) * if sense == "D" { -1.0 } else { 1.0 };
        let currency = *random.weighted(&[("EUR", 985), ("USD", 10), ("CHF", 5)]);
        let (iban, name) = if matches!(code, "VIR" | "VRC" | "PRL" | "SAL" | "LOY") {
            let iban = if random.chance(0.08) { german_iban(random) } else { french_iban(random) };
            (Some(iban), random.chance(0.92).then(|| Person::random(random, true).full()))
        } else {
            (None, None)
        };
        let known_code = random.chance(0.99).then_some(code);
        insert.execute(params![
            id,
            account,
            day.packed(),
            value_day,
            known_code,
            amount,
            currency,
            label,
            iban,
            name
        ])?;
    }
    Ok(())
}
