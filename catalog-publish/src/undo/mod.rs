//! Taking back what was published: an operation, all of a table, or all of a run (promise I14).
//!
//! - [`plan()`]: from audit rows and the catalog as it is now to operations, pure;
//! - [`load`]: the same, reading both;
//! - [`apply`]: sends the operations to the outbox and sees to it that the same change does not come back.
//!
//! A field is restored only if it still holds what we published. What somebody changed since is refused and named. Who
//! undoes is the author of the restored value, so a text that comes back counts as a person's.

mod apply;
mod plan;

pub use apply::{UndoReport, apply, load};
pub use plan::{Refusal, UNDO_VERSION, UndoPlan, UndoScope, UndoStep, WhyNot, plan};
