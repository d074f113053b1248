//! Which layer each value came from.

use std::collections::BTreeMap;
use std::fmt;

use super::Config;

/// The layer that set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The file built into the binary.
    Default,
    /// A preset built into the binary, by name.
    Preset(&'static str),
    /// The file given with `--config`.
    File(String),
    /// An environment variable.
    Environment(String),
    /// A command-line flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Preset(name) => write!(f, "preset {name}"),
            Self::File(path) => write!(f, "file {path}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// The configuration in force and where each value came from.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The values.
    pub config: Config,
    /// Dotted key to its value as TOML and its origin, in order of the keys.
    pub values: BTreeMap<String, (String, Origin)>,
}
