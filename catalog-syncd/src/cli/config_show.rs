//! `config show`.

use std::io::Write as _;

use catalog_core::Result;

use super::arguments::{ConfigAction, ConfigVerb};
use super::{Exit, output_failed};
use crate::config::{DEFAULT_TOML, Settings};

/// Prints the configuration in force, or the default file.
pub(super) fn run(verb: &ConfigVerb, settings: &Settings) -> Result<Exit> {
    let ConfigAction::Show { origin, defaults } = verb.action;
    let mut out = std::io::stdout().lock();
    if defaults {
        out.write_all(DEFAULT_TOML.as_bytes()).map_err(output_failed)?;
        return Ok(Exit::Done);
    }
    for (key, (value, from)) in &settings.values {
        match origin {
            true => writeln!(out, "{key} = {value}  # {from}"),
            false => writeln!(out, "{key} = {value}"),
        }
        .map_err(output_failed)?;
    }
    Ok(Exit::Done)
}
