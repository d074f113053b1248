//! What the engine says that it was asked: its own list of queries, told apart by trace token.

use e2e::Result;
use serde_json::Value;

/// The cost of some queries, as the engine counted it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    pub(crate) queries: u64,
    /// Rows that the sample's queries read, whatever they brought home.
    pub(crate) sample_rows: u64,
    /// Bytes that came from storage.
    pub(crate) physical_bytes: u64,
    pub(crate) cpu_secs: f64,
}

impl Asked {
    /// What was asked under a token. The engine forgets queries after a hundred others.
    pub(crate) fn under(url: &str, token: &str) -> Result<Self> {
        let request = ureq::get(&format!("{url}/v1/query")).header("X-Trino-User", "e2e");
        let all: Vec<Value> = serde_json::from_str(&request.call()?.body_mut().read_to_string()?)?;
        let mut sum = Self::default();
        for query in all.iter().filter(|query| query["session"]["traceToken"] == token) {
            let (tags, stats) = (&query["session"]["clientTags"], &query["queryStats"]);
            sum.queries += 1;
            sum.physical_bytes += bytes(&stats["physicalInputDataSize"]);
            sum.cpu_secs += seconds(&stats["totalCpuTime"]);
            if tags.as_array().is_some_and(|tags| tags.iter().any(|tag| tag == "pass:sample")) {
                sum.sample_rows += stats["rawInputPositions"].as_u64().unwrap_or(0);
            }
        }
        Ok(sum)
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
