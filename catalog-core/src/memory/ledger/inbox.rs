//! The steward's queue by table, by group and in figures, in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{MemoryLedger, limit_or_default};
use crate::Result;
use crate::model::{Proposal, ProposalState, TableId};
use crate::ports::ledger::{Inbox, InboxFilter, InboxRow, ProposalFilter, ProposalGroup, TallyRow, group_of};

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
}
