//! Table states, runs and the mined query log in SQLite.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{Fingerprint, ForeignKey, MinedQueryLog, RunId, RunSummary, SourceId, TableId, TableState};
use catalog_core::ports::ledger::{CoverageFacts, GateRow, KeyLink, TableLinks, TableStates, check_note};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{SqliteLedger, sql_limit};
use crate::failure::Failure;
use crate::seal::Seal;
use crate::stored::{from_json, to_json};

const FACTS: &str = "table_id, walked, keys, indexed_text";
const COLUMNS: &str = "table_id, walked, keys, indexed_text, fingerprints";

/// Stores a state, with its fingerprints sealed. What has a column of its own stays out of the document.
pub(super) fn store(transaction: &Transaction<'_>, seal: &Seal, mut state: TableState) -> Result<(), Failure> {
    let names = &state.table.table_ref;
    let coverage = CoverageFacts::of(&state);
    let backwards = names.fqn.backwards();
    let (id, source, names) = (names.id.clone(), names.source.clone(), to_json(names)?);
    let fingerprints = seal.seal_fingerprints(&id, &std::mem::take(&mut state.fingerprints))?;
    let keys = to_json(&std::mem::take(&mut state.keys))?;
    let indexed_text = state.indexed_text.take();
    transaction
        .prepare_cached(
            "INSERT INTO table_state
                 (table_id, source, gate, sampled_at_ms, walked, keys, indexed_text, fingerprints, table_ref, place,
                  described, draft, backwards)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (table_id) DO UPDATE SET
                 source = excluded.source, gate = excluded.gate, sampled_at_ms = excluded.sampled_at_ms,
                 walked = excluded.walked, keys = excluded.keys, indexed_text = excluded.indexed_text,
                 fingerprints = excluded.fingerprints, table_ref = excluded.table_ref, place = excluded.place,
                 described = excluded.described, draft = excluded.draft, backwards = excluded.backwards",
        )?
        .execute(params![
            id.0,
            source.0,
            state.gate,
            state.sampled_at_ms,
            to_json(&state)?,
            keys,
            indexed_text,
            fingerprints,
            names,
            coverage.place,
            coverage.described,
            coverage.draft,
            backwards
        ])?;
    Ok(())
}

/// A state without its fingerprints, from [`FACTS`].
fn facts(row: &Row<'_>) -> Result<TableState, Failure> {
    let mut state: TableState = from_json(row.get_ref(1)?.as_str()?, "the state of a table")?;
    state.keys = from_json(row.get_ref(2)?.as_str()?, "the keys of a table")?;
    state.indexed_text = row.get(3)?;
    Ok(state)
}

/// A whole state, from [`COLUMNS`].
fn from_row(row: &Row<'_>, seal: &Seal) -> Result<TableState, Failure> {
    let fingerprints = seal.open_fingerprints(&TableId(row.get(0)?), row.get_ref(4)?.as_blob()?)?;
    Ok(TableState { fingerprints, ..facts(row)? })
}

fn links(row: &Row<'_>) -> Result<TableLinks, Failure> {
    let keys: Vec<ForeignKey> = from_json(row.get_ref(1)?.as_str()?, "the keys of a table")?;
    Ok(TableLinks {
        table: from_json(row.get_ref(0)?.as_str()?, "the names of a table")?,
        keys: keys.iter().map(KeyLink::of).collect(),
    })
}

fn gate(row: &Row<'_>) -> rusqlite::Result<GateRow> {
    Ok(GateRow { id: TableId(row.get(0)?), gate: row.get(1)?, sampled_at_ms: row.get(2)? })
}

/// Every table of a source that stands anywhere, after an id, each once.
const KNOWN: &str = "SELECT table_id FROM table_state WHERE source = ?1 AND table_id > ?2
                     UNION SELECT table_id FROM work_queue WHERE source = ?1 AND table_id > ?2
                     UNION SELECT table_id FROM parked WHERE source = ?1 AND table_id > ?2
                     ORDER BY table_id LIMIT ?3";

