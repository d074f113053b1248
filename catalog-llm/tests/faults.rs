//! What a model server can do wrong, played by a server that does it.

#![allow(clippy::unwrap_used, reason = "tests say so when something is missing")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use catalog_core::ErrorKind;
use catalog_core::memory::ManualClock;
use catalog_core::model::{DraftSource, Language};
use catalog_core::ports::{Embedder, Enricher};
use catalog_llm::client::{BudgetLimits, ChatMessage, ChatModel, ChatRequest, ChatRole};
use catalog_llm::{ConnectionSettings, EmbedSettings, LlmSettings, ModelClient, ModelEmbedder, ModelEnricher};
use catalog_net::EgressPolicy;
use support::chat::rules;
use support::loans;
use support::server::{Play, Server};

fn question() -> ChatRequest {
    ChatRequest {
        model: "qwen2.5:3b".to_owned(),
        messages: vec![ChatMessage { role: ChatRole::User, text: "Hello".to_owned() }],
        schema: Some(serde_json::json!({"type": "object"})),
        tokens_max: 20,
        temperature: 0.0,
    }
}

fn settings(server: &Server) -> ConnectionSettings {
    ConnectionSettings { url: server.url(), deadline: Duration::from_secs(20), ..ConnectionSettings::default() }
}

fn client(settings: &ConnectionSettings, port: u16) -> ModelClient {
    let policy = EgressPolicy::allowing([("127.0.0.1", port)]);
    ModelClient::new(settings, &policy, Arc::new(ManualClock::at(0))).unwrap()
}

