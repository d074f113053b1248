//! Hashes of columns outside memory, while keys are searched over all tables at once.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind as IoKind, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use catalog_core::model::KeptHashes;
use catalog_core::{Error, ErrorKind, Result};

use crate::seal::{LedgerKey, Seal, private};

/// Sealed bytes that are held in memory before a file is made: a small catalog needs none.
pub const HELD_MAX: usize = 4 << 20;

/// Writes hashes column by column; see [`HashFile`].
pub struct HashFileWriter {
    seal: Seal,
    folder: PathBuf,
    held: Vec<u8>,
    held_max: usize,
    file: Option<Nameless>,
    /// Where each column's sealed bytes end.
    ends: Vec<u64>,
}

impl HashFileWriter {
    /// Nothing is written yet. What does not fit into a few mebibytes goes to a file in this folder, which is made if
    /// it is not there.
    ///
    /// # Errors
    /// `Unavailable` when the operating system gives no random bytes.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let seal = Seal::new(&LedgerKey::random()?);
        let (held, ends) = (Vec::new(), Vec::new());
        Ok(Self { seal, folder: folder.to_owned(), held, held_max: HELD_MAX, file: None, ends })
    }

    /// The file is made as soon as more than so many sealed bytes would be held.
    #[must_use]
    pub fn holding(mut self, bytes_max: usize) -> Self {
        self.held_max = bytes_max;
        self
    }

    /// Takes the next column's hashes, ascending and each once; a column without any costs eight bytes.
    ///
    /// # Errors
    /// `LimitExceeded` when the disk is full, `Unavailable` when it cannot be written otherwise.
    pub fn push(&mut self, hashes: &[i64]) -> Result<()> {
        let end = self.ends.last().copied().unwrap_or(0);
        if hashes.is_empty() {
            self.ends.push(end);
            return Ok(());
        }
        let plain: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        let sealed = self.seal.seal_hashes(self.ends.len(), &plain)?;
        self.held.extend_from_slice(&sealed);
        self.ends.push(end + sealed.len() as u64);
        if self.held.len() > self.held_max { self.write_out() } else { Ok(()) }
    }

    /// The columns, to be read.
    ///
    /// # Errors
    /// As [`HashFileWriter::push`].
    pub fn finish(mut self) -> Result<HashFile> {
        if self.file.is_some() {
            self.write_out()?;
        }
        self.ends.shrink_to_fit();
        let Self { seal, held, file, ends, .. } = self;
        Ok(HashFile { seal, held, file, ends, unread: OnceLock::new() })
    }

    fn write_out(&mut self) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(Nameless::in_folder(&self.folder)?),
        };
        file.open.write_all(&self.held).map_err(|e| failed("write_hashes", &file.path, &e))?;
        self.held = Vec::new();
        Ok(())
    }
}

/// A file that only this process has: its name is gone before the first byte is in it, so that nothing is left of it
/// after a crash either.
struct Nameless {
    open: File,
    /// The name that it had.
    path: PathBuf,
}

impl Nameless {
    fn in_folder(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|e| failed("write_hashes", folder, &e))?;
        let mut number = 0_u32;
        loop {
            let path = folder.join(format!("hashes.{}.{number}.tmp", std::process::id()));
            match private(OpenOptions::new().read(true).write(true).create_new(true)).open(&path) {
                Ok(open) => {
                    fs::remove_file(&path).map_err(|e| failed("write_hashes", &path, &e))?;
                    return Ok(Self { open, path });
                }
                Err(error) if error.kind() == IoKind::AlreadyExists && number < 1_000 => number += 1,
                Err(error) => return Err(failed("write_hashes", &path, &error)),
            }
        }
    }
}

/// Hashes of columns, sealed under a key that was drawn for them and dies with them: the smallest hashes of a small
/// domain are a dictionary of it, and a disk can be read by others. Memory: eight bytes a column, and up to 4 MiB.
pub struct HashFile {
    seal: Seal,
    /// All sealed bytes, when there is no file.
    held: Vec<u8>,
    file: Option<Nameless>,
    ends: Vec<u64>,
    unread: OnceLock<Unread>,
}

/// Why a column's hashes are missing.
enum Unread {
    Refused(IoKind),
    Altered,
}

impl HashFile {
    /// Says whether all that was asked for could be read so far.
    ///
    /// # Errors
    /// `Unavailable` when the disk could not be read, `Corrupt` when it gave something else than was written.
    pub fn check(&self) -> Result<()> {
        let Some(unread) = self.unread.get() else { return Ok(()) };
        let (kind, cause) = match unread {
            Unread::Refused(kind) => (ErrorKind::Unavailable, kind.to_string()),
            Unread::Altered => (ErrorKind::Corrupt, "it holds something else than was written".to_owned()),
        };
        let place = self.file.as_ref().map_or_else(|| "memory".to_owned(), |file| file.path.display().to_string());
        Err(Error::new(kind, "read_hashes", cause)
            .with("file", place)
            .hint("check the disk that the state folder is on; the file is made anew for every search"))
    }

