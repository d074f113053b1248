//! The configuration's reference page, made from the default file.

use std::fmt::Write as _;

use super::DEFAULT_TOML;

/// One key of the default file.
pub(super) struct Key {
    /// Its section; empty for the keys before the first.
    pub(super) section: String,
    /// Its name in the section.
    pub(super) name: String,
    /// Its default, as TOML.
    pub(super) default: String,
    /// What stands above it.
    pub(super) comment: String,
}

/// The keys of the default file in its order.
pub(super) fn keys() -> Vec<Key> {
    let mut found = Vec::new();
    let (mut section, mut comment) = (String::new(), Vec::new());
    for line in DEFAULT_TOML.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment.push(text.trim());
        } else if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            name.clone_into(&mut section);
            comment.clear();
        } else if let Some((name, default)) = line.split_once(" = ") {
            let (name, default) = (name.to_owned(), default.to_owned());
            found.push(Key { section: section.clone(), name, default, comment: comment.join(" ") });
            comment.clear();
        } else {
            comment.clear();
        }
    }
    found
}

/// What the reference page says, a row a key: `key`, `default` as TOML, `meaning`.
pub fn reference_rows() -> Vec<serde_json::Value> {
    let whole = |key: &Key| match key.section.as_str() {
        "" => key.name.clone(),
        section => format!("{section}.{}", key.name),
    };
    let row = |key: Key| serde_json::json!({ "key": whole(&key), "default": key.default, "meaning": key.comment });
    keys().into_iter().map(row).collect()
}

/// The reference page as Markdown.
pub fn reference_page() -> String {
    let mut page = String::from(
        "# Configuration\n\nMade from the default file by `catalog-syncd config reference`; do not edit. A file given \
         with `--config` lies over the preset, which lies over these defaults; `CATALOG_SYNC__SECTION__KEY` in the \
         environment lies over the file, and flags over all. An unknown key is an error.\n\nA secret is a reference: \
         `file:PATH` or `env:NAME`.\n",
    );
    let mut section = None;
    for key in keys() {
        if section.as_ref() != Some(&key.section) {
            let title =
                if key.section.is_empty() { "Before the sections".to_owned() } else { format!("[{}]", key.section) };
            // Writing into a string cannot fail.
            let _ = write!(page, "\n## {title}\n\n| key | default | meaning |\n| --- | --- | --- |\n");
            section = Some(key.section.clone());
        }
        let cell = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(page, "| `{}` | `{}` | {} |", key.name, cell(&key.default), cell(&key.comment));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_docs_is_the_one_that_the_default_file_makes() {
        let kept = include_str!("../../../docs/reference/configuration.md");
        assert!(kept == reference_page(), "run `catalog-syncd config reference > docs/reference/configuration.md`");
    }

    #[test]
    fn every_key_has_its_meaning() {
        let keys = keys();
        assert!(keys.len() > 120);
        for key in keys {
            assert!(key.comment.len() > 5, "{}.{}", key.section, key.name);
        }
    }
}
