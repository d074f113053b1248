//! The registry: what is counted as things happen.

use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use catalog_core::model::{RunSummary, WorkCounts};
use catalog_core::ports::ledger::Retained;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

use super::FIGURES;
use crate::walk::SourceFailure;

type Label = [(&'static str, &'static str); 1];
type Count = Counter<u64, AtomicU64>;
type Level = Gauge<i64, AtomicI64>;
type Seconds = Family<Label, Counter<f64, AtomicU64>>;

/// What became of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Webhook {
    /// Its tables are queued, durably.
    Stored,
    /// It was not accepted: signature, size or form.
    Refused,
    /// It could not be stored.
    Failed,
}

/// Every figure of the process. Methods say what happened; the list of figures says what it means.
pub struct Metrics {
    registry: Registry,
    runs: Family<Label, Count>,
    run_seconds: Histogram,
    stage_seconds: Seconds,
    last_run: Level,
    tables_seen: Count,
    tables_skipped: Count,
    tables: Family<Label, Level>,
    source_failures: Count,
    published: Count,
    unpublished: Count,
    proposals_opened: Count,
    proposals_open: Level,
    webhooks: Family<Label, Count>,
    webhook_seconds: Histogram,
    tables_called: Count,
    query_events: Family<Label, Count>,
    requests: Family<Label, Count>,
    request_seconds: Histogram,
    turned_away: Family<Label, Count>,
    ledger_up: Level,
    paused: Level,
    retained: Family<Label, Count>,
    resident: Level,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let fast = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
        let slow = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0];
        let build: Family<Label, Level> = register(&mut registry, "catalog_sync_build_info", Family::default());
        build.get_or_create(&[("version", env!("CARGO_PKG_VERSION"))]).set(1);
        let r = &mut registry;
        Self {
            runs: family(r, "catalog_sync_runs_total"),
            run_seconds: register(r, "catalog_sync_run_seconds", Histogram::new(slow)),
            stage_seconds: family(r, "catalog_sync_stage_seconds_total"),
            last_run: register(r, "catalog_sync_last_run_timestamp_seconds", Level::default()),
            tables_seen: register(r, "catalog_sync_tables_seen_total", Count::default()),
            tables_skipped: register(r, "catalog_sync_tables_skipped_total", Count::default()),
            tables: family(r, "catalog_sync_tables"),
            source_failures: register(r, "catalog_sync_source_failures_total", Count::default()),
            published: register(r, "catalog_sync_changes_published_total", Count::default()),
            unpublished: register(r, "catalog_sync_changes_unpublished_total", Count::default()),
            proposals_opened: register(r, "catalog_sync_proposals_opened_total", Count::default()),
            proposals_open: register(r, "catalog_sync_proposals_open", Level::default()),
            webhooks: family(r, "catalog_sync_webhooks_total"),
            webhook_seconds: register(r, "catalog_sync_webhook_seconds", Histogram::new(fast)),
            tables_called: register(r, "catalog_sync_tables_called_total", Count::default()),
            query_events: family(r, "catalog_sync_query_events_total"),
            requests: family(r, "catalog_sync_requests_total"),
            request_seconds: register(r, "catalog_sync_request_seconds", Histogram::new(fast)),
            turned_away: family(r, "catalog_sync_requests_turned_away_total"),
            ledger_up: register(r, "catalog_sync_ledger_up", Level::default()),
            paused: register(r, "catalog_sync_paused", Level::default()),
            retained: family(r, "catalog_sync_retained_total"),
            resident: register(r, "catalog_sync_resident_bytes", Level::default()),
            registry,
        }
    }
}

/// Registers a figure with a label. Every value of the label is there from the start, at 0: what never happened is a
/// line, too.
fn family<M: Default + Clone>(registry: &mut Registry, name: &str) -> Family<Label, M>
where
    Family<Label, M>: Metric,
{
    let family: Family<Label, M> = register(registry, name, Family::default());
    for (label, value) in label_values(name) {
        drop(family.get_or_create(&[(label, value)]));
    }
    family
}

/// The label of a figure with each of its values, as the list names them.
fn label_values(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let label = FIGURES.iter().find(|f| f.name == name).map_or("", |f| f.label);
    let (label, values) = label.split_once(": ").unwrap_or_default();
    values.split(", ").filter(|value| !value.is_empty()).map(move |value| (label, value))
}

/// Registers a figure under its name and with the meaning that the list gives it.
fn register<M: Metric + Clone>(registry: &mut Registry, name: &str, metric: M) -> M {
    let meaning = FIGURES.iter().find(|f| f.name == name).map_or("", |f| f.meaning);
    // The text form adds the ending of counters, and the full stop of the meaning.
    let name = name.strip_suffix("_total").unwrap_or(name);
    registry.register(name, meaning.trim_end_matches('.'), metric.clone());
    metric
}

