//! The report as a table on the terminal.

use std::collections::HashMap;
use std::io::{self, Write};

use catalog_core::model::{KeyStatus, PiiDecision};
use comfy_table::{ContentArrangement, Table, presets};
use console::Term;

use super::document::{KeyReport, Report, TableReport};

/// Writes the report for people: a line a table, then keys, parked tables, totals and seconds.
///
/// # Errors
/// When the terminal or pipe cannot be written to.
pub fn print(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let mut tables = grid(&["table", "rows", "description", "sure", "personal data", "keys"]);
    let mut keys: HashMap<&str, Vec<&KeyReport>> = HashMap::new();
    for key in &report.foreign_keys {
        keys.entry(&key.child_table).or_default().push(key);
    }
    for table in &report.tables {
        let text = table.description.as_ref();
        tables.add_row([
            plain(&table.fqn),
            table.row_count_estimate.map_or_else(|| "?".to_owned(), |n| n.to_string()),
            text.map_or_else(|| "–".to_owned(), |d| plain(&d.text)),
            text.map_or_else(String::new, |d| format!("{:.2} {}", d.confidence, d.source)),
            personal(table),
            keys.get(table.fqn.as_str()).map_or_else(String::new, |own| arrows(own)),
        ]);
    }
    if !report.tables.is_empty() {
        writeln!(out, "{tables}")?;
    }
    if !report.parked.is_empty() {
        let mut parked = grid(&["parked", "stage", "reason"]);
        for p in &report.parked {
            parked.add_row([&plain(&p.name), &p.stage, &plain(&p.reason)]);
        }
        writeln!(out, "\n{parked}")?;
    }
    totals(report, out)
}

/// An empty table with a header, as wide as the terminal; off a terminal as wide as a page of text.
pub fn grid(header: &[&str]) -> Table {
    let mut table = Table::new();
    let width = Term::stdout().size_checked().map_or(160, |(_, columns)| columns);
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(header.iter().copied());
    table
}

/// A name or text from the data as a terminal may show it: control characters become `\u{FFFD}`, so that no name can
/// steer the terminal.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn personal(table: &TableReport) -> String {
    let of = |decision: PiiDecision, mark: &str| {
        table
            .columns
            .iter()
            .filter(move |c| c.pii.decision == decision)
            .map(|c| format!("{}{mark} {}", plain(&c.name), c.pii.entity.as_deref().unwrap_or("")))
            .collect::<Vec<_>>()
    };
    let mut all = of(PiiDecision::Flagged, "");
    all.extend(of(PiiDecision::Disputed, "?"));
    all.join("\n")
}

/// Keys of one table, a line each.
fn arrows(own: &[&KeyReport]) -> String {
    let lines = own.iter().map(|k| {
        let parent = k.parent_table.rsplit('.').next().unwrap_or(&k.parent_table);
        let mark = if k.status == KeyStatus::Proposed { "?" } else { "" };
        plain(&format!("{} → {parent}.{}{mark}", k.child_columns.join("+"), k.parent_columns.join("+")))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn totals(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let columns =
        |decision| report.tables.iter().flat_map(|t| &t.columns).filter(|c| c.pii.decision == decision).count();
    let keys = |status| report.foreign_keys.iter().filter(|k| k.status == status).count();
    let described = report.tables.iter().filter(|t| t.description.is_some()).count();
    let run = &report.run;
    writeln!(
        out,
        "\n{} tables: {} described, {} skipped as unchanged, {} parked, {} sources failed",
        run.tables_seen, described, run.tables_skipped, run.tables_parked, run.sources_failed
    )?;
    writeln!(
        out,
        "keys: {} declared, {} confirmed, {} proposed; personal columns: {} flagged, {} disputed (?)",
        keys(KeyStatus::Declared),
        keys(KeyStatus::Confirmed),
        keys(KeyStatus::Proposed),
        columns(PiiDecision::Flagged),
        columns(PiiDecision::Disputed)
    )?;
    if report.parked.iter().any(|parked| parked.stage == "relate") {
        writeln!(out, "keys were not searched in this run, those of earlier runs stand: see `keys` above for why")?;
    }
    let queries: u64 = report.queries.iter().map(|q| q.runs).sum();
    if queries > 0 {
        let skipped: u64 = report.queries_skipped.values().sum();
        writeln!(
            out,
            "query log: {} runs of {} queries, {skipped} entries taught nothing",
            queries,
            report.queries.len()
        )?;
    }
    writeln!(out, "published {} changes, {} new ones wait for review", run.published, run.proposed)?;
    if run.unpublished + run.tables_queued > 0 {
        writeln!(out, "left for the next sync: {} tables, {} changes", run.tables_queued, run.unpublished)?;
    }
    let mut stages: Vec<_> = run.stages.iter().collect();
    stages.sort_by(|a, b| b.1.total_cmp(a.1));
    let stages: Vec<_> = stages.iter().map(|(name, s)| format!("{name} {s:.2}")).collect();
    writeln!(out, "{:.2} s; seconds by stage, summed over workers: {}", run.seconds, stages.join(", "))
}
