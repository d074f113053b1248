//! Every part of a walk, from configuration to ports.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use catalog_core::model::SourceId;
use catalog_core::ports::{Enricher, PiiVoter, RawScanner};
use catalog_core::{Error, ErrorKind, Result};
use catalog_fk::KeyMatcher;
use catalog_local::describe::RuleEnricher;
use catalog_local::sources::{self, Warehouse};
use catalog_net::EgressPolicy;
use catalog_pii::{
    BesideScanner, CustomRecogniser, HouseNameVoter, HouseRules, HouseRulesConfig, ListedValues, Masker, NumberCheck,
    PatternScanner, PresidioFamilyVoter, PresidioOptions, PresidioScanner, ScannerOptions,
};
use catalog_profile::{ProfileOptions, ScanProfiler};
use catalog_querylog::proposals::RuleQuestions;

use super::allowed::{egress, place, shown};
use super::machine::{SystemClock, TimeOrderedIds};
use super::models::house_words;
use super::options::key_options;
use super::remote_catalog::SOURCE;
use super::stores::{Catalog, Stores, stores};
use crate::config::{self, Config};
use crate::walk::{Connection, Parts, Scratch, SourceFailure};

/// Every part of a walk over the given warehouses, and the locations that could not be opened.
///
/// # Errors
/// As [`stores`]; `Configuration` when two warehouses have the same name or a setting cannot work.
pub async fn parts(config: &Config, locations: &[String]) -> Result<(Parts, Vec<SourceFailure>)> {
    parts_over(config, locations, &stores(config).await?).await
}

/// As [`parts`], over stores that are open already: a daemon opens them once and its sources anew for every sweep, so
/// that files which came or went are seen.
///
/// # Errors
/// As [`parts`].
pub async fn parts_over(config: &Config, locations: &[String], stores: &Stores) -> Result<(Parts, Vec<SourceFailure>)> {
    let egress = egress(config, locations);
    let Opened { mut connections, locations, mut failures } = open(config, locations, &egress).await?;
    if let Catalog::Remote(catalog) = &stores.catalog {
        match catalog.connection().await {
            Ok(connection) => connections.push(connection),
            Err(error) => {
                failures.push(SourceFailure { source: SourceId(SOURCE.to_owned()), stage: "discover", error });
            }
        }
    }
    let models = stores.models.as_deref();
    if let Some(models) = models {
        models.begin_run();
    }
    let describer = models.and_then(|m| m.enricher.clone());
    let enricher: Arc<dyn Enricher> = match &describer {
        Some(model) => Arc::clone(model) as _,
        None => Arc::new(RuleEnricher),
    };
    let rules = house_rules(config)?;
    let names: Arc<dyn PiiVoter> = Arc::new(HouseNameVoter::new(rules.clone()));
    let parts = Parts {
        ledger: stores.ledger.port(),
        publisher: stores.catalog.publisher(),
        connections,
        locations,
        raw_scanner: raw_scanner(config, &egress, &rules)?,
        masker: Masker::default().with_house_rules(rules.clone()),
        pattern_voter: Arc::new(PresidioFamilyVoter),
        second_voter: models.and_then(|m| m.voter.clone()).unwrap_or(names),
        house_rules: rules,
        enricher,
        describer,
        models: models.map(|m| m.client()),
        words: house_words(config),
        questions: models.and_then(|m| m.questions.clone()).unwrap_or_else(|| Arc::new(RuleQuestions)),
        matcher: Arc::new(KeyMatcher::new(key_options(config))),
        index: stores.index.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(TimeOrderedIds),
        scratch: Scratch::in_folder(config.state.dir.clone()),
    };
    Ok((parts, failures))
}

/// The warehouses that could be opened, and those that could not.
struct Opened {
    connections: Vec<Connection>,
    locations: Vec<(String, Vec<SourceId>)>,
    failures: Vec<SourceFailure>,
}

async fn open(config: &Config, locations: &[String], egress: &EgressPolicy) -> Result<Opened> {
    let mut all = Opened { connections: Vec::new(), locations: Vec::new(), failures: Vec::new() };
    let mut names = BTreeSet::new();
    for location in locations {
        let opened = match sources::open(location, egress).await {
            Ok(opened) => opened,
            Err(error) => {
                all.failures.push(SourceFailure { source: SourceId(shown(location)), stage: "discover", error });
                continue;
            }
        };
        let ids: Vec<SourceId> = opened.iter().map(|w| w.source.id().clone()).collect();
        if let Some(twice) = ids.iter().find(|id| !names.insert((*id).clone())) {
            return Err(Error::new(ErrorKind::Configuration, "open_warehouses", "two warehouses have the same name")
                .with("name", twice)
                .hint("a file's name without its ending is its warehouse's name: rename one, or sync them apart"));
        }
        all.locations.push((place(location), ids));
        all.connections.extend(opened.into_iter().map(|w| connection(config, w)));
    }
    Ok(all)
}

fn connection(config: &Config, warehouse: Warehouse) -> Connection {
    let options = ProfileOptions {
        rows_max: (config.profile.scan_rows_max > 0).then_some(config.profile.scan_rows_max),
        deadline: Duration::from_secs(config.profile.deadline_secs),
        ..ProfileOptions::default()
    };
    Connection {
        profiler: Arc::new(ScanProfiler::new(Arc::clone(&warehouse.scanner), options)),
        source: warehouse.source,
        sampler: warehouse.sampler,
        scanner: Some(warehouse.scanner),
        counter: warehouse.counter,
        query_check: None,
        run_begins: None,
    }
}

/// The operator's own rules on personal data.
fn house_rules(config: &Config) -> Result<HouseRules> {
    let entity = |key: &'static str, name: &str| {
        serde_json::from_value(serde_json::Value::String(name.to_owned())).map_err(|_| {
            Error::new(ErrorKind::Configuration, "read_configuration", "this is no entity")
                .with("key", key)
                .with("entity", name)
                .hint("write one of the entities that reports show, or CUSTOM")
        })
    };
    let custom = config.pii.custom.iter().map(|own| {
        let check = own.check.map(|check| match check {
            config::NumberCheck::Luhn => NumberCheck::Luhn,
            config::NumberCheck::Mod97 => NumberCheck::Mod97,
        });
        let (name, pattern, words) = (own.name.clone(), own.pattern.clone(), own.words.clone());
        Ok(CustomRecogniser { name, pattern, entity: entity("pii.custom", &own.entity)?, words, check })
    });
    let listed =
        config.pii.deny_values.iter().map(|list| {
            Ok(ListedValues { entity: entity("pii.deny_values", &list.entity)?, values: list.values.clone() })
        });
    HouseRules::compile(&HouseRulesConfig {
        custom: custom.collect::<Result<_>>()?,
        allow: config.pii.allow.clone(),
        deny: config.pii.deny.clone(),
        allow_values: config.pii.allow_values.clone(),
        deny_values: listed.collect::<Result<_>>()?,
    })
}

/// Our recognisers, with Presidio beside them where a sidecar is configured.
fn raw_scanner(config: &Config, egress: &EgressPolicy, rules: &HouseRules) -> Result<Arc<dyn RawScanner>> {
    let own = Arc::new(PatternScanner::new(ScannerOptions::default()).with_house_rules(rules.clone()));
    if config.pii.presidio_url.is_empty() {
        return Ok(own);
    }
    let sidecar = PresidioScanner::new(&config.pii.presidio_url, egress, PresidioOptions::default())?;
    Ok(Arc::new(BesideScanner::new(own, Arc::new(sidecar))))
}
