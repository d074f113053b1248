//! The steward's queue by table, by group and in figures, in Postgres.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{TableId, TableTotal};
use catalog_core::ports::ledger::{CoverageRow, Inbox, InboxFilter, InboxRow, ProposalGroup, TallyRow};
use sqlx::{PgConnection, Row as _};

use super::proposals::{self, Row};
use super::transact::reading;
use super::{PostgresLedger, key_of, sql_limit, sql_limit_or_default, text};
use crate::failure::Failure;
use crate::stored::{change_kind, from_json, proposal_state};

/// Replaces the queries of all tables.
pub(super) async fn store_usage(connection: &mut PgConnection, totals: &[TableTotal]) -> Result<(), Failure> {
    sqlx::query("DELETE FROM table_use").execute(&mut *connection).await?;
    let keys: Vec<Vec<u8>> = totals.iter().map(|total| key_of(&total.table.to_string())).collect();
    let queries: Vec<i64> = totals.iter().map(|total| i64::try_from(total.queries).unwrap_or(i64::MAX)).collect();
    sqlx::query("INSERT INTO table_use SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING")
        .bind(keys)
        .bind(queries)
        .execute(connection)
        .await?;
    Ok(())
}

/// Tables by priority. $5 and $6 say where a page begins.
const INBOX: &str = r#"
    WITH by_kind AS (
        SELECT table_id, max(fqn) AS fqn, kind, count(*) AS n, min(confidence) AS least, min(created_at_ms) AS oldest
        FROM proposal
        WHERE state = 'open' AND ($1::text IS NULL OR kind = $1)
          AND ($2::text IS NULL OR strpos(lower(fqn COLLATE "C"), lower($2 COLLATE "C")) > 0)
          AND ($3::float8 IS NULL OR confidence >= $3)
        GROUP BY table_id, kind),
    by_table AS (
        SELECT table_id, max(fqn) AS fqn, json_object_agg(kind, n)::text AS kinds, min(least) AS least,
               min(oldest) AS oldest
        FROM by_kind GROUP BY table_id),
    keyed AS (
        SELECT by_table.*, (SELECT fqn_key FROM proposal p WHERE p.table_id = by_table.table_id AND p.state = 'open'
                            AND p.fqn = by_table.fqn LIMIT 1) AS fqn_key
        FROM by_table),
    ranked AS (
        SELECT keyed.*, coalesce(queries, 0) AS queries,
               (1.0::float8 + coalesce(queries, 0)) * (1.0::float8 - least) AS priority
        FROM keyed LEFT JOIN table_use USING (fqn_key))
    SELECT table_id, fqn, kinds, least, queries, oldest FROM ranked
    WHERE $4::float8 IS NULL OR priority < $4 OR priority = $4 AND table_id > $5
    ORDER BY priority DESC, table_id LIMIT $6"#;

const GROUPS: &str = "
    WITH groups AS (
        SELECT group_key, count(*) AS n, min(confidence) AS least, min(id) AS first
        FROM proposal WHERE state = 'open' AND group_key IS NOT NULL
        GROUP BY group_key HAVING count(*) > 1 ORDER BY n DESC, group_key LIMIT $1)
    SELECT id, state, why, decided_by, reason, created_at_ms, operation, groups.group_key, n, least
    FROM groups JOIN proposal ON id = first ORDER BY n DESC, groups.group_key";

const TALLY: &str = r#"
    SELECT kind, state, floor(confidence * 10)::int AS tenths, count(*), min(created_at_ms)
    FROM proposal GROUP BY 1, 2, 3 ORDER BY kind COLLATE "C", state COLLATE "C", tenths"#;

