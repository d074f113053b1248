//! Writing: a frame at the end of the file, and now and then a new file without what was replaced.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};

use super::beside;
use super::format::{DATA_AT, Header, Slot, deletion, io_error};
use super::snapshot::{Frame, Opened, Snapshot, open};

/// Encoded records by id; `None` deletes.
pub(super) type Changes = BTreeMap<String, Option<Vec<u8>>>;

/// How long to wait for another writer: so many times, so long each.
const LOCK_TRIES: u32 = 200;
const LOCK_WAIT: Duration = Duration::from_millis(50);
/// A file is written anew when more than half of it, and more than this many bytes, was replaced.
const DEAD_BYTES_MIN: u64 = 1 << 20;
/// Bytes of a frame when a file is written anew.
const FRAME_BYTES: usize = 8 << 20;
const BUFFER_BYTES: usize = 1 << 18;
const STEP: &str = "write_index";

/// Replaces the file, if there is one, by an empty index.
pub(super) fn start_anew(path: &Path, header: &Header) -> Result<()> {
    let _lock = lock(path, "rebuild_index")?;
    create(path, header, "rebuild_index")
}

/// Applies the changes and gives what the file then holds; changes that say nothing new leave it alone.
pub(super) fn merge(
    path: &Path,
    header: &Header,
    mut changes: Changes,
    known: Option<Arc<Snapshot>>,
) -> Result<Option<Arc<Snapshot>>> {
    if changes.is_empty() {
        return Ok(known);
    }
    let _lock = lock(path, STEP)?;
    let opened = match open(path, header, STEP, true, known)? {
        Some(opened) => Some(opened),
        None if changes.values().all(Option::is_none) => None,
        None => {
            create(path, header, STEP)?;
            open(path, header, STEP, true, None)?
        }
    };
    let Some(mut opened) = opened else { return Ok(None) };
    changes.retain(|id, record| match record {
        Some(record) => !opened.snapshot.says(id, record),
        None => opened.snapshot.holds(id),
    });
    if !changes.is_empty() {
        append(&mut opened, &changes).map_err(|e| io_error(STEP, path, e))?;
    }
    let Slot { end, dead, .. } = opened.snapshot.slot;
    if dead > DEAD_BYTES_MIN && dead > (end - DATA_AT) / 2 {
        compact(path, header, &opened).map_err(|e| io_error(STEP, path, e))?;
        return Ok(open(path, header, STEP, false, None)?.map(|fresh| fresh.snapshot));
    }
    Ok(Some(opened.snapshot))
}

/// Adds one frame and then says so in the slot.
fn append(opened: &mut Opened, changes: &Changes) -> io::Result<()> {
    let slot = opened.snapshot.slot;
    // What a crash left behind the last frame.
    opened.file.set_len(slot.end)?;
    opened.file.seek(SeekFrom::Start(slot.end))?;
    let mut writer = FrameWriter::new(&opened.file, slot);
    for (id, record) in changes {
        match record {
            Some(record) => writer.push(id, false, record),
            None => writer.push(id, true, &deletion(id)),
        }
    }
    let frame = writer.write()?;
    opened.file.sync_data()?;
    let snapshot = Arc::make_mut(&mut opened.snapshot);
    snapshot.apply(frame);
    snapshot.slot.sequence += 1;
    opened.file.seek(SeekFrom::Start(snapshot.slot.at()))?;
    opened.file.write_all(&snapshot.slot.to_bytes(opened.nonce))?;
    opened.file.sync_data()
}

/// A frame as it is gathered.
struct FrameWriter<'a> {
    file: &'a File,
    at: u64,
    hasher: blake3::Hasher,
    payload: Vec<u8>,
    frame: Frame,
}

impl<'a> FrameWriter<'a> {
    fn new(file: &'a File, after: Slot) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&after.chain);
        Self { file, at: after.end, hasher, payload: vec![0; 8], frame: Frame::begin() }
    }

