//! Table vectors in one file, compared one by one: the vector index of a walk without Milvus.
//!
//! The file is replaced as a whole (temporary file, fsync, rename), so a crash leaves the old or the new one. Reading
//! streams: memory does not grow with the number of tables. Readers never wait; writers take turns by a lock file.
//! - [`format`]: what the bytes mean;
//! - [`replace`]: merging a batch into a new file;
//! - [`nearest`]: the best hits of a search.

mod format;
mod nearest;
mod replace;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use catalog_core::model::{IndexEntry, SearchHit, TableId};
use catalog_core::ports::VectorIndex;
use catalog_core::{Error, ErrorKind, Result};

use format::{Header, RecordReader};
use nearest::Nearest;
use replace::Changes;

/// Most hits that a search gives.
const HITS_MAX: usize = 10_000;

/// A vector index in one file. Clones share the file.
#[derive(Debug, Clone)]
pub struct FlatIndex {
    path: PathBuf,
    header: Header,
}

impl FlatIndex {
    /// Opens the index at `path` for vectors of that dimension and embedder ([`catalog_core::ports::Embedder::id`]).
    /// A file that is not there yet is an empty index; the first upsert makes it.
    ///
    /// # Errors
    /// `Configuration` when the file holds vectors of another dimension or embedder: see [`FlatIndex::rebuild`];
    /// `Corrupt` when it is no such file; `Forbidden`, `Unavailable` when it cannot be read.
    pub fn open(path: impl Into<PathBuf>, dimension: usize, embedder_id: &str) -> Result<Self> {
        let index = Self { path: path.into(), header: Header::new(dimension, embedder_id)? };
        index.reader("open_index")?;
        Ok(index)
    }

    /// Starts anew at `path` with an empty index, whatever was there: for another embedder, or after damage. All
    /// tables have to be indexed again.
    ///
    /// # Errors
    /// `Forbidden`, `LimitExceeded` (disk full), `Unavailable`; `Conflict` while somebody else is writing it.
    pub fn rebuild(path: impl Into<PathBuf>, dimension: usize, embedder_id: &str) -> Result<Self> {
        let index = Self { path: path.into(), header: Header::new(dimension, embedder_id)? };
        replace::start_anew(&index.path, &index.header)?;
        Ok(index)
    }

    /// A reader after a checked header; `None` when there is no file.
    fn reader(&self, operation: &'static str) -> Result<Option<RecordReader>> {
        RecordReader::open(&self.path, &self.header, operation)
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
        self.blocking("upsert_vectors", |index| replace::merge(&index.path, &index.header, changes)).await
    }

    async fn delete(&self, ids: &[TableId]) -> Result<()> {
        let changes: Changes = ids.iter().map(|id| (id.0.clone(), None)).collect::<BTreeMap<_, _>>();
        self.blocking("delete_vectors", |index| replace::merge(&index.path, &index.header, changes)).await
    }

    async fn search(&self, vector: &[f32], k: usize) -> Result<Vec<SearchHit>> {
        self.header.check_vector("search_vectors", vector)?;
        let mut nearest = Nearest::new(vector, k.min(HITS_MAX));
        self.blocking("search_vectors", move |index| {
            if let Some(mut reader) = index.reader("search_vectors")? {
                while let Some(record) = reader.next_record()? {
                    nearest.offer(&record)?;
                }
            }
            Ok(nearest.into_hits())
        })
        .await
    }

    async fn count(&self) -> Result<usize> {
        self.blocking("count_vectors", |index| match index.reader("count_vectors")? {
            Some(reader) => reader.count(),
            None => Ok(0),
        })
        .await
    }
}

/// The file beside `path` with another ending added to its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}
