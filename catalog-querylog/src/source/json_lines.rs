//! A file with one JSON document a line.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind as IoKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use catalog_core::model::SkipReason;
use catalog_core::ports::{QueryLogPage, QueryLogSource};
use catalog_core::{Error, ErrorKind, Result};

use super::event_json::{OWN_SOURCE, event_from_json};

/// Longest line that is read; a longer one is skipped and counted.
const LINE_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// Most bytes of lines that one page holds.
const PAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A growing file of query events. The cursor is the byte offset of the next line, so a later call goes on where the
/// file ended. A last line without a newline is read as it is: a log that is being written is read again from the
/// last whole page.
#[derive(Debug, Clone)]
pub struct JsonLinesLog {
    path: PathBuf,
}

impl JsonLinesLog {
    /// A log at that path. The file is opened for each page.
    ///
    /// # Errors
    /// `NotFound` or `Forbidden` when it cannot be opened now, `InvalidInput` when it is a folder.
    pub fn open(path: &Path) -> Result<Self> {
        let meta = std::fs::metadata(path).map_err(|error| io_error(&error, path))?;
        if meta.is_dir() {
            return Err(Error::new(ErrorKind::InvalidInput, "open_query_log", "it is a folder, not a file")
                .with("path", path.display())
                .hint("give a file of JSON lines"));
        }
        File::open(path).map_err(|error| io_error(&error, path))?;
        Ok(Self { path: path.to_owned() })
    }

    fn read_page(&self, offset: u64, limit: usize) -> Result<QueryLogPage> {
        let failed = |error: std::io::Error| io_error(&error, &self.path);
        let mut file = File::open(&self.path).map_err(failed)?;
        file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut page = QueryLogPage { events: Vec::new(), rejected: BTreeMap::new(), next: None, resume: None };
        let (mut at, mut bytes, mut line) = (offset, 0, Vec::new());
        for _ in 0..limit {
            line.clear();
            let read = (&mut reader).take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line).map_err(failed)? as u64;
            if read == 0 {
                page.resume = Some(at.to_string());
                return Ok(page);
            }
            at += read;
            if read > LINE_BYTES_MAX {
                if line.last() != Some(&b'\n') {
                    at += skip_line(&mut reader).map_err(failed)?;
                }
                *page.rejected.entry(SkipReason::TooLong).or_default() += 1;
                continue;
            }
            bytes += line.len();
            read_line(&line, &mut page);
            if bytes > PAGE_BYTES_MAX {
                break;
            }
        }
        page.next = Some(at.to_string());
        Ok(page)
    }
}

/// One line into the page. Empty lines are nothing at all.
fn read_line(line: &[u8], page: &mut QueryLogPage) {
    if line.iter().all(u8::is_ascii_whitespace) {
        return;
    }
    let event = serde_json::from_slice(line)
        .map_err(|_| SkipReason::MalformedLine)
        .and_then(|document: serde_json::Value| event_from_json(&document));
    match event {
        Ok(event) if event.source.as_deref() == Some(OWN_SOURCE) => reject(page, SkipReason::Own),
        Ok(event) => page.events.push(event),
        Err(reason) => reject(page, reason),
    }
}

fn reject(page: &mut QueryLogPage, reason: SkipReason) {
    *page.rejected.entry(reason).or_default() += 1;
}

/// Reads on behind the next newline without keeping anything; gives the bytes passed.
fn skip_line(reader: &mut impl BufRead) -> std::io::Result<u64> {
    let mut passed = 0;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(passed);
        }
        let (used, done) = match buffer.iter().position(|b| *b == b'\n') {
            Some(i) => (i + 1, true),
            None => (buffer.len(), false),
        };
        reader.consume(used);
        passed += used as u64;
        if done {
            return Ok(passed);
        }
    }
}

#[async_trait]
impl QueryLogSource for JsonLinesLog {
    async fn page(&self, cursor: Option<&str>, limit: usize) -> Result<QueryLogPage> {
        let offset = match cursor {
            None => 0,
            Some(text) => text.parse().map_err(|_| {
                Error::new(ErrorKind::InvalidInput, "read_query_log", "the cursor is no byte offset")
                    .with("path", self.path.display())
            })?,
        };
        let (log, limit) = (self.clone(), limit.max(1));
        tokio::task::spawn_blocking(move || log.read_page(offset, limit)).await.map_err(|error| {
            Error::new(ErrorKind::Internal, "read_query_log", "the reading task ended early").caused_by(error)
        })?
    }
}

fn io_error(error: &std::io::Error, path: &Path) -> Error {
    let (kind, cause) = match error.kind() {
        IoKind::NotFound => (ErrorKind::NotFound, "no such file"),
        IoKind::PermissionDenied => (ErrorKind::Forbidden, "no permission to read"),
        _ => (ErrorKind::Unavailable, "the file system refused"),
    };
    Error::new(kind, "open_query_log", cause).with("path", path.display()).hint("check the path of the query log")
}
