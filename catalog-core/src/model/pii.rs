//! Personal data: what was found, who votes how, and what was decided.

use serde::{Deserialize, Serialize};

use super::{ColumnProfile, DataType, MaskedSample};

/// A kind of personal or secret data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum PiiEntity {
    /// E-mail address.
    Email,
    /// International bank account number (ISO 13616).
    Iban,
    /// Telephone number.
    Phone,
    /// United States social security number.
    UsSsn,
    /// Payment card number (ISO/IEC 7812).
    Card,
    /// French social security number (NIR).
    FrNir,
    /// Business identifier code of a bank (ISO 9362).
    Bic,
    /// IP address.
    IpAddress,
    /// MAC address.
    MacAddress,
    /// Name of a person.
    PersonName,
    /// Postal address or a part that singles out a household.
    PostalAddress,
    /// Date of birth.
    BirthDate,
    /// Identity document, tax or licence number.
    NationalId,
    /// Account, contract or insurance number of a person.
    AccountNumber,
    /// User or login name.
    Username,
    /// Device identifier.
    DeviceId,
    /// Geographic position.
    Geolocation,
    /// Password, token or key.
    Credential,
    /// Gender, height, weight and other measures of a body.
    BodyMeasure,
    /// Number of a business (French SIREN or SIRET): of a person where the business is one.
    CompanyNumber,
    /// Health: diagnoses, findings, treatments (GDPR article 9).
    Health,
    /// Racial or ethnic origin (GDPR article 9).
    Origin,
    /// Religion, politics, orientation, biometrics and what else GDPR article 9 lists.
    SpecialCategory,
    /// What a recogniser of the operator's own finds.
    Custom,
}

/// A special category of GDPR article 9 that has a tag of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpecialCategory {
    /// Health.
    Health,
    /// Racial or ethnic origin.
    Origin,
    /// Any other.
    Other,
}

impl SpecialCategory {
    /// The tag's name below the classification `SpecialCategory`: `Health`, `Origin`, `Other`.
    pub fn tag_name(self) -> &'static str {
        match self {
            Self::Health => "Health",
            Self::Origin => "Origin",
            Self::Other => "Other",
        }
    }
}

impl PiiEntity {
    /// All entities.
    pub const ALL: [Self; 24] = [
        Self::Email,
        Self::Iban,
        Self::Phone,
        Self::UsSsn,
        Self::Card,
        Self::FrNir,
        Self::Bic,
        Self::IpAddress,
        Self::MacAddress,
        Self::PersonName,
        Self::PostalAddress,
        Self::BirthDate,
        Self::NationalId,
        Self::AccountNumber,
        Self::Username,
        Self::DeviceId,
        Self::Geolocation,
        Self::Credential,
        Self::BodyMeasure,
        Self::CompanyNumber,
        Self::Health,
        Self::Origin,
        Self::SpecialCategory,
        Self::Custom,
    ];

    /// The entity of that name as reports spell it (`EMAIL`), in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.as_str().eq_ignore_ascii_case(name))
    }

    /// The entity as it stands in reports and tags.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Iban => "IBAN",
            Self::Phone => "PHONE",
            Self::UsSsn => "US_SSN",
            Self::Card => "CARD",
            Self::FrNir => "FR_NIR",
            Self::Bic => "BIC",
            Self::IpAddress => "IP_ADDRESS",
            Self::MacAddress => "MAC_ADDRESS",
            Self::PersonName => "PERSON_NAME",
            Self::PostalAddress => "POSTAL_ADDRESS",
            Self::BirthDate => "BIRTH_DATE",
            Self::NationalId => "NATIONAL_ID",
            Self::AccountNumber => "ACCOUNT_NUMBER",
            Self::Username => "USERNAME",
            Self::DeviceId => "DEVICE_ID",
            Self::Geolocation => "GEOLOCATION",
            Self::Credential => "CREDENTIAL",
            Self::BodyMeasure => "BODY_MEASURE",
            Self::CompanyNumber => "COMPANY_NUMBER",
            Self::Health => "HEALTH",
            Self::Origin => "ORIGIN",
            Self::SpecialCategory => "SPECIAL_CATEGORY",
            Self::Custom => "CUSTOM",
        }
    }

    /// The placeholder that the masker writes instead of a value: `<EMAIL>`.
    pub fn placeholder(self) -> String {
        format!("<{}>", self.as_str())
    }

    /// OpenMetadata's two levels.
    pub fn sensitivity(self) -> Sensitivity {
        match self {
            Self::Bic
            | Self::IpAddress
            | Self::MacAddress
            | Self::Username
            | Self::DeviceId
            | Self::Geolocation
            | Self::CompanyNumber => Sensitivity::NonSensitive,
            _ => Sensitivity::Sensitive,
        }
    }

    /// The special category that the entity belongs to: it gets this tag beside its level.
    pub fn special_category(self) -> Option<SpecialCategory> {
        match self {
            Self::Health => Some(SpecialCategory::Health),
            Self::Origin => Some(SpecialCategory::Origin),
            Self::SpecialCategory => Some(SpecialCategory::Other),
            _ => None,
        }
    }
}

