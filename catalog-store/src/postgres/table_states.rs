//! Table states in Postgres.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{Fingerprint, ForeignKey, MinedQueryLog, RunId, RunSummary, SourceId, TableId, TableState};
use catalog_core::ports::ledger::{CoverageFacts, GateRow, KeyLink, TableLinks, TableStates};
use sqlx::PgConnection;

use super::transact::{reading, writing};
use super::work_queue::ids;
use super::{PostgresLedger, sql_limit, text};
use crate::failure::Failure;
use crate::seal::Seal;
use crate::stored::{from_json, to_json};

/// A state as it is stored: sealed and in documents.
pub(super) struct StateRow {
    id: String,
    source: String,
    table_ref: String,
    gate: String,
    sampled_at_ms: i64,
    walked: String,
    keys: String,
    indexed_text: Option<String>,
    fingerprints: Vec<u8>,
    coverage: CoverageFacts,
}

/// What has a column of its own stays out of the document.
pub(super) fn row(state: &TableState, seal: &Seal) -> Result<StateRow, Failure> {
    let names = &state.table.table_ref;
    let walked = TableState { fingerprints: Vec::new(), keys: Vec::new(), indexed_text: None, ..state.clone() };
    Ok(StateRow {
        id: text::stored(&names.id.0).into_owned(),
        source: text::stored(&names.source.0).into_owned(),
        table_ref: to_json(names)?,
        gate: text::stored(&state.gate).into_owned(),
        sampled_at_ms: state.sampled_at_ms,
        walked: to_json(&walked)?,
        keys: to_json(&state.keys)?,
        indexed_text: state.indexed_text.as_deref().map(|text| text::stored(text).into_owned()),
        fingerprints: seal.seal_fingerprints(&names.id, &state.fingerprints)?,
        coverage: CoverageFacts::of(state),
    })
}

pub(super) async fn store(connection: &mut PgConnection, row: &StateRow) -> Result<(), Failure> {
    sqlx::query(
        "INSERT INTO table_state
             (table_id, source, table_ref, gate, sampled_at_ms, walked, keys, indexed_text, fingerprints, place,
              described, draft)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (table_id) DO UPDATE SET
             source = excluded.source, table_ref = excluded.table_ref, gate = excluded.gate,
             sampled_at_ms = excluded.sampled_at_ms, walked = excluded.walked, keys = excluded.keys,
             indexed_text = excluded.indexed_text, fingerprints = excluded.fingerprints, place = excluded.place,
             described = excluded.described, draft = excluded.draft",
    )
    .bind(&row.id)
    .bind(&row.source)
    .bind(&row.table_ref)
    .bind(&row.gate)
    .bind(row.sampled_at_ms)
    .bind(&row.walked)
    .bind(&row.keys)
    .bind(&row.indexed_text)
    .bind(&row.fingerprints)
    .bind(text::stored(&row.coverage.place))
    .bind(row.coverage.described)
    .bind(row.coverage.draft.as_deref().map(text::stored))
    .execute(connection)
    .await?;
    Ok(())
}

type Facts = (String, String, Option<String>);
const FACTS: &str = "SELECT walked, keys, indexed_text FROM table_state
                     WHERE table_id > $1 ORDER BY table_id LIMIT $2";

fn facts((walked, keys, indexed_text): Facts) -> Result<TableState, Failure> {
    let mut state: TableState = from_json(&walked, "the state of a table")?;
    state.keys = from_json(&keys, "the keys of a table")?;
    state.indexed_text = indexed_text.map(text::read);
    Ok(state)
}

type Whole = (String, String, Option<String>, Vec<u8>);
const WHOLE: &str = "SELECT walked, keys, indexed_text, fingerprints FROM table_state
                     WHERE table_id > $1 ORDER BY table_id LIMIT $2";
const ONE: &str = "SELECT walked, keys, indexed_text, fingerprints FROM table_state WHERE table_id = $1";

fn whole((walked, keys, indexed_text, sealed): Whole, seal: &Seal) -> Result<TableState, Failure> {
    let mut state = facts((walked, keys, indexed_text))?;
    state.fingerprints = seal.open_fingerprints(&state.table.table_ref.id, &sealed)?;
    Ok(state)
}

const LINKS: &str = "SELECT table_ref, keys FROM table_state WHERE table_id > $1 ORDER BY table_id LIMIT $2";

