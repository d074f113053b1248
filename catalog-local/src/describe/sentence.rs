//! The sentence: parts in the order of their worth, as many as twenty words hold.

use catalog_core::model::Language;

/// Most words of a description.
pub(crate) const WORDS_MAX: usize = 20;

/// Most characters of a description.
pub(crate) const CHARS_MAX: usize = 240;

/// Words of a text as the limit counts them.
pub(crate) fn word_count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// A sentence under construction that never outgrows [`WORDS_MAX`].
pub(crate) struct Sentence(String);

impl Sentence {
    /// Starts with an upper-case letter.
    pub(crate) fn starting(head: &str) -> Self {
        let mut chars = head.chars();
        Self(chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect()))
    }

    /// Adds `separator` and `part` when the whole then stays within `limit` words; says whether it did.
    pub(crate) fn add(&mut self, separator: &str, part: &str, limit: usize) -> bool {
        let longer = format!("{}{separator}{part}", self.0);
        let short = longer.chars().count() < CHARS_MAX && word_count(&longer) <= limit.min(WORDS_MAX);
        let fits = short && !part.is_empty();
        if fits {
            self.0 = longer;
        }
        fits
    }

    /// The finished sentence.
    pub(crate) fn finish(self) -> String {
        self.0 + "."
    }
}

/// The fixed words of a language.
pub(crate) struct Words {
    pub(crate) row_per: &'static str,
    pub(crate) linked_to: &'static str,
    pub(crate) and: &'static str,
    pub(crate) in_unit: &'static str,
    pub(crate) list_of: &'static str,
    pub(crate) with: &'static str,
    pub(crate) links: &'static str,
    pub(crate) linking: &'static str,
    pub(crate) to: &'static str,
    pub(crate) records: &'static str,
    pub(crate) from: &'static str,
}

/// English and French connectives. French ones need no article, and so no gender.
pub(crate) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &Words {
            row_per: "one row per ",
            linked_to: ", linked to ",
            and: " and ",
            in_unit: " in ",
            list_of: "List of ",
            with: " with ",
            links: "Links ",
            linking: ", linking ",
            to: " to ",
            records: "records",
            from: ", built from ",
        },
        Language::Fr => &Words {
            row_per: "une ligne par ",
            linked_to: ", en lien avec ",
            and: " et ",
            in_unit: " en ",
            list_of: "Liste de ",
            with: " avec ",
            links: "Relie ",
            linking: ", lien entre ",
            to: " et ",
            records: "enregistrements",
            from: ", tirés de ",
        },
    }
}
