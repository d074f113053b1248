//! VictoriaLogs, the store of query events, built from source through the Go module proxy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::component::{Component, Facts, Launch, Set};
use super::install::{Installer, Registry};
use super::{Stack, go, probe};
use crate::Result;

pub(super) struct VictoriaLogs;

/// The store has a repository of its own by now, which the proxy does not serve; this release of VictoriaMetrics is
/// the last that still holds its source.
const MODULE: &str = "github.com/VictoriaMetrics/VictoriaMetrics";
const TAG: &str = "v1.121.0";
/// What Go calls the module's hash.
const SUM: &str = "h1:GlM6ZYEE1p6hh1xTSQnLVHWnmWmlbgqa4EyBxBSm1/k=";
const PROGRAM: &str = "victoria-logs";

pub(super) static FACTS: Facts = Facts {
    name: "victorialogs",
    version: "1.121.0",
    origin: "built through the Go module proxy, 400 MB down",
    port: 9428,
    disk_mb: 15,
    ready_secs: 1,
    rss_mb: 20,
    needs: &[],
    set: Set::Default,
};

impl Component for VictoriaLogs {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn install(&self, installer: &Installer<'_>) -> Result<()> {
        let compiler = go::compiler(installer)?;
        let source = installer.stack.cache("victorialogs")?;
        let modules = installer.stack.cache("go-modules")?;
        let objects = installer.stack.cache("go-build")?;
        let go = |arguments: &[&str]| {
            let mut command = Command::new(&compiler);
            command.args(arguments).current_dir(&source);
            command
                .env("GOMODCACHE", &modules)
                .env("GOCACHE", &objects)
                .env("GOFLAGS", "-mod=mod -modcacherw -buildvcs=false");
            // A go.work above the cache folder is none of ours.
            command.env("GOWORK", "off");
            command
        };
        // A release with replace directives cannot be installed by name, so a module of ours takes over its go.mod.
        fs::write(source.join("go.mod"), "module localbuild/victorialogs\n")?;
        let download = ["mod", "download", "-json", &format!("{MODULE}@{TAG}")];
        installer.fetch(Registry::GoProxy, || go(&download))?;
        let upstream = upstream(&go(&download).output()?.stdout)?;
        let manifest = fs::read_to_string(upstream.join("go.mod"))?;
        let requirements = manifest.split_once('\n').map_or("", |(_, rest)| rest);
        fs::write(source.join("go.mod"), format!("module localbuild/victorialogs\n{requirements}"))?;
        fs::copy(upstream.join("go.sum"), source.join("go.sum"))?;
        let package = format!("{MODULE}/app/victoria-logs");
        fs::write(source.join("tools.go"), format!("//go:build tools\npackage tools\nimport _ \"{package}\"\n"))?;
        installer.run(&mut go(&["mod", "edit", &format!("-require={MODULE}@{TAG}")]))?;
        let program = installer.folder.join(PROGRAM).display().to_string();
        installer
            .fetch(Registry::GoProxy, || go(&["build", "-trimpath", "-ldflags", "-s -w", "-o", &program, &package]))?;
        // The compiler and the sources weigh forty times what they build.
        for folder in [installer.folder.join("python"), modules, objects, source] {
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
        }
        Ok(())
    }

    fn launch(&self, stack: &Stack) -> Result<Launch> {
        let data = stack.data(FACTS.name)?;
        Ok(Launch::new(stack.installed(&FACTS).join(PROGRAM)).arguments([
            format!("-storageDataPath={}", data.display()),
            format!("-httpListenAddr=127.0.0.1:{}", stack.port(&FACTS)),
            "-retentionPeriod=30d".to_owned(),
            "-memory.allowedBytes=256MiB".to_owned(),
            // An event of Trino is larger than the usual limit, beyond which it is dropped with a success status.
            "-insert.maxLineSizeBytes=2MiB".to_owned(),
        ]))
    }

    fn probe(&self, stack: &Stack) -> Result<String> {
        match probe::get(&format!("{}/health", url(stack)))?.trim() {
            "OK" => Ok(FACTS.version.to_owned()),
            _ => Err("it says that it is not healthy".into()),
        }
    }

    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>> {
        Ok(vec![("CATALOG_TEST_VICTORIALOGS_URL", url(stack))])
    }

    fn tests(&self) -> &'static [&'static str] {
        &["victorialogs"]
    }
}

/// Where it answers.
pub(super) fn url(stack: &Stack) -> String {
    format!("http://127.0.0.1:{}", stack.port(&FACTS))
}

/// The folder of the module's source, checked against its pinned sum.
fn upstream(answer: &[u8]) -> Result<PathBuf> {
    let answer: Value = serde_json::from_slice(answer)?;
    match (answer["Sum"].as_str(), answer["Dir"].as_str()) {
        (Some(SUM), Some(folder)) => Ok(Path::new(folder).to_owned()),
        (sum, _) => Err(format!("{MODULE}@{TAG} has the sum {sum:?}, not the pinned {SUM}").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_with_another_sum_is_refused() {
        let answer = |sum: &str| format!("{{\"Dir\": \"here\", \"Sum\": \"{sum}\"}}");
        assert_eq!(upstream(answer(SUM).as_bytes()).unwrap(), Path::new("here"));
        assert!(upstream(answer("h1:other").as_bytes()).unwrap_err().to_string().contains("h1:other"));
    }
}
