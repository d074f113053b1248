//! Plan, decide, guarded write, receipt; and the flat vector index.
