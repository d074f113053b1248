//! Laying the layers over each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use catalog_core::{Error, ErrorKind, Result};
use toml::{Table, Value};

use super::{Config, DEFAULT_TOML, Origin, Settings};

/// Prefix of environment variables that set a key; `__` separates section and key.
const ENV_PREFIX: &str = "CATALOG_SYNC__";
/// The key that chooses a preset.
const PRESET_KEY: &str = "preset";
/// Tables whose keys the operator makes up: each is one value.
const OPEN_TABLES: [&str; 3] = ["engine.services", "trino.session", "glossary.terms"];

/// The layers above the default file.
#[derive(Debug, Clone, Default)]
pub struct ConfigSource {
    /// The file given with `--config`.
    pub file: Option<PathBuf>,
    /// The environment; only variables with our prefix matter.
    pub environment: Vec<(String, String)>,
    /// Dotted keys set by flags, with the flag's name.
    pub flags: Vec<(&'static str, Value, &'static str)>,
}

/// The configuration in force.
///
/// # Errors
/// `NotFound` or `Configuration`: the file is missing or no TOML, a key is unknown (with its nearest match), a value
/// has the wrong type or makes no sense. The message names file, variable or flag.
pub fn load(source: &ConfigSource) -> Result<Settings> {
    let file = source.file.as_deref().map(read_file).transpose()?;
    let mut layers = Layers { table: built_in(DEFAULT_TOML)?, origins: BTreeMap::new() };
    for (name, text) in overlays(&chosen_preset(source, file.as_ref().map(|(_, layer)| layer)))? {
        for (key, value) in leaves(&built_in(text)?, "") {
            layers.set(&key, value, name, Origin::Preset(name))?;
        }
    }
    if let Some((shown, layer)) = file {
        for (key, value) in leaves(&layer, "") {
            layers.set(&key, value, &shown, Origin::File(shown.clone()))?;
        }
    }
    for (name, text) in &source.environment {
        let Some(rest) = name.strip_prefix(ENV_PREFIX) else { continue };
        let key = rest.to_lowercase().replace("__", ".");
        let value = parse_like(get(&layers.table, &key), text);
        layers.set(&key, value, name, Origin::Environment(name.clone()))?;
    }
    for (key, value, flag) in &source.flags {
        layers.set(key, value.clone(), flag, Origin::Flag((*flag).to_owned()))?;
    }
    let Layers { table, origins } = layers;
    let values: BTreeMap<_, _> = leaves(&table, "")
        .into_iter()
        .map(|(key, value)| {
            let origin = origins.get(&key).cloned().unwrap_or(Origin::Default);
            (key, (value.to_string(), origin))
        })
        .collect();
    let config: Config = serde_path_to_error::deserialize(Value::Table(table)).map_err(|e| {
        let key = e.path().to_string();
        wrong(&key, e.inner().message(), &values)
    })?;
    if let Some((key, why)) = config.nonsense() {
        return Err(wrong(&key, &why, &values));
    }
    Ok(Settings { config, values })
}

/// The file's name as it is shown, and its values.
fn read_file(path: &Path) -> Result<(String, Table)> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| {
        Error::new(ErrorKind::NotFound, "read_configuration", e.kind().to_string())
            .with("path", &shown)
            .hint("check the path given to --config")
    })?;
    let layer = text.parse().map_err(|e: toml::de::Error| {
        Error::new(ErrorKind::Configuration, "read_configuration", e.message().to_owned())
            .with("path", &shown)
            .with("line", e.span().map_or(0, |s| line_of(&text, s.start)))
            .hint("the file must be TOML; see `catalog-syncd config show`")
    })?;
    Ok((shown, layer))
}

fn built_in(text: &str) -> Result<Table> {
    text.parse().map_err(|e: toml::de::Error| bug(e.message()))
}

