//! What proves to the server who asks.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catalog_core::model::Secret;
use catalog_core::{Error, ErrorKind, Result};

/// A token is at most this long; a longer file is no token.
const TOKEN_BYTES_MAX: u64 = 64 << 10;

/// What goes into the `Authorization` header. No `Debug`: it holds secrets.
#[derive(Clone, Default)]
pub enum Credential {
    /// Nothing.
    #[default]
    None,
    /// User and password (RFC 7617).
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A bearer token (RFC 6750).
    Bearer(Secret),
    /// A bearer token in a file, read again whenever the file's time or size changes.
    BearerFile(Arc<TokenFile>),
}

/// A token in a file, read again whenever the file's time or size changes. No `Debug`: it holds the token.
pub struct TokenFile {
    path: PathBuf,
    read: Mutex<Option<(SystemTime, u64, Secret)>>,
}

impl Credential {
    /// A bearer token kept in a file.
    pub fn bearer_file(path: impl Into<PathBuf>) -> Self {
        Self::BearerFile(Arc::new(TokenFile::new(path)))
    }

    /// The value of the `Authorization` header; `None` when there is none to send.
    ///
    /// # Errors
    /// `Configuration` when the token's file cannot be read or holds no token.
    pub(super) fn header(&self) -> Result<Option<Secret>> {
        Ok(match self {
            Self::None => None,
            Self::Basic { user, password } => {
                let pair = STANDARD.encode(format!("{user}:{}", password.expose()));
                Some(Secret::new(format!("Basic {pair}")))
            }
            Self::Bearer(token) => Some(Secret::new(format!("Bearer {}", token.expose()))),
            Self::BearerFile(file) => Some(Secret::new(format!("Bearer {}", file.token()?.expose()))),
        })
    }
}

impl TokenFile {
    /// The token of that file; it is read when it is asked for.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), read: Mutex::new(None) }
    }

    /// The token as the file holds it now.
    ///
    /// # Errors
    /// `Configuration` when the file cannot be read, is longer than 64 KiB or holds no token.
    pub fn token(&self) -> Result<Secret> {
        let fail = |why: &str| {
            Error::new(ErrorKind::Configuration, "read_token", why)
                .with("path", self.path.display())
                .hint("check the file that the token is mounted at")
        };
        let facts = std::fs::metadata(&self.path).map_err(|e| fail("the file cannot be read").caused_by(e))?;
        let modified = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((time, size, token)) = &*read
            && (*time, *size) == (modified, facts.len())
        {
            return Ok(token.clone());
        }
        if facts.len() > TOKEN_BYTES_MAX {
            return Err(fail("the file is too large for a token"));
        }
        let text = std::fs::read_to_string(&self.path).map_err(|e| fail("the file cannot be read").caused_by(e))?;
        let token = Secret::new(text);
        if token.expose().is_empty() || token.expose().contains(char::is_whitespace) {
            return Err(fail("the file holds no token"));
        }
        *read = Some((modified, facts.len(), token.clone()));
        Ok(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(credential: &Credential) -> String {
        credential.header().unwrap().unwrap().expose().to_owned()
    }

    #[test]
    fn a_changed_token_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "first\n").unwrap();
        let credential = Credential::bearer_file(&path);
        assert_eq!(shown(&credential), "Bearer first");
        std::fs::write(&path, "the-second\n").unwrap();
        assert_eq!(shown(&credential), "Bearer the-second");
    }

    #[test]
    fn a_missing_or_empty_token_file_is_a_configuration_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for text in [None, Some("  \n"), Some("two words")] {
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            let error = Credential::bearer_file(&path).header().err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(!error.to_string().contains("two words"));
        }
    }

    #[test]
    fn user_and_password_follow_the_rfc() {
        let credential = Credential::Basic { user: "Aladdin".into(), password: Secret::new("open sesame") };
        assert_eq!(shown(&credential), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }
}
