//! The Postgres ledger keeps the contract that every ledger keeps.

use crate::schema::Fresh;

catalog_testkit::ledger_suite!(Fresh::new().await);
