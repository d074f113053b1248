//! Verified queries for a semantic model: fragments, diffs, and nothing written.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;

use catalog_core::ErrorKind;
use catalog_core::memory::{ScriptedQueryCheck, ScriptedQuestions};
use catalog_core::model::{EngineName, Fqn, Language, MinedQuery, QueryEvent, QueryState, QuestionRequest};
use catalog_querylog::proposals::{RuleQuestions, SemanticModels, VerifiedQuery, propose};
use catalog_querylog::{MinerOptions, QueryMiner, SchemaTable};

fn mined() -> MinedQuery {
    let table = |name: &str, columns: &[&str]| SchemaTable {
        fqn: Fqn::from_parts(["bank", "main", name]),
        engine: EngineName { catalog: "bank".into(), schema: "main".into(), table: name.into() },
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
    };
    let schema = vec![table("customer", &["id", "city"]), table("loan", &["customer_id", "amount"])];
    let mut miner = QueryMiner::new(schema, MinerOptions::default());
    miner.observe(&QueryEvent {
        query_id: "q".into(),
        sql: "SELECT c.city, sum(l.amount) FROM customer c JOIN loan l ON l.customer_id = c.id WHERE l.amount > 50000 GROUP BY 1"
            .into(),
        state: QueryState::Finished,
        user_hash: "u".into(),
        source: None,
        catalog: None,
        schema: None,
        inputs: Vec::new(),
        wall_ms: None,
        bytes: None,
        ended_at_ms: None,
    });
    miner.finish().queries.remove(0)
}

fn verified() -> VerifiedQuery {
    VerifiedQuery::of(&mined(), "What is the total amount by \"city\"?", Language::En)
}

/// Applies a unified diff of one hunk as `patch` does: every line that it says is there must be there.
fn patched(text: &str, diff: &str) -> String {
    let mut lines = diff.lines().skip(2);
    let header = lines.next().unwrap();
    let number = |part: &str| part[1..].split(',').map(|n| n.parse::<usize>().unwrap()).collect::<Vec<_>>();
    let parts: Vec<&str> = header.split(' ').collect();
    let (old, new) = (number(parts[1]), number(parts[2]));
    let mut rest = text.split_inclusive('\n').skip(old[0].saturating_sub(1));
    let mut out: String = text.split_inclusive('\n').take(old[0].saturating_sub(1)).collect();
    let (mut read, mut written) = (0, 0);
    let lines: Vec<&str> = lines.collect();
    for (i, line) in lines.iter().enumerate() {
        let open = lines.get(i + 1).is_some_and(|next| next.starts_with('\\'));
        let body = format!("{}{}", &line[1..], if open { "" } else { "\n" });
        match line.chars().next() {
            Some('+') => out.push_str(&body),
            Some('\\') => continue,
            mark => {
                assert_eq!(rest.next(), Some(body.as_str()), "context of {diff}");
                read += 1;
                if mark == Some(' ') {
                    out.push_str(&body);
                }
            }
        }
        written += usize::from(!line.starts_with('-'));
    }
    assert_eq!((read, written), (old[1], new[1]), "the header counts the lines: {diff}");
    out.extend(rest);
    out
}

const ENTRY: &str = r#"  - name: "what_is_the_total_amount_by_city"
    question: "What is the total amount by \"city\"?"
    language: en
    sql: |-
      SELECT t1.city, sum(t2.amount)
      FROM bank.main.customer t1
      JOIN bank.main.loan t2 ON t2.customer_id = t1.id
      WHERE t2.amount > :p1
      GROUP BY 1
    parameters:
      - name: "p1"
        type: "number"
    tables:
      - "bank.main.customer"
      - "bank.main.loan"
    joins:
      - "bank.main.customer.id = bank.main.loan.customer_id"
"#;

/// The entry up to the line that names the fingerprint.
fn entry(query: &VerifiedQuery) -> String {
    format!("{ENTRY}    source: \"querylog:{}\"\n", &query.fingerprint[..16])
}

