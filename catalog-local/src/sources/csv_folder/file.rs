//! One CSV file: its delimiter, its columns' names, and its rows within limits.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use catalog_core::{Error, ErrorKind, Result};
use csv::{ByteRecord, ReaderBuilder};

use super::header::is_header;
use crate::sources::warehouse_location::io_error;

/// A longer row is an error: most often a quote that is never closed.
const ROW_BYTES_MAX: u64 = 16 << 20;
/// The delimiter is guessed, and the first row judged, from this much of the file.
const SNIFF_BYTES: u64 = 64 << 10;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const BUFFER_BYTES: usize = 256 << 10;
const COLUMNS_MAX: usize = 10_000;

/// An open file behind its header, if it has one.
pub(super) struct CsvFile {
    path: PathBuf,
    operation: &'static str,
    reader: csv::Reader<RowLimit<File>>,
    names: Vec<String>,
    /// The first row, when it is no header and was not handed out yet.
    first: Option<ByteRecord>,
}

impl CsvFile {
    /// Opens the file and reads its header; a file without one has `column_1`, `column_2` and so on.
    pub(super) fn open(path: &Path, operation: &'static str) -> Result<Self> {
        let head = head(path, operation)?;
        let delimiter = delimiter(&head);
        let file = File::open(path).map_err(|e| io_error(&e, path))?;
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(RowLimit { inner: file, left: ROW_BYTES_MAX });
        let mut opened = Self { path: path.to_owned(), operation, reader, names: Vec::new(), first: None };
        let mut first = ByteRecord::new();
        if !opened.next_row(&mut first)? {
            return Err(opened
                .error(ErrorKind::Corrupt, "the CSV file is empty")
                .hint("a header row with the columns' names is needed, or take the file out of the folder"));
        }
        if first.len() > COLUMNS_MAX {
            return Err(opened
                .error(ErrorKind::LimitExceeded, "the CSV file has too many columns")
                .with("limit", COLUMNS_MAX));
        }
        if is_header(&head, (head.len() as u64) < SNIFF_BYTES, delimiter) {
            opened.names = column_names(&first);
        } else {
            opened.names = (1..=first.len()).map(unnamed).collect();
            opened.first = Some(first);
        }
        Ok(opened)
    }

    /// The columns' names, all different and none empty.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Reads the next row into `row`; `false` at the end.
    ///
    /// # Errors
    /// `Corrupt` for a row with another number of fields than the first, `LimitExceeded` for one that is too long;
    /// both name the line.
    pub(super) fn next_row(&mut self, row: &mut ByteRecord) -> Result<bool> {
        if let Some(first) = self.first.take() {
            *row = first;
            return Ok(true);
        }
        self.reader.get_mut().left = ROW_BYTES_MAX;
        let line = self.reader.position().line();
        self.reader.read_byte_record(row).map_err(|e| self.row_error(&e, line))
    }

    fn row_error(&self, error: &csv::Error, line: u64) -> Error {
        match error.kind() {
            csv::ErrorKind::UnequalLengths { pos, expected_len, len } => self
                .error(ErrorKind::Corrupt, "a row has another number of fields than the first")
                .with("line", pos.as_ref().map_or(line, csv::Position::line))
                .with("expected", expected_len)
                .with("found", len)
                .hint("correct the line, or quote the field that holds the delimiter"),
            csv::ErrorKind::Io(e) if e.kind() == io::ErrorKind::FileTooLarge => self
                .error(ErrorKind::LimitExceeded, "a row is longer than can be read")
                .with("line", line)
                .with("limit_bytes", ROW_BYTES_MAX)
                .hint("look for a quote that is never closed, or take the file out of the folder"),
            csv::ErrorKind::Io(e) => io_error(e, &self.path),
            _ => self.error(ErrorKind::Corrupt, "a row cannot be read").with("line", line),
        }
    }

    fn error(&self, kind: ErrorKind, cause: &str) -> Error {
        Error::new(kind, self.operation, cause).with("path", self.path.display())
    }
}

/// Ends the reading of a row that does not end.
struct RowLimit<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for RowLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..most])?;
        self.left -= read as u64;
        Ok(read)
    }
}

/// The file's first bytes.
fn head(path: &Path, operation: &'static str) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path).and_then(|f| f.take(SNIFF_BYTES).read_to_end(&mut head)).map_err(|e| io_error(&e, path))?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Err(Error::new(ErrorKind::Unsupported, operation, "the CSV file is written in UTF-16")
            .with("path", path.display())
            .hint("save it as UTF-8"));
    }
    Ok(head)
}

/// The delimiter that the first row holds most often outside of quotes; a comma when it holds none.
fn delimiter(head: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for &byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted && counts.iter().any(|c| *c > 0) => break,
            _ if quoted => {}
            _ => {
                if let Some(i) = DELIMITERS.iter().position(|d| *d == byte) {
                    counts[i] += 1;
                }
            }
        }
    }
    let best = counts.iter().max().copied().unwrap_or(0);
    counts.iter().position(|c| *c == best && best > 0).map_or(b',', |i| DELIMITERS[i])
}

/// The name of a column without one, counted from 1.
fn unnamed(position: usize) -> String {
    format!("column_{position}")
}

/// Names from the header: `column_3` for an empty one, and the position behind one that was there before.
fn column_names(header: &ByteRecord) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    let mut taken = std::collections::HashSet::new();
    for (index, field) in header.iter().enumerate() {
        let text = String::from_utf8_lossy(field);
        let mut name = text.trim().to_owned();
        if name.is_empty() {
            name = unnamed(index + 1);
        }
        while !taken.insert(name.clone()) {
            name = format!("{name}_{}", index + 1);
        }
        names.push(name);
    }
    names
}
