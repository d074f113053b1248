//! Sends signed webhooks to a running daemon at a steady rate and prints how long the answers took, as JSON.
//!
//! Each request is sent when its time has come, whether the one before was answered or not, and its latency counts from
//! that time: a server that falls behind cannot hide it.
//!
//! `cargo run --release -p catalog-syncd --example bench_webhooks -- http://127.0.0.1:8580 SECRET_FILE 1000 20`

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use catalog_core::model::Secret;
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{EgressPolicy, HttpClient, HttpOptions, HttpRequest, Method, WebhookSignature};
use tokio::time::Instant;

/// Tables that the webhooks are about.
const TABLES: u64 = 5_000;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || {
        Error::new(ErrorKind::InvalidInput, "read_arguments", "expected ADDRESS SECRET_FILE RATE_PER_SECOND SECONDS")
    };
    let [address, secret_file, rate, seconds] = arguments.as_slice() else { return Err(usage()) };
    let (rate, seconds): (u64, u64) = (rate.parse().map_err(|_| usage())?, seconds.parse().map_err(|_| usage())?);
    let secret = std::fs::read_to_string(secret_file).map_err(|_| usage())?;
    let signature = WebhookSignature::new(&Secret::new(&secret), None)?;
    let url = url::Url::parse(address).map_err(|_| usage())?;
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(80));
    let policy = EgressPolicy::allowing([(host, port)]);
    let client = HttpClient::new(address, &policy, HttpOptions { attempts_max: 1, ..HttpOptions::default() })?;
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let signature = Arc::new(signature);
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..rate * seconds {
        let due = begun + Duration::from_micros(i * 1_000_000 / rate);
        tokio::time::sleep_until(due).await;
        let (client, signature) = (client.clone(), Arc::clone(&signature));
        tasks.spawn(async move {
            let table = i * 7919 % TABLES;
            let body = format!(
                "{{\"id\":\"{now_ms}-{i}\",\"eventType\":\"entityUpdated\",\"entityType\":\"table\",\"entityId\":\"t{table}\",\
                 \"entityFullyQualifiedName\":\"svc.db.main.t{table}\",\"userName\":\"alice\",\"timestamp\":{now_ms}}}"
            );
            let signed = signature.sign(body.as_bytes());
            let request = HttpRequest::new("send_webhook", Method::Post, "/webhooks/openmetadata")
                .header("x-om-signature", signed)
                .body("application/json", body);
            let answer = client.send(request).await;
            (due.elapsed(), answer.is_ok_and(|a| a.status() == 200))
        });
    }
    let results = tasks.join_all().await;
    let took = begun.elapsed().as_secs_f64();
    let failed = results.iter().filter(|(_, fine)| !fine).count();
    let mut ms: Vec<f64> = results.iter().map(|(latency, _)| latency.as_secs_f64() * 1_000.0).collect();
    ms.sort_by(f64::total_cmp);
    let at = |share: f64| ms.get(((ms.len() as f64 - 1.0) * share) as usize).copied().unwrap_or(0.0);
    let report = serde_json::json!({
        "sent": ms.len(), "failed": failed, "seconds": took, "a_second": ms.len() as f64 / took,
        "p50_ms": at(0.5), "p99_ms": at(0.99), "p999_ms": at(0.999), "max_ms": at(1.0),
    });
    writeln!(std::io::stdout(), "{report}")
        .map_err(|e| Error::new(ErrorKind::Unavailable, "write_output", e.kind().to_string()))
}
