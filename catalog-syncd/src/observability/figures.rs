//! Every figure with its meaning: the one list behind the registry, the reference page, the dashboard and the alerts.

use std::fmt::Write as _;

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Figure {
    /// Its name as Prometheus reads it.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Its label with all values, if it has one.
    pub label: &'static str,
    /// What it counts, with its unit.
    pub meaning: &'static str,
    /// What a rising line says.
    pub rising: &'static str,
}

const fn figure(
    name: &'static str,
    kind: &'static str,
    label: &'static str,
    meaning: &'static str,
    rising: &'static str,
) -> Figure {
    Figure { name, kind, label, meaning, rising }
}

const STAGES: &str = "stage: discover, inspect, sample, profile, mask, vote, redact, querylog, relate, confirm, describe, plan, decide, publish, index";

/// Every figure. No label ever holds a name from the data.
pub const FIGURES: [Figure; 24] = [
    figure(
        "catalog_sync_runs_total",
        "counter",
        "outcome: done, stopped, failed",
        "Runs that ended.",
        "`failed`: the ledger, the index or the query log cannot be used; read the log.",
    ),
    figure(
        "catalog_sync_run_seconds",
        "histogram",
        "",
        "Wall time of a run, in seconds.",
        "More changed tables, or a slower engine or model: see the stages.",
    ),
    figure(
        "catalog_sync_stage_seconds_total",
        "counter",
        STAGES,
        "Seconds spent in each stage, over all workers.",
        "Where the time of runs goes.",
    ),
    figure(
        "catalog_sync_last_run_timestamp_seconds",
        "gauge",
        "",
        "When the latest run ended, in seconds since 1970.",
        "Rising is healthy; flat for more than two sweep intervals means that no run ends.",
    ),
    figure(
        "catalog_sync_tables_seen_total",
        "counter",
        "",
        "Tables compared with the ledger by sweeps.",
        "The catalog is swept.",
    ),
    figure(
        "catalog_sync_tables_skipped_total",
        "counter",
        "",
        "Of those, tables in which nothing had changed.",
        "Close to `tables_seen` is the normal case; far below, much changes or a change token is unstable.",
    ),
    figure(
        "catalog_sync_tables",
        "gauge",
        "state: queued, parked, done",
        "Tables by where they stand.",
        "`queued`: more comes in than is walked. `parked`: tables fail; `catalog-syncd explain` says why.",
    ),
    figure(
        "catalog_sync_source_failures_total",
        "counter",
        "",
        "Sources that could not be opened or listed, and passes over all tables (keys, index) that could not be made, by run.",
        "A source is down or refuses us, or the disk of the state folder is full: `left_out` of the run says which.",
    ),
    figure(
        "catalog_sync_changes_published_total",
        "counter",
        "",
        "Fields seen in the catalog after publishing.",
        "Work is done.",
    ),
    figure(
        "catalog_sync_changes_unpublished_total",
        "counter",
        "",
        "Fields that the catalog did not take; they are tried again.",
        "The catalog is down, refuses us, or people edit the same entries.",
    ),
    figure("catalog_sync_proposals_opened_total", "counter", "", "Proposals opened.", "Stewards get work."),
    figure(
        "catalog_sync_proposals_open",
        "gauge",
        "",
        "Proposals that wait for a steward.",
        "Stewards do not keep up: loosen `publish.*` or review in bulk.",
    ),
    figure(
        "catalog_sync_webhooks_total",
        "counter",
        "outcome: stored, refused, failed",
        "Webhooks by what became of them.",
        "`refused`: wrong signature, too large or no event. `failed`: not stored; the sender tries again.",
    ),
    figure(
        "catalog_sync_webhook_seconds",
        "histogram",
        "",
        "From the last byte of a webhook to its answer, in seconds; it is durable then.",
        "The ledger's disk or database is slow.",
    ),
    figure(
        "catalog_sync_tables_called_total",
        "counter",
        "",
        "Tables that webhooks named.",
        "People or other bots edit the catalog.",
    ),
    figure(
        "catalog_sync_query_events_total",
        "counter",
        "outcome: kept, refused",
        "Query events received by the intake.",
        "`refused`: the intake is full until the next pass mines it.",
    ),
    figure(
        "catalog_sync_requests_total",
        "counter",
        "status: 2xx, 3xx, 4xx, 5xx",
        "Answers of the API by the first digit of their status.",
        "`5xx`: something of ours or behind us fails.",
    ),
    figure(
        "catalog_sync_request_seconds",
        "histogram",
        "",
        "Time to answer a request, in seconds; streams are left out.",
        "The ledger is slow, or large answers are asked for.",
    ),
    figure(
        "catalog_sync_requests_turned_away_total",
        "counter",
        "reason: unauthorized, forbidden, rate, busy",
        "Requests refused at the door.",
        "`unauthorized`: a wrong or old token, or somebody tries. `rate`, `busy`: a caller asks too much.",
    ),
    figure(
        "catalog_sync_ledger_up",
        "gauge",
        "",
        "1 when the ledger can be read and written, else 0.",
        "At 0 the daemon is not ready and does nothing.",
    ),
    figure(
        "catalog_sync_paused",
        "gauge",
        "",
        "1 while runs are paused.",
        "Somebody paused it; `POST /api/v1/syncs/resume` ends that.",
    ),
    figure(
        "catalog_sync_retained_total",
        "counter",
        "kind: runs, proposals, queries",
        "Rows that the retention removed.",
        "Old rows go.",
    ),
    figure(
        "catalog_sync_resident_bytes",
        "gauge",
        "",
        "Memory of the process, in bytes; 0 where the system does not tell.",
        "Grows with keys and index; a steady climb without new tables is a fault of ours.",
    ),
    figure("catalog_sync_build_info", "gauge", "version: of the program", "Always 1.", "Not meant to rise."),
];

/// The reference page as Markdown.
pub fn metrics_page() -> String {
    let mut page = String::from(
        "# Metrics\n\nServed at `/metrics` in Prometheus' text form. Made from the program's own list by \
         `catalog-syncd metrics`; do not edit. Labels are closed lists: no name from the data is ever one.\n\n\
         | name | kind | label | meaning | a rising line says |\n| --- | --- | --- | --- | --- |\n",
    );
    for f in FIGURES {
        let label = if f.label.is_empty() { "" } else { f.label };
        // Writing into a string cannot fail.
        let _ = writeln!(page, "| `{}` | {} | {label} | {} | {} |", f.name, f.kind, f.meaning, f.rising);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_docs_is_the_one_that_the_list_makes() {
        let kept = include_str!("../../../docs/reference/metrics.md");
        assert!(kept == metrics_page(), "run `catalog-syncd metrics > docs/reference/metrics.md`");
    }

    #[test]
    fn dashboard_and_alerts_name_only_figures_that_exist() {
        let files = [
            include_str!("../../../deploy/helm/catalog-sync/files/dashboard.json"),
            include_str!("../../../deploy/helm/catalog-sync/files/alerts.yaml"),
        ];
        for text in files {
            let mut named = 0;
            for (at, _) in text.match_indices("catalog_sync_") {
                let name: String = text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
                assert!(FIGURES.iter().any(|f| f.name == base), "{name} is no figure");
                named += 1;
            }
            assert!(named > 5);
        }
    }
}
