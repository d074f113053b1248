//! Table vectors in one file, compared one by one: the vector index of a walk without Milvus.
//!
//! A write appends what changed; a crash leaves the state before or after it. Reading streams: memory grows by some
//! 60 bytes a table, not by its vector. What was read once is checked once. Readers never wait; writers take turns by
//! a lock file.
//! - [`format`]: what the bytes mean;
//! - [`snapshot`]: which records count;
//! - [`append`]: writing, and dropping what was replaced;
//! - [`nearest`]: the best hits of a search.

mod append;
mod format;
mod nearest;
mod snapshot;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use catalog_core::model::{IndexEntry, SearchHit, TableId};
use catalog_core::ports::VectorIndex;
use catalog_core::{Error, ErrorKind, Result};

use append::Changes;
use format::{Header, Record, damaged, io_error};
use nearest::Nearest;
use snapshot::{Opened, Snapshot};

/// Most hits that a search gives.
const HITS_MAX: usize = 10_000;
/// Read ahead in a search.
const BUFFER_BYTES: usize = 1 << 20;

/// A vector index in one file. Clones share the file and what is known of it.
#[derive(Debug, Clone)]
pub struct FlatIndex {
    path: PathBuf,
    header: Header,
    /// What the file held when it was last looked at.
    known: Arc<Mutex<Option<Arc<Snapshot>>>>,
}

impl FlatIndex {
    /// Opens the index at `path` for vectors of that dimension and embedder ([`catalog_core::ports::Embedder::id`]).
    /// A file that is not there yet is an empty index; the first upsert makes it.
    ///
    /// # Errors
    /// `Configuration` when the file holds vectors of another dimension or embedder: see [`FlatIndex::rebuild`];
    /// `Corrupt` when it is no such file; `Forbidden`, `Unavailable` when it cannot be read.
    pub fn open(path: impl Into<PathBuf>, dimension: usize, embedder_id: &str) -> Result<Self> {
        let index = Self::at(path.into(), dimension, embedder_id)?;
        index.look("open_index")?;
        Ok(index)
    }

    /// Starts anew at `path` with an empty index, whatever was there: for another embedder, or after damage. All
    /// tables have to be indexed again.
    ///
    /// # Errors
    /// `Forbidden`, `LimitExceeded` (disk full), `Unavailable`; `Conflict` while somebody else is writing it.
    pub fn rebuild(path: impl Into<PathBuf>, dimension: usize, embedder_id: &str) -> Result<Self> {
        let index = Self::at(path.into(), dimension, embedder_id)?;
        append::start_anew(&index.path, &index.header)?;
        Ok(index)
    }

    fn at(path: PathBuf, dimension: usize, embedder_id: &str) -> Result<Self> {
        Ok(Self { path, header: Header::new(dimension, embedder_id)?, known: Arc::default() })
    }

    fn known(&self) -> Option<Arc<Snapshot>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, snapshot: Option<Arc<Snapshot>>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }

    /// Opens the file and reads what is new in it; `None` when there is no file.
    fn look(&self, operation: &'static str) -> Result<Option<Opened>> {
        let opened = snapshot::open(&self.path, &self.header, operation, false, self.known())?;
        self.keep(opened.as_ref().map(|o| Arc::clone(&o.snapshot)));
        Ok(opened)
    }

    fn write(&self, changes: Changes) -> Result<()> {
        let written = append::merge(&self.path, &self.header, changes, self.known())?;
        self.keep(written);
        Ok(())
    }

    /// Goes through all records that count, in the order of the file.
    fn each(&self, opened: &Opened, mut take: impl FnMut(&Record<'_>) -> Result<()>) -> Result<()> {
        let operation = "search_vectors";
        let mut reader: BufReader<&File> = BufReader::with_capacity(BUFFER_BYTES, &opened.file);
        let mut bytes = Vec::new();
        for place in opened.snapshot.places() {
            bytes.resize(place.bytes as usize, 0);
            append::seek_to(&mut reader, place.at)
                .and_then(|()| reader.read_exact(&mut bytes))
                .map_err(|e| io_error(operation, &self.path, e))?;
            let record = Record::parse(&bytes, self.header.dimension())
                .ok_or_else(|| damaged(operation, &self.path, "a record is damaged"))?;
            take(&record)?;
        }
        Ok(())
    }

    async fn blocking<T, F>(&self, operation: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(Self) -> Result<T> + Send + 'static,
    {
        let index = self.clone();
        match tokio::task::spawn_blocking(move || work(index)).await {
            Ok(result) => result,
            Err(error) => Err(Error::new(ErrorKind::Internal, operation, "the index's task ended early")
                .with("path", self.path.display())
                .caused_by(error)),
        }
    }
}

#[async_trait]
impl VectorIndex for FlatIndex {
    fn dimension(&self) -> usize {
        self.header.dimension()
    }

    async fn upsert(&self, entries: &[IndexEntry]) -> Result<()> {
        let mut changes = Changes::new();
        for entry in entries {
            changes.insert(entry.id.0.clone(), Some(self.header.encode(entry)?));
        }
        self.blocking("upsert_vectors", |index| index.write(changes)).await
    }

    async fn delete(&self, ids: &[TableId]) -> Result<()> {
        let changes: Changes = ids.iter().map(|id| (id.0.clone(), None)).collect::<BTreeMap<_, _>>();
        self.blocking("delete_vectors", |index| index.write(changes)).await
    }

    async fn search(&self, vector: &[f32], k: usize) -> Result<Vec<SearchHit>> {
        self.header.check_vector("search_vectors", vector)?;
        let mut nearest = Nearest::new(vector, k.min(HITS_MAX));
        self.blocking("search_vectors", move |index| {
            if let Some(opened) = index.look("search_vectors")? {
                index.each(&opened, |record| nearest.offer(record))?;
            }
            Ok(nearest.into_hits())
        })
        .await
    }

    async fn count(&self) -> Result<usize> {
        let count = |index: Self| Ok(index.look("count_vectors")?.map_or(0, |opened| opened.snapshot.count()));
        self.blocking("count_vectors", count).await
    }
}

/// The file beside `path` with another ending added to its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}
