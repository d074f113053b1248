//! What was changed, by whom and why, with the way back.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use catalog_core::model::{AuditRow, Fqn};
use catalog_core::ports::ledger::AuditFilter;

use super::query::Asked;
use super::shell::{Looker, Shell};
use super::{Answer, page};
use crate::api::App;

/// Rows of a page, and of the longest one.
const ROWS: usize = 60;
const ROWS_MAX: usize = 480;
/// Rows that are looked through for a run.
const LOOKED_MAX: usize = 10_000;
/// Characters of a value.
const VALUE_CHARS: usize = 160;

struct Line {
    at: String,
    actor: String,
    action: String,
    table: String,
    field: String,
    before: String,
    after: String,
    operation: String,
    run: Option<String>,
    published: bool,
}

#[derive(Template)]
#[template(path = "page/audit.html")]
struct Audit {
    shell: Shell,
    asked: Asked,
    lines: Vec<Line>,
    more: Option<String>,
}

pub(super) async fn audit(State(app): State<Arc<App>>, looker: Looker, asked: Asked) -> Answer {
    let shell = Shell::new(&app, &looker, "audit").await?;
    let wanted: usize = asked.get("rows").parse().unwrap_or(ROWS).clamp(ROWS, ROWS_MAX);
    let run = asked.filled("run");
    let limit = if run.is_some() { LOOKED_MAX } else { wanted + 1 };
    let table = asked.filled("table").and_then(|name| name.parse::<Fqn>().ok());
    let filter = AuditFilter { table, limit, ..AuditFilter::default() };
    let rows = app.parts.desk.ledger.audit(&filter).await?;
    let of_run = |row: &&AuditRow| run.as_ref().is_none_or(|run| row.run.as_ref().is_some_and(|r| r.0 == *run));
    let mut lines: Vec<Line> = rows.iter().rev().filter(of_run).take(wanted + 1).map(line).collect();
    let full = lines.len() > wanted && wanted < ROWS_MAX;
    lines.truncate(wanted);
    let more = full.then(|| asked.with("rows", &(wanted * 2).to_string()));
    page(&Audit { shell, asked, lines, more })
}

fn line(row: &AuditRow) -> Line {
    let operation = &row.operation;
    let shown = |value: &Option<catalog_core::model::FieldValue>| {
        value.as_ref().map_or_else(|| "—".to_owned(), |v| v.to_string().chars().take(VALUE_CHARS).collect())
    };
    let at = jiff::Timestamp::from_millisecond(row.at_ms).map(|t| t.strftime("%Y-%m-%d %H:%M:%S").to_string());
    Line {
        at: at.unwrap_or_default(),
        actor: row.actor.clone(),
        action: row.action.clone(),
        table: operation.table.fqn.to_string(),
        field: operation.field.to_string(),
        before: shown(&operation.before),
        after: shown(&operation.after),
        operation: operation.id.0.clone(),
        run: row.run.as_ref().map(|run| run.0.clone()),
        published: row.action == "published",
    }
}
