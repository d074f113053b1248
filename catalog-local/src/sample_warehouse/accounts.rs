//! Accounts: one to four a customer.

use rusqlite::{Connection, Result, params};

use super::calendar::{Day, TODAY};
use super::customers::Customer;
use super::identifiers::french_iban;
use super::organisation::PRODUCTS;
use super::prepare_insert;
use super::random::Random;

/// What later tables and the query log need of an account.
pub(super) struct Account {
    pub(super) id: i64,
    pub(super) iban: String,
    pub(super) holder: String,
    pub(super) opened: Day,
    /// Can it carry cards and loans?
    pub(super) current: bool,
}

/// Fills `account`.
pub(super) fn fill(db: &Connection, random: &mut Random, customers: &[Customer]) -> Result<Vec<Account>> {
    let mut insert = prepare_insert(db, "account", 10)?;
    let mut accounts = Vec::with_capacity(customers.len() * 3 / 2);
    let mut id = 40_000_000;
    for customer in customers {
        let count = *random.weighted(&[(1, 64), (2, 27), (3, 7), (4, 2)]);
        for nth in 0..count {
            id += random.between(3, 900);
            let (code, _, family, _, _) =
                if nth == 0 { *random.pick_skewed(&PRODUCTS[..5]) } else { *random.pick_skewed(&PRODUCTS[5..]) };
            let opened = Day::random(random, customer.since, TODAY.plus(-30));
            // A active, C closed, B blocked, D dormant.
            let status = *random.weighted(&[("A", 86), ("C", 8), ("D", 5), ("B", 1)]);
            let closed = (status == "C").then(|| Day::random(random, opened, TODAY).iso());
            let median = if family == "CHK" { 1_450.0 } else { 6_200.0 };
            let balance = match status {
                "C" => 0.0,
                _ if random.chance(0.05) => -random.amount(160.0, 0.9),
                _ => random.amount(median, 1.2),
            };
            let branch = customer.branch;
            let currency = *random.weighted(&[("EUR", 96), ("USD", 2), ("GBP", 1), ("CHF", 1)]);
            let iban = french_iban(random);
            insert.execute(params![
                id,
                customer.id,
                branch,
                code,
                iban,
                currency,
                opened.iso(),
                closed,
                status,
                balance
            ])?;
            let (holder, current) = (customer.name.clone(), family == "CHK" && status == "A");
            accounts.push(Account { id, iban, holder, opened, current });
        }
    }
    Ok(accounts)
}
