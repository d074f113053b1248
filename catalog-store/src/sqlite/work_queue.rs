//! The work queue and the watermarks in SQLite.

use std::cmp::Reverse;

use async_trait::async_trait;
use catalog_core::model::{
    FieldPath, LeasedItem, Operation, ParkedTable, SourceId, TableId, TableState, WalkStage, Watermark, WorkCounts,
    WorkItem,
};
use catalog_core::ports::ledger::{WorkPlan, WorkQueue};
use catalog_core::{Error, ErrorKind, Result};
use rusqlite::{OptionalExtension, Transaction, params};

use super::{SqliteLedger, outbox, proposals, sql_limit, table_states};
use crate::failure::Failure;
use crate::stored::{from_json, to_json};

/// Queues one table. Is it new?
fn enqueue_one(transaction: &Transaction<'_>, item: &WorkItem, stage: WalkStage) -> Result<bool, Failure> {
    let table = &item.table;
    if stage == WalkStage::Inspect {
        transaction.prepare_cached("DELETE FROM parked WHERE table_id = ?1")?.execute([&table.id.0])?;
    } else if transaction.prepare_cached("SELECT 1 FROM parked WHERE table_id = ?1")?.exists([&table.id.0])? {
        return Ok(false);
    }
    let (names, stage) = (to_json(table)?, stage.as_str());
    let new = transaction
        .prepare_cached(
            "INSERT INTO work_queue (table_id, source, table_ref, reason, stage, uses) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (table_id) DO NOTHING",
        )?
        .execute(params![table.id.0, table.source.0, names, to_json(&item.reason)?, stage, uses_of(item)])?;
    if new == 0 {
        transaction
            .prepare_cached(
                "UPDATE work_queue SET source = ?2, table_ref = ?3, stage = iif(?4 = 'inspect', ?4, stage),
                     uses = max(uses, ?5)
                 WHERE table_id = ?1",
            )?
            .execute(params![table.id.0, table.source.0, names, stage, uses_of(item)])?;
    }
    Ok(new > 0)
}

pub(super) fn next_fence(transaction: &Transaction<'_>) -> Result<i64, Failure> {
    Ok(transaction
        .prepare_cached("UPDATE last_fence SET fence = fence + 1 RETURNING fence")?
        .query_row([], |row| row.get(0))?)
}

/// Checks inside the transaction that the item is still held under this fence.
fn check_fence(transaction: &Transaction<'_>, step: &'static str, item: &LeasedItem) -> Result<(), Failure> {
    let table = &item.item.table;
    let held = transaction
        .prepare_cached("SELECT 1 FROM work_queue WHERE table_id = ?1 AND fence = ?2")?
        .exists(params![table.id.0, fence_of(item)])?;
    if held {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Conflict, step, "the lease was lost: somebody else holds or finished the table")
        .with("table", &table.fqn)
        .into())
}

/// SQLite's integers are signed; no fence given out is beyond them.
fn fence_of(item: &LeasedItem) -> i64 {
    i64::try_from(item.fence).unwrap_or(-1)
}

/// SQLite's integers are signed; more use than that is no more urgent.
fn uses_of(item: &WorkItem) -> i64 {
    i64::try_from(item.uses).unwrap_or(i64::MAX)
}

/// Ends the leases of a worker, or all.
fn release(transaction: &Transaction<'_>, worker: Option<&str>) -> Result<u64, Failure> {
    let released = transaction
        .prepare_cached(
            "UPDATE work_queue SET worker = NULL, fence = NULL, lease_until_ms = NULL
             WHERE fence IS NOT NULL AND (?1 IS NULL OR worker = ?1)",
        )?
        .execute([worker])?;
    Ok(released as u64)
}

fn remove(transaction: &Transaction<'_>, id: &TableId) -> Result<(), Failure> {
    transaction.prepare_cached("DELETE FROM work_queue WHERE table_id = ?1")?.execute([&id.0])?;
    Ok(())
}

