//! What a sweep would do and cost, without doing it.

use std::collections::HashMap;

use catalog_core::Result;
use catalog_core::model::TableId;
use catalog_core::ports::ledger::GateRow;
use catalog_core::ports::{Discovered, TablePage};
use serde::Serialize;

use super::gate::gate;
use super::parts::Connection;
use super::run::{SourceFailure, Walk};

/// What a sweep would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Preview {
    /// Tables that the sources list.
    pub tables_seen: u64,
    /// Tables that would be sampled, profiled and described.
    pub tables_to_walk: u64,
    /// Tables in which nothing changed.
    pub tables_unchanged: u64,
    /// Tables that cannot be read.
    pub tables_unreadable: u64,
    /// Tables that wait in the queue already.
    pub tables_queued: u64,
    /// Rows that sampling would bring home at most.
    pub sample_rows_max: u64,
    /// Rows that profiling would read, as far as the sources tell.
    pub scan_rows: u64,
    /// Tables to walk of which nobody knows how many rows they have: not in `scan_rows`, nor in `engine_secs`.
    pub tables_unsized: u64,
    /// Queries that an engine would be asked for samples and profiles; key checks come beside them.
    pub engine_queries: u64,
    /// Seconds in the engine if its queries ran one after another, an order of magnitude.
    pub engine_secs: f64,
    /// Descriptions that would be asked of the model or the rules at most.
    pub drafts_max: u64,
    /// Sources that cannot be listed.
    pub sources_failed: u64,
}

impl Walk {
    /// Lists every source and compares it with the ledger. Writes nothing.
    ///
    /// # Errors
    /// The ledger's. A source that cannot be listed is counted.
    pub async fn preview(&self) -> Result<Preview> {
        let mut preview = Preview { tables_queued: self.parts.ledger.counts().await?.queued, ..Preview::default() };
        for connection in &self.parts.connections {
            let mut cursor = None;
            loop {
                let TablePage { tables, next, .. } = match connection
                    .source
                    .list(cursor.as_deref(), self.options.page_size)
                    .await
                {
                    Ok(page) => page,
                    Err(error) => {
                        let failure =
                            SourceFailure { source: connection.source.id().clone(), stage: "discover", error };
                        tracing::warn!(source.id = %failure.source, error = %failure.error, "source cannot be listed");
                        preview.sources_failed += 1;
                        break;
                    }
                };
                self.preview_page(connection, &tables, &mut preview).await?;
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
        }
        preview.sample_rows_max = preview.tables_to_walk.saturating_mul(self.options.sample.rows_max as u64);
        preview.drafts_max = if self.options.describe { preview.tables_to_walk } else { 0 };
        Ok(preview)
    }

    async fn preview_page(&self, connection: &Connection, tables: &[Discovered], preview: &mut Preview) -> Result<()> {
        let ids: Vec<TableId> = tables
            .iter()
            .filter_map(|d| match d {
                Discovered::Table(table) => Some(table.table_ref.id.clone()),
                Discovered::Unreadable(..) => None,
            })
            .collect();
        let known: HashMap<TableId, GateRow> =
            self.parts.ledger.gates_of(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect();
        let now = self.parts.clock.now_ms();
        for discovered in tables {
            preview.tables_seen += 1;
            let Discovered::Table(table) = discovered else {
                preview.tables_unreadable += 1;
                continue;
            };
            let unchanged = known.get(&table.table_ref.id).is_some_and(|row| {
                row.gate == gate(table, &self.options, self.parts.house_rules.version())
                    && now - row.sampled_at_ms <= self.options.max_age_ms
            });
            if unchanged {
                preview.tables_unchanged += 1;
            } else {
                preview.tables_to_walk += 1;
                let price = connection.profiler.price(table);
                preview.scan_rows = preview.scan_rows.saturating_add(price.rows);
                preview.tables_unsized += u64::from(!price.sized);
                preview.engine_queries += price.queries;
                preview.engine_secs += price.engine_secs;
            }
        }
        Ok(())
    }
}
