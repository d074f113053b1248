//! Which records of a file count, kept in memory: some 60 bytes a table, whatever its vector.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use catalog_core::Result;

use super::format::{DATA_AT, Hash, Header, Preamble, Slot, change_of, damaged, io_error};

/// Large, since the hash is fastest on long runs of bytes.
const BUFFER_BYTES: usize = 1 << 18;

/// The first 128 bits of an id's hash.
type Key = [u8; 16];

/// Where a table's record lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) at: u64,
    pub(super) bytes: u32,
    /// The first bits of the record's hash, to see whether a new one says anything else.
    digest: Key,
}

/// The state of a file as it was when it was last looked at.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    nonce: [u8; 16],
    pub(super) slot: Slot,
    live: HashMap<Key, Place>,
}

/// The file and what of it counts.
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) nonce: [u8; 16],
    pub(super) snapshot: Arc<Snapshot>,
}

/// Opens the file and brings what is known of it up to date: frames that were seen before are not read again. `None`
/// when there is no file.
pub(super) fn open(
    path: &Path,
    header: &Header,
    operation: &'static str,
    write: bool,
    known: Option<Arc<Snapshot>>,
) -> Result<Option<Opened>> {
    let failed = |error| io_error(operation, path, error);
    let mut file = match File::options().read(true).write(write).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::with_capacity(DATA_AT as usize);
    (&mut file).take(DATA_AT).read_to_end(&mut bytes).map_err(failed)?;
    // Asked after the slots were read: a writer makes the file longer first.
    let length = file.metadata().map_err(failed)?.len();
    let preamble = header.read(path, operation, &bytes, length)?;
    let Preamble { nonce, slot, look_further } = preamble;
    let leads_here = |s: &Arc<Snapshot>| s.nonce == nonce && s.slot.sequence <= slot.sequence && s.slot.end <= slot.end;
    let mut snapshot = match known.filter(leads_here) {
        Some(known) => known,
        None => Arc::new(Snapshot { nonce, slot: Slot::first(), live: HashMap::new() }),
    };
    if snapshot.slot != slot || look_further {
        let seen = Arc::make_mut(&mut snapshot);
        let mut frames = Frames::new(&file, path, header, operation, &seen.slot).map_err(failed)?;
        while seen.slot.end < slot.end {
            seen.apply(frames.next(slot.end)?);
        }
        if seen.slot.chain != slot.chain || seen.slot.end != slot.end {
            return Err(damaged(operation, path, "the checksum does not match"));
        }
        seen.slot = slot;
        // The newer slot is damaged. Its frame may be whole, else it was never finished. The next write mends the slot.
        while look_further && seen.slot.end < length {
            let Ok(frame) = frames.next(length) else { break };
            seen.apply(frame);
        }
    }
    Ok(Some(Opened { file, nonce, snapshot }))
}

impl Snapshot {
    pub(super) fn count(&self) -> usize {
        self.live.len()
    }

    pub(super) fn holds(&self, id: &str) -> bool {
        self.live.contains_key(&key(id.as_bytes()))
    }

    /// Does the file hold this very record?
    pub(super) fn says(&self, id: &str, record: &[u8]) -> bool {
        self.live.get(&key(id.as_bytes())).is_some_and(|place| place.digest == key(record))
    }

    /// Where the records lie, in the order of the file.
    pub(super) fn places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = self.live.values().copied().collect();
        places.sort_unstable_by_key(|place| place.at);
        places
    }

    /// Takes in a frame that was read or written.
    pub(super) fn apply(&mut self, frame: Frame) {
        self.slot.end = frame.end;
        self.slot.chain = frame.chain;
        for (id, place) in frame.changes {
            let replaced = match place {
                Some(place) => self.live.insert(id, place),
                None => self.live.remove(&id),
            };
            self.slot.dead += replaced.map_or(0, |old| u64::from(old.bytes));
        }
    }
}

/// A frame's changes, by the hash of their ids.
pub(super) struct Frame {
    pub(super) end: u64,
    pub(super) chain: Hash,
    pub(super) changes: Vec<(Key, Option<Place>)>,
}

impl Frame {
    /// A frame that begins at `at`, not yet ended.
    pub(super) fn begin() -> Self {
        Self { end: 0, chain: [0; 32], changes: Vec::new() }
    }

    /// Notes a change whose bytes begin at `at`.
    pub(super) fn note(&mut self, id: &str, deletes: bool, at: u64, bytes: &[u8]) {
        let place = Place { at, bytes: bytes.len() as u32, digest: key(bytes) };
        self.changes.push((key(id.as_bytes()), (!deletes).then_some(place)));
    }
}

fn key(bytes: &[u8]) -> Key {
    let mut key = [0; 16];
    key.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    key
}

/// Reads frames one after the other and checks each.
struct Frames<'a> {
    body: BufReader<&'a File>,
    path: &'a Path,
    header: &'a Header,
    operation: &'static str,
    at: u64,
    chain: Hash,
    record: Vec<u8>,
}

impl<'a> Frames<'a> {
    fn new(
        file: &'a File,
        path: &'a Path,
        header: &'a Header,
        operation: &'static str,
        after: &Slot,
    ) -> io::Result<Self> {
        let mut body = BufReader::with_capacity(BUFFER_BYTES, file);
        body.seek(SeekFrom::Start(after.end))?;
        Ok(Self { body, path, header, operation, at: after.end, chain: after.chain, record: Vec::new() })
    }

    /// The next frame, which ends at `limit` at the latest.
    fn next(&mut self, limit: u64) -> Result<Frame> {
        let length = u64::from_le_bytes(self.array()?);
        let mut at = self.at + 8;
        let end = at.checked_add(length).filter(|end| end.saturating_add(32) <= limit);
        let end = end.ok_or_else(|| self.corrupt("a frame is longer than the file"))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.chain);
        let mut frame = Frame::begin();
        while at < end {
            let size: [u8; 4] = self.array()?;
            let bytes = u32::from_le_bytes(size) as usize;
            if bytes > self.header.record_bytes_max() || at + 4 + bytes as u64 > end {
                return Err(self.corrupt("a record is longer than any can be"));
            }
            self.record.resize(bytes, 0);
            self.body.read_exact(&mut self.record).map_err(|e| io_error(self.operation, self.path, e))?;
            hasher.update(&size).update(&self.record);
            let Some((id, deletes)) = change_of(&self.record, self.header.dimension()) else {
                return Err(self.corrupt("a record is damaged"));
            };
            frame.note(id, deletes, at + 4, &self.record);
            at += 4 + bytes as u64;
        }
        frame.chain = *hasher.finalize().as_bytes();
        if self.array::<32>()? != frame.chain {
            return Err(self.corrupt("the checksum does not match"));
        }
        frame.end = end + 32;
        (self.at, self.chain) = (frame.end, frame.chain);
        Ok(frame)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.body.read_exact(&mut bytes).map_err(|e| io_error(self.operation, self.path, e))?;
        Ok(bytes)
    }

    fn corrupt(&self, why: &str) -> catalog_core::Error {
        damaged(self.operation, self.path, why)
    }
}
