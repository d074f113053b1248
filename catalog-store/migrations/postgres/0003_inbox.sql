-- What the steward's page asks: tables by priority, the same change of many columns, figures.
ALTER TABLE proposal ADD COLUMN group_key text COLLATE "C";
CREATE INDEX proposal_by_group ON proposal (state, group_key, id) WHERE group_key IS NOT NULL;
CREATE INDEX proposal_by_doubt ON proposal (state, kind, confidence, id) INCLUDE (created_at_ms);
CREATE INDEX proposal_by_state_and_table ON proposal (state, table_id, kind) INCLUDE (confidence, created_at_ms);

-- Queries that read each table, from the mined query log; filled when the log is mined next.
CREATE TABLE table_use (
    fqn_key bytea PRIMARY KEY,
    queries bigint NOT NULL
);
