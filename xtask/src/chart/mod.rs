//! `cargo xtask chart`: holds the Helm chart to what it promises, without a cluster.
//!
//! Real helm lints and renders every file of `deploy/helm/tests/values` and the umbrella chart beside it; each object is
//! held to the schemas of Kubernetes ([`tools`]), to the kept rendering and to the facts of [`facts`]; the daemon reads
//! the configuration that comes out. [`schema`] makes the schema of the values from the configuration's own.

mod facts;
mod schema;
mod tools;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{Result, WORKSPACE};
use tools::Tools;

/// The oldest version that the chart supports and the newest whose schemas are bundled.
const KUBERNETES: [&str; 2] = ["1.27", "1.37"];

/// Settings that the chart must refuse, and a word of the reason.
const REFUSED: &[(&str, &str)] = &[
    ("ledger.store=sqlite", "persistence.enabled"),
    ("ledger.store=sqlite,persistence.enabled=true,replicas=2", "replicas"),
    ("ledger.store=sqlite,persistence.enabled=true,cronJob.enabled=true", "cronJob.enabled"),
    ("ledger.store=oracle", "ledger"),
    ("secrets.ledgerKey.existingSecret=", "ledgerKey"),
    ("secrets.apiTokens.existingSecret=", "apiTokens"),
    ("config.egress.allow={example.org:443}", "extraEgress"),
    ("config.telemetry.otlp_url=http://otel:4318", "extraEgress"),
    ("config.trino.url=http://example.org", "url"),
    ("config.sample.row_max=1", "row_max"),
    ("config.publish.key=maybe", "publish"),
    ("replica=2", "replica"),
];

/// Checks the chart; `update` first writes the schema of the values and the kept renderings anew.
///
/// # Errors
/// The first promise that does not hold.
pub fn run(update: bool, out: &mut dyn Write) -> Result<()> {
    let tools = Tools::install()?;
    let helm = Path::new(WORKSPACE).join("deploy/helm");
    let chart = helm.join("catalog-sync");
    schema::hold(&tools, &chart, update)?;
    let mut files: Vec<PathBuf> =
        fs::read_dir(helm.join("tests/values"))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    for values in &files {
        tools.helm(&["lint", "--strict", "--quiet"], &[&chart, Path::new("--values"), values])?;
        let text = tools.template(&chart, &["--values", &values.display().to_string()])?;
        let name = stem(values);
        examine(&tools, &name, &text, update)?;
        writeln!(out, "fine    {name}")?;
    }
    let umbrella = tempfile::tempdir()?;
    copy(&helm, umbrella.path())?;
    let folder = umbrella.path().join("tests/umbrella");
    tools.helm(&["dependency", "update"], &[&folder])?;
    tools.helm(&["lint", "--strict", "--quiet"], &[&folder])?;
    examine(&tools, "umbrella", &tools.template(&folder, &[])?, update)?;
    writeln!(out, "fine    umbrella")?;
    let off = tools.template(&folder, &["--set", "catalogSync.catalogSyncEnabled=false"])?;
    if off.contains("kind:") {
        return Err("an umbrella that switches the chart off still renders objects of it".into());
    }
    for (settings, word) in REFUSED {
        let refusal = match tools.template(&chart, &["--set", &format!("catalogSyncEnabled=true,{settings}")]) {
            Ok(_) => return Err(format!("the chart accepts {settings}").into()),
            Err(error) => error.to_string(),
        };
        if !refusal.contains(word) {
            return Err(format!("the refusal of {settings} does not name {word}: {refusal}").into());
        }
        writeln!(out, "refused {settings}")?;
    }
    Ok(())
}

/// One rendering: its kept form, the schemas of Kubernetes, the facts, the daemon's own reading of its configuration.
fn examine(tools: &Tools, name: &str, text: &str, update: bool) -> Result<()> {
    keep(name, text, update)?;
    let work = tempfile::tempdir()?;
    let file = work.path().join("rendered.yaml");
    fs::write(&file, text)?;
    let mut objects = Vec::new();
    for version in KUBERNETES {
        objects = tools.objects(&file, Some(version)).map_err(|e| format!("{name}: {e}"))?;
    }
    facts::hold(name, &objects).map_err(|e| format!("{name}: {e}"))?;
    for config in objects.iter().filter_map(|object| object["data"]["catalog-sync.toml"].as_str()) {
        let file = work.path().join("catalog-sync.toml");
        fs::write(&file, config)?;
        daemon_reads(&file).map_err(|e| format!("{name}: the daemon refuses the configuration: {e}"))?;
    }
    Ok(())
}

/// Compares a rendering with the kept one, in which long files that the chart merely carries are left out.
fn keep(name: &str, text: &str, update: bool) -> Result<()> {
    let kept = Path::new(WORKSPACE).join(format!("deploy/helm/tests/golden/{name}.yaml"));
    let mut text = text.to_owned();
    for (file, indent) in [("dashboard.json", 4), ("alerts.yaml", 2)] {
        let path = Path::new(WORKSPACE).join("deploy/helm/catalog-sync/files").join(file);
        let pad = " ".repeat(indent);
        let carried: Vec<String> = fs::read_to_string(path)?.lines().map(|line| format!("{pad}{line}")).collect();
        text = text.replace(&carried.join("\n"), &format!("{pad}<files/{file}>"));
    }
    if update {
        return Ok(fs::write(kept, text)?);
    }
    if fs::read_to_string(&kept).is_ok_and(|before| before == text) {
        return Ok(());
    }
    let shown = kept.display();
    Err(format!("{name} renders otherwise than {shown}: look at `cargo xtask chart --update` and `git diff`").into())
}

fn daemon_reads(file: &Path) -> Result<()> {
    // Cargo puts it beside the program that runs now.
    let daemon = std::env::current_exe()?.with_file_name("catalog-syncd");
    if !daemon.is_file() {
        return Err("run `cargo build -p catalog-syncd` first".into());
    }
    let said = Command::new(daemon).env_clear().arg("--config").arg(file).args(["config", "show"]).output()?;
    if said.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said.stderr).into_owned().into()) }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The text of a JSON value, or nothing.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
