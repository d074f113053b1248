//! Who asks.

mod oidc;
mod provider;
mod tokens;

use std::path::PathBuf;

use catalog_core::{Error, ErrorKind, Result};
use serde::Serialize;

use crate::config::ApiConfig;
use oidc::Oidc;
use tokens::TokenList;

pub use tokens::new_token;

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Hands query events in, and nothing else.
    Ingest,
    /// Looks.
    Viewer,
    /// Decides on proposals, too.
    Steward,
    /// Starts, stops and retries, too.
    Operator,
}

impl Role {
    /// All roles, least first.
    pub const ALL: [Self; 4] = [Self::Ingest, Self::Viewer, Self::Steward, Self::Operator];

    /// The role as one lowercase word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Viewer => "viewer",
            Self::Steward => "steward",
            Self::Operator => "operator",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// May somebody of this role do what needs that one? Ingest alone stands beside the ladder: it only hands in, and
    /// only it and an operator may.
    pub fn may(self, needed: Self) -> bool {
        match (self, needed) {
            (Self::Ingest, _) => needed == Self::Ingest,
            (_, Self::Ingest) => self == Self::Operator,
            _ => self >= needed,
        }
    }
}

/// Somebody who proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The name that the audit log shows.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// Knows callers by their tokens.
pub struct Gatekeeper {
    tokens: Option<TokenList>,
    oidc: Option<Oidc>,
}

impl Gatekeeper {
    /// The gatekeeper that the configuration describes.
    ///
    /// # Errors
    /// `Configuration` when the file of tokens or the issuer's keys cannot be read.
    pub fn new(config: &ApiConfig) -> Result<Self> {
        let tokens = (!config.tokens_file.is_empty()).then(|| TokenList::open(PathBuf::from(&config.tokens_file)));
        let oidc = (!config.oidc_issuer.is_empty()).then(|| Oidc::new(config));
        Ok(Self { tokens: tokens.transpose()?, oidc: oidc.transpose()? })
    }

    /// Is nobody asked for a token? Then the API listens on the loopback alone.
    pub fn is_open(&self) -> bool {
        self.tokens.is_none() && self.oidc.is_none()
    }

    /// Who sends this `Authorization` header?
    ///
    /// # Errors
    /// `Forbidden` when it is missing or no token of ours. The token is not in the message.
    pub fn caller(&self, authorization: Option<&str>) -> Result<Caller> {
        if self.is_open() {
            return Ok(Caller { name: "local".to_owned(), role: Role::Operator });
        }
        let refuse = |why: &str| {
            Error::new(ErrorKind::Forbidden, "authenticate", why)
                .hint("send `Authorization: Bearer` with a valid token")
        };
        let token = authorization
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| refuse("the request carries no bearer token"))?;
        if let Some(caller) = self.tokens.as_ref().and_then(|list| list.caller(token)) {
            return Ok(caller);
        }
        match &self.oidc {
            Some(oidc) => oidc.caller(token).map_err(refuse),
            None => Err(refuse("the token is not known")),
        }
    }
}
