//! `doctor` and `migrate`.

use std::io::Write as _;

use catalog_core::Result;

use super::arguments::Output;
use super::{Exit, output_failed, print_json};
use crate::config::Config;
use crate::doctor::{self, Health};
use crate::report::{grid, plain};
use crate::wiring;

/// Examines everything that the configuration names.
pub(super) async fn run(output: Output, config: &Config) -> Result<Exit> {
    let checks = doctor::examine(config).await;
    let worst = checks.iter().map(|c| c.health).max().unwrap_or(Health::Fine);
    match output {
        Output::Json => print_json(&checks)?,
        Output::Table => {
            let mut table = grid(&["", "what", "found"]);
            for check in &checks {
                let mark = match check.health {
                    Health::Fine => "fine",
                    Health::Off => "off",
                    Health::Doubtful => "LOOK",
                    Health::Broken => "BROKEN",
                };
                table.add_row([mark.to_owned(), plain(&check.what), plain(&check.found)]);
            }
            writeln!(std::io::stdout().lock(), "{table}").map_err(output_failed)?;
        }
    }
    Ok(if worst == Health::Broken { Exit::Failed } else { Exit::Done })
}

/// Brings the ledger's schema up to date.
pub(super) async fn migrate(output: Output, config: &Config) -> Result<Exit> {
    wiring::migrate(config).await?;
    match output {
        Output::Json => print_json(&serde_json::json!({ "schema": "current" }))?,
        Output::Table => writeln!(std::io::stdout().lock(), "the ledger's schema is current").map_err(output_failed)?,
    }
    Ok(Exit::Done)
}
