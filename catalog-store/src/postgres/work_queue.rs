//! The work queue and the watermarks in Postgres.

use std::cmp::Reverse;
use std::collections::HashMap;

use async_trait::async_trait;
use catalog_core::model::{
    LeasedItem, ParkedTable, SourceId, TableId, TableState, WalkStage, Watermark, WorkCounts, WorkItem,
};
use catalog_core::ports::ledger::{WorkPlan, WorkQueue};
use catalog_core::{Error, ErrorKind, Result};
use sqlx::PgConnection;

use super::transact::{reading, writing};
use super::{PostgresLedger, outbox, proposals, sql_limit, table_states, text};
use crate::failure::Failure;
use crate::stored::{from_json, to_json};

/// Items of a batch, each table once: the reason it was first queued for, the names it has last, its greatest use.
fn distinct(items: &[WorkItem]) -> Vec<WorkItem> {
    let mut places: HashMap<&TableId, usize> = HashMap::with_capacity(items.len());
    let mut kept: Vec<WorkItem> = Vec::with_capacity(items.len());
    for item in items {
        match places.get(&item.table.id).and_then(|place| kept.get_mut(*place)) {
            Some(known) => {
                known.table.clone_from(&item.table);
                known.uses = known.uses.max(item.uses);
            }
            None => {
                places.insert(&item.table.id, kept.len());
                kept.push(item.clone());
            }
        }
    }
    kept
}

async fn enqueue(connection: &mut PgConnection, items: &[WorkItem], stage: WalkStage) -> Result<u64, Failure> {
    let ids = ids(items.iter().map(|item| &item.table.id));
    if stage == WalkStage::Inspect {
        sqlx::query("DELETE FROM parked WHERE table_id = ANY($1)").bind(&ids).execute(&mut *connection).await?;
    }
    // A row that this statement made has no deleting transaction yet.
    let new: Vec<bool> = sqlx::query_scalar(
        "INSERT INTO work_queue (table_id, source, table_ref, reason, stage, uses)
         SELECT table_id, source, table_ref, reason, $5, uses
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $6::bigint[])
              WITH ORDINALITY AS new (table_id, source, table_ref, reason, uses, nth)
         WHERE $5 = 'inspect' OR NOT EXISTS (SELECT 1 FROM parked p WHERE p.table_id = new.table_id)
         ORDER BY nth
         ON CONFLICT (table_id) DO UPDATE SET
             source = excluded.source, table_ref = excluded.table_ref,
             stage = CASE WHEN excluded.stage = 'inspect' THEN 'inspect' ELSE work_queue.stage END,
             uses = greatest(work_queue.uses, excluded.uses)
         RETURNING xmax = 0",
    )
    .bind(&ids)
    .bind(items.iter().map(|item| text::stored(&item.table.source.0).into_owned()).collect::<Vec<_>>())
    .bind(items.iter().map(|item| to_json(&item.table)).collect::<Result<Vec<_>, _>>()?)
    .bind(items.iter().map(|item| to_json(&item.reason)).collect::<Result<Vec<_>, _>>()?)
    .bind(stage.as_str())
    .bind(items.iter().map(|item| i64::try_from(item.uses).unwrap_or(i64::MAX)).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    Ok(new.into_iter().filter(|new| *new).count() as u64)
}

/// Ids as they are stored.
pub(super) fn ids<'a>(ids: impl Iterator<Item = &'a TableId>) -> Vec<String> {
    ids.map(|id| text::stored(&id.0).into_owned()).collect()
}

/// Takes the item out of the queue, if it is still held under its fence.
async fn remove_held(connection: &mut PgConnection, step: &'static str, item: &LeasedItem) -> Result<(), Failure> {
    let removed = sqlx::query("DELETE FROM work_queue WHERE table_id = $1 AND fence = $2")
        .bind(text::stored(&item.item.table.id.0))
        .bind(item.fence.cast_signed())
        .execute(connection)
        .await?;
    check_held(removed.rows_affected(), step, item)
}

/// A statement on the item under its fence touched no row: the lease was lost.
fn check_held(rows: u64, step: &'static str, item: &LeasedItem) -> Result<(), Failure> {
    if rows > 0 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Conflict, step, "the lease was lost: somebody else holds or finished the table")
        .with("table", &item.item.table.fqn)
        .into())
}

