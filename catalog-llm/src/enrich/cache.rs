//! Answers kept under all that they depend on.

use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{Enrichment, TableId};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::NOTE_BYTES_MAX;
use serde::{Deserialize, Serialize};

/// Keeps the last enrichment of each table. It holds guarded texts only, never a cell value.
#[async_trait]
pub trait AnswerCache: Send + Sync {
    /// The table's enrichment, when it was made under this key.
    ///
    /// # Errors
    /// `Unavailable`; the caller goes on without.
    async fn get(&self, table: &TableId, key: &str) -> Result<Option<Enrichment>>;

    /// Keeps an enrichment in place of the table's earlier one.
    ///
    /// # Errors
    /// As [`AnswerCache::get`].
    async fn put(&self, table: &TableId, key: &str, enrichment: &Enrichment) -> Result<()>;
}

/// A cache in the ledger's notes, one a table.
pub struct NoteCache {
    ledger: Arc<dyn Ledger>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    key: String,
    enrichment: Enrichment,
}

impl NoteCache {
    /// A cache in that ledger.
    pub fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger }
    }

    fn note(table: &TableId) -> String {
        format!("llm/{}", &blake3::hash(table.0.as_bytes()).to_hex()[..32])
    }
}

#[async_trait]
impl AnswerCache for NoteCache {
    async fn get(&self, table: &TableId, key: &str) -> Result<Option<Enrichment>> {
        let note = self.ledger.note(&Self::note(table)).await?;
        // A note of an earlier form is as good as none.
        let kept: Option<Kept> = note.and_then(|text| serde_json::from_str(&text).ok());
        Ok(kept.filter(|kept| kept.key == key).map(|kept| kept.enrichment))
    }

    async fn put(&self, table: &TableId, key: &str, enrichment: &Enrichment) -> Result<()> {
        let kept = Kept { key: key.to_owned(), enrichment: enrichment.clone() };
        match serde_json::to_string(&kept) {
            Ok(text) if text.len() <= NOTE_BYTES_MAX => self.ledger.set_note(&Self::note(table), &text).await,
            // Descriptions of very many columns: asked again when they are needed again.
            _ => Ok(()),
        }
    }
}
