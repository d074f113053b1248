//! References to secrets: the configuration names where one is and never holds it.

use std::fmt;
use std::path::Path;

use catalog_core::model::Secret;
use catalog_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// A secret is at most this long; a longer file is no secret.
const SECRET_BYTES_MAX: u64 = 64 << 10;

/// Where a secret is: `file:PATH`, `env:NAME`, or nowhere (empty). The reference may be printed, what it leads to
/// cannot.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretRef(String);

impl SecretRef {
    /// Is there no reference?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The file that holds the secret, when it is one.
    pub fn file(&self) -> Option<&Path> {
        self.0.strip_prefix("file:").map(Path::new)
    }

    /// Reads the secret; `None` without a reference. A file is read at every call, so that a rotated secret is seen.
    ///
    /// # Errors
    /// `Configuration` when the file or the variable is missing, empty or too large. The secret is not in it.
    pub fn read(&self) -> Result<Option<Secret>> {
        let fail = |why: &str| Error::new(ErrorKind::Configuration, "read_secret", why).with("secret", self);
        let text = if let Some(path) = self.file() {
            let facts = std::fs::metadata(path).map_err(|e| {
                fail("the file cannot be read").hint("check the file that the secret is mounted at").caused_by(e)
            })?;
            if facts.len() > SECRET_BYTES_MAX {
                return Err(fail("the file is too large for a secret"));
            }
            std::fs::read_to_string(path).map_err(|e| fail("the file cannot be read as text").caused_by(e))?
        } else if let Some(name) = self.0.strip_prefix("env:") {
            std::env::var(name).map_err(|_| fail("the environment variable is not set"))?
        } else {
            return Ok(None);
        };
        let secret = Secret::new(&text);
        if secret.expose().is_empty() { Err(fail("the secret is empty")) } else { Ok(Some(secret)) }
    }
}

impl TryFrom<String> for SecretRef {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        let name = text.strip_prefix("file:").or_else(|| text.strip_prefix("env:"));
        match name {
            Some(name) if !name.trim().is_empty() => Ok(Self(text)),
            None if text.is_empty() => Ok(Self(text)),
            // What stands there may be the secret itself, so it is not repeated.
            _ => Err("a secret is written as \"file:PATH\" or \"env:NAME\", never as itself"),
        }
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.0
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_place_of_a_reference_is_refused_without_being_repeated() {
        let why = SecretRef::try_from("hunter2".to_owned()).unwrap_err();
        assert!(why.contains("file:PATH") && !why.contains("hunter2"), "{why}");
        assert!(SecretRef::try_from("file:".to_owned()).is_err());
    }

    #[test]
    fn a_rotated_file_is_read_anew_and_an_empty_one_is_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let reference = SecretRef::try_from(format!("file:{}", path.display())).unwrap();
        assert_eq!(reference.read().err().unwrap().kind(), ErrorKind::Configuration);
        for token in ["old", "new"] {
            std::fs::write(&path, format!("{token}\n")).unwrap();
            assert_eq!(reference.read().unwrap().unwrap().expose(), token);
        }
        std::fs::write(&path, "\n").unwrap();
        assert!(reference.read().is_err());
        assert!(SecretRef::default().read().unwrap().is_none());
    }
}
