//! Bombs, garbage and floods end in a count, never in a crash, and never in unbounded memory.

use catalog_core::model::{EngineName, Fqn, MinedQueryLog, QueryEvent, QueryState, SkipReason};
use catalog_querylog::{MinerOptions, QueryMiner, SchemaTable};
use proptest::prelude::*;

fn schema() -> Vec<SchemaTable> {
    let table = |name: &str| SchemaTable {
        fqn: Fqn::from_parts(["main", name]),
        engine: EngineName { catalog: String::new(), schema: "main".into(), table: name.into() },
        columns: vec!["a".into(), "b".into()],
    };
    vec![table("t"), table("u")]
}

fn event(sql: String, id: String) -> QueryEvent {
    QueryEvent {
        query_id: id,
        sql,
        state: QueryState::Finished,
        user_hash: String::new(),
        source: None,
        catalog: None,
        schema: None,
        inputs: Vec::new(),
        wall_ms: Some(1),
        bytes: None,
        ended_at_ms: Some(1),
    }
}

fn mine(sql: String) -> MinedQueryLog {
    let mut miner = QueryMiner::new(schema(), MinerOptions::default());
    miner.observe(&event(sql, String::new()));
    miner.finish()
}

fn skipped(sql: String) -> Option<SkipReason> {
    mine(sql).skipped.into_keys().next()
}

#[test]
fn nested_bombs_are_too_deep_or_unparseable() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("SELECT * FROM (", "SELECT 1", ") x"),
        ("a IN (SELECT a FROM t WHERE ", "TRUE", ")"),
        ("CASE WHEN ", "1", " THEN 1 END"),
        ("f(", "1", ")"),
        ("NOT ", "a", ""),
        ("- ", "1", ""),
        ("ARRAY[", "1", "]"),
        ("VALUES (", "1", ")"),
        ("CAST(CAST(1 AS array(", "bigint", ")) AS x)"),
        ("json_value(", "a", ", 'x')"),
        ("a = ANY (VALUES ", "1", ")"),
    ] {
        let body = format!("{}{middle}{}", open.repeat(800), close.repeat(800));
        for sql in [body.clone(), format!("SELECT {body} FROM t"), format!("SELECT * FROM t WHERE {body}")] {
            let reason = skipped(sql);
            assert!(
                matches!(reason, Some(SkipReason::TooDeep | SkipReason::Unparseable | SkipReason::CutOff)),
                "{open}: {reason:?}"
            );
        }
    }
}

#[test]
fn nesting_just_within_the_limit_is_read_on_a_small_stack() {
    for depth in [1, 5, 15, 19, 25, 39] {
        let subqueries = format!("{}SELECT a FROM t{}", "SELECT a FROM (".repeat(depth), ") x".repeat(depth));
        mine(subqueries);
        let conditions =
            format!("SELECT a FROM t WHERE {}TRUE{}", "a IN (SELECT a FROM t WHERE ".repeat(depth), ")".repeat(depth));
        mine(conditions);
    }
}

#[test]
fn long_chains_are_read() {
    for chain in [" OR a = 7", " AND b = 7", " OR t.a + 1 > 3", " AND a = b = a"] {
        let log = mine(format!("SELECT a FROM t WHERE a = 1{}", chain.repeat(600)));
        assert!(log.skipped.is_empty(), "{chain}: {:?}", log.skipped);
    }
    let log = mine(format!("SELECT a{} FROM t", " + 1".repeat(2_000)));
    assert!(log.skipped.is_empty());
    let log = mine(format!("SELECT a FROM t{}", " UNION ALL SELECT b FROM u".repeat(600)));
    assert!(log.skipped.is_empty());
}

#[test]
fn a_query_of_ten_megabytes_is_too_long() {
    assert_eq!(skipped(format!("SELECT '{}' FROM t", "x".repeat(10 << 20))), Some(SkipReason::TooLong));
}

#[test]
fn a_flood_of_different_queries_stays_within_the_caps() {
    let options = MinerOptions {
        queries_tracked_max: 50,
        analyses_max: 20,
        recent_ids_max: 10,
        queries_max: 30,
        ..MinerOptions::default()
    };
    let mut miner = QueryMiner::new(schema(), options);
    for i in 0..400 {
        miner.observe(&event(format!("SELECT a AS c{i} FROM t"), format!("q{i}")));
        miner.observe(&event("SELECT b FROM u".into(), format!("r{i}")));
    }
    let log = miner.finish();
    assert_eq!(log.events, 800);
    assert!((20..=30).contains(&log.queries.len()), "{}", log.queries.len());
    assert_eq!((log.queries[0].sql.as_str(), log.queries[0].runs), ("SELECT b FROM u", 400), "what runs often is kept");
}

#[test]
fn a_miner_can_move_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&QueryMiner::new(Vec::new(), MinerOptions::default()));
}

proptest! {
    #[test]
    fn any_text_is_counted_once(sql in "\\PC{0,120}") {
        let log = mine(sql);
        prop_assert_eq!(log.skipped.values().sum::<u64>() + log.queries.len() as u64, 1);
    }

    #[test]
    fn any_damage_to_a_query_is_survived(cut in 0usize..170, insert in "[()'\",.;*\\-/ ]{0,3}") {
        let sql = "WITH w AS (SELECT a, count(*) AS n FROM t WHERE b = 'x' GROUP BY 1) SELECT w.a, u.b FROM w LEFT JOIN u ON u.a = w.a AND u.b IN (1, 2) WHERE EXISTS (SELECT 1 FROM t) ORDER BY 2";
        let cut = cut.min(sql.len());
        mine(format!("{}{insert}{}", &sql[..cut], &sql[cut..]));
        mine(format!("{}{insert}", &sql[..cut]));
    }
}
