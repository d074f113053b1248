//! The steward's queue in SQLite.

use async_trait::async_trait;
use catalog_core::model::{FieldPath, Proposal, ProposalId, TableId};
use catalog_core::ports::ledger::{Decision, ProposalFilter, Proposals};
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{Row, Transaction, params, params_from_iter, types::Value};

use super::stored::{from_json, proposal_state, to_json};
use super::{SqliteLedger, audit_log, outbox, sql_limit_or_default};
use crate::failure::Failure;

const COLUMNS: &str = "id, state, why, decided_by, reason, created_at_ms, operation";

/// Opens a proposal unless its id is known; whatever else is open on its field is superseded. Is it new?
pub(super) fn open(transaction: &Transaction<'_>, proposal: &Proposal) -> Result<bool, Failure> {
    let operation = &proposal.operation;
    supersede(transaction, &operation.table.id, &operation.field, &proposal.id.0)?;
    let opened = transaction
        .prepare_cached(
            "INSERT INTO proposal
                 (id, table_id, fqn, field, kind, state, confidence, why, created_at_ms, operation)
             VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET
                 state = 'open', confidence = excluded.confidence, why = excluded.why, decided_by = NULL,
                 reason = NULL, created_at_ms = excluded.created_at_ms, operation = excluded.operation
             WHERE state = 'superseded'",
        )?
        .execute(params![
            proposal.id.0,
            operation.table.id.0,
            operation.table.fqn.to_string(),
            to_json(&operation.field)?,
            operation.field.kind().as_str(),
            operation.confidence.value(),
            proposal.why,
            proposal.created_at_ms,
            to_json(operation)?,
        ])?;
    Ok(opened > 0)
}

/// Supersedes the open proposals on a field, but for the one of that id.
pub(super) fn supersede(
    transaction: &Transaction<'_>,
    table: &TableId,
    field: &FieldPath,
    but: &str,
) -> Result<(), Failure> {
    transaction
        .prepare_cached(
            "UPDATE proposal SET state = 'superseded'
             WHERE table_id = ?1 AND field = ?2 AND state = 'open' AND id <> ?3",
        )?
        .execute(params![table.0, to_json(field)?, but])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> Result<Proposal, Failure> {
    Ok(Proposal {
        id: ProposalId(row.get(0)?),
        state: proposal_state(row.get_ref(1)?.as_str()?)?,
        why: row.get(2)?,
        decided_by: row.get(3)?,
        reason: row.get(4)?,
        created_at_ms: row.get(5)?,
        operation: from_json(row.get_ref(6)?.as_str()?, "an operation of a proposal")?,
    })
}

fn find(transaction: &Transaction<'_>, id: &ProposalId) -> Result<Option<Proposal>, Failure> {
    let mut statement = transaction.prepare_cached(&format!("SELECT {COLUMNS} FROM proposal WHERE id = ?1"))?;
    let mut rows = statement.query([&id.0])?;
    rows.next()?.map(from_row).transpose()
}

/// Only the conditions that the filter sets, so that SQLite can choose an index for them.
fn select(filter: &ProposalFilter) -> (String, Vec<Value>) {
    let conditions = [
        ("state = ?", filter.state.map(|state| Value::from(state.as_str().to_owned()))),
        ("kind = ?", filter.kind.map(|kind| Value::from(kind.as_str().to_owned()))),
        ("fqn = ?", filter.table.as_ref().map(|fqn| Value::from(fqn.to_string()))),
        ("confidence >= ?", filter.confidence_min.map(Value::from)),
        ("id > ?", filter.after.as_ref().map(|id| Value::from(id.0.clone()))),
    ];
    let mut sql = format!("SELECT {COLUMNS} FROM proposal WHERE true");
    let mut values = Vec::new();
    for (condition, value) in conditions {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        }
    }
    sql.push_str(" ORDER BY id LIMIT ?");
    values.push(Value::from(sql_limit_or_default(filter.limit)));
    (sql, values)
}

#[async_trait]
impl Proposals for SqliteLedger {
    async fn propose(&self, proposals: &[Proposal]) -> Result<u64> {
        let proposals = proposals.to_vec();
        self.write("add_proposals", move |transaction| {
            let mut new = 0;
            for proposal in &proposals {
                new += u64::from(open(transaction, proposal)?);
            }
            Ok(new)
        })
        .await
    }

    async fn proposals(&self, filter: &ProposalFilter) -> Result<Vec<Proposal>> {
        let (sql, values) = select(filter);
        self.read("list_proposals", move |transaction| {
            let mut statement = transaction.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut proposals = Vec::new();
            while let Some(row) = rows.next()? {
                proposals.push(from_row(row)?);
            }
            Ok(proposals)
        })
        .await
    }

    async fn proposal(&self, id: &ProposalId) -> Result<Option<Proposal>> {
        let id = id.clone();
        self.read("read_proposal", move |transaction| find(transaction, &id)).await
    }

    async fn decide(&self, id: &ProposalId, by: &str, decision: &Decision, at_ms: i64) -> Result<Proposal> {
        let (id, by, decision) = (id.clone(), by.to_owned(), decision.clone());
        self.write("decide_proposal", move |transaction| {
            let proposal = find(transaction, &id)?.ok_or_else(|| {
                Error::new(ErrorKind::NotFound, "decide_proposal", "there is no such proposal").with("proposal", &id)
            })?;
            let decided = decision.apply(proposal, &by, at_ms)?;
            if let Some(operation) = &decided.publish {
                outbox::send(transaction, operation)?;
            }
            audit_log::append(transaction, &decided.audit)?;
            store_decision(transaction, &decided.proposal)?;
            Ok(decided.proposal)
        })
        .await
    }
}

fn store_decision(transaction: &Transaction<'_>, proposal: &Proposal) -> Result<(), Failure> {
    transaction
        .prepare_cached(
            "UPDATE proposal SET state = ?2, decided_by = ?3, reason = ?4, confidence = ?5, operation = ?6
             WHERE id = ?1",
        )?
        .execute(params![
            proposal.id.0,
            proposal.state.as_str(),
            proposal.decided_by,
            proposal.reason,
            proposal.operation.confidence.value(),
            to_json(&proposal.operation)?,
        ])?;
    Ok(())
}
