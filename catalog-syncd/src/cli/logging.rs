//! What goes to standard error: logs when asked for, and panics without their message.

use std::io::Write as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::Uptime;

/// Starts logging: errors alone by default, `-v` from info on, `-vv` everything; `CATALOG_SYNC_LOG` overrides with a
/// filter such as `catalog_syncd=debug`.
pub(super) fn start(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "info",
        _ => "debug",
    };
    let filter = std::env::var("CATALOG_SYNC_LOG").ok().and_then(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(level));
    // A second start (in tests) keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(Uptime::default())
        .with_writer(std::io::stderr)
        .try_init();
}

/// A panic's message may quote the cell that caused it (a failed slice of a string does), so only its place is
/// printed.
pub fn hush_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let _ = writeln!(std::io::stderr(), "panicked at {place}; the message is withheld, it may quote a value");
    }));
}