fn links((table, keys): (String, String)) -> Result<TableLinks, Failure> {
    let keys: Vec<ForeignKey> = from_json(&keys, "the keys of a table")?;
    Ok(TableLinks { table: from_json(&table, "the names of a table")?, keys: keys.iter().map(KeyLink::of).collect() })
}

const FINGERPRINTS: &str =
    "SELECT table_id, fingerprints FROM table_state WHERE table_id > $1 ORDER BY table_id LIMIT $2";

fn gate((id, gate, sampled_at_ms): (String, String, i64)) -> GateRow {
    GateRow { id: TableId(text::read(id)), gate: text::read(gate), sampled_at_ms }
}

/// Every table of a source that stands anywhere, after an id, each once. Each part stops at the limit by itself: Postgres
/// would gather all of them before it takes the first.
const KNOWN: &str = "
    (SELECT table_id FROM table_state WHERE source = $1 AND table_id > $2 ORDER BY table_id LIMIT $3)
    UNION (SELECT table_id FROM work_queue WHERE source = $1 AND table_id > $2 ORDER BY table_id LIMIT $3)
    UNION (SELECT table_id FROM parked WHERE source = $1 AND table_id > $2 ORDER BY table_id LIMIT $3)
    ORDER BY table_id LIMIT $3";

fn start(after: Option<&TableId>) -> String {
    after.map_or_else(String::new, |id| text::stored(&id.0).into_owned())
}

impl PostgresLedger {
    async fn known_after(&self, source: &SourceId, after: String, limit: i64) -> Result<Vec<TableId>> {
        reading!(self, "list_known_tables", |connection| {
            let found: Vec<String> = sqlx::query_scalar(KNOWN)
                .bind(text::stored(&source.0))
                .bind(&after)
                .bind(limit)
                .fetch_all(connection)
                .await?;
            Ok(found.into_iter().map(|id| TableId(text::read(id))).collect())
        })
    }

    /// Sets one column of many states, all in one statement; unknown tables are skipped.
    async fn set_column(
        &self,
        step: &'static str,
        sql: &'static str,
        of: Vec<String>,
        values: Result<Vec<String>, Failure>,
    ) -> Result<()> {
        let values = values.map_err(|failure| failure.tell(step, self.connections.place()))?;
        writing!(self, step, |connection| {
            sqlx::query(sql).bind(&of).bind(&values).execute(connection).await?;
            Ok(())
        })
    }
}

#[async_trait]
impl TableStates for PostgresLedger {
    async fn gates(&self, source: &SourceId) -> Result<Vec<GateRow>> {
        reading!(self, "read_gates", |connection| {
            let rows = sqlx::query_as(
                "SELECT table_id, gate, sampled_at_ms FROM table_state WHERE source = $1 ORDER BY table_id",
            );
            let rows: Vec<(String, String, i64)> = rows.bind(text::stored(&source.0)).fetch_all(connection).await?;
            Ok(rows.into_iter().map(gate).collect())
        })
    }

    async fn gates_of(&self, asked: &[TableId]) -> Result<Vec<GateRow>> {
        reading!(self, "read_gates", |connection| {
            let rows = sqlx::query_as("SELECT table_id, gate, sampled_at_ms FROM table_state WHERE table_id = ANY($1)");
            let rows: Vec<(String, String, i64)> = rows.bind(ids(asked.iter())).fetch_all(connection).await?;
            Ok(rows.into_iter().map(gate).collect())
        })
    }

    async fn state(&self, id: &TableId) -> Result<Option<TableState>> {
        reading!(self, "read_table_state", |connection| {
            let found: Option<Whole> = sqlx::query_as(ONE).bind(text::stored(&id.0)).fetch_optional(connection).await?;
            found.map(|row| whole(row, &self.seal)).transpose()
        })
    }

