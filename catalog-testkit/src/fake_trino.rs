//! A stand-in of a Trino coordinator: small tables by name, answered in one page.
//!
//! It knows the three statements that a table of few rows is read with: its columns, a sample, and its first rows. What
//! needs an engine (statistics, sampling, counts) is refused as a connector without the feature would.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::Method;
use axum::routing::any;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A table's columns (name, type as Trino writes it) and rows.
#[derive(Clone, Debug, Default)]
pub struct FakeTable {
    /// Name and type of each column.
    pub columns: Vec<(String, String)>,
    /// Its rows, at most a hundred.
    pub rows: Vec<Vec<Value>>,
}

/// A served stand-in; it ends when this is dropped.
pub struct FakeTrino {
    shared: Arc<Shared>,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    tables: Mutex<BTreeMap<String, FakeTable>>,
    asked: AtomicU64,
}

impl FakeTrino {
    /// Serves on the loopback at any free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let router = Router::new().fallback(any(answer)).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            // It only ends with the listener, which is ours.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { shared, address, serving })
    }

    /// Where it is served: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a table under `catalog.schema.table`.
    pub fn add(&self, name: &str, table: FakeTable) {
        self.shared.tables.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), table);
    }

    /// Statements that it was asked so far.
    pub fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

impl Drop for FakeTrino {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, method: Method, sql: String) -> String {
    if method != Method::POST {
        return json!({"id": "gone"}).to_string();
    }
    let number = shared.asked.fetch_add(1, Ordering::SeqCst);
    let id = format!("q_{number}");
    let refuse =
        |name: &str| json!({"id": id, "error": {"errorCode": 13, "errorName": name, "errorType": "USER_ERROR"}});
    let plain = sql.starts_with("SELECT ") && sql.contains(" LIMIT ") && !sql.contains(" TABLESAMPLE ");
    if !plain {
        return refuse("NOT_SUPPORTED").to_string();
    }
    let tables = shared.tables.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(table) = table_of(&sql).and_then(|name| tables.get(&name)) else {
        return refuse("TABLE_NOT_FOUND").to_string();
    };
    let columns: Vec<Value> = table.columns.iter().map(|(name, kind)| json!({"name": name, "type": kind})).collect();
    let rows: &[Vec<Value>] = if sql.ends_with(" LIMIT 0") { &[] } else { &table.rows };
    json!({"id": id, "columns": columns, "data": rows}).to_string()
}

/// The name behind `FROM`, without quotes.
fn table_of(sql: &str) -> Option<String> {
    let (_, rest) = sql.split_once(" FROM ")?;
    Some(rest.split_whitespace().next()?.replace('"', ""))
}
