//! The JSON of the protocol.

use serde::Deserialize;
use serde_json::Value;

use super::answer::QueryStats;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    #[serde(default)]
    pub(super) id: String,
    pub(super) next_uri: Option<String>,
    pub(super) columns: Option<Vec<WireColumn>>,
    /// Rows; an object when the server spools results, which is never asked for.
    pub(super) data: Option<Value>,
    pub(super) error: Option<WireError>,
    #[serde(default)]
    pub(super) stats: WireStats,
}

#[derive(Deserialize)]
pub(super) struct WireColumn {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// An error without its message, which may quote a cell.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireError {
    #[serde(default)]
    pub(super) error_code: i64,
    #[serde(default)]
    pub(super) error_name: String,
    #[serde(default)]
    pub(super) error_type: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireStats {
    processed_rows: u64,
    processed_bytes: u64,
    physical_input_bytes: u64,
    elapsed_time_millis: u64,
    cpu_time_millis: u64,
}

impl WireStats {
    pub(super) fn read(&self) -> QueryStats {
        QueryStats {
            rows: self.processed_rows,
            bytes: self.processed_bytes,
            physical_bytes: self.physical_input_bytes,
            elapsed_ms: self.elapsed_time_millis,
            cpu_ms: self.cpu_time_millis,
        }
    }
}
