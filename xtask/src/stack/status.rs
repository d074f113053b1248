//! The table of components: version, state, seconds to ready, memory.

use std::io::Write;

use super::component::{COMPONENTS, Component};
use super::{Stack, install, lifecycle};
use crate::Result;

const HEAD: [&str; 6] = ["component", "version", "state", "port", "ready s", "RSS MB"];

/// Prints one line a component.
///
/// # Errors
/// When a run file cannot be read.
pub(super) fn print(stack: &Stack, out: &mut dyn Write) -> Result<()> {
    let mut rows = vec![HEAD.map(str::to_owned)];
    for component in COMPONENTS {
        rows.push(row(stack, *component)?);
    }
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

fn row(stack: &Stack, component: &dyn Component) -> Result<[String; 6]> {
    let facts = component.facts();
    let none = || "-".to_owned();
    let started = lifecycle::read(stack, facts.name)?;
    let alive = started.as_ref().filter(|r| r.alive());
    let state = match (&started, alive) {
        (_, Some(running)) if running.ready_secs.is_none() => "starting",
        (_, Some(_)) if component.probe(stack).is_ok() => "ready",
        (_, Some(_)) => "does not answer",
        (Some(_), None) => "ended by itself",
        (None, None) if install::is_installed(component, stack) => "installed",
        (None, None) => "not installed",
    };
    let version = alive.and_then(|r| r.version.clone()).unwrap_or_else(|| facts.version.to_owned());
    let port = alive.map_or_else(|| stack.port(facts), |r| r.port).to_string();
    let ready = alive.and_then(|r| r.ready_secs).map_or_else(none, |s| format!("{s:.1}"));
    let memory = alive.map_or_else(none, |r| r.rss_mb().to_string());
    Ok([facts.name.to_owned(), version, state.to_owned(), port, ready, memory])
}
