//! Joins, filters and projections of each construct, over a small bank.

use catalog_core::model::{EngineName, Fqn, JoinKind, MinedQueryLog, QueryEvent, QueryState, SkipReason};
use catalog_querylog::{MinerOptions, QueryMiner, SchemaTable};

const TABLES: [(&str, &[&str]); 8] = [
    ("customer", &["customer_id", "name", "email", "branch_id"]),
    ("account", &["account_id", "customer_id", "iban", "balance"]),
    ("branch", &["branch_id", "city"]),
    ("statement", &["card_no", "statement_no", "total"]),
    ("line", &["line_id", "card_no", "statement_no", "amount"]),
    ("employee", &["employee_id", "manager_id", "name"]),
    ("T_CLI", &["NUM_CLI", "LIB_NOM"]),
    ("shop_sale", &["shop_customer", "amount"]),
];

fn schema() -> Vec<SchemaTable> {
    TABLES
        .iter()
        .map(|(name, columns)| SchemaTable {
            fqn: Fqn::from_parts(["bank", "main", name]),
            engine: EngineName { catalog: "bank".into(), schema: "main".into(), table: (*name).into() },
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
        })
        .collect()
}

fn event(sql: &str) -> QueryEvent {
    QueryEvent {
        query_id: String::new(),
        sql: sql.to_owned(),
        state: QueryState::Finished,
        user_hash: "u".into(),
        source: None,
        catalog: Some("bank".into()),
        schema: Some("main".into()),
        inputs: Vec::new(),
        wall_ms: None,
        bytes: None,
        ended_at_ms: None,
    }
}

fn mine(sql: &str) -> MinedQueryLog {
    let mut miner = QueryMiner::new(schema(), MinerOptions::default());
    miner.observe(&event(sql));
    miner.finish()
}

/// Joins as `a.x+y = b.x+y`, marked with `~` when they go through an expression.
fn joins(sql: &str) -> Vec<String> {
    let log = mine(sql);
    assert!(log.skipped.is_empty(), "{:?}: {sql}", log.skipped);
    let mut joins: Vec<String> = log
        .joins
        .iter()
        .map(|j| {
            let mark = if j.kind == JoinKind::Expression { "~" } else { "=" };
            let side = |table: &Fqn, columns: &[String]| format!("{}.{}", table.name(), columns.join("+"));
            format!("{} {mark} {}", side(&j.left, &j.left_columns), side(&j.right, &j.right_columns))
        })
        .collect();
    joins.sort();
    joins
}

const BY_CUSTOMER: &str = "account.customer_id = customer.customer_id";

#[test]
fn the_ways_to_write_a_join_are_one_join() {
    for sql in [
        "SELECT * FROM customer c JOIN account a ON a.customer_id = c.customer_id",
        "SELECT * FROM customer c, account a WHERE c.customer_id = a.customer_id AND a.balance > 3",
        "SELECT * FROM customer JOIN account USING (customer_id)",
        "SELECT * FROM customer NATURAL JOIN account",
        "SELECT * FROM bank.main.customer JOIN main.ACCOUNT ON account.Customer_ID = main.customer.customer_id",
        "SELECT * FROM customer LEFT JOIN account a ON (customer.customer_id = a.customer_id AND a.balance = 1)",
        "SELECT * FROM customer c CROSS JOIN account a WHERE a.customer_id IS NOT DISTINCT FROM c.customer_id",
        "SELECT * FROM customer WHERE customer_id IN (SELECT customer_id FROM account)",
        "SELECT * FROM customer WHERE NOT (customer_id IN (SELECT a.customer_id FROM account a))",
        "SELECT * FROM customer WHERE customer_id = ANY (SELECT customer_id FROM account)",
        "SELECT * FROM customer c WHERE EXISTS (SELECT 1 FROM account WHERE account.customer_id = c.customer_id)",
        "SELECT * FROM customer c WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.customer_id = c.customer_id)",
        "SELECT (SELECT max(balance) FROM account a WHERE a.customer_id = c.customer_id) FROM customer c",
        "SELECT * FROM customer c CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.customer_id = c.customer_id) x",
        "SELECT * FROM (customer c JOIN account a ON a.customer_id = c.customer_id)",
        "WITH a AS (SELECT customer_id AS who FROM account) SELECT * FROM customer JOIN a ON who = customer_id",
        "WITH a (who) AS (SELECT customer_id FROM account), b AS (SELECT * FROM a) SELECT * FROM customer c JOIN b ON b.who = c.customer_id",
        "SELECT * FROM customer c JOIN (SELECT customer_id, sum(balance) s FROM account GROUP BY 1) a ON a.customer_id = c.customer_id",
        "SELECT * FROM customer c JOIN (SELECT * FROM account) AS a (x, y) ON a.y = c.customer_id",
        "INSERT INTO report SELECT c.name FROM customer c JOIN account a ON a.customer_id = c.customer_id",
        "CREATE TABLE report AS SELECT c.name FROM customer c JOIN account a ON a.customer_id = c.customer_id",
        "MERGE INTO account a USING customer c ON a.customer_id = c.customer_id WHEN MATCHED THEN DELETE",
        "SELECT * FROM customer c JOIN account a ON a.customer_id = c.customer_id OR a.balance = 0",
    ] {
        assert_eq!(joins(sql), [BY_CUSTOMER], "{sql}");
    }
}

