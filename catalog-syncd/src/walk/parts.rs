//! What a walk is made of, each part behind its port.

use std::path::PathBuf;
use std::sync::Arc;

use catalog_core::model::{DomainSpec, GlossaryTerm, RunId, SourceId, Table};
use catalog_core::ports::{
    Clock, Enricher, FkMatcher, Ids, KeyCounter, Ledger, MetadataSource, PiiVoter, Profiler, Publisher, QueryCheck,
    QuestionWriter, RawScanner, Sampler, TableScanner,
};
use catalog_llm::{ModelClient, ModelEnricher};
use catalog_pii::{HouseRules, Masker};

use super::index::TableIndex;

/// Told of a run that begins.
pub type RunListener = Arc<dyn Fn(&RunId) + Send + Sync>;

/// One source with what reads its data.
#[derive(Clone)]
pub struct Connection {
    /// Lists tables.
    pub source: Arc<dyn MetadataSource>,
    /// Fetches samples.
    pub sampler: Arc<dyn Sampler>,
    /// Streams rows; `None` where the engine does all the work.
    pub scanner: Option<Arc<dyn TableScanner>>,
    /// Profiles tables.
    pub profiler: Arc<dyn Profiler>,
    /// Counts orphans inside the engine; `None`: rows are streamed and counted here.
    pub counter: Option<Arc<dyn KeyCounter>>,
    /// Says whether a mined query still runs; `None` where no engine can be asked.
    pub query_check: Option<Arc<dyn QueryCheck>>,
    /// Told of each run that begins, so that an engine's own log names it; `None` where nobody asks.
    pub run_begins: Option<RunListener>,
}

/// What the operator says of names and domains, for descriptions.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct HouseWords {
    /// Words and abbreviations with their meaning.
    pub glossary: Vec<GlossaryTerm>,
    /// The domains in which tables are placed; none: no table is placed.
    pub domains: Vec<DomainSpec>,
}

/// Everything that a walk needs.
pub struct Parts {
    /// What survives a crash.
    pub ledger: Arc<dyn Ledger>,
    /// Where changes are published.
    pub publisher: Arc<dyn Publisher>,
    /// The sources.
    pub connections: Vec<Connection>,
    /// Which sources each location on the command line holds now, so that one that left its folder is noticed.
    pub locations: Vec<(String, Vec<SourceId>)>,
    /// Recognises personal data in raw rows.
    pub raw_scanner: Arc<dyn RawScanner>,
    /// Masks raw rows.
    pub masker: Masker,
    /// The side of the vote that reads values.
    pub pattern_voter: Arc<dyn PiiVoter>,
    /// The other, independent side.
    pub second_voter: Arc<dyn PiiVoter>,
    /// The operator's own rules on personal data.
    pub house_rules: HouseRules,
    /// Writes descriptions.
    pub enricher: Arc<dyn Enricher>,
    /// The describer where it is a model: counts what became of the tables. `None` where rules describe.
    pub describer: Option<Arc<ModelEnricher>>,
    /// Counts what the models cost; `None` without models.
    pub models: Option<Arc<ModelClient>>,
    /// The operator's words for descriptions.
    pub words: HouseWords,
    /// Writes the questions of mined queries.
    pub questions: Arc<dyn QuestionWriter>,
    /// Infers keys.
    pub matcher: Arc<dyn FkMatcher>,
    /// Finds tables by words.
    pub index: TableIndex,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn Ids>,
    /// Where to put what does not fit into memory for a while.
    pub scratch: Scratch,
}

/// A folder for what does not fit into memory for a while; made when it is needed.
#[derive(Debug, Clone)]
pub struct Scratch {
    /// The folder.
    pub folder: PathBuf,
    /// Bytes that are held in memory before the folder is used.
    pub held_bytes_max: usize,
}

impl Scratch {
    /// This folder, beside the few mebibytes of memory that a small catalog needs.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder, held_bytes_max: catalog_store::HELD_MAX }
    }
}

impl Parts {
    /// The connection of a source.
    pub(super) fn connection(&self, source: &SourceId) -> Option<&Connection> {
        self.connections.iter().find(|c| c.source.id() == source)
    }

    /// The connection of a table.
    pub(super) fn connection_of(&self, table: &Table) -> Option<&Connection> {
        self.connection(&table.table_ref.source)
    }
}
