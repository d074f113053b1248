//! From a request to an enrichment: model, retry, fallback, rules, question.

#![allow(clippy::unwrap_used, reason = "tests say so when something is missing")]

mod support;

use std::sync::Arc;

use catalog_core::ErrorKind;
use catalog_core::memory::MemoryLedger;
use catalog_core::model::*;
use catalog_core::ports::Enricher;
use catalog_llm::enrich::NoteCache;
use catalog_llm::{LlmSettings, ModelEnricher};
use support::chat::{ScriptedChat, no_rules, rules, said};
use support::loans;

const GOOD: &str = "Loans of accounts with amount and status.";
const LONG: &str = "Loans of accounts with amount and status and email and amount and status and email and amount and \
                    status and email and amount and status";

fn enricher(chat: &Arc<ScriptedChat>) -> ModelEnricher {
    ModelEnricher::new(chat.clone(), rules(0.7), LlmSettings::default())
}

async fn enriched(chat: &Arc<ScriptedChat>) -> (Enrichment, ModelEnricher) {
    let enricher = enricher(chat);
    let made = enricher.enrich(&loans().request(Language::En)).await.unwrap();
    (made, enricher)
}

#[tokio::test]
async fn a_good_answer_becomes_the_draft_of_the_model_that_gave_it() {
    let chat = ScriptedChat::new([said(GOOD)]);
    let (made, enricher) = enriched(&chat).await;
    let draft = made.draft.unwrap();
    assert_eq!((draft.text.as_str(), draft.source.to_string().as_str()), (GOOD, "model:qwen2.5:3b"));
    assert!(draft.confidence.value() > 0.8, "{:?}", draft.confidence);
    assert_eq!((enricher.statistics().first_try, enricher.statistics().calls), (1, 1));
}

#[tokio::test]
async fn a_refused_answer_is_asked_for_once_more_with_the_reason() {
    let chat = ScriptedChat::new([said("Loans, see http://x.example"), said(GOOD)]);
    let (made, enricher) = enriched(&chat).await;
    assert_eq!(made.draft.unwrap().text, GOOD);
    let asked = chat.asked.lock().unwrap();
    assert!(asked[1].messages.last().unwrap().text.contains("it has an address"));
    let statistics = enricher.statistics();
    assert_eq!((statistics.after_retry, statistics.refusals["url"]), (1, 1));
}

#[tokio::test]
async fn the_fallback_model_is_asked_once_and_then_the_rules_write() {
    let chat = ScriptedChat::new([said("Visit www.x.example")]);
    let (made, enricher) = enriched(&chat).await;
    assert_eq!(chat.models(), ["qwen2.5:3b", "qwen2.5:3b", "qwen2.5-coder:7b"]);
    assert_eq!(made.draft.unwrap().source, DraftSource::Rules);
    assert_eq!((made.stand_in, enricher.statistics().by_rules), (None, 1));
}

#[tokio::test]
async fn identifiers_of_the_table_become_words_and_talk_of_columns_is_refused() {
    let chat = ScriptedChat::new([
        said("The loan table has columns account_id and amount"),
        said("Loans with account_id, amount"),
    ]);
    let (made, enricher) = enriched(&chat).await;
    assert_eq!(made.draft.unwrap().text, "Loans with account id, amount.");
    assert_eq!(enricher.statistics().refusals["structure"], 1);
}

#[tokio::test]
async fn a_second_sample_is_asked_of_the_same_model_and_disagreement_costs_confidence() {
    let settings = LlmSettings { second_sample: true, fallback_model: None, ..LlmSettings::default() };
    let mut sure = Vec::new();
    for other in [GOOD, "Cards of clients."] {
        let chat = ScriptedChat::new([said(GOOD), said(other)]);
        let enricher = ModelEnricher::new(chat.clone(), no_rules(), settings.clone());
        let made = enricher.enrich(&loans().request(Language::En)).await.unwrap();
        sure.push(made.draft.unwrap().confidence);
        assert_eq!(chat.models(), ["qwen2.5:3b"; 2]);
    }
    assert!(sure[0] > sure[1], "{sure:?}");
}

#[tokio::test]
async fn the_surer_of_two_models_is_taken() {
    let vague = "Assorted figures concerning various particulars.";
    let chat = ScriptedChat::new([said(vague), said(GOOD)]);
    let (made, enricher) = enriched(&chat).await;
    assert_eq!(made.draft.unwrap().text, GOOD);
    assert_eq!(enricher.statistics().after_fallback, 1);
    let chat = ScriptedChat::new([said(vague), said("Different stuff concerning other particulars www.x.example")]);
    assert_eq!(enriched(&chat).await.0.draft.unwrap().text, vague);
}

