//! Verbs that print what the program knows of itself: the API's document, the figures, shell completions, a new token.

use std::io::Write as _;

use catalog_core::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;

use super::arguments::{Arguments, Output, TokenVerb};
use super::{Exit, output_failed, print_json};
use crate::{api, observability};

/// The OpenAPI document.
pub(super) fn openapi() -> Result<Exit> {
    print_json(&api::openapi())?;
    Ok(Exit::Done)
}

/// The reference page of the figures.
pub(super) fn metrics(output: Output) -> Result<Exit> {
    if output == Output::Json {
        print_json(&observability::FIGURES)?;
        return Ok(Exit::Done);
    }
    print(observability::metrics_page().as_bytes())
}

/// Completions for a shell.
pub(super) fn completions(shell: Shell, output: Output) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "catalog-syncd", &mut script);
    if output == Output::Json {
        let script = String::from_utf8_lossy(&script);
        print_json(&serde_json::json!({ "shell": shell.to_string(), "script": script }))?;
        return Ok(Exit::Done);
    }
    print(&script)
}

/// A new token for the API and the line for api.tokens_file. The token is shown once and stored nowhere.
pub(super) fn token(verb: &TokenVerb, output: Output) -> Result<Exit> {
    let (token, line) = api::auth::new_token(verb.role.into(), &verb.name);
    if output == Output::Json {
        print_json(&serde_json::json!({ "token": token, "line": line }))?;
        return Ok(Exit::Done);
    }
    print(format!("token: {token}\nline for api.tokens_file: {line}\n").as_bytes())
}

fn print(text: &[u8]) -> Result<Exit> {
    std::io::stdout().lock().write_all(text).map_err(output_failed)?;
    Ok(Exit::Done)
}
