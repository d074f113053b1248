//! The catalog's webhooks: verified, told apart from replays, stored, answered.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use catalog_core::model::{EngineName, Fqn, SourceId, TableId, TableRef, WakeReason, WorkItem};
use catalog_core::{Error, ErrorKind, Result};
use catalog_om::{WakeUp, WebhookIntake, WebhookReceiver};

use crate::config::SecretRef;
use crate::daemon::Intake;

/// Events older than this are refused: a recorded body cannot be sent for ever.
const WINDOW_MS: i64 = 24 * 3_600_000;
/// How often the secrets are read again.
const SECRETS_FOR: Duration = Duration::from_secs(60);

/// What a webhook asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called {
    /// Tables that are queued now.
    pub tables: usize,
    /// Does it take a sweep to find what changed?
    pub sweep: bool,
}

/// Takes webhooks in.
pub struct WebhookDoor {
    secret: SecretRef,
    previous: SecretRef,
    own_user: String,
    source: SourceId,
    receiver: Mutex<(Instant, std::sync::Arc<WebhookReceiver>)>,
    seen: Mutex<WebhookIntake>,
    intake: Intake,
}

impl WebhookDoor {
    /// A door for bodies signed with the secret, or with the one before it while it is rotated. Tables belong to that
    /// source; changes of `own_user` do not count.
    ///
    /// # Errors
    /// `Configuration` when a secret cannot be read.
    pub fn new(
        secret: SecretRef,
        previous: SecretRef,
        own_user: String,
        source: SourceId,
        intake: Intake,
    ) -> Result<Self> {
        let receiver = std::sync::Arc::new(read_receiver(&secret, &previous, &own_user)?);
        let receiver = Mutex::new((Instant::now(), receiver));
        Ok(Self {
            secret,
            previous,
            own_user,
            source,
            receiver,
            seen: Mutex::new(WebhookIntake::new(WINDOW_MS)),
            intake,
        })
    }

    /// Takes one request in: the value of its `X-OM-Signature` header and its raw body. What it asks for is durable
    /// when this returns.
    ///
    /// # Errors
    /// `Forbidden`, `InvalidInput` or `LimitExceeded` for a request that is refused for good; `Unavailable` when it
    /// could not be stored and is to be sent again.
    pub async fn receive(&self, signature: Option<&str>, body: &[u8], now_ms: i64) -> Result<Called> {
        let batch = self.receiver().receive(signature, body)?;
        let wake = self.seen.lock().unwrap_or_else(PoisonError::into_inner).take(batch, now_ms);
        let items = self.items(&wake);
        let called = Called { tables: items.len(), sweep: wake.sweep };
        if let Err(error) = self.intake.hand_in(items).await {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).give_back(&wake);
            return Err(Error::new(ErrorKind::Unavailable, "store_webhook", "it could not be stored").caused_by(error));
        }
        Ok(called)
    }

    /// A table that went is looked at, too: the walk finds it gone and forgets it.
    fn items(&self, wake: &WakeUp) -> Vec<WorkItem> {
        let changed = wake.changed.iter().map(|(id, fqn)| (id, fqn.clone()));
        let all = changed.chain(wake.gone.iter().map(|id| (id, None)));
        all.map(|(id, fqn)| WorkItem::new(self.reference(id, fqn), WakeReason::Webhook)).collect()
    }

    /// The engine's name is a first guess: the walk reads the table again and knows it better.
    fn reference(&self, id: &TableId, fqn: Option<Fqn>) -> TableRef {
        let fqn = fqn.unwrap_or_else(|| Fqn::from_parts([id.0.as_str()]));
        let part = |back: usize| fqn.parts().iter().rev().nth(back).cloned().unwrap_or_default();
        let engine = EngineName { catalog: part(2), schema: part(1), table: part(0) };
        TableRef { id: id.clone(), source: self.source.clone(), fqn, engine }
    }

    /// The receiver, with secrets read again from time to time. One that cannot be read leaves the old ones in force.
    fn receiver(&self) -> std::sync::Arc<WebhookReceiver> {
        let mut kept = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0.elapsed() > SECRETS_FOR {
            match read_receiver(&self.secret, &self.previous, &self.own_user) {
                Ok(receiver) => kept.1 = std::sync::Arc::new(receiver),
                Err(error) => tracing::error!(%error, "the webhook secret cannot be read, the old one stays"),
            }
            kept.0 = Instant::now();
        }
        std::sync::Arc::clone(&kept.1)
    }
}

fn read_receiver(secret: &SecretRef, previous: &SecretRef, own_user: &str) -> Result<WebhookReceiver> {
    let current = secret.read()?.ok_or_else(|| {
        Error::new(ErrorKind::Configuration, "read_webhook_secret", "there is none")
            .with("key", "openmetadata.webhook_secret")
    })?;
    WebhookReceiver::new(&current, previous.read()?.as_ref(), Some(own_user).filter(|u| !u.is_empty()))
}
