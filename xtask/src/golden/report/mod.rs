//! The report: JSON, a page and the terminal.

mod page;
mod plot;
mod terminal;

use std::fs;
use std::path::Path;

use super::document::Document;
use crate::Result;

pub use terminal::print;

/// The page's file.
pub const PAGE: &str = "golden-report.html";
const JSON: &str = "golden-report.json";

/// Writes the JSON and the page into a folder.
///
/// # Errors
/// Files that cannot be written.
pub fn write(document: &Document, out: &Path) -> Result<()> {
    for (name, text) in [(JSON, serde_json::to_string_pretty(document)?), (PAGE, page::page(document))] {
        let path = out.join(name);
        fs::write(&path, text).map_err(|e| format!("failed to write {}: {e}", path.display()))?;
    }
    Ok(())
}

/// A share as per cent, one digit.
fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}
