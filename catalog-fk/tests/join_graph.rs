//! Promises of join hints.

use catalog_core::model::{ColumnSet, ForeignKey, Fqn, KeyEvidence, KeyStatus};
use catalog_fk::{JoinGraph, JoinHint};
use proptest::prelude::*;

fn fqn(table: &str) -> Fqn {
    Fqn::from_parts(["dwh", "shop", table])
}

fn key(child: &str, column: &str, parent: &str, score: f64) -> ForeignKey {
    let set = |table, column: &str| ColumnSet { table: fqn(table), columns: vec![column.to_owned()] };
    ForeignKey {
        child: set(child, column),
        parent: set(parent, "id"),
        score,
        status: if score >= 0.5 { KeyStatus::Confirmed } else { KeyStatus::Proposed },
        orphans: Some(0),
        vacuous: false,
        sampled: false,
        evidence: KeyEvidence::new(),
    }
}

fn hints(keys: &[ForeignKey], tables: &[&str]) -> Vec<JoinHint> {
    let tables: Vec<Fqn> = tables.iter().map(|t| fqn(t)).collect();
    JoinGraph::new(keys, []).hints(&tables)
}

fn route(hint: &JoinHint) -> Vec<String> {
    hint.steps.iter().map(|s| format!("{}.{}", s.right.table.name(), s.right.columns[0])).collect()
}

#[test]
fn two_tables_meet_through_their_bridge() {
    let keys = [key("enrollment", "student_id", "student", 0.9), key("enrollment", "course_id", "course", 0.9)];
    let found = hints(&keys, &["student", "course"]);
    assert_eq!(route(&found[0]), ["enrollment.student_id", "course.id"]);
    assert_eq!(found[0].bridges, [fqn("enrollment")]);
    assert!(!found[0].ambiguous && (found[0].score - 0.81).abs() < 1e-9);
}

#[test]
fn two_roles_of_one_table_are_ambiguous() {
    let keys = [key("orders", "ship_addr", "address", 0.95), key("orders", "bill_addr", "address", 0.95)];
    let found = hints(&keys, &["orders", "address"]);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|h| h.ambiguous));
    assert_ne!(found[0].sql, found[1].sql);
}

#[test]
fn a_bridge_is_better_than_a_parent_that_both_happen_to_share() {
    let keys = [
        key("orders", "day_id", "days", 1.0),
        key("returns", "day_id", "days", 1.0),
        key("returns", "line_id", "lines", 0.9),
        key("lines", "order_id", "orders", 0.9),
    ];
    assert_eq!(route(&hints(&keys, &["orders", "returns"])[0]), ["lines.order_id", "returns.line_id"]);
}

#[test]
fn many_tables_are_connected_one_after_another() {
    let keys = [
        key("lines", "order_id", "orders", 0.9),
        key("lines", "product_id", "products", 0.9),
        key("orders", "customer_id", "customers", 0.9),
    ];
    let found = hints(&keys, &["customers", "products", "lines"]);
    assert_eq!(route(&found[0]), ["orders.customer_id", "lines.order_id", "products.id"]);
    assert_eq!(found[0].sql.matches("JOIN").count(), 3);
}

#[test]
fn unconnected_unknown_and_proposed_give_no_hint() {
    let keys = [key("a", "b_id", "b", 0.9), key("c", "d_id", "d", 0.9), key("a", "c_id", "c", 0.3)];
    assert!(hints(&keys, &["a", "c"]).is_empty());
    assert!(hints(&keys, &["a", "nowhere"]).is_empty());
    assert!(hints(&keys, &["a"]).is_empty());
}

#[test]
fn names_with_quotes_stay_names() {
    let keys = [key("x\" OR \"1", "y\"z", "b", 0.9)];
    let sql = &hints(&keys, &["x\" OR \"1", "b"])[0].sql;
    assert!(sql.contains("\"x\"\" OR \"\"1\"") && sql.contains("\"y\"\"z\""));
}

#[test]
fn the_json_form_reads_back_and_bad_text_is_an_error() {
    let graph = JoinGraph::new(&[key("a", "b_id", "b", 0.9)], []);
    assert_eq!(JoinGraph::from_json(&graph.to_json().unwrap()).unwrap(), graph);
    for bad in ["", "[]", "{\"version\": 99, \"tables\": {}, \"edges\": []}"] {
        assert!(JoinGraph::from_json(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn every_hint_joins_all_tables_each_once(
        pairs in prop::collection::vec((0_u8..12, 0_u8..12, 0.5_f64..1.0), 0..30),
        asked in prop::collection::vec(0_u8..12, 2..5),
    ) {
        let name = |n: u8| format!("t{n}");
        let keys: Vec<ForeignKey> =
            pairs.iter().map(|(c, p, s)| key(&name(*c), &format!("{}_id", name(*p)), &name(*p), *s)).collect();
        let asked: Vec<Fqn> = asked.iter().map(|n| fqn(&name(*n))).collect();
        for hint in JoinGraph::new(&keys, []).hints(&asked) {
            let mut joined = vec![asked[0].clone()];
            for step in &hint.steps {
                prop_assert!(joined.contains(&step.left.table));
                prop_assert!(!joined.contains(&step.right.table));
                joined.push(step.right.table.clone());
            }
            prop_assert!(asked.iter().all(|t| joined.contains(t)));
        }
    }
}
