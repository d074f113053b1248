-- Of the tables that wait, the most used are walked first.
ALTER TABLE work_queue ADD COLUMN uses bigint NOT NULL DEFAULT 0;
DROP INDEX work_queue_by_stage;
CREATE INDEX work_queue_by_stage ON work_queue (stage, uses DESC, place);
