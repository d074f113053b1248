-- Names in a column of their own, so that what neighbours need of a table is read without its wide documents.
ALTER TABLE table_state ADD COLUMN table_ref TEXT NOT NULL DEFAULT '';
UPDATE table_state SET table_ref = json_extract(walked, '$.table.table_ref');

ALTER TABLE parked ADD COLUMN source TEXT NOT NULL DEFAULT '';
UPDATE parked SET source = json_extract(parked, '$.table.source');
CREATE INDEX parked_by_source ON parked (source, table_id);

-- Orders a source's queued tables by id, for paging.
DROP INDEX work_queue_by_source;
CREATE INDEX work_queue_by_source ON work_queue (source, table_id);

-- A postponed item is not leased before this time.
ALTER TABLE work_queue ADD COLUMN not_before_ms INTEGER;

-- Which drainer holds the operation, and until when.
ALTER TABLE outbox ADD COLUMN claim_fence INTEGER;
ALTER TABLE outbox ADD COLUMN claim_until_ms INTEGER;
CREATE INDEX outbox_by_claim ON outbox (claim_fence, table_id) WHERE fate = 'pending' AND claim_fence IS NOT NULL;
