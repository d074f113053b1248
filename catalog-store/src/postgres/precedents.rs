//! What became of changes planned before, looked up for many ids at once.

use std::collections::{BTreeSet, HashMap};

use catalog_core::model::{OperationId, ProposalId};
use catalog_core::ports::ledger::{Precedent, id_to_use};
use sqlx::PgConnection;

use super::text;
use crate::failure::Failure;

/// A proposal: its state, its operation and what became of that.
type Known = (String, String, Option<String>);

/// What is known of the ids asked for so far.
#[derive(Default)]
struct Precedents {
    asked: BTreeSet<OperationId>,
    proposals: HashMap<ProposalId, Known>,
    fates: HashMap<OperationId, String>,
}

/// For each planned id the one under which the change goes on; `None` when it was rejected.
///
/// An id that was published leads to a derived one, which has to be looked up too: one round of queries for all ids,
/// and one more a receipt of the id with the most.
pub(super) async fn ids_to_use(
    connection: &mut PgConnection,
    planned: &[&OperationId],
) -> Result<Vec<Option<OperationId>>, Failure> {
    let mut known = Precedents::default();
    let mut missing: BTreeSet<OperationId> = planned.iter().map(|id| (*id).clone()).collect();
    loop {
        if !missing.is_empty() {
            known.look_up(connection, std::mem::take(&mut missing)).await?;
        }
        let mut usable = Vec::with_capacity(planned.len());
        for id in planned {
            match id_to_use(id, |id| known.of(id)) {
                Ok(id) => usable.push(id),
                Err(NotAsked(id)) => {
                    missing.insert(id);
                }
            }
        }
        if missing.is_empty() {
            return Ok(usable);
        }
    }
}

/// An id that has to be looked up first.
struct NotAsked(OperationId);

impl Precedents {
    async fn look_up(&mut self, connection: &mut PgConnection, ids: BTreeSet<OperationId>) -> Result<(), Failure> {
        let stored: Vec<String> = ids.iter().map(|id| text::stored(&id.0).into_owned()).collect();
        let of_them: Vec<String> = ids.iter().map(|id| text::stored(&ProposalId::of(id).0).into_owned()).collect();
        let proposals: Vec<(String, String, String, Option<String>)> = sqlx::query_as(
            "SELECT p.id, p.state, p.operation_id, o.fate
             FROM proposal p LEFT JOIN outbox o ON o.operation_id = p.operation_id WHERE p.id = ANY($1)",
        )
        .bind(of_them)
        .fetch_all(&mut *connection)
        .await?;
        let fates: Vec<(String, String)> =
            sqlx::query_as("SELECT operation_id, fate FROM outbox WHERE operation_id = ANY($1)")
                .bind(stored)
                .fetch_all(connection)
                .await?;
        let known = proposals
            .into_iter()
            .map(|(id, state, operation, fate)| (ProposalId(text::read(id)), (state, text::read(operation), fate)));
        self.proposals.extend(known);
        self.fates.extend(fates.into_iter().map(|(id, fate)| (OperationId(text::read(id)), fate)));
        self.asked.extend(ids);
        Ok(())
    }

    fn of(&self, id: &OperationId) -> Result<Precedent, NotAsked> {
        if !self.asked.contains(id) {
            return Err(NotAsked(id.clone()));
        }
        let published = self.fates.get(id).is_some_and(|fate| fate == "published");
        Ok(match self.proposals.get(&ProposalId::of(id)) {
            Some((state, operation, _)) if state == "rejected" && *operation == id.0 => Precedent::Rejected,
            Some((state, _, Some(fate))) if state == "accepted" && fate == "published" => Precedent::Published,
            _ if published => Precedent::Published,
            _ => Precedent::Unspent,
        })
    }
}
