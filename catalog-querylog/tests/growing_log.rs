//! A log that grows: mined in parts, polled again, delivered twice, by wrong clocks, by dashboards.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::Arc;

use catalog_core::model::{Day, EngineName, Fqn, MinedQueryLog, QueryEvent, QueryNoise, QueryState, SkipReason};
use catalog_querylog::proposals::{ProposalRule, worth_proposing};
use catalog_querylog::{MinerOptions, QueryMiner, SchemaTable};

const DAY_MS: i64 = 86_400_000;

fn schema() -> Vec<SchemaTable> {
    let table = |name: &str, columns: &[&str]| SchemaTable {
        fqn: Fqn::from_parts(["svc", "bank", "main", name]),
        engine: EngineName { catalog: "bank".into(), schema: "main".into(), table: name.into() },
        columns: columns.iter().map(|c| (*c).to_owned()).collect(),
    };
    vec![
        table("customer", &["id", "name", "email", "city"]),
        table("loan", &["id", "customer_id", "status", "grade", "amount"]),
        table("Odd Name", &["id"]),
    ]
}

fn event(id: usize, sql: &str) -> QueryEvent {
    QueryEvent {
        query_id: format!("q{id}"),
        sql: sql.to_owned(),
        state: QueryState::Finished,
        user_hash: format!("user{}", id % 3),
        source: Some("trino-cli".into()),
        catalog: Some("bank".into()),
        schema: Some("main".into()),
        inputs: Vec::new(),
        wall_ms: Some(id as u64 * 10),
        bytes: Some(id as u64 * 1_000),
        ended_at_ms: Some(20_000 * DAY_MS + (id * id) as i64 * 60_000),
    }
}

fn mine(events: &[QueryEvent]) -> MinedQueryLog {
    let mut miner = QueryMiner::new(schema(), MinerOptions::default());
    events.iter().for_each(|event| miner.observe(event));
    miner.finish()
}

fn workload() -> Vec<QueryEvent> {
    let texts = [
        "SELECT c.name, sum(l.amount) FROM customer c JOIN loan l ON l.customer_id = c.id WHERE c.city = 'x' GROUP BY 1",
        "SELECT count(*) FROM loan WHERE status = 'L'",
        "SELECT name FROM customer WHERE email = 'a@b.c' ORDER BY 1 LIMIT 5",
        "SELECT broken FROM (",
    ];
    (0..40).map(|i| event(i, texts[i % texts.len()])).collect()
}

#[test]
fn a_log_mined_in_parts_gives_what_it_gives_in_one() {
    let events = workload();
    let whole = mine(&events);
    for cut in [0, 1, 17, 39, 40] {
        let first = mine(&events[..cut]);
        let stored: MinedQueryLog = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        let mut miner = QueryMiner::resume(schema(), MinerOptions::default(), &stored);
        events[cut..].iter().for_each(|event| miner.observe(event));
        let parts = miner.finish();
        assert_eq!(parts, whole, "cut at {cut}");
    }
}

#[test]
fn an_event_that_an_overlap_delivers_again_counts_once() {
    let events = workload();
    let mut miner = QueryMiner::resume(schema(), MinerOptions::default(), &mine(&events));
    events[30..].iter().for_each(|event| miner.observe(event));
    let log = miner.finish();
    assert_eq!(log.skipped[&SkipReason::Duplicate], 10);
    assert_eq!(log.queries, mine(&events).queries);
}

#[test]
fn cursors_are_stored_with_the_result() {
    let mut miner = QueryMiner::new(schema(), MinerOptions::default());
    assert_eq!(miner.cursor("victorialogs"), None);
    miner.set_cursor("victorialogs", "w17");
    let miner = QueryMiner::resume(schema(), MinerOptions::default(), &miner.finish());
    assert_eq!(miner.cursor("victorialogs"), Some("w17"));
}

#[test]
fn what_names_a_table_that_is_gone_is_dropped() {
    let log = mine(&workload());
    let miner = QueryMiner::resume(schema().into_iter().skip(1).collect(), MinerOptions::default(), &log);
    let rest = miner.finish();
    assert!(rest.joins.is_empty() && rest.queries.iter().all(|query| query.tables.iter().all(|t| t.name() == "loan")));
    assert!(rest.usage.totals.iter().all(|total| total.table.name() == "loan"));
}

#[test]
fn quantiles_bytes_and_join_conditions_come_with_a_query() {
    let sql = "SELECT l.amount FROM customer c JOIN loan l ON l.customer_id = c.id WHERE c.city = 'x'";
    let log = mine(&(1..=20).map(|i| event(i, sql)).collect::<Vec<_>>());
    let query = &log.queries[0];
    assert_eq!((query.median_ms, query.p95_ms, query.median_bytes), (Some(100), Some(190), Some(10_000)));
    assert_eq!(query.join_conditions, ["svc.bank.main.customer.id = svc.bank.main.loan.customer_id"]);
}

