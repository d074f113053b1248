//! `glossary`: the words that the house's glossary should explain first.

use std::io::Write as _;

use catalog_core::Result;

use super::arguments::{GlossaryVerb, Output};
use super::{Exit, output_failed, print_json};
use crate::config::Config;
use crate::report::{grid, plain};
use crate::wiring;

/// Prints the commonest parts of names that nobody explained.
pub(super) async fn run(verb: &GlossaryVerb, config: &Config, output: Output) -> Result<Exit> {
    let desk = wiring::existing_stores(config).await?.desk();
    let words = desk.unread_words(&wiring::house_words(config).glossary, verb.limit.get()).await?;
    if output == Output::Json {
        print_json(&words)?;
        return Ok(Exit::Done);
    }
    let mut out = std::io::stdout().lock();
    if words.is_empty() {
        writeln!(out, "every name can be read").map_err(output_failed)?;
        return Ok(Exit::Done);
    }
    let mut table = grid(&["word", "tables", "taken for", "for example"]);
    for word in &words {
        let guess = word.guess.as_deref().unwrap_or("–");
        table.add_row([plain(&word.word), word.tables.to_string(), plain(guess), plain(&word.example.to_string())]);
    }
    writeln!(out, "{table}\nexplain them in the configuration, [glossary.terms]: word = \"meaning\"")
        .map_err(output_failed)?;
    Ok(Exit::Done)
}
