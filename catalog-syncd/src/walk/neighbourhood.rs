//! What a table's description may draw from other tables.

use std::collections::HashMap;

use catalog_core::Result;
use catalog_core::model::{
    AcceptedExample, ChangeKind, FieldValue, Fqn, KeyFact, KeyStatus, Neighbour, Proposal, ProposalState, TableState,
};
use catalog_core::ports::ledger::{ProposalFilter, TableLinks};

use super::query_log::{Mined, TableUse};
use super::run::Walk;

/// Accepted descriptions that are shown as examples, the latest first.
const EXAMPLES_MAX: usize = 20;

/// The keys into each table, and the descriptions that stewards liked.
#[derive(Default)]
pub(super) struct Neighbourhood {
    /// The tables that refer to a table, with their columns.
    incoming: HashMap<Fqn, Vec<KeyFact>>,
    /// Descriptions that stewards accepted.
    pub(super) examples: Vec<AcceptedExample>,
    /// What people do with the tables that the query log names.
    uses: HashMap<Fqn, TableUse>,
}

impl Walk {
    /// What the descriptions of this run may draw from other tables.
    pub(super) async fn neighbourhood(&self, mined: &Mined) -> Result<Neighbourhood> {
        let uses = self.table_uses(&mined.log, &mined.downstream);
        let mut all = Neighbourhood { uses, ..Neighbourhood::default() };
        self.each_link(|links| all.add(links)).await?;
        all.settle();
        if self.options.describe {
            all.examples = self.accepted_examples().await?;
        }
        Ok(all)
    }

    async fn accepted_examples(&self) -> Result<Vec<AcceptedExample>> {
        let filter = ProposalFilter {
            state: Some(ProposalState::Accepted),
            kind: Some(ChangeKind::Description),
            limit: EXAMPLES_MAX,
            ..ProposalFilter::default()
        };
        let mut examples = Vec::new();
        for proposal in self.parts.ledger.proposals(&filter).await? {
            let Proposal { operation, .. } = proposal;
            let Some(FieldValue::Text(text)) = operation.after else { continue };
            if let Some(state) = self.parts.ledger.state(&operation.table.id).await? {
                let columns = state.table.columns.into_iter().map(|c| c.name).collect();
                examples.push(AcceptedExample { fqn: operation.table.fqn, columns, text, domain: None });
            }
        }
        Ok(examples)
    }
}

impl Neighbourhood {
    /// Takes in the trusted keys of a table.
    fn add(&mut self, links: TableLinks) {
        for key in links.keys.into_iter().filter(|k| k.status != KeyStatus::Proposed) {
            let fact = KeyFact { columns: key.parent.columns, other: links.table.fqn.clone(), outgoing: false };
            self.incoming.entry(key.parent.table).or_default().push(fact);
        }
    }

    /// Puts the keys into an order of their own, whatever order the tables came in.
    fn settle(&mut self) {
        for facts in self.incoming.values_mut() {
            facts.sort_by(|a, b| (&a.other, &a.columns).cmp(&(&b.other, &b.columns)));
        }
    }

    /// What people do with a table.
    pub(super) fn table_use(&self, table: &Fqn) -> Option<&TableUse> {
        self.uses.get(table)
    }

    /// The trusted keys of and into a table.
    pub(super) fn keys(&self, state: &TableState) -> Vec<KeyFact> {
        let outgoing = state.keys.iter().filter(|k| k.status != KeyStatus::Proposed).map(|k| KeyFact {
            columns: k.child.columns.clone(),
            other: k.parent.table.clone(),
            outgoing: true,
        });
        let mut facts: Vec<KeyFact> = outgoing.collect();
        facts.extend(self.incoming.get(state.table.fqn()).into_iter().flatten().cloned());
        facts
    }

    /// The tables at the other end of its keys and upstream of it, each once.
    pub(super) fn neighbours(&self, state: &TableState, keys: &[KeyFact]) -> Vec<Neighbour> {
        let mut names: Vec<&Fqn> = keys.iter().map(|k| &k.other).chain(&state.table.upstream).collect();
        names.retain(|n| *n != state.table.fqn());
        names.sort();
        names.dedup();
        // Names only: a neighbour's text changes in the same run, and a description that depended on it would never
        // come to rest.
        names.into_iter().map(|fqn| Neighbour { fqn: fqn.clone(), description: None }).collect()
    }
}
