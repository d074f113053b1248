//! The key that fingerprints are sealed under.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind as IoKind, Read, Write};
use std::path::{Path, PathBuf};

use catalog_core::model::Secret;
use catalog_core::{Error, ErrorKind, Result};

const KEY_BYTES: usize = 32;
/// A key file holds 64 digits and a line end; what is longer is something else.
const FILE_BYTES_MAX: u64 = 256;

/// 256 bits that seal a ledger. It cannot be printed or serialised.
///
/// ```compile_fail
/// fn print(key: &catalog_store::LedgerKey) { println!("{key:?}"); }
/// ```
#[derive(Clone)]
pub struct LedgerKey([u8; KEY_BYTES]);

impl LedgerKey {
    /// Reads the key from its file, or draws one and writes it there, readable by its owner alone. Two processes that
    /// start at once get the same key. Keep the file apart from the ledger, and keep a copy: a ledger does not open
    /// without its key.
    ///
    /// # Errors
    /// `Configuration` when the file can be read by others (Unix) or holds no key; `NotFound` when its directory is
    /// missing; `Forbidden` or `Unavailable` when it cannot be read or written.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        match File::open(path) {
            Ok(file) => Self::load(file, path),
            Err(error) if error.kind() == IoKind::NotFound => Self::create(path),
            Err(error) => Err(unreadable(&error, path)),
        }
    }

    /// A key from 64 hexadecimal digits.
    ///
    /// # Errors
    /// `Configuration` when it is anything else.
    pub fn from_secret(secret: &Secret) -> Result<Self> {
        parse_hex(secret.expose()).map(Self).ok_or_else(|| {
            Error::new(ErrorKind::Configuration, "read_ledger_key", "the key is not 64 hexadecimal digits")
                .hint("make one with: openssl rand -hex 32")
        })
    }

    /// A key for what need not outlive this process.
    pub(crate) fn random() -> Result<Self> {
        random().map(Self)
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    fn load(file: File, path: &Path) -> Result<Self> {
        refuse_shared(&file, path)?;
        let mut text = String::new();
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(|error| unreadable(&error, path))?;
        Self::from_secret(&Secret::new(text)).map_err(|error| error.with("path", path.display()))
    }

    /// Writes the whole key under another name first and then links it to its own, which fails if somebody else was
    /// faster: nobody ever reads half a key or replaces one.
    fn create(path: &Path) -> Result<Self> {
        let key = Self(random()?);
        let draft = DraftFile(path.with_extension(format!("new-{}", to_hex(&random::<8>()?))));
        write_private(&draft.0, &format!("{}\n", to_hex(&key.0))).map_err(|error| unreadable(&error, path))?;
        match fs::hard_link(&draft.0, path) {
            Ok(()) => Ok(key),
            Err(error) if error.kind() == IoKind::AlreadyExists => {
                Self::load(File::open(path).map_err(|error| unreadable(&error, path))?, path)
            }
            Err(error) => Err(unreadable(&error, path)),
        }
    }
}

/// A file that is removed when it is no longer needed.
struct DraftFile(PathBuf);

impl Drop for DraftFile {
    fn drop(&mut self) {
        // It may never have been written; nothing depends on it.
        let _ = fs::remove_file(&self.0);
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Lets new files be readable by their owner alone.
#[cfg(unix)]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

/// Elsewhere the directory's own rights decide.
#[cfg(not(unix))]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Kubernetes mounts a secret as root's, readable by the pod's group: that group is the process. A file of our own has no
/// such reason.
#[cfg(unix)]
fn refuse_shared(file: &File, path: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let facts = file.metadata().map_err(|error| unreadable(&error, path))?;
    let ours = fs::metadata("/proc/self").map_or(true, |process| process.uid() == facts.uid());
    if readable_by_others(facts.mode(), ours) {
        return Err(Error::new(ErrorKind::Configuration, "read_ledger_key", "other users can read the key")
            .with("path", path.display())
            .with("mode", format!("{:o}", facts.mode() & 0o777))
            .hint(format!("run: chmod 600 '{}'", path.display())));
    }
    Ok(())
}

/// Can others read or change a file of this mode, which is our own or was mounted for us?
#[cfg(unix)]
fn readable_by_others(mode: u32, ours: bool) -> bool {
    mode & if ours { 0o077 } else { 0o037 } != 0
}

#[cfg(not(unix))]
fn refuse_shared(_: &File, _: &Path) -> Result<()> {
    Ok(())
}

fn unreadable(error: &std::io::Error, path: &Path) -> Error {
    let (kind, message, hint) = match error.kind() {
        IoKind::NotFound => (ErrorKind::NotFound, "its directory is missing", "create the directory"),
        IoKind::PermissionDenied | IoKind::ReadOnlyFilesystem => (
            ErrorKind::Forbidden,
            "this user may not read or write the file",
            "change its owner, or name another key file",
        ),
        IoKind::InvalidData => {
            (ErrorKind::Configuration, "the key is not 64 hexadecimal digits", "name another key file")
        }
        _ => (ErrorKind::Unavailable, "the file cannot be read or written", "name a key file on a local disk"),
    };
    Error::new(kind, "read_ledger_key", message).with("path", path.display()).hint(hint)
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| super::no_randomness("make_ledger_key"))?;
    Ok(bytes)
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parse_hex(text: &str) -> Option<[u8; KEY_BYTES]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let digit = |c: u8| char::from(c).to_digit(16);
    let bytes: Option<Vec<u8>> =
        pairs.iter().map(|[high, low]| Some((digit(*high)? * 16 + digit(*low)?) as u8)).collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_once_made_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.key");
        let made = LedgerKey::load_or_create(&path).unwrap();
        let read = LedgerKey::load_or_create(&path).unwrap();
        assert!(made.0 == read.0 && made.0 != [0; 32]);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "the draft is gone");
    }

    #[test]
    fn threads_that_start_at_once_share_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.key");
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || LedgerKey::load_or_create(&path).unwrap().0)
            })
            .collect();
        let keys: std::collections::BTreeSet<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        assert_eq!(keys.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_was_mounted_for_our_group_is_no_shared_key() {
        assert!(!readable_by_others(0o100_440, false) && !readable_by_others(0o100_600, true));
        assert!(readable_by_others(0o100_440, true) && readable_by_others(0o100_444, false));
        assert!(readable_by_others(0o100_460, false));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.key");
        LedgerKey::load_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = LedgerKey::load_or_create(&path).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }

    #[test]
    fn anything_but_64_digits_is_no_key_and_is_not_repeated() {
        for text in ["", "hunter2", &"g".repeat(64), &"a".repeat(63), &"a".repeat(65), &"é".repeat(32)] {
            let error = LedgerKey::from_secret(&Secret::new(text)).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(text.is_empty() || !error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn a_missing_directory_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = LedgerKey::load_or_create(&dir.path().join("no/such/ledger.key")).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("no/such"), "{error}");
    }
}
