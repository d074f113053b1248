//! Laying the layers over each other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use catalog_core::{Error, ErrorKind, Result};
use toml::{Table, Value};

use super::{Config, DEFAULT_TOML, Origin, Settings};

/// Prefix of environment variables that set a key; `__` separates section and key.
const ENV_PREFIX: &str = "CATALOG_SYNC__";

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
    let mut table: Table = DEFAULT_TOML.parse().map_err(|e: toml::de::Error| bug(e.message()))?;
    let mut origins = BTreeMap::new();
    if let Some(path) = &source.file {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| {
            Error::new(ErrorKind::NotFound, "read_configuration", e.kind().to_string())
                .with("path", &shown)
                .hint("check the path given to --config")
        })?;
        let layer: Table = text.parse().map_err(|e: toml::de::Error| {
            Error::new(ErrorKind::Configuration, "read_configuration", e.message().to_owned())
                .with("path", &shown)
                .with("line", e.span().map_or(0, |s| line_of(&text, s.start)))
                .hint("the file must be TOML; see `catalog-syncd config show`")
        })?;
        for (key, value) in leaves(&layer, "") {
            set(&mut table, &key, value, &shown)?;
            origins.insert(key, Origin::File(shown.clone()));
        }
    }
    for (name, text) in &source.environment {
        let Some(rest) = name.strip_prefix(ENV_PREFIX) else { continue };
        let key = rest.to_lowercase().replace("__", ".");
        let value = parse_like(get(&table, &key), text);
        set(&mut table, &key, value, name)?;
        origins.insert(key, Origin::Environment(name.clone()));
    }
    for (key, value, flag) in &source.flags {
        set(&mut table, key, value.clone(), flag)?;
        origins.insert((*key).to_owned(), Origin::Flag((*flag).to_owned()));
    }
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
        return Err(wrong(key, why, &values));
    }
    Ok(Settings { config, values })
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
fn leaves(table: &Table, prefix: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(inner) => found.extend(leaves(inner, &key)),
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
        for section in ["state", "egress", "sync", "sample", "profile", "describe", "prompt", "pii", "fk", "querylog"] {
            let start = lines.iter().position(|l| *l == format!("[{section}]")).unwrap();
            for (i, line) in lines.iter().enumerate().skip(start + 1).take_while(|(_, l)| !l.starts_with('[')) {
                if line.contains(" = ") && !line.starts_with('#') {
                    assert!(lines[i - 1].starts_with('#'), "no comment above `{line}`");
                }
            }
        }
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
