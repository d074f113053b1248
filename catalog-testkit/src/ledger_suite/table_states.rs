//! States, gates, runs and the query log.

use catalog_core::ErrorKind;
use catalog_core::model::{
    FieldPath, FieldValue, Proposal, ProposalState, RunId, SourceId, TableId, TableState, WakeReason, WalkStage,
    WorkCounts, WorkItem,
};
use catalog_core::ports::Ledger;
use catalog_core::ports::ledger::{AuditFilter, Decision, KeyLink, NOTE_BYTES_MAX, NOTE_KEY_BYTES_MAX, ProposalFilter};

use super::{NOW, as_json, enqueue, kind_of, lease_all, plan, take, walk};
use crate::samples::{
    describe, foreign_key, mined_query_log, operation, parked, proposal, receipt, run_summary, source, state,
    table_ref, table_ref_in, tag,
};

async fn store(ledger: &dyn Ledger, state: TableState) {
    let item = take(ledger, state.table.fqn().name()).await;
    ledger.advance(&item, &state).await.unwrap();
}

async fn stored(ledger: &dyn Ledger, name: &str) -> TableState {
    ledger.state(&table_ref(name).id).await.unwrap().unwrap()
}

pub async fn a_state_comes_back_as_it_was_stored(ledger: &dyn Ledger) {
    let mut awkward = state("loan");
    awkward.indexed_text = Some("loans".into());
    if let Some(column) = awkward.profile.as_mut().and_then(|profile| profile.columns.first_mut()) {
        // Numbers whose shortest decimal forms are long or extreme.
        (column.empty_ratio, column.numeric_ratio) = (f64::MIN_POSITIVE, 0.1 + 0.7);
    }
    store(ledger, awkward.clone()).await;
    let back = stored(ledger, "loan").await;
    assert_eq!(as_json(&back), as_json(&awkward));
    assert!(back.fingerprints == awkward.fingerprints, "the order of the hashes survives");

    let mut bare = state("card");
    (bare.profile, bare.sample, bare.draft) = (None, None, None);
    bare.fingerprints.clear();
    store(ledger, bare.clone()).await;
    assert_eq!(as_json(&stored(ledger, "card").await), as_json(&bare));
}

pub async fn a_later_state_replaces_the_earlier(ledger: &dyn Ledger) {
    walk(ledger, "loan", &[], &[]).await;
    ledger.set_indexed(&[(table_ref("loan").id, "old".into())]).await.unwrap();
    let later = TableState { gate: "later".into(), keys: Vec::new(), ..state("loan") };
    store(ledger, later.clone()).await;
    assert_eq!(as_json(&stored(ledger, "loan").await), as_json(&later));
    assert_eq!(ledger.gates(&source()).await.unwrap()[0].gate, "later");
}

pub async fn gates_are_those_of_one_source(ledger: &dyn Ledger) {
    for name in ["loan", "card"] {
        walk(ledger, name, &[], &[]).await;
    }
    let mut gates = ledger.gates(&source()).await.unwrap();
    gates.sort_by(|a, b| a.gate.cmp(&b.gate));
    assert_eq!(gates.iter().map(|row| row.gate.as_str()).collect::<Vec<_>>(), ["gate-card", "gate-loan"]);
    assert_eq!((&gates[1].id, gates[1].sampled_at_ms), (&table_ref("loan").id, NOW));
    assert!(ledger.gates(&SourceId("shop".into())).await.unwrap().is_empty());
}

pub async fn states_are_paged_by_id(ledger: &dyn Ledger) {
    let mut ids = Vec::new();
    for name in ["loan", "card", "account", "client", "branch"] {
        walk(ledger, name, &[], &[]).await;
        ids.push(table_ref(name).id);
    }
    ids.sort();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = ledger.states(after.as_ref(), 2).await.unwrap();
        assert!(page.len() <= 2);
        seen.extend(page.iter().map(|state| state.table.table_ref.id.clone()));
        after = seen.last().cloned();
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ids);
}

