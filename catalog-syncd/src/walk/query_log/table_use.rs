//! What people do with tables: tiers for the steward, usage by day for the catalog.

use std::collections::{BTreeMap, HashMap, HashSet};

use catalog_core::Result;
use catalog_core::model::{
    ChangeKind, ChangeSet, Confidence, DailyUsage, Day, FieldPath, FieldValue, Fqn, MinedQueryLog, WakeReason,
    WalkStage, WorkItem,
};
use catalog_publish::{DesiredField, Mode};
use catalog_querylog::proposals::{TierProposal, TierRule, daily_usage, tiers};

use super::super::run::Walk;

/// The ledger's note of the last day whose usage was handed on, in days since 1970.
const DAY_NOTE: &str = "querylog:usage-day";
/// Usage of earlier days is not told any more.
const DAYS_MAX: i32 = 30;
/// A tier by rule says what is, not what matters to whom: the steward decides.
const TIER_CONFIDENCE: f64 = 0.7;

/// The use of one table.
#[derive(Debug, Default)]
pub(in crate::walk) struct TableUse {
    /// What its use makes of it.
    pub(in crate::walk) tier: Option<TierProposal>,
    /// Its complete days, as the catalog takes them.
    days: Vec<(String, DailyUsage)>,
}

impl TableUse {
    /// The fields that the catalog should hold of it.
    pub(in crate::walk) fn desired(&self) -> Vec<DesiredField> {
        let field = |field, value, confidence| DesiredField {
            field,
            value,
            confidence: Confidence::new(confidence),
            author: "querylog".to_owned(),
            prompt_version: String::new(),
            evidence_hash: String::new(),
            auto: true,
        };
        let tier = self.tier.iter();
        let tier = tier.map(|t| field(FieldPath::Tier, FieldValue::Tag(t.tag.clone()), TIER_CONFIDENCE));
        let days = self.days.iter().map(|(date, usage)| {
            field(FieldPath::Usage { date: date.clone() }, FieldValue::Usage(Box::new(usage.clone())), 1.0)
        });
        tier.chain(days).collect()
    }
}

impl Walk {
    /// The use of every table that the log names, as far as the policy wants to hear of it. `downstream` says how many
    /// tables are made from one.
    pub(in crate::walk) fn table_uses(
        &self,
        log: &MinedQueryLog,
        downstream: &BTreeMap<Fqn, u64>,
    ) -> HashMap<Fqn, TableUse> {
        let mut uses: HashMap<Fqn, TableUse> = HashMap::new();
        if self.wants(ChangeKind::Tier) {
            for tier in tiers(&log.usage, downstream, TierRule::default()) {
                let table = tier.table.clone();
                uses.entry(table).or_default().tier = Some(tier);
            }
        }
        if self.wants(ChangeKind::Usage) {
            let today = Day::of_ms(self.parts.clock.now_ms());
            let from = Day(today.0.saturating_sub(DAYS_MAX)).to_string();
            for day in daily_usage(&log.usage, today).into_iter().filter(|day| day.date >= from) {
                uses.entry(day.table).or_default().days.push((day.date, day.usage));
            }
        }
        uses
    }

    fn wants(&self, kind: ChangeKind) -> bool {
        self.options.query_log && self.options.policy.mode(kind) != Mode::Off
    }

    /// Queues the tables whose tier is another one now, or that have a day which is complete since the last run.
    pub(super) async fn queue_used(
        &self,
        before: &MinedQueryLog,
        log: &MinedQueryLog,
        downstream: &BTreeMap<Fqn, u64>,
    ) -> Result<()> {
        let ledger = &self.parts.ledger;
        let told = ledger.note(DAY_NOTE).await?.and_then(|day| day.parse().ok()).map_or(Day(i32::MIN), Day);
        let complete = Day(Day::of_ms(self.parts.clock.now_ms()).0.saturating_sub(1));
        let told_date = told.max(Day(complete.0.saturating_sub(DAYS_MAX))).to_string();
        let (old, new) = (self.table_uses(before, downstream), self.table_uses(log, downstream));
        let tier = |table: &TableUse| table.tier.as_ref().map(|tier| tier.tag.clone());
        let has_news = |fqn: &Fqn, table: &TableUse| {
            tier(table) != old.get(fqn).and_then(tier) || table.days.iter().any(|(date, _)| *date > told_date)
        };
        let touched: HashSet<Fqn> = new.into_iter().filter(|(fqn, t)| has_news(fqn, t)).map(|(fqn, _)| fqn).collect();
        let mut items = Vec::new();
        if !touched.is_empty() {
            self.each_link(|links| {
                if touched.contains(&links.table.fqn) {
                    items.push(WorkItem::new(links.table, WakeReason::Sweep));
                }
            })
            .await?;
        }
        // Queued before it is noted: a crash between the two tells a day again, which changes nothing.
        ledger.enqueue(&items, WalkStage::Describe).await?;
        if complete > told { ledger.set_note(DAY_NOTE, &complete.0.to_string()).await } else { Ok(()) }
    }

    /// Leaves out the days that the catalog was told already: it does not show them among its fields.
    pub(in crate::walk) async fn without_told_days(&self, changes: &mut ChangeSet) -> Result<()> {
        let mut fresh = Vec::with_capacity(changes.operations.len());
        for operation in changes.operations.drain(..) {
            let told = operation.field.kind() == ChangeKind::Usage
                && self.parts.ledger.receipt(&operation.id).await?.is_some();
            if !told {
                fresh.push(operation);
            }
        }
        changes.operations = fresh;
        Ok(())
    }
}