/// Descriptions by domain. A document with an escaped NUL is not looked into: Postgres could not give its text.
const COVERAGE: &str = r#"
    WITH waiting AS (SELECT DISTINCT table_id FROM proposal WHERE state = 'open' AND kind = 'description'),
    refused AS (
        SELECT table_id, operation::json -> 'after' ->> 'text' AS text FROM proposal
        WHERE state = 'rejected' AND kind = 'description' AND strpos(operation, '\u0000') = 0),
    placed AS (
        SELECT DISTINCT ON (table_id) table_id, operation::json -> 'after' ->> 'tag' AS domain FROM proposal
        WHERE state = 'accepted' AND kind = 'domain' AND strpos(operation, '\u0000') = 0
        ORDER BY table_id, created_at_ms DESC, id DESC),
    stands AS (
        SELECT coalesce(placed.domain, place) AS name, waiting.table_id IS NOT NULL AS proposed,
               described OR draft IS NOT NULL AND NOT EXISTS (
                   SELECT 1 FROM refused r WHERE r.table_id = s.table_id AND r.text = s.draft) AS described
        FROM table_state s LEFT JOIN placed USING (table_id) LEFT JOIN waiting USING (table_id))
    SELECT name, count(*) FILTER (WHERE described AND NOT proposed), count(*) FILTER (WHERE proposed),
           count(*) FILTER (WHERE NOT described AND NOT proposed)
    FROM stands GROUP BY name ORDER BY count(*) DESC, name COLLATE "C" LIMIT $1"#;

#[async_trait]
impl Inbox for PostgresLedger {
    async fn inbox(&self, filter: &InboxFilter) -> Result<Vec<InboxRow>> {
        reading!(self, "list_inbox", |connection| {
            let rows: Vec<(String, String, String, f64, i64, i64)> = sqlx::query_as(INBOX)
                .bind(filter.kind.map(|kind| kind.as_str()))
                .bind(filter.name_holds.as_deref().map(text::stored))
                .bind(filter.confidence_min)
                .bind(filter.after.as_ref().map(|after| after.priority))
                .bind(filter.after.as_ref().map(|after| text::stored(&after.table.0)))
                .bind(sql_limit_or_default(filter.limit))
                .fetch_all(connection)
                .await?;
            rows.into_iter()
                .map(|(table, fqn, kinds, confidence_min, queries, oldest_ms)| {
                    Ok(InboxRow {
                        table: TableId(text::read(table)),
                        fqn: text::read(fqn).parse()?,
                        kinds: from_json(&kinds, "the kinds of proposals")?,
                        confidence_min,
                        queries: queries.unsigned_abs(),
                        oldest_ms,
                    })
                })
                .collect::<Result<Vec<_>, Failure>>()
        })
    }

    async fn groups(&self, limit: usize) -> Result<Vec<ProposalGroup>> {
        reading!(self, "list_groups", |connection| {
            let rows = sqlx::query(GROUPS).bind(sql_limit(limit)).fetch_all(connection).await?;
            rows.into_iter()
                .map(|row| {
                    let first: Row = (
                        row.try_get(0)?,
                        row.try_get(1)?,
                        row.try_get(2)?,
                        row.try_get(3)?,
                        row.try_get(4)?,
                        row.try_get(5)?,
                        row.try_get(6)?,
                    );
                    Ok(ProposalGroup {
                        first: proposals::from_row(first)?,
                        key: row.try_get(7)?,
                        tables: row.try_get::<i64, _>(8)?.unsigned_abs(),
                        confidence_min: row.try_get(9)?,
                    })
                })
                .collect::<Result<Vec<_>, Failure>>()
        })
    }

    async fn coverage(&self, limit: usize) -> Result<Vec<CoverageRow>> {
        reading!(self, "count_coverage", |connection| {
            let rows: Vec<(String, i64, i64, i64)> =
                sqlx::query_as(COVERAGE).bind(sql_limit(limit)).fetch_all(connection).await?;
            let row = |(name, described, proposed, cold): (String, i64, i64, i64)| CoverageRow {
                name: text::read(name),
                described: described.unsigned_abs(),
                proposed: proposed.unsigned_abs(),
                cold: cold.unsigned_abs(),
            };
            Ok(rows.into_iter().map(row).collect())
        })
    }

    async fn tally(&self) -> Result<Vec<TallyRow>> {
        reading!(self, "tally_proposals", |connection| {
            let rows: Vec<(String, String, i32, i64, i64)> = sqlx::query_as(TALLY).fetch_all(connection).await?;
            rows.into_iter()
                .map(|(kind, state, tenths, proposals, oldest_ms)| {
                    Ok(TallyRow {
                        kind: change_kind(&kind)?,
                        state: proposal_state(&state)?,
                        tenths: u8::try_from(tenths).unwrap_or(u8::MAX),
                        proposals: proposals.unsigned_abs(),
                        oldest_ms,
                    })
                })
                .collect::<Result<Vec<_>, Failure>>()
        })
    }
}
