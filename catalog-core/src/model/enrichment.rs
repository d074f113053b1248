//! What a describer may draw on beside the table itself, and all that it may give back.

use serde::{Deserialize, Serialize};

use super::{Confidence, Draft, Fqn, Neighbour};

/// What else a describer may know: the operator's words, and what is known of other tables. Everything may be empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct DescribeContext<'a> {
    /// Tables of the same schema that are described already.
    pub siblings: &'a [Neighbour],
    /// Descriptions that stewards accepted, best examples first.
    pub examples: &'a [AcceptedExample],
    /// Descriptions that stewards rejected, and why; those that matter most to the table first.
    pub refused: &'a [RefusedExample],
    /// The operator's glossary and acronyms.
    pub glossary: &'a [GlossaryTerm],
    /// The operator's domains; empty when tables are not placed.
    pub domains: &'a [DomainSpec],
    /// Descriptions of other tables, which no draft may repeat.
    pub other_texts: &'a [String],
    /// Describe the columns too that have no description?
    pub describe_columns: bool,
}

/// A word or acronym of the operator's and what it means. A meaning of few words is put in the place of the term
/// wherever names are read ([`Spelling`](super::Spelling)); a longer one is told to models as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlossaryTerm {
    /// The word as it stands in names: `CLI`, `churn`; `SB*` for the beginning of a name's part, `bank.CLI` for the
    /// names below one level or in one table.
    pub term: String,
    /// What it means: `client`.
    pub meaning: String,
}

/// A domain of the operator's, in which tables are placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainSpec {
    /// Its name, as it stands in the tag `Domain.<Name>`.
    pub name: String,
    /// What belongs to it.
    pub description: String,
    /// Names of tables that belong to it.
    pub examples: Vec<String>,
    /// How its tables are to be described; empty for no special way.
    pub instructions: String,
}

/// A description that a steward accepted, with the schema it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedExample {
    /// The table.
    pub fqn: Fqn,
    /// Its columns' names.
    pub columns: Vec<String>,
    /// The accepted sentence.
    pub text: String,
    /// The domain it was placed in, if any.
    pub domain: Option<String>,
}

/// A description that a steward rejected: how not to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedExample {
    /// The table.
    pub fqn: Fqn,
    /// The rejected sentence.
    pub text: String,
    /// The steward's reason.
    pub reason: String,
}

/// All that a describer made of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Enrichment {
    /// The table's description; `None` when the evidence says too little.
    pub draft: Option<Draft>,
    /// What a steward should be asked instead, when the describer could not tell what the table holds.
    pub question: Option<String>,
    /// The domain the table was placed in; `None` when it fits none.
    pub domain: Option<DomainPlacement>,
    /// Descriptions of columns.
    pub columns: Vec<ColumnDraft>,
    /// Why the describer of choice could not be asked, when a stand-in wrote this: the table should be described
    /// again later. `None` when this is its last word.
    pub stand_in: Option<String>,
}

impl From<Option<Draft>> for Enrichment {
    fn from(draft: Option<Draft>) -> Self {
        Self { draft, ..Self::default() }
    }
}

/// The domain that a table belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DomainPlacement {
    /// The domain's name, one of those given.
    pub name: String,
    /// How sure the describer is.
    pub confidence: Confidence,
}

/// A column's description that may become a proposal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnDraft {
    /// The column's name, as the table spells it.
    pub column: String,
    /// The description.
    pub draft: Draft,
}
