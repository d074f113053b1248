//! Connections kept open for the next call: one limit for the whole process, however many files there are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::connection::OpenFile;

/// Most idle connections. Each has up to three files open (the database, its log and the log's index) and keeps up to
/// 2 MiB of pages, SQLite's default.
const IDLE_MAX: usize = 32;

/// The longest idle one first.
static IDLE: Mutex<Vec<Idle>> = Mutex::new(Vec::new());

struct Idle {
    owner: u64,
    token: String,
    file: OpenFile,
}

/// One file's share of the idle connections; they are closed when it is dropped.
pub(super) struct IdleConnections {
    owner: u64,
}

impl IdleConnections {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { owner: NEXT.fetch_add(1, Ordering::Relaxed) }
    }

    /// The connection that was used last while the file had this change token; older tokens' are closed.
    pub(super) fn take(&self, token: &str) -> Option<OpenFile> {
        let (taken, _stale) = with_idle(|idle| {
            let stale: Vec<Idle> = idle.extract_if(.., |i| i.owner == self.owner && i.token != token).collect();
            let last = idle.iter().rposition(|i| i.owner == self.owner);
            (last.map(|at| idle.remove(at).file), stale)
        });
        taken
    }

    /// Keeps a connection; the one that was idle longest, of whatever file, makes room.
    pub(super) fn keep(&self, token: String, file: OpenFile) {
        let _oldest = with_idle(|idle| {
            idle.push(Idle { owner: self.owner, token, file });
            (idle.len() > IDLE_MAX).then(|| idle.remove(0))
        });
    }
}

impl Drop for IdleConnections {
    fn drop(&mut self) {
        let _own = with_idle(|idle| idle.extract_if(.., |i| i.owner == self.owner).collect::<Vec<_>>());
    }
}

/// What `change` takes out is closed by the caller, after the lock: closing a connection does file work.
fn with_idle<T>(change: impl FnOnce(&mut Vec<Idle>) -> T) -> T {
    change(&mut IDLE.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn in_memory() -> OpenFile {
        OpenFile { connection: Connection::open_in_memory().unwrap(), relations: None }
    }

    #[test]
    fn the_process_keeps_no_more_than_its_limit_and_the_last_ones_used() {
        let files: Vec<_> = (0..2 * IDLE_MAX).map(|_| IdleConnections::new()).collect();
        for file in &files {
            file.keep("1".to_owned(), in_memory());
            assert!(with_idle(|idle| idle.len()) <= IDLE_MAX);
        }
        assert!(files[0].take("1").is_none());
        assert!(files[2 * IDLE_MAX - 1].take("1").is_some());
    }

    #[test]
    fn a_connection_to_an_older_state_of_the_file_is_closed() {
        let file = IdleConnections::new();
        file.keep("1".to_owned(), in_memory());
        assert!(file.take("2").is_none());
        assert!(file.take("1").is_none());
    }
}
