//! Figures that `cargo xtask bench` measures.

mod keys;

use std::path::Path;
use std::process::Command;

use clap::Subcommand;

use crate::Result;

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Profiling and key search through Trino; the stack must be up, and `CATALOG_TEST_TRINO_URL` name it
    /// (`eval "$(cargo xtask stack env)"`).
    Profile,
    /// Key search beside datasketch and desbordante, on the same files; needs Python and PyPI, no service.
    Keys,
}

/// Measures it and prints JSON.
///
/// # Errors
/// When the measurement fails.
pub fn run(verb: &Verb, workspace: &Path) -> Result<()> {
    let example = match verb {
        Verb::Keys => return keys::run(workspace),
        Verb::Profile => "bench_profile",
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--package", "e2e", "--features", "live", "--example", example])
        .current_dir(workspace)
        .status()?;
    if status.success() { Ok(()) } else { Err(format!("{example} failed").into()) }
}
