//! `joins`: ways to join tables, or the whole graph.

use std::io::Write as _;

use catalog_core::Result;
use catalog_core::model::Fqn;

use super::arguments::{JoinsVerb, Output};
use super::{Exit, output_failed, print_json};
use crate::config::Config;
use crate::report::{grid, plain};
use crate::wiring;

/// Prints hints for the named tables, or every key when none is named.
pub(super) async fn run(verb: &JoinsVerb, config: &Config, output: Output) -> Result<Exit> {
    let desk = wiring::existing_stores(config).await?.desk();
    let graph = desk.join_graph().await?;
    if verb.tables.is_empty() {
        return edges(&graph, output);
    }
    let mut tables: Vec<Fqn> = Vec::new();
    for name in &verb.tables {
        tables.push(desk.table(name).await?.table.table_ref.fqn);
    }
    let hints = graph.hints(&tables);
    if output == Output::Json {
        print_json(&hints)?;
        return Ok(Exit::Done);
    }
    let mut out = std::io::stdout().lock();
    if hints.is_empty() {
        writeln!(out, "no key connects these tables").map_err(output_failed)?;
    }
    for hint in &hints {
        let open = if hint.ambiguous { ", one of several ways" } else { "" };
        writeln!(out, "score {:.2}{open}\n{}\n", hint.score, plain_lines(&hint.sql)).map_err(output_failed)?;
    }
    Ok(Exit::Done)
}

fn edges(graph: &catalog_fk::JoinGraph, output: Output) -> Result<Exit> {
    if output == Output::Json {
        print_json(graph)?;
        return Ok(Exit::Done);
    }
    let mut table = grid(&["child", "parent", "score", "status"]);
    for edge in graph.edges() {
        let side = |s: &catalog_core::model::ColumnSet| plain(&format!("{} ({})", s.table, s.columns.join(", ")));
        let score = format!("{:.2}", edge.score);
        table.add_row([side(&edge.child), side(&edge.parent), score, edge.status.as_str().to_owned()]);
    }
    writeln!(std::io::stdout().lock(), "{table}").map_err(output_failed)?;
    Ok(Exit::Done)
}

fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}
