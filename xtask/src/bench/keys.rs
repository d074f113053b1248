//! The key search beside its peers, on the same files: `cargo xtask bench keys`. Needs Python and PyPI, no service.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::python::{self, finish};
use crate::Result;

const REQUIREMENTS: &str = include_str!("python/keys-requirements.txt");
const PEERS: &str = include_str!("python/keys_peers.py");
const COLUMNS: &str = "100000";

/// Measures candidate search beside LSH Ensemble, and inclusions beside SPIDER and FAIDA. Prints JSON lines.
pub(super) fn run(workspace: &Path) -> Result<()> {
    let folder = python::folder(workspace, "bench-keys")?;
    let (data, hashes) = (folder.join("tpch"), folder.join("columns"));
    fs::create_dir_all(&data)?;
    let python = python::install(&folder, REQUIREMENTS)?;
    let peers = folder.join("peers.py");
    fs::write(&peers, PEERS)?;
    if !data.join("lineitem.csv").exists() {
        let generator = python.with_file_name("tpchgen-cli");
        finish(Command::new(generator).args(["csv", "-s", "0.1"]).arg(format!("--output-dir={}", data.display())))?;
    }
    ours(workspace, "inclusion_speed", &[COLUMNS.as_ref(), "128".as_ref(), hashes.as_ref()])?;
    finish(Command::new(&python).arg(&peers).arg("ensemble").arg(&hashes))?;
    fs::remove_file(&hashes)?;
    ours(workspace, "tpch_files", &[data.as_ref()])?;
    for algorithm in ["Spider", "Faida"] {
        finish(Command::new(&python).arg(&peers).arg("inclusions").arg(&data).arg(algorithm))?;
    }
    Ok(())
}

fn ours(workspace: &Path, example: &str, arguments: &[&Path]) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--release", "--package", "catalog-fk", "--example", example, "--"]);
    finish(command.args(arguments).current_dir(workspace))
}
