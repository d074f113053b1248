//! The work queue and the watermarks in memory.

use std::cmp::Reverse;

use async_trait::async_trait;

use super::{Books, MemoryLedger};
use crate::model::{
    FieldPath, LeasedItem, Operation, ParkedTable, SourceId, TableId, TableRef, TableState, WalkStage, Watermark,
    WorkCounts, WorkItem,
};
use crate::ports::ledger::{WorkPlan, WorkQueue};
use crate::{Error, ErrorKind, Result};

/// A queued table and who holds it.
pub(super) struct Queued {
    item: WorkItem,
    stage: WalkStage,
    /// Place in the queue: smaller is older.
    place: u64,
    attempt: u32,
    not_before_ms: i64,
    lease: Option<Lease>,
}

struct Lease {
    worker: String,
    fence: u64,
    until_ms: i64,
}

impl Books {
    /// Checks that the fence is the current one of a held item.
    fn held(&mut self, step: &'static str, item: &LeasedItem) -> Result<&mut Queued> {
        let table = &item.item.table;
        self.queue.get_mut(&table.id).filter(|q| q.lease.as_ref().is_some_and(|l| l.fence == item.fence)).ok_or_else(
            || {
                Error::new(ErrorKind::Conflict, step, "the lease was lost: somebody else holds or finished the table")
                    .with("table", &table.fqn)
            },
        )
    }

    /// The tables in the queue.
    pub(super) fn queued(&self) -> impl Iterator<Item = &TableRef> {
        self.queue.values().map(|queued| &queued.item.table)
    }

    fn store(&mut self, state: &TableState) {
        self.states.insert(state.table.table_ref.id.clone(), state.clone());
    }
}

#[async_trait]
impl WorkQueue for MemoryLedger {
    async fn enqueue(&self, items: &[WorkItem], stage: WalkStage) -> Result<u64> {
        let mut books = self.books();
        let mut new = 0;
        for item in items {
            if stage == WalkStage::Describe && books.parked.contains_key(&item.table.id) {
                continue;
            }
            books.parked.remove(&item.table.id);
            if let Some(queued) = books.queue.get_mut(&item.table.id) {
                queued.stage = queued.stage.min(stage);
                queued.item.table.clone_from(&item.table);
                queued.item.uses = queued.item.uses.max(item.uses);
                continue;
            }
            books.enqueued += 1;
            let queued = Queued {
                item: item.clone(),
                stage,
                place: books.enqueued,
                attempt: 0,
                not_before_ms: i64::MIN,
                lease: None,
            };
            books.queue.insert(item.table.id.clone(), queued);
            new += 1;
        }
        Ok(new)
    }

    async fn lease(
        &self,
        stage: WalkStage,
        worker: &str,
        limit: usize,
        now_ms: i64,
        lease_ms: i64,
    ) -> Result<Vec<LeasedItem>> {
        let mut books = self.books();
        books.last_fence += 1;
        let fence = books.last_fence;
        let mut free: Vec<&mut Queued> = books
            .queue
            .values_mut()
            .filter(|q| q.stage == stage && q.not_before_ms <= now_ms)
            .filter(|q| q.lease.as_ref().is_none_or(|l| l.until_ms <= now_ms))
            .collect();
        free.sort_by_key(|q| (Reverse(q.item.uses), q.place));
        Ok(free
            .into_iter()
            .take(limit)
            .map(|q| {
                q.attempt = q.attempt.saturating_add(1);
                q.lease = Some(Lease { worker: worker.to_owned(), fence, until_ms: now_ms.saturating_add(lease_ms) });
                LeasedItem { item: q.item.clone(), fence, attempt: q.attempt }
            })
            .collect())
    }

    async fn release_leases(&self) -> Result<u64> {
        let mut books = self.books();
        books.outbox.iter_mut().for_each(|outgoing| outgoing.claim = None);
        books.vectors.values_mut().for_each(|waiting| waiting.claim = None);
        Ok(books.queue.values_mut().filter_map(|queued| queued.lease.take()).count() as u64)
    }

    async fn release_leases_of(&self, worker: &str) -> Result<u64> {
        let mut books = self.books();
        let own = books.queue.values_mut().filter(|q| q.lease.as_ref().is_some_and(|l| l.worker == worker));
        Ok(own.filter_map(|queued| queued.lease.take()).count() as u64)
    }

