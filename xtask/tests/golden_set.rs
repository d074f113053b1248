//! The committed golden set keeps what golden/README.md promises.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;
use xtask::golden::generate::{Summary, generate};

const REGIMES: [&str; 3] = ["plain", "abbreviated", "french"];
/// Words that carry no content, in both languages.
const STOP_WORDS: &str = "a an the of in on at to for from by with and or is are was were be been do does did has have had how \
    many much what which who whom whose when where why we our us they their them it its this that these those there than \
    more most less least per each every all any some no not one row rows as into over between still le la les l un une des \
    de du d au aux en et ou est sont a ont à par pour avec dans sur qui que quoi quel quelle quels quelles combien où quand \
    ce cet cette ces il elle ils elles on nous notre nos leur leurs se s sa son ses n ne pas plus moins y chaque ligne";

/// The set with few rows, made once for all tests.
fn set() -> (&'static Path, &'static Summary) {
    static SET: OnceLock<(TempDir, Summary)> = OnceLock::new();
    let (folder, summary) = SET.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let summary = generate(&definitions(), folder.path(), Some(2_000)).unwrap();
        (folder, summary)
    });
    (folder.path(), summary)
}

fn definitions() -> PathBuf {
    Path::new(xtask::WORKSPACE).join("golden")
}

fn lines(regime: &str, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(set().0.join(regime).join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text<'a>(line: &'a Value, key: &str) -> &'a str {
    line[key].as_str().unwrap()
}

fn texts<'a>(line: &'a Value, key: &str) -> Vec<&'a str> {
    line[key].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect()
}

fn open(regime: &str, file: &str) -> Connection {
    let path = set().0.join(regime).join(format!("{file}.sqlite"));
    assert!(path.exists(), "{}", path.display());
    Connection::open(path).unwrap()
}

