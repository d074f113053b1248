//! Loans and their instalments.

use rusqlite::{Connection, Result, params};

use super::accounts::Account;
use super::calendar::{Day, TODAY};
use super::prepare_insert;
use super::random::Random;

/// Share of current accounts with a loan.
const LOAN_SHARE: f64 = 0.31;

/// Fills `loan` and `loan_installment`; gives the loan ids.
pub(super) fn fill(db: &Connection, random: &mut Random, accounts: &[Account]) -> Result<Vec<i64>> {
    let mut insert_loan = prepare_insert(db, "loan", 8)?;
    let mut insert_installment = prepare_insert(db, "loan_installment", 6)?;
    let mut loans = Vec::new();
    let mut id = 700_000;
    for account in accounts.iter().filter(|a| a.current) {
        if !random.chance(LOAN_SHARE) {
            continue;
        }
        id += random.between(1, 4);
        // MTG mortgage, CAR car, PER personal, STU student.
        let (kind, median, term) = *random.weighted(&[
            (("PER", 6_000.0, 36), 45),
            (("CAR", 14_000.0, 48), 30),
            (("MTG", 165_000.0, 240), 20),
            (("STU", 9_000.0, 60), 5),
        ]);
        let principal = (random.amount(median, 0.45) / 100.0).round() * 100.0;
        let rate = (20.0 + random.unit() * 50.0).round() / 10.0;
        let granted = Day::random(random, Day::new(2024, 7, 1).max(account.opened), TODAY.plus(-40));
        // A active, L late, D in default, C closed early.
        let status = *random.weighted(&[("A", 84), ("L", 7), ("D", 2), ("C", 7)]);
        insert_loan.execute(params![id, account.id, kind, principal, rate, term, granted.iso(), status])?;
        loans.push(id);

        let monthly = monthly_payment(principal, rate, term);
        let due_months = ((TODAY.0 - granted.0) / 31).min(term).max(1);
        let unpaid = match status {
            "L" => random.between(1, 3),
            "D" => random.between(4, 8),
            _ => 0,
        };
        for number in 1..=due_months {
            let due = granted.plus_months(number);
            let late = random.chance(0.04);
            let paid = (number <= due_months - unpaid)
                .then(|| due.plus(if late { random.between(3, 40) } else { 0 }).min(TODAY).iso());
            let fee = (late || paid.is_none()).then_some(15.0);
            insert_installment.execute(params![id, number, due.iso(), monthly, paid, fee])?;
        }
    }
    Ok(loans)
}

/// The constant payment of an annuity: principal · r / (1 - (1 + r)^-n), r the monthly rate.
fn monthly_payment(principal: f64, annual_rate_percent: f64, months: i64) -> f64 {
    let rate = annual_rate_percent / 1_200.0;
    let payment = principal * rate / (1.0 - (1.0 + rate).powi(-(months as i32)));
    (payment * 100.0).round() / 100.0
}
