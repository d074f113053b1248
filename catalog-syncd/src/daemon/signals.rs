//! SIGTERM and SIGINT.

use catalog_core::{Error, ErrorKind, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears the signals that ask the process to end.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to listen; from here on the process decides itself when it ends.
    ///
    /// # Errors
    /// `Unavailable` when the system does not let it listen.
    pub fn listen() -> Result<Self> {
        let hear = |kind| {
            signal(kind).map_err(|e| {
                Error::new(ErrorKind::Unavailable, "listen_for_signals", e.kind().to_string()).caused_by(e)
            })
        };
        Ok(Self { terminate: hear(SignalKind::terminate())?, interrupt: hear(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