    async fn extend_leases(&self, items: &[LeasedItem], until_ms: i64) -> Result<Vec<TableId>> {
        let mut books = self.books();
        let mut lost = Vec::new();
        for item in items {
            match books.held("extend_leases", item) {
                Ok(Queued { lease: Some(lease), .. }) => lease.until_ms = until_ms,
                _ => lost.push(item.item.table.id.clone()),
            }
        }
        Ok(lost)
    }

    async fn postpone(&self, item: &LeasedItem, until_ms: i64) -> Result<()> {
        let mut books = self.books();
        let queued = books.held("postpone_table", item)?;
        queued.lease = None;
        queued.not_before_ms = until_ms;
        Ok(())
    }

    async fn advance(&self, item: &LeasedItem, state: &TableState) -> Result<()> {
        let mut books = self.books();
        let queued = books.held("advance_table", item)?;
        queued.stage = WalkStage::Describe;
        queued.attempt = 0;
        queued.not_before_ms = i64::MIN;
        queued.lease = None;
        books.store(state);
        Ok(())
    }

    async fn finish(&self, item: &LeasedItem, plan: &WorkPlan) -> Result<()> {
        let mut books = self.books();
        books.held("finish_table", item)?;
        books.store(&plan.state);
        let published = plan.publish.iter().map(|operation| &operation.field);
        let planned: Vec<&FieldPath> = published.chain(plan.propose.iter().map(|p| &p.operation.field)).collect();
        books.supersede_unplanned(&item.item.table.id, &planned);
        for operation in &plan.publish {
            books.supersede(&operation.table.id, &operation.field, None);
            if let Some(id) = books.id_to_use(&operation.id) {
                books.send(&Operation { id, ..operation.clone() });
            }
        }
        for proposal in &plan.propose {
            books.open(proposal);
        }
        books.queue.remove(&item.item.table.id);
        Ok(())
    }

    async fn park(&self, item: &LeasedItem, parked: &ParkedTable) -> Result<()> {
        let mut books = self.books();
        books.held("park_table", item)?;
        books.queue.remove(&item.item.table.id);
        books.parked.insert(item.item.table.id.clone(), parked.clone());
        Ok(())
    }

    async fn park_unread(&self, parked: &ParkedTable) -> Result<()> {
        let mut books = self.books();
        books.queue.remove(&parked.table.id);
        books.parked.insert(parked.table.id.clone(), parked.clone());
        Ok(())
    }

    async fn unpark(&self, ids: &[TableId]) -> Result<()> {
        let mut books = self.books();
        for id in ids {
            books.parked.remove(id);
        }
        Ok(())
    }

    async fn parked(&self) -> Result<Vec<ParkedTable>> {
        let mut parked: Vec<ParkedTable> = self.books().parked.values().cloned().collect();
        parked.sort_by(|a, b| a.table.fqn.cmp(&b.table.fqn));
        Ok(parked)
    }

    async fn parked_page(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<ParkedTable>> {
        let books = self.books();
        let later = books.parked.iter().filter(|(id, _)| after.is_none_or(|after| *id > after));
        Ok(later.take(limit).map(|(_, parked)| parked.clone()).collect())
    }

    async fn parked_table(&self, id: &TableId) -> Result<Option<ParkedTable>> {
        Ok(self.books().parked.get(id).cloned())
    }

    async fn parked_among(&self, ids: &[TableId]) -> Result<Vec<TableId>> {
        let books = self.books();
        Ok(ids.iter().filter(|id| books.parked.contains_key(id)).cloned().collect())
    }

    async fn counts(&self) -> Result<WorkCounts> {
        let books = self.books();
        let done = books.states.keys().filter(|id| !books.queue.contains_key(id) && !books.parked.contains_key(id));
        Ok(WorkCounts {
            queued: books.queue.len() as u64,
            parked: books.parked.len() as u64,
            done: done.count() as u64,
        })
    }

    async fn watermark(&self, source: &SourceId) -> Result<Option<Watermark>> {
        Ok(self.books().watermarks.get(source).cloned())
    }

    async fn advance_watermark(&self, source: &SourceId, to: &Watermark) -> Result<()> {
        let mut books = self.books();
        if books.queue.values().any(|q| q.item.table.source == *source) {
            return Err(Error::new(
                ErrorKind::Conflict,
                "advance_watermark",
                "tables of the source are still in the queue",
            )
            .with("source", source));
        }
        let watermark = books.watermarks.entry(source.clone()).or_insert_with(|| to.clone());
        if *to > *watermark {
            watermark.clone_from(to);
        }
        Ok(())
    }
}
