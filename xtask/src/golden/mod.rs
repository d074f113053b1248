//! The golden set: tables, questions and what is true of them, to measure against.
//!
//! - [`generate`]: the committed definitions made into files.

pub mod generate;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::Result;

/// What can be done with the golden set.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make the set's files: SQLite files, keys, labels, descriptions, questions and query logs of every regime.
    Generate {
        /// The folder to write; one folder a regime is made inside.
        #[arg(long)]
        out: PathBuf,
        /// Most rows of a table.
        #[arg(long)]
        max_rows: Option<u64>,
    },
}

/// Runs the verb and says on `output` what came of it.
///
/// # Errors
/// What the verb's work says.
pub fn run(verb: &Verb, output: &mut dyn Write) -> Result<()> {
    match verb {
        Verb::Generate { out, max_rows } => {
            let definitions = Path::new(crate::WORKSPACE).join("golden");
            let summary = generate::generate(&definitions, out, *max_rows)?;
            Ok(writeln!(output, "{summary}")?)
        }
    }
}
