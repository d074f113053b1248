//! The index in memory keeps the contract of every index.

use catalog_core::memory::MemoryIndex;
use catalog_testkit::index_suite::DIMENSION;

catalog_testkit::index_suite!((MemoryIndex::new(DIMENSION), ()));
