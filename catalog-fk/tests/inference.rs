//! Promises of key inference, on small schemas built cell by cell.

use std::sync::Arc;

use catalog_core::model::{
    CellRef, ColumnSet, ConfirmCheck, ConfirmCount, DataType, DeclaredKey, ForeignKey, Fqn, JoinKind, KeptHashes,
    KeyColumn, KeyStatus, KeyTable, MinedJoin, RelateInput, TableKind,
};
use catalog_core::ports::{ConfirmBudget, FkMatcher};
use catalog_fk::fingerprint::FingerprintBuilder;
use catalog_fk::{CrossCatalog, KeyMatcher, KeyOptions};

const BUDGET: ConfirmBudget = ConfirmBudget { checks_max: 100, rows_max: 1_000_000_000 };

fn fqn(table: &str) -> Fqn {
    Fqn::from_parts(["shop", "main", table])
}

fn integers(name: &str, values: impl IntoIterator<Item = i64>) -> (String, DataType, Vec<Option<String>>) {
    (name.to_owned(), DataType::Integer, values.into_iter().map(|v| Some(v.to_string())).collect())
}

fn texts(name: &str, values: impl IntoIterator<Item = String>) -> (String, DataType, Vec<Option<String>>) {
    (name.to_owned(), DataType::Text, values.into_iter().map(Some).collect())
}

fn table(name: &str, columns: Vec<(String, DataType, Vec<Option<String>>)>) -> KeyTable {
    let rows = columns.iter().map(|c| c.2.len()).max().unwrap_or(0);
    let columns = columns
        .into_iter()
        .map(|(name, data_type, values)| {
            let mut builder = FingerprintBuilder::new(data_type);
            for row in 0..rows {
                let cell = values.get(row).and_then(Option::as_deref);
                builder.push(cell.map_or(CellRef::Null, CellRef::Text));
            }
            KeyColumn::new(name, data_type, builder.finish())
        })
        .collect();
    KeyTable {
        fqn: fqn(name),
        catalog: "shop".to_owned(),
        kind: TableKind::Table,
        row_count: rows as u64,
        columns,
        primary_key: Vec::new(),
        declared: Vec::new(),
    }
}

fn input(tables: Vec<KeyTable>) -> RelateInput {
    RelateInput { tables, ..RelateInput::default() }
}

fn customers(n: i64) -> KeyTable {
    table("customers", vec![integers("id", 1..=n), texts("name", (0..n).map(|i| format!("Customer {i}")))])
}

fn orders(n: i64, customers: i64) -> KeyTable {
    table("orders", vec![integers("id", 1..=n), integers("customer_id", (0..n).map(|i| i * 7 % customers + 1))])
}

fn infer(input: &RelateInput) -> Vec<ForeignKey> {
    infer_with(&KeyMatcher::default(), input, |_| None)
}

fn infer_with(
    matcher: &KeyMatcher,
    input: &RelateInput,
    count: impl Fn(&ConfirmCheck) -> Option<ConfirmCount>,
) -> Vec<ForeignKey> {
    let candidates = matcher.candidates(input);
    let plan = matcher.plan(input, &candidates, BUDGET);
    let counts: Vec<_> = plan.checks.iter().map(|check| (check.clone(), count(check))).collect();
    matcher.conclude(input, candidates, &counts)
}

fn arrows(keys: &[ForeignKey], status: KeyStatus) -> Vec<String> {
    let mut arrows: Vec<String> = keys
        .iter()
        .filter(|k| k.status == status)
        .map(|k| {
            format!(
                "{}.{} -> {}.{}",
                k.child.table.name(),
                k.child.columns.join("+"),
                k.parent.table.name(),
                k.parent.columns.join("+")
            )
        })
        .collect();
    arrows.sort();
    arrows
}

fn clean(parent_rows: u64) -> ConfirmCount {
    ConfirmCount { child_distinct: 500, orphans: 0, parent_rows, parent_distinct: parent_rows, sampled: false }
}

#[test]
fn small_columns_are_settled_without_a_query() {
    let input = input(vec![customers(40), orders(90, 40)]);
    let matcher = KeyMatcher::default();
    let candidates = matcher.candidates(&input);
    let best = &candidates[0];
    assert_eq!((best.child.table.name(), best.parent.table.name()), ("orders", "customers"));
    assert!(matcher.plan(&input, &candidates, BUDGET).checks.is_empty());
    assert_eq!(arrows(&infer(&input), KeyStatus::Confirmed), ["orders.customer_id -> customers.id"]);
}

