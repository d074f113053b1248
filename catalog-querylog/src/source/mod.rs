//! Where events come from: files of JSON lines, and the shapes of the documents in them.

mod event_json;
mod json_lines;

pub use event_json::{OWN_SOURCE, event_from_json};
pub use json_lines::JsonLinesLog;
