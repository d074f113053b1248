//! What only a ledger in a database has to survive: faults 27 to 29, and the promise that work is lost to none.

use std::time::Duration;

use catalog_core::model::{Secret, WalkStage, WorkCounts};
use catalog_core::ports::ledger::{Outbox, TableStates, Upkeep, WorkPlan, WorkQueue};
use catalog_core::{ErrorKind, Retry};
use catalog_net::EgressPolicy;
use catalog_store::{PostgresLedger, PostgresSettings};
use catalog_testkit::samples;
use sqlx::Connection as _;

use crate::schema::{Fresh, Schema, execute, key};

/// Ends all of the ledger's connections, as a restart or a failover does.
async fn cut(fresh: &Fresh) {
    // The ledger's sessions are the only ones that name it so and have touched the schema's tables.
    let sql = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
         WHERE c.relnamespace = '{}'::regnamespace AND l.pid <> pg_backend_pid() AND l.granted
           AND l.pid IN (SELECT pid FROM pg_stat_activity WHERE application_name = 'akko-catalog-sync')",
        fresh.schema.name()
    );
    fresh.schema.run(&sql).await;
}

fn plan(name: &str) -> WorkPlan {
    let publish = vec![samples::describe(name, "A text.")];
    WorkPlan { state: samples::state(name), publish, propose: Vec::new() }
}

#[tokio::test]
async fn a_connection_reset_inside_a_transaction_loses_nothing_and_the_call_can_be_made_again() {
    let fresh = Fresh::new().await;
    fresh.enqueue(&[samples::work_item("loan")], WalkStage::Inspect).await.unwrap();
    let item = fresh.lease(WalkStage::Inspect, "worker", 1, 0, 60_000).await.unwrap().remove(0);
    // Somebody holds the states, so that finishing stops in the middle of its transaction, the item already removed.
    let mut holding = fresh.schema.raw().await;
    execute(&mut holding, "BEGIN; LOCK TABLE table_state IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let plan = plan("loan");
    let cutting = async {
        let waiting = "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                       WHERE c.relname = 'table_state' AND c.relnamespace = current_schema()::regnamespace AND NOT l.granted";
        let mut watching = fresh.schema.raw().await;
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut watching).await.unwrap() == 0 {}
        cut(&fresh).await;
    };
    let (outcome, ()) = tokio::join!(fresh.finish(&item, &plan), cutting);
    let error = outcome.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(matches!(error.retry(), Retry::Temporary(_)));
    execute(&mut holding, "ROLLBACK").await.unwrap();

    assert_eq!(fresh.counts().await.unwrap(), WorkCounts { queued: 1, parked: 0, done: 0 });
    assert!(fresh.pending(10).await.unwrap().is_empty());
    fresh.finish(&item, &plan).await.unwrap();
    assert_eq!(fresh.pending(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn after_a_restart_of_the_database_calls_go_on_without_an_error() {
    let schema = Schema::migrated().await;
    let role = crate::roles::Role::new().await;
    let ledger = role.ledger(&schema).await;
    for round in 0..3 {
        // Several connections lie idle; all are dead when the next calls come.
        let (a, b, c) = tokio::join!(ledger.counts(), ledger.note("a"), ledger.pending(1));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert!(role.cut().await > 0);
        assert!(ledger.note("a").await.is_ok());
        role.cut().await;
        ledger.set_note("a", &round.to_string()).await.unwrap();
        assert_eq!(ledger.note("a").await.unwrap(), Some(round.to_string()));
    }
}

#[tokio::test]
async fn a_database_that_is_down_is_unavailable_and_not_forgotten() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let settings = PostgresSettings::new(Secret::new(format!("postgres://u:hunter2@127.0.0.1:{port}/ledger")));
    let egress = EgressPolicy::allowing([("127.0.0.1", port)]);
    let error = PostgresLedger::connect(&settings, &egress, &key("5")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}/ledger")), "{error}");
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_database_that_is_not_on_the_allow_list_is_never_dialled() {
    let listening = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listening.local_addr().unwrap().port();
    for url in [
        format!("postgres://u@127.0.0.1:{port}/ledger"),
        format!("postgres://u@db.allowed:5432/ledger?host=127.0.0.1&port={port}"),
    ] {
        let settings = PostgresSettings::new(Secret::new(url));
        let egress = EgressPolicy::allowing([("db.allowed", 5432)]);
        let error = PostgresLedger::connect(&settings, &egress, &key("5")).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Forbidden, "{error}");
    }
    listening.set_nonblocking(true).unwrap();
    assert!(listening.accept().is_err(), "nobody called");
}

#[tokio::test]
async fn when_all_connections_are_in_use_a_call_waits_and_is_then_refused() {
    let mut schema = Schema::migrated().await;
    schema.settings.pool_size = 1;
    schema.settings.acquire_timeout = Duration::from_millis(50);
    let ledger = schema.open().await.unwrap();
    let mut holding = schema.raw().await;
    execute(&mut holding, "BEGIN; LOCK TABLE note IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let (busy, ()) = tokio::join!(ledger.note("a"), async {
        let refused = ledger.counts().await.err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Unavailable);
        assert!(refused.to_string().contains("all connections are in use"), "{refused}");
        execute(&mut holding, "ROLLBACK").await.unwrap();
    });
    assert_eq!(busy.unwrap(), None);
    assert!(ledger.counts().await.is_ok());
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_given_up() {
    let mut schema = Schema::migrated().await;
    schema.settings.statement_timeout = Duration::from_millis(50);
    let ledger = schema.open().await.unwrap();
    let mut holding = schema.raw().await;
    execute(&mut holding, "BEGIN; LOCK TABLE note IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let error = ledger.note("a").await.err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Unavailable), "{error}");
    execute(&mut holding, "ROLLBACK").await.unwrap();
    assert!(ledger.note("a").await.is_ok());
}

#[tokio::test]
async fn a_read_only_database_is_told_by_readiness_and_by_every_write_and_can_be_read() {
    let fresh = Fresh::new().await;
    fresh.set_note("a", "kept").await.unwrap();
    let mut schema = Schema::named();
    schema.settings.schema = fresh.schema.name().to_owned();
    let url = schema.settings.url.expose().to_owned();
    let separator = if url.contains('?') { '&' } else { '?' };
    schema.settings.url = Secret::new(format!("{url}{separator}options[default_transaction_read_only]=on"));
    let refused = schema.open().await.err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Forbidden);
    assert!(refused.to_string().contains("read-only"), "{refused}");

    // It becomes so midway: the sessions of a role are set read-only, and the old ones end.
    let role = crate::roles::Role::new().await;
    let ledger = role.ledger(&fresh.schema).await;
    ledger.ready().await.unwrap();
    role.run("SET default_transaction_read_only = on").await;
    role.cut().await;
    let unready = ledger.ready().await.err().unwrap();
    assert_eq!(unready.kind(), ErrorKind::Forbidden);
    let refused = ledger.enqueue(&[samples::work_item("loan")], WalkStage::Inspect).await.err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::Forbidden);
    assert_eq!(ledger.note("a").await.unwrap().as_deref(), Some("kept"));
    role.run("SET default_transaction_read_only = off").await;
    role.cut().await;
    ledger.ready().await.unwrap();
    ledger.enqueue(&[samples::work_item("loan")], WalkStage::Inspect).await.unwrap();
}

