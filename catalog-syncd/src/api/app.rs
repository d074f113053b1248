//! What handlers share.

use std::sync::Arc;
use std::time::Duration;

use catalog_core::model::Language;
use catalog_core::ports::Clock;
use catalog_querylog::IntakeBuffer;
use catalog_querylog::proposals::SemanticModels;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::auth::Gatekeeper;
use super::door::RateLimit;
use super::webhooks::WebhookDoor;
use crate::actions::Desk;
use crate::config::ApiConfig;
use crate::daemon::{Board, Engine};
use crate::observability::Metrics;

/// Everything behind the API.
pub struct AppParts {
    /// The actions.
    pub desk: Desk,
    /// What walks.
    pub engine: Arc<Engine>,
    /// The runs.
    pub board: Arc<Board>,
    /// The figures.
    pub metrics: Arc<Metrics>,
    /// Who may ask.
    pub gatekeeper: Gatekeeper,
    /// Webhooks of the catalog; `None`: switched off.
    pub webhooks: Option<WebhookDoor>,
    /// Query events on their way to the miner; `None`: switched off.
    pub events: Option<Arc<IntakeBuffer>>,
    /// The semantic models that query proposals are compared with; never written.
    pub semantic_models: SemanticModels,
    /// The language of questions and descriptions.
    pub language: Language,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Cancelled when the daemon stops: streams end.
    pub stop: CancellationToken,
}

/// The parts with their limits.
pub struct App {
    pub(crate) parts: AppParts,
    pub(super) rate: RateLimit,
    pub(super) in_flight: Semaphore,
    pub(super) deadline: Duration,
    pub(super) body_bytes_max: usize,
}

impl App {
    /// The application within the operator's limits.
    pub fn new(parts: AppParts, config: &ApiConfig) -> Self {
        Self {
            rate: RateLimit::new(config.requests_per_minute),
            in_flight: Semaphore::new(config.in_flight_max.clamp(1, Semaphore::MAX_PERMITS)),
            deadline: Duration::from_secs(config.deadline_secs),
            body_bytes_max: config.body_bytes_max,
            parts,
        }
    }
}