    fn sealed(&self, column: usize) -> std::io::Result<Vec<u8>> {
        let Some(&end) = self.ends.get(column) else { return Ok(Vec::new()) };
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        match &self.file {
            None => Ok(self.held[start as usize..end as usize].to_vec()),
            Some(file) => {
                let mut sealed = vec![0; (end - start) as usize];
                read_at(&file.open, &mut sealed, start)?;
                Ok(sealed)
            }
        }
    }
}

impl KeptHashes for HashFile {
    fn read(&self, column: usize, out: &mut Vec<i64>) {
        let sealed = match self.sealed(column) {
            Ok(sealed) if sealed.is_empty() => return,
            Ok(sealed) => sealed,
            Err(error) => return drop(self.unread.set(Unread::Refused(error.kind()))),
        };
        match self.seal.open_hashes(column, &sealed) {
            Some(plain) => out.extend(plain.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes))),
            None => drop(self.unread.set(Unread::Altered)),
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut into: &mut [u8], mut at: u64) -> std::io::Result<()> {
    while !into.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, into, at)? {
            0 => return Err(IoKind::UnexpectedEof.into()),
            read => (into, at) = (&mut into[read..], at + read as u64),
        }
    }
    Ok(())
}

fn failed(step: &'static str, path: &Path, error: &std::io::Error) -> Error {
    let full = matches!(error.kind(), IoKind::StorageFull | IoKind::QuotaExceeded | IoKind::FileTooLarge);
    let kind = if full { ErrorKind::LimitExceeded } else { ErrorKind::Unavailable };
    Error::new(kind, step, error.kind().to_string())
        .with("file", path.display())
        .hint("the search for keys needs about a kibibyte a column in the state folder: check its space and rights")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many columns of 128 hashes.
    fn many(folder: &Path, columns: usize) -> HashFile {
        let mut writer = HashFileWriter::in_folder(folder).unwrap();
        for column in 0..columns {
            writer.push(&hashes(column)).unwrap();
        }
        writer.finish().unwrap()
    }

    fn hashes(column: usize) -> Vec<i64> {
        if column.is_multiple_of(10) { Vec::new() } else { (0..128).map(|i| i * 7 - column as i64).collect() }
    }

    fn read(file: &HashFile, column: usize) -> Vec<i64> {
        let mut out = Vec::new();
        file.read(column, &mut out);
        out
    }

    #[test]
    fn hashes_come_back_by_column_from_memory_and_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        for columns in [3, 4_500] {
            let file = many(folder.path(), columns);
            assert_eq!(file.file.is_some(), columns > 1_000);
            assert!((0..columns).all(|column| read(&file, column) == hashes(column)));
            assert!(read(&file, columns).is_empty());
            file.check().unwrap();
        }
    }

    #[test]
    fn the_file_has_no_name_and_no_hash_in_the_clear() {
        let folder = tempfile::tempdir().unwrap();
        let file = many(&folder.path().join("not there yet"), 4_500);
        assert_eq!(fs::read_dir(folder.path().join("not there yet")).unwrap().count(), 0);
        let mut sealed = vec![0; file.ends[1] as usize];
        read_at(&file.file.as_ref().unwrap().open, &mut sealed, 0).unwrap();
        let clear = hashes(1)[60].to_le_bytes();
        assert!(!sealed.windows(clear.len()).any(|window| window == clear));
    }

    #[test]
    fn a_disk_that_lies_is_told_after_the_search() {
        let folder = tempfile::tempdir().unwrap();
        let file = many(folder.path(), 4_500);
        file.file.as_ref().unwrap().open.set_len(file.ends[4_000]).unwrap();
        assert!(read(&file, 3_999) == hashes(3_999) && file.check().is_ok());
        assert!(read(&file, 4_499).is_empty());
        let error = file.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains("hashes.") && error.to_string().contains("end of file"), "{error}");
        let mut moved = many(folder.path(), 3);
        moved.held[30] ^= 1;
        assert!(read(&moved, 1).is_empty());
        assert_eq!(moved.check().unwrap_err().kind(), ErrorKind::Corrupt);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let mut writer = HashFileWriter::in_folder(&folder.path().join("file/within")).unwrap();
        let refused = (0..4_500).find_map(|column| writer.push(&hashes(column)).err()).unwrap();
        assert!(refused.to_string().contains("file/within"), "{refused}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named_with_the_file_the_cause_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = HashFileWriter::in_folder(folder.path()).unwrap();
        // The kernel's own device of a disk without space.
        let open = OpenOptions::new().write(true).open("/dev/full").unwrap();
        writer.file = Some(Nameless { open, path: folder.path().join("hashes.1.0.tmp") });
        let refused = (0..4_500).find_map(|column| writer.push(&hashes(column)).err()).unwrap();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
        for part in ["hashes.1.0.tmp", "no storage space", "about a kibibyte a column", "check its space"] {
            assert!(refused.to_string().contains(part), "{part}: {refused}");
        }
    }
}
