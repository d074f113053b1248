//! Figures that `cargo xtask bench` measures.

mod keys;
mod profile;
mod profile_table;
mod python;

use std::path::Path;

use clap::Subcommand;

use crate::Result;

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Profiling through Trino beside OpenMetadata's profiler; the stack must be up, and `CATALOG_TEST_TRINO_URL` name
    /// it (`eval "$(cargo xtask stack env)"`); needs Python and PyPI.
    Profile {
        /// Only tpch.sf1.lineitem, ours and the peer.
        #[arg(long)]
        lineitem: bool,
    },
    /// Key search beside datasketch and desbordante, on the same files; needs Python and PyPI, no service.
    Keys,
}

/// Measures it and prints JSON, of profiles a table in Markdown too.
///
/// # Errors
/// When the measurement fails.
pub fn run(verb: &Verb, workspace: &Path) -> Result<()> {
    match verb {
        Verb::Keys => keys::run(workspace),
        Verb::Profile { lineitem } => profile::run(workspace, *lineitem),
    }
}
