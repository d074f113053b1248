-- Who holds a task for the index, and until when. Both columns are new and may be empty, so a program of the version
-- before works beside this one.
ALTER TABLE vector_queue ADD COLUMN claim_fence bigint;
ALTER TABLE vector_queue ADD COLUMN claim_until_ms bigint;
CREATE INDEX vector_queue_by_claim ON vector_queue (claim_fence) WHERE claim_fence IS NOT NULL;
