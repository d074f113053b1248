//! Work on a blocking thread that ends by its deadline, or soon after nobody waits for it any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use catalog_core::{Error, ErrorKind, Result};

/// Tells running work when to stop.
#[derive(Clone)]
pub(super) struct StopSign {
    abandoned: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl StopSign {
    /// Should the work stop now? Cheap enough for every thousandth row.
    pub(super) fn is_up(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed) || self.deadline.is_some_and(|d| Instant::now() >= d)
    }

    /// The error of work that the sign ended.
    pub(super) fn error(&self, operation: &'static str) -> Error {
        Error::new(ErrorKind::Timeout, operation, "the deadline passed")
            .hint("raise the deadline, or exclude the table")
    }
}

/// Raises the sign when the waiting future is dropped.
struct AbandonOnDrop(Arc<AtomicBool>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs `work` on a blocking thread. A time too far away to be counted is no deadline.
pub(super) async fn run<T: Send + 'static>(
    operation: &'static str,
    deadline: Option<Duration>,
    work: impl FnOnce(&StopSign) -> Result<T> + Send + 'static,
) -> Result<T> {
    let abandoned = Arc::new(AtomicBool::new(false));
    let _guard = AbandonOnDrop(abandoned.clone());
    let sign = StopSign { abandoned, deadline: deadline.and_then(|d| Instant::now().checked_add(d)) };
    let task = tokio::task::spawn_blocking(move || if sign.is_up() { Err(sign.error(operation)) } else { work(&sign) });
    match task.await {
        Ok(result) => result,
        Err(e) => Err(Error::new(ErrorKind::Internal, operation, "the reading thread ended abruptly").caused_by(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_past_its_deadline_is_told_to_stop() {
        let error = run::<()>("scan_table", Some(Duration::ZERO), |_| Ok(())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_told_to_stop() {
        let (told, was_told) = std::sync::mpsc::channel();
        let (started, has_started) = tokio::sync::oneshot::channel();
        let waiting = tokio::spawn(run("scan_table", None, move |sign| {
            let _ = started.send(());
            while !sign.is_up() {
                std::thread::yield_now();
            }
            let _ = told.send(());
            Ok(())
        }));
        has_started.await.unwrap();
        waiting.abort();
        tokio::task::spawn_blocking(move || was_told.recv()).await.unwrap().unwrap();
    }
}
