//! Stage 1: which tables changed.

use std::collections::{HashMap, HashSet};

use catalog_core::model::{ParkedTable, SourceId, TableId, WakeReason, WalkStage, Watermark, WorkItem};
use catalog_core::ports::Discovered;
use catalog_core::{ErrorKind, Result};

use super::gate::gate;
use super::parts::Connection;
use super::run::{SourceFailure, Walk};

/// What a sweep over all sources found.
#[derive(Default)]
pub(super) struct Sweep {
    pub(super) seen: u64,
    pub(super) skipped: u64,
    pub(super) unreadable: u64,
    pub(super) removed: Vec<TableId>,
    pub(super) failures: Vec<SourceFailure>,
    /// Where each source's watermark may move once its queue is empty.
    pub(super) watermarks: Vec<(SourceId, Watermark)>,
}

impl Walk {
    /// Lists every source and queues what is new or changed. A source that cannot be listed is reported and the
    /// others go on.
    pub(super) async fn sweep(&self) -> Result<Sweep> {
        let mut sweep = Sweep::default();
        for connection in &self.parts.connections {
            let ledger_failed = |e: &catalog_core::Error| e.operation().ends_with("_ledger");
            match self.sweep_source(connection, &mut sweep).await {
                Ok(()) => {}
                Err(error) if ledger_failed(&error) => return Err(error),
                Err(error) => {
                    tracing::warn!(source.id = %connection.source.id(), error = %error, "source cannot be listed");
                    sweep.failures.push(SourceFailure { source: connection.source.id().clone(), error });
                }
            }
        }
        Ok(sweep)
    }

    async fn sweep_source(&self, connection: &Connection, sweep: &mut Sweep) -> Result<()> {
        let source = connection.source.id();
        let ledger = &self.parts.ledger;
        let mut known: HashMap<TableId, (String, i64)> =
            ledger.gates(source).await?.into_iter().map(|row| (row.id, (row.gate, row.sampled_at_ms))).collect();
        let parked: HashSet<TableId> = ledger.parked().await?.into_iter().map(|p| p.table.id).collect();
        let now = self.parts.clock.now_ms();
        let mut watermark = Watermark::default();
        let mut cursor = None;
        loop {
            let page = connection.source.list(cursor.as_deref(), self.options.page_size).await?;
            let mut items = Vec::new();
            for discovered in page.tables {
                sweep.seen += 1;
                let table = match discovered {
                    Discovered::Table(table) => table,
                    Discovered::Unreadable(table, error) => {
                        known.remove(&table.id);
                        sweep.unreadable += 1;
                        let parked = ParkedTable {
                            table,
                            stage: "discover".to_owned(),
                            kind: error.kind(),
                            reason: error.to_string(),
                            at_ms: now,
                        };
                        ledger.park_unread(&parked).await?;
                        continue;
                    }
                };
                let mark = Watermark { updated_at_ms: table.updated_at_ms, table_id: table.table_ref.id.0.clone() };
                watermark = watermark.max(mark);
                let before = known.remove(&table.table_ref.id);
                let reason = match &before {
                    // A parked table is tried again by every sweep, also where nothing but its stage failed.
                    _ if parked.contains(&table.table_ref.id) => Some(WakeReason::Sweep),
                    Some((old, _)) if *old != gate(&table, &self.options) => Some(WakeReason::Sweep),
                    Some((_, sampled_at)) if now - sampled_at > self.options.max_age_ms => Some(WakeReason::Age),
                    Some(_) => None,
                    None => Some(WakeReason::Sweep),
                };
                match reason {
                    Some(reason) => items.push(WorkItem { table: table.table_ref, reason }),
                    None => sweep.skipped += 1,
                }
            }
            ledger.enqueue(&items, WalkStage::Inspect).await?;
            self.progress.advance(items.len() as u64);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        // The listing was complete: what the ledger knows and the source no longer has is gone.
        let gone: Vec<TableId> = known.into_keys().collect();
        ledger.forget(&gone).await?;
        sweep.removed.extend(gone);
        sweep.watermarks.push((source.clone(), watermark));
        Ok(())
    }

    /// Stage 13: moves the watermarks of the sources whose queue is empty.
    pub(super) async fn advance_watermarks(&self, marks: &[(SourceId, Watermark)]) -> Result<()> {
        for (source, mark) in marks {
            match self.parts.ledger.advance_watermark(source, mark).await {
                Err(e) if e.kind() == ErrorKind::Conflict => {
                    tracing::info!(source.id = %source, "watermark held back: tables of the source are still queued");
                }
                other => other?,
            }
        }
        Ok(())
    }
}
