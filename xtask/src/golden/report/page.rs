//! The run as one page that needs nothing else: no script, no font, no picture from elsewhere.

use std::fmt::Write as _;

use super::percent;
use super::plot::{Bar, bars, diagonal};
use crate::golden::document::{Document, RegimeResult};
use crate::golden::measures::{Reliability, Scores};

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--paper:#fff;--line:#d9dee5;--c0:#8a94a3;--c1:#4c8fd6;\
--c2:#2f9e6e;--c3:#d68a2f;--c4:#9a6fc9}\
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa5b4;--paper:#14181e;--line:#333b46}}\
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:64rem;margin:2rem auto;\
padding:0 1rem}\
h1{font-size:1.5rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin-top:1.6rem}\
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.6rem 0}\
th,td{padding:.15rem .7rem .15rem 0;text-align:right;border-bottom:1px solid var(--line)}\
th:first-child,td:first-child,td.text,th.text{text-align:left}\
th{color:var(--soft);font-weight:600}.verdict{font-weight:700}p.note{color:var(--soft)}\
svg{width:100%;max-width:760px;height:auto;font:12px system-ui,sans-serif}svg.square{max-width:320px}\
svg text{fill:var(--ink)}svg .tick{fill:var(--soft)}svg .grid{stroke:var(--line)}svg .axis{stroke:var(--soft)}\
svg .whisker{stroke:var(--ink);stroke-width:2}\
.c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)}\
details{margin:.6rem 0}summary{cursor:pointer;color:var(--soft)}";

/// The page.
pub(super) fn page(document: &Document) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>Golden run: {0}</title><style>{STYLE}</style></head><body><h1>Golden run: {0}</h1>",
        escaped(&document.set)
    );
    let named = |name: &Option<String>| escaped(name.as_deref().unwrap_or("none"));
    let _ = write!(
        html,
        "<p class=\"note\">Embedding model: {}{}. Describing model: {}{}. {:.0} seconds. Per cent throughout; brackets \
         and whiskers are 95 % bootstrap intervals.</p>",
        named(&document.embedder),
        if document.embedder.is_some() && !document.multilingual {
            " (not multilingual: read French apart)"
        } else {
            ""
        },
        named(&document.model),
        if document.glossary { ", with the set's glossary" } else { "" },
        document.seconds
    );
    verdicts(document, &mut html);
    for regime in &document.regimes {
        let _ = write!(
            html,
            "<h2>{}</h2><p>{} tables, {} questions with an answer and {} without.</p>",
            escaped(&regime.name),
            regime.tables,
            regime.answerable,
            regime.unanswerable
        );
        recall(regime, &mut html);
        lifts(regime, &mut html);
        quality(regime, &mut html);
        findings(regime, &mut html);
    }
    if let Some(fitted) = &document.calibration {
        let _ = write!(html, "<h2>Confidence of {} drafts by the model</h2>", fitted.drafts);
        reliability("Scores as they are", &fitted.before, &mut html);
        reliability("Each domain under a table fitted to the others", &fitted.after, &mut html);
    }
    html.push_str("</body></html>\n");
    html
}

fn verdicts(document: &Document, html: &mut String) {
    html.push_str("<h2>Verdict</h2>");
    if document.verdicts.is_empty() {
        html.push_str("<p>None: no model described the tables in this run.</p>");
        return;
    }
    html.push_str(
        "<table><tr><th>regime</th><th>llm − bare</th><th>interval</th><th>pool</th><th class=\"text\">verdict</th>\
         <th class=\"text\">note</th></tr>",
    );
    for ruling in &document.verdicts {
        let _ = write!(
            html,
            "<tr><td>{}</td><td>{}</td><td>[{}, {}]</td><td>{}</td><td class=\"text verdict\">{}</td>\
             <td class=\"text\">{}</td></tr>",
            escaped(&ruling.regime),
            percent(ruling.lift.mean),
            percent(ruling.lift.low),
            percent(ruling.lift.high),
            ruling.pool,
            ruling.verdict.as_str(),
            escaped(&ruling.note)
        );
    }
    html.push_str("</table>");
    if let Some(decisions) = &document.decisions {
        let all = decisions.accepted + decisions.rejected;
        let _ = write!(html, "<p>Stewards accepted {} % of {all} descriptions.</p>", percent(decisions.share()));
    }
}

