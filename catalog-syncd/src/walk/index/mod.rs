//! Stage 11: the tables findable by words.

mod corpus;
mod embedded;
mod lexical;

use catalog_core::model::{Draft, FieldPath, FieldValue, SearchHit, TableId, TableState, VectorTask};
use catalog_core::ports::Ledger;
use catalog_core::{Error, Result};
use catalog_llm::embed::{EMBEDDING_TEXT_VERSION, names_text, views_text};
use catalog_local::lexical::{INDEX_TEXT_VERSION, index_text};
use catalog_publish::IndexOutbound;

use super::run::Walk;

use corpus::TableText;
pub use embedded::{IndexGeneration, VectorStore};
pub use lexical::{LexicalIndex, Searcher};

/// The index, with or without an embedding model.
#[derive(Clone)]
pub enum TableIndex {
    /// Word statistics in the state folder, made anew from all texts.
    Lexical(LexicalIndex),
    /// Vectors of a model, table by table.
    Embedded(VectorStore),
}

impl TableIndex {
    /// Opens it for questions; what a later run indexes is seen by whoever opens it after that run.
    ///
    /// # Errors
    /// `NotFound` before the first sync.
    pub fn open(&self) -> Result<OpenIndex> {
        Ok(match self {
            Self::Lexical(index) => OpenIndex::Lexical(index.searcher()?),
            Self::Embedded(store) => OpenIndex::Embedded(store.clone()),
        })
    }
}

/// An index that answers questions.
pub enum OpenIndex {
    /// Word statistics as the last run left them.
    Lexical(Searcher),
    /// Vectors of a model.
    Embedded(VectorStore),
}

impl OpenIndex {
    /// The `k` best tables for a question, best first.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout` of model or index.
    pub async fn search(&self, question: &str, k: usize) -> Result<Vec<SearchHit>> {
        match self {
            Self::Lexical(searcher) => searcher.search(question, k).await,
            Self::Embedded(store) => store.search(question, k).await,
        }
    }
}