/// Every file, table and column of a regime.
fn columns_of(regime: &str) -> BTreeSet<(String, String, String)> {
    let mut found = BTreeSet::new();
    for file in lines(regime, "columns.jsonl").iter().map(|l| text(l, "file").to_owned()).collect::<BTreeSet<_>>() {
        let connection = open(regime, &file);
        let sql = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        found.extend(rows.map(|row| row.unwrap()).map(|(table, column)| (file.clone(), table, column)));
    }
    found
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// Without the ending of a plural, so that `loan` and `loans` are one word.
fn content(text: &str) -> BTreeSet<String> {
    let stop: BTreeSet<&str> = STOP_WORDS.split_whitespace().collect();
    let kept = words(text).into_iter().filter(|w| !stop.contains(w.as_str()));
    kept.map(|w| w.strip_suffix(['s', 'x']).map_or(w.clone(), str::to_owned)).collect()
}

fn runs_of_four(text: &str) -> BTreeSet<Vec<String>> {
    words(text).windows(4).map(<[String]>::to_vec).collect()
}

#[test]
fn the_set_is_as_large_as_it_says() {
    let summary = set().1;
    let questions = summary.questions;
    assert!(summary.tables >= 54 && summary.columns >= 400, "{summary}");
    assert!(questions.english + questions.french >= 320 && questions.unanswerable >= 20, "{summary}");
    assert!(questions.french * 3 >= questions.english && questions.french * 3 <= questions.english * 2, "{summary}");
    assert!(questions.multi_table * 100 >= (questions.multi_table + questions.single_table) * 33, "{summary}");
    assert!(summary.composite_keys >= 5 && summary.cross_keys >= 4 && summary.personal_columns >= 60, "{summary}");
    let tables = lines("plain", "descriptions.jsonl");
    let mut by_domain: BTreeMap<&str, usize> = BTreeMap::new();
    tables.iter().for_each(|l| *by_domain.entry(text(l, "file")).or_default() += 1);
    assert!(by_domain.len() == 6 && by_domain.values().all(|n| *n >= 9), "{by_domain:?}");
    for regime in REGIMES {
        let mut width: BTreeMap<(String, String), usize> = BTreeMap::new();
        columns_of(regime).into_iter().for_each(|(file, table, _)| *width.entry((file, table)).or_default() += 1);
        let odd: Vec<_> = width.iter().filter(|(_, n)| !(5..=14).contains(*n)).collect();
        assert!(width.len() == summary.tables && odd.is_empty(), "{odd:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_files() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = generate(&definitions(), one.path(), Some(30)).unwrap();
    assert_eq!(first, generate(&definitions(), two.path(), Some(30)).unwrap());
    let mut seen = 0;
    for regime in REGIMES {
        for folder in [regime.to_owned(), format!("{regime}/querylog")] {
            for entry in std::fs::read_dir(one.path().join(&folder)).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    let other = two.path().join(&folder).join(entry.file_name());
                    assert!(
                        std::fs::read(entry.path()).unwrap() == std::fs::read(&other).unwrap(),
                        "{}",
                        other.display()
                    );
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 3 * 15, "{seen} files");
}

#[test]
fn every_regime_holds_the_same_rows() {
    let sums = REGIMES.map(|regime| {
        let mut places = BTreeMap::new();
        let columns = lines(regime, "columns.jsonl");
        let sums = columns.iter().map(|line| {
            let file = text(line, "file").to_owned();
            let connection = places.entry(file.clone()).or_insert_with(|| open(regime, &file));
            let column = format!("\"{}\"", text(line, "column"));
            let sql = format!(
                "SELECT COUNT(*) || ' ' || COUNT({column}) || ' ' || COALESCE(GROUP_CONCAT({column}), '') FROM \"{}\"",
                text(line, "table")
            );
            connection.query_row(&sql, [], |row| row.get::<_, String>(0)).unwrap()
        });
        sums.collect::<Vec<_>>()
    });
    assert!(sums[0].len() > 400 && sums[0].iter().any(|sum| sum.starts_with("2000 ")));
    assert!(sums[0] == sums[1] && sums[0] == sums[2], "the rows differ between regimes");
}

#[test]
fn no_table_declares_a_key() {
    for regime in REGIMES {
        let tables: BTreeSet<_> = columns_of(regime).into_iter().map(|(file, table, _)| (file, table)).collect();
        let mut places = BTreeMap::new();
        for (file, table) in tables {
            let connection = places.entry(file.clone()).or_insert_with(|| open(regime, &file));
            let sql = "SELECT (SELECT COUNT(*) FROM pragma_foreign_key_list(?1)) \
                + (SELECT COUNT(*) FROM pragma_table_info(?1) WHERE pk > 0) + (SELECT COUNT(*) FROM pragma_index_list(?1))";
            let declared: i64 = connection.query_row(sql, [&table], |row| row.get(0)).unwrap();
            assert_eq!(declared, 0, "{regime}: {file}.{table}");
        }
    }
}

#[test]
fn every_label_names_a_column_and_every_column_has_one() {
    for regime in REGIMES {
        let labelled: BTreeSet<_> = lines(regime, "pii_gold.jsonl")
            .iter()
            .map(|l| (text(l, "file").to_owned(), text(l, "table").to_owned(), text(l, "column").to_owned()))
            .collect();
        assert_eq!(labelled, columns_of(regime), "{regime}");
    }
}

/// All true keys of a regime: from file, table and columns to file, table and columns.
fn keys(regime: &str) -> Vec<[String; 6]> {
    let mut keys = Vec::new();
    for name in ["keys_composite.jsonl", "keys_cross.jsonl"] {
        for line in lines(regime, name) {
            let to_file = line["to_file"].as_str().unwrap_or(text(&line, "file"));
            let (from, to) = (texts(&line, "from_columns").join(","), texts(&line, "to_columns").join(","));
            keys.push(
                [text(&line, "file"), text(&line, "from_table"), &from, to_file, text(&line, "to_table"), &to]
                    .map(str::to_owned),
            );
        }
    }
    for line in lines(regime, "fks.jsonl").iter().filter(|l| l["source"] == "true") {
        let file = text(line, "file");
        let names = ["from_table", "from_column", "to_table", "to_column"].map(|key| text(line, key));
        keys.push([file, names[0], names[1], file, names[2], names[3]].map(str::to_owned));
    }
    keys
}

#[test]
fn every_true_key_holds_in_the_data() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for [file, from, from_columns, to_file, to, to_columns] in keys("plain") {
        let connection = open("plain", &file);
        let parent_path = set().0.join("plain").join(format!("{to_file}.sqlite"));
        connection.execute("ATTACH ?1 AS parent", [parent_path.to_str().unwrap()]).unwrap();
        let list = |columns: &str| columns.split(',').map(|c| format!("TRIM({c})")).collect::<Vec<_>>().join(", ");
        let present = from_columns.split(',').map(|c| format!("{c} IS NOT NULL")).collect::<Vec<_>>().join(" AND ");
        let sql = format!(
            "WITH child AS (SELECT DISTINCT {0} FROM main.{from} WHERE {present}), held AS (SELECT {0} FROM main.{from} \
             WHERE {present} INTERSECT SELECT {1} FROM parent.{to}) SELECT (SELECT COUNT(*) FROM child), (SELECT COUNT(*) FROM held)",
            list(&from_columns),
            list(&to_columns)
        );
        let (child, held): (i64, i64) = connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let unique = format!(
            "SELECT COUNT(*) - COUNT(DISTINCT {}) FROM parent.{to}",
            list(&to_columns).replace(", ", " || '/' || ")
        );
        let twice: i64 = connection.query_row(&unique, [], |row| row.get(0)).unwrap();
        if child < 2 || held * 100 < child * 95 || twice > 0 {
            wrong.push(format!(
                "{file}.{from}({from_columns}) to {to_file}.{to}: {held} of {child}, {twice} parents twice"
            ));
        }
        seen += 1;
    }
    assert!(wrong.is_empty() && seen >= 60, "{seen} keys\n{}", wrong.join("\n"));
}

#[test]
fn questions_have_ids_tables_and_sql_that_runs_in_every_regime() {
    let mut wrong = Vec::new();
    for regime in REGIMES {
        let (mut ids, mut places) = (BTreeSet::new(), BTreeMap::new());
        for line in lines(regime, "questions.jsonl") {
            let (id, file) = (text(&line, "id"), text(&line, "file"));
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
            let gold = texts(&line, "gold_tables");
            let answerable = line["answerable"].as_bool().unwrap();
            assert_eq!(answerable, !gold.is_empty(), "{id}");
            let connection = places.entry(file.to_owned()).or_insert_with(|| open(regime, file));
            if answerable && let Err(error) = connection.prepare(text(&line, "sql")) {
                wrong.push(format!("{regime} {id}: {error}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_reference_description_has_at_most_twenty_words() {
    let mut wrong = Vec::new();
    for line in lines("plain", "descriptions.jsonl") {
        for key in ["description", "description_fr"] {
            let sentence = text(&line, key);
            let count = sentence.split_whitespace().count();
            if !(6..=20).contains(&count) || !sentence.ends_with('.') || sentence.matches(". ").count() > 0 {
                wrong.push(format!("{} {key}: {count} words", text(&line, "table")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_question_echoes_a_description_or_a_column_name() {
    let descriptions: BTreeMap<(String, String), [String; 2]> = lines("plain", "descriptions.jsonl")
        .iter()
        .map(|l| {
            let key = (text(l, "file").to_owned(), text(l, "table").to_owned());
            (key, [text(l, "description").to_owned(), text(l, "description_fr").to_owned()])
        })
        .collect();
    let columns = columns_of("plain");
    let mut wrong = Vec::new();
    for line in lines("plain", "questions.jsonl") {
        let (id, question) = (text(&line, "id"), text(&line, "question"));
        let (asked, runs) = (content(question), runs_of_four(question));
        let flat = format!(" {} ", words(question).join(" "));
        for table in texts(&line, "gold_tables") {
            let key = (text(&line, "file").to_owned(), table.to_owned());
            for description in &descriptions[&key] {
                if !runs.is_disjoint(&runs_of_four(description)) {
                    wrong.push(format!("{id} shares a run of four words with {table}"));
                }
                let both: Vec<_> = asked.intersection(&content(description)).cloned().collect();
                if both.len() * 2 >= asked.len() {
                    wrong.push(format!("{id} shares {both:?} of {asked:?} with {table}"));
                }
            }
            let own = columns.iter().filter(|c| c.0 == key.0 && c.1 == table && c.2.contains('_'));
            for column in own.filter(|c| flat.contains(&format!(" {} ", c.2.replace('_', " ")))) {
                wrong.push(format!("{id} names the column {}.{}", column.1, column.2));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_query_log_has_many_statements_users_and_failures() {
    for regime in REGIMES {
        let known = columns_of(regime);
        for file in lines(regime, "columns.jsonl").iter().map(|l| text(l, "file").to_owned()).collect::<BTreeSet<_>>() {
            let events = lines(regime, &format!("querylog/{file}.jsonl"));
            let statement = |e: &Value| text(&e["metadata"], "query").to_owned();
            let shape = |sql: String| {
                words(&sql).into_iter().filter(|w| !w.contains(|c: char| c.is_ascii_digit())).collect::<Vec<_>>()
            };
            let distinct: BTreeSet<_> = events.iter().map(statement).map(shape).collect();
            let users: BTreeSet<_> = events.iter().map(|e| text(&e["context"], "user")).collect();
            let failed = events.iter().filter(|e| e["metadata"]["queryState"] == "FAILED").count();
            assert!(
                events.len() >= 300 && distinct.len() >= 30 && users.len() >= 5 && failed >= 5,
                "{regime} {file}: {}",
                distinct.len()
            );
            for table in events.iter().flat_map(|e| e["metadata"]["tables"].as_array().unwrap()) {
                for column in table["columns"].as_array().unwrap() {
                    let names = (file.clone(), text(table, "table").to_owned(), text(column, "column").to_owned());
                    assert!(known.contains(&names), "{names:?}");
                }
            }
        }
    }
}
