//! Measures a sweep of many tables, a look for changes, and a burst of webhooks.
//!
//! `fake-om --port 18585` in another process, then
//! `cargo run --release -p catalog-om --example bench_openmetadata -- http://127.0.0.1:18585 100000`.
#![allow(clippy::print_stdout, reason = "a measurement prints its figures")]

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Instant;

use catalog_core::model::Secret;
use catalog_core::ports::{Discovered, MetadataSource, SourceChanges};
use catalog_net::{Credential, EgressPolicy, HttpClient, HttpOptions, HttpRequest, Method, WebhookSignature};
use catalog_om::{OmClient, OmSettings, OmSource, WebhookIntake, WebhookReceiver};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const COLUMNS: usize = 12;
const PAGE: usize = 1_000;
const WEBHOOKS: usize = 10_000;
const WEBHOOK_TABLES: usize = 700;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("give the address of a stand-in")?;
    let tables: usize = arguments.next().ok_or("give the number of tables")?.parse()?;
    let parsed: url::Url = url.parse()?;
    let policy =
        EgressPolicy::allowing([(parsed.host_str().unwrap_or_default().to_owned(), parsed.port().unwrap_or(80))]);
    webhooks()?;
    seed(&url, &policy, tables).await?;

    let settings = OmSettings {
        url,
        credential: Credential::Bearer(Secret::new("ingestion-bot-token")),
        page_size: PAGE,
        ..OmSettings::default()
    };
    let client = OmClient::new(&settings, &policy)?;
    let capabilities = client.probe().await?;
    let source = OmSource::new(client, &settings, &capabilities)?;
    let before = memory_mib("VmRSS");
    let (start, mut cursor, mut pages, mut found, mut newest) = (Instant::now(), None, 0, 0, 0);
    loop {
        let page = source.list(cursor.as_deref(), PAGE).await?;
        pages += 1;
        for table in &page.tables {
            let Discovered::Table(table) = table else { panic!("unreadable") };
            newest = newest.max(table.updated_at_ms);
            found += usize::from(!table.content_hash().is_empty());
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    println!(
        "sweep: {found} tables of {COLUMNS} columns, {pages} requests, {:.1} s, {:.1} MiB before, {:.1} MiB at most",
        start.elapsed().as_secs_f64(),
        before,
        memory_mib("VmHWM"),
    );
    let start = Instant::now();
    let changes = source.changes(newest + 1_000_000_000, 1_000).await?;
    assert!(matches!(changes, SourceChanges::Known { ref changed, .. } if changed.is_empty()));
    println!("no change: 1 request, {:.3} s", start.elapsed().as_secs_f64());
    Ok(())
}

async fn seed(url: &str, policy: &EgressPolicy, tables: usize) -> Result<()> {
    let options = HttpOptions { credential: Credential::Bearer(Secret::new("admin-token")), ..HttpOptions::default() };
    let http = HttpClient::new(&format!("{url}/api/v1"), policy, options)?;
    let post = async |path: &str, body: Value| {
        let request = HttpRequest::new("seed", Method::Post, path).json("application/json", &body)?;
        http.send(request).await?.require_success().map(|_| ())
    };
    post("/services/databaseServices", json!({"name": "lake", "serviceType": "Trino"})).await?;
    post("/databases", json!({"name": "iceberg", "service": "lake"})).await?;
    post("/databaseSchemas", json!({"name": "sales", "database": "lake.iceberg"})).await?;
    let columns: Vec<Value> = (0..COLUMNS)
        .map(|i| json!({"name": format!("column_{i}"), "dataType": "STRING", "description": "What somebody wrote."}))
        .collect();
    let start = Instant::now();
    for i in 0..tables {
        let name = format!("table_{i:06}");
        post("/tables", json!({"name": name, "databaseSchema": "lake.iceberg.sales", "columns": columns})).await?;
    }
    println!("made {tables} tables in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Verifies and reads signed bodies and names each table once.
fn webhooks() -> Result<()> {
    let secret = Secret::new("a secret of the webhook");
    let signature = WebhookSignature::new(&secret, None)?;
    let columns: Vec<Value> =
        (0..COLUMNS).map(|i| json!({"name": format!("column_{i}"), "dataType": "STRING"})).collect();
    let bodies: Vec<(String, Vec<u8>)> = (0..WEBHOOKS)
        .map(|i| {
            let table = i * 31 % WEBHOOK_TABLES;
            let fqn = format!("lake.iceberg.sales.table_{table}");
            let entity = json!({"id": table.to_string(), "name": fqn, "fullyQualifiedName": fqn, "columns": columns});
            let body = json!({
                "id": i.to_string(), "eventType": "entityUpdated", "entityType": "table",
                "entityId": table.to_string(), "userName": "alice", "timestamp": 1_800_000_000_000_i64 + i as i64,
                "entity": entity.to_string(),
            });
            let body = body.to_string().into_bytes();
            (signature.sign(&body), body)
        })
        .collect();
    let receiver = WebhookReceiver::new(&secret, None, Some("ingestion-bot"))?;
    let mut intake = WebhookIntake::new(3_600_000);
    let (start, mut woken) = (Instant::now(), BTreeSet::new());
    for (signature, body) in &bodies {
        let batch = receiver.receive(Some(signature), body)?;
        woken.extend(intake.take(batch, 1_800_000_000_000).changed);
    }
    let secs = start.elapsed().as_secs_f64();
    println!("webhooks: {WEBHOOKS} in {secs:.2} s, {:.0} a second, {} tables", WEBHOOKS as f64 / secs, woken.len());
    Ok(())
}

/// A figure of `/proc/self/status`, in MiB; 0 where there is none.
fn memory_mib(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}
