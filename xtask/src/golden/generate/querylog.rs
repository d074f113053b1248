//! Query logs: what people, dashboards and tools ran on a domain, as Trino's query-completed events.
//!
//! Two statements for each true key follow it, as reports do; the domain's own statements filter and group as its
//! people do; the rest is what tools send by themselves. Failures, literals and users are drawn at random.

use std::path::Path;

use serde_json::{Value, json};

use super::calendar;
use super::definition::{Definition, Domain};
use super::person::{Field, Person};
use super::random::{Random, Zipf};
use super::translate::{Names, tables_in, words_in};
use super::truth::{self, Key, Lines};
use crate::Result;

/// Statements that tools send; `{table}` is one of the domain's.
const NOISE: [(&str, &str); 6] = [
    ("SELECT 1", "keep-alive"),
    ("SHOW TABLES", "DBeaver 24.1"),
    ("SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'", "DBeaver 24.1"),
    ("SELECT * FROM {table} LIMIT 200", "DBeaver 24.1"),
    ("DESCRIBE {table}", "trino-cli"),
    ("SELECT COUNT(*) FROM {table}", "akko-catalog-sync"),
];
const SOURCES: [&str; 4] = ["superset", "trino-cli", "jupyter", "dbt-trino-1.8"];
const FAILURES: [&str; 4] = ["SYNTAX_ERROR", "COLUMN_NOT_FOUND", "EXCEEDED_TIME_LIMIT", "PERMISSION_DENIED"];

/// Writes one log a domain; gives the number of events.
///
/// # Errors
/// When a file cannot be written or a placeholder cannot be read.
pub(super) fn write(definition: &Definition, regime: usize, folder: &Path) -> Result<u64> {
    let mut events = 0;
    for domain in &definition.domains {
        let mut lines = Lines::create(&folder.join(format!("{}.jsonl", domain.name)))?;
        let mut names = Names::new(domain, regime);
        for key in truth::keys(definition, domain)?.iter().filter(|k| k.leaves(domain)) {
            names.add(&key.to.names, regime);
            key.to_columns.iter().for_each(|c| names.add(&c.names, regime));
        }
        let log = Log { domain, names, regime };
        // The same stream in every regime: the same people ask the same at the same time.
        let mut random = Random::new(definition.set.seed, &format!("{}.querylog", domain.name));
        let statements = statements(definition, domain)?;
        let favourites = Zipf::new(statements.len());
        let mut at = calendar::day_of(2025, 9, 1) * 86_400 + 28_800;
        for number in 0..domain.queries.events {
            at += random.between(20, 9_000);
            let statement = if number < statements.len() as u64 {
                // Each statement at least once.
                Some(number as usize)
            } else if random.below(100) < 12 {
                None
            } else {
                favourites.pick(&mut random)
            };
            let statement = statement.and_then(|i| statements.get(i)).map(String::as_str);
            lines.write(&log.event(number, at, statement, &mut random)?)?;
            events += 1;
        }
        lines.end()?;
    }
    Ok(events)
}

/// All distinct statements in plain names, placeholders not yet filled.
fn statements(definition: &Definition, domain: &Domain) -> Result<Vec<String>> {
    let mut all = domain.queries.statements.clone();
    for key in truth::keys(definition, domain)? {
        all.extend(along(&key, domain));
    }
    Ok(all)
}

/// Two reports that join along a key.
fn along(key: &Key<'_>, domain: &Domain) -> Vec<String> {
    let (from, to) = (&key.from.names[0], &key.to.names[0]);
    let catalog = if key.leaves(domain) { format!("{}.main.", key.to_domain.name) } else { String::new() };
    let on: Vec<String> = key
        .from_columns
        .iter()
        .zip(&key.to_columns)
        .map(|(f, t)| format!("c.{} = p.{}", f.names[0], t.names[0]))
        .collect();
    let on = on.join(" AND ");
    // What people look at: the last columns rather than the keys.
    let shown = |table: &super::definition::Table| table.columns.last().map_or(String::new(), |c| c.names[0].clone());
    let (of_child, of_parent) = (shown(key.from), shown(key.to));
    if key.leaves(domain) {
        return vec![format!("SELECT COUNT(*) FROM {from} c JOIN {catalog}{to} p ON {on}")];
    }
    vec![
        format!("SELECT p.{of_parent}, COUNT(*) AS n FROM {from} c JOIN {to} p ON {on} GROUP BY p.{of_parent}"),
        format!("SELECT c.{of_child}, p.{of_parent} FROM {from} c LEFT JOIN {to} p ON {on} LIMIT 500"),
    ]
}