    async fn states(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableState>> {
        reading!(self, "read_table_states", |connection| {
            let rows: Vec<Whole> =
                sqlx::query_as(WHOLE).bind(start(after)).bind(sql_limit(limit)).fetch_all(connection).await?;
            rows.into_iter().map(|row| whole(row, &self.seal)).collect::<Result<Vec<_>, _>>()
        })
    }

    async fn facts(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableState>> {
        reading!(self, "read_table_states", |connection| {
            let rows: Vec<Facts> =
                sqlx::query_as(FACTS).bind(start(after)).bind(sql_limit(limit)).fetch_all(connection).await?;
            let bare = |row| Ok(TableState { sample: None, ..facts(row)? });
            rows.into_iter().map(bare).collect::<Result<Vec<_>, Failure>>()
        })
    }

    async fn links(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<TableLinks>> {
        reading!(self, "read_table_states", |connection| {
            let rows: Vec<(String, String)> =
                sqlx::query_as(LINKS).bind(start(after)).bind(sql_limit(limit)).fetch_all(connection).await?;
            rows.into_iter().map(links).collect::<Result<Vec<_>, _>>()
        })
    }

    async fn fingerprints(&self, after: Option<&TableId>, limit: usize) -> Result<Vec<(TableId, Vec<Fingerprint>)>> {
        reading!(self, "read_table_states", |connection| {
            let rows: Vec<(String, Vec<u8>)> =
                sqlx::query_as(FINGERPRINTS).bind(start(after)).bind(sql_limit(limit)).fetch_all(connection).await?;
            let open = |(id, sealed): (String, Vec<u8>)| {
                let id = TableId(text::read(id));
                let fingerprints = self.seal.open_fingerprints(&id, &sealed)?;
                Ok((id, fingerprints))
            };
            rows.into_iter().map(open).collect::<Result<Vec<_>, Failure>>()
        })
    }

    async fn set_keys(&self, keys: &[(TableId, Vec<ForeignKey>)]) -> Result<()> {
        let values = keys.iter().map(|(_, keys)| to_json(keys)).collect();
        let sql = "UPDATE table_state s SET keys = new.value FROM unnest($1::text[], $2::text[]) AS new (id, value)
                   WHERE s.table_id = new.id";
        self.set_column("store_keys", sql, ids(keys.iter().map(|(id, _)| id)), values).await
    }

    async fn set_indexed(&self, texts: &[(TableId, String)]) -> Result<()> {
        let values = Ok(texts.iter().map(|(_, text)| text::stored(text).into_owned()).collect());
        let sql = "UPDATE table_state s SET indexed_text = new.value
                   FROM unnest($1::text[], $2::text[]) AS new (id, value) WHERE s.table_id = new.id";
        self.set_column("store_indexed_texts", sql, ids(texts.iter().map(|(id, _)| id)), values).await
    }

    async fn known(&self, source: &SourceId) -> Result<Vec<TableId>> {
        self.known_after(source, String::new(), i64::MAX).await
    }

    async fn known_page(&self, source: &SourceId, after: Option<&TableId>, limit: usize) -> Result<Vec<TableId>> {
        self.known_after(source, start(after), sql_limit(limit)).await
    }

    async fn forget(&self, gone: &[TableId]) -> Result<()> {
        let gone = ids(gone.iter());
        writing!(self, "forget_tables", |connection| {
            for sql in [
                "DELETE FROM table_state WHERE table_id = ANY($1)",
                "DELETE FROM work_queue WHERE table_id = ANY($1)",
                "DELETE FROM parked WHERE table_id = ANY($1)",
                "UPDATE proposal SET state = 'superseded' WHERE table_id = ANY($1) AND state = 'open'",
                "UPDATE outbox SET fate = 'withdrawn', withdrawn_because = 'the table is gone'
                 WHERE table_id = ANY($1) AND fate = 'pending'",
            ] {
                sqlx::query(sql).bind(&gone).execute(&mut *connection).await?;
            }
            Ok(())
        })
    }

    async fn note(&self, key: &str) -> Result<Option<String>> {
        self.read_note(key).await
    }

    async fn set_note(&self, key: &str, value: &str) -> Result<()> {
        self.write_note(key, value).await
    }

    async fn begin_run(&self, run: &RunId, at_ms: i64) -> Result<()> {
        self.open_run(run, at_ms).await
    }

    async fn finish_run(&self, run: &RunId, at_ms: i64, summary: &RunSummary) -> Result<()> {
        self.close_run(run, at_ms, summary).await
    }

    async fn last_run(&self) -> Result<Option<(RunId, RunSummary)>> {
        self.latest_run().await
    }

    async fn set_query_log(&self, input_hash: &str, mined: &MinedQueryLog) -> Result<()> {
        self.store_query_log(input_hash, mined).await
    }

    async fn query_log(&self) -> Result<Option<(String, MinedQueryLog)>> {
        self.read_query_log().await
    }
}
