//! The same set under cryptic names: every word of a name cut to its first letter and its consonants.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;

use super::set::{files, lines};
use crate::Result;

/// Most characters that are left of a word.
const CHARS: usize = 4;
/// The files whose names of tables and columns change with them.
const LINES: [&str; 6] =
    ["questions.jsonl", "columns.jsonl", "fks.jsonl", "keys_composite.jsonl", "pii_gold.jsonl", "descriptions.jsonl"];

/// `customer_address` as `CSTM_ADDR`.
pub fn abbreviated(name: &str) -> String {
    let words = catalog_words(name);
    let short: Vec<String> = words.iter().map(|word| cut(word)).collect();
    short.join("_")
}

fn cut(word: &str) -> String {
    let vowel = |c: &char| "aeiouyAEIOUY".contains(*c);
    let kept = word.chars().enumerate().filter(|(at, c)| *at == 0 || !vowel(c)).map(|(_, c)| c);
    kept.take(CHARS).flat_map(char::to_uppercase).collect()
}

/// Words as underscores, spaces and humps of camel case part them.
fn catalog_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for c in name.chars() {
        let starts = !before.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase());
        if c.is_alphanumeric() {
            match words.last_mut().filter(|_| !starts) {
                Some(word) => word.push(c),
                None => words.push(c.to_string()),
            }
        }
        before = c;
    }
    words
}

/// Writes the folder `from`, one regime, to `to` under abbreviated names. Data stay as they are; query logs stay out,
/// because their texts hold the old names.
///
/// # Errors
/// Files that cannot be read or written.
pub fn abbreviate(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let mut names: BTreeMap<(String, String), Renamed> = BTreeMap::new();
    for path in files(from, "sqlite")? {
        let (Some(stem), Some(file)) = (path.file_stem(), path.file_name()) else { continue };
        let target = to.join(file);
        copied(&path, &target)?;
        let stem = stem.to_string_lossy().to_lowercase();
        for (table, renamed) in rename(&target)? {
            names.insert((stem.clone(), table.to_lowercase()), renamed);
        }
    }
    for name in LINES {
        let mut text = String::new();
        for mut line in lines::<Value>(from, name)? {
            translate(&mut line, &names);
            text.push_str(&serde_json::to_string(&line)?);
            text.push('\n');
        }
        fs::write(to.join(name), text)?;
    }
    Ok(())
}

/// A table's new name and those of its columns, by the old ones in lowercase.
struct Renamed {
    table: String,
    columns: BTreeMap<String, String>,
}

/// A copy that may be written, whatever the original's rights are.
fn copied(from: &Path, to: &PathBuf) -> Result<()> {
    if to.exists() {
        fs::remove_file(to)?;
    }
    Ok(fs::write(to, fs::read(from)?)?)
}

fn rename(path: &Path) -> Result<BTreeMap<String, Renamed>> {
    let connection = Connection::open(path)?;
    // Foreign keys and views follow by themselves.
    let names = |sql: &str, of: &str| -> Result<Vec<String>> {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([of], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    };
    let tables = names(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ?1 \
         ORDER BY name",
        "",
    )?;
    let mut taken = BTreeSet::new();
    let mut all = BTreeMap::new();
    for table in tables {
        let (mut columns, mut taken_here) = (BTreeMap::new(), BTreeSet::new());
        for column in names("SELECT name FROM pragma_table_info(?1) ORDER BY cid", &table)? {
            let new = free(&abbreviated(&column), &mut taken_here);
            // By way of a name that nobody has: SQLite does not tell a name from another in its case.
            let (old, aside) = (quoted(&column), quoted(&format!("renamed {new}")));
            let of = quoted(&table);
            connection.execute_batch(&format!(
                "ALTER TABLE {of} RENAME COLUMN {old} TO {aside}; ALTER TABLE {of} RENAME COLUMN {aside} TO {};",
                quoted(&new)
            ))?;
            columns.insert(column.to_lowercase(), new);
        }
        let new = free(&abbreviated(&table), &mut taken);
        all.insert(table, Renamed { table: new, columns });
    }
    for (table, renamed) in &all {
        let aside = quoted(&format!("renamed {}", renamed.table));
        connection.execute_batch(&format!("ALTER TABLE {} RENAME TO {aside};", quoted(table)))?;
    }
    for renamed in all.values() {
        let aside = quoted(&format!("renamed {}", renamed.table));
        connection.execute_batch(&format!("ALTER TABLE {aside} RENAME TO {};", quoted(&renamed.table)))?;
    }
    Ok(all)
}

/// The name, with a number behind it when it is taken.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let name = if name.is_empty() { "X" } else { name };
    let mut free = name.to_owned();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{name}{number}");
        number += 1;
    }
    free
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn translate(line: &mut Value, names: &BTreeMap<(String, String), Renamed>) {
    let file = line["file"].as_str().unwrap_or_default().to_lowercase();
    let table_of = |name: &Value| names.get(&(file.clone(), name.as_str().unwrap_or_default().to_lowercase()));
    for (table, columns) in [
        ("table", &["column"][..]),
        ("from_table", &["from_column", "from_columns"]),
        ("to_table", &["to_column", "to_columns"]),
    ] {
        let Some(renamed) = line.get(table).and_then(table_of) else { continue };
        line[table] = Value::String(renamed.table.clone());
        let new = |name: &mut Value| {
            if let Some(new) = name.as_str().and_then(|name| renamed.columns.get(&name.to_lowercase())) {
                *name = Value::String(new.clone());
            }
        };
        for column in columns {
            match line.get_mut(*column) {
                Some(Value::Array(list)) => list.iter_mut().for_each(new),
                Some(name) => new(name),
                None => {}
            }
        }
    }
    if let Some(Value::Array(tables)) = line.get_mut("gold_tables") {
        for table in tables {
            if let Some(renamed) = table_of(table) {
                *table = Value::String(renamed.table.clone());
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_word_keeps_its_first_letter_and_consonants() {
        assert_eq!(abbreviated("customer_address"), "CSTM_ADDR");
        assert_eq!(abbreviated("orderID"), "ORDR_ID");
        assert_eq!(abbreviated("area code"), "AR_CD");
    }

    #[test]
    fn names_change_and_rows_and_truths_follow() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let connection = Connection::open(from.path().join("shop.sqlite")).unwrap();
        connection
            .execute_batch("CREATE TABLE orders (order_id INT, order_ide INT); INSERT INTO orders VALUES (7, 8);")
            .unwrap();
        let key = r#"{"file":"shop","from_table":"Orders","from_column":"order_ide","to_table":"orders","to_column":"order_id"}"#;
        fs::write(from.path().join("fks.jsonl"), key).unwrap();
        fs::write(
            from.path().join("questions.jsonl"),
            r#"{"id":1,"file":"shop","question":"?","gold_tables":["orders"]}"#,
        )
        .unwrap();
        abbreviate(from.path(), to.path()).unwrap();
        let connection = Connection::open(to.path().join("shop.sqlite")).unwrap();
        let row: (i64, i64) =
            connection.query_row("SELECT ORDR_ID, ORDR_ID2 FROM ORDR", [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
        assert_eq!(row, (7, 8));
        let key = &lines::<Value>(to.path(), "fks.jsonl").unwrap()[0];
        assert_eq!((key["from_table"].as_str(), key["from_column"].as_str()), (Some("ORDR"), Some("ORDR_ID2")));
        assert_eq!(lines::<Value>(to.path(), "questions.jsonl").unwrap()[0]["gold_tables"][0], "ORDR");
    }
}
