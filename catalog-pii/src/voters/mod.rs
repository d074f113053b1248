//! The voters of this crate. Values, names and the catalog's own tags are different things to look at, so that each
//! voter can be wrong without the others.

mod house;
mod name;
mod openmetadata;
mod pattern;

pub use house::HouseNameVoter;
pub use name::NameVoter;
pub(crate) use openmetadata::is_personal;
pub use openmetadata::{OmVoter, PresidioFamilyVoter};
pub use pattern::PatternVoter;
pub(crate) use pattern::{CHECKSUM_ALONE_SHARE, has_checksum, says_no};

use catalog_core::model::{PiiEntity, PiiVote, Verdict};

fn vote(voter: &str, verdict: Verdict, score: f64, entity: Option<PiiEntity>) -> PiiVote {
    PiiVote { voter: voter.to_owned(), verdict, score: score.clamp(0.0, 1.0), entity }
}
