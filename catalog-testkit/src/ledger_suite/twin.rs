//! Whatever is done to them, a ledger and its in-memory twin give the same answers.

use catalog_core::ErrorKind;
use catalog_core::model::{LeasedItem, Proposal, WalkStage};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::{AuditFilter, Decision, ProposalFilter, Retention, WorkPlan};
use proptest::prelude::*;

use crate::samples;

const TABLES: [&str; 2] = ["loan", "card"];
const TEXTS: [&str; 2] = ["One text.", "Another text."];

/// One call. Numbers choose among few tables, texts, items once leased and proposals once made, so that calls meet.
#[derive(Debug, Clone)]
pub enum Call {
    Enqueue { table: usize, describe: bool },
    Lease { describe: bool, limit: usize, now_ms: i64 },
    Advance { held: usize },
    Finish { held: usize, publish: Option<usize>, propose: Option<usize> },
    Park { held: usize },
    ParkUnread { table: usize },
    Unpark { table: usize },
    Forget { table: usize },
    Watermark { at_ms: i64 },
    Propose { table: usize, text: usize },
    Decide { open: usize, how: usize },
    Record { table: usize, text: usize },
    Drain,
    ReleaseLeases,
    Withdraw { table: usize, text: usize },
    Extend { held: usize, until_ms: i64 },
    Postpone { held: usize, until_ms: i64 },
    Claim { limit: usize, now_ms: i64 },
    ExtendClaim { claim: usize, table: usize, until_ms: i64 },
    ReleaseClaim { claim: usize },
    Retain { now_ms: i64 },
}

/// Any call, those that meet often the more often.
pub fn any_call() -> impl Strategy<Value = Call> {
    let table = 0..TABLES.len();
    let text = 0..TEXTS.len();
    let pair = (table.clone(), text.clone());
    prop_oneof![
        3 => (table.clone(), prop::bool::weighted(0.2)).prop_map(|(table, describe)| Call::Enqueue { table, describe }),
        4 => (prop::bool::weighted(0.3), 1..3usize, 0..60i64)
            .prop_map(|(describe, limit, now_ms)| Call::Lease { describe, limit, now_ms }),
        2 => (0..4usize).prop_map(|held| Call::Advance { held }),
        4 => (0..4usize, prop::option::of(text.clone()), prop::option::of(text))
            .prop_map(|(held, publish, propose)| Call::Finish { held, publish, propose }),
        1 => (0..4usize).prop_map(|held| Call::Park { held }),
        1 => table.clone().prop_map(|table| Call::ParkUnread { table }),
        1 => table.clone().prop_map(|table| Call::Unpark { table }),
        1 => table.prop_map(|table| Call::Forget { table }),
        1 => (0..40i64).prop_map(|at_ms| Call::Watermark { at_ms }),
        2 => pair.clone().prop_map(|(table, text)| Call::Propose { table, text }),
        3 => (0..4usize, 0..6usize).prop_map(|(open, how)| Call::Decide { open, how }),
        2 => pair.clone().prop_map(|(table, text)| Call::Record { table, text }),
        1 => pair.prop_map(|(table, text)| Call::Withdraw { table, text }),
        3 => Just(Call::Drain),
        1 => Just(Call::ReleaseLeases),
        1 => (0..4usize, 0..60i64).prop_map(|(held, until_ms)| Call::Extend { held, until_ms }),
        1 => (0..4usize, 0..60i64).prop_map(|(held, until_ms)| Call::Postpone { held, until_ms }),
        3 => (1..4usize, 0..60i64).prop_map(|(limit, now_ms)| Call::Claim { limit, now_ms }),
        1 => (0..3usize, 0..TABLES.len(), 0..60i64)
            .prop_map(|(claim, table, until_ms)| Call::ExtendClaim { claim, table, until_ms }),
        1 => (0..3usize).prop_map(|claim| Call::ReleaseClaim { claim }),
        1 => (1_700_000_000_000..1_700_000_000_004i64).prop_map(|now_ms| Call::Retain { now_ms }),
    ]
}

fn proposal(table: usize, text: usize) -> Proposal {
    samples::proposal(samples::describe(TABLES[table], TEXTS[text]))
}

fn decision(how: usize) -> Decision {
    match how {
        0 => Decision::Reject { reason: "no".into() },
        1 => Decision::Accept { edited: Some("An edited text.".into()) },
        2 => Decision::Supersede,
        3 => Decision::Reopen,
        4 => Decision::Keep,
        _ => Decision::Accept { edited: None },
    }
}

fn stage(describe: bool) -> WalkStage {
    if describe { WalkStage::Describe } else { WalkStage::Inspect }
}

/// A ledger, with every item that it ever leased, the stale ones too.
struct Driven<'a> {
    ledger: &'a dyn Ledger,
    leased: Vec<LeasedItem>,
    claims: Vec<u64>,
}

impl<'a> Driven<'a> {
    /// A ledger to drive, empty.
    fn new(ledger: &'a dyn Ledger) -> Self {
        Self { ledger, leased: Vec::new(), claims: Vec::new() }
    }

