//! `demo`: the whole walk on a warehouse that is made on the spot.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use catalog_core::{Error, ErrorKind, Result};

use super::arguments::{DemoVerb, Output};
use super::sync::{Walked, exit, print, write_file};
use super::{Exit, output_failed};
use crate::config::Settings;
use crate::report;
use crate::wiring;

/// Generates the sample warehouse into a temporary folder, walks it and writes the report.
pub(super) async fn run(verb: &DemoVerb, settings: Settings, output: Output) -> Result<Exit> {
    let out = match &verb.out {
        Some(dir) => dir.clone(),
        None => fresh_folder()?,
    };
    std::fs::create_dir_all(&out).map_err(|e| refused(&out, e))?;
    let warehouse = Temporary::make()?;
    let made = catalog_local::sample_warehouse::create(&warehouse.0)?;
    let mut config = settings.config;
    config.state.dir = out.join("state");
    clear_state(&config.state.dir)?;
    let location = made.database.display().to_string();
    let walked = Walked::all(&config, &[location], Some(&made.query_log), false).await?;
    let report = walked.report().await?;
    write_file(&out.join("report.json"), &json(&report)?)?;
    write_file(&out.join("report.html"), &report::page(&report)?)?;
    print(&report, output)?;
    if output == Output::Table {
        next_steps(&out, &config.state.dir)?;
    }
    Ok(exit(&report.run))
}

/// A demo starts from nothing, also when it is run again into the same folder. A folder with any other
/// file in it is not ours to empty.
fn clear_state(state: &Path) -> Result<()> {
    let foreign = |e: &std::fs::DirEntry| !e.file_name().to_str().is_some_and(wiring::is_state_file);
    let entries: Vec<_> = match std::fs::read_dir(state) {
        Ok(entries) => entries.filter_map(std::result::Result::ok).collect(),
        Err(_) => return Ok(()),
    };
    if let Some(entry) = entries.iter().find(|e| foreign(e)) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "start_demo",
            "a folder of the demo's state holds something else",
        )
        .with("path", entry.path().display())
        .hint("name another folder with --out"));
    }
    entries.iter().try_for_each(|e| std::fs::remove_file(e.path())).map_err(|e| refused(state, e))
}

fn json(report: &report::Report) -> Result<String> {
    serde_json::to_string_pretty(report)
        .map_err(|e| Error::new(ErrorKind::Internal, "write_report", "the report cannot be serialised").caused_by(e))
}

fn next_steps(out: &Path, state: &Path) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    let state = state.display();
    writeln!(
        stdout,
        "\nreport: {}\nnext:   catalog-syncd search --state {state} \"which loans are late\"\n        \
         catalog-syncd explain --state {state} loan\n        catalog-syncd review --state {state} list",
        out.join("report.html").display()
    )
    .map_err(output_failed)
}

fn refused(path: &Path, cause: std::io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, "make_folder", cause.kind().to_string())
        .with("path", path.display())
        .hint("name another folder with --out")
        .caused_by(cause)
}

/// A new folder below the system's temporary one.
fn fresh_folder() -> Result<PathBuf> {
    let dir = std::env::temp_dir().join(format!("catalog-sync-demo-{}", uuid::Uuid::new_v4().simple()));
    std::fs::create_dir_all(&dir).map_err(|e| refused(&dir, e))?;
    Ok(dir)
}

/// A temporary folder that goes away with its value.
struct Temporary(PathBuf);

impl Temporary {
    fn make() -> Result<Self> {
        fresh_folder().map(Self)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder; there is nobody to tell.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
