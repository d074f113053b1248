//! `explain`: what each stage saw of one table. Nothing here holds a raw value.

use std::io::Write;

use catalog_core::Result;
use catalog_core::model::Table;

use super::arguments::{ExplainVerb, Output};
use super::{Exit, output_failed, print_json};
use crate::actions::Explanation;
use crate::config::Config;
use crate::report::plain;
use crate::wiring;

/// Explains one table.
pub(super) async fn run(verb: &ExplainVerb, config: &Config, output: Output) -> Result<Exit> {
    let explanation = wiring::existing_stores(config).await?.desk().explain(&verb.fqn).await?;
    match output {
        Output::Json => print_json(&explanation)?,
        Output::Table => {
            let mut told = Vec::new();
            tell(&explanation, &mut told).map_err(output_failed)?;
            let told = String::from_utf8_lossy(&told);
            let mut out = std::io::stdout().lock();
            told.lines().try_for_each(|line| writeln!(out, "{}", plain(line))).map_err(output_failed)?;
        }
    }
    Ok(Exit::Done)
}

fn tell(e: &Explanation, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{}", e.fqn)?;
    if let Some(p) = &e.parked {
        writeln!(out, "parked    stage {}: {}", p.stage, p.reason)?;
    }
    let Some(table) = &e.discover else { return Ok(()) };
    writeln!(
        out,
        "discover  {:?}, {} columns, primary key ({})",
        table.kind,
        table.columns.len(),
        table.primary_key.join(", ")
    )?;
    if let Some(profile) = &e.profile {
        let exact = if profile.row_count_exact { "" } else { "about " };
        writeln!(
            out,
            "profile   {exact}{} rows; figures from {} rows by {:?}",
            profile.row_count, profile.rows_seen, profile.method
        )?;
    }
    columns(e, table, out)?;
    if !e.quasi_identifiers.is_empty() {
        let columns: Vec<&str> = e.quasi_identifiers.keys().map(String::as_str).collect();
        writeln!(out, "vote      {} together single a person out", columns.join(", "))?;
    }
    if let Some(sample) = &e.prompt_sample {
        writeln!(out, "redact    what a describer may see of the rows:")?;
        for row in sample.rows() {
            writeln!(out, "            {}", row.join(" | "))?;
        }
    }
    for key in &e.relate {
        let witnesses: Vec<String> = key.evidence.iter().map(|(n, v)| format!("{n} {v:.2}")).collect();
        writeln!(
            out,
            "relate    ({}) → {} ({}), {:?}, score {:.2}, orphans {}: {}",
            key.child.columns.join(", "),
            key.parent.table,
            key.parent.columns.join(", "),
            key.status,
            key.score,
            key.orphans.map_or_else(|| "not counted".to_owned(), |n| n.to_string()),
            witnesses.join(", ")
        )?;
    }
    match &e.describe {
        Some(d) => writeln!(out, "describe  {:.2} by {}: {}", d.confidence.value(), d.source, d.text)?,
        None => writeln!(out, "describe  no description: the evidence says too little")?,
    }
    if let Some(text) = &e.index {
        // A view a line.
        writeln!(out, "index     {}", text.replace('\n', "\n          "))?;
    }
    for p in &e.proposals {
        writeln!(out, "decide    proposal {} on {} is {}: {}", p.id, p.operation.field, p.state.as_str(), p.why)?;
    }
    for row in &e.audit {
        writeln!(out, "audit     {} {} {} by {}", row.at_ms, row.action, row.operation.field, row.actor)?;
    }
    Ok(())
}

fn columns(e: &Explanation, table: &Table, out: &mut impl Write) -> std::io::Result<()> {
    for (i, column) in table.columns.iter().enumerate() {
        write!(out, "  {} {}", column.name, column.data_type.as_str())?;
        if let Some(p) = e.profile.as_ref().and_then(|p| p.columns.get(i)) {
            let nulls = p.null_ratio.map_or_else(|| "no row seen".to_owned(), |r| format!("{:.1} % NULL", r * 100.0));
            let distinct = p.distinct.map_or_else(String::new, |d| match d.error_bound > 0.0 {
                true => format!(", {} distinct ± {:.1} %", d.value, d.error_bound * 100.0),
                false => format!(", {} distinct", d.value),
            });
            let shape = p.shapes.first().map_or_else(String::new, |s| format!(", shape {}", s.shape));
            let range = p.range.as_ref().map_or_else(String::new, |r| format!(", mostly {} to {}", r.p5, r.p95));
            write!(out, ": {nulls}{distinct}{shape}{range}")?;
        }
        if let Some(codes) = e.public_codes.get(i).filter(|c| !c.is_empty()) {
            write!(out, ", codes {}", codes.join(" "))?;
        }
        writeln!(out)?;
        if let Some(v) = e.vote.iter().find(|v| v.column == column.name) {
            let votes: Vec<String> =
                v.votes.iter().map(|v| format!("{} {:?} {:.2}", v.voter, v.verdict, v.score)).collect();
            let entity = v.entity.map_or("", |e| e.as_str());
            writeln!(out, "    vote {:?} {entity} ({})", v.decision, votes.join(", "))?;
        }
    }
    Ok(())
}