    /// Makes the call and tells what came of it. Fences differ between ledgers, so they are left out.
    async fn make(&mut self, call: &Call) -> String {
        let ledger = self.ledger;
        match *call {
            Call::Enqueue { table, describe } => {
                told(ledger.enqueue(&[samples::work_item(TABLES[table])], stage(describe)).await)
            }
            Call::Lease { describe, limit, now_ms } => {
                let leased = ledger.lease(stage(describe), "worker", limit, now_ms, 10).await;
                self.leased.extend(leased.iter().flatten().cloned());
                told(leased.map(|items| items.into_iter().map(|i| (i.item, i.attempt)).collect::<Vec<_>>()))
            }
            Call::Advance { .. } | Call::Finish { .. } | Call::Park { .. } | Call::Postpone { .. } => {
                self.commit(call).await
            }
            Call::Extend { held, until_ms } => match self.leased.iter().rev().nth(held) {
                Some(item) => told(ledger.extend_leases(std::slice::from_ref(item), until_ms).await),
                None => String::new(),
            },
            Call::Claim { limit, now_ms } => {
                let claim = ledger.claim(limit, now_ms, 10).await;
                self.claims.extend(claim.iter().map(|claim| claim.fence));
                told(claim.map(|claim| claim.operations))
            }
            Call::ExtendClaim { claim, table, until_ms } => match self.claims.iter().rev().nth(claim) {
                Some(fence) => told(ledger.extend_claim(*fence, &samples::table_ref(TABLES[table]).id, until_ms).await),
                None => String::new(),
            },
            Call::ReleaseClaim { claim } => match self.claims.iter().rev().nth(claim) {
                Some(fence) => told(ledger.release_claim(*fence).await),
                None => String::new(),
            },
            Call::Retain { now_ms } => {
                let policy =
                    Retention { decided_proposals_ms: Some(2), open_queries_ms: Some(2), ..Retention::default() };
                told(ledger.retain(&policy, now_ms).await)
            }
            Call::ParkUnread { table } => told(ledger.park_unread(&samples::parked(TABLES[table])).await),
            Call::Unpark { table } => told(ledger.unpark(&[samples::table_ref(TABLES[table]).id]).await),
            Call::Forget { table } => told(ledger.forget(&[samples::table_ref(TABLES[table]).id]).await),
            Call::Watermark { at_ms } => {
                told(ledger.advance_watermark(&samples::source(), &samples::watermark(at_ms, "t")).await)
            }
            Call::Propose { table, text } => told(ledger.propose(&[proposal(table, text)]).await),
            Call::Decide { open, how } => {
                let known = ledger.proposals(&ProposalFilter::default()).await.unwrap();
                match known.get(open) {
                    Some(proposal) => told(ledger.decide(&proposal.id, "ana", &decision(how), 5).await),
                    None => String::new(),
                }
            }
            Call::Record { table, text } => {
                told(ledger.record(&[samples::receipt(&proposal(table, text).operation, 6)]).await)
            }
            Call::Drain => {
                let pending = ledger.pending(10).await.unwrap();
                told(ledger.record(&pending.iter().map(|o| samples::receipt(o, 7)).collect::<Vec<_>>()).await)
            }
            Call::ReleaseLeases => told(ledger.release_leases().await),
            Call::Withdraw { table, text } => {
                told(ledger.withdraw(&proposal(table, text).operation.id, "overtaken").await)
            }
        }
    }

    /// A call by the holder of a lease, which may have lost it long ago.
    async fn commit(&self, call: &Call) -> String {
        let (Call::Advance { held } | Call::Finish { held, .. } | Call::Park { held } | Call::Postpone { held, .. }) =
            *call
        else {
            return String::new();
        };
        let Some(item) = self.leased.iter().rev().nth(held) else { return String::new() };
        let name = item.item.table.fqn.name();
        match *call {
            Call::Finish { publish, propose, .. } => {
                let describe = |text: usize| samples::describe(name, TEXTS[text]);
                let plan = WorkPlan {
                    state: samples::state(name),
                    publish: publish.map(describe).into_iter().collect(),
                    propose: propose.map(describe).map(samples::proposal).into_iter().collect(),
                };
                told(self.ledger.finish(item, &plan).await)
            }
            Call::Park { .. } => told(self.ledger.park(item, &samples::parked(name)).await),
            Call::Postpone { until_ms, .. } => told(self.ledger.postpone(item, until_ms).await),
            _ => told(self.ledger.advance(item, &samples::state(name)).await),
        }
    }

    /// All that can be read.
    async fn everything(&self) -> String {
        let ledger = self.ledger;
        let states: Vec<_> = ledger.states(None, 10).await.unwrap().iter().map(|s| s.table.fqn().clone()).collect();
        format!(
            "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{states:?}\n{:?}\n{:?}\n{:?}\n{:?}",
            ledger.counts().await.unwrap(),
            ledger.known(&samples::source()).await.unwrap(),
            ledger.parked().await.unwrap(),
            ledger.watermark(&samples::source()).await.unwrap(),
            ledger.gates(&samples::source()).await.unwrap(),
            ledger.proposals(&ProposalFilter::default()).await.unwrap(),
            ledger.pending(10).await.unwrap(),
            ledger.audit(&AuditFilter::default()).await.unwrap(),
            ledger.coverage(10).await.unwrap(),
        )
    }
}

/// An answer as text; of an error only its kind is a promise.
fn told<T: std::fmt::Debug>(outcome: catalog_core::Result<T>) -> String {
    format!("{:?}", outcome.map_err(|error| -> ErrorKind { error.kind() }))
}

/// Makes the calls on both and gives the first difference.
///
/// # Errors
/// The call after which the two differed, with both answers.
pub async fn compare(one: &dyn Ledger, other: &dyn Ledger, calls: &[Call]) -> Result<(), String> {
    let (mut one, mut other) = (Driven::new(one), Driven::new(other));
    for call in calls {
        let (a, b) = (one.make(call).await, other.make(call).await);
        if a != b {
            return Err(format!("{call:?}: {a} but {b}"));
        }
    }
    let (a, b) = (one.everything().await, other.everything().await);
    if a == b { Ok(()) } else { Err(format!("in the end: {a} but {b}")) }
}
