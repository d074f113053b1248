//! What is measured: recall with its intervals, acceptance by a rubric, flags and keys against the truth.

mod acceptance;
mod bootstrap;
mod calibration;
mod classification;
mod findings;
mod recall;

pub use acceptance::{Acceptance, Judged, judge};
pub use bootstrap::{Interval, bootstrap, weighted};
pub use calibration::{Fitted, JudgedDraft, Reliability};
pub use classification::Scores;
pub use findings::{Findings, Proposals};
pub use recall::{Found, Recall};
