//! Many small commits made one: whoever hands tables in is answered after they are durable.

use std::sync::Arc;
use std::time::Duration;

use catalog_core::model::{WalkStage, WorkItem};
use catalog_core::ports::Ledger;
use catalog_core::{Error, ErrorKind, Result};
use tokio::sync::{mpsc, oneshot};

/// Items in one commit at most.
const ITEMS_MAX: usize = 10_000;

/// Limits of an intake.
#[derive(Debug, Clone, Copy)]
pub struct IntakeOptions {
    /// How long a hand-over waits for others to share its commit.
    pub wait: Duration,
    /// Hand-overs that may wait.
    pub queue_max: usize,
}

/// A hand-over and who waits for it.
struct HandOver {
    items: Vec<WorkItem>,
    done: oneshot::Sender<Result<()>>,
}

/// Queues tables in the ledger, with one commit for all that came within a moment. Clones share the queue.
#[derive(Clone)]
pub struct Intake {
    sender: mpsc::Sender<HandOver>,
}

impl Intake {
    /// An intake, and the work that serves it: run it as a task. It ends when every clone is dropped, after what was
    /// handed in is stored.
    pub fn new(ledger: Arc<dyn Ledger>, options: IntakeOptions) -> (Self, impl Future<Output = ()> + Send) {
        let (sender, receiver) = mpsc::channel(options.queue_max.max(1));
        (Self { sender }, serve(ledger, receiver, options.wait))
    }

    /// Stores the items; durable when it returns.
    ///
    /// # Errors
    /// `RateLimited` when too many wait already, `Unavailable` when the daemon stops, and the ledger's own.
    pub async fn hand_in(&self, items: Vec<WorkItem>) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let (done, stored) = oneshot::channel();
        self.sender.try_send(HandOver { items, done }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => refusal(ErrorKind::RateLimited, "too much is handed in at once"),
            mpsc::error::TrySendError::Closed(_) => refusal(ErrorKind::Unavailable, "the daemon stops"),
        })?;
        stored.await.unwrap_or_else(|_| Err(refusal(ErrorKind::Unavailable, "the daemon stopped")))
    }
}

fn refusal(kind: ErrorKind, why: &str) -> Error {
    Error::new(kind, "store_changes", why).hint("send it again later; the next sweep finds the change otherwise")
}

async fn serve(ledger: Arc<dyn Ledger>, mut receiver: mpsc::Receiver<HandOver>, wait: Duration) {
    while let Some(first) = receiver.recv().await {
        let mut batch = vec![first];
        let mut size = batch[0].items.len();
        let until = tokio::time::Instant::now() + wait;
        while size < ITEMS_MAX {
            match tokio::time::timeout_at(until, receiver.recv()).await {
                Ok(Some(next)) => {
                    size += next.items.len();
                    batch.push(next);
                }
                Ok(None) | Err(_) => break,
            }
        }
        let items: Vec<WorkItem> = batch.iter_mut().flat_map(|h| std::mem::take(&mut h.items)).collect();
        let outcome = ledger.enqueue(&items, WalkStage::Inspect).await;
        if let Err(error) = &outcome {
            tracing::error!(error.kind = error.kind().as_str(), %error, "changes not stored");
        }
        for hand_over in batch {
            let answer = match &outcome {
                Ok(_) => Ok(()),
                Err(error) => Err(refusal(error.kind(), "the ledger did not take it")),
            };
            // Whoever asked may have gone.
            let _ = hand_over.done.send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use catalog_core::memory::MemoryLedger;
    use catalog_core::ports::ledger::WorkQueue as _;
    use catalog_testkit::samples::work_item;

    use super::*;

    fn options(queue_max: usize) -> IntakeOptions {
        IntakeOptions { wait: Duration::from_millis(2), queue_max }
    }

    #[tokio::test]
    async fn what_was_handed_in_is_stored_when_the_answer_comes() {
        let ledger = Arc::new(MemoryLedger::default());
        let (intake, work) = Intake::new(ledger.clone(), options(10));
        let work = tokio::spawn(work);
        let both = tokio::join!(intake.hand_in(vec![work_item("loan")]), intake.hand_in(vec![work_item("card")]));
        assert!(both.0.is_ok() && both.1.is_ok());
        assert_eq!(ledger.counts().await.unwrap().queued, 2);
        drop(intake);
        work.await.unwrap();
    }

    #[tokio::test]
    async fn a_full_intake_refuses_and_a_stopped_one_says_so() {
        let (intake, work) = Intake::new(Arc::new(MemoryLedger::default()), options(1));
        let waiting = tokio::spawn({
            let intake = intake.clone();
            async move { intake.hand_in(vec![work_item("a")]).await }
        });
        tokio::task::yield_now().await;
        let full = intake.hand_in(vec![work_item("b")]).await.unwrap_err();
        assert_eq!(full.kind(), ErrorKind::RateLimited);
        drop(work);
        assert_eq!(waiting.await.unwrap().unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(intake.hand_in(vec![work_item("c")]).await.unwrap_err().kind(), ErrorKind::Unavailable);
    }

    #[tokio::test]
    async fn ten_thousand_calls_about_fifty_tables_queue_fifty() {
        let ledger = Arc::new(MemoryLedger::default());
        let (intake, work) = Intake::new(ledger.clone(), options(20_000));
        tokio::spawn(work);
        let calls = (0..10_000).map(|i| intake.hand_in(vec![work_item(&format!("t{}", i * 7919 % 50))]));
        assert!(futures_util::future::join_all(calls).await.iter().all(std::result::Result::is_ok));
        assert_eq!(ledger.counts().await.unwrap().queued, 50);
    }
}
