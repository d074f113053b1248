//! The ledger: watermark, work queue, proposals, outbox and audit, on SQLite.