/// A trigger that refuses the first `times` notes as Postgres refuses a transaction that cannot be serialized. What a
/// sequence counted stays counted when the transaction goes back.
async fn collide(schema: &Schema, times: u32) {
    schema
        .run(&format!(
            "CREATE SEQUENCE tries;
             CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'collision' USING ERRCODE = '40001'; END IF;
                 RETURN NEW;
             END $$;
             CREATE TRIGGER collide BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION collide()"
        ))
        .await;
}

#[tokio::test]
async fn a_serialization_failure_is_tried_again_unseen() {
    let fresh = Fresh::new().await;
    collide(&fresh.schema, 3).await;
    fresh.set_note("a", "b").await.unwrap();
    assert_eq!(fresh.note("a").await.unwrap().as_deref(), Some("b"));
}

#[tokio::test]
async fn serialization_failures_without_end_are_told_as_temporary() {
    let fresh = Fresh::new().await;
    collide(&fresh.schema, 1_000).await;
    let error = fresh.set_note("a", "b").await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(matches!(error.retry(), Retry::Temporary(_)));
    assert_eq!(fresh.note("a").await.unwrap(), None);
}

#[tokio::test]
async fn batches_that_queue_the_same_tables_in_opposite_orders_both_succeed() {
    let fresh = Fresh::new().await;
    let items: Vec<_> = (0..200).map(|i| samples::work_item(&format!("t{i}"))).collect();
    let backwards: Vec<_> = items.iter().rev().cloned().collect();
    for _ in 0..5 {
        let (a, b) =
            tokio::join!(fresh.enqueue(&items, WalkStage::Inspect), fresh.enqueue(&backwards, WalkStage::Inspect));
        assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
    }
    assert_eq!(fresh.counts().await.unwrap().queued, 200);
}