impl SqliteLedger {
    /// A page of what `read` makes of the columns of each state, by id.
    async fn page<T: Send + 'static>(
        &self,
        columns: &'static str,
        after: Option<&TableId>,
        limit: usize,
        read: impl Fn(&Row<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Vec<T>> {
        let after = after.map_or_else(String::new, |id| id.0.clone());
        self.read("read_table_states", move |transaction| {
            let mut statement = transaction.prepare_cached(&format!(
                "SELECT {columns} FROM table_state WHERE table_id > ?1 ORDER BY table_id LIMIT ?2"
            ))?;
            let mut rows = statement.query(params![after, sql_limit(limit)])?;
            let mut page = Vec::new();
            while let Some(row) = rows.next()? {
                page.push(read(row)?);
            }
            Ok(page)
        })
        .await
    }

    async fn known_after(&self, source: &SourceId, after: String, limit: i64) -> Result<Vec<TableId>> {
        let source = source.clone();
        self.read("list_known_tables", move |transaction| {
            let mut statement = transaction.prepare_cached(KNOWN)?;
            let ids = statement.query_map(params![source.0, after, limit], |row| row.get(0).map(TableId))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }
}

#[async_trait]
impl TableStates for SqliteLedger {
    async fn gates(&self, source: &SourceId) -> Result<Vec<GateRow>> {
        let source = source.clone();
        self.read("read_gates", move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT table_id, gate, sampled_at_ms FROM table_state WHERE source = ?1 ORDER BY table_id",
            )?;
            let rows = statement.query_map([&source.0], gate)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn gates_of(&self, ids: &[TableId]) -> Result<Vec<GateRow>> {
        let ids = ids.to_vec();
        self.read("read_gates", move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT table_id, gate, sampled_at_ms FROM table_state
                 WHERE table_id IN (SELECT value FROM json_each(?1))",
            )?;
            let rows = statement.query_map([to_json(&ids)?], gate)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn state(&self, id: &TableId) -> Result<Option<TableState>> {
        let (id, seal) = (id.clone(), self.seal.clone());
        self.read("read_table_state", move |transaction| {
            let mut statement =
                transaction.prepare_cached(&format!("SELECT {COLUMNS} FROM table_state WHERE table_id = ?1"))?;
            let mut rows = statement.query([&id.0])?;
            rows.next()?.map(|row| from_row(row, &seal)).transpose()
        })
        .await
    }

    async fn states(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableState>> {
        let seal = self.seal.clone();
        self.page(COLUMNS, after, limit, move |row| from_row(row, &seal)).await
    }

    async fn facts(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableState>> {
        self.page(FACTS, after, limit, |row| Ok(TableState { sample: None, ..facts(row)? })).await
    }

    async fn links(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableLinks>> {
        self.page("table_ref, keys", after, limit, links).await
    }

    async fn fingerprints(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<(TableId, Vec<Fingerprint>)>> {
        let seal = self.seal.clone();
        self.page("table_id, fingerprints", after, limit, move |row| {
            let id = TableId(row.get(0)?);
            let fingerprints = seal.open_fingerprints(&id, row.get_ref(1)?.as_blob()?)?;
            Ok((id, fingerprints))
        })
        .await
    }

    async fn set_keys(&self, keys: &[(TableId, Vec<ForeignKey>)]) -> Result<()> {
        let keys = keys.to_vec();
        self.write("store_keys", move |transaction| {
            let mut update = transaction.prepare_cached("UPDATE table_state SET keys = ?2 WHERE table_id = ?1")?;
            for (id, keys) in &keys {
                update.execute(params![id.0, to_json(keys)?])?;
            }
            Ok(())
        })
        .await
    }

    async fn set_indexed(&self, texts: &[(TableId, String)]) -> Result<()> {
        let texts = texts.to_vec();
        self.write("store_indexed_texts", move |transaction| {
            let mut update =
                transaction.prepare_cached("UPDATE table_state SET indexed_text = ?2 WHERE table_id = ?1")?;
            for (id, text) in &texts {
                update.execute([&id.0, text])?;
            }
            Ok(())
        })
        .await
    }

    async fn known(&self, source: &SourceId) -> Result<Vec<TableId>> {
        self.known_after(source, String::new(), -1).await
    }

    async fn known_page(&self, source: &SourceId, after: Option<&TableId>, limit: usize) -> Result<Vec<TableId>> {
        self.known_after(source, after.map_or_else(String::new, |id| id.0.clone()), sql_limit(limit)).await
    }

    async fn forget(&self, ids: &[TableId]) -> Result<()> {
        let ids = ids.to_vec();
        self.write("forget_tables", move |transaction| {
            for sql in [
                "DELETE FROM table_state WHERE table_id = ?1",
                "DELETE FROM work_queue WHERE table_id = ?1",
                "DELETE FROM parked WHERE table_id = ?1",
                "UPDATE proposal SET state = 'superseded' WHERE table_id = ?1 AND state = 'open'",
                "UPDATE outbox SET fate = 'withdrawn', withdrawn_because = 'the table is gone'
                 WHERE table_id = ?1 AND fate = 'pending'",
            ] {
                let mut forget = transaction.prepare_cached(sql)?;
                for id in &ids {
                    forget.execute([&id.0])?;
                }
            }
            Ok(())
        })
        .await
    }

    async fn note(&self, key: &str) -> Result<Option<String>> {
        let key = key.to_owned();
        self.read("read_note", move |transaction| {
            let mut statement = transaction.prepare_cached("SELECT value FROM note WHERE key = ?1")?;
            Ok(statement.query_row([key], |row| row.get(0)).optional()?)
        })
        .await
    }

    async fn set_note(&self, key: &str, value: &str) -> Result<()> {
        check_note(key, value)?;
        let (key, value) = (key.to_owned(), value.to_owned());
        self.write("store_note", move |transaction| {
            transaction.prepare_cached("INSERT OR REPLACE INTO note VALUES (?1, ?2)")?.execute([key, value])?;
            Ok(())
        })
        .await
    }

    async fn begin_run(&self, run: &RunId, at_ms: i64) -> Result<()> {
        let run = run.clone();
        self.write("begin_run", move |transaction| {
            transaction
                .prepare_cached("INSERT INTO run (id, begun_at_ms) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING")?
                .execute(params![run.0, at_ms])?;
            Ok(())
        })
        .await
    }

    async fn finish_run(&self, run: &RunId, at_ms: i64, summary: &RunSummary) -> Result<()> {
        let (run, summary) = (run.clone(), summary.clone());
        self.write("finish_run", move |transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO run (id, begun_at_ms, finished_at_ms, summary) VALUES (?1, ?2, ?2, ?3)
                     ON CONFLICT (id) DO UPDATE SET
                         finished_at_ms = excluded.finished_at_ms, summary = excluded.summary",
                )?
                .execute(params![run.0, at_ms, to_json(&summary)?])?;
            Ok(())
        })
        .await
    }

    async fn last_run(&self) -> Result<Option<(RunId, RunSummary)>> {
        self.read("read_last_run", |transaction| {
            let last: Option<(String, String)> = transaction
                .prepare_cached(
                    "SELECT id, summary FROM run WHERE finished_at_ms IS NOT NULL
                     ORDER BY finished_at_ms DESC, place DESC LIMIT 1",
                )?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            last.map(|(id, summary)| Ok((RunId(id), from_json(&summary, "the figures of a run")?))).transpose()
        })
        .await
    }

    async fn set_query_log(&self, input_hash: &str, mined: &MinedQueryLog) -> Result<()> {
        let (input_hash, mined) = (input_hash.to_owned(), mined.clone());
        self.write("store_query_log", move |transaction| {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO query_log VALUES (1, ?1, ?2)")?
                .execute([input_hash, to_json(&mined)?])?;
            super::inbox::store_usage(transaction, &mined.usage.totals)
        })
        .await
    }

    async fn query_log(&self) -> Result<Option<(String, MinedQueryLog)>> {
        self.read("read_query_log", |transaction| {
            let stored: Option<(String, String)> = transaction
                .prepare_cached("SELECT input_hash, mined FROM query_log")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            stored.map(|(hash, mined)| Ok((hash, from_json(&mined, "the mined query log")?))).transpose()
        })
        .await
    }
}
