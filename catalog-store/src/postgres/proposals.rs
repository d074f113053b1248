//! The steward's queue in Postgres.

use async_trait::async_trait;
use catalog_core::model::{ChangeKind, FieldPath, Operation, Proposal, ProposalId, ProposalState, TableId};
use catalog_core::ports::ledger::{self, Decision, ProposalFilter, ProposalOrder, Proposals, WorkPlan};
use catalog_core::{Error, ErrorKind, Result};
use sqlx::PgConnection;

use super::transact::{reading, writing};
use super::{PostgresLedger, audit_log, key_of, outbox, precedents, sql_limit_or_default, text};
use crate::failure::Failure;
use crate::stored::{from_json, proposal_state, to_json};

fn field_key(field: &FieldPath) -> Result<Vec<u8>, Failure> {
    Ok(key_of(&to_json(field)?))
}

/// Opens those that are not known; whatever else is open on their fields is superseded. How many are new?
pub(super) async fn open_all(connection: &mut PgConnection, proposals: &[Proposal]) -> Result<u64, Failure> {
    let planned: Vec<_> = proposals.iter().map(|proposal| &proposal.operation.id).collect();
    let usable = precedents::ids_to_use(connection, &planned).await?;
    let mut new = 0;
    for (proposal, usable) in proposals.iter().zip(usable) {
        let mut opened = proposal.clone();
        let rejected = usable.is_none();
        if let Some(id) = usable.filter(|id| *id != opened.operation.id) {
            (opened.id, opened.operation.id) = (ProposalId::of(&id), id);
        }
        supersede_others(connection, &opened).await?;
        if !rejected {
            new += u64::from(open(connection, &opened).await?);
        }
    }
    Ok(new)
}

async fn supersede_others(connection: &mut PgConnection, proposal: &Proposal) -> Result<(), Failure> {
    let operation = &proposal.operation;
    sqlx::query(
        "UPDATE proposal SET state = 'superseded'
         WHERE table_id = $1 AND field_key = $2 AND state = 'open' AND id <> $3",
    )
    .bind(text::stored(&operation.table.id.0))
    .bind(field_key(&operation.field)?)
    .bind(text::stored(&proposal.id.0))
    .execute(connection)
    .await?;
    Ok(())
}

/// Opens one, unless it is known and neither superseded nor accepted for an operation that was withdrawn.
async fn open(connection: &mut PgConnection, proposal: &Proposal) -> Result<bool, Failure> {
    let operation = &proposal.operation;
    let fqn = operation.table.fqn.to_string();
    let opened = sqlx::query(
        "INSERT INTO proposal
             (id, operation_id, table_id, fqn, fqn_key, field_key, kind, state, confidence, why, created_at_ms, operation,
              group_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9, $10, $11, $12)
         ON CONFLICT (id) DO UPDATE SET
             operation_id = excluded.operation_id, table_id = excluded.table_id, fqn = excluded.fqn,
             fqn_key = excluded.fqn_key, field_key = excluded.field_key, kind = excluded.kind, state = 'open',
             confidence = excluded.confidence, why = excluded.why, decided_by = NULL, reason = NULL,
             created_at_ms = excluded.created_at_ms, operation = excluded.operation, group_key = excluded.group_key
         WHERE proposal.state = 'superseded' OR proposal.state = 'accepted' AND EXISTS (
             SELECT 1 FROM outbox o WHERE o.operation_id = proposal.operation_id AND o.fate = 'withdrawn')",
    )
    .bind(text::stored(&proposal.id.0))
    .bind(text::stored(&operation.id.0))
    .bind(text::stored(&operation.table.id.0))
    .bind(text::stored(&fqn))
    .bind(key_of(&fqn))
    .bind(field_key(&operation.field)?)
    .bind(operation.field.kind().as_str())
    .bind(operation.confidence.value())
    .bind(text::stored(&proposal.why))
    .bind(proposal.created_at_ms)
    .bind(to_json(operation)?)
    .bind(ledger::group_of(operation))
    .execute(connection)
    .await?;
    Ok(opened.rows_affected() > 0)
}

