//! Named places at which a test lets the process die. They are in debug builds alone: the tests of the whole
//! workspace need no second build for them, and a release holds nothing of them.
//!
//! | point | the process has just |
//! | --- | --- |
//! | `publish::before_read` | claimed a table's operations |
//! | `publish::before_write` | read the catalog, and will write |
//! | `publish::after_write` | written to the catalog, without a receipt |
//! | `publish::before_receipt` | seen the value in the catalog, without a receipt |
//! | `publish::after_receipt` | recorded receipt and audit row |
//! | `publish::after_withdraw` | taken an operation out of the outbox |
//! | `undo::before_decision` | proposed what undoes an operation |
//! | `undo::after_decision` | sent it to the outbox |
//! | `index::before_embed` | read the queue of vectors |
//! | `index::before_upsert` | embedded a batch |
//! | `index::after_upsert` | written a batch to the index |
//! | `index::after_noted` | noted in the ledger what the index holds |
//! | `index::before_switch` | filled a new generation, which no reader sees |

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use catalog_core::{Error, ErrorKind, Result};

/// The names above, for a test that goes through all of them.
pub const FAIL_POINTS: [&str; 13] = [
    "publish::before_read",
    "publish::before_write",
    "publish::after_write",
    "publish::before_receipt",
    "publish::after_receipt",
    "publish::after_withdraw",
    "undo::before_decision",
    "undo::after_decision",
    "index::before_embed",
    "index::before_upsert",
    "index::after_upsert",
    "index::after_noted",
    "index::before_switch",
];

/// The point at which this process dies, and how many times it is passed before.
static ARMED: OnceLock<(String, AtomicUsize)> = OnceLock::new();

/// Lets the process die, as by a kill, when it reaches a point: for the child process of a crash test. `point` is one
/// of `known`, or `NAME@N` to die when it is reached for the N-th time. A release build dies nowhere.
///
/// # Errors
/// `InvalidInput` when there is no such point, or when another one is set already.
pub fn abort_at(point: &str, known: &[&str]) -> Result<()> {
    let refused = |why: &str| Error::new(ErrorKind::InvalidInput, "set_fail_point", why).with("fail_point", point);
    let (name, times) = point.split_once('@').unwrap_or((point, "1"));
    if !known.contains(&name) {
        return Err(refused("there is no such point").hint("take one of the listed fail points"));
    }
    let before = times.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let before = before.ok_or_else(|| refused("it has to be reached at least once"))?;
    ARMED.set((name.to_owned(), AtomicUsize::new(before))).map_err(|_| refused("another point is set"))
}

/// The process is at this point; see [`fail_point!`](crate::fail_point).
pub fn reached(point: &str) {
    if let Some((name, before)) = ARMED.get()
        && name == point
        && before.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_err()
    {
        std::process::abort();
    }
}

/// A named place at which a test lets the process die; nothing in a release build.
#[macro_export]
macro_rules! fail_point {
    ($name:literal) => {
        if cfg!(debug_assertions) {
            $crate::fail_points::reached($name);
        }
    };
}

#[cfg(test)]
mod tests {
    use super::{FAIL_POINTS, abort_at};

    #[test]
    fn every_point_in_the_code_is_listed_and_every_listed_one_is_there() {
        let code = [
            include_str!("outbound.rs"),
            include_str!("undo/apply.rs"),
            include_str!("vectors.rs"),
            include_str!("milvus/index.rs"),
        ];
        let names = code.iter().flat_map(|text| text.split("fail_point!(\"").skip(1));
        let mut found: Vec<&str> = names.filter_map(|rest| rest.split('"').next()).collect();
        found.sort_unstable();
        found.dedup();
        let mut listed = FAIL_POINTS.to_vec();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }

    #[test]
    fn a_point_that_is_not_there_is_refused() {
        for wrong in ["publish::nowhere", "publish::before_read@0", "publish::before_read@often"] {
            assert!(abort_at(wrong, &FAIL_POINTS).is_err(), "{wrong}");
        }
    }
}
