//! The inbox: one row a table, what is used most and known least first.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use catalog_core::model::{ChangeKind, FieldPath, FieldValue, Proposal, ProposalState, TableId};
use catalog_core::ports::ledger::{InboxFilter, InboxPlace, InboxRow, ProposalFilter};

use super::query::Asked;
use super::shell::{Looker, Shell, age, band, percent};
use super::{Answer, page};
use crate::api::{App, Problem};

/// Tables of a page.
const TABLES: usize = 40;
/// Groups above the tables.
const GROUPS: usize = 5;

/// A table's row.
pub(super) struct Row {
    pub(super) id: String,
    /// The name without its last part.
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) chips: Vec<(&'static str, u64)>,
    pub(super) percent: u8,
    /// `low`, `middle` or `high`.
    pub(super) band: &'static str,
    pub(super) queries: u64,
    pub(super) age: String,
    /// The proposed description, if one is open.
    pub(super) text: Option<String>,
}

/// The same change in several tables.
pub(super) struct Group {
    key: String,
    kind: &'static str,
    column: String,
    value: String,
    tables: u64,
    percent: u8,
}

#[derive(Template)]
#[template(path = "page/inbox.html")]
struct Inbox {
    shell: Shell,
    asked: Asked,
    rows: Vec<Row>,
    groups: Vec<Group>,
    kinds: Vec<(&'static str, u64)>,
    next: Option<String>,
}

pub(super) async fn inbox(State(app): State<Arc<App>>, looker: Looker, asked: Asked) -> Answer {
    let shell = Shell::new(&app, &looker, "inbox").await?;
    let ledger = &app.parts.desk.ledger;
    let filter = InboxFilter {
        kind: asked.kind(),
        name_holds: asked.filled("name"),
        confidence_min: asked.share("min"),
        after: asked.place(),
        limit: TABLES + 1,
    };
    let mut found = ledger.inbox(&filter).await?;
    let more = found.len() > TABLES;
    found.truncate(TABLES);
    let next = found.last().filter(|_| more).map(|row| asked.with("after", &place_text(&row.place())));
    let first = asked.place().is_none() && filter.name_holds.is_none() && filter.confidence_min.is_none();
    let groups = if first { ledger.groups(GROUPS).await? } else { Vec::new() };
    let groups = groups.into_iter().filter(|g| asked.kind().is_none_or(|k| g.first.operation.field.kind() == k));
    let groups = groups.map(|g| group(&g.key, &g.first, g.tables, g.confidence_min)).collect();
    let now = app.parts.clock.now_ms();
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let text = match row.kinds.contains_key(&ChangeKind::Description) {
            true => description(&app, &row).await?,
            false => None,
        };
        rows.push(view(row, text, &shell, now));
    }
    let kinds = ChangeKind::ALL.map(|kind| (kind.as_str(), shell.open(kind.as_str())));
    let kinds = kinds.into_iter().filter(|(_, open)| *open > 0).collect();
    page(&Inbox { shell, asked, rows, groups, kinds, next })
}

/// A place in the inbox as it stands in an address.
fn place_text(place: &InboxPlace) -> String {
    format!("{:?}~{}", place.priority, place.table.0)
}

/// The place in an address.
pub(super) fn place_of(text: &str) -> Option<InboxPlace> {
    let (priority, table) = text.split_once('~')?;
    Some(InboxPlace { priority: priority.parse().ok()?, table: TableId(table.to_owned()) })
}

async fn description(app: &App, row: &InboxRow) -> Result<Option<String>, Problem> {
    let filter = ProposalFilter {
        state: Some(ProposalState::Open),
        kind: Some(ChangeKind::Description),
        table: Some(row.fqn.clone()),
        limit: 1,
        ..ProposalFilter::default()
    };
    let found = app.parts.desk.ledger.proposals(&filter).await?.pop();
    Ok(found.and_then(|p| match p.operation.after {
        Some(FieldValue::Text(text)) => Some(text.chars().take(300).collect()),
        _ => None,
    }))
}

fn view(row: InboxRow, text: Option<String>, shell: &Shell, now_ms: i64) -> Row {
    let parts = row.fqn.parts();
    Row {
        schema: parts[..parts.len().saturating_sub(1)].join("."),
        name: row.fqn.name().to_owned(),
        chips: row.kinds.iter().map(|(kind, n)| (kind.as_str(), *n)).collect(),
        percent: percent(row.confidence_min),
        band: band(row.confidence_min),
        queries: row.queries,
        age: age(shell.words(), row.oldest_ms, now_ms),
        text,
        id: row.table.0,
    }
}

fn group(key: &str, first: &Proposal, tables: u64, least: f64) -> Group {
    let column = match &first.operation.field {
        FieldPath::ColumnDescription { column } | FieldPath::ColumnPii { column } => column.clone(),
        other => other.to_string(),
    };
    let value = match &first.operation.after {
        Some(FieldValue::Pii { entity, .. }) => entity.as_str().to_owned(),
        Some(other) => other.to_string().chars().take(160).collect(),
        None => "—".to_owned(),
    };
    Group {
        key: key.to_owned(),
        kind: first.operation.field.kind().as_str(),
        column,
        value,
        tables,
        percent: percent(least),
    }
}
