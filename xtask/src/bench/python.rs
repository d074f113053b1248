//! A Python environment of each measurement's own for its peers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;

/// A folder below cargo's target folder.
pub(super) fn folder(workspace: &Path, name: &str) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let folder = target.join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A Python environment with these packages; installed once.
pub(super) fn install(folder: &Path, requirements: &str) -> Result<PathBuf> {
    let (environment, list) = (folder.join("python"), folder.join("requirements.txt"));
    let python = environment.join("bin").join("python");
    if fs::read_to_string(&list).is_ok_and(|installed| installed == requirements) {
        return Ok(python);
    }
    finish(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    let wanted = folder.join("wanted.txt");
    fs::write(&wanted, requirements)?;
    finish(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(&wanted))?;
    // Named so only when all of it is installed.
    fs::rename(wanted, list)?;
    Ok(python)
}

/// Runs a command that must succeed.
pub(super) fn finish(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|e| format!("{}: {e}", command.get_program().display()))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed", command.get_program().display()).into()) }
}
