//! The LiteLLM proxy: the gateway that the daemon talks to, with the names that AKKO's models have.

use std::fs;

use serde_json::json;

use super::component::{Component, Facts, Launch, Set};
use super::install::Installer;
use super::{Stack, embed, llm, probe, python};
use crate::Result;

pub(super) struct LiteLlm;

/// `prisma` is for its error handler, which answers a missing key with an error of its own without it.
const REQUIREMENTS: &str = include_str!("python/litellm-requirements.txt");
/// The names that the daemon asks for. One small model of the stack answers to both.
const CHAT_NAMES: [&str; 2] = ["qwen2.5:3b", "qwen2.5-coder:7b"];
const EMBED_NAME: &str = "akko-embed";

static FACTS: Facts = facts(&["llm", "embed"]);
/// While the operator's server answers the chats.
static FACTS_WITHOUT_LLM: Facts = facts(&["embed"]);

const fn facts(needs: &'static [&'static str]) -> Facts {
    Facts {
        name: "litellm",
        version: "1.106.2",
        origin: "the LiteLLM proxy from PyPI",
        port: 4000,
        disk_mb: 745,
        ready_secs: 14,
        rss_mb: 340,
        needs,
        set: Set::Models,
    }
}

impl Component for LiteLlm {
    fn facts(&self) -> &'static Facts {
        if llm::elsewhere().is_some() { &FACTS_WITHOUT_LLM } else { &FACTS }
    }

    fn install(&self, installer: &Installer<'_>) -> Result<()> {
        installer.python(&python::requirements(REQUIREMENTS)).map(drop)
    }

    fn launch(&self, stack: &Stack) -> Result<Launch> {
        let file = stack.data(FACTS.name)?.join("config.yaml");
        fs::write(&file, configuration(stack)?)?;
        let port = stack.port(&FACTS).to_string();
        let listen = ["--host", "127.0.0.1", "--port", port.as_str()];
        Ok(Launch::new(python::bin(stack, &FACTS).join("litellm"))
            .arguments(["--config".into(), file])
            .arguments(listen)
            .variable("LITELLM_MASTER_KEY", stack.secret(FACTS.name)?)
            // Otherwise it fetches a list of prices when it starts.
            .variable("LITELLM_LOCAL_MODEL_COST_MAP", "True"))
    }

    fn probe(&self, stack: &Stack) -> Result<String> {
        probe::get(&format!("{}/health/liveliness", url(stack))).map(|_| FACTS.version.to_owned())
    }

    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>> {
        Ok(vec![
            ("CATALOG_TEST_LITELLM_URL", url(stack)),
            ("CATALOG_TEST_LITELLM_KEY_FILE", stack.secret_file(FACTS.name).display().to_string()),
        ])
    }

    fn tests(&self) -> &'static [&'static str] {
        &["litellm", "llm", "llm_canaries", "all_services"]
    }
}

fn url(stack: &Stack) -> String {
    format!("http://127.0.0.1:{}", stack.port(&FACTS))
}

/// The proxy's configuration: YAML, of which JSON is a part. Each model is routed by the name that it gives itself, so
/// that the header `x-litellm-model-name` of an answer says who really answered.
fn configuration(stack: &Stack) -> Result<String> {
    let mut models = Vec::new();
    for name in CHAT_NAMES {
        let (url, model) = match llm::elsewhere() {
            Some(other) => (other.url.clone(), other.model(name)?),
            None => (format!("{}/v1", llm::url(stack)), llm::served(stack)?),
        };
        models.push(route(name, &url, &model, 120));
    }
    let (model, _) = embed::served(stack)?;
    let mut embed = route(EMBED_NAME, &format!("{}/v1", embed::url(stack)), &model, 60);
    embed["model_info"] = json!({"mode": "embedding"});
    models.push(embed);
    let configuration = json!({
        "model_list": models,
        // The daemon retries by itself, and must see what went wrong.
        "litellm_settings": {"num_retries": 0, "drop_params": false, "telemetry": false},
        "router_settings": {"num_retries": 0, "allowed_fails": 1000, "disable_cooldowns": true},
        "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY"},
    });
    Ok(serde_json::to_string_pretty(&configuration)?)
}

fn route(name: &str, url: &str, model: &str, timeout_secs: u32) -> serde_json::Value {
    let parameters = json!({
        "model": format!("openai/{model}"),
        "api_base": url,
        "api_key": "none",
        "timeout": timeout_secs,
        "max_retries": 0,
    });
    json!({"model_name": name, "litellm_params": parameters})
}