#[test]
fn large_columns_wait_for_their_count() {
    let input = input(vec![customers(900), orders(3_000, 500)]);
    let unchecked = infer(&input);
    assert_eq!(arrows(&unchecked, KeyStatus::Confirmed), Vec::<String>::new());
    assert_eq!(arrows(&unchecked, KeyStatus::Proposed), ["orders.customer_id -> customers.id"]);
    let checked = infer_with(&KeyMatcher::default(), &input, |_| Some(clean(900)));
    assert_eq!(arrows(&checked, KeyStatus::Confirmed), ["orders.customer_id -> customers.id"]);
}

#[test]
fn a_few_values_against_a_large_dimension_are_found_by_name_and_range() {
    let dates = table(
        "date_dim",
        vec![integers("d_date_sk", 2_400_000..2_450_000), integers("d_year", (0..50_000).map(|i| i / 366))],
    );
    let sales = table(
        "web_site",
        vec![
            texts("web_site_id", (0..12).map(|i| format!("SITE{i:06}"))),
            integers("web_open_date_sk", (0..12).map(|i| 2_410_000 + i % 3 * 77)),
            integers("web_tax_percentage", (0..12).map(|i| i % 4)),
        ],
    );
    let keys = infer_with(&KeyMatcher::default(), &input(vec![dates, sales]), |_| Some(clean(50_000)));
    assert_eq!(arrows(&keys, KeyStatus::Confirmed), ["web_site.web_open_date_sk -> date_dim.d_date_sk"]);
}

#[test]
fn more_orphans_than_the_tolerance_are_proposed_and_never_confirmed() {
    let orphans = |n| ConfirmCount { orphans: n, ..clean(900) };
    let input = input(vec![customers(900), orders(3_000, 500)]);
    let matcher = KeyMatcher::default();
    let within = infer_with(&matcher, &input, |_| Some(orphans(25)));
    assert_eq!((within[0].status, within[0].orphans), (KeyStatus::Confirmed, Some(25)));
    let beyond = infer_with(&matcher, &input, |_| Some(orphans(26)));
    assert_eq!(beyond[0].status, KeyStatus::Proposed);
    let strict = KeyMatcher::new(KeyOptions { max_orphan_ratio: 0.0, ..KeyOptions::default() });
    assert_eq!(infer_with(&strict, &input, |_| Some(orphans(1)))[0].status, KeyStatus::Proposed);
}

#[test]
fn a_parent_that_turns_out_to_repeat_is_no_parent() {
    let input = input(vec![customers(900), orders(3_000, 500)]);
    let keys =
        infer_with(&KeyMatcher::default(), &input, |_| Some(ConfirmCount { parent_distinct: 899, ..clean(900) }));
    assert!(keys.is_empty());
}

#[test]
fn a_zero_for_nothing_does_not_hide_a_key() {
    let customer = (0..30).map(|i| if i < 5 { 0 } else { i % 10 + 1 });
    let orders = table("orders", vec![integers("id", 1..=30), integers("customer_id", customer)]);
    let keys = infer(&input(vec![customers(12), orders]));
    assert_eq!((keys[0].status, keys[0].orphans), (KeyStatus::Confirmed, Some(1)));
}

#[test]
fn sequences_that_contain_each_other_are_no_keys() {
    let tables = ["customers", "products", "suppliers"]
        .map(|name| table(name, vec![integers("id", 1..=50), texts("name", (0..50).map(|i| format!("{name} {i}")))]));
    assert_eq!(arrows(&infer(&input(tables.into())), KeyStatus::Confirmed), Vec::<String>::new());
}

#[test]
fn booleans_codes_measures_and_nulls_are_no_keys() {
    let mut items = table(
        "items",
        vec![
            integers("item_no", 1..=60),
            integers("active", (0..60).map(|i| i % 2)),
            integers("quantity", (0..60).map(|i| i % 9 + 1)),
            texts("status", (0..60).map(|i| ["open", "closed"][i % 2].to_owned())),
            texts("shipped", (0..60).map(|i| format!("2024-01-{:02}", i % 28 + 1))),
        ],
    );
    let mut nulls = FingerprintBuilder::new(DataType::Integer);
    (0..60).for_each(|_| {
        nulls.push(CellRef::Null);
    });
    items.columns.push(KeyColumn::new("legacy", DataType::Integer, nulls.finish()));
    let keys = infer(&input(vec![items, customers(40)]));
    assert_eq!(arrows(&keys, KeyStatus::Confirmed), Vec::<String>::new());
}

