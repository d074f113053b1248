//! A new file in place of the old one: written beside it, brought to the disk, renamed.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};

use super::beside;
use super::format::{Header, RecordReader, RecordWriter, io_error};

/// Encoded records by id; `None` deletes.
pub(super) type Changes = BTreeMap<String, Option<Vec<u8>>>;

/// How long to wait for another writer: so many times, so long each.
const LOCK_TRIES: u32 = 200;
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// Replaces the file, if there is one, by an empty index.
pub(super) fn start_anew(path: &Path, header: &Header) -> Result<()> {
    let operation = "rebuild_index";
    let _lock = lock(path, operation)?;
    let temporary = beside(path, ".new");
    let written = RecordWriter::create(&temporary, header).and_then(RecordWriter::finish);
    written.map_err(|e| io_error(operation, &temporary, e))?;
    put_in_place(&temporary, path, operation)
}

/// Merges the changes into the file in one pass; a merge that changes nothing leaves the file alone.
pub(super) fn merge(path: &Path, header: &Header, changes: Changes) -> Result<()> {
    let operation = "write_index";
    if changes.is_empty() {
        return Ok(());
    }
    let _lock = lock(path, operation)?;
    let reader = RecordReader::open(path, header, operation)?;
    let temporary = beside(path, ".new");
    let changed = write_merged(&temporary, header, reader, changes);
    match changed {
        Ok(true) => put_in_place(&temporary, path, operation),
        // The leftover is overwritten by the next writer, if it cannot be removed now.
        Ok(false) => std::fs::remove_file(&temporary).or(Ok(())),
        Err(error) => {
            let _ = std::fs::remove_file(&temporary);
            Err(error)
        }
    }
}

/// Writes old records and changes in the order of their ids. Gives whether the result differs from the old file.
fn write_merged(path: &Path, header: &Header, reader: Option<RecordReader>, changes: Changes) -> Result<bool> {
    let failed = |e| io_error("write_index", path, e);
    let mut writer = RecordWriter::create(path, header).map_err(failed)?;
    let mut changes = changes.into_iter().peekable();
    let mut changed = false;
    if let Some(mut reader) = reader {
        while let Some(record) = reader.next_record()? {
            while let Some((_, new)) = changes.next_if(|(id, _)| id.as_str() < record.id) {
                if let Some(new) = new {
                    changed = true;
                    writer.push(&new).map_err(failed)?;
                }
            }
            match changes.next_if(|(id, _)| id == record.id) {
                None => writer.push(record.bytes).map_err(failed)?,
                Some((_, None)) => changed = true,
                Some((_, Some(new))) => {
                    changed |= new != record.bytes;
                    writer.push(&new).map_err(failed)?;
                }
            }
        }
    }
    for new in changes.filter_map(|(_, new)| new) {
        changed = true;
        writer.push(&new).map_err(failed)?;
    }
    if changed {
        writer.finish().map_err(failed)?;
    }
    Ok(changed)
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

fn put_in_place(temporary: &Path, path: &Path, operation: &'static str) -> Result<()> {
    std::fs::rename(temporary, path).map_err(|e| io_error(operation, path, e))?;
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The name itself must reach the disk; where a folder cannot be opened, the rename alone has to do.
    if let Ok(folder) = File::open(parent) {
        folder.sync_all().map_err(|e| io_error(operation, parent, e))?;
    }
    Ok(())
}
