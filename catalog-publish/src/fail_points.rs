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

/// A named place of [`FAIL_POINTS`].
macro_rules! fail_point {
    ($name:literal) => {
        #[cfg(feature = "fail-points")]
        fail::fail_point!($name);
    };
}

pub(crate) use fail_point;
