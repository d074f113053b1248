//! The log of what people asked the bank, as Trino's HTTP event listener writes it: one query-completed event a line.

mod events;
mod templates;

use super::Quoted;
use super::calendar::{Day, TODAY};
use super::random::Random;
use super::truth::{LOG_DUPLICATES, LOG_FAILED, LOG_LINES, LOG_NOT_READS, LOG_OWN, LOG_SYNTAX_ERRORS, LOG_TRUNCATED};
use events::{Event, Outcome};
use templates::{NOT_READS, OWN, SYNTAX_ERRORS, TEMPLATES, Template};

/// People and services that query, the busiest first.
const USERS: [(&str, &str); 9] = [
    ("svc_dashboard", "superset"),
    ("svc_aden", "aden-nl2sql"),
    ("amelie.renard", "dbeaver"),
    ("paul.oster", "trino-cli"),
    ("ines.caron", "superset"),
    ("tom.baker", "metabase"),
    ("lucie.vidal", "dbeaver"),
    ("marc.hoarau", "trino-cli"),
    ("nora.quint", "jupyter"),
];

/// The whole log as text.
pub(super) fn write(random: &mut Random, quoted: &Quoted) -> String {
    let distinct = LOG_LINES - LOG_TRUNCATED - LOG_DUPLICATES;
    let special = LOG_OWN + LOG_SYNTAX_ERRORS + LOG_NOT_READS;
    let mut events = Vec::with_capacity(distinct);
    for i in 0..distinct {
        let event = match i {
            _ if i < LOG_OWN => service_event(random, OWN[i % OWN.len()], quoted),
            _ if i < LOG_OWN + LOG_SYNTAX_ERRORS => Event {
                outcome: Outcome::SyntaxError,
                ..person_event(random, &SYNTAX_ERRORS[i % SYNTAX_ERRORS.len()], quoted)
            },
            _ if i < special => person_event(random, &NOT_READS[i % NOT_READS.len()], quoted),
            // Every template at least once, then the popular ones more often.
            _ if i - special < TEMPLATES.len() => person_event(random, &TEMPLATES[i - special], quoted),
            _ => {
                let template = random.pick_skewed(&TEMPLATES);
                person_event(random, template, quoted)
            }
        };
        events.push(event);
    }
    for event in events.iter_mut().rev().take(LOG_FAILED) {
        event.outcome = Outcome::Failed;
    }
    // Events arrive roughly in the order in which they end.
    for i in (1..events.len()).rev() {
        events.swap(i, random.below(i + 1));
    }
    let mut lines: Vec<String> = Vec::with_capacity(LOG_LINES);
    for (i, event) in events.iter().enumerate() {
        lines.push(event.to_json(random, i, moment(i, distinct)));
        // A delivery that was retried although it had arrived.
        if i % 60 == 30 && lines.len() < LOG_LINES - LOG_TRUNCATED && i / 60 < LOG_DUPLICATES {
            lines.push(lines[lines.len() - 1].clone());
        }
    }
    let mut log = lines.join("\n");
    // The last line was cut off when the disk was full.
    let cut = person_event(random, &TEMPLATES[0], quoted).to_json(random, distinct, TODAY);
    log.push('\n');
    log.push_str(&cut[..cut.len() / 3]);
    log
}

/// The day of the i-th event of `count`: the log covers half a year.
fn moment(i: usize, count: usize) -> Day {
    TODAY.plus(-180 + (180 * i / count) as i64)
}

fn person_event(random: &mut Random, template: &Template, quoted: &Quoted) -> Event {
    let (user, source) = *random.pick_skewed(&USERS);
    Event {
        sql: fill_in(random, template.sql, quoted),
        reads: template.reads,
        user,
        source,
        outcome: Outcome::Finished,
    }
}

fn service_event(random: &mut Random, sql: &'static str, quoted: &Quoted) -> Event {
    Event {
        sql: fill_in(random, sql, quoted),
        reads: &[],
        user: "svc_catalog",
        source: "akko-catalog-sync",
        outcome: Outcome::Finished,
    }
}

/// Puts values of the database into a template's places.
fn fill_in(random: &mut Random, sql: &str, quoted: &Quoted) -> String {
    let mut text = String::with_capacity(sql.len() + 32);
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(&match place {
            "email" => random.pick(&quoted.emails).clone(),
            "name" => random.pick(&quoted.last_names).replace('\'', "''"),
            "customer" => random.pick_skewed(&quoted.customers).to_string(),
            "iban" => random.pick(&quoted.ibans).clone(),
            "account" => random.pick_skewed(&quoted.accounts).to_string(),
            "card" => random.pick(&quoted.cards).clone(),
            "loan" => random.pick(&quoted.loans).to_string(),
            "date" => Day::random(random, TODAY.plus(-400), TODAY).iso(),
            "packed" => Day::random(random, TODAY.plus(-400), TODAY).packed().to_string(),
            "amount" => (10 * random.between(1, 500)).to_string(),
            _ => (*random.pick(&["10", "20", "50", "100"])).to_owned(),
        });
        rest = after;
    }
    text.push_str(rest);
    text
}