#[test]
fn without_a_file_the_diff_creates_one() {
    let folder = tempfile::tempdir().unwrap();
    let query = verified();
    let yaml = SemanticModels::at(folder.path()).proposal("Retail", &query).unwrap();
    assert_eq!(yaml.fragment, format!("verified_queries:\n{}", entry(&query)));
    assert_eq!((yaml.file.as_str(), patched("", &yaml.diff)), ("retail.yaml", yaml.fragment.clone()));
    assert!(yaml.diff.starts_with("--- /dev/null\n+++ b/retail.yaml\n"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is written");
}

#[test]
fn the_entry_goes_behind_the_last_one_and_everything_else_stays() {
    let folder = tempfile::tempdir().unwrap();
    let query = verified();
    let indented = "tables:\n  - customer\nverified_queries:\n  # by hand\n  - name: other\n    sql: |\n      SELECT 1\n\n      FROM t\n";
    let flat = "verified_queries:\n- name: other\n  sql: SELECT 1\n";
    for (before, tail, indent) in [
        (indented, "metrics: []\nnotes: x\n", 2),
        (indented, "", 2),
        (flat, "metrics: []\n", 0),
        ("name: retail\n", "", 2),
        ("", "", 2),
    ] {
        let text = format!("{before}{tail}");
        fs::write(folder.path().join("retail.yaml"), &text).unwrap();
        let yaml = SemanticModels::at(folder.path()).proposal("retail", &query).unwrap();
        let key = if before.contains("verified_queries") { "" } else { "verified_queries:\n" };
        let entry: String = entry(&query).lines().map(|line| format!("{}\n", &line[2 - indent..])).collect();
        assert_eq!(patched(&text, &yaml.diff), format!("{before}{key}{entry}{tail}"));
    }
}

#[test]
fn an_empty_list_and_a_file_without_a_last_newline_are_completed() {
    let folder = tempfile::tempdir().unwrap();
    let query = verified();
    let path = folder.path().join("retail.yml");
    fs::write(&path, "a: 1\nverified_queries: []  # none yet\nb: 2").unwrap();
    let yaml = SemanticModels::at(folder.path()).proposal("retail", &query).unwrap();
    let expected = format!("a: 1\nverified_queries:\n{}b: 2", entry(&query));
    assert_eq!(patched(&fs::read_to_string(&path).unwrap(), &yaml.diff), expected);
    fs::write(&path, "a: 1\nb: 2").unwrap();
    let yaml = SemanticModels::at(folder.path()).proposal("retail", &query).unwrap();
    let expected = format!("a: 1\nb: 2\nverified_queries:\n{}", entry(&query));
    assert_eq!(patched("a: 1\nb: 2", &yaml.diff), expected);
}

#[test]
fn a_query_that_is_there_is_not_added_and_a_name_that_is_taken_gets_a_number() {
    let folder = tempfile::tempdir().unwrap();
    let (path, models) = (folder.path().join("retail.yaml"), SemanticModels::at(folder.path()));
    let query = verified();
    let first = models.proposal("retail", &query).unwrap();
    fs::write(&path, &first.fragment).unwrap();
    let again = models.proposal("retail", &query).unwrap();
    assert!(again.already_there && again.diff.is_empty());
    let other = VerifiedQuery { fingerprint: "f".repeat(64), ..query };
    let diff = models.proposal("retail", &other).unwrap().diff;
    assert!(diff.contains("name: \"what_is_the_total_amount_by_city_2\""), "{diff}");
}

#[test]
fn a_domain_that_is_no_file_name_and_a_file_that_cannot_be_read_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let models = SemanticModels::at(folder.path().join("models"));
    fs::create_dir(folder.path().join("models")).unwrap();
    fs::write(folder.path().join("secret.yaml"), "a: 1").unwrap();
    let kind = |domain: &str| models.proposal(domain, &verified()).unwrap_err().kind();
    for domain in ["../secret", "", "a/b", "a b", "a.b"] {
        assert_eq!(kind(domain), ErrorKind::InvalidInput, "{domain}");
    }
    let file = |name: &str, bytes: &[u8]| fs::write(folder.path().join("models").join(name), bytes).unwrap();
    file("bad.yaml", b"\xff\xfe");
    file("flow.yaml", b"verified_queries: [{name: x}]\n");
    file("large.yaml", &vec![b'#'; (4 << 20) + 1]);
    assert_eq!(
        (kind("bad"), kind("flow"), kind("large")),
        (ErrorKind::Corrupt, ErrorKind::Unsupported, ErrorKind::LimitExceeded)
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("secret.yaml"), folder.path().join("models/link.yaml")).unwrap();
        assert_eq!(kind("link"), ErrorKind::InvalidInput);
    }
}

#[tokio::test]
async fn a_query_that_the_engine_refuses_is_not_proposed_and_rules_stand_in_for_a_silent_writer() {
    let query = mined();
    let request = QuestionRequest { query: &query, tables: &[], language: Language::Fr };
    let (silent, mut check) = (ScriptedQuestions::default(), ScriptedQueryCheck::default());
    let proposed = propose(&request, &silent, &RuleQuestions, &check).await.unwrap().unwrap();
    assert_eq!(
        proposed.question,
        "Quel est le total de amount dans customer et loan par city, pour une valeur donnée de amount ?"
    );
    let model = ScriptedQuestions { questions: [(query.fingerprint.clone(), "Combien ?".to_owned())].into() };
    let proposed = propose(&request, &model, &RuleQuestions, &check).await.unwrap().unwrap();
    assert_eq!((proposed.question.as_str(), proposed.name.as_str()), ("Combien ?", "combien"));
    check.refused.insert(query.sql.clone(), "COLUMN_NOT_FOUND".to_owned());
    assert!(propose(&request, &model, &RuleQuestions, &check).await.unwrap().is_none());
    check.down = Some(ErrorKind::Unavailable);
    assert!(propose(&request, &model, &RuleQuestions, &check).await.is_err(), "unchecked is not proposed");
}
