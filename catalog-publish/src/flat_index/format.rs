//! What the bytes of an index file mean. Integers and floats are little-endian.
//!
//! ```text
//! 0      header: magic 8 · version u32 · dimension u32 · nonce 16 · embedder (u32 length, UTF-8)
//!                · BLAKE3 of the header 32
//! 4096   two slots of 512: sequence u64 · end u64 · dead u64 · chain 32 · BLAKE3 of nonce and slot 32
//! 5120   frame*  = length u64 · change* · chain 32
//!        change  = length u32 · record; an empty record but for its id deletes
//!        record  = id · name · text (each u32 length, UTF-8) · dimension × f32, unit length
//! ```
//!
//! The slot of the higher sequence says where the last frame ends. A frame's chain is BLAKE3 over the chain before it
//! and its changes. A write appends a frame, brings it to the disk, and then overwrites the older slot, so that a
//! crash at any point leaves the state before or after it.

use std::io;
use std::path::Path;

use catalog_core::model::IndexEntry;
use catalog_core::{Error, ErrorKind, Result};

const MAGIC: [u8; 8] = *b"AKKOVEC\0";
const FORMAT_VERSION: u32 = 2;
const DIMENSION_MAX: usize = 65_536;
const EMBEDDER_BYTES_MAX: usize = 1_024;
/// Id, name and text of one table together.
const TEXTS_BYTES_MAX: usize = 1 << 20;
const SLOTS_AT: usize = 4_096;
const SLOT_BYTES: usize = 512;
/// Where the frames begin.
pub(super) const DATA_AT: u64 = (SLOTS_AT + 2 * SLOT_BYTES) as u64;
const REINDEX: &str = "index the tables again: rebuild the index, or move the file away and sync";

/// A hash of 32 bytes.
pub(super) type Hash = [u8; 32];

/// What all vectors of a file have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    dimension: usize,
    embedder: String,
}

/// How far a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) sequence: u64,
    /// Where the last frame ends.
    pub(super) end: u64,
    /// Bytes of changes that later ones replaced.
    pub(super) dead: u64,
    pub(super) chain: Hash,
}

/// The first bytes of a file, understood.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preamble {
    /// Tells this file from another that took its place.
    pub(super) nonce: [u8; 16],
    pub(super) slot: Slot,
    /// Is the other slot damaged? Then a frame after the end of this one may be whole.
    pub(super) look_further: bool,
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

    /// The longest record that there can be.
    pub(super) fn record_bytes_max(&self) -> usize {
        TEXTS_BYTES_MAX + 12 + 4 * self.dimension
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
        record.extend(unit(&entry.embedding).flat_map(f32::to_le_bytes));
        Ok(record)
    }

    /// The whole preamble of a new file.
    pub(super) fn preamble(&self, nonce: [u8; 16], slot: Slot) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes.extend_from_slice(&(self.dimension as u32).to_le_bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&(self.embedder.len() as u32).to_le_bytes());
        bytes.extend_from_slice(self.embedder.as_bytes());
        let hash = blake3::hash(&bytes);
        bytes.extend_from_slice(hash.as_bytes());
        bytes.resize(DATA_AT as usize, 0);
        for place in [slot, Slot { sequence: slot.sequence + 1, ..slot }] {
            let at = place.at() as usize;
            let written = place.to_bytes(nonce);
            bytes[at..at + written.len()].copy_from_slice(&written);
        }
        bytes
    }

    /// Understands a preamble and checks that it is this index's. `file_bytes` is the file's length.
    pub(super) fn read(&self, path: &Path, operation: &'static str, bytes: &[u8], file_bytes: u64) -> Result<Preamble> {
        let corrupt = |why: &str| damaged(operation, path, why);
        let mut rest = Bytes(bytes);
        if rest.array::<8>() != Some(MAGIC) {
            return Err(corrupt("the file is no vector index"));
        }
        let version = rest.u32().ok_or_else(|| corrupt("the file is cut off"))?;
        if version != FORMAT_VERSION {
            return Err(Error::new(ErrorKind::Configuration, operation, "another version wrote this index")
                .with("path", path.display())
                .with("version", version)
                .hint(REINDEX));
        }
        let (dimension, nonce) = rest.u32().zip(rest.array::<16>()).ok_or_else(|| corrupt("the file is cut off"))?;
        let embedder = rest.text().ok_or_else(|| corrupt("the header is damaged"))?.to_owned();
        let header_bytes = bytes.len() - rest.0.len();
        if rest.array::<32>() != Some(*blake3::hash(&bytes[..header_bytes]).as_bytes()) {
            return Err(corrupt("the header is damaged"));
        }
        let found = Self { dimension: dimension as usize, embedder };
        if found != *self {
            return Err(self.another(path, operation, &found));
        }
        let slots: Vec<Slot> = (0..2).filter_map(|i| Slot::read(bytes, i, nonce)).collect();
        let slot = slots.iter().max_by_key(|s| s.sequence).ok_or_else(|| corrupt("both slots are damaged"))?;
        if slot.end > file_bytes {
            return Err(corrupt("the file is cut off"));
        }
        Ok(Preamble { nonce, slot: *slot, look_further: slots.len() < 2 })
    }

    fn another(&self, path: &Path, operation: &'static str, found: &Self) -> Error {
        Error::new(ErrorKind::Configuration, operation, "the index holds vectors of another embedder")
            .with("path", path.display())
            .with("index_embedder", format!("{} ({} dimensions)", found.embedder, found.dimension))
            .with("configured_embedder", format!("{} ({} dimensions)", self.embedder, self.dimension))
            .hint(REINDEX)
    }
}

