//! The page's texts: one file a language, with the same keys.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

use axum::http::{HeaderMap, header};

/// The texts of one language.
#[derive(Debug)]
pub(super) struct Words {
    /// Its code, as in `<html lang>`.
    pub(super) code: &'static str,
    texts: BTreeMap<String, String>,
}

static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::read("en", include_str!("../../assets/words/en.toml")));
static FRENCH: LazyLock<Words> = LazyLock::new(|| Words::read("fr", include_str!("../../assets/words/fr.toml")));

impl Words {
    fn read(code: &'static str, file: &str) -> Self {
        Self { code, texts: toml::from_str(file).unwrap_or_default() }
    }

    /// The language of that code.
    pub(super) fn of(code: &str) -> Option<&'static Self> {
        [&*ENGLISH, &*FRENCH].into_iter().find(|words| words.code == code)
    }

    /// What the browser asks for: the first of its languages that there are texts in, by quality and then by order.
    pub(super) fn asked_for(headers: &HeaderMap) -> &'static Self {
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let ranked = asked.split(',').take(20).filter_map(|part| {
            let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
            let words = Self::of(tag.trim().split('-').next()?.to_ascii_lowercase().as_str())?;
            Some((quality.trim().parse::<f32>().unwrap_or(0.0), words))
        });
        let best = ranked.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map_or(&ENGLISH, |(_, words)| words)
    }

    /// The text under a key; the key itself where there is none.
    pub(super) fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.get(key).map_or(key, String::as_str)
    }

    /// The same with each `{}` replaced by the next value.
    pub(super) fn put(&self, key: &str, values: &[&dyn Display]) -> String {
        let mut text = self.get(key).to_owned();
        for value in values {
            text = text.replacen("{}", &value.to_string().replace("{}", "()"), 1);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_places_and_no_empty_text() {
        assert!(ENGLISH.texts.len() > 50);
        let keys = |words: &Words| words.texts.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&ENGLISH), keys(&FRENCH));
        for (key, english) in &ENGLISH.texts {
            let french = &FRENCH.texts[key];
            assert!(!english.trim().is_empty() && !french.trim().is_empty(), "{key}");
            assert_eq!(english.matches("{}").count(), french.matches("{}").count(), "{key}");
        }
    }

    #[test]
    fn every_text_that_a_page_asks_for_is_there_and_every_text_is_asked_for() {
        let root = env!("CARGO_MANIFEST_DIR");
        let mut sources = String::new();
        for folder in ["src/page", "templates/page"] {
            for entry in std::fs::read_dir(format!("{root}/{folder}")).unwrap() {
                let path = entry.unwrap().path();
                if !path.ends_with("words.rs") {
                    sources += &std::fs::read_to_string(path).unwrap();
                }
            }
        }
        for call in ["shell.w(\"", "shell.put(\"", "words.get(\"", "words.put(\"", "self.w(\""] {
            for used in sources.split(call).skip(1) {
                let key = used.split('"').next().unwrap();
                assert!(key.ends_with('.') || ENGLISH.texts.contains_key(key), "no text for {key}");
            }
        }
        for key in ENGLISH.texts.keys() {
            let beginning = key.rsplit_once('.').map(|(family, _)| format!("\"{family}."));
            let named = sources.contains(&format!("\"{key}\""));
            assert!(named || beginning.is_some_and(|b| sources.contains(&b)), "{key} is used nowhere");
        }
    }

    #[test]
    fn the_browsers_first_known_language_is_taken() {
        let asked = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, value.parse().unwrap());
            Words::asked_for(&headers).code
        };
        assert_eq!(
            [asked("fr-CH, fr;q=0.9, en;q=0.8"), asked("de, en;q=0.7, fr;q=0.9"), asked("de"), asked("en-GB,fr;q=x")],
            ["fr", "fr", "en", "en"]
        );
    }

    #[test]
    fn a_value_cannot_take_the_place_of_the_next() {
        let words = Words { code: "en", texts: BTreeMap::from([("k".into(), "{} of {}".into())]) };
        assert_eq!(words.put("k", &[&"{}", &2]), "() of 2");
    }
}
