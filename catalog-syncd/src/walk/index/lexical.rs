//! The index without a model: vectors of word statistics in a flat file.

use std::path::{Path, PathBuf};

use catalog_core::model::{IndexEntry, SearchHit};
use catalog_core::ports::{Embedder, VectorIndex};
use catalog_core::{Error, ErrorKind, Result};
use catalog_local::lexical::{LexicalEmbedder, WordCounts};
use catalog_publish::FlatIndex;

use super::corpus::{Corpus, TableText};

/// Texts embedded and written at a time.
const BATCH: usize = 512;

/// The embedded index: a flat file of vectors and the word statistics that they were made with, side by side in the
/// state folder.
#[derive(Debug, Clone)]
pub struct LexicalIndex {
    dir: PathBuf,
}

impl LexicalIndex {
    /// The index in a state folder.
    pub fn in_folder(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    fn vectors(&self) -> PathBuf {
        self.dir.join("index.vectors")
    }

    fn statistics(&self) -> PathBuf {
        self.dir.join("index.words.json")
    }

    /// Texts of tables to make the index of.
    ///
    /// # Errors
    /// `Unavailable` when the state folder cannot be written.
    pub(super) fn corpus(&self) -> Result<Corpus> {
        Corpus::in_folder(&self.dir).map_err(|e| self.refused(&e))
    }

    pub(super) fn refused(&self, error: &std::io::Error) -> Error {
        Error::new(ErrorKind::Unavailable, "write_index", error.kind().to_string())
            .with("path", self.dir.display())
            .hint("check free space and rights of the state folder")
    }

    /// Makes the index anew over all texts. Word weights depend on the whole corpus, so one changed text moves them
    /// all; a catalog's worth of texts takes well under a second.
    pub(super) async fn rebuild(&self, mut corpus: Corpus) -> Result<()> {
        let mut words = WordCounts::default();
        corpus.each(|text| words.add(&text.text)).map_err(|e| self.refused(&e))?;
        let mut lengths = words.finish();
        corpus.each(|text| lengths.add(&text.text)).map_err(|e| self.refused(&e))?;
        let embedder = lengths.finish();
        // Both files are made aside and moved into place; a crash between the two moves leaves files that do not
        // belong together, which opening refuses and the next sync mends.
        let (vectors, statistics) = (self.vectors().with_extension("new"), self.statistics().with_extension("new"));
        std::fs::write(&statistics, embedder.to_json()).map_err(|e| self.refused(&e))?;
        let index = FlatIndex::rebuild(&vectors, embedder.dimension(), &embedder.id())?;
        corpus.rewind().map_err(|e| self.refused(&e))?;
        loop {
            let batch = corpus.next(BATCH).map_err(|e| self.refused(&e))?;
            if batch.is_empty() {
                break;
            }
            index.upsert(&entries(&embedder, batch).await?).await?;
        }
        std::fs::rename(&vectors, self.vectors()).map_err(|e| self.refused(&e))?;
        std::fs::rename(&statistics, self.statistics()).map_err(|e| self.refused(&e))
    }

    /// Opens the index for searching.
    ///
    /// # Errors
    /// `NotFound` before the first sync, `Corrupt` when its two files do not belong together.
    pub fn searcher(&self) -> Result<Searcher> {
        let path = self.statistics();
        let text = std::fs::read_to_string(&path).map_err(|e| {
            Error::new(ErrorKind::NotFound, "open_index", e.kind().to_string())
                .with("path", path.display())
                .hint("run `catalog-syncd sync` first, or name its state folder with --state")
        })?;
        let embedder = LexicalEmbedder::from_json(&text)?;
        let index = FlatIndex::open(self.vectors(), embedder.dimension(), &embedder.id())?;
        Ok(Searcher { embedder, index })
    }
}

/// Finds tables by a question.
pub struct Searcher {
    embedder: LexicalEmbedder,
    index: FlatIndex,
}

impl Searcher {
    /// The `k` best tables, best first.
    ///
    /// # Errors
    /// As the embedder and the index.
    pub async fn search(&self, question: &str, k: usize) -> Result<Vec<SearchHit>> {
        let vector = self.embedder.embed_query(question).await?;
        self.index.search(&vector, k).await
    }
}

async fn entries(embedder: &LexicalEmbedder, texts: Vec<TableText>) -> Result<Vec<IndexEntry>> {
    let corpus: Vec<String> = texts.iter().map(|text| text.text.clone()).collect();
    let vectors = embedder.embed_documents(&corpus).await?;
    let entry = |(TableText { id, fqn, text }, embedding)| IndexEntry { id, fqn, text, embedding };
    Ok(texts.into_iter().zip(vectors).map(entry).collect())
}
