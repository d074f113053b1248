//! From the queue of vectors to the index.

use catalog_core::model::{Embedding, Fqn, IndexEntry, QueuedVector, SearchHit, TableId, centroid};
use catalog_core::ports::ledger::{VectorClaim, VectorQueue};
use catalog_core::ports::{Clock, Embedder, VectorIndex};
use catalog_core::{Error, ErrorKind, Result};

use crate::fail_point;

/// Tasks taken from the queue, embedded and written at a time.
const BATCH: usize = 128;
/// How long a batch is held: more than a slow model takes for one. It is extended before the index is written.
const LEASE_MS: i64 = 5 * 60_000;
/// How many failures are kept in the report.
const FAILURES_KEPT: usize = 100;

/// What came of a drain of the queue. Counts are tables.
#[derive(Debug, Default)]
pub struct IndexReport {
    /// Upserted and noted.
    pub indexed: u64,
    /// Taken out of the index and noted.
    pub deleted: u64,
    /// Still queued because the index or the embedder refused this very table.
    pub failed: u64,
    /// Why, at most 100.
    pub failures: Vec<(Fqn, Error)>,
    /// Written, but held by somebody else by then: nobody knows whose text the index holds, so they have to be queued
    /// again.
    pub lost: u64,
    /// Set when the drain gave up, because the index or the embedder is out of reach or takes nothing at all; all
    /// else stays queued.
    pub stopped: Option<Error>,
}

/// Carries tables from the queue to the index.
pub struct IndexOutbound<'a> {
    queue: &'a dyn VectorQueue,
    index: &'a dyn VectorIndex,
    names: Option<&'a dyn VectorIndex>,
    embedder: &'a dyn Embedder,
    clock: &'a dyn Clock,
    report: IndexReport,
}

