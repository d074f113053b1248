//! The time of day, injected so that tests own it.

/// Tells the time. Never blocks.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970. May step back when the machine's clock does; callers that need order use ids.
    fn now_ms(&self) -> i64;
}