async fn park(connection: &mut PgConnection, parked: &ParkedTable) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO parked (table_id, source, parked) VALUES ($1, $2, $3)
         ON CONFLICT (table_id) DO UPDATE SET source = excluded.source, parked = excluded.parked",
    )
    .bind(text::stored(&parked.table.id.0))
    .bind(text::stored(&parked.table.source.0))
    .bind(to_json(parked)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the leases of a worker, or all.
const RELEASE: &str = "UPDATE work_queue SET worker = NULL, fence = NULL, lease_until_ms = NULL
                       WHERE fence IS NOT NULL AND ($1 IS NULL OR worker = $1)";

/// Free items, most used first, then oldest; rows that another worker is just taking are passed over without waiting. The fence is
/// drawn once the row is locked, so it grows for each item.
const LEASE: &str = "WITH free AS (
        SELECT table_id FROM work_queue
        WHERE stage = $1 AND (lease_until_ms IS NULL OR lease_until_ms <= $2)
          AND (not_before_ms IS NULL OR not_before_ms <= $2)
        ORDER BY uses DESC, place LIMIT $3 FOR UPDATE SKIP LOCKED)
    UPDATE work_queue q
    SET worker = $4, fence = nextval('fence'), lease_until_ms = $5, attempt = attempt + 1
    FROM free WHERE q.table_id = free.table_id
    RETURNING q.place, q.table_ref, q.reason, q.fence, q.attempt, q.uses";

type Leased = (i64, String, String, i64, i32, i64);

fn leased((place, table, reason, fence, attempt, uses): Leased) -> Result<(i64, LeasedItem), Failure> {
    let item = WorkItem {
        table: from_json(&table, "a name in the work queue")?,
        reason: from_json(&reason, "a reason in the work queue")?,
        uses: uses.unsigned_abs(),
    };
    Ok((place, LeasedItem { item, fence: fence.cast_unsigned(), attempt: attempt.unsigned_abs() }))
}

impl PostgresLedger {
    async fn release(&self, worker: Option<&str>) -> Result<u64> {
        let worker = worker.map(text::stored);
        writing!(self, "release_leases", |connection| {
            Ok(sqlx::query(RELEASE).bind(worker.as_deref()).execute(connection).await?.rows_affected())
        })
    }

    async fn parked_rows(&self, after: Option<&TableId>, limit: i64) -> Result<Vec<ParkedTable>> {
        let after = after.map_or_else(Default::default, |id| text::stored(&id.0));
        reading!(self, "list_parked_tables", |connection| {
            let rows: Vec<String> =
                sqlx::query_scalar("SELECT parked FROM parked WHERE table_id > $1 ORDER BY table_id LIMIT $2")
                    .bind(after.as_ref())
                    .bind(limit)
                    .fetch_all(connection)
                    .await?;
            rows.iter().map(|row| from_json(row, "a parked table")).collect::<Result<Vec<_>, _>>()
        })
    }
}

#[async_trait]
impl WorkQueue for PostgresLedger {
    async fn enqueue(&self, items: &[WorkItem], stage: WalkStage) -> Result<u64> {
        if items.is_empty() {
            return Ok(0);
        }
        let items = distinct(items);
        writing!(self, "enqueue_tables", |connection| { enqueue(connection, &items, stage).await })
    }

    async fn lease(
        &self,
        stage: WalkStage,
        worker: &str,
        limit: usize,
        now_ms: i64,
        lease_ms: i64,
    ) -> Result<Vec<LeasedItem>> {
        writing!(self, "lease_tables", |connection| {
            let rows: Vec<Leased> = sqlx::query_as(LEASE)
                .bind(stage.as_str())
                .bind(now_ms)
                .bind(sql_limit(limit))
                .bind(text::stored(worker))
                .bind(now_ms.saturating_add(lease_ms))
                .fetch_all(connection)
                .await?;
            let mut items = rows.into_iter().map(leased).collect::<Result<Vec<_>, _>>()?;
            // RETURNING promises no order.
            items.sort_by_key(|(place, leased)| (Reverse(leased.item.uses), *place));
            Ok(items.into_iter().map(|(_, item)| item).collect())
        })
    }

