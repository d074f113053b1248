//! Descriptions, votes and vectors from the running models, through the product's own client.

#![allow(clippy::unwrap_used, reason = "a test says so when something is missing")]

use std::sync::Arc;
use std::time::Duration;

use catalog_core::ErrorKind;
use catalog_core::memory::ManualClock;
use catalog_core::model::*;
use catalog_core::ports::{Embedder, Enricher, PiiVoter};
use catalog_llm::client::{ChatMessage, ChatModel, ChatRequest, ChatRole};
use catalog_llm::guard::{GuardEvidence, check};
use catalog_llm::{
    ConnectionSettings, EmbedSettings, LlmSettings, LlmVoter, ModelClient, ModelEmbedder, ModelEnricher,
};
use catalog_local::describe::RuleEnricher;
use catalog_net::EgressPolicy;
use e2e::variable;

fn connection() -> (ConnectionSettings, EgressPolicy) {
    let url = variable("CATALOG_TEST_LITELLM_URL").unwrap();
    let parsed: url::Url = url.parse().unwrap();
    let target = (parsed.host_str().unwrap().to_owned(), parsed.port().unwrap());
    let settings = ConnectionSettings {
        url: format!("{url}/v1"),
        key_file: Some(variable("CATALOG_TEST_LITELLM_KEY_FILE").unwrap().into()),
        deadline: Duration::from_secs(300),
        ..ConnectionSettings::default()
    };
    (settings, EgressPolicy::allowing([target]))
}

fn client(settings: &ConnectionSettings) -> ModelClient {
    ModelClient::new(settings, &connection().1, Arc::new(ManualClock::at(0))).unwrap()
}

fn table() -> Table {
    let fqn = Fqn::from_parts(["bank", "main", "loan"]);
    let column = |name: &str, data_type| Column {
        name: name.to_owned(),
        native_type: String::new(),
        data_type,
        nullable: true,
        description: None,
    };
    Table {
        table_ref: TableRef {
            source: SourceId("bank".to_owned()),
            id: TableId::from_fqn(&fqn),
            fqn,
            engine: EngineName { catalog: String::new(), schema: "main".to_owned(), table: "loan".to_owned() },
        },
        kind: TableKind::Table,
        columns: vec![
            column("loan_id", DataType::Integer),
            column("account_id", DataType::Integer),
            column("amount", DataType::Decimal),
            column("duration_months", DataType::Integer),
            column("status", DataType::Text),
        ],
        description: None,
        primary_key: vec!["loan_id".to_owned()],
        unique_keys: Vec::new(),
        declared_keys: Vec::new(),
        upstream: Vec::new(),
        row_count_estimate: None,
        change_token: None,
        updated_at_ms: 0,
    }
}

fn request(table: &Table, language: Language) -> DescribeRequest<'_> {
    DescribeRequest {
        table,
        profile: None,
        verdicts: &[],
        sample: None,
        public_codes: &[],
        keys: &[],
        neighbours: &[],
        language,
        context: DescribeContext::default(),
    }
}

#[tokio::test]
async fn a_running_model_describes_a_table_in_either_language_within_the_guard() {
    let settings = LlmSettings { fallback_model: None, ..LlmSettings::default() };
    let chat = Arc::new(client(&connection().0));
    let enricher = ModelEnricher::new(chat.clone(), Arc::new(RuleEnricher), settings);
    let table = table();
    for language in [Language::En, Language::Fr] {
        let request = request(&table, language);
        let made = enricher.enrich(&request).await.unwrap();
        assert_eq!(made.stand_in, None);
        let draft = made.draft.unwrap();
        println!("{}, {:.2}: {}", draft.source, draft.confidence.value(), draft.text);
        assert_eq!(check(&draft.text, &GuardEvidence::of(&request, &[])), Ok(()));
        if let (DraftSource::Model(name), Ok(ours)) = (&draft.source, variable("CATALOG_TEST_LLM_MODEL")) {
            assert_eq!(*name, ours, "the draft names the model that really wrote it");
        }
    }
    println!("{:?}", enricher.statistics());
    let spent = chat.budget().of_run();
    assert!(spent.calls >= 2 && spent.tokens > 500, "{spent:?}");
}

