//! The index without a model: vectors of word statistics in a flat file.

use std::path::{Path, PathBuf};

use catalog_core::model::{Fqn, IndexEntry, SearchHit, TableId};
use catalog_core::ports::{Embedder, VectorIndex};
use catalog_core::{Error, ErrorKind, Result};
use catalog_local::lexical::LexicalEmbedder;
use catalog_publish::FlatIndex;

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

    /// Makes the index anew over all texts. Word weights depend on the whole corpus, so one changed text moves them
    /// all; a catalog's worth of texts takes well under a second.
    pub(super) async fn rebuild(&self, texts: &[(TableId, Fqn, String)]) -> Result<()> {
        let embedder = LexicalEmbedder::fit(texts.iter().map(|(_, _, text)| text.as_str()));
        let refused = |e: std::io::Error| {
            Error::new(ErrorKind::Unavailable, "write_index", e.kind().to_string())
                .with("path", self.dir.display())
                .hint("check free space and rights of the state folder")
        };
        // Both files are made aside and moved into place; a crash between the two moves leaves files that do not
        // belong together, which opening refuses and the next sync mends.
        let (vectors, statistics) = (self.vectors().with_extension("new"), self.statistics().with_extension("new"));
        std::fs::write(&statistics, embedder.to_json()).map_err(refused)?;
        let index = FlatIndex::rebuild(&vectors, embedder.dimension(), &embedder.id())?;
        for batch in texts.chunks(BATCH) {
            index.upsert(&entries(&embedder, batch).await?).await?;
        }
        std::fs::rename(&vectors, self.vectors()).map_err(refused)?;
        std::fs::rename(&statistics, self.statistics()).map_err(refused)
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

async fn entries(embedder: &LexicalEmbedder, texts: &[(TableId, Fqn, String)]) -> Result<Vec<IndexEntry>> {
    let corpus: Vec<String> = texts.iter().map(|(_, _, text)| text.clone()).collect();
    let vectors = embedder.embed_documents(&corpus).await?;
    let entry = |((id, fqn, text), embedding): (&(TableId, Fqn, String), _)| IndexEntry {
        id: id.clone(),
        fqn: fqn.clone(),
        text: text.clone(),
        embedding,
    };
    Ok(texts.iter().zip(vectors).map(entry).collect())
}
