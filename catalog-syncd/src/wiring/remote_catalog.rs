//! OpenMetadata with Trino behind it: tables are listed and written in one, and read through the other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::{CurrentTable, FieldPath, Operation, OperationId, TableId, TableRef, WriteOutcome};
use catalog_core::ports::{Publisher, PublisherCapabilities};
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{Credential, EgressPolicy, HttpClient, HttpOptions};
use catalog_om::{FkAs, OmClient, OmPublisher, OmSettings, OmSource};
use catalog_profile::trino::{
    CountBudget, Politeness, PolitenessOptions, QuietHours, SamplerOptions, TableRule, TableRules, TrinoClient,
    TrinoKeyCounter, TrinoOptions, TrinoProfileOptions, TrinoProfiler, TrinoQueryCheck, TrinoSampler,
};
use tokio::sync::OnceCell;

use super::machine::SystemClock;
use crate::config::{self, Config, SecretRef};
use crate::walk::Connection;

/// The id of the catalog as a source.
pub const SOURCE: &str = "openmetadata";

/// The catalog's client, asked what the server is when it is first used: a daemon starts also while it is down.
pub struct RemoteCatalog {
    client: OmClient,
    settings: OmSettings,
    publisher: OnceCell<OmPublisher>,
    trino: Arc<TrinoClient>,
    sampling: SamplerOptions,
    profile: TrinoProfileOptions,
    count: CountBudget,
}

impl RemoteCatalog {
    /// The catalog that the configuration names. Nothing is dialled yet.
    ///
    /// # Errors
    /// `Configuration` when Trino is not configured, `InvalidInput` for an address that is none.
    pub(super) fn new(config: &Config, egress: &EgressPolicy) -> Result<Self> {
        let settings = om_settings(config)?;
        Ok(Self {
            client: OmClient::new(&settings, egress)?,
            settings,
            publisher: OnceCell::new(),
            trino: Arc::new(trino_client(config, egress)?),
            sampling: sampler_options(config),
            profile: profile_options(config),
            count: CountBudget {
                checks: u32::try_from(config.fk.confirm_checks_max).unwrap_or(u32::MAX),
                bytes: config.fk.confirm_gib_max.saturating_mul(1 << 30),
                time: Duration::from_secs(config.fk.confirm_secs_max),
                rows_per_check: config.fk.confirm_rows_max,
                ..CountBudget::default()
            },
        })
    }

    /// The catalog as a source for one run: the key counter's budget is the run's.
    ///
    /// # Errors
    /// What asking the server what it is gives; an exclusion rule that cannot be read.
    pub(super) async fn connection(&self) -> Result<Connection> {
        let server = self.client.probe().await?;
        let source = OmSource::new(self.client.clone(), &self.settings, &server)?;
        let trino = Arc::clone(&self.trino);
        let counter = TrinoKeyCounter::new(Arc::clone(&trino), self.count.clone());
        Ok(Connection {
            source: Arc::new(source),
            sampler: Arc::new(TrinoSampler::new(Arc::clone(&self.trino), self.sampling.clone())),
            scanner: None,
            profiler: Arc::new(TrinoProfiler::new(Arc::clone(&self.trino), self.profile.clone())),
            counter: Some(Arc::new(counter.with_tables(self.sampling.tables.clone()))),
            query_check: Some(Arc::new(TrinoQueryCheck::new(Arc::clone(&self.trino)))),
            run_begins: Some(Arc::new(move |run| trino.set_trace_token(&run.0))),
        })
    }

    /// Ends what still runs for us in the engine.
    pub(super) async fn close(&self) {
        self.trino.shutdown().await;
    }

    async fn publisher(&self) -> Result<&OmPublisher> {
        let connect = || async {
            let server = self.client.probe().await?;
            Ok(OmPublisher::new(self.client.clone(), &self.settings, server))
        };
        self.publisher.get_or_try_init(connect).await
    }
}

#[async_trait]
impl Publisher for RemoteCatalog {
    fn capabilities(&self) -> PublisherCapabilities {
        // Until the server was asked it promises nothing, so that nothing is published unseen.
        self.publisher.get().map_or(PublisherCapabilities { optimistic_locking: false }, Publisher::capabilities)
    }

    async fn read(&self, table: &TableRef) -> Result<Option<CurrentTable>> {
        self.publisher().await?.read(table).await
    }

    async fn read_with(&self, table: &TableRef, beside: &[FieldPath]) -> Result<Option<CurrentTable>> {
        self.publisher().await?.read_with(table, beside).await
    }

    async fn write(&self, table: &TableRef, based_on: &CurrentTable, operations: &[Operation]) -> Result<WriteOutcome> {
        self.publisher().await?.write(table, based_on, operations).await
    }

    async fn suggest(&self, table: &TableRef, operations: &[Operation]) -> Result<Vec<OperationId>> {
        self.publisher().await?.suggest(table, operations).await
    }

