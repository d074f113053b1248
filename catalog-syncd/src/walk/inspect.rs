//! Stages 2 to 5b of one table: sample, profile, mask, vote, redact. Raw rows live in this file's one task and die
//! with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog_core::model::{
    CatalogTag, ChangeKind, LeasedItem, MaskedSample, PiiDecision, PiiEvidence, PiiVerdict, PiiVote, ProfiledTable,
    ProposalState, RawSample, Table, TableProfile, TableState, WakeReason,
};
use catalog_core::ports::PiiVoter;
use catalog_core::ports::ledger::ProposalFilter;
use catalog_core::{Error, ErrorKind};
use catalog_pii::{StewardDecision, TallyOptions};
use catalog_publish::fail_point;

use super::gate::gate;
use super::run::Walk;
use super::workers::Setback;

/// Decisions of each kind that are read of one table.
const DECISIONS_MAX: usize = 1_000;

impl Walk {
    /// Looks at one table and stores what was found.
    pub(super) async fn inspect(self: Arc<Self>, item: LeasedItem) -> Result<(), Setback> {
        let reference = &item.item.table;
        let connection = self.parts.connection(&reference.source).ok_or_else(|| Setback {
            stage: "discover",
            error: Error::new(ErrorKind::Configuration, "find_source", "its source is not among those given")
                .with("source", &reference.source)
                .hint("name the warehouse again with --warehouse, or run with another --state folder"),
        })?;
        let found = self.stages.time("discover", connection.source.get(&reference.fqn)).await;
        let Some(table) = found.map_err(Setback::at("discover"))? else {
            // Its queue item goes with it.
            return self.forget(std::slice::from_ref(&reference.id)).await.map_err(Setback::at("discover"));
        };
        let previous = self.parts.ledger.state(&reference.id).await.map_err(Setback::at("audit"))?;
        if let Some(previous) = previous.as_ref().filter(|old| self.called_in_vain(&item, old, &table)) {
            return self.parts.ledger.advance(&item, previous).await.map_err(Setback::at("audit"));
        }
        let sample = self
            .stages
            .time("sample", connection.sampler.sample(&table, &self.options.sample))
            .await
            .map_err(Setback::at("sample"))?;
        fail_point!("walk::after_sample");
        let profiled = self
            .stages
            .time("profile", connection.profiler.profile(&table, &sample))
            .await
            .map_err(Setback::at("profile"))?;
        fail_point!("walk::after_profile");
        let mut state = self.judge(table, &sample, profiled).await?;
        fail_point!("walk::after_vote");
        if let Some(previous) = previous {
            // Until they are made anew, description and keys stay what they were.
            state.evidence = previous.evidence;
            state.draft = previous.draft;
            state.reading = previous.reading;
            state.keys = previous.keys;
            state.indexed_text = previous.indexed_text;
        }
        self.parts.ledger.advance(&item, &state).await.map_err(Setback::at("audit"))?;
        fail_point!("walk::after_advance");
        Ok(())
    }

    /// Did the catalog call about a table in which nothing changed that a sample would show?
    fn called_in_vain(&self, item: &LeasedItem, old: &TableState, table: &Table) -> bool {
        let fresh = self.parts.clock.now_ms() - old.sampled_at_ms <= self.options.max_age_ms;
        item.item.reason == WakeReason::Webhook
            && fresh
            && old.gate == gate(table, &self.options, self.parts.house_rules.version())
    }

    /// Stages 4 to 5b: what may be said of the columns, and the rows that may be shown.
    async fn judge(
        &self,
        table: Table,
        sample: &RawSample,
        mut profiled: ProfiledTable,
    ) -> Result<TableState, Setback> {
        let (verdicts, masked) =
            if self.options.pii { self.vote(&table, sample, &profiled).await? } else { (Vec::new(), None) };
        hide_ranges(&mut profiled.profile, &verdicts);
        let (public_codes, redacted) = self.stages.time_sync("redact", || {
            let codes = self.parts.masker.public_codes(&profiled, &verdicts);
            let types: Vec<_> = table.columns.iter().map(|c| c.data_type).collect();
            let rows = masked.map(|m| catalog_pii::redact(&m, &verdicts, &codes, &types, self.options.prompt_rows));
            (codes, rows)
        });
        Ok(TableState {
            gate: gate(&table, &self.options, self.parts.house_rules.version()),
            table,
            evidence: String::new(),
            sampled_at_ms: self.parts.clock.now_ms(),
            profile: Some(profiled.profile),
            fingerprints: profiled.fingerprints,
            verdicts,
            public_codes,
            sample: redacted,
            draft: None,
            reading: None,
            keys: Vec::new(),
            indexed_text: None,
        })
    }

