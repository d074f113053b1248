//! The two keys that decide what is done again: the *gate* whether to sample, the *evidence* whether to describe.

use catalog_core::model::{Neighbour, SampleRequest, Table, TableState};
use catalog_core::ports::ConfirmBudget;
use catalog_core::ports::ledger::GateRow;
use catalog_local::describe::RULES_VERSION;
use serde::{Serialize, Serializer};

use super::options::WalkOptions;
use super::parts::HouseWords;

/// Changes when sampling or profiling changes meaning, so that stored profiles are made anew.
const SAMPLER_VERSION: &str = "sampler-1";

/// The gate of a table: its catalog content, its change token, and the versions and limits of what would look at it.
pub(super) fn gate(table: &Table, options: &WalkOptions, house_rules: &str) -> String {
    let SampleRequest { percent, rows_max, rows_min, cell_bytes_max, total_bytes_max, deadline: _ } = options.sample;
    hash(&(
        table.content_hash(),
        &table.change_token,
        format!("{SAMPLER_VERSION}{}", options.sampling),
        (catalog_pii::RECOGNISER_VERSION, house_rules),
        (percent, rows_max, rows_min, cell_bytes_max, total_bytes_max),
        (options.checksum_alone, options.ignore_declared_keys, options.pii, options.prompt_rows),
    ))
}

/// What else decides a description and its fate: who describes, in which language, and what is published how. When it
/// changes, every table is described and decided again.
pub(super) fn describe_options(options: &WalkOptions, author: &str, words: &HouseWords) -> String {
    let WalkOptions { language, policy, describe, describe_columns, keys, pii, .. } = options;
    // The rules read every table's names, whoever describes it.
    hash(&(author, RULES_VERSION, language, policy, (describe, describe_columns, keys, pii), words))
}

/// Under what keys were inferred: the gates of all tables, the log's joins, the options. When it changes, keys are
/// inferred again.
pub(super) fn relate_inputs(gates: &[GateRow], log: &str, options: &WalkOptions) -> String {
    let ConfirmBudget { checks_max, rows_max } = options.confirm;
    let gates = Gates(gates);
    hash(&(gates, log, &options.key_options, checks_max, rows_max, options.ignore_declared_keys))
}

/// Gates as they are hashed, one after the other.
struct Gates<'a>(&'a [GateRow]);

impl Serialize for Gates<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|row| (&row.id.0, format!("{} {}", row.gate, row.sampled_at_ms))))
    }
}

/// The evidence key of a description: all that the describer is shown, and who it is.
pub(super) fn evidence(
    state: &TableState,
    neighbours: &[Neighbour],
    author: &str,
    options: &WalkOptions,
    words: &HouseWords,
) -> String {
    hash(&(
        state.table.content_hash(),
        &state.profile,
        &state.verdicts,
        &state.public_codes,
        &state.sample,
        state.keys.iter().map(|k| (&k.child, &k.parent, k.status)).collect::<Vec<_>>(),
        neighbours,
        (author, options.language, options.describe, words),
    ))
}

/// BLAKE3 over the JSON form, 128 bits in hex.
pub(super) fn hash(value: &impl Serialize) -> String {
    let mut hasher = blake3::Hasher::new();
    // Writing into a hasher cannot fail, and none of the hashed types has a map with keys that JSON refuses.
    if serde_json::to_writer(&mut hasher, value).is_err() {
        hasher.update(b"unserialisable");
    }
    hasher.finalize().to_hex()[..32].to_owned()
}