fn recall(regime: &RegimeResult, html: &mut String) {
    for pool in ["domain", "set", "large"] {
        let shown: Vec<_> = regime.cells.iter().filter(|c| c.group == "all" && c.pool == pool).collect();
        let Some(first) = shown.first() else { continue };
        let title = format!("Recall@5, pool of {} tables ({pool})", first.tables);
        let bar = |cell: &&crate::golden::document::Cell| Bar {
            name: format!("{}, {}", cell.arm.as_str(), cell.form.as_str()),
            value: cell.recall.recall_at_5.mean,
            whisker: Some((cell.recall.recall_at_5.low, cell.recall.recall_at_5.high)),
            colour: cell.arm as usize,
        };
        let drawn = bars(&title, &shown.iter().map(bar).collect::<Vec<_>>(), 0.0, 1.0);
        let _ = write!(html, "<h3>{}</h3>{drawn}", escaped(&title));
    }
    html.push_str(
        "<details><summary>All figures</summary><table><tr><th>arm</th><th class=\"text\">found by</th>\
         <th class=\"text\">pool</th><th class=\"text\">questions</th><th>n</th><th>R@1</th><th>R@5</th><th>interval</th>\
         <th>R@10</th><th>full@5</th><th>MRR</th></tr>",
    );
    for cell in &regime.cells {
        let r = &cell.recall;
        let _ = write!(
            html,
            "<tr><td>{}</td><td class=\"text\">{}</td><td class=\"text\">{} ({})</td><td class=\"text\">{}</td><td>{}</td>\
             <td>{}</td><td>{}</td><td>[{}, {}]</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            cell.arm.as_str(),
            cell.form.as_str(),
            cell.pool,
            cell.tables,
            escaped(&cell.group),
            r.questions,
            percent(r.recall_at_1),
            percent(r.recall_at_5.mean),
            percent(r.recall_at_5.low),
            percent(r.recall_at_5.high),
            percent(r.recall_at_10),
            percent(r.full_at_5),
            percent(r.mrr)
        );
    }
    html.push_str("</table></details>");
}

fn lifts(regime: &RegimeResult, html: &mut String) {
    let shown: Vec<_> = regime.lifts.iter().filter(|l| l.group == "all").collect();
    if shown.is_empty() {
        return;
    }
    let bar = |lift: &&crate::golden::document::Lift| Bar {
        name: format!("{} − {}, {}, {}", lift.arm.as_str(), lift.base.as_str(), lift.form.as_str(), lift.pool),
        value: lift.lift.mean,
        whisker: Some((lift.lift.low, lift.lift.high)),
        colour: lift.arm as usize,
    };
    let made: Vec<Bar> = shown.iter().map(bar).collect();
    let ends = shown.iter().flat_map(|l| [l.lift.low, l.lift.high]);
    let reach = ends.fold(0.05, |far: f64, end| far.max(end.abs()));
    let title = "Difference of recall@5, paired by question";
    let _ = write!(html, "<h3>{title}</h3>{}", bars(title, &made, -reach, reach));
}

fn quality(regime: &RegimeResult, html: &mut String) {
    if !regime.acceptance.is_empty() {
        html.push_str(
            "<h3>Estimated acceptance, by the rubric</h3><table><tr><th>arm</th><th>described</th><th>short</th>\
             <th>subject right</th><th>grounded</th><th>useful</th><th>accepted</th></tr>",
        );
    }
    for arm in &regime.acceptance {
        let a = &arm.acceptance;
        let _ = write!(
            html,
            "<tr><td>{}</td><td>{} of {}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            arm.arm.as_str(),
            a.described,
            a.tables,
            percent(a.short),
            percent(a.subject_right),
            percent(a.grounded),
            percent(a.useful),
            percent(a.accepted)
        );
    }
    if !regime.acceptance.is_empty() {
        html.push_str("</table>");
    }
    for told in &regime.reliability {
        reliability(&format!("Confidence of {}", told.arm.as_str()), &told.reliability, html);
    }
}

fn reliability(of: &str, told: &Reliability, html: &mut String) {
    let title = format!("{of}: calibration error {}, Brier score {:.3}", percent(told.error), told.brier);
    let points: Vec<_> = told.bins.iter().map(|bin| (bin.confidence, bin.accepted, bin.drafts)).collect();
    let _ = write!(html, "<h3>{}</h3>{}", escaped(&title), diagonal(&title, &points));
}

