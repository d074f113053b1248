//! Table states, runs and the mined query log in SQLite.

use std::collections::BTreeSet;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{ForeignKey, MinedQueryLog, ParkedTable, RunId, RunSummary, SourceId, TableId, TableState};
use catalog_core::ports::ledger::{GateRow, TableStates, check_note};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::stored::{from_json, to_json};
use super::{SqliteLedger, sql_limit};
use crate::failure::Failure;
use crate::seal::Seal;

const COLUMNS: &str = "table_id, walked, keys, indexed_text, fingerprints";

/// Stores a state, with its fingerprints sealed. What has a column of its own stays out of the document.
pub(super) fn store(transaction: &Transaction<'_>, seal: &Seal, mut state: TableState) -> Result<(), Failure> {
    let names = &state.table.table_ref;
    let (id, source) = (names.id.clone(), names.source.clone());
    let fingerprints = seal.seal_fingerprints(&id, &std::mem::take(&mut state.fingerprints))?;
    let keys = to_json(&std::mem::take(&mut state.keys))?;
    let indexed_text = state.indexed_text.take();
    transaction
        .prepare_cached(
            "INSERT INTO table_state
                 (table_id, source, gate, sampled_at_ms, walked, keys, indexed_text, fingerprints)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (table_id) DO UPDATE SET
                 source = excluded.source, gate = excluded.gate, sampled_at_ms = excluded.sampled_at_ms,
                 walked = excluded.walked, keys = excluded.keys, indexed_text = excluded.indexed_text,
                 fingerprints = excluded.fingerprints",
        )?
        .execute(params![
            id.0,
            source.0,
            state.gate,
            state.sampled_at_ms,
            to_json(&state)?,
            keys,
            indexed_text,
            fingerprints
        ])?;
    Ok(())
}

fn from_row(row: &Row<'_>, seal: &Seal) -> Result<TableState, Failure> {
    let id = TableId(row.get(0)?);
    let mut state: TableState = from_json(row.get_ref(1)?.as_str()?, "the state of a table")?;
    state.keys = from_json(row.get_ref(2)?.as_str()?, "the keys of a table")?;
    state.indexed_text = row.get(3)?;
    state.fingerprints = seal.open_fingerprints(&id, row.get_ref(4)?.as_blob()?)?;
    Ok(state)
}

#[async_trait]
impl TableStates for SqliteLedger {
    async fn gates(&self, source: &SourceId) -> Result<Vec<GateRow>> {
        let source = source.clone();
        self.read("read_gates", move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT table_id, gate, sampled_at_ms FROM table_state WHERE source = ?1 ORDER BY table_id",
            )?;
            let rows = statement.query_map([&source.0], |row| {
                Ok(GateRow { id: TableId(row.get(0)?), gate: row.get(1)?, sampled_at_ms: row.get(2)? })
            })?;
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
        let (after, seal) = (after.map_or_else(String::new, |id| id.0.clone()), self.seal.clone());
        self.read("read_table_states", move |transaction| {
            let mut statement = transaction.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM table_state WHERE table_id > ?1 ORDER BY table_id LIMIT ?2"
            ))?;
            let mut rows = statement.query(params![after, sql_limit(limit)])?;
            let mut states = Vec::new();
            while let Some(row) = rows.next()? {
                states.push(from_row(row, &seal)?);
            }
            Ok(states)
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
        let source = source.clone();
        self.read("list_known_tables", move |transaction| {
            let mut ids = BTreeSet::new();
            let mut statement = transaction.prepare_cached(
                "SELECT table_id FROM table_state WHERE source = ?1
                 UNION ALL SELECT table_id FROM work_queue WHERE source = ?1",
            )?;
            for id in statement.query_map([&source.0], |row| row.get(0))? {
                ids.insert(TableId(id?));
            }
            let mut statement = transaction.prepare_cached("SELECT parked FROM parked")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let parked: ParkedTable = from_json(row.get_ref(0)?.as_str()?, "a parked table")?;
                if parked.table.source == source {
                    ids.insert(parked.table.id);
                }
            }
            Ok(ids.into_iter().collect())
        })
        .await
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
            Ok(())
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
