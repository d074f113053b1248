//! The ledger in memory keeps the contract of every queue of vectors.

mod contract {
    catalog_testkit::vector_queue_suite!((catalog_core::memory::MemoryLedger::default(), ()));
}