#[test]
fn table_names_are_written_in_full_whatever_the_session() {
    let mut other = event(2, "SELECT loan.status FROM bank.main.LOAN WHERE loan.amount > 70000");
    other.schema = None;
    let log = mine(&[event(1, "SELECT loan.status FROM loan WHERE loan.amount > 80000"), other]);
    assert_eq!(log.queries.len(), 1, "{:?}", log.queries);
    assert_eq!(log.queries[0].sql, "SELECT loan.status FROM bank.main.loan WHERE loan.amount > :p1");
    let log = mine(&[event(1, "WITH w AS (SELECT id FROM main.\"Odd Name\") SELECT w.id FROM w")]);
    assert_eq!(log.queries[0].sql, "WITH w AS (SELECT id FROM bank.main.\"Odd Name\") SELECT w.id FROM w");
}

fn mine_with_codes(sql: &str) -> Vec<String> {
    let mut miner = QueryMiner::new(schema(), MinerOptions::default()).with_public_codes(Arc::new(
        |table: &Fqn, column: &str, value: &str| {
            table.name() == "loan"
                && match column {
                    "status" => ["L", "P", "O'K"].contains(&value),
                    "grade" => ["1", "2"].contains(&value),
                    _ => false,
                }
        },
    ));
    miner.observe(&event(1, sql));
    // The second time from memory.
    miner.observe(&event(2, sql));
    miner.finish().queries.into_iter().map(|query| query.sql).collect()
}

#[test]
fn a_public_code_stays_where_its_own_column_is_compared_with_it() {
    let kept = |condition: &str| {
        let sql = mine_with_codes(&format!("SELECT l.id FROM customer c, loan l WHERE {condition}"));
        assert_eq!(sql.len(), 1, "{condition}");
        sql[0].split(" WHERE ").nth(1).unwrap().to_owned()
    };
    assert_eq!(kept("l.status = 'L'"), "t1.status = 'L'");
    assert_eq!(kept("'L' <> l.status"), "'L' <> t1.status");
    assert_eq!(kept("status = 'O''K'"), "status = 'O''K'");
    assert_eq!(kept("grade = 2 AND l.amount > 70000"), "grade = 2 AND t1.amount > :p1");
    assert_eq!(kept("l.amount > 70000 AND (status IN ('P', 'L', 'P'))"), "t1.amount > :p1 AND (status IN ('L', 'P'))");
    assert_eq!(kept("c.city = 'Lyon' AND status = 'L'"), "t2.city = :p1 AND status = 'L'");
}

#[test]
fn a_literal_that_is_no_code_of_that_very_column_is_a_parameter() {
    for condition in [
        "l.status = 'Dupont'",
        "c.city = 'L'",
        "l.status IN ('L', 'Dupont')",
        "lower(l.status) = 'L'",
        "l.status LIKE 'L'",
        "l.status > 'L'",
        "l.status || 'x' = 'L'",
        "c.name = 'P' AND l.grade = 7",
        "grade = -1",
    ] {
        let sql = mine_with_codes(&format!("SELECT l.id FROM customer c, loan l WHERE {condition}"));
        let quoted = sql[0].contains('\'') || sql[0].contains(" 7") || sql[0].contains('1') && sql[0].contains("= 1");
        assert!(!quoted, "{condition}: {}", sql[0]);
    }
}

#[test]
fn a_code_is_followed_through_subqueries_and_unions() {
    let sql = "SELECT x.s FROM (SELECT status AS s FROM loan) x WHERE x.s = 'L'";
    assert!(mine_with_codes(sql)[0].ends_with("t1.s = 'L'"));
    let mixed = "SELECT x.s FROM (SELECT status AS s FROM loan UNION ALL SELECT name FROM customer) x WHERE x.s = 'L'";
    assert!(mine_with_codes(mixed)[0].ends_with("t1.s = :p1"), "one branch is a name");
    let case = "SELECT CASE WHEN status = 'P' THEN 'paid' ELSE 'Dupont' END FROM loan";
    assert!(mine_with_codes(case)[0].starts_with("SELECT CASE WHEN status = 'P' THEN :p1 ELSE :p2 END"));
}

