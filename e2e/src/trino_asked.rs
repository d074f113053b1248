//! What the engine says that it was asked: its own list of queries, told apart by trace token.

use serde_json::Value;

use crate::Result;

/// One query, as the engine counted it.
#[derive(Debug, Clone)]
pub struct AskedQuery {
    /// The pass of ours that asked: `sample`, `profile`, `keys`, `schema`.
    pub pass: String,
    /// Its text.
    pub sql: String,
    /// Rows that it read, whatever it brought home.
    pub rows: u64,
    /// Bytes that came from storage.
    pub physical_bytes: u64,
    /// Seconds of processor time.
    pub cpu_secs: f64,
    /// Seconds from its begin to its end.
    pub secs: f64,
}

/// The queries under one token.
#[derive(Debug, Clone, Default)]
pub struct Asked(pub Vec<AskedQuery>);

impl Asked {
    /// What the server at this address was asked under a token. It forgets queries after a hundred others.
    ///
    /// # Errors
    /// When the server does not tell.
    pub fn under(url: &str, token: &str) -> Result<Self> {
        let request = ureq::get(&format!("{url}/v1/query")).header("X-Trino-User", "e2e");
        let all: Vec<Value> = serde_json::from_str(&request.call()?.body_mut().read_to_string()?)?;
        Ok(Self(all.iter().filter(|query| query["session"]["traceToken"] == token).map(read).collect()))
    }

    /// Those of one pass.
    pub fn of_pass(&self, pass: &str) -> impl Iterator<Item = &AskedQuery> {
        self.0.iter().filter(move |query| query.pass == pass)
    }

    /// The rows that a pass read.
    pub fn rows(&self, pass: &str) -> u64 {
        self.of_pass(pass).map(|query| query.rows).sum()
    }

    /// Bytes that came from storage.
    pub fn physical_bytes(&self) -> u64 {
        self.0.iter().map(|query| query.physical_bytes).sum()
    }

    /// Seconds of processor time.
    pub fn cpu_secs(&self) -> f64 {
        self.0.iter().map(|query| query.cpu_secs).sum()
    }
}

fn read(query: &Value) -> AskedQuery {
    let stats = &query["queryStats"];
    let mut tags = query["session"]["clientTags"].as_array().into_iter().flatten().filter_map(Value::as_str);
    AskedQuery {
        pass: tags.find_map(|tag| tag.strip_prefix("pass:")).unwrap_or_default().to_owned(),
        sql: query["query"].as_str().unwrap_or_default().to_owned(),
        rows: stats["rawInputPositions"].as_u64().unwrap_or(0),
        physical_bytes: bytes(&stats["physicalInputDataSize"]),
        cpu_secs: seconds(&stats["totalCpuTime"]),
        secs: seconds(&stats["elapsedTime"]),
    }
}

/// `3409B`, also with a fraction of a larger unit.
fn bytes(size: &Value) -> u64 {
    let (number, unit) = measure(size);
    let scale = match unit {
        "kB" => 1u64 << 10,
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        _ => 1,
    };
    (number * scale as f64) as u64
}

/// `5.00ms`.
fn seconds(duration: &Value) -> f64 {
    let (number, unit) = measure(duration);
    let scale = match unit {
        "ns" => 1e-9,
        "us" => 1e-6,
        "ms" => 1e-3,
        "m" => 60.0,
        "h" => 3600.0,
        _ => 1.0,
    };
    number * scale
}

/// A number with its unit.
fn measure(text: &Value) -> (f64, &str) {
    let text = text.as_str().unwrap_or_default();
    let number = text.trim_end_matches(char::is_alphabetic);
    (number.parse().unwrap_or(0.0), &text[number.len()..])
}
