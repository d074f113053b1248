//! What a table's description may draw from other tables.

use std::collections::HashMap;

use catalog_core::Result;
use catalog_core::model::{
    AcceptedExample, ChangeKind, FieldValue, Fqn, KeyFact, KeyStatus, Neighbour, Proposal, ProposalState,
    RefusedExample, TableState,
};
use catalog_core::ports::ledger::{ProposalFilter, ProposalOrder, TableLinks};

use super::query_log::{Mined, TableUse};
use super::run::Walk;

/// Accepted descriptions that may be shown as examples, the latest first.
const EXAMPLES_MAX: usize = 20;
/// Rejected descriptions that may be shown as what not to write, the latest first.
const REFUSED_MAX: usize = 100;
/// Placements in a domain that are remembered for choosing among them, the latest first.
const PLACED_MAX: usize = 1_000;

/// The keys into each table, and the descriptions that stewards liked.
#[derive(Default)]
pub(super) struct Neighbourhood {
    /// The tables that refer to a table, with their columns.
    incoming: HashMap<Fqn, Vec<KeyFact>>,
    /// Descriptions that stewards accepted, the latest first.
    accepted: Vec<AcceptedExample>,
    /// Descriptions that stewards rejected, the latest first.
    refused: Vec<RefusedExample>,
    /// The domains that stewards accepted for tables.
    domains: HashMap<Fqn, String>,
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
            all.domains = self.accepted_domains().await?;
            all.accepted = self.accepted_examples(&all.domains).await?;
            all.refused = self.refused_examples().await?;
        }
        Ok(all)
    }

    /// What stewards decided last on changes of a kind.
    async fn decided(&self, state: ProposalState, kind: ChangeKind, limit: usize) -> Result<Vec<Proposal>> {
        let order = ProposalOrder::Newest;
        let filter = ProposalFilter { state: Some(state), kind: Some(kind), order, limit, ..ProposalFilter::default() };
        self.parts.ledger.proposals(&filter).await
    }

    async fn accepted_domains(&self) -> Result<HashMap<Fqn, String>> {
        let mut domains = HashMap::new();
        for Proposal { operation, .. } in self.decided(ProposalState::Accepted, ChangeKind::Domain, PLACED_MAX).await? {
            if let Some(FieldValue::Tag(name)) = operation.after {
                domains.entry(operation.table.fqn).or_insert(name);
            }
        }
        Ok(domains)
    }

    async fn refused_examples(&self) -> Result<Vec<RefusedExample>> {
        let refused = self.decided(ProposalState::Rejected, ChangeKind::Description, REFUSED_MAX).await?;
        let told = |proposal: Proposal| match proposal.operation.after {
            Some(FieldValue::Text(text)) => {
                // Without a reason nobody can learn from it.
                let reason = proposal.reason.filter(|reason| !reason.trim().is_empty())?;
                Some(RefusedExample { fqn: proposal.operation.table.fqn, text, reason })
            }
            _ => None,
        };
        Ok(refused.into_iter().filter_map(told).collect())
    }

    async fn accepted_examples(&self, domains: &HashMap<Fqn, String>) -> Result<Vec<AcceptedExample>> {
        let mut examples = Vec::new();
        for proposal in self.decided(ProposalState::Accepted, ChangeKind::Description, EXAMPLES_MAX).await? {
            let Proposal { operation, .. } = proposal;
            let Some(FieldValue::Text(text)) = operation.after else { continue };
            if let Some(state) = self.parts.ledger.state(&operation.table.id).await? {
                let columns = state.table.columns.into_iter().map(|c| c.name).collect();
                let domain = domains.get(&operation.table.fqn).cloned();
                examples.push(AcceptedExample { fqn: operation.table.fqn, columns, text, domain });
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

    /// Of one domain as stewards placed them, or of one schema.
    fn are_near(&self, a: &Fqn, b: &Fqn) -> bool {
        let schema = |fqn: &Fqn| fqn.parts()[..fqn.parts().len().saturating_sub(1)].to_vec();
        let domain = |fqn: &Fqn| self.domains.get(fqn);
        schema(a) == schema(b) || domain(a).is_some_and(|known| domain(b) == Some(known))
    }

    /// Accepted descriptions for a table's describer: those of its domain or schema first.
    pub(super) fn accepted_for(&self, table: &Fqn) -> Vec<AcceptedExample> {
        let (near, far): (Vec<_>, Vec<_>) =
            self.accepted.iter().cloned().partition(|example| self.are_near(&example.fqn, table));
        near.into_iter().chain(far).collect()
    }

    /// Rejected descriptions for a table's describer: its own first, then those of its domain or schema. What was
    /// wrong elsewhere may be right here.
    pub(super) fn refused_for(&self, table: &Fqn) -> Vec<RefusedExample> {
        let (own, others): (Vec<_>, Vec<_>) = self.refused.iter().cloned().partition(|refused| refused.fqn == *table);
        own.into_iter().chain(others.into_iter().filter(|refused| self.are_near(&refused.fqn, table))).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fqn(name: &str) -> Fqn {
        name.parse().unwrap()
    }

    fn decided() -> Neighbourhood {
        let accepted = |name: &str| AcceptedExample {
            fqn: fqn(name),
            columns: Vec::new(),
            text: format!("Text of {name}."),
            domain: None,
        };
        let refused =
            |name: &str| RefusedExample { fqn: fqn(name), text: String::new(), reason: "too vague".to_owned() };
        let placed = [("bank.crm.lead", "Sales"), ("shop.main.order", "Sales"), ("shop.main.stock", "Goods")];
        Neighbourhood {
            accepted: ["shop.main.stock", "shop.main.order", "bank.crm.client"].map(accepted).to_vec(),
            refused: ["shop.main.stock", "shop.main.order", "bank.crm.client", "bank.crm.lead"].map(refused).to_vec(),
            domains: placed.map(|(name, domain)| (fqn(name), domain.to_owned())).into(),
            ..Neighbourhood::default()
        }
    }

    #[test]
    fn rejections_are_told_of_the_table_itself_then_of_its_schema_and_domain_and_of_no_other() {
        let told: Vec<String> =
            decided().refused_for(&fqn("bank.crm.lead")).iter().map(|refused| refused.fqn.to_string()).collect();
        assert_eq!(told, ["bank.crm.lead", "shop.main.order", "bank.crm.client"]);
        assert!(decided().refused_for(&fqn("hr.main.staff")).is_empty());
    }

    #[test]
    fn accepted_descriptions_of_the_schema_and_domain_come_before_the_others() {
        let told: Vec<String> =
            decided().accepted_for(&fqn("bank.crm.lead")).iter().map(|example| example.fqn.to_string()).collect();
        assert_eq!(told, ["shop.main.order", "bank.crm.client", "shop.main.stock"]);
    }
}
