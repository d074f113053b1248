//! Traces over OTLP: one trace a run, one span a stage, as JSON over HTTP. Written by hand over our own HTTP client,
//! because an exporter that dials by itself would pass the list of allowed connections by.
//!
//! The form is that of the OpenTelemetry protocol, version 1 (`ExportTraceServiceRequest` in its JSON mapping).

use std::time::Duration;

use catalog_core::Result;
use catalog_net::{EgressPolicy, HttpClient, HttpOptions, HttpRequest, Method};
use serde_json::{Value, json};

use crate::config::Config;
use crate::daemon::{RunState, RunView};

/// A collector that takes longer loses the trace.
const DEADLINE: Duration = Duration::from_secs(5);

/// Sends runs to a collector. What it sends holds figures and names of stages, never a name from the data.
pub struct Traces {
    client: HttpClient,
    address: String,
}

impl Traces {
    /// The collector of `telemetry.otlp_url`; `None` without one.
    ///
    /// # Errors
    /// `InvalidInput` or `Forbidden` when the address cannot be used.
    pub fn new(config: &Config) -> Result<Option<Self>> {
        let address = config.telemetry.otlp_url.clone();
        if address.is_empty() {
            return Ok(None);
        }
        let policy = EgressPolicy::allowing(config.destinations().into_iter().map(|d| (d.host, d.port)));
        let options = HttpOptions { deadline: DEADLINE, attempts_max: 1, ..HttpOptions::default() };
        Ok(Some(Self { client: HttpClient::new(&address, &policy, options)?, address }))
    }

    /// Sends a run that is over. A trace that cannot be sent is lost, and said so in the log.
    pub async fn send(&self, run: &RunView) {
        let request =
            HttpRequest::new("send_trace", Method::Post, &self.address).json("application/json", &document(run));
        let sent = match request {
            Ok(request) => self.client.send(request).await.and_then(|answer| answer.require_success()).map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = sent {
            tracing::warn!(error.kind = error.kind().as_str(), %error, "trace lost");
        }
    }
}

fn document(run: &RunView) -> Value {
    let trace = hex(&run.id.0, 32);
    let root = hex(&format!("{} run", run.id), 16);
    let (begun, ended) = (run.begun_at_ms.unwrap_or(run.asked_at_ms), run.ended_at_ms.unwrap_or(run.asked_at_ms));
    let mut attributes = vec![text("run.id", &run.id.0), text("run.reason", run.reason)];
    if let Some(summary) = &run.summary {
        let figures = [
            ("tables.seen", summary.tables_seen),
            ("tables.skipped", summary.tables_skipped),
            ("tables.parked", summary.tables_parked),
            ("changes.published", summary.published),
            ("changes.proposed", summary.proposed),
        ];
        attributes.extend(figures.map(|(key, n)| json!({ "key": key, "value": { "intValue": n.to_string() } })));
    }
    // 2 is the protocol's code for an error, 1 for none.
    let code = if run.state == RunState::Failed { 2 } else { 1 };
    let whole = Span { id: &root, parent: "", name: "run", begun_ms: begun, ended_ms: ended };
    let mut spans = vec![whole.document(&trace, &attributes, code)];
    for (i, stage) in run.stages.iter().enumerate() {
        let until = run.stages.get(i + 1).map_or(ended, |next| next.begun_at_ms);
        let id = hex(&format!("{} {i}", run.id), 16);
        let part = Span { id: &id, parent: &root, name: stage.name, begun_ms: stage.begun_at_ms, ended_ms: until };
        spans.push(part.document(&trace, &[], 1));
    }
    json!({ "resourceSpans": [{
        "resource": { "attributes": [
            text("service.name", "catalog-syncd"), text("service.version", env!("CARGO_PKG_VERSION")),
        ] },
        "scopeSpans": [{ "scope": { "name": "catalog-syncd" }, "spans": spans }],
    }] })
}

/// What happened from one time to another, in milliseconds since 1970.
struct Span<'a> {
    id: &'a str,
    parent: &'a str,
    name: &'a str,
    begun_ms: i64,
    ended_ms: i64,
}

impl Span<'_> {
    fn document(&self, trace: &str, attributes: &[Value], code: u8) -> Value {
        let nanoseconds = |ms: i64| format!("{}000000", ms.max(0));
        json!({
            "traceId": trace, "spanId": self.id, "parentSpanId": self.parent, "name": self.name, "kind": 1,
            "startTimeUnixNano": nanoseconds(self.begun_ms),
            "endTimeUnixNano": nanoseconds(self.ended_ms.max(self.begun_ms)),
            "attributes": attributes, "status": { "code": code },
        })
    }
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// An id of so many hexadecimal digits that belongs to the text.
fn hex(of: &str, digits: usize) -> String {
    blake3::hash(of.as_bytes()).to_hex()[..digits].to_owned()
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{RunId, RunSummary};

    use super::*;
    use crate::daemon::StageView;

    #[test]
    fn a_run_becomes_a_trace_whose_stages_follow_each_other_within_it() {
        let run = RunView {
            id: RunId("r1".into()),
            reason: "webhook",
            sweep: false,
            state: RunState::Done,
            stage: None,
            done: 0,
            total: None,
            stages: vec![
                StageView { name: "discover", begun_at_ms: 1_000 },
                StageView { name: "inspect", begun_at_ms: 1_500 },
            ],
            asked_at_ms: 900,
            begun_at_ms: Some(1_000),
            ended_at_ms: Some(3_000),
            summary: Some(RunSummary { tables_seen: 7, ..RunSummary::default() }),
            error: None,
            left_out: Vec::new(),
        };
        let document = document(&run);
        let spans = document["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
        let times: Vec<_> =
            spans.iter().map(|s| (s["startTimeUnixNano"].as_str(), s["endTimeUnixNano"].as_str())).collect();
        let wanted = [("1000", "3000"), ("1000", "1500"), ("1500", "3000")];
        let wanted = wanted.map(|(a, b)| (format!("{a}000000"), format!("{b}000000")));
        assert_eq!(times, wanted.iter().map(|(a, b)| (Some(a.as_str()), Some(b.as_str()))).collect::<Vec<_>>());
        assert!(
            spans[1..].iter().all(|s| s["parentSpanId"] == spans[0]["spanId"] && s["traceId"] == spans[0]["traceId"])
        );
        assert_eq!(spans[0]["traceId"].as_str().map(str::len), Some(32));
        assert_eq!(spans[0]["spanId"].as_str().map(str::len), Some(16));
        assert!(spans[0]["attributes"].to_string().contains("\"intValue\":\"7\""));
    }
}
