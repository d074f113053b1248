//! `config`: the configuration in force, and what there is to configure.

use std::io::Write as _;

use catalog_core::Result;

use super::arguments::{ConfigAction, ConfigVerb, Output};
use super::{Exit, output_failed, print_json};
use crate::config::{self, DEFAULT_TOML, Settings};

/// Prints what the verb asks for.
pub(super) fn run(verb: &ConfigVerb, settings: &Settings, output: Output) -> Result<Exit> {
    match verb.action {
        ConfigAction::Show { defaults: true, .. } | ConfigAction::Reference if output == Output::Json => {
            print_json(&config::reference_rows())?;
        }
        ConfigAction::Show { defaults: true, .. } => print(DEFAULT_TOML)?,
        ConfigAction::Show { origin, .. } => show(settings, origin, output)?,
        ConfigAction::Reference => print(&config::reference_page())?,
        ConfigAction::Schema => print_json(&config::json_schema()?)?,
    }
    Ok(Exit::Done)
}

fn print(text: &str) -> Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(output_failed)
}

fn show(settings: &Settings, origin: bool, output: Output) -> Result<()> {
    if output == Output::Json {
        let rows = settings
            .values
            .iter()
            .map(|(key, (value, from))| serde_json::json!({ "key": key, "value": value, "origin": from.to_string() }));
        return print_json(&rows.collect::<Vec<_>>());
    }
    let mut out = std::io::stdout().lock();
    for (key, (value, from)) in &settings.values {
        match origin {
            true => writeln!(out, "{key} = {value}  # {from}"),
            false => writeln!(out, "{key} = {value}"),
        }
        .map_err(output_failed)?;
    }
    Ok(())
}