/// The preset that the highest layer names.
fn chosen_preset(source: &ConfigSource, file: Option<&Table>) -> String {
    let flag = source.flags.iter().find(|(key, _, _)| *key == PRESET_KEY).map(|(_, value, _)| value);
    let variable = source.environment.iter().find(|(name, _)| name.strip_prefix(ENV_PREFIX) == Some("PRESET"));
    let text = |value: &Value| value.as_str().map(str::to_owned);
    flag.and_then(text)
        .or_else(|| variable.map(|(_, text)| text.clone()))
        .or_else(|| file.and_then(|f| f.get(PRESET_KEY)).and_then(text))
        .unwrap_or_else(|| "embedded".to_owned())
}

/// The files of a preset, lowest first.
fn overlays(preset: &str) -> Result<&'static [(&'static str, &'static str)]> {
    const AKKO: (&str, &str) = ("akko", include_str!("presets/akko.toml"));
    const REDUCED: (&str, &str) = ("reduced", include_str!("presets/reduced.toml"));
    match preset {
        "embedded" => Ok(&[]),
        "akko" => Ok(&[AKKO]),
        "reduced" => Ok(&[AKKO, REDUCED]),
        _ => Err(Error::new(ErrorKind::Configuration, "read_configuration", "there is no such preset")
            .with("preset", preset)
            .hint("use embedded, akko or reduced")),
    }
}

/// The values so far and who set them.
struct Layers {
    table: Table,
    origins: BTreeMap<String, Origin>,
}

impl Layers {
    fn set(&mut self, key: &str, value: Value, from: &str, origin: Origin) -> Result<()> {
        set(&mut self.table, key, value, from)?;
        self.origins.insert(key.to_owned(), origin);
        Ok(())
    }
}

fn bug(message: &str) -> Error {
    Error::new(ErrorKind::Internal, "read_default_configuration", message.to_owned())
}

fn wrong(key: &str, why: &str, values: &BTreeMap<String, (String, Origin)>) -> Error {
    let origin = values.get(key).map_or(Origin::Default, |(_, o)| o.clone());
    Error::new(ErrorKind::Configuration, "read_configuration", why.trim().to_owned())
        .with("key", key)
        .with("from", origin)
        .hint("see `catalog-syncd config show` for every key with its default and unit")
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

/// All values below a table that are no tables themselves, by dotted key.
pub(super) fn leaves(table: &Table, prefix: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(inner) if !OPEN_TABLES.contains(&key.as_str()) => found.extend(leaves(inner, &key)),
            other => found.push((key, other.clone())),
        }
    }
    found
}

fn get<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    let mut parts = key.split('.');
    let mut value = table.get(parts.next()?)?;
    for part in parts {
        value = value.as_table()?.get(part)?;
    }
    Some(value)
}

/// Reads an environment variable as the type that the key has.
fn parse_like(current: Option<&Value>, text: &str) -> Value {
    match current {
        Some(Value::String(_)) | None => Value::String(text.to_owned()),
        Some(_) => format!("v = {text}")
            .parse::<Table>()
            .ok()
            .and_then(|mut t| t.remove("v"))
            .unwrap_or_else(|| Value::String(text.to_owned())),
    }
}