#[test]
fn the_namesake_table_wins_over_other_sequences_and_over_other_references() {
    let extra = table(
        "customer_details",
        vec![integers("customer_id", 1..=40), texts("note", (0..40).map(|i| format!("n{i}")))],
    );
    let products = table("products", vec![integers("id", 1..=45)]);
    let keys = infer(&input(vec![products, extra, customers(40), orders(90, 40)]));
    assert_eq!(
        arrows(&keys, KeyStatus::Confirmed),
        ["customer_details.customer_id -> customers.id", "orders.customer_id -> customers.id"]
    );
}

#[test]
fn an_employee_refers_to_a_manager_of_the_same_table() {
    let employees = table(
        "employees",
        vec![integers("employee_id", 100..140), integers("manager_id", (0..40).map(|i| 100 + i / 6))],
    );
    let keys = infer(&input(vec![employees]));
    assert_eq!(arrows(&keys, KeyStatus::Confirmed), ["employees.manager_id -> employees.employee_id"]);
}

#[test]
fn legacy_names_in_french_are_understood() {
    let clients =
        table("T_CLI", vec![integers("NUM_CLI", 1..=60), texts("NOM_CLI", (0..60).map(|i| format!("Client {i}")))]);
    let agencies =
        table("T_AGC", vec![integers("NUM_AGC", 1..=60), texts("LIB_AGC", (0..60).map(|i| format!("Agence {i}")))]);
    let addresses = table(
        "T_CLI_ADR",
        vec![
            integers("NUM_ADR", 1..=80),
            integers("NUM_CLI", (0..80).map(|i| i * 7 % 60 + 1)),
            integers("CD_AGENCE", (0..80).map(|i| i * 11 % 60 + 1)),
        ],
    );
    let keys = infer(&input(vec![agencies, addresses, clients]));
    assert_eq!(
        arrows(&keys, KeyStatus::Confirmed),
        ["T_CLI_ADR.CD_AGENCE -> T_AGC.NUM_AGC", "T_CLI_ADR.NUM_CLI -> T_CLI.NUM_CLI"]
    );
}

#[test]
fn empty_tables_need_names_and_are_marked_vacuous() {
    let empty = |name: &str, columns: &[&str]| table(name, columns.iter().map(|c| integers(c, [])).collect());
    let keys = infer(&input(vec![
        empty("customers", &["customer_id", "age"]),
        empty("orders", &["order_id", "customer_id", "total"]),
    ]));
    assert_eq!(arrows(&keys, KeyStatus::Confirmed), ["orders.customer_id -> customers.customer_id"]);
    assert!(keys[0].vacuous);
}

#[test]
fn declared_keys_come_out_and_are_not_inferred_again() {
    let mut child = orders(90, 40);
    child.declared = vec![DeclaredKey {
        columns: vec!["customer_id".to_owned()],
        parent: fqn("customers"),
        parent_columns: vec!["id".to_owned()],
    }];
    let keys = infer(&input(vec![customers(40), child]));
    assert_eq!(arrows(&keys, KeyStatus::Declared), ["orders.customer_id -> customers.id"]);
    assert_eq!(keys.len(), 1);
}

#[test]
fn a_composite_key_is_found_and_confirmed_by_its_count() {
    let stock = table(
        "partsupp",
        vec![
            integers("ps_partkey", (0..400).map(|i| i / 4)),
            integers("ps_suppkey", (0..400).map(|i| (i / 4 + i % 4 * 7) % 30)),
            integers("ps_availqty", (0..400).map(|i| i % 50)),
        ],
    );
    let lines = table(
        "lineitem",
        vec![
            integers("l_orderkey", (0..900).map(|i| i / 3)),
            integers("l_partkey", (0..900).map(|i| i % 100)),
            integers("l_suppkey", (0..900).map(|i| (i % 100 + i % 4 * 7) % 30)),
            integers("l_quantity", (0..900).map(|i| i % 50)),
        ],
    );
    let keys = infer_with(&KeyMatcher::default(), &input(vec![stock, lines]), |_| Some(clean(400)));
    let composite = "lineitem.l_partkey+l_suppkey -> partsupp.ps_partkey+ps_suppkey".to_owned();
    assert!(arrows(&keys, KeyStatus::Confirmed).contains(&composite));
}

