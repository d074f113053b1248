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
/// What the scores of the model's drafts are worth, as `llm.calibration` reads it.
const CALIBRATION: &str = "calibration.json";

/// Writes the JSON, the page and, where a model described, the table for its confidences into a folder.
///
/// # Errors
/// Files that cannot be written.
pub fn write(document: &Document, out: &Path) -> Result<()> {
    let mut files = vec![(JSON, serde_json::to_string_pretty(document)?), (PAGE, page::page(document))];
    if let Some(fitted) = &document.calibration {
        files.push((CALIBRATION, serde_json::to_string_pretty(&fitted.calibration)?));
    }
    for (name, text) in files {
        let path = out.join(name);
        fs::write(&path, text).map_err(|e| format!("failed to write {}: {e}", path.display()))?;
    }
    Ok(())
}

/// A share as per cent, one digit.
fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}
