//! `cargo xtask VERB`: the project's chores.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's chores")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Check what the compiler cannot: dependency directions, file sizes, forbidden words and calls.
    Tidy,
    /// Print which fault is survived, by which test.
    Faults,
    /// Measure whether descriptions help, on a set with known answers.
    Golden(Box<xtask::golden::Arguments>),
    /// Lint, render and judge the Helm chart.
    Chart {
        /// Write the schema of its values and the kept renderings anew.
        #[arg(long)]
        update: bool,
    },
    /// Build the documentation's site, strictly.
    Docs {
        /// The folder for the site.
        #[arg(long, default_value = "target/site")]
        out: PathBuf,
    },
    /// Lint the Dockerfile, make its files without an engine, and run the program in them (as root).
    Image,
    /// Print the list of parts of the program (CycloneDX).
    Sbom,
    /// Build what a release hands out.
    Dist {
        /// The folder, empty or missing.
        #[arg(long, default_value = "target/dist")]
        out: PathBuf,
    },
    /// Bring up the real services, test against them, take them down.
    #[command(subcommand)]
    Stack(xtask::stack::Verb),
    /// Measure on the running stack.
    #[command(subcommand)]
    Bench(xtask::bench::Verb),
}

fn main() -> ExitCode {
    let out = &mut std::io::stdout();
    let done = match Arguments::parse().verb {
        Verb::Tidy => return tidy(),
        Verb::Faults => xtask::faults::print().and_then(|table| Ok(write!(out, "{table}")?)),
        Verb::Golden(verb) => xtask::golden::run(&verb, out),
        Verb::Chart { update } => xtask::chart::run(update, out),
        Verb::Docs { out: folder } => xtask::docs::run(&folder, out),
        Verb::Image => xtask::image::run(out),
        Verb::Sbom => xtask::dist::print_parts(out),
        Verb::Dist { out: folder } => xtask::dist::run(&folder, out),
        Verb::Bench(verb) => xtask::bench::run(&verb, Path::new(xtask::WORKSPACE)),
        Verb::Stack(verb) => xtask::stack::run(verb, out),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn tidy() -> ExitCode {
    let mut out = std::io::stdout().lock();
    // Nobody is left to tell when the terminal is gone, so failures to print are dropped.
    match xtask::tidy::check(Path::new(xtask::WORKSPACE)) {
        Err(error) => {
            let _ = writeln!(out, "tidy could not run: {error}");
            ExitCode::from(2)
        }
        Ok(findings) if findings.is_empty() => {
            let _ = writeln!(out, "tidy");
            ExitCode::SUCCESS
        }
        Ok(findings) => {
            for finding in &findings {
                let _ = writeln!(out, "{finding}");
            }
            let _ = writeln!(out, "{} to tidy", findings.len());
            ExitCode::FAILURE
        }
    }
}
