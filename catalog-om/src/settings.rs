//! How the catalog is reached and what is written to it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use catalog_net::Credential;

/// Where an inferred foreign key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FkAs {
    /// A lineage edge from the parent to the child with `columnsLineage` and a description that says "inferred". It
    /// shows in impact analysis, as if data flowed that way.
    Lineage,
    /// A `FOREIGN_KEY` among the child's `tableConstraints`. With it, constraints that the catalog holds are no longer
    /// taken as declared by a schema, because ours look the same.
    TableConstraint,
}

/// Everything that [`OmClient`](crate::OmClient), [`OmSource`](crate::OmSource) and
/// [`OmPublisher`](crate::OmPublisher) need to know.
#[derive(Clone)]
pub struct OmSettings {
    /// The server: `http://openmetadata:8585`, with or without `/api`.
    pub url: String,
    /// The bot's token, best a file that is read again when it changes.
    pub credential: Credential,
    /// The source's id, part of every table's reference.
    pub source_id: String,
    /// Tables on one page at most; a page beyond `body_bytes_max` is asked for again at half the size.
    pub page_size: usize,
    /// A request takes no longer, its retries included.
    pub deadline: Duration,
    /// A larger answer is abandoned. Read as JSON it takes several times its size of memory.
    pub body_bytes_max: usize,
    /// Attempts of one request, the first included.
    pub attempts_max: u32,
    /// A PEM file of authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Which tables are wanted, see [`Rules`](crate::Rules); empty for all.
    pub include: Vec<String>,
    /// Which of those are not.
    pub exclude: Vec<String>,
    /// Trino's catalog for each of OpenMetadata's services. A Trino service without an entry: its databases are
    /// Trino's catalogs. Any other service needs one.
    pub services: BTreeMap<String, String>,
    /// Changes are asked for from this long before the last one seen, for those that became visible late.
    pub overlap: Duration,
    /// How foreign keys are written; empty for not at all.
    pub fk_as: Vec<FkAs>,
    /// The classification whose tags say what kind of personal data a column holds (`EMAIL`), beside `PII.Sensitive`.
    /// It also marks a PII label as ours. Made when absent.
    pub entity_classification: String,
    /// The classification of domain tags. Made when absent.
    pub domain_classification: String,
    /// The classification of tier tags.
    pub tier_classification: String,
}

impl Default for OmSettings {
    /// A server on the loopback without a credential; pages of 200 tables, 60 s a request, answers of 8 MiB, an
    /// overlap of five minutes, keys as lineage.
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8585/api".to_owned(),
            credential: Credential::None,
            source_id: "openmetadata".to_owned(),
            page_size: 200,
            deadline: Duration::from_secs(60),
            body_bytes_max: 8 << 20,
            attempts_max: 4,
            ca_file: None,
            include: Vec::new(),
            exclude: Vec::new(),
            services: BTreeMap::new(),
            overlap: Duration::from_secs(300),
            fk_as: vec![FkAs::Lineage],
            entity_classification: "PIIEntity".to_owned(),
            domain_classification: "Domain".to_owned(),
            tier_classification: "Tier".to_owned(),
        }
    }
}
