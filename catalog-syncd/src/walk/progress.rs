//! Who watches a walk.

/// Hears how far a walk has come. Called often; must be cheap and must not block.
pub trait Progress: Send + Sync {
    /// A stage begins; `total` items are known so far, `None` when that is open.
    fn stage(&self, name: &'static str, total: Option<u64>);
    /// `n` more items of the stage are done.
    fn advance(&self, n: u64);
    /// The walk ended.
    fn finish(&self);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn stage(&self, _name: &'static str, _total: Option<u64>) {}
    fn advance(&self, _n: u64) {}
    fn finish(&self) {}
}
