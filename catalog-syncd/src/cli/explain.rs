//! `explain`: what each stage saw of one table. Nothing here holds a raw value.

use std::io::Write;

use catalog_core::model::{AuditRow, Fqn, ParkedTable, Proposal, TableState};
use catalog_core::ports::ledger::{
    AuditFilter, AuditLog as _, ProposalFilter, Proposals as _, TableStates as _, WorkQueue as _,
};
use catalog_core::{Error, ErrorKind, Result};
use serde::Serialize;

use super::arguments::{ExplainVerb, Output};
use super::{Exit, output_failed, print_json};
use crate::config::Config;
use crate::report::plain;
use crate::wiring::{self, Stores};

/// States read at a time while a short name is looked up.
const PAGE: usize = 500;

/// All that is known of one table.
#[derive(Serialize)]
struct Explanation<'a> {
    fqn: String,
    discover: &'a catalog_core::model::Table,
    profile: Option<&'a catalog_core::model::TableProfile>,
    vote: &'a [catalog_core::model::PiiVerdict],
    public_codes: &'a [Vec<String>],
    prompt_sample: Option<&'a catalog_core::model::PromptSample>,
    relate: &'a [catalog_core::model::ForeignKey],
    describe: Option<&'a catalog_core::model::Draft>,
    index: Option<&'a str>,
    parked: Option<&'a ParkedTable>,
    proposals: &'a [Proposal],
    audit: &'a [AuditRow],
}

/// Explains one table.
pub(super) async fn run(verb: &ExplainVerb, config: &Config) -> Result<Exit> {
    let stores = wiring::existing_stores(config)?;
    let parked = stores.ledger.parked().await?;
    let Some(state) = find(&stores, &verb.fqn).await? else {
        return explain_parked(&verb.fqn, &parked);
    };
    let fqn = state.table.fqn().clone();
    let filter = ProposalFilter { table: Some(fqn.clone()), ..ProposalFilter::default() };
    let proposals = stores.ledger.proposals(&filter).await?;
    let audit = stores.ledger.audit(&AuditFilter { table: Some(fqn.clone()), ..AuditFilter::default() }).await?;
    let parked = parked.iter().find(|p| p.table.id == state.table.table_ref.id);
    let explanation = Explanation {
        fqn: fqn.to_string(),
        discover: &state.table,
        profile: state.profile.as_ref(),
        vote: &state.verdicts,
        public_codes: &state.public_codes,
        prompt_sample: state.sample.as_ref(),
        relate: &state.keys,
        describe: state.draft.as_ref(),
        index: state.indexed_text.as_deref(),
        parked,
        proposals: &proposals,
        audit: &audit,
    };
    match verb.output {
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

/// The state of the table of that name, or of the only one whose name ends so.
async fn find(stores: &Stores, name: &str) -> Result<Option<TableState>> {
    let wanted: Fqn = name.parse()?;
    let mut matches = Vec::new();
    let mut after = None;
    loop {
        let page = stores.ledger.states(after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.table.table_ref.id.clone());
        for state in page {
            if *state.table.fqn() == wanted {
                return Ok(Some(state));
            }
            if state.table.fqn().parts().ends_with(wanted.parts()) {
                matches.push(state);
            }
        }
    }
    match matches.len() {
        0 | 1 => Ok(matches.pop()),
        n => {
            let names: Vec<String> = matches.iter().take(5).map(|s| s.table.fqn().to_string()).collect();
            Err(Error::new(ErrorKind::InvalidInput, "explain_table", format!("{n} tables have a name that ends so"))
                .with("name", name)
                .hint(format!("give the whole name, for example {}", names.join(" or "))))
        }
    }
}

fn explain_parked(name: &str, parked: &[ParkedTable]) -> Result<Exit> {
    let wanted: Fqn = name.parse()?;
    match parked.iter().find(|p| p.table.fqn.parts().ends_with(wanted.parts())) {
        Some(p) => {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{}: parked in stage {}: {}", p.table.fqn, p.stage, p.reason).map_err(output_failed)?;
            Ok(Exit::Done)
        }
        None => Err(Error::new(ErrorKind::NotFound, "explain_table", "the ledger knows no such table")
            .with("name", name)
            .hint("`catalog-syncd sync --output json` lists every table by its full name")),
    }
}

fn tell(e: &Explanation<'_>, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{}", e.fqn)?;
    if let Some(p) = e.parked {
        writeln!(out, "parked    stage {}: {}", p.stage, p.reason)?;
    }
    let table = e.discover;
    writeln!(
        out,
        "discover  {:?}, {} columns, primary key ({})",
        table.kind,
        table.columns.len(),
        table.primary_key.join(", ")
    )?;
    if let Some(profile) = e.profile {
        let exact = if profile.row_count_exact { "" } else { "about " };
        writeln!(
            out,
            "profile   {exact}{} rows; figures from {} rows by {:?}",
            profile.row_count, profile.rows_seen, profile.method
        )?;
    }
    columns(e, out)?;
    if let Some(sample) = e.prompt_sample {
        writeln!(out, "redact    what a describer may see of the rows:")?;
        for row in sample.rows() {
            writeln!(out, "            {}", row.join(" | "))?;
        }
    }
    for key in e.relate {
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
    match e.describe {
        Some(d) => writeln!(out, "describe  {:.2} by {}: {}", d.confidence.value(), d.source, d.text)?,
        None => writeln!(out, "describe  no description: the evidence says too little")?,
    }
    if let Some(text) = e.index {
        writeln!(out, "index     {text}")?;
    }
    for p in e.proposals {
        writeln!(out, "decide    proposal {} on {} is {}: {}", p.id, p.operation.field, p.state.as_str(), p.why)?;
    }
    for row in e.audit {
        writeln!(out, "audit     {} {} {} by {}", row.at_ms, row.action, row.operation.field, row.actor)?;
    }
    Ok(())
}

fn columns(e: &Explanation<'_>, out: &mut impl Write) -> std::io::Result<()> {
    for (i, column) in e.discover.columns.iter().enumerate() {
        write!(out, "  {} {}", column.name, column.data_type.as_str())?;
        if let Some(p) = e.profile.and_then(|p| p.columns.get(i)) {
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
