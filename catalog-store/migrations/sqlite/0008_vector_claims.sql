-- Who holds a task for the index, and until when.
ALTER TABLE vector_queue ADD COLUMN claim_fence INTEGER;
ALTER TABLE vector_queue ADD COLUMN claim_until_ms INTEGER;
CREATE INDEX vector_queue_by_claim ON vector_queue (claim_fence) WHERE claim_fence IS NOT NULL;
