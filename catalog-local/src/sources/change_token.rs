//! A sign that a file's data may have changed.

use std::fs::Metadata;
use std::time::UNIX_EPOCH;

/// Size in bytes and time of the last write in nanoseconds.
pub(super) fn of_file(metadata: &Metadata) -> String {
    let nanos = metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_nanos());
    format!("{}-{nanos}", metadata.len())
}
