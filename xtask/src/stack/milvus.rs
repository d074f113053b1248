//! Milvus Lite, the vector store: Milvus's gRPC interface without users, rights and the REST one.

use super::component::{Component, Facts, Launch, Set};
use super::install::Installer;
use super::{Stack, probe, python};
use crate::Result;

pub(super) struct Milvus;

const REQUIREMENTS: &str = include_str!("python/milvus-requirements.txt");

static FACTS: Facts = Facts {
    name: "milvus",
    version: "3.2.2",
    origin: "Milvus Lite and its client from PyPI",
    port: 19530,
    disk_mb: 455,
    ready_secs: 2,
    rss_mb: 160,
    needs: &[],
    set: Set::Default,
};

impl Component for Milvus {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn install(&self, installer: &Installer<'_>) -> Result<()> {
        installer.python(&python::requirements(REQUIREMENTS)).map(drop)
    }

    fn launch(&self, stack: &Stack) -> Result<Launch> {
        let data = stack.data(FACTS.name)?.join("milvus.db");
        // Its own default is every address of the machine.
        let listen = ["--host".to_owned(), "127.0.0.1".to_owned(), "--port".to_owned(), stack.port(&FACTS).to_string()];
        let arguments = ["server".to_owned(), "--data-dir".to_owned(), data.display().to_string()];
        Ok(Launch::new(python::bin(stack, &FACTS).join("milvus-lite")).arguments(arguments).arguments(listen))
    }

    /// It speaks gRPC alone, and listens when it is ready.
    fn probe(&self, stack: &Stack) -> Result<String> {
        probe::connects(stack.port(&FACTS)).map(|()| FACTS.version.to_owned())
    }

    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>> {
        let client = python::bin(stack, &FACTS).join("python");
        Ok(vec![
            ("CATALOG_TEST_MILVUS_URL", format!("http://127.0.0.1:{}", stack.port(&FACTS))),
            ("CATALOG_TEST_MILVUS_PYTHON", client.display().to_string()),
        ])
    }

    fn tests(&self) -> &'static [&'static str] {
        &["milvus", "egress"]
    }
}
