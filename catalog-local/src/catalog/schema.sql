-- The embedded catalog, version 1. The application id says that the file is ours ("AKKO").
PRAGMA application_id = 0x414B4B4F;
PRAGMA user_version = 1;

CREATE TABLE entry (
    table_id      TEXT PRIMARY KEY,
    fqn           TEXT NOT NULL,
    version       INTEGER NOT NULL,
    fields        TEXT NOT NULL, -- JSON: [{field, current: {value, by_human}}]
    updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Versions are never used twice, also not by an entry that was forgotten and made anew.
CREATE TABLE last_version (version INTEGER NOT NULL) STRICT;
INSERT INTO last_version VALUES (0);
