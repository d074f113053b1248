//! Stage 11: the tables findable by words.

use std::path::{Path, PathBuf};

use catalog_core::model::{FieldPath, FieldValue, IndexEntry, SearchHit, TableId, TableState};
use catalog_core::ports::{Embedder, Ledger, VectorIndex};
use catalog_core::{Error, ErrorKind, Result};
use catalog_local::lexical::{LexicalEmbedder, index_text};
use catalog_publish::FlatIndex;

use super::run::Walk;

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
    async fn rebuild(&self, texts: &[(TableId, catalog_core::model::Fqn, String)]) -> Result<()> {
        let embedder = LexicalEmbedder::fit(texts.iter().map(|(_, _, text)| text.as_str()));
        let corpus: Vec<String> = texts.iter().map(|(_, _, text)| text.clone()).collect();
        let vectors = embedder.embed_documents(&corpus).await?;
        let entries: Vec<IndexEntry> = texts
            .iter()
            .zip(vectors)
            .map(|((id, fqn, text), embedding)| IndexEntry {
                id: id.clone(),
                fqn: fqn.clone(),
                text: text.clone(),
                embedding,
            })
            .collect();
        let refused = |e: std::io::Error| {
            Error::new(ErrorKind::Unavailable, "write_index", e.kind().to_string())
                .with("path", self.dir.display())
                .hint("check free space and rights of the state folder")
        };
        // Both files are made aside and moved into place; a crash between the two moves leaves files that do not
        // belong together, which opening refuses and the next sync mends.
        let (vectors, statistics) = (self.vectors().with_extension("new"), self.statistics().with_extension("new"));
        std::fs::write(&statistics, embedder.to_json()).map_err(refused)?;
        FlatIndex::rebuild(&vectors, embedder.dimension(), &embedder.id())?.upsert(&entries).await?;
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

/// The ledger's note that says whether the index shows what the catalog says.
const NOTE: &str = "index";
const FRESH: &str = "fresh";

/// Notes, before anything that the index shows may change, that it has to be made anew.
///
/// # Errors
/// The ledger's.
pub async fn index_is_stale(ledger: &dyn Ledger) -> Result<()> {
    ledger.set_note(NOTE, "stale").await
}

impl Walk {
    /// See [`index_is_stale`].
    pub(super) async fn index_is_stale(&self) -> Result<()> {
        index_is_stale(&*self.parts.ledger).await
    }

    /// Indexes what the catalog now says of every table in the ledger, also of sources that this run does not sweep:
    /// published descriptions and people's own, never a text that waits for a steward. Does nothing when the index is
    /// fresh.
    pub(super) async fn index(&self) -> Result<()> {
        let ledger = &self.parts.ledger;
        let fresh = ledger.note(NOTE).await?.is_some_and(|note| note == FRESH);
        if fresh && self.parts.index.searcher().is_ok() {
            return Ok(());
        }
        let mut texts = Vec::new();
        let mut changed = Vec::new();
        let mut after = None;
        loop {
            let page = ledger.states(after.as_ref(), self.options.page_size).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.table.table_ref.id.clone());
            for state in &page {
                let text = self.text_of(state).await?;
                let reference = &state.table.table_ref;
                if state.indexed_text.as_ref() != Some(&text) {
                    changed.push((reference.id.clone(), text.clone()));
                }
                texts.push((reference.id.clone(), reference.fqn.clone(), text));
            }
            self.progress.advance(page.len() as u64);
        }
        self.parts.index.rebuild(&texts).await?;
        ledger.set_indexed(&changed).await?;
        ledger.set_note(NOTE, FRESH).await
    }

    /// A person's text in the source comes first: the catalog may still hold what we wrote before it.
    async fn text_of(&self, state: &TableState) -> Result<String> {
        let own = state.table.description.as_ref().filter(|d| d.by_human);
        if let Some(own) = own {
            return Ok(index_text(&state.table, Some(&own.text)));
        }
        let current = self.parts.publisher.read(&state.table.table_ref).await?;
        let published = match current.as_ref().and_then(|c| c.get(&FieldPath::Description)).map(|f| &f.value) {
            Some(FieldValue::Text(text)) => Some(text.as_str()),
            _ => state.table.description.as_ref().map(|d| d.text.as_str()),
        };
        Ok(index_text(&state.table, published))
    }
}
