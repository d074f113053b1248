//! Chats and embeddings through the LiteLLM proxy.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use e2e::variable;
use serde_json::{Value, json};

/// A small model on two busy cores.
const ANSWER_WITHIN: Duration = Duration::from_secs(180);

struct Answer {
    status: u16,
    /// Who really answered, behind the name that was asked for.
    model: String,
    body: Value,
}

fn ask(path: &str, key: &str, body: &Value) -> Answer {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWER_WITHIN))
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false);
    let url = format!("{}{path}", variable("CATALOG_TEST_LITELLM_URL").unwrap());
    let agent = ureq::Agent::from(config.build());
    let request = agent.post(&url).header("Authorization", format!("Bearer {key}"));
    let mut answer = request.header("Content-Type", "application/json").send(body.to_string()).unwrap();
    let model = answer.headers().get("x-litellm-model-name").map(|name| name.to_str().unwrap().to_owned());
    let model = model.unwrap_or_default().trim_start_matches("openai/").to_owned();
    let text = answer.body_mut().read_to_string().unwrap();
    Answer { status: answer.status().as_u16(), model, body: serde_json::from_str(&text).unwrap() }
}

fn key() -> String {
    std::fs::read_to_string(variable("CATALOG_TEST_LITELLM_KEY_FILE").unwrap()).unwrap()
}

fn question(model: &str) -> Value {
    let text = "Describe the table bank.loans(loan_id, account_id, amount, duration) in one short sentence.";
    json!({"model": model, "messages": [{"role": "user", "content": text}], "temperature": 0, "max_tokens": 40})
}

#[test]
fn a_chat_by_either_name_returns_text_and_says_who_really_answered() {
    for name in ["qwen2.5:3b", "qwen2.5-coder:7b"] {
        let answer = ask("/v1/chat/completions", &key(), &question(name));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let text = answer.body["choices"][0]["message"]["content"].as_str().unwrap();
        println!("{name}, really {}: {text}", answer.model);
        assert!(text.to_lowercase().contains("loan"), "{text}");
        assert!(!answer.model.is_empty());
        // An operator's own server is not asked for its name.
        if let Ok(ours) = variable("CATALOG_TEST_LLM_MODEL") {
            assert_eq!(answer.model, ours);
        }
    }
}

#[test]
fn an_embedding_has_the_right_dimension_and_places_like_beside_like() {
    let texts = ["A man is eating food.", "A man is eating a piece of bread.", "A cheetah is running behind its prey."];
    let answer = ask("/v1/embeddings", &key(), &json!({"model": "akko-embed", "input": texts}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.model, variable("CATALOG_TEST_EMBED_MODEL").unwrap());
    let vectors: Vec<Vec<f64>> =
        (0..3).map(|i| serde_json::from_value(answer.body["data"][i]["embedding"].clone()).unwrap()).collect();
    let dimension: usize = variable("CATALOG_TEST_EMBED_DIMENSION").unwrap().parse().unwrap();
    assert!(vectors.iter().all(|v| v.len() == dimension));
    let cosine = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    println!("akko-embed, really {}: {dimension} dimensions", answer.model);
    assert!((cosine(&vectors[0], &vectors[0]) - 1.0).abs() < 1e-3, "a vector has length 1");
    assert!(cosine(&vectors[0], &vectors[1]) > cosine(&vectors[0], &vectors[2]) + 0.3);
}

#[test]
fn a_wrong_key_and_no_key_are_refused() {
    for wrong in ["sk-wrong", ""] {
        let answer = ask("/v1/chat/completions", wrong, &question("qwen2.5:3b"));
        // Without a database LiteLLM says 400 to a key that it does not know.
        assert!([400, 401, 403].contains(&answer.status), "{} {}", answer.status, answer.body);
        assert!(answer.body["choices"].is_null());
    }
}

#[test]
fn a_model_that_is_not_routed_is_refused() {
    let answer = ask("/v1/chat/completions", &key(), &question("gpt-nope"));
    assert_eq!(answer.status, 400, "{}", answer.body);
}
