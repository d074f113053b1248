//! The steward's queue by table, by group and in figures, in SQLite.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{ProposalState, TableId, TableTotal};
use catalog_core::ports::ledger::{CoverageRow, Inbox, InboxFilter, InboxRow, ProposalFilter, ProposalGroup, TallyRow};
use rusqlite::{Transaction, params_from_iter, types::Value};

use super::proposals::{self, conditions};
use super::{SqliteLedger, sql_limit, sql_limit_or_default};
use crate::failure::Failure;
use crate::stored::{change_kind, from_json, proposal_state, to_json};

/// Replaces the queries of all tables.
pub(super) fn store_usage(transaction: &Transaction<'_>, totals: &[TableTotal]) -> Result<(), Failure> {
    transaction.execute("DELETE FROM table_use", [])?;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO table_use
             SELECT json_extract(value, '$.table'), json_extract(value, '$.queries') FROM json_each(?1)",
        )?
        .execute([to_json(&totals)?])?;
    Ok(())
}

/// Tables by priority; the last two conditions say where a page begins.
fn select(filter: &InboxFilter) -> (String, Vec<Value>) {
    let open = ProposalFilter {
        state: Some(ProposalState::Open),
        kind: filter.kind,
        name_holds: filter.name_holds.clone(),
        confidence_min: filter.confidence_min,
        ..ProposalFilter::default()
    };
    let (conditions, mut values) = conditions(&open);
    let mut place = "";
    if let Some(after) = &filter.after {
        place = "WHERE priority < ? OR priority = ? AND table_id > ?";
        values.extend([after.priority.into(), after.priority.into(), after.table.0.clone().into()]);
    }
    values.push(sql_limit_or_default(filter.limit).into());
    let sql = format!(
        "WITH by_kind AS (
             SELECT table_id, max(fqn) AS fqn, kind, count(*) AS n, min(confidence) AS least, min(created_at_ms) AS oldest
             FROM proposal WHERE true{conditions} GROUP BY table_id, kind),
         by_table AS (
             SELECT table_id, max(fqn) AS fqn, json_group_object(kind, n) AS kinds, min(least) AS least,
                    min(oldest) AS oldest
             FROM by_kind GROUP BY table_id),
         ranked AS (
             SELECT by_table.*, coalesce(queries, 0) AS queries, (1.0 + coalesce(queries, 0)) * (1.0 - least) AS priority
             FROM by_table LEFT JOIN table_use USING (fqn))
         SELECT table_id, fqn, kinds, least, queries, oldest FROM ranked {place}
         ORDER BY priority DESC, table_id LIMIT ?"
    );
    (sql, values)
}

/// Descriptions by domain. The index `table_state_coverage` covers the states, and `proposal_by_state_and_table` finds
/// each table's proposals: SQLite makes no index for a materialised table of its own, so a join would be quadratic.
const COVERAGE: &str = "
    WITH stands AS MATERIALIZED (
        SELECT coalesce(
                   (SELECT json_extract(operation, '$.after.tag') FROM proposal p
                    WHERE p.state = 'accepted' AND p.table_id = s.table_id AND p.kind = 'domain'
                    ORDER BY created_at_ms DESC, id DESC LIMIT 1), place) AS name,
               EXISTS (SELECT 1 FROM proposal p WHERE p.state = 'open' AND p.table_id = s.table_id
                   AND p.kind = 'description') AS proposed,
               described OR draft IS NOT NULL AND NOT EXISTS (
                   SELECT 1 FROM proposal p WHERE p.state = 'rejected' AND p.table_id = s.table_id
                   AND p.kind = 'description' AND json_extract(operation, '$.after.text') = s.draft) AS described
        FROM table_state s)
    SELECT name, sum(described AND NOT proposed), sum(proposed), sum(NOT described AND NOT proposed)
    FROM stands GROUP BY name ORDER BY count(*) DESC, name LIMIT ?";

#[async_trait]
impl Inbox for SqliteLedger {
    async fn inbox(&self, filter: &InboxFilter) -> Result<Vec<InboxRow>> {
        let (sql, values) = select(filter);
        self.read("list_inbox", move |transaction| {
            let mut statement = transaction.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut inbox = Vec::new();
            while let Some(row) = rows.next()? {
                inbox.push(InboxRow {
                    table: TableId(row.get(0)?),
                    fqn: row.get_ref(1)?.as_str()?.parse()?,
                    kinds: from_json(row.get_ref(2)?.as_str()?, "the kinds of proposals")?,
                    confidence_min: row.get(3)?,
                    queries: row.get::<_, i64>(4)?.unsigned_abs(),
                    oldest_ms: row.get(5)?,
                });
            }
            Ok(inbox)
        })
        .await
    }

    async fn groups(&self, limit: usize) -> Result<Vec<ProposalGroup>> {
        self.read("list_groups", move |transaction| {
            let sql = format!(
                "WITH groups AS (
                     SELECT group_key, count(*) AS n, min(confidence) AS least, min(id) AS first
                     FROM proposal WHERE state = 'open' AND group_key IS NOT NULL
                     GROUP BY group_key HAVING n > 1 ORDER BY n DESC, group_key LIMIT ?)
                 SELECT {}, groups.group_key, n, least FROM groups JOIN proposal ON id = first
                 ORDER BY n DESC, groups.group_key",
                proposals::COLUMNS
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            let mut rows = statement.query([sql_limit(limit)])?;
            let mut groups = Vec::new();
            while let Some(row) = rows.next()? {
                groups.push(ProposalGroup {
                    first: proposals::from_row(row)?,
                    key: row.get(7)?,
                    tables: row.get::<_, i64>(8)?.unsigned_abs(),
                    confidence_min: row.get(9)?,
                });
            }
            Ok(groups)
        })
        .await
    }

    async fn tally(&self) -> Result<Vec<TallyRow>> {
        self.read("tally_proposals", |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT kind, state, CAST(confidence * 10 AS INTEGER) AS tenths, count(*), min(created_at_ms)
                 FROM proposal GROUP BY kind, state, tenths ORDER BY kind, state, tenths",
            )?;
            let mut rows = statement.query([])?;
            let mut tally = Vec::new();
            while let Some(row) = rows.next()? {
                tally.push(TallyRow {
                    kind: change_kind(row.get_ref(0)?.as_str()?)?,
                    state: proposal_state(row.get_ref(1)?.as_str()?)?,
                    tenths: row.get(2)?,
                    proposals: row.get::<_, i64>(3)?.unsigned_abs(),
                    oldest_ms: row.get(4)?,
                });
            }
            Ok(tally)
        })
        .await
    }

    async fn coverage(&self, limit: usize) -> Result<Vec<CoverageRow>> {
        self.read("count_coverage", move |transaction| {
            let mut statement = transaction.prepare_cached(COVERAGE)?;
            let rows = statement.query_map([sql_limit(limit)], |row| {
                let count = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
                Ok(CoverageRow { name: row.get(0)?, described: count(1)?, proposed: count(2)?, cold: count(3)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}