/// Takes the table out of the queue and keeps why.
fn park(transaction: &Transaction<'_>, parked: &ParkedTable) -> Result<(), Failure> {
    remove(transaction, &parked.table.id)?;
    transaction
        .prepare_cached("INSERT OR REPLACE INTO parked (table_id, source, parked, backwards) VALUES (?1, ?2, ?3, ?4)")?
        .execute([&parked.table.id.0, &parked.table.source.0, &to_json(parked)?, &parked.table.fqn.backwards()])?;
    Ok(())
}

#[async_trait]
impl WorkQueue for SqliteLedger {
    async fn enqueue(&self, items: &[WorkItem], stage: WalkStage) -> Result<u64> {
        let items = items.to_vec();
        self.write("enqueue_tables", move |transaction| {
            let mut new = 0;
            for item in &items {
                new += u64::from(enqueue_one(transaction, item, stage)?);
            }
            Ok(new)
        })
        .await
    }

    async fn lease(
        &self,
        stage: WalkStage,
        worker: &str,
        limit: usize,
        now_ms: i64,
        lease_ms: i64,
    ) -> Result<Vec<LeasedItem>> {
        let (worker, until_ms) = (worker.to_owned(), now_ms.saturating_add(lease_ms));
        self.write("lease_tables", move |transaction| {
            let fence = next_fence(transaction)?;
            let mut statement = transaction.prepare_cached(
                "UPDATE work_queue SET worker = ?1, fence = ?2, lease_until_ms = ?3, attempt = attempt + 1
                 WHERE place IN (
                     SELECT place FROM work_queue
                     WHERE stage = ?4 AND (lease_until_ms IS NULL OR lease_until_ms <= ?5)
                       AND (not_before_ms IS NULL OR not_before_ms <= ?5)
                     ORDER BY uses DESC, place LIMIT ?6)
                 RETURNING place, table_ref, reason, attempt, uses",
            )?;
            let mut rows =
                statement.query(params![worker, fence, until_ms, stage.as_str(), now_ms, sql_limit(limit)])?;
            let mut leased: Vec<(i64, LeasedItem)> = Vec::new();
            while let Some(row) = rows.next()? {
                let item = WorkItem {
                    table: from_json(row.get_ref(1)?.as_str()?, "a name in the work queue")?,
                    reason: from_json(row.get_ref(2)?.as_str()?, "a reason in the work queue")?,
                    uses: row.get::<_, i64>(4)?.unsigned_abs(),
                };
                leased.push((row.get(0)?, LeasedItem { item, fence: fence.unsigned_abs(), attempt: row.get(3)? }));
            }
            // RETURNING promises no order.
            leased.sort_by_key(|(place, leased)| (Reverse(leased.item.uses), *place));
            Ok(leased.into_iter().map(|(_, item)| item).collect())
        })
        .await
    }

    async fn release_leases(&self) -> Result<u64> {
        self.write("release_leases", |transaction| {
            transaction
                .prepare_cached(
                    "UPDATE outbox SET claim_fence = NULL, claim_until_ms = NULL
                     WHERE claim_fence IS NOT NULL AND fate = 'pending'",
                )?
                .execute([])?;
            transaction
                .prepare_cached(
                    "UPDATE vector_queue SET claim_fence = NULL, claim_until_ms = NULL WHERE claim_fence IS NOT NULL",
                )?
                .execute([])?;
            release(transaction, None)
        })
        .await
    }

    async fn release_leases_of(&self, worker: &str) -> Result<u64> {
        let worker = worker.to_owned();
        self.write("release_leases", move |transaction| release(transaction, Some(&worker))).await
    }

    async fn extend_leases(&self, items: &[LeasedItem], until_ms: i64) -> Result<Vec<TableId>> {
        let held: Vec<(TableId, i64)> = items.iter().map(|item| (item.item.table.id.clone(), fence_of(item))).collect();
        self.write("extend_leases", move |transaction| {
            let mut extend = transaction
                .prepare_cached("UPDATE work_queue SET lease_until_ms = ?3 WHERE table_id = ?1 AND fence = ?2")?;
            let mut lost = Vec::new();
            for (id, fence) in held {
                if extend.execute(params![id.0, fence, until_ms])? == 0 {
                    lost.push(id);
                }
            }
            Ok(lost)
        })
        .await
    }

