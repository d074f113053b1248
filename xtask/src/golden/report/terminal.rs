//! The run in the terminal.

use std::io::Write;

use super::percent;
use crate::Result;
use crate::golden::document::{Cost, Document, RegimeResult};
use crate::golden::measures::{Reliability, Scores};

/// Prints the recall of every arm, what lifts it, and what else was measured.
///
/// # Errors
/// An output that cannot be written to.
pub fn print(document: &Document, out: &mut dyn Write) -> Result<()> {
    let embedder = document.embedder.as_deref().unwrap_or("none");
    let model = document.model.as_deref().unwrap_or("none");
    let glossary = if document.glossary { ", with the set's glossary" } else { "" };
    let (set, embedder, model) = (plain(&document.set), plain(embedder), plain(model));
    writeln!(out, "{set}: embedding model {embedder}, describing model {model}{glossary}")?;
    for regime in &document.regimes {
        print_regime(regime, out)?;
    }
    writeln!(out)?;
    if document.verdicts.is_empty() {
        writeln!(out, "verdict: none, because no model described the tables (see `cargo xtask stack env`)")?;
    }
    for ruling in &document.verdicts {
        writeln!(
            out,
            "verdict, {:<12} llm - bare {:>6} [{}, {}] points, pool {}: {} ({})",
            plain(&ruling.regime),
            percent(ruling.lift.mean),
            percent(ruling.lift.low),
            percent(ruling.lift.high),
            ruling.pool,
            ruling.verdict.as_str(),
            plain(&ruling.note)
        )?;
    }
    if let Some(fitted) = &document.calibration {
        print_reliability(&format!("scores of {} drafts by the model", fitted.drafts), &fitted.before, out)?;
        print_reliability("the same, each domain under a table of the others", &fitted.after, out)?;
    }
    if let Some(decisions) = &document.decisions {
        let all = decisions.accepted + decisions.rejected;
        writeln!(out, "stewards accepted {} % of {all} descriptions", percent(decisions.share()))?;
    }
    writeln!(out, "{:.0} seconds", document.seconds)?;
    Ok(())
}

fn print_regime(regime: &RegimeResult, out: &mut dyn Write) -> Result<()> {
    writeln!(
        out,
        "\n{}: {} tables, {} questions, {} without an answer\n{:<10} {:<8} {:<7} {:>6} {:>6} {:>17} {:>6} {:>6} {:>6}",
        plain(&regime.name),
        regime.tables,
        regime.answerable,
        regime.unanswerable,
        "arm",
        "found by",
        "pool",
        "tables",
        "R@1",
        "R@5",
        "R@10",
        "full@5",
        "MRR"
    )?;
    for cell in regime.cells.iter().filter(|cell| cell.group == "all") {
        let r = &cell.recall;
        let at_5 = format!(
            "{} [{}, {}]",
            percent(r.recall_at_5.mean),
            percent(r.recall_at_5.low),
            percent(r.recall_at_5.high)
        );
        writeln!(
            out,
            "{:<10} {:<8} {:<7} {:>6} {:>6} {at_5:>17} {:>6} {:>6} {:>6}",
            cell.arm.as_str(),
            cell.form.as_str(),
            cell.pool,
            cell.tables,
            percent(r.recall_at_1),
            percent(r.recall_at_10),
            percent(r.full_at_5),
            percent(r.mrr)
        )?;
    }
    for lift in regime.lifts.iter().filter(|lift| lift.group == "all") {
        let (arm, base, i) = (lift.arm.as_str(), lift.base.as_str(), &lift.lift);
        writeln!(
            out,
            "  {arm} - {base}, {}, {}: {} [{}, {}]",
            lift.form.as_str(),
            lift.pool,
            percent(i.mean),
            percent(i.low),
            percent(i.high)
        )?;
    }
    print_rest(regime, out)
}

