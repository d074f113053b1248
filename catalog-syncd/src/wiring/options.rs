//! The options of a walk.

use catalog_core::ports::ConfirmBudget;
use catalog_core::ports::ledger::Backoff;
use catalog_fk::{CrossCatalog, InclusionLimits, KeyOptions};
use catalog_profile::trino::SamplerOptions;
use catalog_publish::{Mode, Policy};

use super::remote_catalog::sampler_options;
use crate::config::{Config, CrossCatalogMode, DaemonConfig, DescribeColumns, LedgerStore, PublishMode};
use crate::walk::{KEYS_VERSION, WalkOptions};

/// The options of a walk.
pub fn options(config: &Config, ignore_declared_keys: bool) -> WalkOptions {
    WalkOptions {
        alone: config.ledger.store == LedgerStore::Sqlite,
        workers: config.sync.workers,
        page_size: config.sync.page_size,
        lease_ms: i64::try_from(config.sync.lease_secs.saturating_mul(1000)).unwrap_or(i64::MAX),
        backoff: None,
        sample: config.sample.request(),
        sampling: sampling(config),
        max_age_ms: i64::from(config.profile.max_age_days) * 24 * 3_600_000,
        prompt_rows: config.prompt.sample_rows,
        language: config.describe.language,
        checksum_alone: config.pii.checksum_alone,
        ignore_declared_keys,
        key_options: format!("{} {:?}", KEYS_VERSION, key_options(config)),
        confirm: ConfirmBudget { checks_max: config.fk.confirm_checks_max, rows_max: config.fk.confirm_rows_max },
        policy: Policy {
            description: mode(config.publish.description),
            column_description: mode(config.publish.column_description),
            pii: mode(config.publish.pii),
            domain: mode(config.publish.domain),
            tier: mode(config.publish.tier),
            key: mode(config.publish.key),
            usage: mode(config.publish.usage),
            propose_below: config.publish.propose_below,
            auto_without_locking: config.publish.auto_without_locking,
        },
        own_users: config.querylog.own_users.iter().map(|user| catalog_querylog::user_hash(user)).collect(),
        query_proposals_max: config.querylog.proposals_max,
        describe: config.passes.describe,
        describe_columns: config.describe.columns == DescribeColumns::Missing,
        pii: config.passes.pii,
        keys: config.passes.keys,
        query_log: config.passes.querylog,
        index: config.passes.index,
    }
}

/// How an engine picks rows; empty where rows are picked here. The defaults say nothing, so that they change no gate.
fn sampling(config: &Config) -> String {
    let options = sampler_options(config);
    let changed = !config.trino.url.is_empty() && options != SamplerOptions::default();
    if changed { format!("{options:?}") } else { String::new() }
}

/// How long the daemon lets a table wait that failed for a while.
pub fn backoff(daemon: &DaemonConfig) -> Backoff {
    let ms = |secs: u64| i64::try_from(secs.saturating_mul(1000)).unwrap_or(i64::MAX);
    Backoff {
        first_ms: ms(daemon.retry_first_secs).max(1),
        max_ms: ms(daemon.retry_max_secs).max(1),
        attempts_max: daemon.retry_attempts,
    }
}

pub(super) fn key_options(config: &Config) -> KeyOptions {
    KeyOptions {
        confirm_score: config.fk.threshold,
        max_orphan_ratio: config.fk.max_orphan_ratio,
        cross_catalog: match config.fk.cross_catalog {
            CrossCatalogMode::Off => CrossCatalog::Off,
            CrossCatalogMode::Pairs => CrossCatalog::Pairs(config.fk.catalog_pairs.clone()),
            CrossCatalogMode::All => CrossCatalog::All,
        },
        inclusion: InclusionLimits { memory_mb: config.fk.memory_mb, ..InclusionLimits::default() },
        ..KeyOptions::default()
    }
}

fn mode(mode: PublishMode) -> Mode {
    match mode {
        PublishMode::Auto => Mode::Auto,
        PublishMode::Review => Mode::Review,
        PublishMode::OmSuggestion => Mode::OmSuggestion,
        PublishMode::Off => Mode::Off,
    }
}