struct Log<'a> {
    domain: &'a Domain,
    names: Names<'a>,
    regime: usize,
}

impl Log<'_> {
    fn event(&self, number: u64, at: i64, statement: Option<&str>, random: &mut Random) -> Result<Value> {
        let (plain, source) = match statement {
            Some(statement) => (filled(statement, random)?, random.pick(&SOURCES)),
            None => {
                let (text, source) = NOISE[random.below(NOISE.len() as u64) as usize];
                let table = &self.domain.tables[random.below(self.domain.tables.len() as u64) as usize];
                (text.replace("{table}", &table.names[0]), source)
            }
        };
        let failed = random.below(100) < 6;
        let users = &self.domain.queries.users;
        let user = &users[random.skewed(0, users.len() as i64 - 1) as usize];
        let (millis, bytes) = (random.skewed(40, 60_000), random.skewed(2_000, 900_000_000));
        let mut event = json!({
            "metadata": {
                "queryId": format!("2025{number:06}_{}", &random.hex(5)),
                "query": self.names.translate(&plain),
                "queryState": if failed { "FAILED" } else { "FINISHED" },
                "tables": self.inputs(&plain),
            },
            "context": {"user": user, "source": source, "catalog": self.domain.name, "schema": "main"},
            "statistics": {"wallTime": millis as f64 / 1_000.0, "processedInputBytes": bytes},
            "createTime": moment(at), "endTime": moment(at + millis / 1_000 + 1),
        });
        if failed {
            event["failureInfo"] = json!({"errorCode": {"name": random.pick(&FAILURES)}});
        }
        Ok(event)
    }

    /// The tables and columns that the engine would have resolved.
    fn inputs(&self, plain: &str) -> Vec<Value> {
        let words = words_in(plain);
        let tables = tables_in(plain, self.domain).into_iter().map(|i| &self.domain.tables[i]);
        tables
            .map(|table| {
                let used = table.columns.iter().filter(|c| words.contains(c.names[0].as_str()));
                let columns: Vec<Value> = used.map(|c| json!({"column": c.names[self.regime]})).collect();
                json!({"catalog": self.domain.name, "schema": "main", "table": table.names[self.regime], "columns": columns})
            })
            .collect()
    }
}

fn moment(second: i64) -> String {
    let (day, rest) = (second.div_euclid(86_400), second.rem_euclid(86_400));
    format!("{}T{:02}:{:02}:{:02}Z", calendar::iso(day), rest / 3_600, rest / 60 % 60, rest % 60)
}

/// Fills `{int 1 9}`, `{date 2024 2025}`, `{one A B}` and `{person email}`.
fn filled(statement: &str, random: &mut Random) -> Result<String> {
    let (mut out, mut rest) = (String::new(), statement);
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, after) = after.split_once('}').ok_or_else(|| format!("no end of a placeholder in {statement}"))?;
        out.push_str(before);
        let words: Vec<&str> = inside.split_whitespace().collect();
        match words.as_slice() {
            ["int", low, high] => out.push_str(&random.between(low.parse()?, high.parse()?).to_string()),
            ["date", from, to] => {
                out.push_str(&calendar::iso(random.between(calendar::parse(from)?, calendar::parse(to)?)));
            }
            ["one", choices @ ..] => out.push_str(random.pick(choices)),
            ["person", field] => {
                let field = Field::parse(field).ok_or_else(|| format!("`{field}` is no field of a person"))?;
                out.push_str(&Person::new(random).say(field, random).replace('\'', "''"));
            }
            _ => return Err(format!("`{{{inside}}}` is no placeholder").into()),
        }
        rest = after;
    }
    Ok(out + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_unknown_ones_refused() {
        let mut random = Random::new(1, "log");
        let text = filled("a = {int 5 5} AND b = '{one X}' AND c < DATE '{date 2024 2024}'", &mut random).unwrap();
        assert_eq!(text, "a = 5 AND b = 'X' AND c < DATE '2024-01-01'");
        assert!(filled("{person email}", &mut random).unwrap().contains('@'));
        assert!(filled("{what 1}", &mut random).is_err() && filled("{int 1", &mut random).is_err());
        assert_eq!(moment(86_400 + 3_661), "1970-01-02T01:01:01Z");
    }
}
