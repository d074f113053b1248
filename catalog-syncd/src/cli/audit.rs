//! `audit` and `undo`: what was changed, and taking it back.

use std::io::Write as _;

use catalog_core::model::{ProposalId, ProposalState, RunId};
use catalog_core::ports::ledger::AuditFilter;
use catalog_core::{Error, ErrorKind, Result};
use catalog_publish::undo::UndoScope;

use super::arguments::{AuditVerb, Output, UndoVerb};
use super::{Exit, output_failed, print_json};
use crate::actions::{Desk, Undone};
use crate::config::Config;
use crate::report::{grid, plain};
use crate::wiring;

/// Prints the latest rows.
pub(super) async fn run(verb: &AuditVerb, config: &Config, output: Output) -> Result<Exit> {
    let desk = wiring::existing_stores(config).await?.desk();
    let table = verb.table.as_deref().map(str::parse).transpose()?;
    let run = verb.run.clone().map(RunId);
    let filter = AuditFilter { table, run, from_ms: verb.from_ms, limit: verb.limit, ..AuditFilter::default() };
    let rows = desk.ledger.audit(&filter).await?;
    if output == Output::Json {
        print_json(&rows)?;
        return Ok(Exit::Done);
    }
    let mut grid = grid(&["time", "who", "what", "table", "field", "id"]);
    for row in &rows {
        let time =
            jiff::Timestamp::from_millisecond(row.at_ms).map_or_else(|_| row.at_ms.to_string(), |t| t.to_string());
        let operation = &row.operation;
        grid.add_row([
            time,
            plain(&row.actor),
            row.action.clone(),
            plain(&operation.table.fqn.to_string()),
            plain(&operation.field.to_string()),
            operation.id.0.chars().take(12).collect(),
        ]);
    }
    writeln!(std::io::stdout().lock(), "{grid}").map_err(output_failed)?;
    Ok(Exit::Done)
}

/// Takes back what was published, unless somebody changed it since.
pub(super) async fn undo(verb: &UndoVerb, config: &Config, output: Output) -> Result<Exit> {
    let desk = wiring::existing_stores(config).await?.desk();
    let by = &verb.by.by;
    let undone = match (&verb.operation, &verb.table, &verb.run) {
        (Some(id), None, None) => one(&desk, id, by).await?,
        (None, Some(table), None) => desk.undo(&UndoScope::Table(table.parse()?), by).await?,
        (None, None, Some(run)) => desk.undo(&UndoScope::Run(RunId(run.clone())), by).await?,
        _ => {
            let why = "say exactly one of an id, --table and --run";
            return Err(Error::new(ErrorKind::InvalidInput, "undo_change", why));
        }
    };
    let report = desk.publish().await?;
    if output == Output::Json {
        let published = serde_json::json!({ "published": report.published, "overtaken": report.withdrawn });
        print_json(&serde_json::json!({ "undone": undone, "published": published }))?;
    } else {
        let mut out = std::io::stdout().lock();
        for name in &undone.sent {
            writeln!(out, "taken back: {}", plain(name)).map_err(output_failed)?;
        }
        for name in &undone.refused {
            writeln!(out, "left alone, somebody changed it since: {}", plain(name)).map_err(output_failed)?;
        }
        writeln!(out, "published {}, overtaken {}", report.published, report.withdrawn).map_err(output_failed)?;
    }
    Ok(if report.failed > 0 { Exit::Incomplete } else { Exit::Done })
}

/// Takes back a steward's decision where the id is a proposal's, else the published operation.
async fn one(desk: &Desk, id: &str, by: &str) -> Result<Undone> {
    let proposal = ProposalId(id.to_owned());
    match desk.ledger.proposal(&proposal).await? {
        Some(known) if matches!(known.state, ProposalState::Accepted | ProposalState::Rejected) => {
            desk.undo_decision(&proposal, by).await
        }
        _ => desk.undo(&UndoScope::Operation(desk.published(id).await?), by).await,
    }
}
