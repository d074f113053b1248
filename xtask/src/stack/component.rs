//! What a component of the stack declares, and the list of them.

use std::ffi::OsString;
use std::path::PathBuf;

use super::Stack;
use super::browser::Browser;
use super::embed::Embed;
use super::install::Installer;
use super::litellm::LiteLlm;
use super::llm::Llm;
use super::milvus::Milvus;
use super::openmetadata::OpenMetadata;
use super::postgres::Postgres;
use super::presidio::Presidio;
use super::trino::Trino;
use super::victorialogs::VictoriaLogs;
use crate::Result;

/// One real service: how it is installed, started, probed, and what the tests need to know of it.
///
/// Nothing here starts or stops a process: `up` does, from what the component says.
pub(super) trait Component: Sync {
    /// Name, version, source and cost.
    fn facts(&self) -> &'static Facts;

    /// Brings what is needed into [`Stack::installed`]; called again after a failure, so it resumes or starts over.
    fn install(&self, installer: &Installer<'_>) -> Result<()>;

    /// The model weights that it takes from uploads of third parties, which the operator must accept; in words.
    fn unofficial_weights(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Writes the component's configuration and says what to start. Called at every `up`.
    fn launch(&self, stack: &Stack) -> Result<Launch>;

    /// Asks once whether the service does its work, and gives the version it reports; an error means "not yet".
    fn probe(&self, stack: &Stack) -> Result<String>;

    /// What the daemon and the tests must know to use it, as environment variables.
    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>>;

    /// The test targets that prove it, in whichever crate they are, behind the feature `live`.
    fn tests(&self) -> &'static [&'static str];
}

/// What is known about a component before anything is installed.
#[derive(Debug)]
pub(super) struct Facts {
    /// The name on the command line, in file names and in `CATALOG_STACK_PORT_<NAME>`.
    pub(super) name: &'static str,
    /// The pinned version.
    pub(super) version: &'static str,
    /// What it is and where it comes from, in a few words.
    pub(super) origin: &'static str,
    /// Where it listens on 127.0.0.1 unless the environment says otherwise.
    pub(super) port: u16,
    /// Megabytes that the installation keeps on disk.
    pub(super) disk_mb: u32,
    /// Seconds from start to ready on two idle cores; ten times that is the deadline.
    pub(super) ready_secs: u32,
    /// Megabytes of memory after start.
    pub(super) rss_mb: u32,
    /// Components that must be ready before it starts.
    pub(super) needs: &'static [&'static str],
    /// Is it part of the stack that `up` starts without names?
    pub(super) set: Set,
}

/// When a component is started without being named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// Always.
    Default,
    /// With `--all`: it holds a model, which costs memory and minutes.
    Models,
    /// Never: the operator named another in its place.
    Elsewhere,
}

/// A program to start.
#[derive(Debug)]
pub(super) struct Launch {
    /// The program's file.
    pub(super) program: PathBuf,
    /// Its arguments.
    pub(super) arguments: Vec<OsString>,
    /// Variables added to the environment.
    pub(super) environment: Vec<(String, String)>,
    /// User and group that it runs as, when not the caller's.
    pub(super) owner: Option<(u32, u32)>,
    /// The signal that asks it to end.
    pub(super) stop_signal: &'static str,
}

impl Launch {
    /// The program alone, in the caller's name, ended by TERM.
    pub(super) fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            owner: None,
            stop_signal: "TERM",
        }
    }

    /// Adds arguments.
    pub(super) fn arguments<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds a variable to the environment.
    pub(super) fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }
}

/// All components, in the order in which they start.
pub(super) const COMPONENTS: &[&dyn Component] =
    &[&Postgres, &VictoriaLogs, &Trino, &Milvus, &OpenMetadata, &Llm, &Embed, &LiteLlm, &Presidio, &Browser];

/// The components to act on: those named with what they need, or the default set, in starting order.
pub(super) fn select(names: &[String], all: bool) -> Result<Vec<&'static dyn Component>> {
    let mut wanted: Vec<&str> = Vec::new();
    for name in names {
        wanted.push(find(name)?.facts().name);
    }
    if names.is_empty() {
        let part = |c: &&&dyn Component| match c.facts().set {
            Set::Default => true,
            Set::Models => all,
            Set::Elsewhere => false,
        };
        wanted.extend(COMPONENTS.iter().filter(part).map(|c| c.facts().name));
    }
    let mut next = 0;
    while let Some(name) = wanted.get(next) {
        for need in find(name)?.facts().needs {
            if !wanted.contains(need) {
                wanted.push(need);
            }
        }
        next += 1;
    }
    Ok(COMPONENTS.iter().copied().filter(|c| wanted.contains(&c.facts().name)).collect())
}

/// The component of that name.
pub(super) fn find(name: &str) -> Result<&'static dyn Component> {
    let found = COMPONENTS.iter().copied().find(|c| c.facts().name == name);
    found.ok_or_else(|| {
        let known: Vec<&str> = COMPONENTS.iter().map(|c| c.facts().name).collect();
        format!("there is no component `{name}`: the components are {}", known.join(", ")).into()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(selected: &[&dyn Component]) -> Vec<&'static str> {
        selected.iter().map(|c| c.facts().name).collect()
    }

    #[test]
    fn a_named_component_brings_what_it_needs_before_it() {
        let selected = select(&["trino".to_owned()], false).unwrap();
        assert_eq!(names(&selected), ["postgres", "victorialogs", "trino"]);
    }

    #[test]
    fn an_unknown_component_is_answered_with_the_known_ones() {
        let error = select(&["trini".to_owned()], false).err().unwrap().to_string();
        assert!(error.contains("`trini`") && error.contains("trino"), "{error}");
    }

    #[test]
    fn names_and_ports_are_taken_once_and_needs_start_first() {
        let mut before: BTreeSet<&str> = BTreeSet::new();
        let mut ports = BTreeSet::new();
        for facts in COMPONENTS.iter().map(|c| c.facts()) {
            assert!(facts.needs.iter().all(|need| before.contains(need)), "{} needs {:?}", facts.name, facts.needs);
            assert!(before.insert(facts.name) && ports.insert(facts.port), "{}", facts.name);
        }
        assert!(select(&[], false).unwrap().iter().all(|c| c.facts().set == Set::Default));
    }

    #[test]
    fn the_readme_has_every_component_with_its_cost() {
        let readme = std::fs::read_to_string(format!("{}/README.md", crate::WORKSPACE)).unwrap();
        for Facts { name, origin, port, disk_mb, ready_secs, rss_mb, set, .. } in COMPONENTS.iter().map(|c| c.facts()) {
            let row = match set {
                Set::Default => format!("| {name} | {origin} | {port} | {disk_mb} | {ready_secs} | {rss_mb} |"),
                // Which model it is, and so its cost, is the operator's choice.
                _ => format!("| {name} |"),
            };
            assert!(readme.contains(&row), "README.md lacks: {row}");
        }
    }
}
