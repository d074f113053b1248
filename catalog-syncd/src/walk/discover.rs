//! Stage 1: which tables changed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use catalog_core::model::{
    ParkedTable, SourceId, Table, TableId, TableRef, WakeReason, WalkStage, Watermark, WorkItem,
};
use catalog_core::ports::{Discovered, TablePage};
use catalog_core::{Error, ErrorKind, Result};
use catalog_publish::fail_point;

use super::gate::{describe_options, gate};
use super::parts::Connection;
use super::run::{SourceFailure, Walk};

/// What a sweep over all sources found.
#[derive(Default)]
pub(super) struct Sweep {
    pub(super) seen: u64,
    pub(super) skipped: u64,
    pub(super) failures: Vec<SourceFailure>,
    /// Where each source's watermark may move once its queue is empty.
    watermarks: Vec<(SourceId, Watermark)>,
}

/// Whose failure it was: a source's stops its own sweep, the ledger's stops the run.
enum Trouble {
    Source(Error),
    Ledger(Error),
}

/// The sweep of one source, page by page.
struct SourceSweep<'a> {
    walk: &'a Walk,
    source: &'a SourceId,
    /// What the ledger knew when the sweep began and the listing has not shown yet, each as [`short`]: there may be any
    /// number of them. What is queued meanwhile is not among them.
    unseen: HashSet<u128>,
    /// Are all tables to be described again, because the options of descriptions or publishing changed?
    describe_all: bool,
    now: i64,
    watermark: Watermark,
    seen: u64,
    skipped: u64,
}

impl Walk {
    /// Lists every source and queues what is new or changed. A source that cannot be listed is reported and the
    /// others go on.
    pub(super) async fn sweep(&self) -> Result<Sweep> {
        let mut sweep = Sweep::default();
        self.forget_lost_sources().await?;
        self.retry_stand_ins().await?;
        for connection in &self.parts.connections {
            match self.sweep_source(connection, &mut sweep).await {
                Ok(()) => {}
                Err(Trouble::Ledger(error)) => return Err(error),
                Err(Trouble::Source(error)) => {
                    tracing::warn!(source.id = %connection.source.id(), error = %error, "source cannot be listed");
                    sweep.failures.push(SourceFailure {
                        source: connection.source.id().clone(),
                        stage: "discover",
                        error,
                    });
                }
            }
        }
        Ok(sweep)
    }

    async fn sweep_source(&self, connection: &Connection, sweep: &mut Sweep) -> Result<(), Trouble> {
        let source = connection.source.id();
        let mut own = self.begin_source(source).await.map_err(Trouble::Ledger)?;
        let mut cursor = None;
        loop {
            let page = connection.source.list(cursor.as_deref(), self.options.page_size).await;
            let page = page.map_err(Trouble::Source)?;
            cursor.clone_from(&page.next);
            own.page(page).await.map_err(Trouble::Ledger)?;
            if cursor.is_none() {
                break;
            }
        }
        // The listing was complete: what the ledger knows and the source no longer has is gone.
        own.forget_unseen().await.map_err(Trouble::Ledger)?;
        let options = describe_options(&self.options, &self.parts.enricher.id(), &self.parts.words);
        self.parts.ledger.set_note(&describe_note(source), &options).await.map_err(Trouble::Ledger)?;
        sweep.seen += own.seen;
        sweep.skipped += own.skipped;
        sweep.watermarks.push((source.clone(), own.watermark));
        Ok(())
    }

    async fn begin_source<'a>(&'a self, source: &'a SourceId) -> Result<SourceSweep<'a>> {
        let ledger = &self.parts.ledger;
        let options = describe_options(&self.options, &self.parts.enricher.id(), &self.parts.words);
        let mut sweep = SourceSweep {
            walk: self,
            source,
            unseen: HashSet::new(),
            describe_all: ledger.note(&describe_note(source)).await?.is_none_or(|old| old != options),
            now: self.parts.clock.now_ms(),
            watermark: Watermark::default(),
            seen: 0,
            skipped: 0,
        };
        let mut page = self.known_page(source, None).await?;
        while let Some(last) = page.last() {
            sweep.unseen.extend(page.iter().map(short));
            page = self.known_page(source, Some(last)).await?;
        }
        Ok(sweep)
    }

    async fn known_page(&self, source: &SourceId, after: Option<&TableId>) -> Result<Vec<TableId>> {
        self.parts.ledger.known_page(source, after, self.options.page_size).await
    }

    /// Forgets tables everywhere: ledger, catalog and, by the next index pass, index.
    pub(super) async fn forget(&self, gone: &[TableId]) -> Result<()> {
        if gone.is_empty() {
            return Ok(());
        }
        self.index_is_stale().await?;
        for id in gone {
            if let Err(error) = self.parts.publisher.table_gone(id).await {
                tracing::warn!(table.id = %id, error = %error, "the catalog keeps the entry of a table that is gone");
            }
        }
        self.unindex(gone).await?;
        self.parts.ledger.forget(gone).await
    }