/// Supersedes the table's open proposals on fields that the plan publishes, and on fields that it does not speak of
/// (but for verified queries).
pub(super) async fn supersede_unplanned(
    connection: &mut PgConnection,
    table: &TableId,
    plan: &WorkPlan,
) -> Result<(), Failure> {
    let keys = |fields: &mut dyn Iterator<Item = &FieldPath>| fields.map(field_key).collect::<Result<Vec<_>, _>>();
    let published = keys(&mut plan.publish.iter().map(|operation| &operation.field))?;
    let proposed = keys(&mut plan.propose.iter().map(|proposal| &proposal.operation.field))?;
    sqlx::query(
        "UPDATE proposal SET state = 'superseded'
         WHERE table_id = $1 AND state = 'open'
           AND (field_key = ANY($2) OR kind <> $4 AND field_key <> ALL($3))",
    )
    .bind(text::stored(&table.0))
    .bind(published)
    .bind(proposed)
    .bind(ChangeKind::Query.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) type Row = (String, String, String, Option<String>, Option<String>, i64, String);

pub(super) fn from_row(
    (id, state, why, decided_by, reason, created_at_ms, operation): Row,
) -> Result<Proposal, Failure> {
    Ok(Proposal {
        id: ProposalId(text::read(id)),
        state: proposal_state(&state)?,
        why: text::read(why),
        decided_by: decided_by.map(text::read),
        reason: reason.map(text::read),
        created_at_ms,
        operation: from_json(&operation, "an operation of a proposal")?,
    })
}

/// The filter's conditions, as $1 to $7.
macro_rules! filtered {
    ($select:literal, $rest:literal) => {
        concat!(
            $select,
            " FROM proposal WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR kind = $2)
              AND ($3 IS NULL OR fqn_key = $3) AND ($4 IS NULL OR confidence >= $4)
              AND ($5 IS NULL OR created_at_ms >= $5)
              AND ($6 IS NULL OR strpos(lower(fqn COLLATE \"C\"), lower($6 COLLATE \"C\")) > 0)
              AND ($7 IS NULL OR group_key = $7)",
            $rest
        )
    };
}

const PAGE: &str = filtered!(
    "SELECT id, state, why, decided_by, reason, created_at_ms, operation",
    " AND ($8 IS NULL OR id > $8) ORDER BY id LIMIT $9"
);
const LEAST_SURE: &str = filtered!(
    "SELECT id, state, why, decided_by, reason, created_at_ms, operation",
    " AND ($8 IS NULL OR (confidence, id) > (SELECT p.confidence, p.id FROM proposal p WHERE p.id = $8))
      ORDER BY confidence, id LIMIT $9"
);
const NEWEST: &str = filtered!(
    "SELECT id, state, why, decided_by, reason, created_at_ms, operation",
    " AND ($8 IS NULL OR (created_at_ms, id) < (SELECT p.created_at_ms, p.id FROM proposal p WHERE p.id = $8))
      ORDER BY created_at_ms DESC, id DESC LIMIT $9"
);
const COUNT: &str = filtered!("SELECT count(*)", "");

/// Binds the filter's conditions.
macro_rules! bind_filter {
    ($query:expr, $filter:expr) => {
        $query
            .bind($filter.state.map(|state| state.as_str()))
            .bind($filter.kind.map(|kind| kind.as_str()))
            .bind($filter.table.as_ref().map(|fqn| key_of(&fqn.to_string())))
            .bind($filter.confidence_min)
            .bind($filter.created_from_ms)
            .bind($filter.name_holds.as_deref().map(text::stored))
            .bind($filter.group.as_deref())
    };
}

#[async_trait]
impl Proposals for PostgresLedger {
    async fn propose(&self, proposals: &[Proposal]) -> Result<u64> {
        if proposals.is_empty() {
            return Ok(0);
        }
        writing!(self, "add_proposals", |connection| { open_all(connection, proposals).await })
    }

    async fn proposals(&self, filter: &ProposalFilter) -> Result<Vec<Proposal>> {
        reading!(self, "list_proposals", |connection| {
            let page = match filter.order {
                ProposalOrder::Id => PAGE,
                ProposalOrder::LeastSure => LEAST_SURE,
                ProposalOrder::Newest => NEWEST,
            };
            let rows: Vec<Row> = bind_filter!(sqlx::query_as(page), filter)
                .bind(filter.after.as_ref().map(|id| text::stored(&id.0)))
                .bind(sql_limit_or_default(filter.limit))
                .fetch_all(connection)
                .await?;
            rows.into_iter().map(from_row).collect::<Result<Vec<_>, _>>()
        })
    }

    async fn count_proposals(&self, filter: &ProposalFilter) -> Result<u64> {
        let count: i64 = reading!(self, "count_proposals", |connection| {
            Ok(bind_filter!(sqlx::query_scalar(COUNT), filter).fetch_one(connection).await?)
        })?;
        Ok(count.unsigned_abs())
    }

    async fn proposal(&self, id: &ProposalId) -> Result<Option<Proposal>> {
        reading!(self, "read_proposal", |connection| {
            let found: Option<Row> = sqlx::query_as(
                "SELECT id, state, why, decided_by, reason, created_at_ms, operation FROM proposal WHERE id = $1",
            )
            .bind(text::stored(&id.0))
            .fetch_optional(connection)
            .await?;
            found.map(from_row).transpose()
        })
    }

    async fn decide(&self, id: &ProposalId, by: &str, decision: &Decision, at_ms: i64) -> Result<Proposal> {
        writing!(self, "decide_proposal", |connection| {
            let proposal = lock(connection, id).await?;
            let refused = proposal.operation.id.clone();
            if matches!(decision, Decision::Reopen)
                && proposal.state == ProposalState::Accepted
                && outbox::is_sent(connection, &refused).await?
            {
                return Err(ledger::on_its_way(id).into());
            }
            let mut decided = decision.apply(proposal, by, at_ms)?;
            if let Some(operation) = decided.publish.take() {
                let usable = precedents::ids_to_use(connection, &[&operation.id]).await?;
                let id = usable.into_iter().flatten().next().unwrap_or_else(|| operation.id.clone());
                let operation = Operation { id, ..operation };
                outbox::send(connection, std::slice::from_ref(&operation)).await?;
                decided.audit.operation.id.clone_from(&operation.id);
                decided.proposal.operation.id = operation.id;
            }
            if let Decision::Reject { reason } = decision {
                outbox::withdraw(connection, &refused, reason).await?;
            }
            if matches!(decision, Decision::Reopen) {
                supersede_others(connection, &decided.proposal).await?;
            }
            audit_log::append(connection, &[&decided.audit]).await?;
            store_decision(connection, &decided.proposal).await?;
            Ok(decided.proposal)
        })
    }
}

/// The proposal, for this transaction alone.
async fn lock(connection: &mut PgConnection, id: &ProposalId) -> Result<Proposal, Failure> {
    let found: Option<Row> = sqlx::query_as(
        "SELECT id, state, why, decided_by, reason, created_at_ms, operation FROM proposal WHERE id = $1 FOR UPDATE",
    )
    .bind(text::stored(&id.0))
    .fetch_optional(connection)
    .await?;
    found.map(from_row).transpose()?.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "decide_proposal", "there is no such proposal").with("proposal", id).into()
    })
}

async fn store_decision(connection: &mut PgConnection, proposal: &Proposal) -> Result<(), Failure> {
    sqlx::query(
        "UPDATE proposal SET state = $2, decided_by = $3, reason = $4, confidence = $5, operation = $6, operation_id = $7
         WHERE id = $1",
    )
    .bind(text::stored(&proposal.id.0))
    .bind(proposal.state.as_str())
    .bind(proposal.decided_by.as_deref().map(text::stored))
    .bind(proposal.reason.as_deref().map(text::stored))
    .bind(proposal.operation.confidence.value())
    .bind(to_json(&proposal.operation)?)
    .bind(text::stored(&proposal.operation.id.0))
    .execute(connection)
    .await?;
    Ok(())
}
