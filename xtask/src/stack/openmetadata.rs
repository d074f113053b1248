//! OpenMetadata: the stand-in of this workspace, since no registry has the server; its judge is the real client.

use super::component::{Component, Facts, Launch, Set};
use super::install::Installer;
use super::{Stack, build, probe, python};
use crate::Result;

pub(super) struct OpenMetadata;

const REQUIREMENTS: &str = include_str!("python/openmetadata-requirements.txt");
const PROGRAM: &str = "fake-om";
/// Set by an operator who brings a server: a file with a bearer token.
const TOKEN_FILE: &str = "CATALOG_TEST_OPENMETADATA_TOKEN_FILE";

static FACTS: Facts = Facts {
    name: "openmetadata",
    version: "2.0.6.0",
    origin: "stand-in of this workspace; client from PyPI",
    port: 8585,
    disk_mb: 533,
    ready_secs: 1,
    rss_mb: 10,
    needs: &[],
    set: Set::Default,
};

impl Component for OpenMetadata {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn install(&self, installer: &Installer<'_>) -> Result<()> {
        installer.python(&python::requirements(REQUIREMENTS)).map(drop)
    }

    /// Built at every start, so that it is never older than its source.
    fn launch(&self, stack: &Stack) -> Result<Launch> {
        let program = build::program(PROGRAM, "fake_om_http", &build::live_features()?)?;
        let token_file = token_file(stack)?;
        let arguments = ["--port".to_owned(), stack.port(&FACTS).to_string(), "--token-file".to_owned(), token_file];
        Ok(Launch::new(program).arguments(arguments))
    }

    fn probe(&self, stack: &Stack) -> Result<String> {
        let answer = probe::get(&format!("{}/api/v1/system/version", url(stack)))?;
        let answer: serde_json::Value = serde_json::from_str(&answer)?;
        let version = answer["version"].as_str().ok_or("it does not tell its version")?;
        Ok(format!("{version} (stand-in)"))
    }

    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>> {
        let client = python::bin(stack, &FACTS).join("python");
        let mut variables = vec![
            ("CATALOG_TEST_OPENMETADATA_URL", url(stack)),
            ("CATALOG_TEST_OPENMETADATA_PYTHON", client.display().to_string()),
        ];
        if std::env::var_os(TOKEN_FILE).is_none() {
            variables.push((TOKEN_FILE, token_file(stack)?));
        }
        Ok(variables)
    }

    fn tests(&self) -> &'static [&'static str] {
        &["fake_om_http", "fake_om_judged", "openmetadata"]
    }
}

fn token_file(stack: &Stack) -> Result<String> {
    Ok(stack.data(FACTS.name)?.join("token").display().to_string())
}

fn url(stack: &Stack) -> String {
    format!("http://127.0.0.1:{}", stack.port(&FACTS))
}
