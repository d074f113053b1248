//! The steward's queue by table, by group and in figures, in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::{MemoryLedger, limit_or_default};
use crate::Result;
use crate::model::{ChangeKind, FieldValue, Proposal, ProposalState, TableId};
use crate::ports::ledger::{
    CoverageFacts, CoverageRow, Inbox, InboxFilter, InboxRow, ProposalFilter, ProposalGroup, TallyRow, group_of,
};

#[async_trait]
impl Inbox for MemoryLedger {
    async fn inbox(&self, filter: &InboxFilter) -> Result<Vec<InboxRow>> {
        let books = self.books();
        let wanted = ProposalFilter {
            state: Some(ProposalState::Open),
            kind: filter.kind,
            name_holds: filter.name_holds.clone(),
            confidence_min: filter.confidence_min,
            ..ProposalFilter::default()
        };
        let mut rows: BTreeMap<&TableId, InboxRow> = BTreeMap::new();
        for proposal in books.proposals.values().filter(|p| super::proposals::wanted(&wanted, p)) {
            let operation = &proposal.operation;
            let row = rows.entry(&operation.table.id).or_insert_with(|| InboxRow {
                table: operation.table.id.clone(),
                fqn: operation.table.fqn.clone(),
                kinds: BTreeMap::new(),
                confidence_min: 1.0,
                queries: 0,
                oldest_ms: i64::MAX,
            });
            *row.kinds.entry(operation.field.kind()).or_default() += 1;
            row.confidence_min = row.confidence_min.min(operation.confidence.value());
            row.oldest_ms = row.oldest_ms.min(proposal.created_at_ms);
        }
        let totals = books.query_log.iter().flat_map(|(_, log)| &log.usage.totals);
        let queries: BTreeMap<_, u64> = totals.map(|total| (&total.table, total.queries)).collect();
        let mut rows: Vec<InboxRow> = rows.into_values().collect();
        for row in &mut rows {
            row.queries = queries.get(&row.fqn).copied().unwrap_or_default();
        }
        rows.sort_by(|a, b| b.priority().total_cmp(&a.priority()).then_with(|| a.table.cmp(&b.table)));
        rows.retain(|row| {
            filter.after.as_ref().is_none_or(|after| {
                row.priority() < after.priority || (row.priority() == after.priority && row.table > after.table)
            })
        });
        rows.truncate(limit_or_default(filter.limit));
        Ok(rows)
    }

    async fn groups(&self, limit: usize) -> Result<Vec<ProposalGroup>> {
        let books = self.books();
        let mut members: BTreeMap<String, Vec<&Proposal>> = BTreeMap::new();
        for proposal in books.proposals.values().filter(|p| p.state == ProposalState::Open) {
            if let Some(key) = group_of(&proposal.operation) {
                members.entry(key).or_default().push(proposal);
            }
        }
        let mut groups: Vec<ProposalGroup> = members
            .into_iter()
            .filter(|(_, members)| members.len() > 1)
            .filter_map(|(key, members)| {
                let confidences = members.iter().map(|p| p.operation.confidence.value());
                Some(ProposalGroup {
                    key,
                    tables: members.len() as u64,
                    confidence_min: confidences.fold(1.0, f64::min),
                    first: (*members.first()?).clone(),
                })
            })
            .collect();
        groups.sort_by(|a, b| b.tables.cmp(&a.tables).then_with(|| a.key.cmp(&b.key)));
        groups.truncate(limit);
        Ok(groups)
    }

    async fn tally(&self) -> Result<Vec<TallyRow>> {
        let books = self.books();
        let mut tally = BTreeMap::new();
        for proposal in books.proposals.values() {
            let (kind, confidence) = (proposal.operation.field.kind(), proposal.operation.confidence.value());
            let tenths = (confidence * 10.0) as u8;
            let row = tally.entry((kind.as_str(), proposal.state.as_str(), tenths)).or_insert(TallyRow {
                kind,
                state: proposal.state,
                tenths,
                proposals: 0,
                oldest_ms: i64::MAX,
            });
            row.proposals += 1;
            row.oldest_ms = row.oldest_ms.min(proposal.created_at_ms);
        }
        Ok(tally.into_values().collect())
    }

    async fn coverage(&self, limit: usize) -> Result<Vec<CoverageRow>> {
        let books = self.books();
        let of_kind = |kind: ChangeKind, state: ProposalState| {
            books.proposals.values().filter(move |p| p.state == state && p.operation.field.kind() == kind)
        };
        let open = of_kind(ChangeKind::Description, ProposalState::Open);
        let waiting: BTreeSet<&TableId> = open.map(|p| &p.operation.table.id).collect();
        let refused: BTreeSet<(&TableId, &str)> = of_kind(ChangeKind::Description, ProposalState::Rejected)
            .filter_map(|p| match &p.operation.after {
                Some(FieldValue::Text(text)) => Some((&p.operation.table.id, text.as_str())),
                _ => None,
            })
            .collect();
        let mut placed: Vec<&Proposal> = of_kind(ChangeKind::Domain, ProposalState::Accepted).collect();
        placed.sort_by_key(|p| (p.created_at_ms, &p.id));
        let domains: BTreeMap<&TableId, &str> = placed
            .into_iter()
            .filter_map(|p| match &p.operation.after {
                Some(FieldValue::Tag(name)) => Some((&p.operation.table.id, name.as_str())),
                _ => None,
            })
            .collect();
        let mut rows: BTreeMap<String, CoverageRow> = BTreeMap::new();
        for (id, state) in &books.states {
            let facts = CoverageFacts::of(state);
            let name = domains.get(id).map_or(facts.place, |domain| (*domain).to_owned());
            let empty = CoverageRow { name: name.clone(), described: 0, proposed: 0, cold: 0 };
            let row = rows.entry(name).or_insert(empty);
            let drafted = facts.draft.as_ref().is_some_and(|text| !refused.contains(&(id, text.as_str())));
            match (waiting.contains(id), facts.described || drafted) {
                (true, _) => row.proposed += 1,
                (false, true) => row.described += 1,
                (false, false) => row.cold += 1,
            }
        }
        let mut rows: Vec<CoverageRow> = rows.into_values().collect();
        rows.sort_by(|a, b| b.tables().cmp(&a.tables()).then_with(|| a.name.cmp(&b.name)));
        rows.truncate(limit);
        Ok(rows)
    }
}
