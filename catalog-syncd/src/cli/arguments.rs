//! The command line's grammar.

use std::path::PathBuf;

use catalog_core::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use toml::Value;

use crate::api::auth::Role;
use crate::config::{self, ConfigSource, Settings};

/// Enriches a data catalog on your own machines: descriptions, personal data, keys and queries. Nothing leaves.
///
/// Exit codes: 0 done; 1 failed; 2 wrong command line, configuration or name; 3 done, but some tables or sources could
/// not be walked (the report names them); 4 not one source could be read.
#[derive(Debug, Parser)]
#[command(name = "catalog-syncd", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// Configuration file (TOML) laid over the built-in defaults.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Which defaults: embedded, akko or reduced (config key preset).
    #[arg(long, global = true, value_name = "NAME")]
    preset: Option<String>,
    /// Log to standard error what happens; twice: everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// What to print, errors too: text for people or JSON for programs.
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    pub output: Output,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Build the sample warehouse, walk it, and show what came out.
    Demo(DemoVerb),
    /// Walk your own data: SQLite files, folders of CSV or SQLite files, Postgres databases.
    Sync(SyncVerb),
    /// Find tables by a question.
    Search(SearchVerb),
    /// What each stage saw of one table, without raw values.
    Explain(ExplainVerb),
    /// The steward's queue.
    Review(ReviewVerb),
    /// Take back what was published, unless somebody changed it since.
    Undo(UndoVerb),
    /// What was changed, by whom and why.
    Audit(AuditVerb),
    /// Ways to join tables, or every key.
    Joins(JoinsVerb),
    /// Words in names that nobody explained, commonest first: what glossary.terms should say.
    Glossary(GlossaryVerb),
    /// The daemon: walks when webhooks, the schedule or people ask for it, and serves the API.
    Run(StateFlag),
    /// Is everything that the configuration names there, and what to do when it is not?
    Doctor(StateFlag),
    /// Bring the ledger's schema up to date.
    Migrate(StateFlag),
    /// Ask the running daemon whether it is ready.
    Healthcheck,
    /// The configuration in force.
    Config(ConfigVerb),
    /// Access to the API.
    #[command(subcommand)]
    Api(ApiVerb),
    /// Print the API's OpenAPI document.
    Openapi,
    /// Print the reference page of the metrics.
    Metrics,
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ApiVerb {
    /// Make a token, and the line for api.tokens_file that makes it known.
    Token(TokenVerb),
}

#[derive(Debug, Args)]
pub(super) struct TokenVerb {
    /// What its owner may do.
    #[arg(long, value_enum)]
    pub(super) role: TokenRole,
    /// Its owner, as the audit log shows it; one word.
    #[arg(long, value_parser = one_word)]
    pub(super) name: String,
}

