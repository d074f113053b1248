//! Domain types as they stand in columns: documents in JSON, words for states.

use catalog_core::model::{ChangeKind, ProposalState};
use catalog_core::{Error, ErrorKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|_| {
        Error::new(ErrorKind::Internal, "write_document", "a document of the ledger has no JSON form").into()
    })
}

/// `what` names the document in the error; the parser's message stays out, since it quotes.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|_| Failure::Damaged(what))
}

pub(crate) fn change_kind(word: &str) -> Result<ChangeKind, Failure> {
    ChangeKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(Failure::Damaged("a proposal's kind"))
}

pub(crate) fn proposal_state(word: &str) -> Result<ProposalState, Failure> {
    use ProposalState::{Accepted, Open, Rejected, Superseded};
    [Open, Accepted, Rejected, Superseded]
        .into_iter()
        .find(|state| state.as_str() == word)
        .ok_or(Failure::Damaged("a proposal's state"))
}