    async fn table_gone(&self, table: &TableId) -> Result<()> {
        self.publisher().await?.table_gone(table).await
    }
}

/// How tables are sampled in Trino, as configured.
pub(super) fn sampler_options(config: &Config) -> SamplerOptions {
    SamplerOptions {
        with: config.sample.method,
        tables: table_rules(config),
        columns_per_query: config.sample.columns_per_query,
    }
}

fn table_rules(config: &Config) -> TableRules {
    let rule = |rule: &config::TableSampleConfig| TableRule {
        table: rule.table.clone(),
        percent: rule.percent,
        rows_max: rule.rows_max,
        with: rule.method,
        condition: rule.condition.clone(),
    };
    TableRules::new(config.sample.tables.iter().map(rule).collect())
}

/// What Trino is asked of a table, as configured.
pub fn profile_options(config: &Config) -> TrinoProfileOptions {
    let rows = config.profile.scan_rows_max;
    TrinoProfileOptions {
        scan_rows_max: if rows > 0 { rows } else { u64::MAX },
        deadline: Duration::from_secs(config.profile.deadline_secs),
        tables: table_rules(config),
        ..TrinoProfileOptions::default()
    }
}

fn om_settings(config: &Config) -> Result<OmSettings> {
    let section = &config.openmetadata;
    let services = &config.engine.services;
    Ok(OmSettings {
        url: section.url.clone(),
        credential: bearer(&section.token)?,
        source_id: SOURCE.to_owned(),
        page_size: section.page_size,
        deadline: Duration::from_secs(section.deadline_secs),
        ca_file: path(&section.ca_file),
        include: section.include.clone(),
        exclude: section.exclude.clone(),
        services: services.iter().map(|(name, service)| (name.clone(), service.catalog.clone())).collect(),
        overlap: Duration::from_secs(section.overlap_secs),
        fk_as: config.publish.fk_as.iter().map(fk_as).collect(),
        ..OmSettings::default()
    })
}

fn fk_as(place: &config::FkAs) -> FkAs {
    match place {
        config::FkAs::Lineage => FkAs::Lineage,
        config::FkAs::TableConstraint => FkAs::TableConstraint,
    }
}

fn trino_client(config: &Config, egress: &EgressPolicy) -> Result<TrinoClient> {
    let section = &config.trino;
    if section.url.is_empty() {
        return Err(Error::new(
            ErrorKind::Configuration,
            "open_catalog",
            "tables of OpenMetadata are read through Trino",
        )
        .hint("set trino.url"));
    }
    let credential = match section.password.read()? {
        Some(password) => Credential::Basic { user: section.user.clone(), password },
        None => bearer(&section.token)?,
    };
    let http = HttpOptions { credential, ca_file: path(&section.ca_file), ..HttpOptions::default() };
    let politeness = PolitenessOptions {
        concurrent: section.concurrent,
        per_minute: section.per_minute,
        quiet: quiet_hours(&section.quiet_hours)?,
    };
    let options = TrinoOptions {
        user: section.user.clone(),
        scan_bytes_max: (section.scan_bytes_max > 0).then_some(section.scan_bytes_max),
        session: section.session.clone().into_iter().collect(),
        ..TrinoOptions::default()
    };
    let http = HttpClient::new(&section.url, egress, http)?;
    Ok(TrinoClient::new(http, options, Politeness::new(politeness, Arc::new(SystemClock))))
}

/// "22:00-06:00" in UTC; empty for none.
fn quiet_hours(text: &str) -> Result<Option<QuietHours>> {
    if text.is_empty() {
        return Ok(None);
    }
    let minute = |clock: &str| {
        let (hour, minute) = clock.trim().split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let hours =
        text.split_once('-').and_then(|(from, until)| Some(QuietHours { from: minute(from)?, until: minute(until)? }));
    hours.map(Some).ok_or_else(|| {
        Error::new(ErrorKind::Configuration, "read_configuration", "these are no hours")
            .with("key", "trino.quiet_hours")
            .with("hours", text)
            .hint("write them as \"22:00-06:00\", in UTC")
    })
}

/// A bearer token where it is kept: a file is read again when it changes.
pub(super) fn bearer(secret: &SecretRef) -> Result<Credential> {
    match secret.file() {
        Some(file) => Ok(Credential::bearer_file(file)),
        None => Ok(secret.read()?.map_or(Credential::None, Credential::Bearer)),
    }
}

pub(super) fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_minutes_of_the_day_and_nonsense_is_named() {
        assert_eq!(quiet_hours("22:00-06:30").unwrap(), Some(QuietHours { from: 1320, until: 390 }));
        assert_eq!(quiet_hours("").unwrap(), None);
        for wrong in ["22-6", "25:00-06:00", "late", "22:00"] {
            assert_eq!(quiet_hours(wrong).unwrap_err().kind(), ErrorKind::Configuration, "{wrong}");
        }
    }
}