    async fn vote(
        &self,
        table: &Table,
        sample: &RawSample,
        profiled: &ProfiledTable,
    ) -> Result<(Vec<PiiVerdict>, Option<MaskedSample>), Setback> {
        self.parts.masker.check().map_err(Setback::at("mask"))?;
        let masked = self.stages.time_sync("mask", || self.parts.masker.mask(sample));
        let hits = self.stages.time("vote", self.parts.raw_scanner.scan(sample)).await;
        let hits = hits.map_err(Setback::at("vote"))?;
        let mut evidence = catalog_pii::evidence(table, Some(&profiled.profile), &hits, masked.clone());
        let tags = self.catalog_tags(table).await;
        for column in &mut evidence.columns {
            column.catalog_tags = tags.get(&column.name).cloned().unwrap_or_default();
        }
        let pattern = self.ask(&*self.parts.pattern_voter, &evidence).await;
        let second = self.ask(&*self.parts.second_voter, &evidence).await;
        let names: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
        let options = TallyOptions { checksum_alone: self.options.checksum_alone };
        let mut verdicts = catalog_pii::tally(&names, pattern.as_deref(), second.as_deref(), options);
        let decisions = self.decisions(table, &tags).await.map_err(Setback::at("vote"))?;
        for (column, why) in catalog_pii::recall_decisions(&table.columns, &decisions, &mut verdicts) {
            tracing::info!(table.fqn = %table.fqn(), column.name = column, why = ?why, "a steward's decision is open again");
        }
        self.parts.house_rules.rule_on_columns(table.fqn(), &mut verdicts);
        Ok((verdicts, Some(masked)))
    }

    /// The catalog's own tags on the columns. Without them its verdict is missing, which lowers no protection.
    async fn catalog_tags(&self, table: &Table) -> BTreeMap<String, Vec<CatalogTag>> {
        let Some(connection) = self.parts.connection_of(table) else { return BTreeMap::new() };
        match connection.source.column_tags(table).await {
            Ok(tags) => tags.into_iter().collect(),
            Err(error) => {
                tracing::warn!(table.fqn = %table.fqn(), error = %error, "the catalog's tags cannot be read");
                BTreeMap::new()
            }
        }
    }

    /// What stewards decided on this table's columns, here and in the catalog.
    async fn decisions(
        &self,
        table: &Table,
        tags: &BTreeMap<String, Vec<CatalogTag>>,
    ) -> catalog_core::Result<Vec<StewardDecision>> {
        let of_columns = table.columns.iter().flat_map(|column| {
            let tags = tags.get(&column.name).into_iter().flatten();
            tags.filter_map(|tag| StewardDecision::of_tag(column, tag))
        });
        let mut all: Vec<StewardDecision> = of_columns.collect();
        for state in [ProposalState::Accepted, ProposalState::Rejected] {
            let filter = ProposalFilter {
                state: Some(state),
                table: Some(table.fqn().clone()),
                kind: Some(ChangeKind::Pii),
                limit: DECISIONS_MAX,
                ..ProposalFilter::default()
            };
            let proposals = self.parts.ledger.proposals(&filter).await?;
            all.extend(proposals.iter().filter_map(StewardDecision::of_proposal));
        }
        Ok(all)
    }

    /// A voter that fails abstains; it never counts as "no".
    async fn ask(&self, voter: &dyn PiiVoter, evidence: &PiiEvidence) -> Option<Vec<PiiVote>> {
        match self.stages.time("vote", voter.vote(evidence)).await {
            Ok(votes) => Some(votes),
            Err(error) => {
                tracing::warn!(voter = voter.name(), error = %error, "voter abstains");
                None
            }
        }
    }
}

/// A range leaves the process only where nobody takes the column for personal: years of birth are rounded, and still
/// say too much of a small table.
fn hide_ranges(profile: &mut TableProfile, verdicts: &[PiiVerdict]) {
    for column in &mut profile.columns {
        let clear = verdicts.iter().any(|v| v.column == column.name && v.decision == PiiDecision::Clear);
        if !clear {
            column.range = None;
        }
    }
}
