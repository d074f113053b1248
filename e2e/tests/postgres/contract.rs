//! The Postgres ledger keeps the contract that every ledger keeps, and gives the answers of its twin.

use catalog_core::memory::MemoryLedger;
use catalog_testkit::ledger_suite::twin::{any_call, compare};
use proptest::prelude::*;

use crate::schema::Fresh;

catalog_testkit::ledger_suite!(Fresh::new().await);

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_calls_get_the_same_answers(calls in prop::collection::vec(any_call(), 20..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let same = runtime.block_on(async { compare(&*Fresh::new().await, &MemoryLedger::default(), &calls).await });
        prop_assert!(same.is_ok(), "{}", same.unwrap_err());
    }
}

mod vectors {
    use crate::schema::Fresh;

    catalog_testkit::vector_queue_suite!({
        let Fresh { ledger, schema } = Fresh::new().await;
        (ledger, schema)
    });
}
