//! Notes, runs and the mined query log in Postgres.

use catalog_core::Result;
use catalog_core::model::{MinedQueryLog, RunId, RunSummary};
use catalog_core::ports::ledger::check_note;

use super::transact::{reading, writing};
use super::{PostgresLedger, text};
use crate::stored::{from_json, to_json};

impl PostgresLedger {
    pub(super) async fn read_note(&self, key: &str) -> Result<Option<String>> {
        let found: Option<String> = reading!(self, "read_note", |connection| {
            let note = sqlx::query_scalar("SELECT value FROM note WHERE key = $1").bind(text::stored(key));
            Ok(note.fetch_optional(connection).await?)
        })?;
        Ok(found.map(text::read))
    }

    pub(super) async fn write_note(&self, key: &str, value: &str) -> Result<()> {
        check_note(key, value)?;
        writing!(self, "store_note", |connection| {
            sqlx::query("INSERT INTO note VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
                .bind(text::stored(key))
                .bind(text::stored(value))
                .execute(connection)
                .await?;
            Ok(())
        })
    }

    pub(super) async fn open_run(&self, run: &RunId, at_ms: i64) -> Result<()> {
        writing!(self, "begin_run", |connection| {
            sqlx::query("INSERT INTO run (id, begun_at_ms) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
                .bind(text::stored(&run.0))
                .bind(at_ms)
                .execute(connection)
                .await?;
            Ok(())
        })
    }

    pub(super) async fn close_run(&self, run: &RunId, at_ms: i64, summary: &RunSummary) -> Result<()> {
        writing!(self, "finish_run", |connection| {
            sqlx::query(
                "INSERT INTO run (id, begun_at_ms, finished_at_ms, summary) VALUES ($1, $2, $2, $3)
                 ON CONFLICT (id) DO UPDATE SET
                     finished_at_ms = excluded.finished_at_ms, summary = excluded.summary",
            )
            .bind(text::stored(&run.0))
            .bind(at_ms)
            .bind(to_json(summary)?)
            .execute(connection)
            .await?;
            Ok(())
        })
    }

    pub(super) async fn latest_run(&self) -> Result<Option<(RunId, RunSummary)>> {
        reading!(self, "read_last_run", |connection| {
            let last: Option<(String, String)> = sqlx::query_as(
                "SELECT id, summary FROM run WHERE finished_at_ms IS NOT NULL
                 ORDER BY finished_at_ms DESC, place DESC LIMIT 1",
            )
            .fetch_optional(connection)
            .await?;
            last.map(|(id, summary)| Ok((RunId(text::read(id)), from_json(&summary, "the figures of a run")?)))
                .transpose()
        })
    }

    pub(super) async fn store_query_log(&self, input_hash: &str, mined: &MinedQueryLog) -> Result<()> {
        writing!(self, "store_query_log", |connection| {
            sqlx::query(
                "INSERT INTO query_log (input_hash, mined) VALUES ($1, $2)
                 ON CONFLICT (only_row) DO UPDATE SET input_hash = excluded.input_hash, mined = excluded.mined",
            )
            .bind(text::stored(input_hash))
            .bind(to_json(mined)?)
            .execute(&mut *connection)
            .await?;
            super::inbox::store_usage(connection, &mined.usage.totals).await
        })
    }

    pub(super) async fn read_query_log(&self) -> Result<Option<(String, MinedQueryLog)>> {
        reading!(self, "read_query_log", |connection| {
            let stored: Option<(String, String)> =
                sqlx::query_as("SELECT input_hash, mined FROM query_log").fetch_optional(connection).await?;
            stored.map(|(hash, mined)| Ok((text::read(hash), from_json(&mined, "the mined query log")?))).transpose()
        })
    }
}