impl Slot {
    /// The slot of a file without frames.
    pub(super) fn first() -> Self {
        Self { sequence: 0, end: DATA_AT, dead: 0, chain: [0; 32] }
    }

    /// Where it stands in the file: the two take turns.
    pub(super) fn at(&self) -> u64 {
        SLOTS_AT as u64 + (self.sequence % 2) * SLOT_BYTES as u64
    }

    pub(super) fn to_bytes(self, nonce: [u8; 16]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(88);
        for number in [self.sequence, self.end, self.dead] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.chain);
        let hash = blake3::Hasher::new().update(&nonce).update(&bytes).finalize();
        bytes.extend_from_slice(hash.as_bytes());
        bytes
    }

    fn read(file: &[u8], i: usize, nonce: [u8; 16]) -> Option<Self> {
        let at = SLOTS_AT + i * SLOT_BYTES;
        let mut bytes = Bytes(file.get(at..at + SLOT_BYTES)?);
        let slot = Self { sequence: bytes.u64()?, end: bytes.u64()?, dead: bytes.u64()?, chain: bytes.array()? };
        let whole = slot.to_bytes(nonce).ends_with(&bytes.array::<32>()?);
        (whole && slot.end >= DATA_AT).then_some(slot)
    }
}

/// One table as it stands in the file.
pub(super) struct Record<'a> {
    pub(super) id: &'a str,
    pub(super) fqn: &'a str,
    pub(super) text: &'a str,
    vector: &'a [u8],
}

impl<'a> Record<'a> {
    /// `None` when the bytes are no record of that dimension.
    pub(super) fn parse(bytes: &'a [u8], dimension: usize) -> Option<Self> {
        let mut rest = Bytes(bytes);
        let (id, fqn, text) = (rest.text()?, rest.text()?, rest.text()?);
        (rest.0.len() == 4 * dimension).then_some(Self { id, fqn, text, vector: rest.0 })
    }

    pub(super) fn vector(&self) -> &'a [[u8; 4]] {
        self.vector.as_chunks::<4>().0
    }
}

/// The change that deletes an id.
pub(super) fn deletion(id: &str) -> Vec<u8> {
    let mut bytes = (id.len() as u32).to_le_bytes().to_vec();
    bytes.extend_from_slice(id.as_bytes());
    bytes
}

/// The id that a change is of, and whether it deletes.
pub(super) fn change_of(bytes: &[u8], dimension: usize) -> Option<(&str, bool)> {
    let mut rest = Bytes(bytes);
    let id = rest.text()?;
    if rest.0.is_empty() {
        return Some((id, true));
    }
    Record::parse(bytes, dimension).map(|record| (record.id, false))
}

/// Bytes that are read from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*array)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.u32()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}

/// The direction of a vector at unit length; zero stays zero.
pub(super) fn unit(vector: &[f32]) -> impl Iterator<Item = f32> {
    let length = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    vector.iter().map(move |x| if length > 0.0 { (f64::from(*x) / length) as f32 } else { 0.0 })
}

/// A file that breaks its format.
pub(super) fn damaged(operation: &'static str, path: &Path, why: &str) -> Error {
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