/// OpenMetadata's `PII` classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sensitivity {
    /// Tag `PII.Sensitive`.
    Sensitive,
    /// Tag `PII.NonSensitive`.
    NonSensitive,
}

/// How many of the sampled cells of a column one recogniser matched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntityHits {
    /// What it recognises.
    pub entity: PiiEntity,
    /// Share of the non-empty cells that are such a value as a whole, 0 to 1.
    pub whole_cell_share: f64,
    /// Share of the non-empty cells that contain one somewhere, 0 to 1.
    pub inside_share: f64,
    /// Was each hit proven by a checksum or an equally strict structure?
    pub checksum: bool,
    /// Share of the non-empty cells that have a possible form which counts only because the column's name speaks of
    /// the entity, 0 to 1. It is no evidence beside the name; a voter on values may abstain for it, never say yes.
    #[serde(default)]
    pub hinted_share: f64,
}

/// A classification tag that the catalog holds on a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogTag {
    /// Its fully qualified name: `PII.Sensitive`.
    pub fqn: String,
    /// Who put it there.
    pub origin: TagOrigin,
}

/// Who put a tag on a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagOrigin {
    /// A person.
    Person,
    /// The catalog's own classification.
    Catalog,
    /// This product: no opinion of anybody else.
    Ours,
}

/// What a voter may know of one column. It holds no raw value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnEvidence {
    /// The column's name.
    pub name: String,
    /// Its logical type.
    pub data_type: DataType,
    /// Its description in the catalog, if any.
    pub description: Option<String>,
    /// Its profile; `None` when no row could be sampled.
    pub profile: Option<ColumnProfile>,
    /// What the recognisers found in the sampled cells.
    pub hits: Vec<EntityHits>,
    /// Non-empty cells that the hits rest on.
    pub cells_seen: usize,
    /// The tags that the catalog holds on the column; empty for a catalog without tags.
    #[serde(default)]
    pub catalog_tags: Vec<CatalogTag>,
}

/// What the voters may know of a table: names, types, shapes, profiles, hit shares and masked rows; never raw.
#[derive(Clone)]
pub struct PiiEvidence {
    /// The table's own name.
    pub table_name: String,
    /// One entry a column, in the table's order.
    pub columns: Vec<ColumnEvidence>,
    /// The masked rows.
    pub masked: MaskedSample,
}

/// One voter's opinion of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// This is personal data.
    Yes,
    /// It is not.
    No,
    /// Cannot tell: nothing seen, or the voter is down. Never counts as "no".
    Abstain,
}

/// One vote, as reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PiiVote {
    /// Who voted: `pattern`, `openmetadata`, `name`, `llm`, `steward`.
    pub voter: String,
    /// Its opinion.
    pub verdict: Verdict,
    /// How sure it is, 0 to 1.
    pub score: f64,
    /// What it takes the column for, when the verdict is yes.
    pub entity: Option<PiiEntity>,
}

/// What the vote decided for a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PiiDecision {
    /// Both sides said yes (or one checksum family alone, where the operator allows that).
    Flagged,
    /// One said yes: a steward decides.
    Disputed,
    /// Both said no.
    Clear,
    /// Nobody said yes and somebody abstained.
    Unknown,
}

impl PiiDecision {
    /// The decision as one lowercase word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flagged => "flagged",
            Self::Disputed => "disputed",
            Self::Clear => "clear",
            Self::Unknown => "unknown",
        }
    }
}

/// The verdict on one column. Whatever is not `Clear` is redacted before any prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PiiVerdict {
    /// The column's name.
    pub column: String,
    /// The decision.
    pub decision: PiiDecision,
    /// What it is taken for, when anybody said yes.
    pub entity: Option<PiiEntity>,
    /// Was it flagged by a checksum family alone?
    pub checksum_alone: bool,
    /// The votes behind it.
    pub votes: Vec<PiiVote>,
}

impl PiiVerdict {
    /// Did any voter say yes? Then no value of the column leaves the process.
    pub fn any_yes(&self) -> bool {
        self.votes.iter().any(|v| v.verdict == Verdict::Yes)
    }
}
