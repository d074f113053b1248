//! `sync`: the walk over anybody's own data.

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use catalog_core::{Error, ErrorKind, Result};

use super::arguments::{Output, SyncVerb};
use super::progress_bar::progress;
use super::{Exit, output_failed, print_json};
use crate::config::Config;
use crate::report::{self, Report, RunReport};
use crate::walk::{QueryLogInput, Walk, WalkOutcome};
use crate::wiring;

/// Walks the warehouses and prints the report.
pub(super) async fn run(verb: &SyncVerb, config: &Config, output: Output) -> Result<Exit> {
    let warehouses = if verb.warehouse.is_empty() { &config.sources.warehouses } else { &verb.warehouse };
    if warehouses.is_empty() && config.openmetadata.url.is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "sync", "no warehouse and no catalog is named")
            .hint("give --warehouse, or set the config key sources.warehouses or openmetadata.url"));
    }
    if verb.dry_run {
        return preview(config, warehouses, output).await;
    }
    let walked = Walked::all(config, warehouses, verb.query_log.as_deref(), verb.ignore_declared_keys).await?;
    if output == Output::Json && verb.html.is_none() {
        // The one form that does not need the whole catalog in memory.
        let mut out = BufWriter::new(std::io::stdout());
        return Ok(exit(&report::stream(&walked.walk, &walked.outcome, &mut out).await?));
    }
    let report = walked.report().await?;
    print(&report, output)?;
    if let Some(path) = &verb.html {
        write_file(path, &report::page(&report)?)?;
    }
    Ok(exit(&report.run))
}

/// What a walk would do and cost.
async fn preview(config: &Config, warehouses: &[String], output: Output) -> Result<Exit> {
    let (parts, failures) = wiring::parts(config, warehouses).await?;
    let options = wiring::options(config, false);
    let mut preview = Walk::new(parts, options, None, progress()).preview().await?;
    preview.sources_failed += failures.len() as u64;
    if output == Output::Json {
        print_json(&preview)?;
    } else {
        writeln!(
            std::io::stdout().lock(),
            "{} tables: {} to walk, {} unchanged, {} unreadable, {} queued already\nat most {} rows sampled, about {} \
             rows scanned ({} tables of unknown size not counted), at most {} descriptions; {} sources failed\n{} \
             queries of an engine, about {:.0} s in it, key checks not counted",
            preview.tables_seen,
            preview.tables_to_walk,
            preview.tables_unchanged,
            preview.tables_unreadable,
            preview.tables_queued,
            preview.sample_rows_max,
            preview.scan_rows,
            preview.tables_unsized,
            preview.drafts_max,
            preview.sources_failed,
            preview.engine_queries,
            preview.engine_secs.ceil()
        )
        .map_err(output_failed)?;
    }
    Ok(if preview.sources_failed > 0 { Exit::Incomplete } else { Exit::Done })
}

/// A walk that is over, and still alone on its state folder.
pub(super) struct Walked {
    walk: Arc<Walk>,
    outcome: WalkOutcome,
    _alone: wiring::StateLock,
}

impl Walked {
    /// Walks the warehouses.
    pub(super) async fn all(
        config: &Config,
        warehouses: &[String],
        query_log: Option<&Path>,
        ignore_declared_keys: bool,
    ) -> Result<Self> {
        let query_log = match query_log.filter(|_| config.passes.querylog) {
            Some(path) => Some(QueryLogInput::file(path, config.querylog.queries_max)?),
            None => wiring::query_logs(config)?,
        };
        let alone = wiring::StateLock::take(config)?;
        let (parts, failures) = wiring::parts(config, warehouses).await?;
        let options = wiring::options(config, ignore_declared_keys);
        let walk = Arc::new(Walk::new(parts, options, query_log, progress()));
        let mut outcome = Arc::clone(&walk).run().await?;
        outcome.failures.extend(failures);
        Ok(Self { walk, outcome, _alone: alone })
    }

    /// Its report.
    pub(super) async fn report(&self) -> Result<Report> {
        report::build(&self.walk, &self.outcome).await
    }
}

/// Prints a report in the form asked for.
pub(super) fn print(report: &Report, output: Output) -> Result<()> {
    match output {
        Output::Json => print_json(report),
        Output::Table => {
            let mut out = std::io::stdout().lock();
            report::print(report, &mut out).and_then(|()| out.flush()).map_err(output_failed)
        }
    }
}

/// The exit code that a report deserves. Nothing was read when every source failed and none was swept.
pub(super) fn exit(run: &RunReport) -> Exit {
    if run.sources_failed > 0 && run.sources_swept == 0 {
        Exit::NothingRead
    } else if run.sources_failed + run.tables_parked + run.tables_queued + run.unpublished > 0 {
        Exit::Incomplete
    } else {
        Exit::Done
    }
}

/// Writes a file, with an error that names it.
pub(super) fn write_file(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|e| {
        Error::new(ErrorKind::Unavailable, "write_report", e.kind().to_string())
            .with("path", path.display())
            .hint("check that the folder exists and may be written to")
            .caused_by(e)
    })
}
