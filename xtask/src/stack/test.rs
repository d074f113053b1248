//! The live lane: the tests that drive real services.

use std::io::Write;
use std::process::Command;
use std::time::Instant;

use super::component::{self, Component};
use super::{Stack, lifecycle, status};
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
    environment.extend(lane.openmetadata.iter().map(|url| (OPENMETADATA_URL, url.clone())));
    build_daemon()?;
    for component in present {
        for arguments in component.tests() {
            let clock = Instant::now();
            writeln!(out, "\n== {}: cargo test {}", component.facts().name, arguments.join(" "))?;
            out.flush()?;
            let mut test = cargo();
            test.arg("test").args(*arguments).args(["--", "--nocapture"]);
            test.envs(environment.iter().map(|(name, value)| (*name, value))).env("CATALOG_TEST_DAEMON", daemon()?);
            if !test.status()?.success() {
                trouble.push(format!("{}: cargo test {} failed", component.facts().name, arguments.join(" ")));
            }
            writeln!(out, "== {:.0} s", clock.elapsed().as_secs_f64())?;
        }
    }
    writeln!(out)?;
    status::print(stack, out)?;
    if trouble.is_empty() { Ok(()) } else { Err(trouble.join("\n").into()) }
}

fn build_daemon() -> Result<()> {
    let built = cargo().args(["build", "--package", "catalog-syncd", "--bin", "catalog-syncd"]).status()?;
    if built.success() { Ok(()) } else { Err("catalog-syncd does not build".into()) }
}

/// The daemon's program: cargo puts it beside the one that runs now.
fn daemon() -> Result<std::path::PathBuf> {
    Ok(std::env::current_exe()?.with_file_name("catalog-syncd"))
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::WORKSPACE);
    cargo
}