#[tokio::test]
async fn each_way_of_failing_has_its_kind_of_error() {
    for (play, kind) in [
        (Play::Status(401, "{}"), ErrorKind::Forbidden),
        (Play::Status(400, r#"{"error": {"type": "no_db_connection"}}"#), ErrorKind::Forbidden),
        (Play::Status(400, r#"{"error": {"message": "Invalid model name"}}"#), ErrorKind::InvalidInput),
        (Play::Status(408, "{}"), ErrorKind::Timeout),
        (Play::Status(500, "Internal Server Error"), ErrorKind::Unavailable),
        (Play::Status(200, "<html><body>Sign in</body></html>"), ErrorKind::Corrupt),
        (Play::Status(200, r#"{"choices": [{"message": {"cont"#), ErrorKind::Corrupt),
        (Play::Status(200, r#"{"choices": []}"#), ErrorKind::Corrupt),
        (Play::Endless, ErrorKind::LimitExceeded),
        (Play::HangUp, ErrorKind::Unavailable),
    ] {
        let server = Server::start(vec![play.clone()]).await;
        let error = client(&settings(&server), server.port).chat(&question()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{play:?}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_at_the_deadline() {
    let server = Server::start(vec![Play::Silence]).await;
    let settings = ConnectionSettings { deadline: Duration::from_millis(150), ..settings(&server) };
    let error = client(&settings, server.port).chat(&question()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn a_server_without_schemas_is_asked_without_and_then_never_with_again() {
    let refuses = Play::WithoutSchema(Box::new(Play::Says("Loans of accounts.")));
    let server = Server::start(vec![refuses]).await;
    let client = client(&settings(&server), server.port);
    for _ in 0..4 {
        assert_eq!(client.chat(&question()).await.unwrap().text, "Loans of accounts.");
    }
    // Twice with a schema and without, then only without.
    assert_eq!(server.asked(), 6);
}

#[tokio::test]
async fn a_used_up_budget_asks_nobody_and_the_rules_stand_in() {
    let server =
        Server::start(vec![Play::Says(r#"{"description": "Loans of accounts with amount and status."}"#)]).await;
    let budget = BudgetLimits { calls_per_run: 1, ..BudgetLimits::default() };
    let chat = Arc::new(client(&ConnectionSettings { budget, ..settings(&server) }, server.port));
    let enricher = ModelEnricher::new(chat.clone(), rules(0.7), LlmSettings::default());
    let case = loans();
    let first = enricher.enrich(&case.request(Language::En)).await.unwrap();
    assert!(matches!(first.draft.unwrap().source, DraftSource::Model(_)) && first.stand_in.is_none());
    let second = enricher.enrich(&case.request(Language::En)).await.unwrap();
    assert_eq!(second.draft.unwrap().source, DraftSource::Rules);
    assert!(second.stand_in.unwrap().contains("budget"));
    assert_eq!((server.asked(), chat.budget().of_run().tokens), (1, 120));
    chat.budget().begin_run();
    assert!(enricher.enrich(&case.request(Language::En)).await.unwrap().stand_in.is_none());
}

#[tokio::test]
async fn a_dead_server_is_not_waited_for_at_every_table() {
    let server = Server::start(vec![Play::HangUp]).await;
    let chat = Arc::new(client(&settings(&server), server.port));
    let enricher = ModelEnricher::new(chat, rules(0.7), LlmSettings::default());
    let case = loans();
    for _ in 0..30 {
        let made = enricher.enrich(&case.request(Language::En)).await.unwrap();
        assert!(made.stand_in.is_some() && made.draft.is_some());
    }
    assert!(server.asked() <= 12, "{}", server.asked());
}

#[tokio::test]
async fn no_bad_answer_becomes_a_description() {
    let many = "word ".repeat(400);
    let long = serde_json::json!({"description": many}).to_string();
    for said in [
        "",
        "I'm sorry, but I can't help with that.",
        "Je ne peux pas répondre à cette demande.",
        r#"{"description": "Les prêts de la banque et leur durée"}"#,
        r#"{"description": "Кредиты банка"}"#,
        r#"{"description": "Loans of the bank, see <b>here</b>"}"#,
        r#"{"description": 42}"#,
        r#"{"text": "Loans"}"#,
        r#"{"description": "Loans of Jean"#,
        "null",
        &long,
        &many,
    ] {
        let said: &'static str = Box::leak(said.to_owned().into_boxed_str());
        let server = Server::start(vec![Play::Says(said)]).await;
        let chat = Arc::new(client(&settings(&server), server.port));
        let enricher = ModelEnricher::new(chat, rules(0.7), LlmSettings::default());
        let made = enricher.enrich(&loans().request(Language::En)).await.unwrap();
        assert_eq!(made.draft.unwrap().source, DraftSource::Rules, "{said}");
        assert!(server.asked() <= 3);
    }
}

#[tokio::test]
async fn the_draft_names_the_model_that_the_gateway_routed_to() {
    let server = Server::start(vec![Play::Says(r#"{"description": "Loans of accounts with amount."}"#)]).await;
    let chat = Arc::new(client(&settings(&server), server.port));
    let made =
        ModelEnricher::new(chat, rules(0.7), LlmSettings::default()).enrich(&loans().request(Language::En)).await;
    assert_eq!(made.unwrap().draft.unwrap().source.to_string(), "model:tiny-1.5b");
}

fn embedder(server: &Server, dimension: usize) -> ModelEmbedder {
    let policy = EgressPolicy::allowing([("127.0.0.1", server.port)]);
    let settings = EmbedSettings {
        connection: settings(server),
        dimension,
        batch: 2,
        document_prefix: "doc: ".to_owned(),
        ..EmbedSettings::default()
    };
    ModelEmbedder::new(settings, &policy, Arc::new(ManualClock::at(0))).unwrap()
}

#[tokio::test]
async fn texts_are_embedded_in_batches_with_their_prefix_and_at_unit_length() {
    let server = Server::start(vec![Play::Vectors(3)]).await;
    let texts = ["a", " ", "b", "c"].map(str::to_owned);
    let vectors = embedder(&server, 3).embed_documents(&texts).await.unwrap();
    let length = |v: &Vec<f32>| v.iter().map(|x| x * x).sum::<f32>().sqrt();
    assert_eq!(vectors.iter().map(|v| length(v).round()).collect::<Vec<_>>(), [1.0, 0.0, 1.0, 1.0]);
    assert_eq!(server.asked(), 2);
    assert!(server.bodies()[0].contains(r#"["doc: a","doc: b"]"#), "{}", server.bodies()[0]);
}

#[tokio::test]
async fn a_model_of_another_dimension_is_refused_with_what_to_do() {
    let server = Server::start(vec![Play::Vectors(3)]).await;
    let error = embedder(&server, 768).embed_query("loans").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("embed.dimension"));
}

#[test]
fn an_embedder_of_another_prefix_or_dimension_has_another_id() {
    let policy = EgressPolicy::allowing([("127.0.0.1", 4000)]);
    let id =
        |settings: EmbedSettings| ModelEmbedder::new(settings, &policy, Arc::new(ManualClock::at(0))).unwrap().id();
    let plain = id(EmbedSettings::default());
    assert_ne!(plain, id(EmbedSettings { query_prefix: "q: ".to_owned(), ..EmbedSettings::default() }));
    assert_ne!(plain, id(EmbedSettings { dimension: 384, ..EmbedSettings::default() }));
}
