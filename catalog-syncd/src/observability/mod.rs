//! What operators see: figures with their meanings, and traces of runs.

mod figures;
mod metrics;
mod traces;

pub use figures::{FIGURES, Figure, metrics_page};
pub use metrics::{Metrics, Webhook};
pub use traces::Traces;
