//! The verbs of the command line.

mod arguments;
mod audit;
mod config_show;
mod demo;
mod doctor;
mod exit;
mod explain;
mod glossary;
mod healthcheck;
mod joins;
mod logging;
mod printed;
mod progress_bar;
mod review;
mod search;
mod sync;

use std::process::ExitCode;

use catalog_core::{Error, ErrorKind, Result};

pub use arguments::{Arguments, Output};
pub use exit::Exit;
pub use logging::hush_panics;

use arguments::{ApiVerb, Verb};

use crate::config::LogConfig;

/// Runs one verb.
///
/// # Errors
/// What stopped it; [`fail`] prints it and gives the exit code.
pub async fn run(arguments: Arguments) -> Result<Exit> {
    let settings = arguments.settings()?;
    let daemon = matches!(arguments.verb, Verb::Run(_));
    // A verb that a person waits for tells errors alone; the daemon tells what the configuration says.
    let log: Option<&LogConfig> = daemon.then_some(&settings.config.log);
    logging::start(arguments.verbose, log);
    let output = arguments.output;
    match arguments.verb {
        Verb::Demo(verb) => Box::pin(demo::run(&verb, settings, output)).await,
        Verb::Sync(verb) => sync::run(&verb, &settings.config, output).await,
        Verb::Search(verb) => search::run(&verb, &settings.config, output).await,
        Verb::Explain(verb) => explain::run(&verb, &settings.config, output).await,
        Verb::Review(verb) => review::run(&verb, &settings.config, output).await,
        Verb::Undo(verb) => audit::undo(&verb, &settings.config, output).await,
        Verb::Audit(verb) => audit::run(&verb, &settings.config, output).await,
        Verb::Joins(verb) => joins::run(&verb, &settings.config, output).await,
        Verb::Glossary(verb) => glossary::run(&verb, &settings.config, output).await,
        Verb::Run(_) => crate::daemon::run(&settings.config).await.map(|()| Exit::Done),
        Verb::Doctor(_) => doctor::run(output, &settings.config).await,
        Verb::Migrate(_) => doctor::migrate(output, &settings.config).await,
        Verb::Healthcheck => healthcheck::run(output, &settings.config).await,
        Verb::Config(verb) => config_show::run(&verb, &settings, output),
        Verb::Api(ApiVerb::Token(verb)) => printed::token(&verb, output),
        Verb::Openapi => printed::openapi(),
        Verb::Metrics => printed::metrics(output),
        Verb::Completions { shell } => printed::completions(shell, output),
    }
}

/// Lets this process die at the point that `CATALOG_SYNC_ABORT_AT` names, for the tests of crashes.
///
/// # Errors
/// `InvalidInput` when there is no such point.
#[cfg(debug_assertions)]
pub fn set_fail_point() -> Result<()> {
    use catalog_publish::fail_points::{FAIL_POINTS, abort_at};
    let Ok(point) = std::env::var("CATALOG_SYNC_ABORT_AT") else { return Ok(()) };
    abort_at(&point, &[&FAIL_POINTS[..], &crate::walk::WALK_FAIL_POINTS[..]].concat())
}

/// Prints an error, as text or as one line of JSON, and gives its exit code.
pub fn fail(error: &Error, output: Output) -> ExitCode {
    use std::io::Write as _;
    let told = match output {
        Output::Table => format!("error: {error}"),
        Output::Json => {
            let exit = Exit::of(error) as u8;
            serde_json::json!({ "error": error.kind().as_str(), "detail": error.to_string(), "exit": exit }).to_string()
        }
    };
    // Nothing is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{told}");
    Exit::of(error).into()
}

/// The error of a process that cannot start its threads.
pub fn no_runtime(cause: std::io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, "start_threads", cause.kind().to_string()).caused_by(cause)
}

/// The error of a closed or full standard output; a closed pipe (`| head`) is the reader's choice and no failure of
/// ours.
fn output_failed(cause: std::io::Error) -> Error {
    if cause.kind() == std::io::ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    Error::new(ErrorKind::Unavailable, "write_output", cause.kind().to_string()).caused_by(cause)
}

/// Prints a value as indented JSON.
fn print_json(value: &impl serde::Serialize) -> Result<()> {
    use std::io::Write as _;
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Error::new(ErrorKind::Internal, "write_json", "a value cannot be serialised").caused_by(e))?;
    writeln!(std::io::stdout().lock(), "{text}").map_err(output_failed)
}
