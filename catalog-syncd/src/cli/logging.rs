//! What goes to standard error: logs when asked for, and panics without their message.

use std::io::{IsTerminal as _, Write as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, Uptime};

use crate::config::{LogConfig, LogFormat};

/// Starts logging: errors alone by default, or as a daemon's configuration says; `-v` from info on, `-vv` everything;
/// `CATALOG_SYNC_LOG` overrides with a filter such as `catalog_syncd=debug`.
pub(super) fn start(verbose: u8, configured: Option<&LogConfig>) {
    let level = match verbose {
        0 => configured.map_or("error", |log| log.level.as_str()),
        1 => "info",
        _ => "debug",
    };
    let from_environment = std::env::var("CATALOG_SYNC_LOG").ok();
    let filter = from_environment.as_deref().unwrap_or(level);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    // A second start (in tests) keeps the first.
    let _ = match configured.map(|log| log.format) {
        Some(LogFormat::Json) => builder.json().flatten_event(true).with_timer(Utc).try_init(),
        Some(LogFormat::Text) => builder.with_timer(Utc).try_init(),
        None => builder.with_timer(Uptime::default()).try_init(),
    };
}

/// The time of day as RFC 3339 in UTC.
struct Utc;

impl FormatTime for Utc {
    fn format_time(&self, out: &mut Writer<'_>) -> std::fmt::Result {
        write!(out, "{}", jiff::Timestamp::now())
    }
}

/// A panic's message may quote the cell that caused it (a failed slice of a string does), so only its place is
/// printed.
pub fn hush_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let _ = writeln!(std::io::stderr(), "panicked at {place}; the message is withheld, it may quote a value");
    }));
}
