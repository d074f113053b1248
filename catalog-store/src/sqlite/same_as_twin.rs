//! Whatever is done to them, the SQLite ledger and its in-memory twin give the same answers.

use catalog_core::memory::MemoryLedger;
use catalog_testkit::ledger_suite::twin::{any_call, compare};
use proptest::prelude::*;

use super::tests::{set, tuned};

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_calls_get_the_same_answers(calls in prop::collection::vec(any_call(), 1..80)) {
        let folder = tempfile::tempdir().unwrap();
        // Nothing crashes here, and not waiting for the disk allows many more calls.
        let sqlite = tuned(folder.path(), set("synchronous", 0));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let same = runtime.block_on(compare(&sqlite, &MemoryLedger::default(), &calls));
        prop_assert!(same.is_ok(), "{}", same.unwrap_err());
    }
}
