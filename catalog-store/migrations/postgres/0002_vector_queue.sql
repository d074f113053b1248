-- What the vector index still has to hear of: one task a table, the newest.
CREATE SEQUENCE vector_place;
CREATE TABLE vector_queue (
    place    bigint PRIMARY KEY DEFAULT nextval('vector_place'),
    table_id text NOT NULL UNIQUE,
    task     text NOT NULL
);