#[test]
fn two_equalities_between_the_same_two_are_one_composite_join() {
    let composite = ["line.card_no+statement_no = statement.card_no+statement_no"];
    for sql in [
        "SELECT * FROM statement s JOIN line l ON l.statement_no = s.statement_no AND s.card_no = l.card_no",
        "SELECT * FROM statement JOIN line USING (card_no, statement_no)",
        "SELECT * FROM statement WHERE (card_no, statement_no) IN (SELECT card_no, statement_no FROM line)",
        "SELECT * FROM statement s, line l WHERE (s.card_no, s.statement_no) = (l.card_no, l.statement_no)",
    ] {
        assert_eq!(joins(sql), composite, "{sql}");
    }
}

#[test]
fn alternatives_and_repeated_columns_are_no_composite() {
    assert_eq!(
        joins("SELECT * FROM statement s JOIN line l ON l.card_no = s.card_no OR l.statement_no = s.statement_no"),
        ["line.card_no = statement.card_no", "line.statement_no = statement.statement_no"]
    );
    assert_eq!(
        joins(
            "SELECT * FROM customer c JOIN employee e ON e.employee_id = c.customer_id AND e.manager_id = c.customer_id"
        ),
        ["customer.customer_id = employee.employee_id", "customer.customer_id = employee.manager_id"]
    );
}

#[test]
fn two_roles_of_one_table_are_two_joins() {
    assert_eq!(
        joins(
            "SELECT * FROM customer c JOIN branch b ON b.branch_id = c.branch_id JOIN branch d ON d.branch_id = c.customer_id"
        ),
        ["branch.branch_id = customer.branch_id", "branch.branch_id = customer.customer_id"]
    );
}

#[test]
fn a_self_join_relates_two_columns_of_one_table() {
    assert_eq!(
        joins("SELECT * FROM employee e JOIN employee m ON m.employee_id = e.manager_id"),
        ["employee.employee_id = employee.manager_id"]
    );
    assert!(joins("SELECT * FROM employee e JOIN employee m ON m.employee_id = e.employee_id").is_empty());
    assert!(joins("SELECT * FROM employee e WHERE e.manager_id = e.employee_id").is_empty());
}

#[test]
fn a_join_through_a_cast_or_a_function_is_marked() {
    for condition in [
        "CAST(t.NUM_CLI AS bigint) = c.customer_id",
        "t.num_cli = try_cast(c.customer_id AS varchar)",
        "lower(trim(t.num_cli)) = c.customer_id",
        "coalesce(t.num_cli, 0) = c.customer_id",
    ] {
        let sql = format!("SELECT * FROM customer c JOIN t_cli t ON {condition}");
        assert_eq!(joins(&sql), ["T_CLI.NUM_CLI ~ customer.customer_id"], "{condition}");
    }
    assert!(joins("SELECT * FROM customer c JOIN t_cli t ON t.num_cli + 1 = c.customer_id").is_empty());
}

#[test]
fn every_branch_of_a_union_joins() {
    let sql = "SELECT * FROM customer c JOIN (SELECT customer_id AS who FROM account UNION ALL SELECT shop_customer FROM shop_sale) u ON u.who = c.customer_id";
    assert_eq!(joins(sql), [BY_CUSTOMER, "customer.customer_id = shop_sale.shop_customer"]);
}

#[test]
fn a_negated_equality_and_a_comparison_are_no_join() {
    for condition in
        ["NOT (a.customer_id = c.customer_id)", "a.customer_id <> c.customer_id", "a.customer_id < c.customer_id"]
    {
        assert!(joins(&format!("SELECT * FROM customer c, account a WHERE {condition}")).is_empty(), "{condition}");
    }
}

