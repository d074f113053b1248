//! What each stage saw of one table. Nothing here holds a raw value.

use std::collections::BTreeMap;

use catalog_core::model::{
    AuditRow, Draft, ForeignKey, ParkedTable, PiiVerdict, PromptSample, Proposal, Table, TableProfile,
};
use catalog_core::ports::ledger::{AuditFilter, ProposalFilter};
use catalog_core::{Error, ErrorKind, Result};
use catalog_pii::QuasiIdentifier;
use serde::Serialize;

use super::Desk;

/// All that is known of one table.
#[derive(Serialize)]
pub struct Explanation {
    /// Its name.
    pub fqn: String,
    /// Its schema when it was last walked; `None` when it never got so far.
    pub discover: Option<Table>,
    /// Its profile.
    pub profile: Option<TableProfile>,
    /// Verdicts, one a column.
    pub vote: Vec<PiiVerdict>,
    /// Columns that together single a person out, though none is flagged for that: each with what it tells.
    pub quasi_identifiers: BTreeMap<String, QuasiIdentifier>,
    /// Public codes, one list a column.
    pub public_codes: Vec<Vec<String>>,
    /// What a describer may see of its rows.
    pub prompt_sample: Option<PromptSample>,
    /// Keys of which it is the child.
    pub relate: Vec<ForeignKey>,
    /// Its latest description.
    pub describe: Option<Draft>,
    /// The text that the index holds for it.
    pub index: Option<String>,
    /// Why it is parked, if it is.
    pub parked: Option<ParkedTable>,
    /// Its proposals.
    pub proposals: Vec<Proposal>,
    /// Its audit rows.
    pub audit: Vec<AuditRow>,
}

impl Desk {
    /// Explains the table of that name, or the only one whose name ends so.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` when several names end so.
    pub async fn explain(&self, name: &str) -> Result<Explanation> {
        let table = self.named(name).await?;
        let parked = self.ledger.parked_table(&table.id).await?;
        let Some(state) = self.ledger.state(&table.id).await? else {
            // A table whose first look failed has no state, and a reason.
            let gone = || Error::new(ErrorKind::NotFound, "find_table", "the table was forgotten a moment ago");
            return parked.map(Explanation::of_parked).ok_or_else(|| gone().with("name", name));
        };
        let fqn = state.table.fqn().clone();
        let filter = ProposalFilter { table: Some(fqn.clone()), ..ProposalFilter::default() };
        let proposals = self.ledger.proposals(&filter).await?;
        let audit = self.ledger.audit(&AuditFilter { table: Some(fqn.clone()), ..AuditFilter::default() }).await?;
        Ok(Explanation {
            fqn: fqn.to_string(),
            parked,
            quasi_identifiers: catalog_pii::quasi_identifiers_of(&state.table, state.profile.as_ref()),
            discover: Some(state.table),
            profile: state.profile,
            vote: state.verdicts,
            public_codes: state.public_codes,
            prompt_sample: state.sample,
            relate: state.keys,
            describe: state.draft,
            index: state.indexed_text,
            proposals,
            audit,
        })
    }
}

impl Explanation {
    fn of_parked(parked: ParkedTable) -> Self {
        Self {
            fqn: parked.table.fqn.to_string(),
            discover: None,
            profile: None,
            vote: Vec::new(),
            quasi_identifiers: BTreeMap::new(),
            public_codes: Vec::new(),
            prompt_sample: None,
            relate: Vec::new(),
            describe: None,
            index: None,
            parked: Some(parked),
            proposals: Vec::new(),
            audit: Vec::new(),
        }
    }
}
