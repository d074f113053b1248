//! How sure one may be that a steward accepts a model's sentence.
//!
//! [`score`] joins what is known of an answer into one number; a [`Calibration`] fitted on judged drafts turns that
//! into the share of such drafts which stewards accept. [`reliability`] shows how well it does.

mod calibration;
mod signals;

pub use calibration::{Calibration, ReliabilityBin, reliability};
pub use signals::{Signals, score};

pub(crate) use signals::{agreement, certainty, groundedness};
