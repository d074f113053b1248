//! What the bytes of an index file mean. Integers and floats are little-endian.
//!
//! ```text
//! magic 8 · version u32 · dimension u32 · embedder (u32 length, UTF-8)
//! record*  = length u32 · id · name · text (each u32 length, UTF-8) · dimension × f32; ordered by id
//! trailer  = number of records u64 · BLAKE3 of all bytes before it, 32
//! ```

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Take, Write};
use std::path::{Path, PathBuf};

use catalog_core::model::IndexEntry;
use catalog_core::{Error, ErrorKind, Result};

const MAGIC: [u8; 8] = *b"AKKOVEC\0";
const FORMAT_VERSION: u32 = 1;
const DIMENSION_MAX: usize = 65_536;
const EMBEDDER_BYTES_MAX: usize = 1_024;
/// Id, name and text of one table together.
const TEXTS_BYTES_MAX: usize = 1 << 20;
const TRAILER_BYTES: u64 = 8 + 32;
/// Large, since BLAKE3 is fastest on long runs of bytes.
const BUFFER_BYTES: usize = 1 << 18;
const REINDEX: &str = "index the tables again: rebuild the index, or move the file away and sync";

/// What all vectors of a file have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    dimension: usize,
    embedder: String,
}

impl Header {
    pub(super) fn new(dimension: usize, embedder: &str) -> Result<Self> {
        if dimension == 0 || dimension > DIMENSION_MAX || embedder.len() > EMBEDDER_BYTES_MAX {
            return Err(Error::new(ErrorKind::InvalidInput, "open_index", "dimension or embedder id out of bounds")
                .with("dimension", dimension)
                .with("dimension_max", DIMENSION_MAX)
                .with("embedder_id_bytes", embedder.len()));
        }
        Ok(Self { dimension, embedder: embedder.to_owned() })
    }

    pub(super) fn dimension(&self) -> usize {
        self.dimension
    }

    pub(super) fn check_vector(&self, operation: &'static str, vector: &[f32]) -> Result<()> {
        if vector.len() == self.dimension && vector.iter().all(|x| x.is_finite()) {
            return Ok(());
        }
        let why = if vector.len() == self.dimension { "the vector is not finite" } else { "another dimension" };
        Err(Error::new(ErrorKind::InvalidInput, operation, why)
            .with("expected_dimension", self.dimension)
            .with("found_dimension", vector.len())
            .hint("use the embedder that the index was made with"))
    }

    /// The record of an entry, without its length.
    pub(super) fn encode(&self, entry: &IndexEntry) -> Result<Vec<u8>> {
        self.check_vector("upsert_vectors", &entry.embedding).map_err(|e| e.with("table", &entry.fqn))?;
        let fqn = entry.fqn.to_string();
        let texts = [&entry.id.0, &fqn, &entry.text];
        let bytes: usize = texts.iter().map(|t| t.len()).sum();
        if bytes > TEXTS_BYTES_MAX {
            return Err(Error::new(ErrorKind::LimitExceeded, "upsert_vectors", "name and text are too long")
                .with("table", &entry.fqn)
                .with("bytes", bytes)
                .with("bytes_max", TEXTS_BYTES_MAX));
        }
        let mut record = Vec::with_capacity(bytes + 12 + 4 * self.dimension);
        for text in texts {
            record.extend_from_slice(&(text.len() as u32).to_le_bytes());
            record.extend_from_slice(text.as_bytes());
        }
        record.extend(entry.embedding.iter().flat_map(|x| x.to_le_bytes()));
        Ok(record)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes.extend_from_slice(&(self.dimension as u32).to_le_bytes());
        bytes.extend_from_slice(&(self.embedder.len() as u32).to_le_bytes());
        bytes.extend_from_slice(self.embedder.as_bytes());
        bytes
    }
}

/// One table as it stands in the file.
pub(super) struct Record<'a> {
    /// The whole record, without its length.
    pub(super) bytes: &'a [u8],
    pub(super) id: &'a str,
    pub(super) fqn: &'a str,
    pub(super) text: &'a str,
    vector: &'a [u8],
}

impl<'a> Record<'a> {
    fn parse(bytes: &'a [u8], dimension: usize) -> Option<Self> {
        let mut rest = bytes;
        let mut text = || {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let (text, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = after;
            std::str::from_utf8(text).ok()
        };
        let (id, fqn, text) = (text()?, text()?, text()?);
        (rest.len() == 4 * dimension).then_some(Self { bytes, id, fqn, text, vector: rest })
    }

    pub(super) fn vector(&self) -> impl Iterator<Item = f32> {
        self.vector.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b))
    }
}

/// Streams the records of a file and checks them against the trailer at the end.
pub(super) struct RecordReader {
    path: PathBuf,
    operation: &'static str,
    body: BufReader<Hashed<Take<File>>>,
    dimension: usize,
    record: Vec<u8>,
    seen: u64,
}

impl RecordReader {
    /// After the header; `None` when there is no file.
    pub(super) fn open(path: &Path, expected: &Header, operation: &'static str) -> Result<Option<Self>> {
        let failed = |error| io_error(operation, path, error);
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let length = file.metadata().map_err(failed)?.len();
        let body = Hashed::new(file.take(length.saturating_sub(TRAILER_BYTES)));
        let mut reader = Self {
            path: path.to_owned(),
            operation,
            body: BufReader::with_capacity(BUFFER_BYTES, body),
            dimension: expected.dimension,
            record: Vec::new(),
            seen: 0,
        };
        reader.check_header(expected)?;
        Ok(Some(reader))
    }

