//! From a pair of columns to a probability: independent witnesses, weighed in logits.

mod weights;
mod witness;

pub(crate) use weights::logit;
pub(crate) use witness::{Witnesses, witnesses};