    /// Forgets sources that a synced folder held once and holds no longer.
    async fn forget_lost_sources(&self) -> Result<()> {
        let ledger = Arc::clone(&self.parts.ledger);
        for (location, sources) in &self.parts.locations {
            let note = format!("sources:{}", super::gate::hash(location));
            let before: Vec<SourceId> =
                ledger.note(&note).await?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            for lost in before.iter().filter(|s| !sources.contains(s) && self.parts.connection(s).is_none()) {
                let gone = ledger.known(lost).await?;
                tracing::info!(source.id = %lost, tables = gone.len(), "source gone from its folder, its tables forgotten");
                self.forget(&gone).await?;
            }
            let text = serde_json::to_string(sources).unwrap_or_default();
            ledger.set_note(&note, &text).await?;
        }
        Ok(())
    }

    /// Stage 13: moves the watermarks of the sources whose queue is empty.
    pub(super) async fn advance_watermarks(&self, sweep: &Sweep) -> Result<()> {
        for (source, mark) in &sweep.watermarks {
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

/// The ledger's note of the options that a source's tables were last described under.
fn describe_note(source: &SourceId) -> String {
    format!("described:{}", super::gate::hash(&source.0))
}

/// 128 bits of the id's BLAKE3: two tables of a catalog never share them.
fn short(id: &TableId) -> u128 {
    let mut bytes = [0; 16];
    blake3::Hasher::new().update(id.0.as_bytes()).finalize_xof().fill(&mut bytes);
    u128::from_le_bytes(bytes)
}

impl SourceSweep<'_> {
    async fn page(&mut self, TablePage { tables, uses, .. }: TablePage) -> Result<()> {
        let (mut inspect, mut describe) = (Vec::new(), Vec::new());
        let mut known = self.known(&tables).await?;
        for discovered in tables {
            self.seen += 1;
            match discovered {
                Discovered::Unreadable(table, error) => self.park_unreadable(table, &error).await?,
                Discovered::Table(table) => {
                    let mark = Watermark { updated_at_ms: table.updated_at_ms, table_id: table.table_ref.id.0.clone() };
                    self.watermark = mark.max(std::mem::take(&mut self.watermark));
                    let uses = uses.get(&table.table_ref.id).copied().unwrap_or(0);
                    match self.why_inspect(&table, known.remove(&table.table_ref.id)) {
                        Some(reason) => inspect.push(WorkItem { table: table.table_ref, reason, uses }),
                        None if self.describe_all => {
                            describe.push(WorkItem { table: table.table_ref, reason: WakeReason::Sweep, uses });
                        }
                        None => self.skipped += 1,
                    }
                }
            }
        }
        let ledger = &self.walk.parts.ledger;
        if !inspect.is_empty() || !describe.is_empty() {
            self.walk.index_is_stale().await?;
        }
        ledger.enqueue(&inspect, WalkStage::Inspect).await?;
        ledger.enqueue(&describe, WalkStage::Describe).await?;
        fail_point!("walk::after_enqueue");
        self.walk.progress.advance((inspect.len() + describe.len()) as u64);
        Ok(())
    }

    /// Of those tables of a page that were walked before, and are not parked since: gate, and time of the last sample.
    async fn known(&mut self, page: &[Discovered]) -> Result<HashMap<TableId, (String, i64)>> {
        let ids: Vec<TableId> = page
            .iter()
            .map(|discovered| match discovered {
                Discovered::Table(table) => table.table_ref.id.clone(),
                Discovered::Unreadable(table, _) => table.id.clone(),
            })
            .collect();
        for id in &ids {
            self.unseen.remove(&short(id));
        }
        let rows = self.walk.parts.ledger.gates_of(&ids).await?;
        let mut known: HashMap<_, _> = rows.into_iter().map(|row| (row.id, (row.gate, row.sampled_at_ms))).collect();
        // A parked table is tried again by every sweep, also where nothing but its stage failed.
        for parked in self.walk.parts.ledger.parked_among(&ids).await? {
            known.remove(&parked);
        }
        Ok(known)
    }

    /// Forgets what a whole listing did not show.
    async fn forget_unseen(&self) -> Result<()> {
        let mut after: Option<TableId> = None;
        while !self.unseen.is_empty() {
            let page = self.walk.known_page(self.source, after.as_ref()).await?;
            let Some(last) = page.last() else { break };
            let gone: Vec<TableId> = page.iter().filter(|id| self.unseen.contains(&short(id))).cloned().collect();
            self.walk.forget(&gone).await?;
            after = Some(last.clone());
        }
        Ok(())
    }

    fn why_inspect(&self, table: &Table, known: Option<(String, i64)>) -> Option<WakeReason> {
        match known {
            Some((old, _)) if old != gate(table, &self.walk.options, self.walk.parts.house_rules.version()) => {
                Some(WakeReason::Sweep)
            }
            Some((_, sampled_at)) if self.now - sampled_at > self.walk.options.max_age_ms => Some(WakeReason::Age),
            Some(_) => None,
            None => Some(WakeReason::Sweep),
        }
    }

    async fn park_unreadable(&self, table: TableRef, error: &Error) -> Result<()> {
        let parked = ParkedTable {
            table,
            stage: "discover".to_owned(),
            kind: error.kind(),
            reason: error.to_string(),
            at_ms: self.now,
        };
        self.walk.parts.ledger.park_unread(&parked).await
    }
}
