//! A progress bar on a terminal, nothing elsewhere.

use std::io::IsTerminal as _;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use crate::walk::{Progress, Quiet};

struct Bar(ProgressBar);

impl Progress for Bar {
    fn stage(&self, name: &'static str, total: Option<u64>) {
        self.0.set_position(0);
        self.0.set_length(total.unwrap_or(0));
        self.0.set_message(name);
    }

    fn advance(&self, n: u64) {
        self.0.inc(n);
    }

    fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Watches a walk: a bar when standard error is a terminal.
pub(super) fn progress() -> Arc<dyn Progress> {
    if !std::io::stderr().is_terminal() {
        return Arc::new(Quiet);
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg:<12} {wide_bar} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(120));
    Arc::new(Bar(bar))
}