pub async fn gates_are_found_by_id(ledger: &dyn Ledger) {
    for name in ["loan", "card", "client"] {
        walk(ledger, name, &[], &[]).await;
    }
    let asked = ["loan", "unknown", "client"].map(|name| table_ref(name).id);
    let mut found: Vec<_> = ledger.gates_of(&asked).await.unwrap().into_iter().map(|row| row.gate).collect();
    found.sort();
    assert_eq!(found, ["gate-client", "gate-loan"]);
    assert!(ledger.gates_of(&[]).await.unwrap().is_empty());
}

pub async fn parts_of_states_are_read_apart_in_the_same_pages(ledger: &dyn Ledger) {
    for name in ["loan", "card", "account"] {
        walk(ledger, name, &[], &[]).await;
    }
    let (whole, mut after) = (ledger.states(None, 10).await.unwrap(), None);
    for state in &whole {
        let facts = ledger.facts(after.as_ref(), 1).await.unwrap().remove(0);
        let links = ledger.links(after.as_ref(), 1).await.unwrap().remove(0);
        let (id, fingerprints) = ledger.fingerprints(after.as_ref(), 1).await.unwrap().remove(0);
        assert!(fingerprints == state.fingerprints);
        let bare = TableState { fingerprints: Vec::new(), sample: None, ..state.clone() };
        assert_eq!(as_json(&facts), as_json(&bare));
        assert_eq!((&id, &links.table), (&state.table.table_ref.id, &state.table.table_ref));
        assert_eq!(links.keys, state.keys.iter().map(KeyLink::of).collect::<Vec<_>>());
        after = Some(id);
    }
    assert!(ledger.links(after.as_ref(), 10).await.unwrap().is_empty());
    ledger.set_keys(&[(table_ref("loan").id, Vec::new())]).await.unwrap();
    let links = ledger.links(None, 10).await.unwrap();
    assert!(links.iter().find(|l| l.table == table_ref("loan")).unwrap().keys.is_empty(), "new keys are seen");
}

pub async fn known_tables_are_paged_by_id(ledger: &dyn Ledger) {
    walk(ledger, "walked", &[], &[]).await;
    walk(ledger, "walked_and_queued", &[], &[]).await;
    enqueue(ledger, &["walked_and_queued", "queued"]).await;
    ledger.park_unread(&parked("parked")).await.unwrap();
    let (mut seen, mut after): (Vec<TableId>, _) = (Vec::new(), None);
    loop {
        let page = ledger.known_page(&source(), after.as_ref(), 3).await.unwrap();
        assert!(page.len() <= 3);
        seen.extend(page.iter().cloned());
        after = seen.last().cloned();
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 4);
    assert_eq!(seen, ledger.known(&source()).await.unwrap());
}

pub async fn new_keys_replace_the_old_and_skip_unknown_tables(ledger: &dyn Ledger) {
    walk(ledger, "loan", &[], &[]).await;
    walk(ledger, "card", &[], &[]).await;
    let key = foreign_key("loan", "account_id", "account", "id");
    let unknown = table_ref("unknown").id;
    ledger.set_keys(&[(unknown.clone(), vec![key.clone()]), (table_ref("loan").id, vec![key.clone()])]).await.unwrap();
    assert_eq!(stored(ledger, "loan").await.keys, [key]);
    assert_eq!(stored(ledger, "card").await.keys, state("card").keys);
    assert!(ledger.state(&unknown).await.unwrap().is_none());
}

pub async fn the_indexed_text_is_remembered(ledger: &dyn Ledger) {
    walk(ledger, "loan", &[], &[]).await;
    let texts = [(table_ref("loan").id, "Bank loans.".into()), (table_ref("unknown").id, "x".into())];
    ledger.set_indexed(&texts).await.unwrap();
    assert_eq!(stored(ledger, "loan").await.indexed_text.as_deref(), Some("Bank loans."));
    assert_eq!(ledger.states(None, 10).await.unwrap().len(), 1);
}

