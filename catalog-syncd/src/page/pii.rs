//! Personal data: what voters dispute first, who voted what.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use catalog_core::model::{ChangeKind, PiiVerdict, ProposalId, ProposalState, TableId};
use catalog_core::ports::ledger::{ProposalFilter, ProposalOrder};

use super::cards::{Card, Standing};
use super::query::Asked;
use super::shell::{Looker, Shell};
use super::{Answer, page};
use crate::api::App;

const CARDS: usize = 12;

#[derive(Template)]
#[template(path = "page/pii.html")]
struct Pii {
    shell: Shell,
    /// Table's id and name with each card.
    cards: Vec<(String, String, Card)>,
    more: Option<String>,
}

pub(super) async fn pii(State(app): State<Arc<App>>, looker: Looker, asked: Asked) -> Answer {
    let shell = Shell::new(&app, &looker, "pii").await?;
    let ledger = &app.parts.desk.ledger;
    // A disputed tag is never surer than even odds, so the least sure are the disputed ones.
    let filter = ProposalFilter {
        state: Some(ProposalState::Open),
        kind: Some(ChangeKind::Pii),
        name_holds: asked.filled("name"),
        order: ProposalOrder::LeastSure,
        after: asked.filled("after").map(ProposalId),
        limit: CARDS + 1,
        ..ProposalFilter::default()
    };
    let mut proposals = ledger.proposals(&filter).await?;
    let full = proposals.len() > CARDS;
    proposals.truncate(CARDS);
    let more = proposals.last().filter(|_| full).map(|p| asked.with("after", &p.id.0));
    let mut verdicts: HashMap<TableId, Vec<PiiVerdict>> = HashMap::new();
    let now = app.parts.clock.now_ms();
    let mut cards = Vec::with_capacity(proposals.len());
    for proposal in &proposals {
        let table = &proposal.operation.table;
        if !verdicts.contains_key(&table.id) {
            let state = ledger.state(&table.id).await?;
            verdicts.insert(table.id.clone(), state.map(|s| s.verdicts).unwrap_or_default());
        }
        let votes = verdicts.get(&table.id).map_or(&[][..], Vec::as_slice);
        let mut card = Card::of(proposal, Err(()), votes, &shell, now);
        // A dozen tables are not asked of the catalog for a list; publishing looks before it writes.
        card.standing = Standing::Fresh;
        cards.push((table.id.0.clone(), table.fqn.to_string(), card));
    }
    page(&Pii { shell, cards, more })
}
