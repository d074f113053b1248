//! Bearer tokens in a file, as hashes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use catalog_core::{Error, ErrorKind, Result};

use super::{Caller, Role};

/// Bytes of the file at most.
const FILE_BYTES_MAX: u64 = 1 << 20;

type Known = HashMap<String, Caller>;

/// The tokens of a file, one a line: role, name, BLAKE3 hash of the token in hex. Read again when the file's time or
/// size changes; a file that became unreadable keeps what was known.
pub(super) struct TokenList {
    path: PathBuf,
    known: Mutex<(Option<(SystemTime, u64)>, Known)>,
}

/// A new token, and the line for the file.
pub fn new_token(role: Role, name: &str) -> (String, String) {
    let token = format!("acs_{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    let line = format!("{} {name} {}", role.as_str(), blake3::hash(token.as_bytes()).to_hex());
    (token, line)
}

impl TokenList {
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        let list = Self { path, known: Mutex::default() };
        let read = list.read()?;
        *list.known.lock().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(list)
    }

    /// Whose token is it? Hashes are compared, so that the time it takes says nothing about a token.
    pub(super) fn caller(&self, token: &str) -> Option<Caller> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if self.state().is_some_and(|now| known.0 != Some(now)) {
            match self.read() {
                Ok(read) => *known = read,
                Err(error) => tracing::error!(%error, "the file of tokens cannot be read, the old ones stay"),
            }
        }
        known.1.get(blake3::hash(token.as_bytes()).to_hex().as_str()).cloned()
    }

    fn state(&self) -> Option<(SystemTime, u64)> {
        let facts = std::fs::metadata(&self.path).ok()?;
        Some((facts.modified().unwrap_or(SystemTime::UNIX_EPOCH), facts.len()))
    }

    fn read(&self) -> Result<(Option<(SystemTime, u64)>, Known)> {
        let fail = |why: &str| {
            Error::new(ErrorKind::Configuration, "read_api_tokens", why)
                .with("path", self.path.display())
                .hint("each line is a role, a name and a hash; `catalog-syncd api token` makes one")
        };
        let state = self.state().ok_or_else(|| fail("the file cannot be read"))?;
        if state.1 > FILE_BYTES_MAX {
            return Err(fail("the file is too large"));
        }
        let text = std::fs::read_to_string(&self.path).map_err(|e| fail("the file cannot be read").caused_by(e))?;
        let mut known = Known::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (hash, caller) = entry(line).ok_or_else(|| fail("a line is no token").with("line", number + 1))?;
            known.insert(hash, caller);
        }
        Ok((Some(state), known))
    }
}

fn entry(line: &str) -> Option<(String, Caller)> {
    let mut parts = line.split_whitespace();
    let (role, name, hash) = (Role::parse(parts.next()?)?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none() && hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit());
    whole.then(|| (hash.to_lowercase(), Caller { name: name.to_owned(), role }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash_until_the_file_changes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens");
        let (token, line) = new_token(Role::Steward, "ana");
        std::fs::write(&path, format!("# who\n{line}\n")).unwrap();
        let list = TokenList::open(path.clone()).unwrap();
        assert_eq!(list.caller(&token), Some(Caller { name: "ana".into(), role: Role::Steward }));
        assert_eq!(list.caller("acs_other"), None);
        let (_, other) = new_token(Role::Viewer, "bo-with-a-longer-name");
        std::fs::write(&path, other).unwrap();
        assert_eq!(list.caller(&token), None);
    }

    #[test]
    fn a_line_that_is_no_token_is_an_error_that_does_not_repeat_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokens");
        for bad in ["steward ana hunter2", "root ana 00", "steward ana"] {
            std::fs::write(&path, bad).unwrap();
            let error = TokenList::open(path.clone()).err().unwrap();
            assert!(error.to_string().contains("line: 1") && !error.to_string().contains("hunter2"), "{error}");
        }
    }
}
