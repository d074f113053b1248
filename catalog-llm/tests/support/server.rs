//! A model server that plays a script.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How a question is answered.
#[derive(Clone, Debug)]
pub(crate) enum Play {
    /// With this sentence, as a chat.
    Says(&'static str),
    /// With a status and a body.
    Status(u16, &'static str),
    /// With as many vectors as texts, of that dimension.
    Vectors(usize),
    /// 400 to a question with a schema, else as given.
    WithoutSchema(Box<Play>),
    /// With a body that never ends.
    Endless,
    /// By closing the connection.
    HangUp,
    /// Not at all.
    Silence,
}

/// A running script; the last play is repeated.
pub(crate) struct Server {
    pub(crate) port: u16,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start(plays: Vec<Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
        let journal = Arc::clone(&bodies);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, plays.clone(), Arc::clone(&journal)));
            }
        });
        Self { port, bodies }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// How many questions came.
    pub(crate) fn asked(&self) -> usize {
        self.bodies.lock().unwrap().len()
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }
}

async fn serve(mut socket: TcpStream, plays: Vec<Play>, journal: Arc<Mutex<Vec<String>>>) {
    loop {
        let Some(body) = read(&mut socket).await else { return };
        let at = {
            let mut bodies = journal.lock().unwrap();
            bodies.push(body.clone());
            bodies.len() - 1
        };
        let mut play = plays[at.min(plays.len() - 1)].clone();
        if let Play::WithoutSchema(inner) = play {
            play = if body.contains("response_format") { Play::Status(400, "{}") } else { *inner };
        }
        let asked: Value = serde_json::from_str(&body).unwrap_or_default();
        let (status, text) = match play {
            Play::Says(sentence) => (200, chat(sentence)),
            Play::Status(status, text) => (status, text.to_owned()),
            Play::Vectors(dimension) => (200, vectors(asked["input"].as_array().map_or(0, Vec::len), dimension)),
            Play::Endless => {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"choices\": [\"";
                if socket.write_all(head.as_bytes()).await.is_err() {
                    return;
                }
                while socket.write_all(&[b'a'; 1 << 16]).await.is_ok() {}
                return;
            }
            Play::HangUp => return,
            Play::Silence => std::future::pending().await,
            Play::WithoutSchema(_) => return,
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nx-litellm-model-name: openai/tiny-1.5b\r\n\
             content-length: {}\r\n\r\n",
            text.len()
        );
        if socket.write_all((head + &text).as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The body of the next request.
async fn read(socket: &mut TcpStream) -> Option<String> {
    let (mut text, mut buffer) = (String::new(), vec![0; 64 << 10]);
    loop {
        let Ok(read @ 1..) = socket.read(&mut buffer).await else { return None };
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let Some(at) = text.find("\r\n\r\n") else { continue };
        let length = text[..at].lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if text.len() >= at + 4 + length {
            return Some(text.split_off(at + 4));
        }
    }
}

fn chat(sentence: &str) -> String {
    json!({
        "model": "qwen2.5:3b",
        "choices": [{"message": {"role": "assistant", "content": sentence}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20},
    })
    .to_string()
}

fn vectors(texts: usize, dimension: usize) -> String {
    let data: Vec<Value> =
        (0..texts).rev().map(|at| json!({"index": at, "embedding": vec![at as f32 + 2.0; dimension]})).collect();
    json!({"data": data}).to_string()
}
