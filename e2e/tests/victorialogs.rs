//! Query events in VictoriaLogs.

#![allow(clippy::unwrap_used)]

use e2e::{http, variable};

#[test]
fn an_event_that_was_sent_is_found_again_by_its_id() {
    let url = variable("CATALOG_TEST_VICTORIALOGS_URL").unwrap();
    println!("{}", http::get(&format!("{url}/health")).unwrap());
}
