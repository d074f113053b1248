//! Walks over what the configuration names.

use std::sync::Arc;

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::ports::Ids as _;
use catalog_querylog::IntakeBuffer;

use super::engine::{Expedition, WalkSetup};
use crate::config::Config;
use crate::walk::{QueryLogInput, WalkOptions};
use crate::wiring::{self, Stores, TimeOrderedIds};

/// Opens the configured sources anew for every walk, over stores that stay open.
pub struct LocalSetup {
    config: Config,
    stores: Stores,
    events: Option<Arc<IntakeBuffer>>,
}

impl LocalSetup {
    /// Walks over the sources of the configuration; `events` holds what the engine posted to us.
    pub fn new(config: Config, stores: Stores, events: Option<Arc<IntakeBuffer>>) -> Self {
        Self { config, stores, events }
    }

    /// What was posted since the last run, and the logs that the configuration names.
    fn query_log(&self) -> Result<Option<QueryLogInput>> {
        let config = &self.config;
        let named = wiring::query_logs(config)?;
        let Some(events) = self.events.as_ref().filter(|_| config.passes.querylog) else { return Ok(named) };
        let token = if events.is_empty() { "empty".to_owned() } else { TimeOrderedIds.next() };
        let intake = QueryLogInput::growing("intake", events.clone(), token, config.querylog.queries_max);
        Ok(Some(named.map_or_else(|| intake.clone(), |logs| logs.and(intake.clone()))))
    }
}

#[async_trait]
impl WalkSetup for LocalSetup {
    async fn prepare(&self) -> Result<Expedition> {
        let config = &self.config;
        let (parts, failures) = wiring::parts_over(config, &config.sources.warehouses, &self.stores).await?;
        let query_log = self.query_log()?;
        // What a dead process held was given back when this one started; what is held now is ours.
        let backoff = Some(wiring::backoff(&config.daemon));
        let options = WalkOptions { alone: false, backoff, ..wiring::options(config, false) };
        Ok(Expedition { parts, options, query_log, failures })
    }
}
