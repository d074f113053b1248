//! From webhooks to the tables that they are about, each once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use catalog_core::model::{Fqn, TableId};

use crate::webhook::{ChangeEvent, WebhookBatch};

/// Events that are remembered to know a replay by.
const REMEMBERED_MAX: usize = 100_000;

/// What webhooks ask for. Every table is named once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WakeUp {
    /// Tables to look at again. A name is missing where the event did not tell it; the id always leads there
    /// ([`OmSource::get_by_id`](crate::OmSource::get_by_id)).
    pub changed: Vec<(TableId, Option<Fqn>)>,
    /// Tables that went.
    pub gone: Vec<TableId>,
    /// A schema, database or service changed: any of its tables may have come, gone or moved, so list everything.
    pub sweep: bool,
    /// Events left out as replayed: seen before, or older than the window.
    pub replayed: usize,
    /// Events about things that are no tables and hold none.
    pub unrelated: usize,
    events: Vec<String>,
}

/// Knows which events were seen. Only the body of a webhook is signed, so a recorded one could be sent again for ever;
/// what is older than the window is refused, and within it each event counts once.
///
/// Memory is bounded: at most 100,000 events are remembered, the oldest are forgotten first.
pub struct WebhookIntake {
    window_ms: i64,
    seen: BTreeSet<String>,
    order: VecDeque<String>,
}

impl WebhookIntake {
    /// An intake that refuses events older than `window_ms` milliseconds. A sender that was down repeats its events
    /// late, and the next sweep finds what they meant.
    pub fn new(window_ms: i64) -> Self {
        Self { window_ms, seen: BTreeSet::new(), order: VecDeque::new() }
    }

    /// What the events ask for. `now_ms` is the time in milliseconds since 1970. The events count as seen from here on:
    /// when what they ask for cannot be stored, give it to [`WebhookIntake::give_back`] and let the sender try again.
    pub fn take(&mut self, batch: WebhookBatch, now_ms: i64) -> WakeUp {
        let mut wake = WakeUp::default();
        let mut tables: BTreeMap<String, (i64, bool, Option<Fqn>)> = BTreeMap::new();
        for event in batch.events {
            if event.timestamp_ms < now_ms.saturating_sub(self.window_ms) || !self.remember(&event) {
                wake.replayed += 1;
                continue;
            }
            wake.events.push(event.id.clone());
            match event.entity_type.as_str() {
                "table" => {
                    let newest = tables.entry(event.entity_id.clone()).or_insert((i64::MIN, false, None));
                    let fqn = event.fqn.clone().or_else(|| newest.2.take());
                    if event.timestamp_ms >= newest.0 {
                        *newest = (event.timestamp_ms, event.is_gone(), fqn);
                    } else {
                        newest.2 = newest.2.take().or(fqn);
                    }
                }
                "databaseSchema" | "database" | "databaseService" => wake.sweep = true,
                _ => wake.unrelated += 1,
            }
        }
        for (id, (_, gone, fqn)) in tables {
            match gone {
                true => wake.gone.push(TableId(id)),
                false => wake.changed.push((TableId(id), fqn)),
            }
        }
        wake
    }

    /// Forgets the events behind a wake-up, so that they count when they are sent again.
    pub fn give_back(&mut self, wake: &WakeUp) {
        for event in &wake.events {
            self.seen.remove(event);
        }
        self.order.retain(|event| self.seen.contains(event));
    }

    /// Is the event new? It is remembered then.
    fn remember(&mut self, event: &ChangeEvent) -> bool {
        if !self.seen.insert(event.id.clone()) {
            return false;
        }
        self.order.push_back(event.id.clone());
        if self.order.len() > REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_800_000_000_000;
    const WINDOW: i64 = 3_600_000;

    fn event(id: &str, table: &str, event_type: &str, at_ms: i64) -> ChangeEvent {
        ChangeEvent {
            id: id.into(),
            event_type: event_type.into(),
            entity_type: "table".into(),
            entity_id: table.into(),
            fqn: Some(Fqn::from_parts(["s", "d", "x", table])),
            user_name: "alice".into(),
            timestamp_ms: at_ms,
            entity: None,
        }
    }

    fn batch(events: Vec<ChangeEvent>) -> WebhookBatch {
        WebhookBatch { events, ..WebhookBatch::default() }
    }

    #[test]
    fn an_event_counts_once_and_never_when_it_is_old() {
        let mut intake = WebhookIntake::new(WINDOW);
        let sent = || batch(vec![event("1", "t", "entityUpdated", NOW)]);
        assert_eq!(intake.take(sent(), NOW).changed.len(), 1);
        let again = intake.take(sent(), NOW + 5);
        assert_eq!((again.changed.len(), again.replayed), (0, 1));
        let old = intake.take(batch(vec![event("2", "t", "entityUpdated", NOW - WINDOW - 1)]), NOW);
        assert_eq!((old.changed.len(), old.replayed), (0, 1));
    }

    #[test]
    fn what_could_not_be_stored_counts_when_it_is_sent_again() {
        let mut intake = WebhookIntake::new(WINDOW);
        let sent = || batch(vec![event("1", "t", "entityUpdated", NOW)]);
        let wake = intake.take(sent(), NOW);
        intake.give_back(&wake);
        assert_eq!(intake.take(sent(), NOW).changed, wake.changed);
    }

    #[test]
    fn a_table_that_went_and_came_back_is_there_in_whatever_order_it_is_told() {
        let mut events = vec![event("1", "t", "entitySoftDeleted", NOW), event("2", "t", "entityRestored", NOW + 1)];
        for _ in 0..2 {
            let wake = WebhookIntake::new(WINDOW).take(batch(events.clone()), NOW);
            assert_eq!((wake.changed.len(), wake.gone.len()), (1, 0));
            events.reverse();
        }
    }

    #[test]
    fn a_change_of_a_schema_asks_for_a_sweep_and_other_things_for_nothing() {
        let of =
            |kind: &str, id: &str| ChangeEvent { entity_type: kind.into(), ..event(id, "x", "entityUpdated", NOW) };
        let wake = WebhookIntake::new(WINDOW).take(batch(vec![of("databaseSchema", "1"), of("user", "2")]), NOW);
        assert!(wake.sweep && wake.changed.is_empty());
        assert_eq!(wake.unrelated, 1);
    }

    #[test]
    fn no_more_than_the_limit_is_remembered() {
        let mut intake = WebhookIntake::new(WINDOW);
        for i in 0..REMEMBERED_MAX + 10 {
            intake.remember(&event(&i.to_string(), "t", "entityUpdated", NOW));
        }
        assert_eq!((intake.seen.len(), intake.order.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
    }

    proptest! {
        #[test]
        fn however_events_are_repeated_and_mixed_each_table_is_woken_once(
            order in prop::collection::vec((0_usize..20, 0_usize..5), 1..80),
        ) {
            let mut intake = WebhookIntake::new(WINDOW);
            let events = order.iter().map(|(id, table)| {
                event(&format!("{id}-{table}"), &table.to_string(), "entityUpdated", NOW + *id as i64)
            });
            let wake = intake.take(batch(events.collect()), NOW);
            let distinct: BTreeSet<usize> = order.iter().map(|(_, table)| *table).collect();
            prop_assert_eq!(wake.changed.len(), distinct.len());
        }
    }
}