fn findings(regime: &RegimeResult, html: &mut String) {
    html.push_str(
        "<h3>Personal data and keys, without a model</h3><table><tr><th></th><th>true</th><th>precision</th>\
         <th>recall</th><th>F1</th></tr>",
    );
    let found = &regime.findings;
    let rows: [(&str, Option<&Scores>); 7] = [
        ("personal columns, flagged", Some(&found.flagged)),
        ("personal columns, flagged or disputed", Some(&found.flagged_or_disputed)),
        ("keys, confirmed", Some(&found.keys)),
        ("keys, confirmed or proposed", Some(&found.keys_or_proposed)),
        ("keys, confirmed, with the query log", found.keys_with_log.as_ref()),
        ("keys of several columns", found.composite.as_ref()),
        ("keys between domains, confirmed", found.cross.as_ref()),
    ];
    for (name, scores) in rows {
        let Some(s) = scores else { continue };
        let _ = write!(
            html,
            "<tr><td>{name}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            s.right + s.missed,
            percent(s.precision),
            percent(s.recall),
            percent(s.f1)
        );
    }
    html.push_str("</table>");
    if let Some(p) = &found.proposals {
        let _ = write!(
            html,
            "<p>{} of {} proposed queries read just the tables that a question needs ({} %); {} % of the questions are \
             met by one.</p>",
            p.hits,
            p.proposed,
            percent(p.hit_rate),
            percent(p.questions_met)
        );
    }
    for cost in &regime.costs {
        let told = |count: Option<u64>| count.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
        let _ = write!(
            html,
            "<p>Cost of {}: {} of {} descriptions by the model, calls {}, tokens {}, {:.0} s in this run.</p>",
            cost.arm.as_str(),
            cost.by_model,
            cost.described,
            told(cost.calls),
            told(cost.tokens),
            cost.seconds
        );
    }
}

/// Text that HTML and SVG show as it is.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::document::{Cell, Ruling};
    use crate::golden::measures::{Findings, Interval, Recall};
    use crate::golden::settings::Arm;
    use crate::golden::vectors::Form;
    use crate::golden::verdict::Verdict;

    const HOSTILE: &str = "</title><script>alert(1)</script><img src=x onerror='x'>\"";

    fn hostile() -> Document {
        let interval = Interval { mean: 0.5, low: 0.4, high: 0.6, noise: 0.05 };
        let recall = Recall {
            questions: 1,
            recall_at_1: 0.1,
            recall_at_5: interval,
            recall_at_10: 0.6,
            full_at_5: 0.5,
            mrr: 0.5,
        };
        let group = format!("domain:{HOSTILE}");
        let cell = |group: String| Cell {
            arm: Arm::Bare,
            form: Form::Lexical,
            pool: "large",
            tables: 1,
            group,
            recall: recall.clone(),
        };
        let scores = Scores::of(1, 1, 1);
        let findings = Findings {
            flagged: scores,
            flagged_or_disputed: scores,
            keys: scores,
            keys_or_proposed: scores,
            composite: None,
            cross: None,
            keys_with_log: None,
            proposals: None,
            seconds: 1.0,
            parked: 0,
        };
        let regime = RegimeResult {
            name: HOSTILE.to_owned(),
            weight: 100.0,
            tables: 1,
            answerable: 1,
            unanswerable: 0,
            cells: vec![cell(group), cell("all".to_owned())],
            lifts: Vec::new(),
            acceptance: Vec::new(),
            reliability: Vec::new(),
            refusals: Vec::new(),
            findings,
            costs: Vec::new(),
            columns: None,
        };
        let ruling = Ruling {
            regime: HOSTILE.to_owned(),
            form: Form::Lexical,
            pool: 1,
            lift: interval,
            verdict: Verdict::Iterate,
            note: HOSTILE.to_owned(),
        };
        Document {
            set: HOSTILE.to_owned(),
            identity: serde_json::Value::Null,
            embedder: Some(HOSTILE.to_owned()),
            multilingual: false,
            glossary: false,
            model: Some(HOSTILE.to_owned()),
            regimes: vec![regime],
            verdicts: vec![ruling],
            calibration: None,
            decisions: None,
            seconds: 1.0,
        }
    }

    #[test]
    fn hostile_names_stay_text() {
        let html = page(&hostile());
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("onerror='"));
        assert!(html.matches("&lt;script&gt;").count() >= 8);
    }

    #[test]
    fn the_page_loads_nothing_and_follows_the_readers_colours() {
        let html = page(&hostile()).replace(&escaped(HOSTILE), "");
        assert!(!html.contains("http://") && !html.contains("https://") && !html.contains(" src="));
        assert!(html.contains("prefers-color-scheme:dark") && html.contains("<svg"));
    }
}
