//! The real binary dies at each fail point in turn, starts again, and is judged: no table is forgotten (I1), nothing is
//! published twice (I2), every receipt has its audit row (I8), and a further start changes nothing.
//!
//! The points are in debug builds alone, so these tests need no build of their own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod embedded;
mod judge;
mod openmetadata;
#[path = "../sandbox/mod.rs"]
mod sandbox;
mod undo;

use catalog_publish::fail_points::FAIL_POINTS;
use catalog_syncd::walk::WALK_FAIL_POINTS;

/// Needs a Milvus with generations, which no stand-in plays: `e2e/tests/milvus.rs` lets the process die there.
const LIVE: [&str; 1] = ["index::before_switch"];

#[test]
fn every_fail_point_is_in_the_matrix() {
    let mut covered: Vec<&str> = [&embedded::POINTS[..], &openmetadata::POINTS[..], &undo::POINTS[..], &LIVE[..]]
        .concat()
        .iter()
        .map(|point| point.split('@').next().unwrap())
        .collect();
    covered.sort_unstable();
    covered.dedup();
    let mut all = [&FAIL_POINTS[..], &WALK_FAIL_POINTS[..]].concat();
    all.sort_unstable();
    assert_eq!(covered, all);
}
