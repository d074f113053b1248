//! How ADEN uses the crate: fetch the join graph once, ask it for every question.
//!
//! `cargo run -p catalog-fk --example aden` answers for a small graph; ADEN gets the same JSON from
//! `GET /api/v1/join-graph`.

use catalog_core::model::Fqn;
use catalog_fk::JoinGraph;

const GRAPH: &str = r#"{
  "version": 1,
  "tables": {},
  "edges": [
    {"child": {"table": "dwh.bank.loan", "columns": ["account_id"]},
     "parent": {"table": "dwh.bank.account", "columns": ["id"]}, "score": 0.98, "status": "confirmed"},
    {"child": {"table": "dwh.bank.holder", "columns": ["account_id"]},
     "parent": {"table": "dwh.bank.account", "columns": ["id"]}, "score": 0.97, "status": "confirmed"},
    {"child": {"table": "dwh.bank.holder", "columns": ["client_id"]},
     "parent": {"table": "dwh.bank.client", "columns": ["id"]}, "score": 0.99, "status": "confirmed"}
  ]
}"#;

#[allow(clippy::print_stdout)] // an example talks to its reader
fn main() -> catalog_core::Result<()> {
    let graph = JoinGraph::from_json(GRAPH)?;
    // "Which clients are late on a loan?" The embedding search named two tables; the graph knows what lies between.
    let tables: Vec<Fqn> = vec!["dwh.bank.loan".parse()?, "dwh.bank.client".parse()?];
    for hint in graph.hints(&tables) {
        println!("{} (score {:.2}{})", hint.sql, hint.score, if hint.ambiguous { ", ambiguous" } else { "" });
    }
    Ok(())
}
