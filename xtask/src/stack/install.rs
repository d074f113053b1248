//! Installing from package registries, through the clients that the machine has configured.
//!
//! An installation is a folder of [`Stack::installed`] with a mark that is written last. What is there is not fetched
//! again; what broke off is taken up where the client can, and started over where it cannot.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::Stack;
use super::component::Component;
use crate::Result;

const ATTEMPTS: u32 = 3;
/// Between the first two attempts; the next ones wait longer.
const PAUSE: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_secs(5) };
const LOG_LINES: usize = 15;

/// Where packages come from; a failure names it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Registry {
    /// Python packages, through pip.
    PyPi,
    /// JVM packages, through Maven.
    MavenCentral,
    /// Go modules, through go.
    GoProxy,
    /// The distribution's packages, through apt-get.
    Debian,
    /// JavaScript packages, through npm.
    Npm,
}

impl Registry {
    fn name(self) -> &'static str {
        match self {
            Self::PyPi => "PyPI",
            Self::MavenCentral => "Maven Central",
            Self::GoProxy => "the Go module proxy",
            Self::Debian => "the Debian archive",
            Self::Npm => "the npm registry",
        }
    }
}

/// Installs one component.
pub(crate) struct Installer<'a> {
    /// Where everything lies.
    pub(super) stack: &'a Stack,
    /// The component's folder; it exists.
    pub(crate) folder: PathBuf,
    log: PathBuf,
}

/// Is the component installed?
pub(super) fn is_installed(component: &dyn Component, stack: &Stack) -> bool {
    mark(&stack.installed(component.facts())).exists()
}

/// Installs the component unless it is there.
///
/// # Errors
/// When a registry does not answer in three attempts, or a file is not what it should be.
pub(super) fn install(component: &dyn Component, stack: &Stack) -> Result<()> {
    if is_installed(component, stack) {
        return Ok(());
    }
    let facts = component.facts();
    bring(stack, facts.name, facts.version, |installer| component.install(installer)).map(drop)
}

