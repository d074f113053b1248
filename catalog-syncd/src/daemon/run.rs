//! The daemon from start to end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use catalog_core::Result;
use catalog_core::model::SourceId;
use catalog_core::ports::{Clock, Ids as _, Ledger};
use catalog_querylog::proposals::SemanticModels;
use catalog_querylog::{IntakeBuffer, IntakeLimits};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::board::{Board, RunState};
use super::engine::{Engine, EngineParts};
use super::intake::{Intake, IntakeOptions};
use super::issuer_keys;
use super::schedule::{keep, random_part, stopped_within};
use super::setup::LocalSetup;
use super::signals::Signals;
use super::timetable::{Pass, Timetable};
use super::upkeep::Upkeep;
use crate::api::auth::Gatekeeper;
use crate::api::{App, AppParts, WebhookDoor, router};
use crate::config::{Config, LedgerStore};
use crate::observability::{Metrics, Traces};
use crate::wiring::{self, StateLock, SystemClock, TimeOrderedIds};

/// How long a leaving process waits for the ledger to take its tables back.
const GIVE_BACK: Duration = Duration::from_secs(2);
/// The source that webhooks of OpenMetadata are about.
const WEBHOOK_SOURCE: &str = "openmetadata";

/// Runs until a signal asks it to end. After the first one no table is begun and those in flight are finished, for at
/// most the grace period; a second one leaves at once. What is not finished stays queued.
///
/// # Errors
/// What keeps it from starting: the state folder, the ledger, the address, the tokens, the schedule.
pub async fn run(config: &Config) -> Result<()> {
    let start = Instant::now();
    let mut signals = Signals::listen()?;
    let alone = (config.ledger.store == LedgerStore::Sqlite).then(|| StateLock::take(config)).transpose()?;
    let timetable = Timetable::new(&config.schedule)?;
    let stores = wiring::stores(config).await?;
    let gatekeeper = gatekeeper(config).await?;
    let (desk, ledger) = (stores.desk(), stores.desk().ledger);
    if alone.is_some() {
        ledger.release_leases().await?;
    }
    let stop = CancellationToken::new();
    let (board, metrics) = (Arc::new(Board::default()), Arc::new(Metrics::default()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let events = query_events(config);
    let parts = EngineParts {
        board: Arc::clone(&board),
        ledger: Arc::clone(&ledger),
        clock: Arc::clone(&clock),
        ids: Arc::new(TimeOrderedIds),
        metrics: Arc::clone(&metrics),
        traces: Traces::new(config)?,
        settle: Duration::from_secs(config.daemon.settle_secs),
        retry: wiring::backoff(&config.daemon),
        stop: stop.clone(),
    };
    let setup = LocalSetup::new(config.clone(), stores, events.clone());
    let engine = Arc::new(Engine::new(Arc::new(setup), parts));
    let mut tasks = JoinSet::new();
    let webhooks = webhooks(config, &ledger, &mut tasks)?;
    let listener = catalog_net::listen(&config.api.listen).await?;
    let address = listener.local_addr().map(|a| a.to_string()).unwrap_or_default();
    let app = AppParts {
        desk,
        engine: Arc::clone(&engine),
        board: Arc::clone(&board),
        metrics: Arc::clone(&metrics),
        gatekeeper,
        webhooks,
        events,
        semantic_models: SemanticModels::at(&config.querylog.semantic_models_dir),
        language: config.describe.language,
        clock: Arc::clone(&clock),
        stop: stop.clone(),
    };
    let app = router(&Arc::new(App::new(app, &config.api)));
    let ended = stop.clone().cancelled_owned();
    tasks.spawn(async move {
        if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(ended).await {
            tracing::error!(error.kind = %error.kind(), "the api ended");
        }
    });
    tasks.spawn(Arc::clone(&engine).serve_owned());
    if config.api.oidc_keys_file.is_empty() && !config.api.oidc_issuer.is_empty() {
        tasks.spawn(issuer_keys::keep_fresh(config.clone(), stop.clone()));
    }
    let upkeep = Upkeep::new(Arc::clone(&ledger), Arc::clone(&clock), &config.retention);
    tasks.spawn(schedule(timetable, clock, config.clone(), Arc::clone(&engine), upkeep, metrics, stop.clone()));
    tracing::info!(api.address = %address, start.seconds = start.elapsed().as_secs_f64(), "ready");
    signals.next().await;
    tracing::info!(grace.seconds = config.daemon.grace_secs, "asked to end");
    stop.cancel();
    drop(engine);
    drain(tasks, Duration::from_secs(config.daemon.grace_secs), &mut signals).await;
    give_back(&board, &*ledger).await;
    drop(alone);
    Ok(())
}

/// Frees the tables of a run that did not end in time, so that another daemon need not wait for their leases.
async fn give_back(board: &Board, ledger: &dyn Ledger) {
    for run in board.runs().into_iter().filter(|run| run.state == RunState::Running) {
        match tokio::time::timeout(GIVE_BACK, ledger.release_leases_of(&run.id.0)).await {
            Ok(Ok(released)) => tracing::info!(tables.released = released, "tables given back"),
            Ok(Err(error)) => tracing::warn!(%error, "tables stay leased until their leases end"),
            Err(_) => tracing::warn!("tables stay leased until their leases end: the ledger does not answer"),
        }
    }
}

/// Who may call us; the issuer's keys are fetched first where they are not mounted.
async fn gatekeeper(config: &Config) -> Result<Gatekeeper> {
    let mut api = config.api.clone();
    if !api.oidc_issuer.is_empty() && api.oidc_keys_file.is_empty() {
        api.oidc_keys_file = issuer_keys::fetch(config).await?.display().to_string();
    }
    Gatekeeper::new(&api)
}

/// Where query events wait for the miner, when the intake is on.
fn query_events(config: &Config) -> Option<Arc<IntakeBuffer>> {
    let limits = IntakeLimits { events_max: config.querylog.intake_events_max, ..IntakeLimits::default() };
    config.querylog.intake.then(|| Arc::new(IntakeBuffer::new(TimeOrderedIds.next(), limits)))
}

/// The webhook's door, when it has a secret, with the task that stores what comes through it.
fn webhooks(config: &Config, ledger: &Arc<dyn Ledger>, tasks: &mut JoinSet<()>) -> Result<Option<WebhookDoor>> {
    let openmetadata = &config.openmetadata;
    if openmetadata.webhook_secret.is_empty() {
        return Ok(None);
    }
    let options = IntakeOptions {
        wait: Duration::from_millis(config.daemon.commit_wait_ms),
        queue_max: config.daemon.intake_queue_max,
    };
    let (intake, work) = Intake::new(Arc::clone(ledger), options);
    tasks.spawn(work);
    let door = WebhookDoor::new(
        openmetadata.webhook_secret.clone(),
        openmetadata.webhook_previous_secret.clone(),
        openmetadata.bot_user.clone(),
        SourceId(WEBHOOK_SOURCE.to_owned()),
        intake,
    )?;
    Ok(Some(door))
}

async fn schedule(
    timetable: Timetable,
    clock: Arc<dyn Clock>,
    config: Config,
    engine: Arc<Engine>,
    upkeep: Upkeep,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) {
    let first = random_part(Duration::from_secs(config.daemon.start_jitter_secs));
    if stopped_within(first, &stop).await {
        return;
    }
    // Whatever happened while nobody ran is found now.
    engine.ask(true, "start");
    let upkeep = Arc::new(upkeep);
    let mut chores = JoinSet::new();
    let jitter = Duration::from_secs(config.schedule.jitter_secs);
    let wait = |time| {
        let stop = stop.clone();
        async move { stopped_within(time, &stop).await }
    };
    keep(&timetable, &*clock, jitter, wait, |pass| match pass {
        Pass::Sweep => drop(engine.ask(true, "schedule")),
        Pass::QueryLog => drop(engine.ask(false, "schedule")),
        Pass::Retention => {
            let (upkeep, metrics) = (Arc::clone(&upkeep), Arc::clone(&metrics));
            chores.spawn(async move {
                match upkeep.run().await {
                    Ok(retained) => metrics.retained(&retained),
                    Err(error) => tracing::error!(%error, "old rows stay"),
                }
            });
        }
    })
    .await;
}

/// Waits for what is in flight, but no longer than the grace period or the next signal.
async fn drain(mut tasks: JoinSet<()>, grace: Duration, signals: &mut Signals) {
    let begun = Instant::now();
    let ended = async { while tasks.join_next().await.is_some() {} };
    let how = tokio::select! {
        () = ended => "all work in flight is finished",
        () = tokio::time::sleep(grace) => "the grace period is over; what is left stays queued",
        () = signals.next() => "asked a second time; what is left stays queued",
    };
    tracing::info!(drain.seconds = begun.elapsed().as_secs_f64(), "ended: {how}");
}
