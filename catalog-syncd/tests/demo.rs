//! The demo: the whole walk over the sample bank, held to the truth about it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sandbox;

use std::collections::BTreeSet;
use std::process::Output;
use std::sync::OnceLock;

use catalog_local::sample_warehouse::truth;
use sandbox::{Sandbox, assert_matches_schema, table};
use serde_json::Value;

struct Demo {
    sandbox: Sandbox,
    output: Output,
    report: Value,
}

/// The demo is run once and read by all tests.
fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let sandbox = Sandbox::new();
        let output = sandbox.run(&["demo", "--out", "out"]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let report = serde_json::from_slice(&std::fs::read(sandbox.path("out/report.json")).unwrap()).unwrap();
        Demo { sandbox, output, report }
    })
}

fn fqn(table: &str) -> String {
    format!("retail_bank.main.{table}")
}

fn keys_with(status: &str) -> BTreeSet<(String, Vec<String>, String, Vec<String>)> {
    let texts = |v: &Value| v.as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let keys = demo().report["foreign_keys"].as_array().unwrap();
    let own = keys.iter().filter(|k| k["status"] == status);
    own.map(|k| {
        (
            k["child_table"].as_str().unwrap().to_owned(),
            texts(&k["child_columns"]),
            k["parent_table"].as_str().unwrap().to_owned(),
            texts(&k["parent_columns"]),
        )
    })
    .collect()
}

#[test]
fn it_writes_a_report_of_the_published_shape_and_a_page_that_asks_nobody_for_anything() {
    let demo = demo();
    assert_matches_schema(&demo.report);
    assert_eq!(demo.report["tables"].as_array().unwrap().len(), truth::RELATIONS);
    let page = std::fs::read_to_string(demo.sandbox.path("out/report.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("default-src 'none'"));
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"));
    let told = String::from_utf8_lossy(&demo.output.stdout);
    assert!(told.contains("report.html") && told.contains("seconds by stage"), "{told}");
}

#[test]
fn it_removes_its_temporary_warehouse() {
    let demo = demo();
    let left = std::fs::read_dir(demo.sandbox.path("")).unwrap();
    let left: Vec<_> = left.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| name == "home" || name == "out"), "{left:?}");
}

#[test]
fn every_true_key_with_rows_is_confirmed_and_nothing_else_is() {
    let truth: BTreeSet<_> = truth::foreign_keys()
        .iter()
        .map(|k| {
            let own = |columns: &[&str]| columns.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
            (k.vacuous, (fqn(k.child), own(k.child_columns), fqn(k.parent), own(k.parent_columns)))
        })
        .collect();
    let confirmed = keys_with("confirmed");
    let wrong: Vec<_> = confirmed.iter().filter(|k| !truth.iter().any(|(_, t)| t == *k)).collect();
    assert!(wrong.is_empty(), "confirmed without reason: {wrong:#?}");
    let proposed = keys_with("proposed");
    let missing: Vec<_> =
        truth.iter().filter(|(vacuous, k)| !(confirmed.contains(k) || *vacuous && proposed.contains(k))).collect();
    assert!(missing.is_empty(), "true keys not found: {missing:#?}");
}

#[test]
fn joins_in_the_query_log_are_witnesses_of_keys() {
    let keys = demo().report["foreign_keys"].as_array().unwrap();
    let joined = keys.iter().filter(|k| k["evidence"]["log_joins"].as_f64().unwrap_or(0.0) > 0.0).count();
    let logged = truth::foreign_keys().iter().filter(|k| k.logged).count();
    assert!(joined >= logged, "{joined} keys have a join as a witness, the log holds {logged}");
}

#[test]
fn entries_of_the_query_log_that_teach_nothing_are_counted_by_reason() {
    let skipped = &demo().report["queries_skipped"];
    assert_eq!(skipped["duplicate"], truth::LOG_DUPLICATES);
    assert_eq!(skipped["own"], truth::LOG_OWN);
    assert_eq!(skipped["malformed_line"], truth::LOG_TRUNCATED);
    assert!(!demo().report["queries"].as_array().unwrap().is_empty());
}

#[test]
fn personal_columns_are_flagged_and_others_are_not() {
    let truth: BTreeSet<(String, String)> =
        truth::personal_columns().iter().map(|p| (fqn(p.table), p.column.to_owned())).collect();
    let mut flagged = BTreeSet::new();
    let mut disputed = BTreeSet::new();
    for t in demo().report["tables"].as_array().unwrap() {
        for c in t["columns"].as_array().unwrap() {
            let name = (t["fqn"].as_str().unwrap().to_owned(), c["name"].as_str().unwrap().to_owned());
            match c["pii"]["decision"].as_str().unwrap() {
                "flagged" => flagged.insert(name),
                "disputed" => disputed.insert(name),
                _ => false,
            };
        }
    }
    let wrong: Vec<_> = flagged.difference(&truth).collect();
    let right = flagged.intersection(&truth).count();
    let precision = right as f64 / flagged.len() as f64;
    assert!(precision >= 0.95, "precision {precision:.3}; flagged without reason: {wrong:#?}");
    let missed: Vec<_> = truth.iter().filter(|c| !flagged.contains(*c)).collect();
    let recall = right as f64 / truth.len() as f64;
    assert!(recall >= 0.80, "recall {recall:.3}; not flagged: {missed:#?}");
    let missed: Vec<_> = missed.into_iter().filter(|c| !disputed.contains(*c)).collect();
    assert!(missed.len() * 10 <= truth.len(), "neither flagged nor disputed: {missed:#?}");
}

#[test]
fn every_table_with_telling_names_has_one_sentence_of_at_most_twenty_words() {
    for t in demo().report["tables"].as_array().unwrap() {
        let text = t["description"]["text"].as_str().unwrap_or_else(|| panic!("{} has no description", t["fqn"]));
        assert!(text.split_whitespace().count() <= 20, "{text}");
        assert_eq!(t["description"]["source"], "rules");
    }
    let loan = table(&demo().report, &fqn("loan"))["description"]["text"].as_str().unwrap().to_lowercase();
    assert!(loan.contains("loan") && loan.contains("account"), "{loan}");
}

#[test]
fn questions_find_their_table_among_the_first_five() {
    let demo = demo();
    let questions = truth::questions();
    let lines: String = questions
        .iter()
        .enumerate()
        .map(|(id, q)| format!("{}\n", serde_json::json!({"id": id, "question": q.text})))
        .collect();
    std::fs::write(demo.sandbox.path("home/questions.jsonl"), lines).unwrap();
    let output =
        demo.sandbox.run(&["search", "--state", "out/state", "--questions", "home/questions.jsonl", "--k", "5"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let rankings: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(rankings.len(), questions.len());
    let found = |(ranking, question): &(&Value, &truth::Question)| {
        ranking["tables"].as_array().unwrap().iter().any(|t| *t == fqn(question.table))
    };
    let hits = rankings.iter().zip(questions).filter(found).count();
    let missed: Vec<_> = rankings.iter().zip(questions).filter(|p| !found(p)).map(|(_, q)| q.text).collect();
    assert!(hits * 10 >= questions.len() * 8, "{hits} of {} questions; missed: {missed:#?}", questions.len());
}
