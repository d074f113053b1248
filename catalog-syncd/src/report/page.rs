//! The report as one self-contained page: no script, no request to anywhere.

use std::collections::HashMap;

use askama::Template;
use catalog_core::model::PiiDecision;
use catalog_core::{Error, ErrorKind, Result};

use super::diagram::diagrams;
use super::document::{KeyReport, Report, TableReport};

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    /// By child table.
    keys: HashMap<&'a str, Vec<&'a KeyReport>>,
    diagrams: Vec<String>,
    described: usize,
    flagged: usize,
    disputed: usize,
    stages: Vec<(&'a str, f64)>,
}

impl Page<'_> {
    fn keys_of(&self, table: &TableReport) -> &[&KeyReport] {
        self.keys.get(table.fqn.as_str()).map_or(&[], Vec::as_slice)
    }

    fn count(&self, status: &str) -> usize {
        self.report.foreign_keys.iter().filter(|k| k.status.as_str() == status).count()
    }
}

/// The page as HTML.
///
/// # Errors
/// `Internal` when the template fails, which no input should make it do.
pub fn page(report: &Report) -> Result<String> {
    let columns =
        |decision| report.tables.iter().flat_map(|t| &t.columns).filter(|c| c.pii.decision == decision).count();
    let mut stages: Vec<(&str, f64)> = report.run.stages.iter().map(|(n, s)| (n.as_str(), *s)).collect();
    stages.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut keys: HashMap<&str, Vec<&KeyReport>> = HashMap::new();
    for key in &report.foreign_keys {
        keys.entry(&key.child_table).or_default().push(key);
    }
    let page = Page {
        report,
        keys,
        diagrams: diagrams(&report.foreign_keys),
        described: report.tables.iter().filter(|t| t.description.is_some()).count(),
        flagged: columns(PiiDecision::Flagged),
        disputed: columns(PiiDecision::Disputed),
        stages,
    };
    page.render().map_err(|e| Error::new(ErrorKind::Internal, "render_report", "the template failed").caused_by(e))
}
