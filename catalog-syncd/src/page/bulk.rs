//! Many proposals at once: those marked on a page, or a whole filter after a preview.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use catalog_core::model::{ChangeKind, Proposal, ProposalId, TableId};
use catalog_core::ports::ledger::{InboxFilter, ProposalFilter};

use super::decide::{back, publish, reason};
use super::form::Form;
use super::query::Asked;
use super::shell::{Looker, Shell, percent};
use super::{Answer, page};
use crate::api::{App, Problem};

/// Proposals decided by one click at most, as of one request of the API.
const DECIDED_MAX: usize = 1_000;
/// Proposals shown before a bulk decision.
const SHOWN: usize = 10;
/// Tables that may be marked.
const TABLES_MAX: usize = 50;
/// Proposals read for one marked table.
const OF_TABLE_MAX: usize = 500;

/// A proposal in a line.
struct Line {
    table: String,
    id: String,
    field: String,
    kind: &'static str,
    after: String,
    percent: u8,
}

#[derive(Template)]
#[template(path = "page/bulk.html")]
struct Preview {
    shell: Shell,
    asked: Asked,
    count: u64,
    lines: Vec<Line>,
    /// What was seen at this time is what is accepted: later proposals are left out.
    as_of_ms: i64,
    kinds: Vec<&'static str>,
    min: u8,
    most: usize,
}

pub(super) async fn preview(State(app): State<Arc<App>>, looker: Looker, asked: Asked) -> Answer {
    let shell = Shell::new(&app, &looker, "inbox").await?;
    let (count, shown) = match marked(&asked) {
        Some(tables) => {
            let all = of_tables(&app, &tables, &asked.filter()).await?;
            (all.len() as u64, all.into_iter().take(SHOWN).collect())
        }
        None => {
            let filter = asked.filter();
            (app.parts.desk.ledger.count_proposals(&filter).await?, some(&app, filter).await?)
        }
    };
    let kinds = ChangeKind::ALL.map(ChangeKind::as_str).into_iter().filter(|kind| shell.open(kind) > 0).collect();
    let min = asked.share("min").map_or(0, percent);
    let as_of_ms = app.parts.clock.now_ms();
    let lines = shown.iter().map(line).collect();
    page(&Preview { shell, asked, count, lines, as_of_ms, kinds, min, most: DECIDED_MAX })
}

pub(super) async fn decide(State(app): State<Arc<App>>, looker: Looker, form: Form) -> Result<Redirect, Problem> {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form.pairs().filter(|(key, _)| matches!(*key, "kind" | "name" | "min" | "group" | "table")))
        .finish();
    let asked = Asked::of("/bulk", &query);
    let as_of_ms: i64 = form.get("as_of").and_then(|text| text.parse().ok()).unwrap_or_default();
    let chosen = match marked(&asked) {
        Some(tables) => of_tables(&app, &tables, &asked.filter()).await?,
        None => {
            let filter = ProposalFilter { limit: DECIDED_MAX, ..asked.filter() };
            app.parts.desk.ledger.proposals(&filter).await?
        }
    };
    let chosen = chosen.into_iter().filter(|p| p.created_at_ms <= as_of_ms).map(|p| p.id).take(DECIDED_MAX);
    finish(&app, &looker, &form, chosen.collect()).await
}

/// Those marked on a table's page, or all that it showed.
pub(super) async fn marked_ones(State(app): State<Arc<App>>, looker: Looker, form: Form) -> Result<Redirect, Problem> {
    let field = if form.get("what") == Some("accept_all") { "shown" } else { "id" };
    let ids: Vec<ProposalId> = form.all(field).take(DECIDED_MAX).map(|id| ProposalId(id.to_owned())).collect();
    if ids.is_empty() {
        return Ok(back(&form, "nothing"));
    }
    finish(&app, &looker, &form, ids).await
}

async fn finish(app: &Arc<App>, looker: &Looker, form: &Form, ids: Vec<ProposalId>) -> Result<Redirect, Problem> {
    let (desk, by) = (&app.parts.desk, &looker.caller.name);
    let accepts = form.get("what") != Some("reject");
    let decided = if accepts {
        desk.accept(&ids, None, by).await?
    } else {
        desk.reject(&ids, &reason(form, looker)?, by).await?
    };
    let all = decided.len();
    let done: Vec<ProposalId> = decided.into_iter().filter(|one| one.outcome.is_ok()).map(|one| one.id).collect();
    let some_were_late = done.len() < all;
    if !done.is_empty() {
        desk.remember(by, accepts, done).await?;
    }
    let said = if accepts { publish(app).await? } else { "rejected" };
    Ok(back(form, if some_were_late { "partly" } else { said }))
}

fn marked(asked: &Asked) -> Option<Vec<TableId>> {
    let tables: Vec<TableId> = asked.all("table").take(TABLES_MAX).map(|id| TableId(id.to_owned())).collect();
    (!tables.is_empty()).then_some(tables)
}

async fn of_tables(app: &App, tables: &[TableId], filter: &ProposalFilter) -> Result<Vec<Proposal>, Problem> {
    let ledger = &app.parts.desk.ledger;
    let mut all = Vec::new();
    for id in tables {
        let Some(state) = ledger.state(id).await? else { continue };
        let table = Some(state.table.table_ref.fqn);
        let filter = ProposalFilter { table, limit: OF_TABLE_MAX, ..filter.clone() };
        all.extend(ledger.proposals(&filter).await?);
    }
    Ok(all)
}

/// A few at random. Ids are hashes: whatever stands behind a random one was chosen by chance.
async fn some(app: &App, filter: ProposalFilter) -> Result<Vec<Proposal>, Problem> {
    let ledger = &app.parts.desk.ledger;
    let mut found: Vec<Proposal> = Vec::new();
    for _ in 0..SHOWN {
        let random = uuid::Uuid::new_v4().simple().to_string().chars().take(12).collect();
        let one = ProposalFilter { after: Some(ProposalId(random)), limit: 1, ..filter.clone() };
        if let Some(one) = ledger.proposals(&one).await?.pop()
            && found.iter().all(|known| known.id != one.id)
        {
            found.push(one);
        }
    }
    if found.len() < SHOWN {
        let rest = ledger.proposals(&ProposalFilter { limit: SHOWN, ..filter }).await?;
        let new: Vec<Proposal> = rest.into_iter().filter(|p| found.iter().all(|known| known.id != p.id)).collect();
        found.extend(new.into_iter().take(SHOWN - found.len()));
    }
    Ok(found)
}

fn line(proposal: &Proposal) -> Line {
    let operation = &proposal.operation;
    Line {
        table: operation.table.fqn.to_string(),
        id: operation.table.id.0.clone(),
        field: operation.field.to_string(),
        kind: operation.field.kind().as_str(),
        after: operation.after.as_ref().map_or_else(|| "—".to_owned(), |v| v.to_string().chars().take(300).collect()),
        percent: percent(operation.confidence.value()),
    }
}

/// The first table of the inbox, for whoever is done with one.
pub(super) async fn next(State(app): State<Arc<App>>) -> Result<Redirect, Problem> {
    let first = app.parts.desk.ledger.inbox(&InboxFilter { limit: 1, ..InboxFilter::default() }).await?.pop();
    Ok(Redirect::to(&first.map_or_else(|| "/".to_owned(), |row| format!("/table/{}", row.table))))
}
