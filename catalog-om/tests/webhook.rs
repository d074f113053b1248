//! Every form of body that servers send, and every form that attackers do.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the report.

use catalog_core::ErrorKind;
use catalog_core::model::Secret;
use catalog_net::WebhookSignature;
use catalog_om::{EVENTS_MAX, WEBHOOK_BODY_BYTES_MAX, WebhookBatch, WebhookReceiver};
use proptest::prelude::*;
use serde_json::{Value, json};

const SECRET: &str = "a long and random secret";

fn receive(body: &[u8]) -> catalog_core::Result<WebhookBatch> {
    let secret = Secret::new(SECRET);
    let signature = WebhookSignature::new(&secret, None).unwrap().sign(body);
    WebhookReceiver::new(&secret, None, Some("catalog-bot")).unwrap().receive(Some(&signature), body)
}

fn batch(body: &Value) -> WebhookBatch {
    receive(&serde_json::to_vec(body).unwrap()).unwrap()
}

fn event(id: &str, user: &str, entity: &Value) -> Value {
    json!({
        "id": id, "eventType": "entityUpdated", "entityType": "table", "entityId": "e-1", "previousVersion": 0.1,
        "currentVersion": 0.2, "userName": user, "timestamp": 1_700_000_000_123_i64, "entity": entity,
        "changeDescription": {"fieldsAdded": []}, "aFieldOfTheFuture": [1],
    })
}

fn entity() -> Value {
    json!({"id": "e-1", "name": "odd.name", "fullyQualifiedName": "svc.db.s.\"odd.name\"", "version": 0.2})
}

#[test]
fn one_object_with_its_entity_as_text_or_as_an_object_reads_the_same() {
    let as_text = batch(&event("1", "alice", &Value::String(entity().to_string())));
    let as_object = batch(&event("1", "alice", &entity()));
    assert_eq!(as_text, as_object);
    let event = &as_text.events[0];
    assert_eq!(event.fqn.as_ref().unwrap().parts(), ["svc", "db", "s", "odd.name"]);
    assert_eq!((event.id.as_str(), event.user_name.as_str()), ("1", "alice"));
    assert_eq!((event.timestamp_ms, event.entity.as_ref().unwrap()), (1_700_000_000_123, &entity()));
}

#[test]
fn lists_are_read_bare_under_data_under_events_and_with_paging() {
    let list = json!([event("1", "alice", &entity()), event("2", "bob", &Value::Null)]);
    for body in [
        list.clone(),
        json!({ "data": list }),
        json!({ "data": list, "paging": {"total": 2} }),
        json!({ "events": list }),
    ] {
        let ids: Vec<String> = batch(&body).events.into_iter().map(|e| e.id).collect();
        assert_eq!(ids, ["1", "2"]);
    }
}

#[test]
fn our_own_changes_are_left_out_and_counted() {
    let batch = batch(&json!([event("1", "Catalog-Bot", &entity()), event("2", "alice", &entity())]));
    assert_eq!((batch.events.len(), batch.own, batch.events[0].id.as_str()), (1, 1, "2"));
}

#[test]
fn an_unreadable_entry_does_not_lose_the_others() {
    let batch = batch(&json!([7, {"eventType": "entityCreated"}, event("2", "alice", &json!("{cut off"))]));
    assert_eq!((batch.events.len(), batch.unreadable), (1, 2));
    assert!(batch.events[0].entity.is_none() && batch.events[0].fqn.is_none());
}

#[test]
fn an_event_without_an_id_has_the_same_id_when_it_is_sent_again() {
    let mut sent = event("1", "alice", &entity());
    sent.as_object_mut().unwrap().remove("id");
    assert_eq!(batch(&sent).events[0].id, batch(&json!([sent])).events[0].id);
}

#[test]
fn an_unsigned_or_changed_body_is_refused_before_it_is_read() {
    let receiver = WebhookReceiver::new(&Secret::new(SECRET), None, None).unwrap();
    assert_eq!(receiver.receive(None, b"not even json").unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!(receiver.receive(Some("sha256=AAAA"), b"{}").unwrap_err().kind(), ErrorKind::Forbidden);
}

#[test]
fn bodies_too_large_and_lists_too_long_are_refused() {
    let kind = |body: &[u8]| receive(body).unwrap_err().kind();
    assert_eq!(kind(&vec![b' '; WEBHOOK_BODY_BYTES_MAX + 1]), ErrorKind::LimitExceeded);
    let many = vec![json!({}); EVENTS_MAX + 1];
    assert_eq!(kind(&serde_json::to_vec(&many).unwrap()), ErrorKind::LimitExceeded);
    assert_eq!(kind("[".repeat(100_000).as_bytes()), ErrorKind::InvalidInput);
}

#[test]
fn an_error_quotes_nothing_of_the_body() {
    let message = receive(br#"{"secretvalue" oops"#).unwrap_err().to_string();
    assert!(!message.contains("secretvalue") && !message.contains("oops"), "{message}");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = receive(&body);
    }

    #[test]
    fn any_json_of_the_right_outline_is_read_or_refused_without_panic(
        values in prop::collection::vec(prop_oneof!["[a-zA-Z\"{.]{0,8}".prop_map(Value::String), any::<i64>().prop_map(Value::from), Just(Value::Null)], 8),
    ) {
        let keys = ["id", "eventType", "entityType", "entityId", "entityFullyQualifiedName", "userName", "timestamp", "entity"];
        let sent: Value = keys.into_iter().map(str::to_owned).zip(values).collect::<serde_json::Map<_, _>>().into();
        let read = batch(&json!([sent]));
        prop_assert_eq!(read.events.len() + read.own + read.unreadable, 1);
    }
}