    fn check_header(&mut self, expected: &Header) -> Result<()> {
        let magic: [u8; 8] = self.read_array()?;
        if magic != MAGIC {
            return Err(self.corrupt("the file is no vector index"));
        }
        let version = u32::from_le_bytes(self.read_array()?);
        if version != FORMAT_VERSION {
            return Err(Error::new(ErrorKind::Configuration, self.operation, "another version wrote this index")
                .with("path", self.path.display())
                .with("version", version)
                .hint(REINDEX));
        }
        let dimension = u32::from_le_bytes(self.read_array()?) as usize;
        let length = u32::from_le_bytes(self.read_array()?) as usize;
        if length > EMBEDDER_BYTES_MAX {
            return Err(self.corrupt("the header is damaged"));
        }
        self.read_record(length)?;
        let embedder = String::from_utf8_lossy(&self.record).into_owned();
        let found = Header { dimension, embedder };
        if found == *expected {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Configuration, self.operation, "the index holds vectors of another embedder")
            .with("path", self.path.display())
            .with("index_embedder", format!("{} ({} dimensions)", found.embedder, found.dimension))
            .with("configured_embedder", format!("{} ({} dimensions)", expected.embedder, expected.dimension))
            .hint(REINDEX))
    }

    /// The next record; after the last one the trailer is checked and `None` given.
    pub(super) fn next_record(&mut self) -> Result<Option<Record<'_>>> {
        if self.body.fill_buf().map_err(|e| io_error(self.operation, &self.path, e))?.is_empty() {
            return self.check_trailer().map(|()| None);
        }
        let length = u32::from_le_bytes(self.read_array()?) as usize;
        if length > TEXTS_BYTES_MAX + 12 + 4 * self.dimension {
            return Err(self.corrupt("a record is longer than any can be"));
        }
        self.read_record(length)?;
        self.seen += 1;
        match Record::parse(&self.record, self.dimension) {
            Some(record) => Ok(Some(record)),
            None => Err(damaged(self.operation, &self.path, "a record is damaged")),
        }
    }

    fn check_trailer(&mut self) -> Result<()> {
        let body = self.body.get_mut();
        let hash = body.hasher.finalize();
        let mut trailer = [0; TRAILER_BYTES as usize];
        body.inner.get_mut().read_exact(&mut trailer).map_err(|e| io_error(self.operation, &self.path, e))?;
        let (count, written) = trailer.split_at(8);
        if count == self.seen.to_le_bytes() && written == hash.as_bytes() {
            return Ok(());
        }
        Err(self.corrupt("the checksum does not match"))
    }

    /// Reads to the end and gives how many records there are.
    pub(super) fn count(mut self) -> Result<usize> {
        let mut count = 0;
        while self.next_record()?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    fn read_array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.body.read_exact(&mut bytes).map_err(|e| io_error(self.operation, &self.path, e))?;
        Ok(bytes)
    }

    fn read_record(&mut self, length: usize) -> Result<()> {
        self.record.resize(length, 0);
        self.body.read_exact(&mut self.record).map_err(|e| io_error(self.operation, &self.path, e))
    }

    fn corrupt(&self, why: &str) -> Error {
        damaged(self.operation, &self.path, why)
    }
}

/// Writes a file from its first byte to its trailer.
pub(super) struct RecordWriter {
    body: BufWriter<Hashed<File>>,
    count: u64,
}

impl RecordWriter {
    pub(super) fn create(path: &Path, header: &Header) -> io::Result<Self> {
        let mut body = BufWriter::with_capacity(BUFFER_BYTES, Hashed::new(File::create(path)?));
        body.write_all(&header.to_bytes())?;
        Ok(Self { body, count: 0 })
    }

    /// Adds a record; ids must come in order.
    pub(super) fn push(&mut self, record: &[u8]) -> io::Result<()> {
        self.body.write_all(&(record.len() as u32).to_le_bytes())?;
        self.body.write_all(record)?;
        self.count += 1;
        Ok(())
    }

    /// Writes the trailer and waits until all is on the disk.
    pub(super) fn finish(self) -> io::Result<()> {
        let Hashed { inner: mut file, hasher } = self.body.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.write_all(&self.count.to_le_bytes())?;
        file.write_all(hasher.finalize().as_bytes())?;
        file.sync_all()
    }
}

/// Hashes what passes through.
struct Hashed<T> {
    inner: T,
    hasher: blake3::Hasher,
}

impl<T> Hashed<T> {
    fn new(inner: T) -> Self {
        Self { inner, hasher: blake3::Hasher::new() }
    }
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..length]);
        Ok(length)
    }
}

impl<T: Write> Write for Hashed<T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let length = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn damaged(operation: &'static str, path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Corrupt, operation, why).with("path", path.display()).hint(REINDEX)
}

/// An error of the file system in our words.
pub(super) fn io_error(operation: &'static str, path: &Path, error: io::Error) -> Error {
    use io::ErrorKind as Io;
    let (kind, why, hint) = match error.kind() {
        Io::UnexpectedEof => return damaged(operation, path, "the file is cut off"),
        Io::NotFound => (ErrorKind::NotFound, "the folder is not there", "create it, or choose another state folder"),
        Io::PermissionDenied | Io::ReadOnlyFilesystem => {
            (ErrorKind::Forbidden, "the file system does not let us", "make the state folder writable for this user")
        }
        Io::StorageFull | Io::QuotaExceeded => (ErrorKind::LimitExceeded, "the disk is full", "free some space"),
        Io::IsADirectory => (ErrorKind::InvalidInput, "it is a folder", "choose another path"),
        _ => (ErrorKind::Unavailable, "the file cannot be read or written", "check the disk"),
    };
    Error::new(kind, operation, why).with("path", path.display()).hint(hint).caused_by(error)
}