fn set(table: &mut Table, key: &str, value: Value, from: &str) -> Result<()> {
    let known = leaves(table, "");
    let Some((_, old)) = known.iter().find(|(k, _)| k == key) else {
        let nearest = known
            .iter()
            .map(|(k, _)| (strsim::jaro_winkler(k, key), k))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(score, _)| *score > 0.8)
            .map_or_else(String::new, |(_, k)| format!("did you mean `{k}`? "));
        return Err(Error::new(ErrorKind::Configuration, "read_configuration", "there is no such key")
            .with("key", key)
            .with("from", from)
            .hint(format!("{nearest}`catalog-syncd config show` lists every key")));
    };
    // A whole number is welcome where a fraction is expected.
    let value = match (old, value) {
        (Value::Float(_), Value::Integer(n)) => Value::Float(n as f64),
        (_, value) => value,
    };
    let mut parts = key.split('.').peekable();
    let mut inner = table;
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            inner.insert(part.to_owned(), value);
            return Ok(());
        }
        let Some(Value::Table(next)) = inner.get_mut(part) else { return Ok(()) };
        inner = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use catalog_profile::trino::SampleWith;

    use super::*;

    fn with_file(text: &str) -> Result<Settings> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        std::fs::write(&path, text).unwrap();
        load(&ConfigSource { file: Some(path), ..ConfigSource::default() })
    }

    #[test]
    fn the_default_file_alone_is_a_whole_configuration() {
        let settings = load(&ConfigSource::default()).unwrap();
        assert_eq!(settings.config.sample.rows_max, 100);
        assert!(settings.values.values().all(|(_, origin)| *origin == Origin::Default));
    }

    #[test]
    fn every_key_of_the_default_file_is_read_by_the_types_and_the_other_way_round() {
        let settings = load(&ConfigSource::default()).unwrap();
        let back = Table::try_from(&settings.config).unwrap();
        let keys: Vec<_> = leaves(&back, "").into_iter().map(|(k, _)| k).collect();
        let mut keys = keys;
        keys.sort();
        assert_eq!(keys, settings.values.keys().cloned().collect::<Vec<_>>());
    }

    #[test]
    fn every_key_of_the_default_file_has_a_comment() {
        let lines: Vec<_> = DEFAULT_TOML.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            if line.contains(" = ") && !line.starts_with('#') {
                assert!(lines[i - 1].starts_with('#'), "no comment above `{line}`");
            }
        }
    }

    #[test]
    fn a_preset_lies_between_the_defaults_and_the_file() {
        let settings = with_file("preset = \"reduced\"\n[trino]\nconcurrent = 9\n").unwrap();
        assert_eq!(settings.config.preset, crate::config::Preset::Reduced);
        assert_eq!(settings.config.trino.url, "http://trino:8080");
        assert_eq!(settings.config.trino.concurrent, 9);
        assert!(!settings.config.passes.describe && settings.config.passes.pii);
        assert_eq!(settings.values["passes.describe"].1, Origin::Preset("reduced"));
        assert_eq!(settings.values["trino.url"].1, Origin::Preset("akko"));
        assert!(with_file("preset = \"saas\"\n").unwrap_err().to_string().contains("embedded, akko or reduced"));
    }

    #[test]
    fn names_that_the_operator_makes_up_may_hold_dots() {
        let text =
            "[engine.services]\n\"mysql.prod\" = { catalog = \"mysql\" }\n[glossary.terms]\nDPD = \"days past due\"\n";
        let config = with_file(text).unwrap().config;
        assert_eq!(config.engine.services["mysql.prod"].catalog, "mysql");
        assert_eq!(config.glossary.terms["DPD"], "days past due");
    }

    #[test]
    fn a_table_may_be_sampled_in_its_own_way() {
        let text = "[sample]\nmethod = \"system\"\n[[sample.tables]]\ntable = \"lake.*.events\"\nrows_max = 40\n\
                    method = \"limit\"\nwhere = \"day > DATE '2026-01-01'\"\n";
        let sample = with_file(text).unwrap().config.sample;
        let rule = &sample.tables[0];
        assert_eq!((rule.rows_max, rule.percent, rule.method), (Some(40), None, Some(SampleWith::Limit)));
        assert_eq!((sample.method, rule.condition.as_deref()), (SampleWith::System, Some("day > DATE '2026-01-01'")));
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it_and_its_nearest_match() {
        let text = with_file("[sample]\nrow_max = 7\n").unwrap_err().to_string();
        assert!(text.contains("sample.row_max") && text.contains("did you mean `sample.rows_max`"), "{text}");
    }

    #[test]
    fn a_wrong_type_names_the_key() {
        let text = with_file("[sample]\nrows_max = \"many\"\n").unwrap_err().to_string();
        assert!(text.contains("sample.rows_max") && text.contains("c.toml"), "{text}");
    }

    #[test]
    fn a_value_that_makes_no_sense_is_refused() {
        let text = with_file("[fk]\nthreshold = 7\n").unwrap_err().to_string();
        assert!(text.contains("fk.threshold") && text.contains("between 0 and 1"), "{text}");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_key_and_never_with_a_secret() {
        for (text, key, why) in [
            ("[trino]\nurl = \"http://u:hunter2@trino:8080\"\n", "trino.url", "secret reference"),
            ("[trino]\nurl = \"http://trino.example.org:8080\"\n", "trino.url", "plain http"),
            ("[llm]\nurl = \"ftp://x\"\n", "llm.url", "http://"),
            ("[trino]\ntoken = \"hunter2\"\n", "trino.token", "file:PATH"),
            ("[api]\nlisten = \"0.0.0.0:80\"\n", "api.listen", "loopback"),
            ("[api]\noidc_issuer = \"https://idp\"\n", "api.oidc_issuer", "oidc_keys_file"),
            ("[schedule]\nsweep = \"every day\"\n", "schedule.sweep", "cron"),
            ("[schedule]\ntime_zone = \"Mars/Olympus\"\n", "schedule.time_zone", "time zone"),
            ("[egress]\nallow = [\"trino\"]\n", "egress.allow", "host:port"),
            ("[pii]\npresidio_url = \"http://presidio:5002\"\n", "pii.presidio_url", "raw cells"),
            ("[ledger]\nstore = \"postgres\"\n", "ledger.store", "ledger.url"),
            ("[[sample.tables]]\ntable = \"a.b.c\"\npercent = 0\n", "sample.tables", "above 0"),
            ("[[sample.tables]]\ntable = \"a.b.c\"\nwhere = \"x; y\"\n", "sample.tables", "a.b.c"),
            ("[[sample.tables]]\ntable = \"a.b.c\"\nrow_max = 1\n", "sample.tables", "row_max"),
            ("[glossary.terms]\n\"S*\" = \"subscriber\"\n", "glossary.terms", "two letters"),
            ("[glossary.terms]\n\"S*B\" = \"subscriber\"\n", "glossary.terms", "at the end"),
            ("[glossary.terms]\n\"bank.\" = \"bank\"\n", "glossary.terms", "names no word"),
            ("[glossary.terms]\nSB = \" \"\n", "glossary.terms", "says nothing"),
        ] {
            let error = with_file(text).unwrap_err().to_string();
            assert!(error.contains(key) && error.contains(why) && !error.contains("hunter2"), "{text}: {error}");
        }
        assert!(
            with_file("[trino]\nurl = \"http://trino.example.org\"\n[egress]\nplain_http = [\"trino.example.org\"]\n")
                .is_ok()
        );
    }

    #[test]
    fn every_destination_is_named_by_the_configuration() {
        let config = with_file("preset = \"akko\"\n[egress]\nallow = [\"extra:1\"]\n").unwrap().config;
        let named: Vec<String> = config.destinations().iter().map(ToString::to_string).collect();
        let wanted = [
            "openmetadata:8585",
            "trino:8080",
            "litellm:4000",
            "milvus:19530",
            "victorialogs:9428",
            "akko-postgres:5432",
            "extra:1",
        ];
        assert_eq!(named, wanted);
    }

    #[test]
    fn the_environment_wins_over_the_file_and_flags_win_over_both() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        std::fs::write(&path, "[sample]\nrows_max = 7\nrows_min = 1\npercent = 3\n").unwrap();
        let settings = load(&ConfigSource {
            file: Some(path),
            environment: vec![
                ("CATALOG_SYNC__SAMPLE__ROWS_MAX".into(), "9".into()),
                ("CATALOG_SYNC__STATE__DIR".into(), "elsewhere".into()),
                ("PATH".into(), "/bin".into()),
            ],
            flags: vec![("state.dir", Value::String("here".into()), "--state")],
        })
        .unwrap();
        assert_eq!(settings.config.sample.rows_max, 9);
        assert_eq!(settings.config.sample.rows_min, 1);
        assert!((settings.config.sample.percent - 3.0).abs() < f64::EPSILON);
        assert_eq!(settings.config.state.dir, PathBuf::from("here"));
        assert_eq!(settings.values["state.dir"].1, Origin::Flag("--state".into()));
    }
}
