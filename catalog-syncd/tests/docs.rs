//! What the documentation says can be done: its commands run, its two languages show the same ones, its links lead
//! somewhere.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::{Path, PathBuf};
use std::process::Command;

const RUN: &str = "<!-- run -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The guides that people wrote, as English file and French file.
fn guides() -> Vec<(PathBuf, PathBuf)> {
    let mut all = Vec::new();
    for folder in ["docs", "docs/services"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".md") && !name.ends_with(".fr.md") {
                all.push((path.clone(), path.with_file_name(name.replace(".md", ".fr.md"))));
            }
        }
    }
    all.sort();
    all
}

/// The fenced blocks of a page: the line before the fence, and the text.
fn blocks(page: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = page.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].starts_with("```") {
            let end = (at + 1..lines.len()).find(|i| lines[*i].starts_with("```")).unwrap();
            let before = at.checked_sub(1).map_or("", |i| lines[i]);
            found.push((before.to_owned(), lines[at + 1..end].join("\n")));
            at = end;
        }
        at += 1;
    }
    found
}

#[test]
fn every_guide_is_there_in_both_languages_with_the_same_commands() {
    let guides = guides();
    assert!(guides.len() >= 10, "{guides:?}");
    for (english, french) in guides {
        let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(blocks(&read(&english)), blocks(&read(&french)), "{}", english.display());
    }
}

#[test]
fn the_commands_of_the_guides_run_as_they_are_written() {
    let program = Path::new(env!("CARGO_BIN_EXE_catalog-syncd")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut run = 0;
    for (english, _) in guides() {
        let page = std::fs::read_to_string(&english).unwrap();
        let scripts: Vec<String> = blocks(&page).into_iter().filter(|(mark, _)| mark == RUN).map(|(_, s)| s).collect();
        // The sample bank of one page serves all its blocks.
        let work = tempfile::tempdir().unwrap();
        let mut demo = false;
        for script in scripts {
            let script: Vec<&str> = script
                .lines()
                .filter(|line| !line.starts_with("catalog-syncd demo") || !std::mem::replace(&mut demo, true))
                .collect();
            let output = Command::new("sh")
                .args(["-e", "-c", &script.join("\n")])
                .env_clear()
                .env("PATH", &path)
                .env("HOME", work.path().join("home"))
                .env("USER", "tess")
                .env("TMPDIR", work.path())
                .current_dir(work.path())
                .output()
                .unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}:\n{}\n{errors}", english.display(), script.join("\n"));
            run += 1;
        }
    }
    assert!(run >= 9, "only {run} blocks were run");
}

#[test]
fn links_between_the_files_of_the_repository_lead_somewhere() {
    let root = root();
    let mut pages: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(|n| root.join(n)).into();
    pages.extend(guides().into_iter().flat_map(|(english, french)| [english, french]));
    let mut broken = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let elsewhere = file.contains("://") || file.is_empty();
            if !elsewhere && !page.parent().unwrap().join(file).exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_smoke_script_syncs_a_table_and_takes_an_accepted_proposal_back() {
    let work = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("HOME", work.path().join("home"))
            .env("CATALOG_SYNCD", env!("CARGO_BIN_EXE_catalog-syncd"))
            .env("CATALOG_SYNC__STATE__DIR", work.path().join("demo/state"))
            .env("CATALOG_SYNC__PUBLISH__DESCRIPTION", "review")
            .env("CATALOG_SYNC_WAREHOUSE", work.path().join("shop.sqlite"))
            .current_dir(work.path())
            .output()
            .unwrap()
    };
    let shop = rusqlite::Connection::open(work.path().join("shop.sqlite")).unwrap();
    shop.execute_batch(
        "CREATE TABLE orders (order_id INTEGER PRIMARY KEY, status TEXT); INSERT INTO orders VALUES (1, 'new')",
    )
    .unwrap();
    let smoke = root().join("deploy/smoke.sh").display().to_string();
    let fine = run("sh", &[&smoke, "shop.main.orders"]);
    let said = String::from_utf8_lossy(&fine.stdout).into_owned();
    assert_eq!(fine.status.code(), Some(0), "{said} {}", String::from_utf8_lossy(&fine.stderr));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    for step in ["ok", "doctor", "synced", "accepted", "undone"] {
        assert_eq!(said[step], true, "{said}");
    }
    let missing = run("sh", &[&smoke, "shop.main.nothing"]);
    assert_eq!(missing.status.code(), Some(1));
    let said: serde_json::Value = serde_json::from_slice(&missing.stdout).unwrap();
    assert_eq!((&said["ok"], &said["synced"]), (&false.into(), &false.into()));
}