    async fn release_leases(&self) -> Result<u64> {
        writing!(self, "release_claims", |connection| {
            sqlx::query(
                "UPDATE outbox SET claim_fence = NULL, claim_until_ms = NULL
                 WHERE claim_fence IS NOT NULL AND fate = 'pending'",
            )
            .execute(&mut *connection)
            .await?;
            sqlx::query(
                "UPDATE vector_queue SET claim_fence = NULL, claim_until_ms = NULL WHERE claim_fence IS NOT NULL",
            )
            .execute(connection)
            .await?;
            Ok(())
        })?;
        self.release(None).await
    }

    async fn release_leases_of(&self, worker: &str) -> Result<u64> {
        self.release(Some(worker)).await
    }

    async fn extend_leases(&self, items: &[LeasedItem], until_ms: i64) -> Result<Vec<TableId>> {
        let fences: Vec<i64> = items.iter().map(|item| item.fence.cast_signed()).collect();
        let held: Vec<i64> = writing!(self, "extend_leases", |connection| {
            Ok(sqlx::query_scalar(
                "UPDATE work_queue q SET lease_until_ms = $3 FROM unnest($1::text[], $2::bigint[]) AS own (table_id, fence)
                 WHERE q.table_id = own.table_id AND q.fence = own.fence RETURNING q.fence",
            )
            .bind(ids(items.iter().map(|item| &item.item.table.id)))
            .bind(&fences)
            .bind(until_ms)
            .fetch_all(connection)
            .await?)
        })?;
        // No two items ever have the same fence.
        let lost = items.iter().filter(|item| !held.contains(&item.fence.cast_signed()));
        Ok(lost.map(|item| item.item.table.id.clone()).collect())
    }

    async fn postpone(&self, item: &LeasedItem, until_ms: i64) -> Result<()> {
        writing!(self, "postpone_table", |connection| {
            let done = sqlx::query(
                "UPDATE work_queue SET not_before_ms = $3, worker = NULL, fence = NULL, lease_until_ms = NULL
                 WHERE table_id = $1 AND fence = $2",
            )
            .bind(text::stored(&item.item.table.id.0))
            .bind(item.fence.cast_signed())
            .bind(until_ms)
            .execute(connection)
            .await?;
            check_held(done.rows_affected(), "postpone_table", item)
        })
    }

    async fn advance(&self, item: &LeasedItem, state: &TableState) -> Result<()> {
        let row =
            table_states::row(state, &self.seal).map_err(|f| f.tell("advance_table", self.connections.place()))?;
        writing!(self, "advance_table", |connection| {
            let moved = sqlx::query(
                "UPDATE work_queue SET stage = 'describe', attempt = 0, not_before_ms = NULL,
                        worker = NULL, fence = NULL, lease_until_ms = NULL
                 WHERE table_id = $1 AND fence = $2",
            )
            .bind(text::stored(&item.item.table.id.0))
            .bind(item.fence.cast_signed())
            .execute(&mut *connection)
            .await?;
            check_held(moved.rows_affected(), "advance_table", item)?;
            table_states::store(connection, &row).await
        })
    }

    async fn finish(&self, item: &LeasedItem, plan: &WorkPlan) -> Result<()> {
        let row =
            table_states::row(&plan.state, &self.seal).map_err(|f| f.tell("finish_table", self.connections.place()))?;
        writing!(self, "finish_table", |connection| {
            remove_held(connection, "finish_table", item).await?;
            table_states::store(connection, &row).await?;
            proposals::supersede_unplanned(connection, &item.item.table.id, plan).await?;
            outbox::send_planned(connection, &plan.publish).await?;
            proposals::open_all(connection, &plan.propose).await?;
            Ok(())
        })
    }

    async fn park(&self, item: &LeasedItem, parked: &ParkedTable) -> Result<()> {
        writing!(self, "park_table", |connection| {
            remove_held(connection, "park_table", item).await?;
            park(connection, parked).await
        })
    }

