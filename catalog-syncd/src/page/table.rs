//! One table: its open proposals as cards, and the evidence that they rest on.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use catalog_core::model::{
    ChangeKind, CurrentTable, FieldPath, FieldValue, Proposal, ProposalId, ProposalState, TableId,
};
use catalog_core::ports::ledger::{InboxFilter, ProposalFilter, ProposalOrder};

use super::cards::Card;
use super::evidence::Evidence;
use super::query::Asked;
use super::shell::{Looker, Shell};
use super::{Answer, page};
use crate::api::{App, Problem};

/// Cards of a page.
const CARDS: usize = 10;
/// How long the catalog may take to say what it holds now.
const CATALOG_WAIT: Duration = Duration::from_secs(2);

#[derive(Template)]
#[template(path = "page/table.html")]
struct TablePage {
    shell: Shell,
    schema: String,
    name: String,
    fqn: String,
    current: Option<String>,
    cards: Vec<Card>,
    evidence: Option<Evidence>,
    /// The next page of this table's proposals.
    more: Option<String>,
    /// The next table of the inbox.
    next: Option<String>,
}

pub(super) async fn table(State(app): State<Arc<App>>, Path(id): Path<String>, looker: Looker, asked: Asked) -> Answer {
    let shell = Shell::new(&app, &looker, "inbox").await?;
    let ledger = &app.parts.desk.ledger;
    let id = TableId(id);
    let missing = || Problem::new(StatusCode::NOT_FOUND, "not_found", shell.w("table.unknown"));
    let state = ledger.state(&id).await?.ok_or_else(missing)?;
    let reference = state.table.table_ref.clone();
    let filter = ProposalFilter {
        state: Some(ProposalState::Open),
        table: Some(reference.fqn.clone()),
        order: ProposalOrder::LeastSure,
        after: asked.filled("after").map(ProposalId),
        limit: CARDS + 1,
        ..ProposalFilter::default()
    };
    let mut proposals = ledger.proposals(&filter).await?;
    let more = proposals.len() > CARDS;
    proposals.truncate(CARDS);
    let more = proposals.last().filter(|_| more).map(|p| asked.with("after", &p.id.0));
    proposals.sort_by_key(rank);
    let current = tokio::time::timeout(CATALOG_WAIT, app.parts.desk.publisher.read(&reference)).await;
    let current: Result<Option<CurrentTable>, ()> = match current {
        Ok(Ok(current)) => Ok(current),
        Ok(Err(_)) | Err(_) => Err(()),
    };
    let now = app.parts.clock.now_ms();
    let seen = || match &current {
        Ok(entry) => Ok(entry.as_ref()),
        Err(()) => Err(()),
    };
    let cards = proposals.iter().map(|p| Card::of(p, seen(), &state.verdicts, &shell, now)).collect();
    let proposed = proposals.iter().find_map(text_of);
    let described = seen().ok().flatten().and_then(|c| c.get(&FieldPath::Description)).map(|f| f.value.to_string());
    let next = next_table(&app, &id).await?;
    let parts = reference.fqn.parts();
    page(&TablePage {
        schema: parts[..parts.len().saturating_sub(1)].join("."),
        name: reference.fqn.name().to_owned(),
        fqn: reference.fqn.to_string(),
        current: described,
        evidence: Some(Evidence::of(&state, proposed, app.parts.language)),
        shell,
        cards,
        more,
        next,
    })
}

/// The table's own description first, then what voters dispute.
fn rank(proposal: &Proposal) -> u8 {
    match proposal.operation.field.kind() {
        ChangeKind::Description => 0,
        ChangeKind::Pii => 1,
        ChangeKind::Key => 2,
        _ => 3,
    }
}

fn text_of(proposal: &Proposal) -> Option<&str> {
    match (&proposal.operation.field, &proposal.operation.after) {
        (FieldPath::Description, Some(FieldValue::Text(text))) => Some(text),
        _ => None,
    }
}

/// The first other table of the inbox.
async fn next_table(app: &App, id: &TableId) -> Result<Option<String>, Problem> {
    let first = app.parts.desk.ledger.inbox(&InboxFilter { limit: 2, ..InboxFilter::default() }).await?;
    Ok(first.into_iter().map(|row| row.table).find(|table| table != id).map(|table| table.0))
}
