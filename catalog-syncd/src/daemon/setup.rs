//! Walks over what the configuration names.

use std::path::Path;

use async_trait::async_trait;
use catalog_core::Result;

use super::engine::{Expedition, WalkSetup};
use crate::config::Config;
use crate::walk::QueryLogInput;
use crate::wiring::{self, Stores};

/// Opens the configured sources anew for every walk, over stores that stay open.
pub struct LocalSetup {
    config: Config,
    stores: Stores,
}

impl LocalSetup {
    /// Walks over the sources of the configuration.
    pub fn new(config: Config, stores: Stores) -> Self {
        Self { config, stores }
    }
}

#[async_trait]
impl WalkSetup for LocalSetup {
    async fn prepare(&self) -> Result<Expedition> {
        let config = &self.config;
        let (parts, failures) = wiring::parts_over(config, &config.sources.warehouses, &self.stores).await?;
        let log = config.querylog.files.first().filter(|_| config.passes.querylog);
        let query_log =
            log.map(|path| QueryLogInput::file(Path::new(path), config.querylog.queries_max)).transpose()?;
        Ok(Expedition { parts, options: wiring::options(config, false), query_log, failures })
    }
}
