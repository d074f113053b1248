//! From a pair of columns to a probability: independent witnesses, weighed in logits.

mod calibration;
mod weights;
mod witness;

pub use calibration::Calibration;
pub(crate) use calibration::sigmoid;
pub(crate) use weights::logit;
pub(crate) use witness::{Witnesses, witnesses};
