//! What the user may give as a warehouse.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use catalog_core::{Error, ErrorKind, Result};
use catalog_net::redact_url;
use url::Url;

use super::sqlite;

/// Most entries looked at in a folder.
const FOLDER_ENTRIES_MAX: usize = 100_000;
const SQLITE_EXTENSIONS: [&str; 3] = ["sqlite", "db", "sqlite3"];
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Where one warehouse is.
#[derive(Clone, PartialEq, Eq)]
pub enum WarehouseLocation {
    /// A SQLite file.
    SqliteFile(PathBuf),
    /// A folder whose `.csv` files are tables.
    CsvFolder(PathBuf),
    /// A Postgres database. It may hold a password: never printed.
    Postgres(Url),
}

impl WarehouseLocation {
    /// The warehouses that a path or URL stands for, in the order of their file names. In a folder, the ledger and
    /// the catalog of this program are passed over: they are no warehouse.
    ///
    /// # Errors
    /// `NotFound` (no such path, a folder without SQLite and CSV files), `InvalidInput` (a URL of another scheme, the
    /// program's own ledger or catalog), `Forbidden` (a folder that may not be read), `LimitExceeded` (a folder of
    /// too many entries).
    pub fn parse(text: &str) -> Result<Vec<Self>> {
        if let Some((scheme, _)) = text.split_once("://") {
            return parse_url(text, scheme).map(|url| vec![Self::Postgres(url)]);
        }
        let path = Path::new(text);
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(_) if may_hold_a_password(text) => return Err(bad_url(text, "no such file, and no URL either")),
            Err(e) => return Err(io_error(&e, path)),
        };
        if metadata.is_dir() {
            return in_folder(path);
        }
        if has_extension(path, &["csv"]) && !is_sqlite(path) {
            return Err(Error::new(ErrorKind::InvalidInput, OPERATION, "a single CSV file is no warehouse")
                .with("path", path.display())
                .hint("give the folder that holds it"));
        }
        if sqlite::is_own_file(path) {
            return Err(Error::new(ErrorKind::InvalidInput, OPERATION, "the file is this program's own, no warehouse")
                .with("path", path.display())
                .hint("give the data that it was made from"));
        }
        Ok(vec![Self::SqliteFile(path.to_owned())])
    }
}

const OPERATION: &str = "open_warehouse";

/// Is it meant as an address, like `postgres:/u:password@h/db` or `user:password@host`, or as libpq's `password=…`?
fn may_hold_a_password(text: &str) -> bool {
    text.split('/').next().is_some_and(|start| start.contains(':')) || text.to_ascii_lowercase().contains("password")
}

fn bad_url(text: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, OPERATION, why)
        .with("location", redact_url(text))
        .hint("give a SQLite file, a folder, or postgres://user@host:5432/database")
}

fn parse_url(text: &str, scheme: &str) -> Result<Url> {
    let bad = |why: &str| bad_url(text, why);
    if !matches!(scheme, "postgres" | "postgresql") {
        return Err(bad("this kind of URL is not supported"));
    }
    let url = Url::parse(text).map_err(|_| bad("the URL cannot be understood"))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(bad("the URL names no host"));
    }
    Ok(url)
}

fn in_folder(folder: &Path) -> Result<Vec<WarehouseLocation>> {
    let mut files = Vec::new();
    for (seen, entry) in fs::read_dir(folder).map_err(|e| io_error(&e, folder))?.enumerate() {
        if seen == FOLDER_ENTRIES_MAX {
            return Err(Error::new(ErrorKind::LimitExceeded, OPERATION, "the folder has too many entries")
                .with("path", folder.display())
                .with("limit", FOLDER_ENTRIES_MAX)
                .hint("put the warehouse into a folder of its own"));
        }
        let path = entry.map_err(|e| io_error(&e, folder))?.path();
        if !is_hidden(&path) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    let holds_csv = files.iter().any(|f| has_extension(f, &["csv"]));
    files.retain(|f| has_extension(f, &SQLITE_EXTENSIONS));
    files.retain(|f| {
        let own = sqlite::is_own_file(f);
        if own {
            tracing::info!(path = %f.display(), "a ledger or catalog of this program is not walked as a warehouse");
        }
        !own
    });
    let mut found: Vec<_> = files.into_iter().map(WarehouseLocation::SqliteFile).collect();
    if holds_csv {
        found.push(WarehouseLocation::CsvFolder(folder.to_owned()));
    }
    if found.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, OPERATION, "the folder holds no warehouse")
            .with("path", folder.display())
            .hint("a warehouse is a .sqlite, .sqlite3 or .db file, or .csv files"));
    }
    Ok(found)
}

fn is_sqlite(path: &Path) -> bool {
    let mut head = [0; 16];
    fs::File::open(path).and_then(|mut f| f.read_exact(&mut head)).is_ok() && head == *SQLITE_MAGIC
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'))
}

/// Has the path one of these extensions, in any case?
pub(super) fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|e| extensions.iter().any(|x| e.eq_ignore_ascii_case(x)))
}

/// What to say when the process, or the machine, has as many files open as it may.
pub(super) const OUT_OF_FILES: (ErrorKind, &str, &str) =
    (ErrorKind::Unavailable, "too many files are open", "raise the limit with `ulimit -n`");

/// `ENFILE` (23) and `EMFILE` (24), the same on Linux, macOS and the BSDs; the standard library has no kind for them.
pub(super) fn is_out_of_files(error: &std::io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}

/// An error of the file system in words.
pub(super) fn io_error(error: &std::io::Error, path: &Path) -> Error {
    let (kind, cause, hint) = match error.kind() {
        _ if is_out_of_files(error) => OUT_OF_FILES,
        std::io::ErrorKind::NotFound => (ErrorKind::NotFound, "no such file or folder", "check the path"),
        std::io::ErrorKind::PermissionDenied => {
            (ErrorKind::Forbidden, "the file system refuses to read it", "grant this user read access")
        }
        _ => (ErrorKind::Unavailable, "the file system cannot read it", "check the disk or the mount"),
    };
    Error::new(kind, OPERATION, cause).with("path", path.display()).hint(hint)
}
