//! Where events come from, and the shapes of the documents that hold them.
//!
//! - `event_json`, `fields`: one document to one event;
//! - `json_lines`: files of JSON lines;
//! - `victorialogs`, `poll_cursor`: polling VictoriaLogs;
//! - `intake`, `intake_buffer`: what the engine itself posts.

mod event_json;
mod fields;
pub mod intake;
mod intake_buffer;
mod json_lines;
mod poll_cursor;
mod victorialogs;

pub use event_json::{OWN_SOURCE, event_from_json, user_hash};
pub use intake_buffer::{IntakeBuffer, IntakeLimits};
pub use json_lines::JsonLinesLog;
pub use victorialogs::{VictoriaLogsOptions, VictoriaLogsSource};