#[tokio::test]
async fn an_answer_carries_its_tokens_and_how_likely_each_was() {
    let question = ChatRequest {
        model: "qwen2.5:3b".to_owned(),
        messages: vec![ChatMessage { role: ChatRole::User, text: "Say yes as JSON: {\"word\": \"yes\"}".to_owned() }],
        schema: Some(serde_json::json!({
            "type": "object", "properties": {"word": {"enum": ["yes"]}}, "required": ["word"],
        })),
        tokens_max: 20,
        temperature: 0.0,
    };
    let answer = client(&connection().0).chat(&question).await.unwrap();
    let object: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(object["word"], "yes");
    assert!(answer.prompt_tokens > 0 && answer.answer_tokens > 0);
    assert!(!answer.tokens.is_empty() && answer.tokens.iter().all(|token| token.logprob <= 0.0));
}

#[tokio::test]
async fn a_wrong_key_and_an_unknown_model_are_told_apart() {
    let question = |model: &str| ChatRequest {
        model: model.to_owned(),
        messages: vec![ChatMessage { role: ChatRole::User, text: "Hello".to_owned() }],
        schema: None,
        tokens_max: 5,
        temperature: 0.0,
    };
    let (settings, _) = connection();
    let unknown = client(&settings).chat(&question("gpt-nope")).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::InvalidInput);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "sk-wrong").unwrap();
    let refused = client(&ConnectionSettings { key_file: Some(file), ..settings });
    let error = refused.chat(&question("qwen2.5:3b")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(!error.to_string().contains("sk-wrong"));
}

#[tokio::test]
async fn vectors_have_unit_length_and_place_like_beside_like() {
    let (connection, policy) = connection();
    let dimension = variable("CATALOG_TEST_EMBED_DIMENSION").unwrap().parse().unwrap();
    let settings = EmbedSettings { connection, dimension, batch: 2, ..EmbedSettings::default() };
    let clock = Arc::new(ManualClock::at(0));
    let embedder = ModelEmbedder::new(settings.clone(), &policy, clock.clone()).unwrap();
    let texts = ["Bank loans with amount and status", "", "Weather stations and temperatures"].map(str::to_owned);
    let vectors = embedder.embed_documents(&texts).await.unwrap();
    let query = embedder.embed_query("Which credits were granted by the bank?").await.unwrap();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    assert!((dot(&vectors[0], &vectors[0]) - 1.0).abs() < 1e-4);
    assert!(vectors[1].iter().all(|x| *x == 0.0));
    assert!(dot(&query, &vectors[0]) > dot(&query, &vectors[2]) + 0.2);
    let wrong = EmbedSettings { dimension: dimension + 1, ..settings };
    let error = ModelEmbedder::new(wrong, &policy, clock).unwrap().embed_query("Loans").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn a_running_model_votes_on_every_column_and_never_clears_what_was_masked() {
    let names = ["email", "city", "amount"];
    let columns = names.map(|name| ColumnEvidence {
        name: name.to_owned(),
        data_type: DataType::Text,
        description: None,
        profile: None,
        hits: Vec::new(),
        cells_seen: 2,
        catalog_tags: Vec::new(),
    });
    let row = ["<EMAIL>", "Lyon", "12"].map(str::to_owned).to_vec();
    let evidence = PiiEvidence {
        table_name: "customer".to_owned(),
        columns: columns.to_vec(),
        masked: MaskedSample::from_masker(names.map(str::to_owned).to_vec(), vec![row]),
    };
    let voter = LlmVoter::new(Arc::new(client(&connection().0)), "qwen2.5:3b");
    let votes = voter.vote(&evidence).await.unwrap();
    println!("{votes:?}");
    assert_eq!(votes.len(), 3);
    assert_ne!(votes[0].verdict, Verdict::No);
}
