//! Building the workspace's own programs and tests, so that cargo compiles nothing twice.
//!
//! Cargo chooses the features of dependencies by what it is asked to build: another selection of packages compiles
//! nearly everything anew. So everything here is `cargo test --workspace`, as everybody's tests are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::MetadataCommand;

use crate::Result;

const LIVE: &str = "live";

/// `cargo test` over the whole workspace; the caller adds which targets.
pub(super) fn cargo_test() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::WORKSPACE).args(["test", "--workspace", "--no-fail-fast"]).stdin(Stdio::null());
    cargo
}

/// Builds one of our programs through an integration test of its crate, which brings it; gives its file.
///
/// # Errors
/// When it does not build.
pub(super) fn program(name: &str, integration_test: &str, features: &str) -> Result<PathBuf> {
    let mut build = cargo_test();
    let built = build.args(["--quiet", "--no-run", "--features", features, "--test", integration_test]).status()?;
    if !built.success() {
        return Err(format!("{name} does not build").into());
    }
    // Cargo puts it beside the program that runs now.
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// The feature that compiles live tests, of every crate that has it: a value of `--features`.
///
/// # Errors
/// When cargo cannot read the workspace.
pub(super) fn live_features() -> Result<String> {
    let manifest = Path::new(crate::WORKSPACE).join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec()?;
    let with_it = metadata.packages.iter().filter(|p| p.features.contains_key(LIVE));
    Ok(with_it.map(|p| format!("{}/{LIVE}", p.name)).collect::<Vec<_>>().join(","))
}