    async fn postpone(&self, item: &LeasedItem, until_ms: i64) -> Result<()> {
        let item = item.clone();
        self.write("postpone_table", move |transaction| {
            check_fence(transaction, "postpone_table", &item)?;
            transaction
                .prepare_cached(
                    "UPDATE work_queue SET not_before_ms = ?2, worker = NULL, fence = NULL, lease_until_ms = NULL
                     WHERE table_id = ?1",
                )?
                .execute(params![item.item.table.id.0, until_ms])?;
            Ok(())
        })
        .await
    }

    async fn advance(&self, item: &LeasedItem, state: &TableState) -> Result<()> {
        let (item, state, seal) = (item.clone(), state.clone(), self.seal.clone());
        self.write("advance_table", move |transaction| {
            check_fence(transaction, "advance_table", &item)?;
            table_states::store(transaction, &seal, state)?;
            transaction
                .prepare_cached(
                    "UPDATE work_queue
                     SET stage = 'describe', attempt = 0, not_before_ms = NULL,
                         worker = NULL, fence = NULL, lease_until_ms = NULL
                     WHERE table_id = ?1",
                )?
                .execute([&item.item.table.id.0])?;
            Ok(())
        })
        .await
    }

    async fn finish(&self, item: &LeasedItem, plan: &WorkPlan) -> Result<()> {
        let (item, seal) = (item.clone(), self.seal.clone());
        let (state, publish, propose) = (plan.state.clone(), plan.publish.clone(), plan.propose.clone());
        self.write("finish_table", move |transaction| {
            check_fence(transaction, "finish_table", &item)?;
            table_states::store(transaction, &seal, state)?;
            let published = publish.iter().map(|operation| &operation.field);
            let planned: Vec<&FieldPath> = published.chain(propose.iter().map(|p| &p.operation.field)).collect();
            proposals::supersede_unplanned(transaction, &item.item.table.id, &planned)?;
            for operation in publish {
                proposals::supersede(transaction, &operation.table.id, &operation.field, "")?;
                if let Some(id) = proposals::id_to_use(transaction, &operation.id)? {
                    outbox::send(transaction, &Operation { id, ..operation })?;
                }
            }
            for proposal in &propose {
                proposals::open(transaction, proposal)?;
            }
            remove(transaction, &item.item.table.id)
        })
        .await
    }

    async fn park(&self, item: &LeasedItem, parked: &ParkedTable) -> Result<()> {
        let (item, parked) = (item.clone(), parked.clone());
        self.write("park_table", move |transaction| {
            check_fence(transaction, "park_table", &item)?;
            park(transaction, &parked)
        })
        .await
    }

    async fn park_unread(&self, parked: &ParkedTable) -> Result<()> {
        let parked = parked.clone();
        self.write("park_table", move |transaction| park(transaction, &parked)).await
    }

    async fn unpark(&self, ids: &[TableId]) -> Result<()> {
        let ids = ids.to_vec();
        self.write("unpark_tables", move |transaction| {
            let mut delete = transaction.prepare_cached("DELETE FROM parked WHERE table_id = ?1")?;
            for id in &ids {
                delete.execute([&id.0])?;
            }
            Ok(())
        })
        .await
    }

    async fn parked(&self) -> Result<Vec<ParkedTable>> {
        self.read("list_parked_tables", |transaction| {
            let mut statement = transaction.prepare_cached("SELECT parked FROM parked")?;
            let mut rows = statement.query([])?;
            let mut parked: Vec<ParkedTable> = Vec::new();
            while let Some(row) = rows.next()? {
                parked.push(from_json(row.get_ref(0)?.as_str()?, "a parked table")?);
            }
            // Names are ordered part by part, which their text is not.
            parked.sort_by(|a, b| a.table.fqn.cmp(&b.table.fqn));
            Ok(parked)
        })
        .await
    }

