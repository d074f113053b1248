//! `review`: the steward's queue on the command line.

use std::io::Write as _;

use catalog_core::model::{ChangeKind, Fqn, Proposal, ProposalId, ProposalState};
use catalog_core::ports::ledger::ProposalFilter;
use catalog_core::{Error, ErrorKind, Result};

use catalog_publish::DrainReport;
use catalog_querylog::proposals::SemanticModels;
use serde_json::json;

use super::arguments::{Output, ReviewAction, ReviewVerb};
use super::{Exit, output_failed, print_json};
use crate::actions::{Decided, Desk, Redraft};
use crate::config::Config;
use crate::report::{grid, plain};
use crate::wiring;

/// Most proposals that one listing shows.
const LIST_MAX: usize = 10_000;

/// Lists or decides proposals.
pub(super) async fn run(verb: &ReviewVerb, config: &Config, output: Output) -> Result<Exit> {
    let desk = wiring::existing_stores(config).await?.desk();
    match &verb.action {
        ReviewAction::List { table, kind, all } => {
            let filter = ProposalFilter {
                state: (!all).then_some(ProposalState::Open),
                kind: kind.as_deref().map(parse_kind).transpose()?,
                table: table.as_deref().map(str::parse::<Fqn>).transpose()?,
                limit: LIST_MAX,
                ..ProposalFilter::default()
            };
            list(&desk.ledger.proposals(&filter).await?, output)
        }
        ReviewAction::Accept { ids, text, by } => {
            let decided = desk.accept(&named(ids), text.as_deref(), &by.by).await?;
            // What was accepted before an id that cannot be decided is published all the same.
            let published = desk.publish().await?;
            tell(decided, Some(&published), output)
        }
        ReviewAction::Reject { ids, reason, by } => tell(desk.reject(&named(ids), reason, &by.by).await?, None, output),
        ReviewAction::Fragment { id, domain } => {
            let models = SemanticModels::at(&config.querylog.semantic_models_dir);
            let id = ProposalId(id.clone());
            let made = desk.fragment(&id, domain, &models, config.describe.language).await?;
            if output == Output::Json {
                print_json(&serde_json::json!({ "file": made.file, "fragment": made.fragment, "diff": made.diff }))?;
            } else {
                let shown = if made.diff.is_empty() { &made.fragment } else { &made.diff };
                write!(std::io::stdout().lock(), "{shown}").map_err(output_failed)?;
            }
            Ok(Exit::Done)
        }
        ReviewAction::Redraft { id, hint, by } => again(&desk, id, &Redraft::Hint(hint.clone()), &by.by, output).await,
        ReviewAction::Answer { id, text, by } => again(&desk, id, &Redraft::Answer(text.clone()), &by.by, output).await,
    }
}

/// Has a description written again.
async fn again(desk: &Desk, id: &str, say: &Redraft, by: &str, output: Output) -> Result<Exit> {
    let id = ProposalId(id.to_owned());
    let outcome = desk.redraft(&id, say, by).await;
    tell(vec![Decided { id, outcome }], None, output)
}

fn named(ids: &[String]) -> Vec<ProposalId> {
    ids.iter().cloned().map(ProposalId).collect()
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

/// Tells what became of each proposal and what was published; the first that could not be decided is the command's
/// error.
fn tell(decided: Vec<Decided>, published: Option<&DrainReport>, output: Output) -> Result<Exit> {
    if output == Output::Json {
        print_json(&outcome(&decided, published))?;
    } else {
        let mut out = std::io::stdout().lock();
        for proposal in decided.iter().filter_map(|one| one.outcome.as_ref().ok()) {
            let (field, table) = (&proposal.operation.field, &proposal.operation.table.fqn);
            writeln!(out, "{} {}: {field} of {table}", proposal.state.as_str(), proposal.id).map_err(output_failed)?;
        }
        if let Some(report) = published {
            writeln!(out, "published {}, overtaken by somebody's edit {}", report.published, report.withdrawn)
                .map_err(output_failed)?;
            for (table, error) in &report.failures {
                writeln!(out, "not published yet: {table}: {error}").map_err(output_failed)?;
            }
        }
    }
    if let Some(error) = decided.into_iter().find_map(|one| one.outcome.err()) {
        return Err(error);
    }
    Ok(if published.is_some_and(|report| report.failed > 0) { Exit::Incomplete } else { Exit::Done })
}

/// The same for programs.
fn outcome(decided: &[Decided], published: Option<&DrainReport>) -> serde_json::Value {
    let one = |one: &Decided| match &one.outcome {
        Ok(proposal) => json!({
            "id": one.id, "state": proposal.state,
            "table": proposal.operation.table.fqn, "field": proposal.operation.field.to_string(),
        }),
        Err(error) => json!({ "id": one.id, "error": error.kind().as_str(), "detail": error.to_string() }),
    };
    let mut told = json!({ "decided": decided.iter().map(one).collect::<Vec<_>>() });
    if let Some(report) = published {
        let failures = report.failures.iter().map(|(t, e)| json!({ "table": t.to_string(), "detail": e.to_string() }));
        told["published"] = json!({
            "published": report.published, "overtaken": report.withdrawn,
            "failures": failures.collect::<Vec<_>>(),
        });
    }
    told
}