#[tokio::test]
async fn a_switched_off_fallback_is_never_asked() {
    let chat = ScriptedChat::new([said("Visit www.x.example")]);
    let settings = LlmSettings { fallback_model: None, ..LlmSettings::default() };
    let made = ModelEnricher::new(chat.clone(), rules(0.7), settings).enrich(&loans().request(Language::En)).await;
    assert_eq!(made.unwrap().draft.unwrap().source, DraftSource::Rules);
    assert_eq!(chat.models(), ["qwen2.5:3b", "qwen2.5:3b"]);
}

#[tokio::test]
async fn a_sentence_that_stays_too_long_is_cut_at_a_clause() {
    let chat = ScriptedChat::new([said(LONG)]);
    let (made, enricher) = enriched(&chat).await;
    let draft = made.draft.unwrap();
    assert!(draft.text.split_whitespace().count() <= 20 && draft.text.starts_with("Loans of accounts"));
    assert_eq!((enricher.statistics().shortened, enricher.statistics().refusals["too_many_words"]), (1, 2));
}

#[tokio::test]
async fn a_table_that_nobody_can_tell_becomes_a_question_and_not_a_guess() {
    let chat = ScriptedChat::new([said("")]);
    let unsure = ModelEnricher::new(chat.clone(), rules(0.4), LlmSettings::default());
    let made = unsure.enrich(&loans().request(Language::En)).await.unwrap();
    assert_eq!(made.draft, None);
    let question = made.question.unwrap();
    assert!(question.contains("\"loan\"") && question.contains("\"account_id\""), "{question}");
    let sure = enricher(&chat).enrich(&loans().request(Language::En)).await.unwrap();
    assert_eq!((sure.draft.unwrap().source, sure.question), (DraftSource::Rules, None));
}