pub async fn a_forgotten_table_leaves_nothing_but_its_history(ledger: &dyn Ledger) {
    let (rejected, open) = (proposal(describe("loan", "Loans.")), proposal(tag("loan", "email")));
    let elsewhere = proposal(tag("card", "email"));
    walk(ledger, "loan", &[], &[rejected.clone(), open.clone()]).await;
    walk(ledger, "card", &[], std::slice::from_ref(&elsewhere)).await;
    let no = Decision::Reject { reason: "wrong".into() };
    ledger.decide(&rejected.id, "ana", &no, NOW).await.unwrap();
    ledger.park_unread(&parked("gone")).await.unwrap();
    enqueue(ledger, &["loan"]).await;

    ledger.forget(&[table_ref("loan").id, table_ref("gone").id]).await.unwrap();
    assert_eq!(ledger.counts().await.unwrap(), WorkCounts { queued: 0, parked: 0, done: 1 });
    assert!(ledger.state(&table_ref("loan").id).await.unwrap().is_none());
    let state_of = async |of: &Proposal| ledger.proposal(&of.id).await.unwrap().unwrap().state;
    assert_eq!(state_of(&open).await, ProposalState::Superseded);
    assert_eq!(state_of(&rejected).await, ProposalState::Rejected);
    assert_eq!(ledger.proposal(&elsewhere.id).await.unwrap(), Some(elsewhere));
    assert_eq!(ledger.audit(&AuditFilter::default()).await.unwrap().len(), 1);
}

pub async fn a_forgotten_table_is_known_nowhere(ledger: &dyn Ledger) {
    walk(ledger, "walked", &[], &[]).await;
    walk(ledger, "walked_and_queued", &[], &[]).await;
    enqueue(ledger, &["walked_and_queued", "queued"]).await;
    ledger.park_unread(&parked("parked")).await.unwrap();
    walk(ledger, "walked_and_parked", &[], &[]).await;
    ledger.park_unread(&parked("walked_and_parked")).await.unwrap();
    let elsewhere = WorkItem::new(table_ref_in("shop", "queued"), WakeReason::Sweep);
    ledger.enqueue(&[elsewhere], WalkStage::Inspect).await.unwrap();

    let names = ["walked", "walked_and_queued", "queued", "parked", "walked_and_parked"];
    let mut ids = names.map(|name| table_ref(name).id);
    ids.sort();
    assert_eq!(ledger.known(&source()).await.unwrap(), ids);
    ledger.forget(&ids).await.unwrap();
    assert!(ledger.known(&source()).await.unwrap().is_empty());
    assert_eq!(ledger.counts().await.unwrap(), WorkCounts { queued: 1, parked: 0, done: 0 });
    assert_eq!(ledger.known(&SourceId("shop".into())).await.unwrap(), [table_ref_in("shop", "queued").id]);
}

pub async fn a_forgotten_table_is_written_to_no_more(ledger: &dyn Ledger) {
    let (published, waiting) = (describe("loan", "Loans."), tag("loan", "email"));
    walk(ledger, "loan", &[published.clone(), waiting.clone()], &[]).await;
    ledger.record(&[receipt(&published, NOW)]).await.unwrap();
    let elsewhere = describe("card", "Cards.");
    walk(ledger, "card", std::slice::from_ref(&elsewhere), &[]).await;

    ledger.forget(&[table_ref("loan").id]).await.unwrap();
    assert_eq!(ledger.pending(10).await.unwrap(), std::slice::from_ref(&elsewhere));
    assert!(ledger.receipt(&published.id).await.unwrap().is_some());
    walk(ledger, "loan", std::slice::from_ref(&waiting), &[]).await;
    assert_eq!(ledger.pending(10).await.unwrap().len(), 2, "a table that comes back is written to again");
}

