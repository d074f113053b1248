//! `cargo xtask VERB`: the project's chores.

use std::io::Write;
use std::path::Path;
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
    /// Bring up the real services, test against them, take them down.
    #[command(subcommand)]
    Stack(xtask::stack::Verb),
    /// Measure on the running stack.
    #[command(subcommand)]
    Bench(xtask::bench::Verb),
}

fn main() -> ExitCode {
    match Arguments::parse().verb {
        Verb::Tidy => tidy(),
        Verb::Faults => match xtask::faults::print() {
            Ok(table) => {
                let _ = write!(std::io::stdout(), "{table}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "{error}");
                ExitCode::FAILURE
            }
        },
        Verb::Bench(verb) => match xtask::bench::run(&verb, Path::new(xtask::WORKSPACE)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "{error}");
                ExitCode::FAILURE
            }
        },
        Verb::Golden(asked) => match xtask::golden::run(&asked, &mut std::io::stdout()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "{error}");
                ExitCode::FAILURE
            }
        },
        Verb::Stack(verb) => match xtask::stack::run(verb, &mut std::io::stdout()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "{error}");
                ExitCode::FAILURE
            }
        },
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
