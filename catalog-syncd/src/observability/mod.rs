//! What operators see: figures with their meanings.

mod figures;
mod metrics;

pub use figures::{FIGURES, Figure, metrics_page};
pub use metrics::{Metrics, Webhook};
