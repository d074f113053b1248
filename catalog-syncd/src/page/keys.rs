//! Keys: child and parent side by side, the counts behind them, SQL to try, and the neighbourhood as a picture.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use catalog_core::model::{
    ChangeKind, FieldValue, ForeignKey, Fqn, KeyEvidence, KeyStatus, Proposal, ProposalId, ProposalState, TableState,
};
use catalog_core::ports::ledger::{KeyLink, ProposalFilter, ProposalOrder};
use catalog_fk::JoinGraph;

use super::query::Asked;
use super::shell::{Looker, Shell, percent};
use super::{Answer, page};
use crate::api::{App, Problem};
use crate::report::diagram::diagrams;
use crate::report::document::KeyReport;

const KEYS: usize = 12;
/// Keys in the picture.
const PICTURE_MAX: usize = 24;
/// Links read at a time.
const LINKS: usize = 500;

/// One side of a key.
struct Side {
    table: String,
    columns: String,
    /// Native type, NULL share, distinct values of the first column, and rows of the table.
    facts: Option<(String, u8, u64, u64)>,
}

impl Side {
    fn schema(&self) -> &str {
        self.table.rsplit_once('.').map_or("", |(schema, _)| schema)
    }

    fn name(&self) -> &str {
        self.table.rsplit_once('.').map_or(self.table.as_str(), |(_, name)| name)
    }
}

struct KeyView {
    id: String,
    child: Side,
    parent: Side,
    percent: u8,
    containment: Option<u8>,
    orphans: Option<u64>,
    vacuous: bool,
    sampled: bool,
    removed: bool,
    witnesses: Vec<(String, String)>,
    sql: Option<String>,
}

#[derive(Template)]
#[template(path = "page/keys.html")]
struct Keys {
    shell: Shell,
    keys: Vec<KeyView>,
    picture: Option<String>,
    more: Option<String>,
}

pub(super) async fn keys(State(app): State<Arc<App>>, looker: Looker, asked: Asked) -> Answer {
    let shell = Shell::new(&app, &looker, "keys").await?;
    let ledger = &app.parts.desk.ledger;
    let filter = ProposalFilter {
        state: Some(ProposalState::Open),
        kind: Some(ChangeKind::Key),
        name_holds: asked.filled("name"),
        order: ProposalOrder::LeastSure,
        after: asked.filled("after").map(ProposalId),
        limit: KEYS + 1,
        ..ProposalFilter::default()
    };
    let one = asked.filled("id");
    let mut proposals = match &one {
        Some(id) => ledger.proposal(&ProposalId(id.clone())).await?.into_iter().collect(),
        None => ledger.proposals(&filter).await?,
    };
    let full = proposals.len() > KEYS;
    proposals.truncate(KEYS);
    let more = proposals.last().filter(|_| full).map(|p| asked.with("after", &p.id.0));
    let mut views = Vec::with_capacity(proposals.len());
    let mut picture = None;
    for proposal in &proposals {
        let Some((key, removed)) = key_of(proposal) else { continue };
        let mut view = view(proposal, key, removed);
        let child = ledger.state(&proposal.operation.table.id).await?;
        view.child.facts = child.as_ref().and_then(|state| facts(state, &key.child.columns));
        if one.is_some() {
            // The picture takes a look at the keys of all tables, so only one key gets it.
            let parent = app.parts.desk.table(&key.parent.table.to_string()).await.ok();
            view.parent.facts = parent.as_ref().and_then(|state| facts(state, &key.parent.columns));
            view.sql = sql(key, [child.as_ref(), parent.as_ref()]);
            picture = Some(neighbourhood(&app, key).await?);
        }
        views.push(view);
    }
    page(&Keys { shell, keys: views, picture, more })
}

fn key_of(proposal: &Proposal) -> Option<(&ForeignKey, bool)> {
    match (&proposal.operation.before, &proposal.operation.after) {
        (_, Some(FieldValue::Key(key))) => Some((key, false)),
        (Some(FieldValue::Key(key)), None) => Some((key, true)),
        _ => None,
    }
}

fn view(proposal: &Proposal, key: &ForeignKey, removed: bool) -> KeyView {
    let side =
        |table: &Fqn, columns: &[String]| Side { table: table.to_string(), columns: columns.join(", "), facts: None };
    KeyView {
        id: proposal.id.0.clone(),
        child: side(&key.child.table, &key.child.columns),
        parent: side(&key.parent.table, &key.parent.columns),
        percent: percent(key.score),
        containment: key.evidence.get("containment").map(percent),
        orphans: key.orphans,
        vacuous: key.vacuous,
        sampled: key.sampled,
        removed,
        // The error of a containment that was counted is nothing to tell.
        witnesses: (key.evidence.iter())
            .filter(|(name, value)| *name != "containment_error" || *value > 0.0)
            .map(|(name, value)| (name.to_owned(), witness(name, value)))
            .collect(),
        sql: None,
    }
}

/// Joins are counted; everything else is a share.
fn witness(name: &str, value: f64) -> String {
    if name == "log_joins" { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn facts(state: &TableState, columns: &[String]) -> Option<(String, u8, u64, u64)> {
    let first = columns.first()?;
    let column = state.table.column(first)?;
    let profile = state.profile.as_ref()?;
    let figures = profile.columns.iter().find(|c| c.name == *first)?;
    let distinct = figures.distinct.map_or(0, |d| d.value);
    Some((column.native_type.clone(), figures.null_ratio.map_or(0, percent), distinct, profile.row_count))
}

/// A query that shows a few joined rows, to be run by whoever may see them.
fn sql(key: &ForeignKey, sides: [Option<&TableState>; 2]) -> Option<String> {
    let names = sides.into_iter().flatten().map(|s| (s.table.fqn().clone(), s.table.table_ref.engine.clone()));
    let trusted = ForeignKey { status: KeyStatus::Confirmed, ..key.clone() };
    let graph = JoinGraph::new(&[trusted], names);
    let hint = graph.hints(&[key.child.table.clone(), key.parent.table.clone()]).into_iter().next()?;
    Some(format!("SELECT *\n{}\nLIMIT 10", hint.sql))
}

/// The keys of and into both tables.
async fn neighbourhood(app: &App, key: &ForeignKey) -> Result<String, Problem> {
    let ends = [&key.child.table, &key.parent.table];
    let mut near = vec![report(&key.child.table, &KeyLink { status: KeyStatus::Proposed, ..KeyLink::of(key) })];
    let mut after = None;
    while near.len() < PICTURE_MAX {
        let page = app.parts.desk.ledger.links(after.as_ref(), LINKS).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.table.id.clone());
        for links in &page {
            let fqn = &links.table.fqn;
            let touching = links.keys.iter().filter(|k| ends.contains(&fqn) || ends.contains(&&k.parent.table));
            let known = |k: &&KeyLink| *fqn != key.child.table || k.columns != key.child.columns;
            near.extend(touching.filter(known).map(|k| report(fqn, k)));
        }
    }
    near.truncate(PICTURE_MAX);
    Ok(diagrams(&near).concat())
}

fn report(child: &Fqn, link: &KeyLink) -> KeyReport {
    KeyReport {
        child_table: child.to_string(),
        child_columns: link.columns.clone(),
        parent_table: link.parent.table.to_string(),
        parent_columns: link.parent.columns.clone(),
        score: 0.0,
        status: link.status,
        orphans: None,
        vacuous: false,
        sampled: false,
        evidence: KeyEvidence::new(),
    }
}