/// The ledger's note that says whether the index shows what the catalog says.
const NOTE: &str = "index";
const FRESH: &str = "fresh";
/// The ledger's note of the model and template that all vectors in the index were made with.
const MODEL_NOTE: &str = "index:model";

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
    /// fresh. Gives what an index that is down left queued.
    pub(super) async fn index(&self) -> Result<Option<Error>> {
        match &self.parts.index {
            TableIndex::Lexical(index) => self.index_by_words(index).await.map(|()| None),
            TableIndex::Embedded(store) => self.index_by_model(store).await,
        }
    }

    async fn index_by_words(&self, index: &LexicalIndex) -> Result<()> {
        let ledger = &self.parts.ledger;
        let fresh = format!("{FRESH} {INDEX_TEXT_VERSION}");
        if ledger.note(NOTE).await?.as_ref() == Some(&fresh) && index.searcher().is_ok() {
            return Ok(());
        }
        let mut corpus = index.corpus()?;
        let mut after = None;
        loop {
            let page = ledger.facts(after.as_ref(), self.states_page()).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.table.table_ref.id.clone());
            let mut changed = Vec::new();
            for state in &page {
                let description = self.description_of(state).await?;
                let text = index_text(&state.table, description.as_deref());
                let reference = &state.table.table_ref;
                if state.indexed_text.as_ref() != Some(&text) {
                    changed.push((reference.id.clone(), text.clone()));
                }
                let (id, fqn) = (reference.id.clone(), reference.fqn.clone());
                corpus.push(&TableText { id, fqn, text }).map_err(|e| index.refused(&e))?;
            }
            ledger.set_indexed(&changed).await?;
            self.progress.advance(page.len() as u64);
        }
        index.rebuild(corpus).await?;
        ledger.set_note(NOTE, &fresh).await
    }

    /// Queues the tables whose text changed, and drains the queue. Another model or text template embeds all anew.
    async fn index_by_model(&self, store: &VectorStore) -> Result<Option<Error>> {
        let ledger = &*self.parts.ledger;
        let model = format!("{FRESH} {} {EMBEDDING_TEXT_VERSION}", store.embedder.id());
        let note = ledger.note(NOTE).await?;
        if note.as_ref() != Some(&model) {
            let anew = ledger.note(MODEL_NOTE).await?.as_ref() != Some(&model);
            self.queue_texts(anew).await?;
            ledger.set_note(MODEL_NOTE, &model).await?;
            ledger.set_note(NOTE, &model).await?;
        }
        let (vectors, names) = (&*store.vectors, store.names.as_deref());
        let report = IndexOutbound::drain(ledger, vectors, names, &*store.embedder, &*self.parts.clock).await?;
        if report.lost > 0 {
            self.index_is_stale().await?;
        }
        for (fqn, error) in &report.failures {
            tracing::warn!(table.fqn = %fqn, error = %error, "table not indexed, it stays queued");
        }
        if report.stopped.is_none() && ledger.count_vectors().await? == 0 {
            self.show_generation(store).await;
        }
        Ok(report.stopped)
    }

    /// Has tables taken out of the index. One made from all texts loses them by itself.
    pub(super) async fn unindex(&self, gone: &[TableId]) -> Result<()> {
        if matches!(self.parts.index, TableIndex::Lexical(_)) {
            return Ok(());
        }
        let mut tasks = Vec::with_capacity(gone.len());
        for table in gone {
            if let Some(state) = self.parts.ledger.state(table).await? {
                let fqn = state.table.table_ref.fqn;
                tasks.push(VectorTask { table: table.clone(), fqn, text: None, names: None });
            }
        }
        self.parts.ledger.queue_vectors(&tasks).await
    }

    async fn queue_texts(&self, anew: bool) -> Result<()> {
        let ledger = &self.parts.ledger;
        let mut after = None;
        loop {
            let page = ledger.facts(after.as_ref(), self.states_page()).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.table.table_ref.id.clone());
            let mut tasks = Vec::new();
            for state in &page {
                if !anew && is_as_published(state) {
                    continue;
                }
                let description = self.description_of(state).await?;
                let text = views_text(&state.table, description.as_deref(), state.reading.as_deref());
                if anew || state.indexed_text.as_ref() != Some(&text) {
                    let names = Some(names_text(&state.table));
                    let reference = &state.table.table_ref;
                    let (table, fqn) = (reference.id.clone(), reference.fqn.clone());
                    tasks.push(VectorTask { table, fqn, text: Some(text), names });
                }
            }
            ledger.queue_vectors(&tasks).await?;
            self.progress.advance(page.len() as u64);
        }
    }

    /// A new generation is shown once it is whole; until then readers keep the old one.
    async fn show_generation(&self, store: &VectorStore) {
        let Some(generation) = &store.generation else { return };
        let shown = match generation.is_building().await {
            Ok(true) => generation.activate().await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = shown {
            tracing::warn!(error = %error, "the new generation of the index is not shown yet");
        }
    }

    /// What the catalog says of the table. A person's text in the source comes first: the catalog may still hold what
    /// we wrote before it.
    async fn description_of(&self, state: &TableState) -> Result<Option<String>> {
        if let Some(own) = state.table.description.as_ref().filter(|d| d.by_human) {
            return Ok(Some(own.text.clone()));
        }
        let current = self.parts.publisher.read(&state.table.table_ref).await?;
        Ok(match current.as_ref().and_then(|c| c.get(&FieldPath::Description)).map(|f| &f.value) {
            Some(FieldValue::Text(text)) => Some(text.clone()),
            _ => state.table.description.as_ref().map(|d| d.text.clone()),
        })
    }
}

/// Does the index hold our own description, which stands in the catalog since it was indexed? Then the catalog need not
/// be asked: a person's text in its place would be in the source by now.
fn is_as_published(state: &TableState) -> bool {
    let ours = state.draft.as_ref().filter(|_| state.table.description.as_ref().is_none_or(|d| !d.by_human));
    let text = |draft: &Draft| views_text(&state.table, Some(&draft.text), state.reading.as_deref());
    ours.is_some_and(|draft| state.indexed_text.as_ref() == Some(&text(draft)))
}
