//! Profiles through Trino, beside OpenMetadata's own profiler on the same server in the same run: `cargo xtask bench
//! profile`. The stack must be up; the peer needs Python and PyPI.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::profile_table::markdown;
use super::python;
use crate::Result;

const REQUIREMENTS: &str = include_str!("python/profile-requirements.txt");
const PEER: &str = include_str!("python/profile_peer.py");
/// The peer with as many threads as ours has queries at once. Left to itself it takes up to twenty, and a server with a heap
/// of 1 GiB ends with exact distinct counts in twenty threads.
const THREADS: &str = "4";

/// Measures schemas, then `tpch.sf1.lineitem` by ours and by the peer. Each part's line of JSON goes to standard error as
/// it ends, the table of all figures to standard output.
///
/// # Errors
/// When a measurement fails, or the server is not named by `CATALOG_TEST_TRINO_URL`.
pub(super) fn run(workspace: &Path, only_lineitem: bool) -> Result<()> {
    let url =
        std::env::var("CATALOG_TEST_TRINO_URL").map_err(|_| "set CATALOG_TEST_TRINO_URL: `cargo xtask stack env`")?;
    let folder = python::folder(workspace, "bench-profile")?;
    let python = python::install(&folder, REQUIREMENTS)?;
    let mut lines = if only_lineitem { Vec::new() } else { ours(workspace, "schemas")? };
    let ours = ours(workspace, "lineitem")?;
    let script = folder.join("peer.py");
    std::fs::write(&script, PEER)?;
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut peer = Command::new(python);
    peer.args(["-W", "ignore"]).arg(script).args([address, "tpch", "sf1", "lineitem", THREADS]);
    let theirs = printed(&mut peer);
    lines.extend(ours.into_iter().chain(theirs.as_ref().into_iter().flatten().cloned()));
    let seconds = |name: &str| lines.iter().find_map(|line| line[name]["seconds"].as_f64());
    let ratio = seconds("lineitem").zip(seconds("openmetadata_profiler")).map(|(ours, theirs)| ours / theirs);
    lines.push(json!({ "ratio": ratio }));
    // Ours were worth their minutes also where the peer failed.
    write!(std::io::stdout().lock(), "{}", markdown(&lines))?;
    theirs.map(|_| ())
}

/// A part of our measurement; what it prints is passed on.
fn ours(workspace: &Path, part: &str) -> Result<Vec<Value>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args([
        "run",
        "--quiet",
        "--package",
        "e2e",
        "--features",
        "live",
        "--example",
        "bench_profile",
        "--",
        part,
    ]);
    printed(command.current_dir(workspace))
}

/// Runs it and reads the JSON lines that it prints.
fn printed(command: &mut Command) -> Result<Vec<Value>> {
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    write!(std::io::stderr().lock(), "{text}")?;
    if !output.status.success() {
        return Err(format!("{} failed", command.get_program().display()).into());
    }
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}