impl IndexOutbound<'_> {
    /// Embeds and writes all that waits, oldest first. `names` is the index of second vectors, if there is one. A
    /// task leaves the queue only after the index has it, so a crash or an outage loses nothing, and writing it again
    /// changes nothing. What nobody can index stays queued and does not hold up the rest. What another drain holds is
    /// left to it.
    ///
    /// # Errors
    /// Only the queue's.
    pub async fn drain(
        queue: &dyn VectorQueue,
        index: &dyn VectorIndex,
        names: Option<&dyn VectorIndex>,
        embedder: &dyn Embedder,
        clock: &dyn Clock,
    ) -> Result<IndexReport> {
        let mut outbound = IndexOutbound { queue, index, names, embedder, clock, report: IndexReport::default() };
        if let Some(other) = [Some(index), names].into_iter().flatten().find(|i| i.dimension() != embedder.dimension())
        {
            outbound.stop(
                Error::new(ErrorKind::Configuration, "index_tables", "the index holds vectors of another dimension")
                    .with("index_dimension", other.dimension())
                    .with("embedder_dimension", embedder.dimension())
                    .hint("index the tables again, or go back to the embedder that the index was made with"),
            );
            return Ok(outbound.report);
        }
        let mut after = None;
        loop {
            let claim = queue.claim_vectors(after, BATCH, clock.now_ms(), LEASE_MS).await?;
            let Some(last) = claim.tasks.last() else { return Ok(outbound.report) };
            after = Some(last.place);
            let goes_on = outbound.page(&claim).await;
            // What nobody could index, or was replaced meanwhile, is free again.
            queue.release_vectors(claim.fence).await?;
            if !goes_on? {
                return Ok(outbound.report);
            }
        }
    }

    /// Writes one page; gives whether to go on.
    async fn page(&mut self, claim: &VectorClaim) -> Result<bool> {
        let fence = claim.fence;
        match self.write(fence, &claim.tasks).await {
            Ok(()) => self.note(fence, &claim.tasks).await?,
            Err(error) if error.kind() == ErrorKind::Conflict => self.leave(&error),
            Err(error) if hits_all(&error) => return Ok(self.stop(error)),
            // One of them is at fault: find out which.
            Err(_) => {
                for one in &claim.tasks {
                    match self.write(fence, std::slice::from_ref(one)).await {
                        Ok(()) => self.note(fence, std::slice::from_ref(one)).await?,
                        Err(error) if error.kind() == ErrorKind::Conflict => self.leave(&error),
                        Err(error) if hits_all(&error) => return Ok(self.stop(error)),
                        Err(error) => self.fail(one, error),
                    }
                }
            }
        }
        Ok(true)
    }

    async fn write(&self, fence: u64, tasks: &[QueuedVector]) -> Result<()> {
        fail_point!("index::before_embed");
        let gone: Vec<TableId> = tasks.iter().filter(|t| t.task.text.is_none()).map(|t| t.task.table.clone()).collect();
        let texts = self.entries(tasks, |task| task.task.text.as_ref()).await?;
        let names = match self.names {
            Some(_) => self.entries(tasks, |task| task.task.text.as_ref().and(task.task.names.as_ref())).await?,
            None => Vec::new(),
        };
        let tables: Vec<TableId> = tasks.iter().map(|t| t.task.table.clone()).collect();
        for (index, entries) in [(Some(self.index), texts), (self.names, names)] {
            let Some(index) = index else { continue };
            // Embedding takes its time, and a process may have been stopped meanwhile.
            self.queue.extend_vectors(fence, &tables, self.clock.now_ms().saturating_add(LEASE_MS)).await?;
            if !gone.is_empty() {
                index.delete(&gone).await?;
            }
            if !entries.is_empty() {
                fail_point!("index::before_upsert");
                index.upsert(&entries).await?;
                fail_point!("index::after_upsert");
            }
        }
        Ok(())
    }

    async fn entries<'t>(
        &self,
        tasks: &'t [QueuedVector],
        text_of: impl Fn(&'t QueuedVector) -> Option<&'t String>,
    ) -> Result<Vec<IndexEntry>> {
        let wanted: Vec<(&QueuedVector, &String)> = tasks.iter().filter_map(|t| Some((t, text_of(t)?))).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let views: Vec<Vec<String>> = wanted.iter().map(|(_, text)| views_of(text)).collect();
        let mut vectors = self.embedder.embed_documents(&views.concat()).await?.into_iter();
        let entry = |((queued, text), views): ((&QueuedVector, &String), Vec<String>)| {
            let vectors: Vec<Embedding> = vectors.by_ref().take(views.len()).collect();
            let (id, fqn) = (queued.task.table.clone(), queued.task.fqn.clone());
            IndexEntry { id, fqn, text: text.clone(), embedding: centroid(&vectors) }
        };
        Ok(wanted.into_iter().zip(views).map(entry).collect())
    }

    async fn note(&mut self, fence: u64, done: &[QueuedVector]) -> Result<()> {
        let lost = self.queue.vectors_indexed(fence, done).await?;
        fail_point!("index::after_noted");
        for QueuedVector { task, .. } in done {
            if lost.contains(&task.table) {
                tracing::warn!(table.fqn = %task.fqn, "somebody else indexed the table meanwhile, it is queued again");
                self.report.lost += 1;
            } else if task.text.is_some() {
                self.report.indexed += 1;
            } else {
                self.report.deleted += 1;
            }
        }
        Ok(())
    }

    /// The claim ended before anything was written: whoever holds the tables indexes them.
    fn leave(&self, error: &Error) {
        tracing::info!(%error, "tables left to another indexer");
    }

    fn stop(&mut self, error: Error) -> bool {
        tracing::warn!(%error, "indexing stopped, the rest stays queued");
        self.report.stopped = Some(error);
        false
    }

    fn fail(&mut self, task: &QueuedVector, error: Error) {
        tracing::warn!(table.fqn = %task.task.fqn, %error, "table not indexed");
        self.report.failed += 1;
        if self.report.failures.len() < FAILURES_KEPT {
            self.report.failures.push((task.task.fqn.clone(), error));
        }
    }
}

/// A text's lines; one view without content for none.
fn views_of(text: &str) -> Vec<String> {
    let views: Vec<String> = text.lines().map(str::to_owned).collect();
    if views.is_empty() { vec![String::new()] } else { views }
}

/// Would every other table fail in the same way?
fn hits_all(error: &Error) -> bool {
    !matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::LimitExceeded | ErrorKind::NotFound)
}

/// The `k` best tables by the better of their two vectors: of the text and of the names. Measured, the maximum finds
/// more than the mean of both or a fusion of their ranks.
///
/// # Errors
/// As [`VectorIndex::search`] of either.
pub async fn search_best_of_two(
    texts: &dyn VectorIndex,
    names: &dyn VectorIndex,
    vector: &[f32],
    k: usize,
) -> Result<Vec<SearchHit>> {
    // A table that is among the k best by its maximum is among the k best of one of the two.
    let mut hits = texts.search(vector, k).await?;
    for other in names.search(vector, k).await? {
        match hits.iter_mut().find(|hit| hit.id == other.id) {
            Some(hit) => hit.score = hit.score.max(other.score),
            None => hits.push(other),
        }
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.fqn.cmp(&b.fqn)));
    hits.truncate(k);
    Ok(hits)
}