    async fn parked_page(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<ParkedTable>> {
        let after = after.map_or_else(String::new, |id| id.0.clone());
        self.read("list_parked_tables", move |transaction| {
            let mut statement = transaction
                .prepare_cached("SELECT parked FROM parked WHERE table_id > ?1 ORDER BY table_id LIMIT ?2")?;
            let mut rows = statement.query(params![after, sql_limit(limit)])?;
            let mut parked = Vec::new();
            while let Some(row) = rows.next()? {
                parked.push(from_json(row.get_ref(0)?.as_str()?, "a parked table")?);
            }
            Ok(parked)
        })
        .await
    }

    async fn parked_table(&self, id: &TableId) -> Result<Option<ParkedTable>> {
        let id = id.clone();
        self.read("read_parked_table", move |transaction| {
            let mut statement = transaction.prepare_cached("SELECT parked FROM parked WHERE table_id = ?1")?;
            let mut rows = statement.query([&id.0])?;
            rows.next()?.map(|row| from_json(row.get_ref(0)?.as_str()?, "a parked table")).transpose()
        })
        .await
    }

    async fn parked_among(&self, ids: &[TableId]) -> Result<Vec<TableId>> {
        let ids = ids.to_vec();
        self.read("list_parked_tables", move |transaction| {
            let mut statement = transaction
                .prepare_cached("SELECT table_id FROM parked WHERE table_id IN (SELECT value FROM json_each(?1))")?;
            let rows = statement.query_map([to_json(&ids)?], |row| row.get(0).map(TableId))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn counts(&self) -> Result<WorkCounts> {
        self.read("count_tables", |transaction| {
            let counts = transaction
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM work_queue), (SELECT count(*) FROM parked),
                            (SELECT count(*) FROM table_state s
                             WHERE NOT EXISTS (SELECT 1 FROM work_queue q WHERE q.table_id = s.table_id)
                               AND NOT EXISTS (SELECT 1 FROM parked p WHERE p.table_id = s.table_id))",
                )?
                .query_row([], |row| {
                    let count = |column: usize| row.get(column).map(i64::unsigned_abs);
                    Ok(WorkCounts { queued: count(0)?, parked: count(1)?, done: count(2)? })
                })?;
            Ok(counts)
        })
        .await
    }

    async fn watermark(&self, source: &SourceId) -> Result<Option<Watermark>> {
        let source = source.clone();
        self.read("read_watermark", move |transaction| {
            let watermark = transaction
                .prepare_cached("SELECT updated_at_ms, table_id FROM watermark WHERE source = ?1")?
                .query_row([&source.0], |row| Ok(Watermark { updated_at_ms: row.get(0)?, table_id: row.get(1)? }))
                .optional()?;
            Ok(watermark)
        })
        .await
    }

    async fn advance_watermark(&self, source: &SourceId, to: &Watermark) -> Result<()> {
        let (source, to) = (source.clone(), to.clone());
        self.write("advance_watermark", move |transaction| {
            if transaction.prepare_cached("SELECT 1 FROM work_queue WHERE source = ?1")?.exists([&source.0])? {
                let why = "tables of the source are still in the queue";
                return Err(Error::new(ErrorKind::Conflict, "advance_watermark", why).with("source", &source).into());
            }
            transaction
                .prepare_cached(
                    "INSERT INTO watermark VALUES (?1, ?2, ?3)
                     ON CONFLICT (source) DO UPDATE SET updated_at_ms = excluded.updated_at_ms, table_id = excluded.table_id
                     WHERE (excluded.updated_at_ms, excluded.table_id) > (watermark.updated_at_ms, watermark.table_id)",
                )?
                .execute(params![source.0, to.updated_at_ms, to.table_id])?;
            Ok(())
        })
        .await
    }
}
