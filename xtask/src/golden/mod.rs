//! The golden set, and what the product makes of it.
//!
//! - [`generate`]: the committed definitions made into files;
//! - [`set`]: a set read, and [`abbreviate`]: the same under cryptic names;
//! - [`walk`]: the product's own walk over it, driven as a program: what is measured is what people run;
//! - [`vectors`], [`retrieval`], [`described`]: questions asked of each arm, embedder and pool;
//! - [`columns`]: what the model says of columns;
//! - [`measures`]: recall with intervals, acceptance, flags, keys; [`verdict`]: what follows;
//! - [`document`], [`report`], [`baseline`]: what is written, and what it is held to.

pub mod abbreviate;
pub mod baseline;
pub mod columns;
pub mod described;
pub mod document;
pub mod generate;
pub mod measures;
pub mod report;
pub mod retrieval;
mod run;
pub mod set;
pub mod settings;
pub mod vectors;
pub mod verdict;
pub mod walk;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::Result;

/// Measure what descriptions do to search, and what else the product finds, on the golden set or any other.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    measure: settings::Measure,
}

/// What can be done with the golden set beside measuring.
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

/// Does what is asked and says on `output` what came of it.
///
/// # Errors
/// What the work says.
pub fn run(asked: &Arguments, output: &mut dyn Write) -> Result<()> {
    match &asked.verb {
        None => run::measure(&asked.measure, output),
        Some(Verb::Generate { out, max_rows }) => {
            let definitions = Path::new(crate::WORKSPACE).join("golden");
            let summary = generate::generate(&definitions, out, *max_rows)?;
            Ok(writeln!(output, "{summary}")?)
        }
    }
}