#[test]
fn numbered_parts_are_referred_to_whatever_the_columns_are_called() {
    // A device's readings are numbered anew for each device; disputes quote a reading by both.
    let readings = table(
        "eqrdg",
        vec![
            integers("eqser", (0..600).map(|i| 70_000 + i / 6)),
            integers("rdsq", (0..600).map(|i| i % 6 + 1)),
            integers("idxkwh", (0..600).map(|i| 1_000 + i * 13)),
        ],
    );
    let disputes = table(
        "rddsp",
        vec![
            integers("dspno", 1..=80),
            integers("eqser", (0..80).map(|i| 70_000 + i * 7 % 100)),
            integers("rdsq", (0..80).map(|i| i % 6 + 1)),
        ],
    );
    let keys = infer_with(&KeyMatcher::default(), &input(vec![readings, disputes]), |_| Some(clean(80)));
    let found = arrows(&keys, KeyStatus::Confirmed);
    assert!(found.contains(&"rddsp.eqser+rdsq -> eqrdg.eqser+rdsq".to_owned()), "{found:?}");
}

#[test]
fn returns_refer_to_lines_of_sales_by_number_and_item() {
    let lines = |name: &str, prefix: &str, every: usize| {
        let rows = || (0..1_200_i64).step_by(every);
        table(
            name,
            vec![
                integers(&format!("{prefix}_sold_date_sk"), rows().map(|i| i / 4 % 90)),
                integers(&format!("{prefix}_item_sk"), rows().map(|i| (i / 4 * 7 + i % 4 * 31) % 150)),
                integers(&format!("{prefix}_store_sk"), rows().map(|i| i / 4 % 12)),
                integers(&format!("{prefix}_ticket_number"), rows().map(|i| i / 4 + 1)),
                integers(&format!("{prefix}_quantity"), rows().map(|i| i % 50)),
            ],
        )
    };
    let input = input(vec![lines("store_sales", "ss", 1), lines("store_returns", "sr", 5)]);
    let count = |check: &ConfirmCheck| {
        let unique = check.parent.columns == ["ss_item_sk", "ss_ticket_number"];
        Some(ConfirmCount { parent_distinct: if unique { 1_200 } else { 300 }, ..clean(1_200) })
    };
    assert_eq!(
        arrows(&infer_with(&KeyMatcher::default(), &input, count), KeyStatus::Confirmed),
        ["store_returns.sr_item_sk+sr_ticket_number -> store_sales.ss_item_sk+ss_ticket_number"]
    );
}

#[test]
fn other_catalogs_are_looked_at_only_when_asked() {
    let mut parent = customers(40);
    parent.catalog = "hive".to_owned();
    let input = input(vec![parent, orders(90, 40)]);
    assert!(infer(&input).is_empty());
    let pairs = CrossCatalog::Pairs(vec![("hive".to_owned(), "shop".to_owned())]);
    let matcher = KeyMatcher::new(KeyOptions { cross_catalog: pairs, ..KeyOptions::default() });
    assert_eq!(infer_with(&matcher, &input, |_| None).len(), 1);
}

#[test]
fn joins_that_people_run_reveal_a_key_whose_names_hide_it() {
    let codes = |n: i64| (0..n).map(|i| format!("K{:04}", i * 37 % 1_000));
    let zones = table("zz", vec![texts("a1", codes(40)), texts("a2", (0..40).map(|i| format!("x{i}")))]);
    let facts = table(
        "yy",
        vec![
            integers("b0", (0..200).map(|i| i % 7)),
            texts("b1", (0..200).map(|i| format!("K{:04}", i % 30 * 37 % 1_000))),
        ],
    );
    let mut input = input(vec![zones, facts]);
    let score =
        |input: &RelateInput| KeyMatcher::default().candidates(input).iter().map(|c| c.score).fold(0.0, f64::max);
    let before = score(&input);
    input.joins.push(MinedJoin {
        left: fqn("yy"),
        left_columns: vec!["b1".to_owned()],
        right: fqn("zz"),
        right_columns: vec!["a1".to_owned()],
        kind: JoinKind::Equality,
        runs: 40,
        users: 3,
    });
    assert!(score(&input) > before);
    assert_eq!(arrows(&infer(&input), KeyStatus::Confirmed), ["yy.b1 -> zz.a1"]);
}

