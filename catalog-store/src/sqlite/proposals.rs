//! The steward's queue in SQLite.

use async_trait::async_trait;
use catalog_core::model::{FieldPath, Operation, OperationId, Proposal, ProposalId, ProposalState, TableId};
use catalog_core::ports::ledger::{self, Decision, Precedent, ProposalFilter, ProposalOrder, Proposals};
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{Row, Transaction, params, params_from_iter, types::Value};

use super::{SqliteLedger, audit_log, outbox, sql_limit_or_default};
use crate::failure::Failure;
use crate::stored::{from_json, proposal_state, to_json};

pub(super) const COLUMNS: &str = "id, state, why, decided_by, reason, created_at_ms, operation";

/// Opens a proposal unless it is known; whatever else is open on its field is superseded. Is it new?
pub(super) fn open(transaction: &Transaction<'_>, proposal: &Proposal) -> Result<bool, Failure> {
    let (mut id, mut operation) = (proposal.id.clone(), proposal.operation.clone());
    let usable = id_to_use(transaction, &operation.id)?;
    if let Some(other) = usable.as_ref().filter(|other| **other != operation.id) {
        (id, operation.id) = (ProposalId::of(other), other.clone());
    }
    supersede(transaction, &operation.table.id, &operation.field, &id.0)?;
    if usable.is_none() || !may_open(transaction, &id)? {
        return Ok(false);
    }
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO proposal
                 (id, table_id, fqn, field, kind, state, confidence, why, created_at_ms, operation, group_key)
             VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            id.0,
            operation.table.id.0,
            operation.table.fqn.to_string(),
            to_json(&operation.field)?,
            operation.field.kind().as_str(),
            operation.confidence.value(),
            proposal.why,
            proposal.created_at_ms,
            to_json(&operation)?,
            ledger::group_of(&operation),
        ])?;
    Ok(true)
}

fn may_open(transaction: &Transaction<'_>, id: &ProposalId) -> Result<bool, Failure> {
    let Some(known) = find(transaction, id)? else { return Ok(true) };
    Ok(match known.state {
        ProposalState::Superseded => true,
        ProposalState::Accepted => outbox::fate(transaction, &known.operation.id)?.as_deref() == Some("withdrawn"),
        ProposalState::Open | ProposalState::Rejected => false,
    })
}

/// The id under which the change goes on; `None` when it was rejected.
pub(super) fn id_to_use(transaction: &Transaction<'_>, planned: &OperationId) -> Result<Option<OperationId>, Failure> {
    ledger::id_to_use(planned, |id| precedent(transaction, id))
}

fn precedent(transaction: &Transaction<'_>, id: &OperationId) -> Result<Precedent, Failure> {
    let published = |id| Ok::<_, Failure>(outbox::fate(transaction, id)?.as_deref() == Some("published"));
    let known = find(transaction, &ProposalId::of(id))?;
    Ok(match known {
        Some(p) if p.state == ProposalState::Rejected && p.operation.id == *id => Precedent::Rejected,
        Some(p) if p.state == ProposalState::Accepted && published(&p.operation.id)? => Precedent::Published,
        _ if published(id)? => Precedent::Published,
        _ => Precedent::Unspent,
    })
}

/// Supersedes the table's open proposals on all other fields, but for verified queries.
pub(super) fn supersede_unplanned(
    transaction: &Transaction<'_>,
    table: &TableId,
    planned: &[&FieldPath],
) -> Result<(), Failure> {
    let fields = planned.iter().map(to_json).collect::<Result<Vec<String>, _>>()?;
    transaction
        .prepare_cached(
            "UPDATE proposal SET state = 'superseded'
             WHERE table_id = ?1 AND state = 'open' AND kind <> 'query'
               AND field NOT IN (SELECT value FROM json_each(?2))",
        )?
        .execute([&table.0, &to_json(&fields)?])?;
    Ok(())
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

pub(super) fn from_row(row: &Row<'_>) -> Result<Proposal, Failure> {
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

/// Only the conditions that the filter sets, so that SQLite can choose an index for them, and their values. Where a
/// page begins is no condition on a proposal.
pub(super) fn conditions(filter: &ProposalFilter) -> (String, Vec<Value>) {
    let conditions = [
        (" AND state = ?", filter.state.map(|state| Value::from(state.as_str().to_owned()))),
        (" AND kind = ?", filter.kind.map(|kind| Value::from(kind.as_str().to_owned()))),
        (" AND fqn = ?", filter.table.as_ref().map(|fqn| Value::from(fqn.to_string()))),
        (" AND confidence >= ?", filter.confidence_min.map(Value::from)),
        (" AND created_at_ms >= ?", filter.created_from_ms.map(Value::from)),
        (" AND instr(lower(fqn), lower(?)) > 0", filter.name_holds.clone().map(Value::from)),
        (" AND group_key = ?", filter.group.clone().map(Value::from)),
    ];
    let set = conditions.into_iter().filter_map(|(condition, value)| value.map(|value| (condition, value)));
    set.unzip()
}

fn select(filter: &ProposalFilter) -> (String, Vec<Value>) {
    let (mut conditions, mut values) = conditions(filter);
    if let Some(id) = &filter.after {
        conditions.push_str(match filter.order {
            ProposalOrder::Id => " AND id > ?",
            ProposalOrder::LeastSure => " AND (confidence, id) > (SELECT confidence, id FROM proposal WHERE id = ?)",
            ProposalOrder::Newest => " AND (created_at_ms, id) < (SELECT created_at_ms, id FROM proposal WHERE id = ?)",
        });
        values.push(Value::from(id.0.clone()));
    }
    let order = match filter.order {
        ProposalOrder::Id => "id",
        ProposalOrder::LeastSure => "confidence, id",
        ProposalOrder::Newest => "created_at_ms DESC, id DESC",
    };
    values.push(Value::from(sql_limit_or_default(filter.limit)));
    (format!("SELECT {COLUMNS} FROM proposal WHERE true{conditions} ORDER BY {order} LIMIT ?"), values)
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

    async fn count_proposals(&self, filter: &ProposalFilter) -> Result<u64> {
        let (conditions, values) = conditions(filter);
        self.read("count_proposals", move |transaction| {
            let sql = format!("SELECT count(*) FROM proposal WHERE true{conditions}");
            let count: i64 = transaction.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))?;
            Ok(count.unsigned_abs())
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
            let refused = proposal.operation.id.clone();
            if matches!(decision, Decision::Reopen)
                && proposal.state == ProposalState::Accepted
                && matches!(outbox::fate(transaction, &refused)?.as_deref(), Some("pending" | "published"))
            {
                return Err(ledger::on_its_way(&id).into());
            }
            let mut decided = decision.apply(proposal, &by, at_ms)?;
            if let Some(operation) = decided.publish.take() {
                let id = id_to_use(transaction, &operation.id)?.unwrap_or(operation.id);
                let operation = Operation { id, ..operation };
                outbox::send(transaction, &operation)?;
                decided.audit.operation.id.clone_from(&operation.id);
                decided.proposal.operation.id = operation.id;
            }
            if let Decision::Reject { reason } = &decision {
                outbox::withdraw(transaction, &refused, reason)?;
            }
            if matches!(decision, Decision::Reopen) {
                let Operation { table, field, .. } = &decided.proposal.operation;
                supersede(transaction, &table.id, field, &id.0)?;
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
