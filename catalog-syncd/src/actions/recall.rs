//! What a description would change for search, before it is accepted.

use catalog_core::model::{FieldPath, FieldValue, IndexEntry, ProposalId, ProposalState};
use catalog_core::ports::Embedder as _;
use catalog_core::ports::ledger::ProposalFilter;
use catalog_core::{Error, ErrorKind, Result};
use catalog_local::lexical::{LexicalEmbedder, index_text};
use catalog_publish::{ProposedText, RecallChange, SavedQuestion, recall_preview};

use super::Desk;

/// States read at a time.
const PAGE: usize = 500;
/// Tables that are compared in memory.
const TABLES_MAX: usize = 20_000;

impl Desk {
    /// How many of the tables that answer these questions are among the first five now, and would be with the open
    /// descriptions accepted: those given, or all. Counts with word statistics, also where a model embeds: it is quick,
    /// asks nobody, and shows which texts help. Writes nothing.
    ///
    /// # Errors
    /// `InvalidInput` when a question names no table, `LimitExceeded` above 20,000 tables or 2,000 questions; the
    /// ledger's.
    pub async fn recall_preview(
        &self,
        questions: &[SavedQuestion],
        ids: Option<&[ProposalId]>,
    ) -> Result<RecallChange> {
        let (mut entries, mut proposed) = (Vec::new(), Vec::new());
        let open = self.open_descriptions(ids).await?;
        let mut after = None;
        loop {
            let page = self.ledger.facts(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.table.table_ref.id.clone());
            if entries.len() + page.len() > TABLES_MAX {
                return Err(Error::new(ErrorKind::LimitExceeded, "preview_recall", "too many tables to compare")
                    .with("tables_max", TABLES_MAX));
            }
            for state in page {
                let table = &state.table.table_ref;
                if let Some((_, text)) = open.iter().find(|(id, _)| *id == table.id) {
                    let text = index_text(&state.table, Some(text));
                    proposed.push(ProposedText { id: table.id.clone(), fqn: table.fqn.clone(), text });
                }
                let text = state.indexed_text.unwrap_or_else(|| index_text(&state.table, None));
                entries.push(IndexEntry { id: table.id.clone(), fqn: table.fqn.clone(), text, embedding: Vec::new() });
            }
        }
        let embedder = LexicalEmbedder::fit(entries.iter().map(|e| e.text.as_str()));
        let texts: Vec<String> = entries.iter().map(|e| e.text.clone()).collect();
        for (entry, vector) in entries.iter_mut().zip(embedder.embed_documents(&texts).await?) {
            entry.embedding = vector;
        }
        recall_preview(questions, &entries, &proposed, &embedder).await
    }

    async fn open_descriptions(
        &self,
        ids: Option<&[ProposalId]>,
    ) -> Result<Vec<(catalog_core::model::TableId, String)>> {
        let filter = ProposalFilter {
            state: Some(ProposalState::Open),
            kind: Some(catalog_core::model::ChangeKind::Description),
            limit: TABLES_MAX,
            ..ProposalFilter::default()
        };
        let open = self.ledger.proposals(&filter).await?;
        let chosen = open.into_iter().filter(|p| ids.is_none_or(|ids| ids.contains(&p.id)));
        Ok(chosen
            .filter_map(|p| match (p.operation.field, p.operation.after) {
                (FieldPath::Description, Some(FieldValue::Text(text))) => Some((p.operation.table.id, text)),
                _ => None,
            })
            .collect())
    }
}
