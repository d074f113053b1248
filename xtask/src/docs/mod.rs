//! `cargo xtask docs`: builds the documentation's site in both languages, strictly: a broken link is an error.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::stack::install;
use crate::{Result, WORKSPACE};

const MKDOCS: &str = "1.6.1";

/// Builds the site into `folder`.
///
/// # Errors
/// What the builder says of a page.
pub fn run(folder: &Path, out: &mut dyn Write) -> Result<()> {
    let tool = install::tool("mkdocs", MKDOCS, |installer| {
        let packages: Vec<&str> = include_str!("python/requirements.txt").lines().collect();
        installer.python(&packages).map(drop)
    })?;
    let mut build = Command::new(tool.join("python/bin/mkdocs"));
    build.current_dir(WORKSPACE).args(["build", "--strict", "--quiet", "--site-dir"]).arg(std::path::absolute(folder)?);
    let said = build.env("NO_MKDOCS_2_WARNING", "1").stdin(Stdio::null()).output()?;
    if !said.status.success() {
        return Err(String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned().into());
    }
    for page in ["index.html", "fr/index.html", "fr/quick-start/index.html", "reference/configuration/index.html"] {
        let text = fs::read_to_string(folder.join(page)).map_err(|e| format!("the site lacks {page}: {e}"))?;
        // A page of ours fetches nothing from elsewhere when it is read.
        for from in ["src=\"http", "@import url(http", "rel=\"stylesheet\" href=\"http"] {
            if text.contains(from) {
                return Err(format!("{page} fetches something from elsewhere ({from}…)").into());
            }
        }
    }
    writeln!(out, "the site is in {}", folder.display())?;
    Ok(())
}