#[test]
fn a_name_that_no_table_has_keeps_a_query_out_of_the_result() {
    for sql in [
        "SELECT name FROM customer WHERE email = \"jean@example.com\"",
        "SELECT name FROM customer WHERE name = dupont",
        "SELECT name AS \"jean@example.com\" FROM customer",
        "SELECT name FROM customer ORDER BY name = \"Jean\"",
    ] {
        assert!(mine(&[event(1, sql)]).queries.is_empty(), "{sql}");
    }
    for sql in [
        "SELECT filter(ARRAY[name], x -> x = 'a'), current_date, normalize(name, NFC) FROM customer",
        "SELECT \"name\" AS \"Nom\" FROM customer ORDER BY \"Nom\"",
        "SELECT u.x FROM customer CROSS JOIN UNNEST(ARRAY[name]) AS u (x) WHERE x = 'a'",
    ] {
        assert_eq!(mine(&[event(1, sql)]).queries.len(), 1, "{sql}");
    }
}

#[test]
fn one_wrong_clock_does_not_make_all_other_queries_old() {
    let now = 20_002 * DAY_MS;
    let mut wrong = event(99, "SELECT id FROM loan WHERE amount > 70000");
    wrong.ended_at_ms = Some(now + 400 * DAY_MS);
    let mut events = workload();
    let options = MinerOptions { now_ms: Some(now), ..MinerOptions::default() };
    let ranks = |events: &[QueryEvent]| {
        let mut miner = QueryMiner::new(schema(), options.clone());
        events.iter().for_each(|event| miner.observe(event));
        let log = miner.finish();
        (log.skewed, log.queries.iter().map(|q| (q.fingerprint.clone(), q.rank)).collect::<Vec<_>>())
    };
    let (_, before) = ranks(&events);
    events.push(wrong);
    let (skewed, after) = ranks(&events);
    assert_eq!((skewed, after.len()), (1, before.len() + 1));
    assert!(before.iter().all(|rank| after.contains(rank)));
}

#[test]
fn usage_is_counted_by_day_for_queries_that_finished() {
    let join = "SELECT l.id FROM customer c JOIN loan l ON l.customer_id = c.id";
    let mut events: Vec<QueryEvent> = (0..4).map(|i| event(i, join)).collect();
    events[1].ended_at_ms = Some(20_001 * DAY_MS);
    events[2].state = QueryState::Failed;
    events[3].ended_at_ms = Some(19_900 * DAY_MS);
    let usage = mine(&events).usage;
    let days: Vec<_> = usage.tables.iter().map(|t| (t.table.name().to_owned(), t.day, t.queries)).collect();
    let expected = |name: &str, day: i32| (name.to_owned(), Day(day), 1);
    assert_eq!(
        days,
        [
            expected("customer", 20_000),
            expected("customer", 20_001),
            expected("loan", 20_000),
            expected("loan", 20_001)
        ],
        "the day that is too old is left out"
    );
    assert_eq!((usage.joins.len(), usage.totals[0].queries, usage.totals[0].users), (2, 3, 2));
}

#[test]
fn what_no_person_asks_ranks_low_and_is_not_proposed() {
    let person = "SELECT c.name FROM customer c WHERE c.city = 'x'";
    let tool = "SELECT min(id), max(id) FROM loan";
    let dashboard = "SELECT status, count(*) FROM loan GROUP BY 1";
    let preview = "SELECT * FROM loan LIMIT 100";
    let near = "SELECT c.name FROM customer c WHERE c.city = 'x' LIMIT 10";
    let mut events = Vec::new();
    for i in 0..30 {
        let id = i * 10;
        events.push(event(id, person));
        events.push(QueryEvent { source: Some("dbt-trino-1.9".into()), ..event(id + 1, tool) });
        events.push(QueryEvent { ended_at_ms: Some(i as i64 * 300_000), ..event(id + 2, dashboard) });
        events.push(event(id + 3, preview));
        if i % 2 == 0 {
            events.push(event(id + 4, near));
        }
    }
    let log = mine(&events);
    let noise = |part: &str| log.queries.iter().find(|q| q.sql.contains(part)).unwrap().noise;
    assert_eq!(noise("min(id)"), Some(QueryNoise::Tool));
    assert_eq!(noise("GROUP BY"), Some(QueryNoise::Dashboard));
    assert_eq!(noise("LIMIT 100"), Some(QueryNoise::Preview));
    assert!(log.queries[0].sql.contains("city"), "people first");
    let proposed: Vec<&str> = worth_proposing(&log, ProposalRule::default()).map(|q| q.sql.as_str()).collect();
    assert!(proposed.iter().all(|sql| sql.contains("city") || sql.contains("GROUP BY")), "{proposed:?}");
    assert_eq!(proposed.iter().filter(|sql| sql.contains("city")).count(), 1, "of near duplicates the best");
}
