//! The programs that judge the chart, installed from package registries and kept.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Result;
use crate::stack::{go, install};

const HELM_TAG: &str = "v3.22.0";
/// What Go calls the module's hash.
const HELM_SUM: &str = "h1:n1if5iQgHYsujPAcO5oonH/KiSNUmqmUF0iGVjSF3AU=";
const JUDGE: &str = include_str!("python/judge.py");
const JUDGE_VERSION: &str = "1.37.0";

/// Helm, and the schemas of Kubernetes behind a small program.
pub(super) struct Tools {
    helm: PathBuf,
    judge: PathBuf,
}

impl Tools {
    /// Builds helm through the Go module proxy and takes the schemas from PyPI, unless both are there.
    ///
    /// # Errors
    /// When a registry does not answer.
    pub(super) fn install() -> Result<Self> {
        let helm = install::tool("helm", HELM_TAG.trim_start_matches('v'), |installer| {
            go::program(installer, "helm.sh/helm/v3", HELM_TAG, HELM_SUM, "helm.sh/helm/v3/cmd/helm")
        })?;
        let judge = install::tool("kubernetes-validate", JUDGE_VERSION, |installer| {
            let packages: Vec<&str> = include_str!("python/requirements.txt").lines().collect();
            installer.python(&packages).map(drop)
        })?;
        fs::write(judge.join("judge.py"), JUDGE)?;
        Ok(Self { helm: helm.join("helm"), judge })
    }

    /// Runs helm.
    ///
    /// # Errors
    /// What helm says.
    pub(super) fn helm(&self, arguments: &[&str], more: &[&Path]) -> Result<String> {
        let mut command = Command::new(&self.helm);
        command.args(arguments).args(more);
        output(&mut command)
    }

    /// What the chart renders for the newest Kubernetes.
    ///
    /// # Errors
    /// What helm says.
    pub(super) fn template(&self, chart: &Path, arguments: &[&str]) -> Result<String> {
        let fixed = ["template", "akko", "--namespace", "akko", "--kube-version", super::KUBERNETES[1]];
        self.helm(&[&fixed, arguments].concat(), &[chart])
    }

    /// The documents of a YAML file, held to the schemas of a version of Kubernetes when one is given.
    ///
    /// # Errors
    /// The first document that is not what it should be.
    pub(super) fn objects(&self, file: &Path, version: Option<&str>) -> Result<Vec<Value>> {
        let mut command = Command::new(self.judge.join("python/bin/python"));
        command.arg(self.judge.join("judge.py")).arg(file).args(version);
        Ok(serde_json::from_str(&output(&mut command)?)?)
    }
}

fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_owned();
    let said = command.stdin(Stdio::null()).output()?;
    if said.status.success() {
        return Ok(String::from_utf8(said.stdout)?);
    }
    let name = Path::new(&name).file_name().unwrap_or(OsStr::new("?")).display();
    let words = [said.stdout, said.stderr].concat();
    Err(format!("{name}: {}", String::from_utf8_lossy(&words).trim()).into())
}
