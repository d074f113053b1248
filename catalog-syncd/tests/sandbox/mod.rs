//! A place of its own for one run of the real binary: home, state and data.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A temporary folder with a home in it.
pub(crate) struct Sandbox(TempDir);

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the binary with these arguments and nothing of the caller's environment.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_catalog-syncd"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.path("home"))
            .env("USER", "tess")
            .env("TMPDIR", self.0.path())
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    /// Runs `sync` over a warehouse and gives exit code, report and standard error.
    pub(crate) fn sync(&self, warehouse: &Path, more: &[&str]) -> (i32, Value, String) {
        let warehouse = warehouse.display().to_string();
        let mut arguments = vec!["sync", "--warehouse", &warehouse, "--state", "state", "--output", "json"];
        arguments.extend(more);
        let output = self.run(&arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let report = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), report, errors)
    }

    /// A SQLite file made by these statements.
    pub(crate) fn sqlite(&self, name: &str, statements: &str) -> PathBuf {
        let path = self.path(name);
        rusqlite::Connection::open(&path).unwrap().execute_batch(statements).unwrap();
        path
    }

    /// Every byte of every file below a folder.
    pub(crate) fn bytes_below(&self, name: &str) -> Vec<u8> {
        let mut all = Vec::new();
        let mut folders = vec![self.path(name)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    all.extend(std::fs::read(path).unwrap());
                }
            }
        }
        all
    }
}

/// Holds a report to the published schema.
pub(crate) fn assert_matches_schema(report: &Value) {
    let schema: Value = serde_json::from_str(include_str!("../../../docs/reference/report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(report).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// The table of that name in a report.
pub(crate) fn table<'a>(report: &'a Value, fqn: &str) -> &'a Value {
    let tables = report["tables"].as_array().unwrap();
    tables.iter().find(|t| t["fqn"] == fqn).unwrap_or_else(|| panic!("no table {fqn} in the report"))
}
