//! The live lane: the tests that drive real services.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Instant;

use super::component::{self, Component};
use super::{Stack, build, install, lifecycle, status};
use crate::Result;

/// What the lane covers.
#[derive(Debug, Clone, Default)]
pub(super) struct Lane {
    /// Model components too.
    pub(super) all: bool,
    /// Components whose absence is accepted.
    pub(super) allow_missing: Vec<String>,
    /// A real OpenMetadata server in place of the stand-in.
    pub(super) openmetadata: Option<String>,
}

const DAEMON: &str = "CATALOG_TEST_DAEMON";
const OPENMETADATA: &str = "openmetadata";
const OPENMETADATA_URL: &str = "CATALOG_TEST_OPENMETADATA_URL";

/// Runs the tests of every component of the lane that is up, then prints the table of components.
///
/// # Errors
/// When a test fails, or a component is missing that was not allowed to be: after the others have been tested.
pub(super) fn run(stack: &Stack, lane: &Lane, out: &mut dyn Write) -> Result<()> {
    for name in &lane.allow_missing {
        component::find(name)?;
    }
    let mut trouble = Vec::new();
    let mut present: Vec<&dyn Component> = Vec::new();
    for component in component::select(&[], lane.all)? {
        let name = component.facts().name;
        let elsewhere = name == OPENMETADATA && lane.openmetadata.is_some();
        if elsewhere || (lifecycle::running(stack, name)?.is_some() && component.probe(stack).is_ok()) {
            present.push(component);
        } else if lane.allow_missing.iter().any(|n| n == name) {
            writeln!(out, "SKIPPED: {name} is missing, as --allow-missing says")?;
        } else {
            trouble.push(format!("{name} is missing (cargo xtask stack up {name}, or --allow-missing {name})"));
        }
    }
    let mut environment = super::environment(stack)?;
    if let Some(url) = &lane.openmetadata {
        // The server is elsewhere; the client that judges it is here.
        let component = component::find(OPENMETADATA)?;
        install::install(component, stack)?;
        environment.extend(component.environment(stack)?);
        environment.push((OPENMETADATA_URL, url.clone()));
    }
    if let Err(error) = run_tests(&present, &environment, out) {
        trouble.push(error.to_string());
    }
    writeln!(out)?;
    status::print(stack, out)?;
    if trouble.is_empty() { Ok(()) } else { Err(trouble.join("\n").into()) }
}

fn run_tests(present: &[&dyn Component], environment: &[(&str, String)], out: &mut dyn Write) -> Result<()> {
    let targets: BTreeSet<&str> = present.iter().flat_map(|c| c.tests().iter().copied()).collect();
    if targets.is_empty() {
        // Cargo would take no name for every test that there is.
        return Ok(());
    }
    let clock = Instant::now();
    let mut test = build::cargo_test();
    test.args(["--features", &build::live_features()?]).args(targets.iter().flat_map(|t| ["--test", *t]));
    test.envs(environment.iter().map(|(name, value)| (*name, value)));
    test.env(DAEMON, build::program("catalog-syncd", "demo", "")?);
    let names: Vec<&str> = targets.into_iter().collect();
    writeln!(out, "live tests: {}", names.join(", "))?;
    out.flush()?;
    let status = test.status()?;
    writeln!(out, "live tests: {:.0} s, build included", clock.elapsed().as_secs_f64())?;
    if status.success() { Ok(()) } else { Err("live tests failed".into()) }
}