impl Metrics {
    /// A run ended, at this time in milliseconds since 1970.
    pub fn run_ended(&self, summary: &RunSummary, failures: &[SourceFailure], stopped: bool, at_ms: i64) {
        let outcome = if stopped { "stopped" } else { "done" };
        self.runs.get_or_create(&[("outcome", outcome)]).inc();
        self.run_seconds.observe(summary.seconds);
        for (stage, seconds) in &summary.stages {
            // Another name is counted as none, so that labels stay a closed list.
            if let Some(label) = label_values("catalog_sync_stage_seconds_total").find(|(_, name)| name == stage) {
                self.stage_seconds.get_or_create(&[label]).inc_by(*seconds);
            }
        }
        self.last_run.set(at_ms / 1_000);
        self.tables_seen.inc_by(summary.tables_seen);
        self.tables_skipped.inc_by(summary.tables_skipped);
        self.source_failures.inc_by(failures.len() as u64);
        self.published.inc_by(summary.published);
        self.unpublished.inc_by(summary.unpublished);
        self.proposals_opened.inc_by(summary.proposed);
    }

    /// A run could not go on.
    pub fn run_failed(&self) {
        self.runs.get_or_create(&[("outcome", "failed")]).inc();
    }

    /// Where the tables stand.
    pub fn counts(&self, counts: &WorkCounts) {
        for (state, n) in [("queued", counts.queued), ("parked", counts.parked), ("done", counts.done)] {
            self.tables.get_or_create(&[("state", state)]).set(level(n));
        }
    }

    /// So many proposals wait.
    pub fn proposals_open(&self, n: u64) {
        self.proposals_open.set(level(n));
    }

    /// A webhook was answered after this time; it named so many tables.
    pub fn webhook(&self, outcome: Webhook, tables: usize, took: Duration) {
        let outcome = match outcome {
            Webhook::Stored => "stored",
            Webhook::Refused => "refused",
            Webhook::Failed => "failed",
        };
        self.webhooks.get_or_create(&[("outcome", outcome)]).inc();
        self.webhook_seconds.observe(took.as_secs_f64());
        self.tables_called.inc_by(tables as u64);
    }

    /// Query events were received.
    pub fn query_events(&self, kept: u64, refused: u64) {
        self.query_events.get_or_create(&[("outcome", "kept")]).inc_by(kept);
        self.query_events.get_or_create(&[("outcome", "refused")]).inc_by(refused);
    }

    /// A request was answered.
    pub fn request(&self, status: u16, took: Option<Duration>) {
        let class = match status / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        self.requests.get_or_create(&[("status", class)]).inc();
        if let Some(took) = took {
            self.request_seconds.observe(took.as_secs_f64());
        }
    }

    /// A request was refused at the door: `unauthorized`, `forbidden`, `rate` or `busy`.
    pub fn turned_away(&self, reason: &'static str) {
        self.turned_away.get_or_create(&[("reason", reason)]).inc();
    }

    /// Can the ledger be used?
    pub fn ledger_up(&self, up: bool) {
        self.ledger_up.set(i64::from(up));
    }

    /// Are runs paused?
    pub fn paused(&self, paused: bool) {
        self.paused.set(i64::from(paused));
    }

    /// The retention removed rows.
    pub fn retained(&self, retained: &Retained) {
        let kinds = [("runs", retained.runs), ("proposals", retained.proposals), ("queries", retained.queries)];
        for (kind, n) in kinds {
            self.retained.get_or_create(&[("kind", kind)]).inc_by(n);
        }
    }

    /// Everything in Prometheus' text form.
    pub fn text(&self) -> String {
        self.resident.set(resident_bytes().unwrap_or(0));
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn level(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Memory of this process, where Linux tells: pages of 4 KiB in the second field of `statm`.
fn resident_bytes() -> Option<i64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    statm.split(' ').nth(1)?.parse::<i64>().ok().map(|pages| pages * 4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_served_is_what_the_list_explains_and_the_other_way_round() {
        let metrics = Metrics::default();
        let text = metrics.text();
        let kinds: Vec<(String, &str)> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
            .map(|(name, kind)| (if kind == "counter" { format!("{name}_total") } else { name.to_owned() }, kind))
            .collect();
        let mut served: Vec<(&str, &str)> = kinds.iter().map(|(n, k)| (n.as_str(), *k)).collect();
        let mut listed: Vec<(&str, &str)> = FIGURES.iter().map(|f| (f.name, f.kind)).collect();
        served.sort_unstable();
        listed.sort_unstable();
        assert_eq!(served, listed);
    }

    #[test]
    fn a_stage_nobody_knows_makes_no_label() {
        let metrics = Metrics::default();
        let stages = [("sample".to_owned(), 1.5), ("bank.main.customer".to_owned(), 9.0)].into();
        metrics.run_ended(&RunSummary { stages, ..RunSummary::default() }, &[], false, 5_000);
        let text = metrics.text();
        assert!(text.contains("stage=\"sample\"} 1.5") && !text.contains("customer"), "{text}");
    }
}
