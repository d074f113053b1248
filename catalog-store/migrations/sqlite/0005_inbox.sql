-- What the steward's page asks: tables by priority, the same change of many columns, figures.
ALTER TABLE proposal ADD COLUMN group_key TEXT;
CREATE INDEX proposal_by_group ON proposal (state, group_key, confidence, id) WHERE group_key IS NOT NULL;
CREATE INDEX proposal_by_doubt ON proposal (state, kind, confidence, id, created_at_ms);
CREATE INDEX proposal_by_state_and_table ON proposal (state, table_id, kind, confidence, created_at_ms, fqn);

-- Queries that read each table, from the mined query log.
CREATE TABLE table_use (
    fqn     TEXT PRIMARY KEY,
    queries INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT OR REPLACE INTO table_use
    SELECT json_extract(total.value, '$.table'), json_extract(total.value, '$.queries')
    FROM query_log, json_each(query_log.mined, '$.usage.totals') AS total;
