//! Exit codes.

use std::process::ExitCode;

use catalog_core::{Error, ErrorKind};

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: everything was done.
    Done = 0,
    /// 1: something failed that stopped the whole command.
    Failed = 1,
    /// 2: the command line, the configuration or a name given is wrong.
    Usage = 2,
    /// 3: done, but some tables or sources could not be walked; the report names them.
    Incomplete = 3,
    /// 4: not one source could be read.
    NothingRead = 4,
}

impl Exit {
    /// The exit code of an error.
    pub fn of(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Configuration | ErrorKind::InvalidInput => Self::Usage,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
