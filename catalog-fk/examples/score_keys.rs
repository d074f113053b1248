//! How right inferred keys are on SQLite databases whose keys somebody knows:
//! `cargo run --release -p catalog-fk --example score_keys FOLDER GOLD.jsonl`.
//!
//! Each file of the folder is a database; its declared keys are ignored. A line of the gold file is one column pair:
//! `file` (without its ending), `from_table`, `from_column`, `to_table`, `to_column`.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use catalog_core::model::{
    CellRef, ConfirmCheck, ConfirmCount, DataType, ForeignKey, Fqn, KeyColumn, KeyStatus, KeyTable, RelateInput,
    TableKind,
};
use catalog_core::ports::{ConfirmBudget, FkMatcher};
use catalog_fk::fingerprint::{FingerprintBuilder, canonical_text, hash_canonical, hash_canonical_128, to_bytes};
use catalog_fk::{Calibration, KeyMatcher, KeyOptions};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// From a database's number and a score to a probability.
type Map<'a> = &'a dyn Fn(usize, f64) -> f64;

/// Child table, child column, parent table, parent column; lower case.
type Pair = [String; 4];

struct Database {
    name: String,
    input: RelateInput,
    /// Bytes of each fingerprint in binary form.
    sizes: Vec<usize>,
    connection: Connection,
    gold: BTreeSet<Pair>,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "give a folder of SQLite files and a file of gold keys";
    let (folder, gold) = arguments.next().zip(arguments.next()).ok_or(usage)?;
    let databases = read_all(Path::new(&folder), Path::new(&gold))?;
    sizes(&databases);
    for tolerance in [0.05, 0.0] {
        let options = KeyOptions { max_orphan_ratio: tolerance, ..KeyOptions::default() };
        score(&databases, &KeyMatcher::new(options), tolerance)?;
    }
    reliability(&databases)
}

/// How many bytes the fingerprints take.
#[allow(clippy::print_stdout)] // an example talks to its reader
fn sizes(databases: &[Database]) {
    let mut sizes: Vec<usize> = databases.iter().flat_map(|database| &database.sizes).copied().collect();
    sizes.sort_unstable();
    let mean = sizes.iter().sum::<usize>() / sizes.len().max(1);
    let (median, most) = (sizes.get(sizes.len() / 2), sizes.last());
    println!("{} columns, bytes a fingerprint: mean {mean}, median {median:?}, most {most:?}", sizes.len());
}