#[test]
fn an_ambiguous_name_is_settled_by_what_the_engine_read() {
    let sql = "SELECT * FROM customer c JOIN employee e ON name = e.employee_id";
    assert!(joins(sql).is_empty());
    let mut event = event(sql);
    event.inputs = vec![
        ("bank".into(), "main".into(), "customer".into(), vec!["name".into()]),
        ("bank".into(), "main".into(), "employee".into(), vec!["employee_id".into()]),
    ];
    let mut miner = QueryMiner::new(schema(), MinerOptions::default());
    miner.observe(&event);
    assert_eq!(miner.finish().joins[0].left_columns, ["name"]);
}

#[test]
fn a_recursive_expression_ends() {
    let sql = "WITH RECURSIVE up (id, boss) AS (SELECT employee_id, manager_id FROM employee UNION ALL \
               SELECT e.employee_id, e.manager_id FROM employee e JOIN up ON up.boss = e.employee_id) SELECT * FROM up";
    assert!(mine(sql).queries.len() == 1);
}

#[test]
fn filters_and_projections_are_counted_on_base_columns() {
    let log = mine(
        "SELECT c.name, sum(x.b) FROM customer c JOIN (SELECT customer_id, balance AS b FROM account WHERE iban LIKE 'FR%') x \
         ON x.customer_id = c.customer_id WHERE lower(c.email) = 'a' AND x.b > 10 GROUP BY 1",
    );
    let of = |filters: bool| -> Vec<String> {
        let count = |c: &&catalog_core::model::UsageCount| if filters { c.filters } else { c.projections };
        let mut names: Vec<String> =
            log.columns.iter().filter(|c| count(c) == 1).map(|c| format!("{}.{}", c.table.name(), c.column)).collect();
        names.sort();
        names
    };
    assert_eq!(of(true), ["account.balance", "account.iban", "customer.email"]);
    assert_eq!(of(false), ["account.balance", "customer.name"]);
}

#[test]
fn an_unparseable_text_still_counts_what_the_engine_read() {
    let mut event = event("SELECT name FROM customer PIVOTED SIDEWAYS BY (");
    event.inputs = vec![("bank".into(), "main".into(), "customer".into(), vec!["name".into()])];
    let mut miner = QueryMiner::new(schema(), MinerOptions::default());
    miner.observe(&event);
    let log = miner.finish();
    assert_eq!(log.skipped, [(SkipReason::Unparseable, 1)].into());
    assert_eq!((log.columns[0].column.as_str(), log.columns[0].projections), ("name", 1));
}

#[test]
fn events_that_teach_nothing_are_counted_by_reason() {
    let mut miner = QueryMiner::new(schema(), MinerOptions::default());
    let with = |sql: &str, id: &str, source: Option<&str>| QueryEvent {
        query_id: id.into(),
        source: source.map(str::to_owned),
        ..event(sql)
    };
    for event in [
        with("SELECT * FROM customer", "q1", None),
        with("SELECT * FROM customer", "q1", None),
        with("SELECT * FROM customer", "q2", Some("akko-catalog-sync")),
        with("SELECT * FROM nowhere.at.all_", "q3", None),
        with("SHOW TABLES", "q4", None),
        with("SELECT 1", "q5", None),
        with("EXPLAIN SELECT * FROM customer", "q6", None),
        with("SELEC", "q7", None),
        with(&"(".repeat(3_000), "q8", None),
        with(&format!("SELECT {} 1", "1,".repeat(600_000)), "q9", None),
    ] {
        miner.observe(&event);
    }
    miner.reject(SkipReason::MalformedLine, 3);
    let log = miner.finish();
    assert_eq!(log.events, 13);
    let expected = [
        (SkipReason::MalformedLine, 3),
        (SkipReason::Duplicate, 1),
        (SkipReason::Own, 1),
        (SkipReason::TooLong, 1),
        (SkipReason::TooDeep, 1),
        (SkipReason::Unparseable, 1),
        (SkipReason::UnknownTables, 1),
        (SkipReason::NotARead, 3),
    ];
    assert_eq!(log.skipped, expected.into());
    assert_eq!(log.queries.len(), 1);
}

#[test]
fn a_text_in_double_quotes_keeps_the_query_out_of_the_result() {
    let log =
        mine("SELECT c.name FROM customer c JOIN account a USING (customer_id) WHERE c.email = \"jean@example.com\"");
    assert!(log.queries.is_empty() && log.joins.len() == 1);
    assert_eq!(mine("SELECT \"name\" AS \"Nom\" FROM customer WHERE \"email\" = 'x'").queries.len(), 1);
}