    fn push(&mut self, id: &str, deletes: bool, change: &[u8]) {
        self.payload.extend_from_slice(&(change.len() as u32).to_le_bytes());
        self.frame.note(id, deletes, self.at + self.payload.len() as u64, change);
        self.payload.extend_from_slice(change);
    }

    fn write(mut self) -> io::Result<Frame> {
        self.hasher.update(&self.payload[8..]);
        self.frame.chain = *self.hasher.finalize().as_bytes();
        let length = self.payload.len() as u64 - 8;
        self.payload[..8].copy_from_slice(&length.to_le_bytes());
        self.payload.extend_from_slice(&self.frame.chain);
        self.file.write_all(&self.payload)?;
        self.frame.end = self.at + self.payload.len() as u64;
        Ok(self.frame)
    }
}

fn create(path: &Path, header: &Header, operation: &'static str) -> Result<()> {
    let temporary = beside(path, ".new");
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(&header.preamble(nonce(), Slot::first()))?;
        file.sync_all()
    });
    written.map_err(|e| io_error(operation, &temporary, e))?;
    put_in_place(&temporary, path).map_err(|e| io_error(operation, path, e))
}

/// Writes the records that count into a new file and puts it in place of the old one.
fn compact(path: &Path, header: &Header, old: &Opened) -> io::Result<()> {
    let temporary = beside(path, ".new");
    let mut file = File::create(&temporary)?;
    let nonce = nonce();
    file.write_all(&header.preamble(nonce, Slot::first()))?;
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, &old.file);
    let mut slot = Slot::first();
    let mut writer = FrameWriter::new(&file, slot);
    let mut record = Vec::new();
    for place in old.snapshot.places() {
        record.resize(place.bytes as usize, 0);
        seek_to(&mut reader, place.at)?;
        reader.read_exact(&mut record)?;
        writer.push("", false, &record);
        if writer.payload.len() >= FRAME_BYTES {
            let frame = writer.write()?;
            (slot.end, slot.chain) = (frame.end, frame.chain);
            writer = FrameWriter::new(&file, slot);
        }
    }
    let frame = writer.write()?;
    (slot.end, slot.chain) = (frame.end, frame.chain);
    file.seek(SeekFrom::Start(0))?;
    let mut preamble = BufWriter::new(&file);
    preamble.write_all(&header.preamble(nonce, slot))?;
    preamble.flush()?;
    drop(preamble);
    file.sync_all()?;
    put_in_place(&temporary, path)
}

/// Goes to a place without losing what was read ahead, where it is near.
pub(super) fn seek_to(reader: &mut BufReader<&File>, at: u64) -> io::Result<()> {
    let here = reader.stream_position()?;
    reader.seek_relative(at as i64 - here as i64)
}

/// Tells two files apart; nothing secret depends on it.
fn nonce() -> [u8; 16] {
    let random = |salt: u64| RandomState::new().hash_one(salt).to_le_bytes();
    let mut nonce = [0; 16];
    nonce[..8].copy_from_slice(&random(0));
    nonce[8..].copy_from_slice(&random(1));
    nonce
}

/// The lock is held until the file is closed, also by a crash.
fn lock(path: &Path, operation: &'static str) -> Result<File> {
    let at = beside(path, ".lock");
    let file = OpenOptions::new().create(true).append(true).open(&at).map_err(|e| io_error(operation, &at, e))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
            Err(TryLockError::Error(error)) => return Err(io_error(operation, &at, error)),
        }
    }
    Err(Error::new(ErrorKind::Conflict, operation, "another process is writing the index")
        .with("path", path.display())
        .hint("let one process at a time write a state folder"))
}

fn put_in_place(temporary: &Path, path: &Path) -> io::Result<()> {
    std::fs::rename(temporary, path)?;
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The name itself must reach the disk; where a folder cannot be opened, the rename alone has to do.
    match File::open(parent) {
        Ok(folder) => folder.sync_all(),
        Err(_) => Ok(()),
    }
}
