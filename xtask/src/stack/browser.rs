//! Headless Chromium behind its WebDriver server, for the tests of the steward's page.

use std::process::Command;

use serde_json::Value;

use super::component::{Component, Facts, Launch, Set};
use super::install::{Installer, Registry};
use super::{Stack, probe};
use crate::Result;

pub(super) struct Browser;

/// Debian's names; each is a program on the path, too.
const PROGRAMS: [(&str, &str); 2] = [("chromium", "chromium"), ("chromedriver", "chromium-driver")];

/// The accessibility rules of axe-core (MPL-2.0), a dependency of the tests alone.
const AXE: &str = "4.10.3";

static FACTS: Facts = Facts {
    name: "browser",
    // The browser is as Debian has it; the rules alone are pinned.
    version: AXE,
    origin: "headless Chromium and its WebDriver from Debian",
    port: 9515,
    disk_mb: 420,
    ready_secs: 1,
    rss_mb: 30,
    needs: &[],
    set: Set::Default,
};

impl Component for Browser {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn install(&self, installer: &Installer<'_>) -> Result<()> {
        let missing: Vec<&str> =
            PROGRAMS.into_iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| package).collect();
        if !missing.is_empty() {
            installer.apt(&missing)?;
        }
        if !is_there("npm") {
            return Err("npm is missing: install Node.js, which brings the accessibility rules".into());
        }
        let package = format!("axe-core@{AXE}");
        installer.fetch(Registry::Npm, || {
            let mut command = Command::new("npm");
            command.args(["pack", &package]).current_dir(&installer.folder);
            command
        })?;
        let mut unpack = Command::new("tar");
        unpack.args(["xzf", &format!("axe-core-{AXE}.tgz")]).current_dir(&installer.folder);
        installer.run(&mut unpack)
    }

    fn launch(&self, stack: &Stack) -> Result<Launch> {
        let port = format!("--port={}", stack.port(&FACTS));
        Ok(Launch::new("chromedriver").arguments([port]))
    }

    fn probe(&self, stack: &Stack) -> Result<String> {
        let status: Value = serde_json::from_str(&probe::get(&format!("{}/status", url(stack)))?)?;
        let version = status["value"]["build"]["version"].as_str().ok_or("the driver tells no version")?;
        Ok(version.split(' ').next().unwrap_or(version).to_owned())
    }

    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>> {
        let axe = stack.installed(&FACTS).join("package/axe.min.js");
        Ok(vec![("CATALOG_TEST_WEBDRIVER_URL", url(stack)), ("CATALOG_TEST_AXE", axe.display().to_string())])
    }

    fn tests(&self) -> &'static [&'static str] {
        &["page"]
    }
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn url(stack: &Stack) -> String {
    format!("http://127.0.0.1:{}", stack.port(&FACTS))
}