/// Installs a program of the chores beside the stack's components, unless it is there; gives its folder.
///
/// # Errors
/// As [`install`].
pub(crate) fn tool(name: &str, version: &str, work: impl FnOnce(&Installer<'_>) -> Result<()>) -> Result<PathBuf> {
    let stack = Stack::from_environment()?;
    let folder = stack.home.join("installed").join(format!("{name}-{version}"));
    if mark(&folder).exists() { Ok(folder) } else { bring(&stack, name, version, work) }
}

fn bring(stack: &Stack, name: &str, version: &str, work: impl FnOnce(&Installer<'_>) -> Result<()>) -> Result<PathBuf> {
    let folder = stack.home.join("installed").join(format!("{name}-{version}"));
    fs::create_dir_all(&folder)?;
    let log = stack.log(&format!("install-{name}"));
    work(&Installer { stack, folder: folder.clone(), log })
        .map_err(|e| format!("failed to install {name} {version}: {e}"))?;
    fs::write(mark(&folder), version)?;
    Ok(folder)
}

fn mark(folder: &Path) -> PathBuf {
    folder.join(".installed")
}

impl Installer<'_> {
    /// Runs a command of the installation; its output goes to a log, whose last lines an error quotes.
    ///
    /// # Errors
    /// When it cannot be started or does not end well.
    pub(crate) fn run(&self, command: &mut Command) -> Result<()> {
        let mut output = File::options().create(true).append(true).open(&self.log)?;
        writeln!(output, "\n$ {command:?}")?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let name = command.get_program().to_string_lossy().into_owned();
        let status = command.status().map_err(|e| format!("failed to run {name}: {e}"))?;
        if status.success() {
            return Ok(());
        }
        let words = super::last_lines(&self.log, LOG_LINES);
        Err(format!("{name} ended with {status}; {} ends with:\n{words}", self.log.display()).into())
    }

    /// Runs a command that asks a registry: three attempts, seconds apart.
    ///
    /// # Errors
    /// When all attempts fail; the error names the registry.
    pub(crate) fn fetch(&self, registry: Registry, mut command: impl FnMut() -> Command) -> Result<()> {
        let mut attempt = 1;
        loop {
            match self.run(&mut command()) {
                Ok(()) => return Ok(()),
                Err(error) if attempt == ATTEMPTS => {
                    let name = registry.name();
                    return Err(format!("{name} did not give it in {ATTEMPTS} attempts: {error}").into());
                }
                Err(_) => std::thread::sleep(PAUSE * attempt),
            }
            attempt += 1;
        }
    }

    /// A Python environment in the component's folder with these packages (`name==version`); gives its `bin` folder.
    ///
    /// # Errors
    /// When Python or PyPI fails.
    pub(crate) fn python(&self, packages: &[&str]) -> Result<PathBuf> {
        let bin = self.environment()?;
        self.pip(&bin, &["install"], packages)?;
        Ok(bin)
    }

    /// The wheels of these packages (`name==version`) without what they depend on, in `into`; nothing is installed.
    ///
    /// # Errors
    /// When Python or PyPI fails.
    pub(super) fn wheels(&self, packages: &[&str], into: &Path) -> Result<()> {
        fs::create_dir_all(into)?;
        let bin = self.environment()?;
        self.pip(&bin, &["download", "--no-deps", "--dest", &into.display().to_string()], packages)
    }

    /// A Python environment in the component's folder, made unless it is there: the machine's own Python may have no
    /// pip. Gives its `bin` folder.
    fn environment(&self) -> Result<PathBuf> {
        let environment = self.folder.join("python");
        let bin = environment.join("bin");
        self.need("python3", "python3", "Python 3.11 or newer")?;
        if !bin.join("pip").exists() {
            let create = || {
                let mut command = Command::new("python3");
                command.args(["-m", "venv", "--clear"]).arg(&environment);
                command
            };
            if self.run(&mut create()).is_err() {
                // Debian keeps the module's other half in a package of its own.
                self.apt(&["python3-venv"]).map_err(|e| format!("Python cannot make environments: {e}"))?;
                self.run(&mut create())?;
            }
        }
        Ok(bin)
    }

    fn pip(&self, bin: &Path, verb: &[&str], packages: &[&str]) -> Result<()> {
        self.fetch(Registry::PyPi, || {
            let mut pip = Command::new(bin.join("pip"));
            pip.args(verb).args(["--disable-pip-version-check", "--no-input", "--progress-bar=off"]).args(packages);
            pip
        })
    }

    /// A file from Maven Central (`group:artifact:version:packaging`), in a repository of our own, whose folder is
    /// `repository`. Maven checks the registry's checksum and takes up broken downloads.
    ///
    /// # Errors
    /// When Maven is missing or the registry fails.
    pub(super) fn maven(&self, artifact: &str, repository: &Path) -> Result<()> {
        self.need("mvn", "maven", "Maven")?;
        self.fetch(Registry::MavenCentral, || {
            let mut maven = Command::new("mvn");
            maven.args(["-B", "-q", "-C", "dependency:get", "-Dtransitive=false"]);
            maven.arg(format!("-Dartifact={artifact}")).arg(format!("-Dmaven.repo.local={}", repository.display()));
            maven
        })
    }

    /// Installs packages of the distribution, as root.
    ///
    /// # Errors
    /// When the caller is not root, or the archive fails; the error says what to install.
    pub(super) fn apt(&self, packages: &[&str]) -> Result<()> {
        let list = packages.join(" ");
        if !super::is_root() || !on_path("apt-get") {
            return Err(format!("install it as root: apt-get install {list}").into());
        }
        let apt = |arguments: &[&str]| {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive").args(["-y", "-q"]).args(arguments);
            command
        };
        self.fetch(Registry::Debian, || apt(&["update"]))?;
        self.fetch(Registry::Debian, || apt(&[&["install", "--no-install-recommends"], packages].concat()))
    }

    /// Sees to it that a program is there; root gets it from the distribution.
    ///
    /// # Errors
    /// When it is missing and cannot be installed; the error says what to install.
    pub(super) fn need(&self, program: &str, package: &str, words: &str) -> Result<()> {
        if on_path(program) {
            return Ok(());
        }
        self.apt(&[package]).map_err(|e| format!("{words} is missing: {e}").into())
    }

    /// Compares a file's SHA-256 with the pinned one; a file that differs is deleted, so that it is fetched anew.
    ///
    /// # Errors
    /// When the file cannot be read or differs.
    pub(super) fn check(&self, file: &Path, sha256: &str) -> Result<()> {
        let output = Command::new("sha256sum").arg(file).output()?;
        let found = String::from_utf8_lossy(&output.stdout);
        let found = found.trim_start_matches('\\').split_whitespace().next().unwrap_or_default();
        if found == sha256 {
            return Ok(());
        }
        let name = file.display();
        fs::remove_file(file).map_err(|e| format!("failed to read {name}: {e}"))?;
        Err(format!("{name} has the SHA-256 {found}, not the pinned {sha256}; it is deleted").into())
    }
}

/// Is the program in one of PATH's folders?
pub(super) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(OsStr::new(program)).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_installer(test: impl FnOnce(&Installer<'_>)) {
        let folder = tempfile::TempDir::new().unwrap();
        let stack = Stack::at(folder.path().to_owned()).unwrap();
        let log = stack.log("install-test");
        test(&Installer { stack: &stack, folder: folder.path().to_owned(), log });
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_registry_that_does_not_answer_is_asked_three_times_and_named_with_its_last_words() {
        with_installer(|installer| {
            let mut attempts = 0;
            let error = installer.fetch(Registry::MavenCentral, || {
                attempts += 1;
                shell("echo connection refused >&2; exit 1")
            });
            let error = error.unwrap_err().to_string();
            assert_eq!(attempts, 3);
            assert!(error.contains("Maven Central") && error.contains("connection refused"), "{error}");
        });
    }

    #[test]
    fn a_registry_that_recovers_is_enough() {
        with_installer(|installer| {
            let mut attempts = 0;
            installer
                .fetch(Registry::PyPi, || {
                    attempts += 1;
                    shell(if attempts < 3 { "exit 1" } else { "exit 0" })
                })
                .unwrap();
        });
    }

    #[test]
    fn a_file_that_is_not_the_pinned_one_is_deleted() {
        with_installer(|installer| {
            let file = installer.folder.join("weights");
            fs::write(&file, "abc").unwrap();
            // FIPS 180-2, appendix B.1.
            installer.check(&file, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").unwrap();
            let error = installer.check(&file, &"0".repeat(64)).unwrap_err().to_string();
            assert!(error.contains("weights") && error.contains("ba7816bf"), "{error}");
            assert!(!file.exists());
        });
    }
}
