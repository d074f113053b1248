//! Cards, monthly statements and their lines.

use rusqlite::{Connection, Result, params};

use super::accounts::Account;
use super::calendar::{Day, TODAY, time_of_day};
use super::identifiers::card_number;
use super::organisation::Organisation;
use super::prepare_insert;
use super::random::Random;

/// Share of current accounts with a card.
const CARD_SHARE: f64 = 0.80;

/// Fills `card`, `card_statement` and `card_statement_line`; gives the card numbers.
pub(super) fn fill(
    db: &Connection,
    random: &mut Random,
    accounts: &[Account],
    bank: &Organisation,
) -> Result<Vec<String>> {
    let mut insert_card = prepare_insert(db, "card", 7)?;
    let mut insert_statement = prepare_insert(db, "card_statement", 7)?;
    let mut insert_line = prepare_insert(db, "card_statement_line", 7)?;
    let mut cards = Vec::new();
    let mut line_id = 0;
    for account in accounts.iter().filter(|a| a.current) {
        if !random.chance(CARD_SHARE) {
            continue;
        }
        let network = *random.weighted(&[("VISA", 55), ("MASTERCARD", 45)]);
        let number = card_number(random, network);
        let expires = TODAY.plus_months(random.between(-4, 34));
        // A active, S stopped, E expired.
        let status = if expires < TODAY { "E" } else { *random.weighted(&[("A", 94), ("S", 6)]) };
        let limit = random.chance(0.96).then(|| *random.weighted(&[(1_500, 50), (3_000, 35), (8_000, 15)]));
        insert_card.execute(params![number, account.id, account.holder, network, expires.iso(), status, limit])?;

        let months = random.between(1, 6).min((TODAY.0 - account.opened.0) / 31);
        for statement in 1..=months {
            let start = Day::new(2026, 1, 1).plus_months(5 - months + statement);
            let end = start.plus_months(1).plus(-1);
            let mut total = 0.0;
            for _ in 0..*random.weighted(&[(0, 6), (1, 34), (2, 30), (3, 18), (5, 9), (9, 3)]) {
                line_id += 1;
                let (merchant, label) = random.pick_skewed(&bank.merchants);
                // A cash withdrawal has no merchant.
                let withdrawal = random.chance(0.06);
                let amount = if withdrawal { *random.pick(&[20.0, 50.0, 100.0]) } else { random.amount(28.0, 0.95) };
                total += amount;
                let day = Day::random_in_season(random, start, end);
                let at = format!("{} {}", day.iso(), time_of_day(random));
                let text = if withdrawal { "RETRAIT DAB".to_owned() } else { label.to_uppercase() };
                let merchant = (!withdrawal).then_some(merchant);
                insert_line.execute(params![line_id, number, statement, merchant, at, amount, text])?;
            }
            let total = (total * 100.0).round() / 100.0;
            let due = (total > 0.0).then(|| (total * 5.0).round() / 100.0);
            let paid = random.chance(0.94).then(|| end.plus(random.between(2, 25)).min(TODAY).iso());
            insert_statement.execute(params![number, statement, start.iso(), end.iso(), total, due, paid])?;
        }
        cards.push(number);
    }
    Ok(cards)
}