#[tokio::test]
async fn a_process_that_was_paused_past_its_lease_cannot_commit() {
    let fresh = Fresh::new().await;
    let other = fresh.schema.open().await.unwrap();
    fresh.enqueue(&[samples::work_item("loan")], WalkStage::Inspect).await.unwrap();
    let paused = fresh.lease(WalkStage::Inspect, "paused", 1, 0, 60_000).await.unwrap().remove(0);
    let taken = other.lease(WalkStage::Inspect, "other", 1, 60_000, 60_000).await.unwrap().remove(0);
    assert!(taken.fence > paused.fence);
    assert_eq!(fresh.extend_leases(std::slice::from_ref(&paused), 120_000).await.unwrap().len(), 1, "it is told");
    for late in [
        fresh.finish(&paused, &plan("loan")).await,
        fresh.advance(&paused, &samples::state("loan")).await,
        fresh.postpone(&paused, 0).await,
        fresh.park(&paused, &samples::parked("loan")).await,
    ] {
        assert_eq!(late.err().unwrap().kind(), ErrorKind::Conflict);
    }
    other.finish(&taken, &plan("loan")).await.unwrap();
    assert_eq!(fresh.pending(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn replicas_that_drain_at_once_send_every_operation_once() {
    let fresh = Fresh::new().await;
    for i in 0..60 {
        let name = format!("t{i}");
        fresh.enqueue(&[samples::work_item(&name)], WalkStage::Inspect).await.unwrap();
        let item = fresh.lease(WalkStage::Inspect, "w", 1, 0, 60_000).await.unwrap().remove(0);
        fresh.finish(&item, &plan(&name)).await.unwrap();
    }
    let (a, b) = (fresh.schema.open().await.unwrap(), fresh.schema.open().await.unwrap());
    let drain = async |ledger: &PostgresLedger| {
        let mut sent = Vec::new();
        loop {
            let claim = ledger.claim(7, 0, 60_000).await.unwrap();
            if claim.operations.is_empty() {
                return sent;
            }
            for operation in &claim.operations {
                ledger.extend_claim(claim.fence, &operation.table.id, 60_000).await.unwrap();
                ledger.record(&[samples::receipt(operation, 1)]).await.unwrap();
                sent.push(operation.id.clone());
            }
        }
    };
    let (mut sent, other) = tokio::join!(drain(&a), drain(&b));
    assert!(!sent.is_empty() && !other.is_empty(), "both had work");
    sent.extend(other);
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), 60);
    assert!(fresh.pending(1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_schema_of_a_newer_version_is_refused_and_a_running_process_goes_on() {
    let fresh = Fresh::new().await;
    fresh
        .schema
        .run("ALTER TABLE note ADD COLUMN later text; INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
              VALUES (999, 'later', true, '\\x00', 0)")
        .await;
    let error = fresh.schema.open().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("999"), "{error}");
    let error = PostgresLedger::migrate(&fresh.schema.settings, &crate::schema::egress(), None).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    fresh.set_note("a", "b").await.unwrap();
    assert_eq!(fresh.note("a").await.unwrap().as_deref(), Some("b"));
}

#[tokio::test]
async fn a_schema_that_was_never_made_says_how_to_make_it() {
    let schema = Schema::named();
    let error = schema.open().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("migrate"), "{error}");
}

#[tokio::test]
async fn migrating_again_or_twice_at_once_changes_nothing() {
    let schema = Schema::named();
    let egress = crate::schema::egress();
    let migrate = || PostgresLedger::migrate(&schema.settings, &egress, None);
    let (a, b) = tokio::join!(migrate(), migrate());
    a.unwrap();
    b.unwrap();
    let ledger = schema.open().await.unwrap();
    ledger.set_note("a", "b").await.unwrap();
    migrate().await.unwrap();
    assert_eq!(ledger.note("a").await.unwrap().as_deref(), Some("b"));
}

#[tokio::test]
async fn another_key_is_refused_at_the_door() {
    let fresh = Fresh::new().await;
    let error =
        PostgresLedger::connect(&fresh.schema.settings, &crate::schema::egress(), &key("6")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("another key"), "{error}");
}

#[tokio::test]
async fn a_damaged_document_is_named_and_not_quoted() {
    let fresh = Fresh::new().await;
    fresh.enqueue(&[samples::work_item("loan")], WalkStage::Inspect).await.unwrap();
    let item = fresh.lease(WalkStage::Inspect, "w", 1, 0, 60_000).await.unwrap().remove(0);
    fresh.finish(&item, &plan("loan")).await.unwrap();
    fresh.schema.run("UPDATE table_state SET walked = '{\"gate\": \"canary\"'").await;
    let error = fresh.state(&samples::table_ref("loan").id).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("the state of a table") && !format!("{error:?}").contains("canary"), "{error}");
    fresh.schema.raw().await.close().await.unwrap();
}
