//! The two voters of this crate. They look at different things, so that each can be wrong without the other.

mod name;
mod pattern;

pub use name::NameVoter;
pub use pattern::PatternVoter;

use catalog_core::model::{PiiEntity, PiiVote, Verdict};

fn vote(voter: &str, verdict: Verdict, score: f64, entity: Option<PiiEntity>) -> PiiVote {
    PiiVote { voter: voter.to_owned(), verdict, score: score.clamp(0.0, 1.0), entity }
}