pub async fn notes_are_kept_and_replaced(ledger: &dyn Ledger) {
    assert_eq!(ledger.note("keys/bank").await.unwrap(), None);
    ledger.set_note("keys/bank", "old").await.unwrap();
    ledger.set_note("keys/shop", "'); --\u{0}é").await.unwrap();
    ledger.set_note("keys/bank", "new").await.unwrap();
    assert_eq!(ledger.note("keys/bank").await.unwrap().as_deref(), Some("new"));
    assert_eq!(ledger.note("keys/shop").await.unwrap().as_deref(), Some("'); --\u{0}é"));
}

pub async fn a_note_beyond_its_limits_is_refused(ledger: &dyn Ledger) {
    let (key, note) = ("k".repeat(NOTE_KEY_BYTES_MAX), "n".repeat(NOTE_BYTES_MAX));
    ledger.set_note(&key, &note).await.unwrap();
    for (key, note) in [(format!("{key}k"), "n".to_owned()), (key.clone(), format!("{note}n"))] {
        assert_eq!(kind_of(ledger.set_note(&key, &note).await), Some(ErrorKind::LimitExceeded));
    }
    assert_eq!(ledger.note(&key).await.unwrap(), Some(note));
}

pub async fn hostile_names_and_texts_come_back_as_they_are(ledger: &dyn Ledger) {
    let hostile = "\"; DROP TABLE work_queue; -- \u{0}\u{202e}é🏦%_'";
    let names = table_ref_in(hostile, hostile);
    let mut state = state("loan");
    state.table.table_ref = names.clone();
    state.gate = hostile.into();
    let item = WorkItem::new(names.clone(), WakeReason::Webhook);
    ledger.enqueue(std::slice::from_ref(&item), WalkStage::Inspect).await.unwrap();
    let leased = lease_all(ledger, WalkStage::Inspect, NOW).await.remove(0);
    assert_eq!(leased.item, item);
    let field = FieldPath::ColumnDescription { column: hostile.into() };
    let proposed = proposal(operation(&names, field, FieldValue::Text(hostile.into())));
    let mut work = plan("loan", &[], std::slice::from_ref(&proposed));
    work.state = state.clone();
    ledger.finish(&leased, &work).await.unwrap();
    assert_eq!(as_json(&ledger.state(&names.id).await.unwrap().unwrap()), as_json(&state));
    assert_eq!(ledger.gates(&names.source).await.unwrap()[0].gate, hostile);
    let of_table = ProposalFilter { table: Some(names.fqn), ..ProposalFilter::default() };
    assert_eq!(ledger.proposals(&of_table).await.unwrap(), [proposed]);
}

pub async fn the_last_closed_run_is_told(ledger: &dyn Ledger) {
    let run = |id: &str| RunId(id.into());
    assert!(ledger.last_run().await.unwrap().is_none());
    for (id, at_ms) in [("first", 1), ("second", 2), ("crashed", 3)] {
        ledger.begin_run(&run(id), at_ms).await.unwrap();
    }
    assert!(ledger.last_run().await.unwrap().is_none(), "no run is closed");
    ledger.finish_run(&run("second"), 20, &run_summary(2)).await.unwrap();
    ledger.finish_run(&run("first"), 10, &run_summary(1)).await.unwrap();
    assert_eq!(ledger.last_run().await.unwrap(), Some((run("second"), run_summary(2))));
}

pub async fn the_mined_query_log_is_kept_under_its_hash(ledger: &dyn Ledger) {
    assert!(ledger.query_log().await.unwrap().is_none());
    ledger.set_query_log("old", &Default::default()).await.unwrap();
    ledger.set_query_log("new", &mined_query_log()).await.unwrap();
    assert_eq!(ledger.query_log().await.unwrap(), Some(("new".into(), mined_query_log())));
}