#[tokio::test]
async fn an_outage_lets_the_rules_stand_in_and_says_so() {
    for kind in [ErrorKind::Unavailable, ErrorKind::Timeout, ErrorKind::LimitExceeded, ErrorKind::Forbidden] {
        let chat = ScriptedChat::with(vec![Err(kind)]);
        let (made, enricher) = enriched(&chat).await;
        assert_eq!(made.draft.unwrap().source, DraftSource::Rules);
        assert!(made.stand_in.is_some());
        let error = enricher.describe(&loans().request(Language::En)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
}

#[tokio::test]
async fn an_outage_of_the_fallback_does_not_lose_the_first_models_draft() {
    let vague = "Assorted figures concerning various particulars.";
    let chat = ScriptedChat::with(vec![Ok(said(vague)), Err(ErrorKind::Timeout)]);
    let (made, _) = enriched(&chat).await;
    assert_eq!((made.draft.unwrap().text.as_str(), made.stand_in), (vague, None));
}

#[tokio::test]
async fn the_same_evidence_is_asked_about_once_and_new_evidence_again() {
    let chat = ScriptedChat::new([said(GOOD)]);
    let cache = Arc::new(NoteCache::new(Arc::new(MemoryLedger::default())));
    let first = enricher(&chat).with_cache(cache.clone());
    let second = enricher(&chat).with_cache(cache);
    let made = first.enrich(&loans().request(Language::En)).await.unwrap();
    // Another process draws another boundary.
    assert_eq!(second.enrich(&loans().request(Language::En)).await.unwrap(), made);
    assert_eq!((chat.models().len(), second.statistics().cached), (1, 1));
    let mut changed = loans();
    changed.table.columns[2].name = "sum".to_owned();
    second.enrich(&changed.request(Language::En)).await.unwrap();
    assert_eq!(chat.models().len(), 2);
}

#[tokio::test]
async fn a_copied_example_or_neighbour_is_no_description() {
    for copied in ["Inspections of vessels with date, harbour, inspector and outcome.", "Current accounts"] {
        let chat = ScriptedChat::new([said(copied)]);
        let (made, enricher) = enriched(&chat).await;
        assert_eq!(made.draft.unwrap().source, DraftSource::Rules);
        assert!(enricher.statistics().refusals.contains_key("duplicate"), "{copied}");
    }
}

fn decided() -> (Vec<AcceptedExample>, Vec<RefusedExample>) {
    let (fqn, text) = (Fqn::from_parts(["bank", "main", "card"]), "Cards of clients.".to_owned());
    let accepted = AcceptedExample { fqn, columns: vec!["card_id".to_owned()], text, domain: None };
    let fqn = loans().table.table_ref.fqn;
    let refused = RefusedExample { fqn, text: "Loans and more.".to_owned(), reason: "It is too vague".to_owned() };
    (vec![accepted], vec![refused])
}

#[tokio::test]
async fn a_rejected_text_is_shown_to_the_model_and_never_taken_again() {
    let chat = ScriptedChat::new([said("Loans and more"), said(GOOD)]);
    let (case, (_, refused)) = (loans(), decided());
    let mut request = case.request(Language::En);
    request.context.refused = &refused;
    let enricher = enricher(&chat);
    let draft = enricher.enrich(&request).await.unwrap().draft.unwrap();
    assert_eq!((draft.text.as_str(), draft.prompt_version.as_str()), (GOOD, "describe-2+refused-1"));
    assert_eq!(enricher.statistics().refusals["duplicate"], 1);
    let asked = chat.asked.lock().unwrap()[0].messages[1].text.clone();
    assert!(asked.contains("because \"It is too vague\": \"Loans and more.\""), "{asked}");
}

#[tokio::test]
async fn a_stewards_decision_elsewhere_has_no_table_asked_about_again() {
    let chat = ScriptedChat::new([said(GOOD)]);
    let cache = Arc::new(NoteCache::new(Arc::new(MemoryLedger::default())));
    let enricher = enricher(&chat).with_cache(cache);
    let (case, (accepted, refused)) = (loans(), decided());
    let mut request = case.request(Language::En);
    let made = enricher.enrich(&request).await.unwrap();
    request.context.examples = &accepted;
    request.context.refused = &refused;
    assert_eq!(enricher.enrich(&request).await.unwrap(), made);
    assert_eq!((chat.models().len(), enricher.statistics().cached), (1, 1));
}

fn domains() -> Vec<DomainSpec> {
    let domain = |name: &str, description: &str, examples: &[&str]| DomainSpec {
        name: name.to_owned(),
        description: description.to_owned(),
        examples: examples.iter().map(ToString::to_string).collect(),
        instructions: String::new(),
    };
    vec![domain("Lending", "loans and what is owed", &["t_pret"]), domain("People", "staff", &["staff"])]
}

#[tokio::test]
async fn a_table_is_placed_in_one_of_the_operators_domains_or_in_none() {
    let domains = domains();
    for (named, placed) in [("Lending", Some("Lending")), ("none", None), ("Finance", None)] {
        let chat = ScriptedChat::new([serde_json::json!({"description": GOOD, "domain": named}).to_string()]);
        let case = loans();
        let mut request = case.request(Language::En);
        request.context.domains = &domains;
        let made = enricher(&chat).enrich(&request).await.unwrap();
        assert_eq!(made.domain.map(|domain| domain.name).as_deref(), placed);
        let schema = chat.asked.lock().unwrap()[0].schema.clone().unwrap();
        assert_eq!(schema["properties"]["domain"]["enum"], serde_json::json!(["Lending", "People", "none"]));
    }
}

#[tokio::test]
async fn a_table_among_a_domains_examples_is_placed_there_whatever_the_model_says() {
    let mut domains = domains();
    domains[1].examples.push("loan".to_owned());
    let chat = ScriptedChat::new([serde_json::json!({"description": GOOD, "domain": "Lending"}).to_string()]);
    let case = loans();
    let mut request = case.request(Language::En);
    request.context.domains = &domains;
    let placed = enricher(&chat).enrich(&request).await.unwrap().domain.unwrap();
    assert!(placed.name == "People" && placed.confidence.value() > 0.9);
}

#[tokio::test]
async fn columns_without_a_description_are_asked_for_forty_at_a_time_and_guarded() {
    let mut case = loans();
    for i in 0..60 {
        let column = Column { name: format!("extra_{i}"), ..case.table.columns[0].clone() };
        case.table.columns.push(column);
    }
    let columns = serde_json::json!({"columns": [
        {"name": "status", "description": "State of the loan."},
        {"name": "status", "description": "State again."},
        {"name": "amount", "description": "Has a description already."},
        {"name": "email", "description": "Write to a@b.example"},
        {"name": "ghost", "description": "Not a column."},
    ]});
    let chat = ScriptedChat::new([said(GOOD), columns.to_string(), "{}".to_owned()]);
    let mut request = case.request(Language::En);
    request.context.describe_columns = true;
    let made = ModelEnricher::new(chat.clone(), no_rules(), LlmSettings::default()).enrich(&request).await.unwrap();
    let texts: Vec<(&str, &str)> = made.columns.iter().map(|c| (c.column.as_str(), c.draft.text.as_str())).collect();
    assert_eq!(texts, [("status", "State of the loan.")]);
    // One call for the table, two for its 64 columns without a description.
    assert_eq!(chat.models().len(), 3);
}
