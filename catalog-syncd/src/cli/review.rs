//! `review`: the steward's queue on the command line.

use std::io::Write as _;

use catalog_core::model::{
    ChangeKind, FieldPath, Fqn, Proposal, ProposalId, ProposalState, WakeReason, WalkStage, WorkItem,
};
use catalog_core::ports::Clock as _;
use catalog_core::ports::ledger::{Decision, ProposalFilter, Proposals as _, WorkQueue as _};
use catalog_core::{Error, ErrorKind, Result};
use catalog_publish::Outbound;

use super::arguments::{Output, ReviewAction, ReviewVerb, Steward};
use super::{Exit, output_failed, print_json};
use crate::config::Config;
use crate::report::{grid, plain};
use crate::walk::index_is_stale;
use crate::wiring::{self, Stores, SystemClock};

/// Most proposals that one listing shows.
const LIST_MAX: usize = 10_000;

/// Lists or decides proposals.
pub(super) async fn run(verb: &ReviewVerb, config: &Config) -> Result<Exit> {
    let stores = wiring::existing_stores(config)?;
    match &verb.action {
        ReviewAction::List { table, kind, all, output } => {
            let filter = ProposalFilter {
                state: (!all).then_some(ProposalState::Open),
                kind: kind.as_deref().map(parse_kind).transpose()?,
                table: table.as_deref().map(str::parse::<Fqn>).transpose()?,
                limit: LIST_MAX,
                ..ProposalFilter::default()
            };
            list(&stores.ledger.proposals(&filter).await?, *output)
        }
        ReviewAction::Accept { ids, text, by } => {
            if text.is_some() && ids.len() > 1 {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    "accept_proposals",
                    "one text cannot serve several ids",
                )
                .hint("give one id with --text"));
            }
            let decision = Decision::Accept { edited: text.clone() };
            let decided = decide(&stores, ids, by, &decision).await;
            // What was accepted before an id that cannot be decided is published all the same.
            let exit = publish(&stores).await?;
            decided.map(|()| exit)
        }
        ReviewAction::Reject { ids, reason, by } => {
            decide(&stores, ids, by, &Decision::Reject { reason: reason.clone() }).await?;
            Ok(Exit::Done)
        }
    }
}

fn parse_kind(text: &str) -> Result<ChangeKind> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| {
        Error::new(ErrorKind::InvalidInput, "list_proposals", "there is no such kind of change")
            .with("kind", text)
            .hint("use description, column_description, pii, key or query")
    })
}

fn list(proposals: &[Proposal], output: Output) -> Result<Exit> {
    if output == Output::Json {
        print_json(&proposals)?;
        return Ok(Exit::Done);
    }
    let mut table = grid(&["id", "state", "table", "field", "change", "sure", "why"]);
    for p in proposals {
        let operation = &p.operation;
        let to_text = |v: &Option<_>| v.as_ref().map_or_else(|| "(empty)".to_owned(), ToString::to_string);
        let change = match &operation.before {
            None => to_text(&operation.after),
            before => format!("{} ⇒ {}", to_text(before), to_text(&operation.after)),
        };
        table.add_row([
            p.id.to_string(),
            p.state.as_str().to_owned(),
            plain(&operation.table.fqn.to_string()),
            plain(&operation.field.to_string()),
            plain(&change),
            format!("{:.2}", operation.confidence.value()),
            p.reason.clone().unwrap_or_else(|| p.why.clone()),
        ]);
    }
    let mut out = std::io::stdout().lock();
    let more = if proposals.len() >= LIST_MAX { " and more: decide some, or filter by --table or --kind" } else { "" };
    writeln!(out, "{table}\n{} proposals{more}", proposals.len()).map_err(output_failed)?;
    Ok(Exit::Done)
}

/// Decides all ids or stops at the first that cannot be decided; those before it stay decided.
async fn decide(stores: &Stores, ids: &[String], by: &Steward, decision: &Decision) -> Result<()> {
    for id in ids {
        let proposal = stores.ledger.decide(&ProposalId(id.clone()), &by.by, decision, SystemClock.now_ms()).await?;
        let operation = &proposal.operation;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{} {}: {} of {}", proposal.state.as_str(), proposal.id, operation.field, operation.table.fqn)
            .map_err(output_failed)?;
        drop(out);
        if matches!(operation.field, FieldPath::VerifiedQuery { .. }) {
            continue;
        }
        // The next sync sees the catalog's new text: in the index and in the neighbours' evidence.
        index_is_stale(&*stores.ledger).await?;
        let item = WorkItem { table: operation.table.clone(), reason: WakeReason::Manual };
        stores.ledger.enqueue(&[item], WalkStage::Describe).await?;
    }
    Ok(())
}

async fn publish(stores: &Stores) -> Result<Exit> {
    let report = Outbound::drain(&*stores.ledger, &*stores.catalog, &SystemClock, None).await?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "published {}, overtaken by somebody's edit {}", report.published, report.withdrawn)
        .map_err(output_failed)?;
    for (table, error) in &report.failures {
        writeln!(out, "not published yet: {table}: {error}").map_err(output_failed)?;
    }
    Ok(if report.failed > 0 { Exit::Incomplete } else { Exit::Done })
}