/// How often keys of each probability are right, where the calibration was fitted on the other databases.
#[allow(clippy::print_stdout)] // an example talks to its reader
fn reliability(databases: &[Database]) -> Result<()> {
    let options = KeyOptions { calibration: Calibration::NONE, propose_score: 0.02, ..KeyOptions::default() };
    let matcher = KeyMatcher::new(options);
    let mut judged: Vec<(usize, f64, bool)> = Vec::new();
    for (number, database) in databases.iter().enumerate() {
        for key in infer(database, &matcher)? {
            judged.push((number, key.score, pairs_of(&key).all(|pair| database.gold.contains(&pair))));
        }
    }
    let others = |number: Option<usize>| -> Vec<(f64, bool)> {
        judged.iter().filter(|(n, ..)| Some(*n) != number).map(|(_, score, right)| (*score, *right)).collect()
    };
    println!("fitted on all {} databases: {:?}", databases.len(), Calibration::fit(&others(None)));
    let half = |n: usize| hash_canonical(&databases[n].name) & 1;
    for side in [0, 1] {
        let part = |side| judged.iter().filter(move |(n, ..)| half(*n) == side).map(|(_, s, right)| (*s, *right));
        let fitted = Calibration::fit(&part(side).collect::<Vec<_>>());
        let errors: Vec<f64> = part(1 - side)
            .map(|(score, right)| (fitted.probability(score) - f64::from(u8::from(right))).powi(2))
            .collect();
        let brier = errors.iter().sum::<f64>() / errors.len().max(1) as f64;
        println!("fitted on half {}: {fitted:?}, Brier score on the other {brier:.4}", ["a", "b"][side as usize]);
    }
    let fits: Vec<Calibration> = (0..databases.len()).map(|n| Calibration::fit(&others(Some(n)))).collect();
    let maps: [(&str, Map<'_>); 3] = [
        ("as weighed", &|_, score| score),
        ("fitted on the other databases", &|database, score| fits[database].probability(score)),
        ("as shipped", &|_, score| Calibration::default().probability(score)),
    ];
    for (name, map) in maps {
        let said: Vec<(f64, f64)> =
            judged.iter().map(|(n, score, right)| (map(*n, *score), f64::from(u8::from(*right)))).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let brier: Vec<f64> = said.iter().map(|(p, right)| (p - right).powi(2)).collect();
        println!("{name}: {} keys, Brier score {:.4}", said.len(), mean(&brier));
        for (low, high) in [(0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)] {
            let bin: Vec<_> = said.iter().filter(|(p, _)| (low..high).contains(p)).copied().collect();
            let (p, right): (Vec<f64>, Vec<f64>) = bin.into_iter().unzip();
            println!("  {low:.1} to {high:.1}: {} keys, said {:.3}, right {:.3}", p.len(), mean(&p), mean(&right));
        }
    }
    Ok(())
}

#[derive(Default)]
struct Tally {
    gold: usize,
    found: usize,
    right: usize,
}

#[allow(clippy::print_stdout)] // an example talks to its reader
fn score(databases: &[Database], matcher: &KeyMatcher, tolerance: f64) -> Result<()> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for database in databases {
        let keys = infer(database, matcher)?;
        let half = if hash_canonical(&database.name) & 1 == 0 { "half a" } else { "half b" };
        let confirmed: BTreeSet<Pair> =
            keys.iter().filter(|k| k.status == KeyStatus::Confirmed).flat_map(pairs_of).collect();
        let shown: BTreeSet<Pair> = keys.iter().flat_map(pairs_of).collect();
        for (group, found) in [("all", &confirmed), (half, &confirmed), ("all, proposed too", &shown)] {
            let tally = tallies.entry(group).or_default();
            tally.gold += database.gold.len();
            tally.found += found.len();
            tally.right += found.intersection(&database.gold).count();
        }
    }
    for (group, Tally { gold, found, right }) in tallies {
        let (p, r) = (right as f64 / found.max(1) as f64, right as f64 / gold.max(1) as f64);
        println!(
            "tolerance {tolerance}, {group}: gold {gold}, found {found}, right {right}, P {p:.3}, R {r:.3}, F1 {:.3}",
            2.0 * p * r / (p + r).max(f64::MIN_POSITIVE)
        );
    }
    Ok(())
}

fn infer(database: &Database, matcher: &KeyMatcher) -> Result<Vec<ForeignKey>> {
    let candidates = matcher.candidates(&database.input);
    let budget = ConfirmBudget { checks_max: usize::MAX, rows_max: u64::MAX };
    let mut counts = Vec::new();
    for check in matcher.plan(&database.input, &candidates, budget).checks {
        let count = count(&database.connection, &check)?;
        counts.push((check, Some(count)));
    }
    Ok(matcher.conclude(&database.input, candidates, &counts))
}

fn pairs_of(key: &ForeignKey) -> impl Iterator<Item = Pair> {
    let (child, parent) = (key.child.table.name(), key.parent.table.name());
    key.child.columns.iter().zip(&key.parent.columns).map(move |(c, p)| [child, c, parent, p].map(str::to_lowercase))
}

/// The check by sets of wide hashes: exact for any table that fits into memory.
fn count(connection: &Connection, check: &ConfirmCheck) -> Result<ConfirmCount> {
    let (_, children) = tuples(connection, check.child.table.name(), &check.child.columns)?;
    let (parent_rows, parents) = tuples(connection, check.parent.table.name(), &check.parent.columns)?;
    Ok(ConfirmCount {
        child_distinct: children.len() as u64,
        orphans: children.difference(&parents).count() as u64,
        parent_rows,
        parent_distinct: parents.len() as u64,
        sampled: false,
    })
}

