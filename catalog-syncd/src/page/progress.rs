//! How far the work has come: coverage, acceptance, runs, parked tables.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use catalog_core::model::{ParkedTable, ProposalState, TableId};
use catalog_core::ports::ledger::CoverageRow;

use super::decide::back;
use super::form::Form;
use super::query::Asked;
use super::shell::{Looker, Shell, age, percent};
use super::{Answer, page};
use crate::actions::Wanted;
use crate::api::{App, Problem};
use crate::daemon::RunView;

/// The share of accepted proposals that the product promises.
const ACCEPTANCE_LINE: u8 = 70;
/// Domains whose coverage is shown, the largest.
const DOMAINS: usize = 40;
const RUNS: usize = 5;
const PARKED: usize = 50;

#[derive(Template)]
#[template(path = "page/progress.html")]
struct Progress {
    shell: Shell,
    /// Percent accepted of all decided, if any were.
    acceptance: Option<u8>,
    decided: u64,
    line: u8,
    oldest: Option<String>,
    queued: u64,
    walked: u64,
    coverage: Vec<CoverageRow>,
    paused: bool,
    runs: Vec<RunView>,
    active: bool,
    parked: Vec<ParkedTable>,
    more: Option<String>,
}

pub(super) async fn progress(State(app): State<Arc<App>>, looker: Looker, asked: Asked) -> Answer {
    let shell = Shell::new(&app, &looker, "progress").await?;
    let ledger = &app.parts.desk.ledger;
    let count = |state| shell.tally().iter().filter(|r| r.state == state).map(|r| r.proposals).sum::<u64>();
    let (accepted, rejected) = (count(ProposalState::Accepted), count(ProposalState::Rejected));
    let decided = accepted + rejected;
    let open = shell.tally().iter().filter(|r| r.state == ProposalState::Open);
    let now = app.parts.clock.now_ms();
    let oldest = open.map(|r| r.oldest_ms).min().map(|at| age(shell.words(), at, now));
    let counts = ledger.counts().await?;
    let runs: Vec<RunView> = app.parts.board.runs().into_iter().take(RUNS).collect();
    let after = asked.filled("after").map(TableId);
    let parked = ledger.parked_page(after.as_ref(), PARKED).await?;
    let more = parked.last().filter(|_| parked.len() == PARKED).map(|p| asked.with("after", &p.table.id.0));
    page(&Progress {
        acceptance: (decided > 0).then(|| percent(accepted as f64 / decided as f64)),
        decided,
        line: ACCEPTANCE_LINE,
        oldest,
        queued: counts.queued,
        walked: counts.done,
        coverage: ledger.coverage(DOMAINS).await?,
        paused: app.parts.engine.is_paused(),
        active: runs.iter().any(|run| !run.is_over()),
        runs,
        parked,
        more,
        shell,
    })
}

pub(super) async fn pause(State(app): State<Arc<App>>, looker: Looker, form: Form) -> Redirect {
    if form.get("what") == Some("resume") {
        app.parts.engine.resume();
    } else {
        app.parts.engine.pause();
    }
    tracing::info!(caller = %looker.caller.name, runs.paused = app.parts.engine.is_paused(), "runs paused or resumed");
    back(&form, if app.parts.engine.is_paused() { "paused" } else { "resumed" })
}

pub(super) async fn start(State(app): State<Arc<App>>, looker: Looker, form: Form) -> Result<Redirect, Problem> {
    let queued = app.parts.desk.queue(&Wanted::All).await?;
    let run = app.parts.engine.ask(queued.is_none(), "request");
    tracing::info!(run.id = %run, caller = %looker.caller.name, "run asked for");
    Ok(back(&form, "started"))
}

pub(super) async fn retry(State(app): State<Arc<App>>, looker: Looker, form: Form) -> Result<Redirect, Problem> {
    let one = form.filled("id").map(|id| vec![TableId(id.to_owned())]);
    let retried = app.parts.desk.retry(one.as_deref()).await?;
    tracing::info!(caller = %looker.caller.name, tables.queued = retried.queued, "parked tables queued again");
    app.parts.engine.ask(false, "request");
    Ok(back(&form, "started"))
}