#[test]
fn the_plan_keeps_its_budget_and_says_what_it_left() {
    let input = input(vec![customers(900), orders(3_000, 500)]);
    let matcher = KeyMatcher::default();
    let candidates = matcher.candidates(&input);
    let all = matcher.plan(&input, &candidates, BUDGET);
    assert_eq!(all.checks[0].child, ColumnSet { table: fqn("orders"), columns: vec!["customer_id".to_owned()] });
    let none = matcher.plan(&input, &candidates, ConfirmBudget { rows_max: 3_899, ..BUDGET });
    assert!(none.checks.is_empty() && none.beyond_budget == all.checks.len());
}

#[test]
fn a_view_is_neither_parent_nor_child() {
    let mut view = customers(40);
    view.kind = TableKind::View;
    assert!(infer(&input(vec![view, orders(90, 40)])).is_empty());
}

#[test]
fn nothing_at_all_gives_nothing() {
    assert!(infer(&RelateInput::default()).is_empty());
    assert!(infer(&input(vec![table("empty", Vec::new())])).is_empty());
}

#[test]
fn hashes_of_columns_that_can_be_in_no_key_are_never_looked_at() {
    let measured = |n: i64| ("amount".to_owned(), DataType::Float, (0..n).map(|i| Some(format!("{i}.5"))).collect());
    let flags =
        |n: i64| ("open".to_owned(), DataType::Boolean, (0..n).map(|i| Some((i % 2 == 0).to_string())).collect());
    let all = || {
        let lines = vec![integers("order_id", (0..300).map(|i| i % 200 + 1)), measured(300), flags(300)];
        input(vec![customers(50), orders(200, 50), table("order_lines", lines)])
    };
    let mut lean = all();
    for column in lean.tables.iter_mut().flat_map(|t| &mut t.columns) {
        if !catalog_fk::can_be_in_a_key(column.data_type, column.family) {
            column.hashes = Box::default();
        }
    }
    let left =
        |input: &RelateInput| input.tables.iter().flat_map(|t| &t.columns).filter(|c| c.hashes.is_empty()).count();
    assert_eq!((left(&all()), left(&lean)), (0, 2));
    let matcher = KeyMatcher::new(KeyOptions::default());
    let infer = |input: &RelateInput| {
        let candidates = matcher.candidates(input);
        let plan = matcher.plan(input, &candidates, BUDGET);
        format!("{:?} {:?}", plan.checks, matcher.conclude(input, candidates, &[]))
    };
    assert_eq!(infer(&all()), infer(&lean));
}

#[test]
fn keys_are_the_same_wherever_the_hashes_are_kept() {
    struct Elsewhere(Vec<Box<[i64]>>);
    impl KeptHashes for Elsewhere {
        fn read(&self, column: usize, out: &mut Vec<i64>) {
            out.extend_from_slice(&self.0[column]);
        }
    }
    let lines = vec![integers("order_id", (0..300).map(|i| i % 200 + 1)), integers("line", (0..300).map(|i| i % 3))];
    let all = || input(vec![customers(50), orders(200, 50), table("order_lines", lines.clone())]);
    let mut elsewhere = all();
    let columns = elsewhere.tables.iter_mut().flat_map(|t| &mut t.columns);
    elsewhere.hashes = Some(Arc::new(Elsewhere(columns.map(|c| std::mem::take(&mut c.hashes)).collect())));
    assert!(!infer(&all()).is_empty());
    assert_eq!(infer(&elsewhere), infer(&all()));
}

#[test]
fn a_column_that_many_could_explain_is_no_likelier_for_their_number() {
    let named =
        |name: &str| table(name, vec![integers("id", 1..=40), texts("name", (0..40).map(|i| format!("{name} {i}")))]);
    let score = |tables: usize| {
        let mut all: Vec<KeyTable> = (0..tables).map(|i| named(&format!("{}_list", WORDS[i]))).collect();
        all.push(table("facts", vec![integers("x1", (0..90).map(|i| i * 7 % 40 + 1))]));
        let matcher = KeyMatcher::new(KeyOptions { propose_score: 0.0, ..KeyOptions::default() });
        matcher
            .candidates(&input(all))
            .iter()
            .filter(|c| c.child.columns == ["x1"])
            .map(|c| c.score)
            .fold(0.0, f64::max)
    };
    let (few, many) = (score(8), score(16));
    assert!(few > 0.0 && many < few, "{few} {many}");
}

const WORDS: [&str; 16] = [
    "apple", "bridge", "cloud", "desert", "engine", "forest", "garden", "harbour", "island", "jacket", "kettle",
    "lantern", "mirror", "needle", "orchard", "pillow",
];
