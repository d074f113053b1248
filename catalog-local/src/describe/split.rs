//! Identifiers to words: `T_CustomerADDR2` to `t customer addr`.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest identifier that is read; the rest is cut.
const NAME_CHARS_MAX: usize = 256;
/// Most words taken from one identifier.
const NAME_WORDS_MAX: usize = 24;

/// Lower case without accents: `Échéance` to `echeance`, `ﬁn` to `fin`.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'œ' | 'Œ' => out.push_str("oe"),
            'æ' | 'Æ' => out.push_str("ae"),
            'ß' => out.push_str("ss"),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Other,
}

fn kind(c: char) -> Kind {
    if c.is_uppercase() {
        Kind::Upper
    } else if c.is_alphabetic() || is_combining_mark(c) {
        Kind::Lower
    } else if c.is_numeric() {
        Kind::Digit
    } else {
        Kind::Other
    }
}

/// The words of an identifier, folded, in order; digits and punctuation separate and are dropped. Understands
/// snake_case, kebab-case, camelCase, `XMLFile` and a plural `s` behind capitals (`customerIDs`).
pub(crate) fn split_name(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().take(NAME_CHARS_MAX).collect();
    let mut words: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut flush = |current: &mut String| {
        let word = fold(current);
        if !word.is_empty() && words.len() < NAME_WORDS_MAX {
            words.push(word);
        }
        current.clear();
    };
    for (i, &c) in chars.iter().enumerate() {
        let here = kind(c);
        if matches!(here, Kind::Other | Kind::Digit) {
            flush(&mut current);
            continue;
        }
        if here == Kind::Upper && i > 0 {
            let before = kind(chars[i - 1]);
            let after = chars.get(i + 1).copied();
            let plural_s = after == Some('s') && chars.get(i + 2).is_none_or(|c| kind(*c) != Kind::Lower);
            let starts_word = after.is_some_and(|c| kind(c) == Kind::Lower) && !plural_s;
            if before == Kind::Lower || (before == Kind::Upper && starts_word) {
                flush(&mut current);
            }
        }
        current.push(c);
    }
    flush(&mut current);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_split_where_people_read_a_boundary() {
        for (name, words) in [
            ("customer_id", vec!["customer", "id"]),
            ("CustomerOrderLine", vec!["customer", "order", "line"]),
            ("T_CLI_ADR", vec!["t", "cli", "adr"]),
            ("XMLFileName", vec!["xml", "file", "name"]),
            ("customerIDs", vec!["customer", "ids"]),
            ("addr2line", vec!["addr", "line"]),
            ("Date d'échéance", vec!["date", "d", "echeance"]),
            ("order-items", vec!["order", "items"]),
            ("__", vec![]),
            ("12", vec![]),
        ] {
            assert_eq!(split_name(name), words, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_splits_into_letters_only(name in ".{0,60}") {
            for word in split_name(&name) {
                proptest::prop_assert!(!word.is_empty() && !word.contains([' ', '_', '-', '.', '"']));
            }
        }
    }
}