    async fn park_unread(&self, parked: &ParkedTable) -> Result<()> {
        writing!(self, "park_table", |connection| {
            sqlx::query("DELETE FROM work_queue WHERE table_id = $1")
                .bind(text::stored(&parked.table.id.0))
                .execute(&mut *connection)
                .await?;
            park(connection, parked).await
        })
    }

    async fn unpark(&self, unparked: &[TableId]) -> Result<()> {
        writing!(self, "unpark_tables", |connection| {
            sqlx::query("DELETE FROM parked WHERE table_id = ANY($1)")
                .bind(ids(unparked.iter()))
                .execute(connection)
                .await?;
            Ok(())
        })
    }

    async fn parked(&self) -> Result<Vec<ParkedTable>> {
        let mut parked = self.parked_rows(None, i64::MAX).await?;
        // Names are ordered part by part, which their text is not.
        parked.sort_by(|a, b| a.table.fqn.cmp(&b.table.fqn));
        Ok(parked)
    }

    async fn parked_page(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<ParkedTable>> {
        self.parked_rows(after, sql_limit(limit)).await
    }

    async fn parked_table(&self, id: &TableId) -> Result<Option<ParkedTable>> {
        reading!(self, "read_parked_table", |connection| {
            let found: Option<String> = sqlx::query_scalar("SELECT parked FROM parked WHERE table_id = $1")
                .bind(text::stored(&id.0))
                .fetch_optional(connection)
                .await?;
            found.map(|row| from_json(&row, "a parked table")).transpose()
        })
    }

    async fn parked_among(&self, asked: &[TableId]) -> Result<Vec<TableId>> {
        reading!(self, "list_parked_tables", |connection| {
            let found: Vec<String> = sqlx::query_scalar("SELECT table_id FROM parked WHERE table_id = ANY($1)")
                .bind(ids(asked.iter()))
                .fetch_all(connection)
                .await?;
            Ok(found.into_iter().map(|id| TableId(text::read(id))).collect())
        })
    }

    async fn counts(&self) -> Result<WorkCounts> {
        let (queued, parked, done): (i64, i64, i64) = reading!(self, "count_tables", |connection| {
            Ok(sqlx::query_as(
                "SELECT (SELECT count(*) FROM work_queue), (SELECT count(*) FROM parked),
                        (SELECT count(*) FROM table_state s
                         WHERE NOT EXISTS (SELECT 1 FROM work_queue q WHERE q.table_id = s.table_id)
                           AND NOT EXISTS (SELECT 1 FROM parked p WHERE p.table_id = s.table_id))",
            )
            .fetch_one(connection)
            .await?)
        })?;
        Ok(WorkCounts { queued: queued.unsigned_abs(), parked: parked.unsigned_abs(), done: done.unsigned_abs() })
    }

    async fn watermark(&self, source: &SourceId) -> Result<Option<Watermark>> {
        let found: Option<(i64, String)> = reading!(self, "read_watermark", |connection| {
            Ok(sqlx::query_as("SELECT updated_at_ms, table_id FROM watermark WHERE source = $1")
                .bind(text::stored(&source.0))
                .fetch_optional(connection)
                .await?)
        })?;
        Ok(found.map(|(updated_at_ms, id)| Watermark { updated_at_ms, table_id: text::read(id) }))
    }

    async fn advance_watermark(&self, source: &SourceId, to: &Watermark) -> Result<()> {
        writing!(self, "advance_watermark", |connection| {
            let queued: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM work_queue WHERE source = $1)")
                .bind(text::stored(&source.0))
                .fetch_one(&mut *connection)
                .await?;
            if queued {
                let why = "tables of the source are still in the queue";
                let error = Error::new(ErrorKind::Conflict, "advance_watermark", why).with("source", source);
                return Err(error.into());
            }
            sqlx::query(
                "INSERT INTO watermark VALUES ($1, $2, $3)
                 ON CONFLICT (source) DO UPDATE SET updated_at_ms = excluded.updated_at_ms, table_id = excluded.table_id
                 WHERE (excluded.updated_at_ms, excluded.table_id) > (watermark.updated_at_ms, watermark.table_id)",
            )
            .bind(text::stored(&source.0))
            .bind(to.updated_at_ms)
            .bind(text::stored(&to.table_id))
            .execute(connection)
            .await?;
            Ok(())
        })
    }
}
