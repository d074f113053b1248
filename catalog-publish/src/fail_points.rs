//! Named places at which a test lets the process fail (feature `fail-points`); without the feature they are nothing.
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

/// Lets the process die, as by a kill, when it reaches the point: for the child process of a crash test.
///
/// # Errors
/// `InvalidInput` when there is no such point.
#[cfg(feature = "fail-points")]
pub fn abort_at(name: &str) -> catalog_core::Result<()> {
    use catalog_core::{Error, ErrorKind};
    let refused = |why: &str| Error::new(ErrorKind::InvalidInput, "set_fail_point", why).with("fail_point", name);
    if !FAIL_POINTS.contains(&name) {
        return Err(refused("there is no such point").hint("take one of FAIL_POINTS"));
    }
    fail::cfg_callback(name, || std::process::abort()).map_err(|_| refused("the point cannot be set"))
}

/// A named place of [`FAIL_POINTS`].
macro_rules! fail_point {
    ($name:literal) => {
        #[cfg(feature = "fail-points")]
        fail::fail_point!($name);
    };
}

pub(crate) use fail_point;

#[cfg(test)]
mod tests {
    use super::FAIL_POINTS;

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
}