fn one_word(text: &str) -> Result<String, String> {
    let fine = !text.is_empty() && !text.contains(char::is_whitespace);
    fine.then(|| text.to_owned()).ok_or_else(|| "give one word".to_owned())
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum TokenRole {
    /// Hands query events in.
    Ingest,
    /// Looks.
    Viewer,
    /// Decides on proposals.
    Steward,
    /// Starts, stops and retries.
    Operator,
}

impl From<TokenRole> for Role {
    fn from(role: TokenRole) -> Self {
        match role {
            TokenRole::Ingest => Self::Ingest,
            TokenRole::Viewer => Self::Viewer,
            TokenRole::Steward => Self::Steward,
            TokenRole::Operator => Self::Operator,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct UndoVerb {
    /// An operation as `audit` shows it, or a proposal: one that was rejected is open again.
    pub(super) operation: Option<String>,
    /// Everything of one table, by its whole name.
    #[arg(long, value_name = "FQN")]
    pub(super) table: Option<String>,
    /// Everything of one run.
    #[arg(long, value_name = "ID")]
    pub(super) run: Option<String>,
    #[command(flatten)]
    pub(super) by: Steward,
    #[command(flatten)]
    pub(super) state: StateFlag,
}

#[derive(Debug, Args)]
pub(super) struct AuditVerb {
    /// Only of this table, by its whole name.
    #[arg(long, value_name = "FQN")]
    pub(super) table: Option<String>,
    /// Only what this run did.
    #[arg(long, value_name = "ID")]
    pub(super) run: Option<String>,
    /// Only from this time on, in milliseconds since 1970.
    #[arg(long, value_name = "MS")]
    pub(super) from_ms: Option<i64>,
    /// How many rows, the latest.
    #[arg(long, default_value_t = 100)]
    pub(super) limit: usize,
    #[command(flatten)]
    pub(super) state: StateFlag,
}

#[derive(Debug, Args)]
pub(super) struct JoinsVerb {
    /// The tables to join, by name or the end of it; without any, every key.
    pub(super) tables: Vec<String>,
    #[command(flatten)]
    pub(super) state: StateFlag,
}

#[derive(Debug, Args)]
pub(super) struct GlossaryVerb {
    /// How many words.
    #[arg(long, default_value = "50")]
    pub(super) limit: std::num::NonZeroUsize,
    #[command(flatten)]
    pub(super) state: StateFlag,
}

#[derive(Debug, Args)]
pub(super) struct DemoVerb {
    /// Folder for report.html, report.json and the state; made when missing. Default: a new one, which is named.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SyncVerb {
    /// A SQLite file, a folder of .sqlite or .csv files, or a postgres:// address. May be given several times. Default:
    /// the config key sources.warehouses.
    #[arg(long, value_name = "PATH_OR_URL")]
    pub(super) warehouse: Vec<String>,
    /// Walk once and end; this is what the command always does, the daemon is `run`.
    #[arg(long)]
    pub(super) once: bool,
    /// Only say what a walk would do and cost; write nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Trino query-completed events as JSON lines, for joins and queries.
    #[arg(long, value_name = "FILE")]
    pub(super) query_log: Option<PathBuf>,
    #[command(flatten)]
    pub(super) state: StateFlag,
    /// Hide the keys that the schema declares, to judge inference.
    #[arg(long)]
    pub(super) ignore_declared_keys: bool,
    /// Also write the report as a self-contained page.
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct StateFlag {
    /// Folder of ledger, embedded catalog and index (config key state.dir).
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SearchVerb {
    /// What you want to know: "which loans are late".
    #[arg(required_unless_present = "questions")]
    pub(super) question: Option<String>,
    /// Lines of {"id", "question"}; prints lines of {"id", "tables"}, best first.
    #[arg(long, value_name = "FILE", conflicts_with = "question")]
    pub(super) questions: Option<PathBuf>,
    /// How many tables.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(super) k: u16,
    #[command(flatten)]
    pub(super) state: StateFlag,
}

#[derive(Debug, Args)]
pub(super) struct ExplainVerb {
    /// The table's fully qualified name, or its end as long as that is unique.
    pub(super) fqn: String,
    #[command(flatten)]
    pub(super) state: StateFlag,
}

#[derive(Debug, Args)]
pub(super) struct ReviewVerb {
    #[command(flatten)]
    pub(super) state: StateFlag,
    #[command(subcommand)]
    pub(super) action: ReviewAction,
}

#[derive(Debug, Subcommand)]
pub(super) enum ReviewAction {
    /// List proposals.
    List {
        /// Only of this table.
        #[arg(long, value_name = "FQN")]
        table: Option<String>,
        /// Only of this kind: description, pii, key, query.
        #[arg(long)]
        kind: Option<String>,
        /// Also those that were decided.
        #[arg(long)]
        all: bool,
    },
    /// Accept proposals and publish them.
    Accept {
        /// Their ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Publish this text instead of the proposed one (one id only).
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
        #[command(flatten)]
        by: Steward,
    },
    /// Have a description written again, with a hint; the next run does it.
    Redraft {
        /// Its id.
        id: String,
        /// What to mind: "amounts are in cents".
        #[arg(long, value_name = "TEXT")]
        hint: String,
        #[command(flatten)]
        by: Steward,
    },
    /// Answer the question that the model asked about a table; the next run writes its description with that.
    Answer {
        /// The proposal that asks.
        id: String,
        /// The answer.
        #[arg(long, value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        by: Steward,
    },
    /// Print a proposed query as YAML for a domain's semantic model, and the diff; writes no file.
    Fragment {
        /// Its id.
        id: String,
        /// The domain.
        #[arg(long, value_name = "NAME")]
        domain: String,
    },
    /// Reject proposals; they do not return.
    Reject {
        /// Their ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// What is wrong: the next descriptions are written with that in mind.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        by: Steward,
    },
}

#[derive(Debug, Args)]
pub(super) struct Steward {
    /// Who decides, for the audit log.
    #[arg(long, env = "USER", default_value = "steward")]
    pub(super) by: String,
}

#[derive(Debug, Args)]
pub(super) struct ConfigVerb {
    #[command(subcommand)]
    pub(super) action: ConfigAction,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigAction {
    /// Print every key and its value; secrets are references and stay so.
    Show {
        /// Say where each value came from.
        #[arg(long)]
        origin: bool,
        /// Print the commented default file instead.
        #[arg(long, conflicts_with = "origin")]
        defaults: bool,
    },
    /// Print the reference page: every key with default, unit and reason, as Markdown.
    Reference,
    /// Print the JSON schema of a configuration file.
    Schema,
}

/// For whom a verb prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

impl Arguments {
    /// The configuration under these flags and the environment.
    pub(super) fn settings(&self) -> Result<Settings> {
        let state = match &self.verb {
            Verb::Sync(v) => v.state.state.as_ref(),
            Verb::Search(v) => v.state.state.as_ref(),
            Verb::Explain(v) => v.state.state.as_ref(),
            Verb::Review(v) => v.state.state.as_ref(),
            Verb::Undo(v) => v.state.state.as_ref(),
            Verb::Audit(v) => v.state.state.as_ref(),
            Verb::Joins(v) => v.state.state.as_ref(),
            Verb::Glossary(v) => v.state.state.as_ref(),
            Verb::Run(v) | Verb::Migrate(v) | Verb::Doctor(v) => v.state.as_ref(),
            Verb::Demo(_)
            | Verb::Config(_)
            | Verb::Healthcheck
            | Verb::Api(_)
            | Verb::Openapi
            | Verb::Metrics
            | Verb::Completions { .. } => None,
        };
        let flags = state.map(|dir| ("state.dir", Value::String(dir.display().to_string()), "--state"));
        // What a daemon prints is its log.
        let logs = matches!(self.verb, Verb::Run(_)) && self.output == Output::Json;
        let log = logs.then(|| ("log.format", Value::String("json".to_owned()), "--output"));
        let preset = self.preset.as_ref().map(|name| ("preset", Value::String(name.clone()), "--preset"));
        config::load(&ConfigSource {
            file: self.config.clone(),
            environment: std::env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
            flags: flags.into_iter().chain(preset).chain(log).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_grammar_holds_together() {
        Arguments::command().debug_assert();
    }
}
