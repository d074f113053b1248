//! Fresh ids, injected so that tests can name them.

/// Makes ids that sort by creation and never repeat.
pub trait Ids: Send + Sync {
    /// A new id.
    fn next(&self) -> String;
}