fn print_rest(regime: &RegimeResult, out: &mut dyn Write) -> Result<()> {
    for arm in &regime.acceptance {
        let a = &arm.acceptance;
        writeln!(
            out,
            "  estimated acceptance, {}: {} % of {} (short {}, subject {}, grounded {}, useful {})",
            arm.arm.as_str(),
            percent(a.accepted),
            a.described,
            percent(a.short),
            percent(a.subject_right),
            percent(a.grounded),
            percent(a.useful)
        )?;
    }
    for told in &regime.reliability {
        print_reliability(&format!("  confidence of {}", told.arm.as_str()), &told.reliability, out)?;
    }
    let found = &regime.findings;
    let mut scores = |name: &str, s: &Scores| -> Result<()> {
        let (p, r, f) = (percent(s.precision), percent(s.recall), percent(s.f1));
        Ok(writeln!(out, "  {name}: precision {p}, recall {r}, F1 {f} ({} true)", s.right + s.missed)?)
    };
    scores("personal columns, flagged", &found.flagged)?;
    scores("personal columns, flagged or disputed", &found.flagged_or_disputed)?;
    scores("keys, confirmed", &found.keys)?;
    scores("keys, confirmed or proposed", &found.keys_or_proposed)?;
    if let Some(with_log) = &found.keys_with_log {
        scores("keys, confirmed, with the query log", with_log)?;
    }
    if let Some(composite) = &found.composite {
        scores("keys of several columns", composite)?;
    }
    if let Some(cross) = &found.cross {
        scores("keys between domains", cross)?;
    }
    if let Some(p) = &found.proposals {
        let (rate, met) = (percent(p.hit_rate), percent(p.questions_met));
        writeln!(
            out,
            "  proposals: {} of {} hit a question ({rate} %); {met} % of the questions met",
            p.hits, p.proposed
        )?;
    }
    for refusal in &regime.refusals {
        let (arm, form) = (refusal.arm.as_str(), refusal.form.as_str());
        writeln!(out, "  answerable or not, {arm}, {form}: area {:.2}", refusal.area)?;
    }
    regime.costs.iter().try_for_each(|cost| print_cost(cost, out))?;
    if let Some(columns) = &regime.columns {
        let (all, described, [median, most]) = (columns.columns, columns.described, columns.words);
        writeln!(out, "  columns: {described} of {all} described, {median} words in the median, {most} at most")?;
        if let (Some(texts), Some(names)) = (columns.similarity, columns.similarity_of_names) {
            writeln!(out, "    cosine with what the set says: {texts:.3}; of their names alone {names:.3}")?;
        }
    }
    Ok(())
}

/// What an arm's model was asked, what came of it, and how near it is to the reference.
fn print_cost(cost: &Cost, out: &mut dyn Write) -> Result<()> {
    let told = |count: Option<u64>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
    writeln!(
        out,
        "  cost of {}: {} of {} by the model, {} calls, {} tokens, {:.0} s in this run",
        cost.arm.as_str(),
        cost.by_model,
        cost.described,
        told(cost.calls),
        told(cost.tokens),
        cost.seconds
    )?;
    writeln!(out, "    words: {} in the median, {} at most", cost.words[0], cost.words[1])?;
    if let Some(similarity) = cost.similarity {
        writeln!(out, "    cosine with the reference: {similarity:.3}")?;
    }
    if let Some(a) = cost.answers.as_ref().filter(|answers| answers.tables > answers.cached) {
        writeln!(
            out,
            "    of {} asked: first try {}, retry {}, fallback {}, rules {}, question {}, nothing {}",
            a.tables - a.cached,
            a.first_try,
            a.after_retry,
            a.after_fallback,
            a.by_rules,
            a.questions,
            a.nothing
        )?;
        let refused: Vec<String> = a.refusals.iter().map(|(why, count)| format!("{} {count}", plain(why))).collect();
        writeln!(out, "    refused: {}", refused.join(", "))?;
    }
    Ok(())
}

fn print_reliability(of: &str, reliability: &Reliability, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{of}: calibration error {}, Brier score {:.3}", percent(reliability.error), reliability.brier)?;
    for bin in &reliability.bins {
        let (said, accepted) = (percent(bin.confidence), percent(bin.accepted));
        writeln!(out, "    from {:.1}: {} drafts, said {said}, accepted {accepted}", bin.from, bin.drafts)?;
    }
    Ok(())
}

/// A name without what steers a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
