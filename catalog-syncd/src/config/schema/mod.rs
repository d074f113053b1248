//! The configuration as types. What each key means stands in `default.toml`, and only there.

mod daemon;
mod models;
mod remotes;
mod walk;

use serde::{Deserialize, Serialize};

pub use daemon::{ApiConfig, DaemonConfig, LogConfig, LogFormat, RetentionConfig, ScheduleConfig, TelemetryConfig};
pub use models::{EmbedConfig, LlmConfig, MilvusConfig};
pub use remotes::{EngineConfig, EngineService, LedgerConfig, LedgerStore, OpenmetadataConfig, TrinoConfig};
pub use walk::{
    CrossCatalogMode, CustomRecogniser, DescribeColumns, DescribeConfig, DomainConfig, DomainEntry, EgressConfig, FkAs,
    FkConfig, GlossaryConfig, ListedValues, NumberCheck, PassesConfig, PiiConfig, ProfileConfig, PromptConfig,
    PublishConfig, PublishMode, QuerylogConfig, SampleConfig, SourcesConfig, StateConfig, SyncConfig,
    TableSampleConfig,
};

/// Which set of defaults lies over the default file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Files and Postgres, nothing remote.
    Embedded,
    /// The services of an AKKO namespace.
    Akko,
    /// Those, with personal data and index alone.
    Reduced,
}

/// Every setting, by section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "default.toml documents every key; a second text would drift")]
pub struct Config {
    pub preset: Preset,
    pub state: StateConfig,
    pub egress: EgressConfig,
    pub sources: SourcesConfig,
    pub openmetadata: OpenmetadataConfig,
    pub engine: EngineConfig,
    pub trino: TrinoConfig,
    pub llm: LlmConfig,
    pub embed: EmbedConfig,
    pub milvus: MilvusConfig,
    pub ledger: LedgerConfig,
    pub sync: SyncConfig,
    pub sample: SampleConfig,
    pub profile: ProfileConfig,
    pub describe: DescribeConfig,
    pub prompt: PromptConfig,
    pub glossary: GlossaryConfig,
    pub pii: PiiConfig,
    pub fk: FkConfig,
    pub querylog: QuerylogConfig,
    pub publish: PublishConfig,
    pub passes: PassesConfig,
    pub schedule: ScheduleConfig,
    pub retention: RetentionConfig,
    pub daemon: DaemonConfig,
    pub api: ApiConfig,
    pub log: LogConfig,
    pub telemetry: TelemetryConfig,
    pub domain: DomainConfig,
}
