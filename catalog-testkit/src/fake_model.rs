//! A stand-in of an OpenAI-compatible server that makes vectors: of texts that share words they are close.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A served stand-in; it ends when this is dropped.
pub struct FakeModel {
    asked: Arc<AtomicU64>,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Shared {
    asked: Arc<AtomicU64>,
    dimension: usize,
}

impl FakeModel {
    /// Serves vectors of this dimension on the loopback at any free port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(dimension: usize) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let asked = Arc::new(AtomicU64::new(0));
        let shared = Shared { asked: Arc::clone(&asked), dimension };
        let router = Router::new().route("/v1/embeddings", post(embeddings)).with_state(shared);
        let serving = tokio::spawn(async move {
            // It only ends with the listener, which is ours.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { asked, address, serving })
    }

    /// What `llm.url` names: `http://127.0.0.1:PORT/v1`.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Requests that it was asked so far.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for FakeModel {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn embeddings(State(shared): State<Shared>, body: String) -> String {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let texts = body["input"].as_array().cloned().unwrap_or_default();
    let vector = |text: &str| {
        let mut vector = vec![0.01_f32; shared.dimension.max(1)];
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let hash = blake3::hash(word.to_lowercase().as_bytes());
            let place = usize::from(u16::from_le_bytes([hash.as_bytes()[0], hash.as_bytes()[1]]));
            vector[place % shared.dimension.max(1)] += 1.0;
        }
        vector
    };
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| json!({"index": index, "embedding": vector(text.as_str().unwrap_or_default())}))
        .collect();
    json!({"data": data, "usage": {"total_tokens": texts.len()}}).to_string()
}