fn tuples(connection: &Connection, table: &str, columns: &[String]) -> Result<(u64, HashSet<Vec<u128>>)> {
    let list: Vec<String> = columns.iter().map(|c| quoted(c)).collect();
    let mut statement = connection.prepare(&format!("SELECT {} FROM {}", list.join(", "), quoted(table)))?;
    let (mut rows, mut text, mut filled, mut found) = (statement.query([])?, String::new(), 0, HashSet::new());
    while let Some(row) = rows.next()? {
        let mut tuple = Vec::new();
        for column in 0..columns.len() {
            if canonical_text(cell(row.get_ref(column)?), &mut text).is_some() {
                tuple.push(hash_canonical_128(&text));
            }
        }
        if tuple.len() == columns.len() {
            filled += 1;
            found.insert(tuple);
        }
    }
    Ok((filled, found))
}

fn read_all(folder: &Path, gold: &Path) -> Result<Vec<Database>> {
    let mut keys: BTreeMap<String, BTreeSet<Pair>> = BTreeMap::new();
    for line in std::fs::read_to_string(gold)?.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_lowercase();
        let pair = ["from_table", "from_column", "to_table", "to_column"].map(text);
        keys.entry(text("file")).or_default().insert(pair);
    }
    let mut databases = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        if let Some(gold) = keys.remove(&name) {
            let connection = Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            let (input, sizes) = read(&connection, &name)?;
            databases.push(Database { name, input, sizes, connection, gold });
        }
    }
    databases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(databases)
}

/// The tables, and the bytes of their fingerprints.
fn read(connection: &Connection, database: &str) -> Result<(RelateInput, Vec<usize>)> {
    let names = "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut statement = connection.prepare(names)?;
    let tables: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let (mut input, mut sizes) = (RelateInput::default(), Vec::new());
    for (name, kind) in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM {}", quoted(&name)))?;
        let columns: Vec<(String, DataType)> = connection
            .prepare("SELECT name, type FROM pragma_table_info(?1) ORDER BY cid")?
            .query_map([&name], |row| Ok((row.get(0)?, data_type(&row.get::<_, String>(1)?))))?
            .collect::<rusqlite::Result<_>>()?;
        let mut builders: Vec<_> = columns.iter().map(|(_, t)| FingerprintBuilder::new(*t)).collect();
        let (mut rows, mut row_count) = (statement.query([])?, 0);
        while let Some(row) = rows.next()? {
            row_count += 1;
            for (at, builder) in builders.iter_mut().enumerate() {
                builder.push(cell(row.get_ref(at)?));
            }
        }
        let prints: Vec<_> = builders.into_iter().map(FingerprintBuilder::finish).collect();
        sizes.extend(prints.iter().map(|print| to_bytes(print).len()));
        input.tables.push(KeyTable {
            fqn: Fqn::from_parts([database, "main", name.as_str()]),
            catalog: database.to_owned(),
            kind: if kind == "view" { TableKind::View } else { TableKind::Table },
            row_count,
            columns: columns.into_iter().zip(prints).map(|((n, t), print)| KeyColumn::new(n, t, print)).collect(),
            primary_key: Vec::new(),
            declared: Vec::new(),
        });
    }
    Ok((input, sizes))
}

/// The logical type of a declared one, near enough for a measurement.
fn data_type(declared: &str) -> DataType {
    let declared = declared.to_ascii_uppercase();
    let kinds = [
        ("INTERVAL", DataType::Interval),
        ("INT", DataType::Integer),
        ("BOOL", DataType::Boolean),
        ("BIT", DataType::Boolean),
        ("CHAR", DataType::Text),
        ("TEXT", DataType::Text),
        ("REAL", DataType::Float),
        ("FLOA", DataType::Float),
        ("DOUB", DataType::Float),
        ("DEC", DataType::Decimal),
        ("NUM", DataType::Decimal),
        ("DATETIME", DataType::Timestamp),
        ("TIMESTAMP", DataType::Timestamp),
        ("DATE", DataType::Date),
        ("TIME", DataType::Time),
        ("BLOB", DataType::Binary),
    ];
    kinds.into_iter().find(|(word, _)| declared.contains(word)).map_or(DataType::Unknown, |(_, kind)| kind)
}

fn cell(value: ValueRef<'_>) -> CellRef<'_> {
    match value {
        ValueRef::Null => CellRef::Null,
        ValueRef::Integer(v) => CellRef::Int(v),
        ValueRef::Real(v) => CellRef::Real(v),
        ValueRef::Text(v) => std::str::from_utf8(v).map_or(CellRef::Bytes(v), CellRef::Text),
        ValueRef::Blob(v) => CellRef::Bytes(v),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
