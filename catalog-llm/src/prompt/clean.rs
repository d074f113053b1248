//! Hostile text made harmless to carry: one line, visible, short.

/// Does the character steer a terminal, a renderer or a reader without being seen? Control characters, zero-width
/// characters, joiners, bidirectional marks, variation selectors, tags and private use.
pub(crate) fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
            | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
            | 0xE000..=0xF8FF | 0x1D173..=0x1D17A | 0xE0000..=0x10FFFF)
}

/// So many digits in a row, grouped or not, are somebody's number.
const DIGITS_WITHHELD: usize = 7;

/// The text on one line without invisible characters, white space folded, at most `chars_max` characters with an
/// ellipsis where it was cut.
pub(crate) fn clean(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut chars = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || matches!(c, '\u{2028}' | '\u{2029}') {
            gap = !out.is_empty();
            continue;
        }
        if invisible(c) {
            continue;
        }
        if chars + usize::from(gap) >= chars_max {
            out.push('…');
            break;
        }
        if gap {
            out.push(' ');
            chars += 1;
            gap = false;
        }
        out.push(c);
        chars += 1;
    }
    out
}

/// The text cleaned, without what looks like a value, and in JSON quotes: an inner quote cannot end it.
pub(crate) fn quoted(text: &str, chars_max: usize) -> String {
    json_string(withhold(&clean(text, chars_max)))
}

/// A shape in JSON quotes: its nines are no digits of anybody's.
pub(crate) fn quoted_shape(shape: &str, chars_max: usize) -> String {
    json_string(clean(shape, chars_max))
}

/// May the name be told as it is?
pub(crate) fn is_tellable(name: &str, chars_max: usize) -> bool {
    let cleaned = clean(name, chars_max);
    cleaned == name && withhold(&cleaned) == name
}

fn json_string(text: String) -> String {
    serde_json::Value::String(text).to_string()
}

/// The text without e-mail addresses and long numbers, however the digits are grouped. Names and comments are nobody's
/// cells, but people write accounts and addresses into them.
fn withhold(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        let separator = matches!(c, ' ' | '-' | '.' | '/' | '\u{a0}' | '\u{202f}') && !run.is_empty();
        if c.is_numeric() || separator {
            run.push(c);
            continue;
        }
        let digits = run.chars().filter(|c| c.is_numeric()).count();
        if digits >= DIGITS_WITHHELD {
            out.push_str("<NUMBER>");
            let tail = run.trim_end_matches(|c: char| !c.is_numeric()).len();
            out.push_str(&run[tail..]);
        } else {
            out.push_str(&run);
        }
        run.clear();
        out.push(c);
    }
    out.pop();
    if !out.contains('@') {
        return out;
    }
    let word = |word: &str| if word.contains('@') { "<EMAIL>".to_owned() } else { word.to_owned() };
    out.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_and_line_breaks_vanish() {
        assert_eq!(clean(" a\u{200b}b\u{202e}c\n\nd\u{e0041}\u{7}  e ", 50), "abc d e");
        assert_eq!(clean("abcdef", 3), "abc…");
        assert_eq!(quoted("say \"hi\"", 20), r#""say \"hi\"""#);
    }

    #[test]
    fn addresses_and_long_numbers_in_names_and_comments_are_withheld() {
        for (text, told) in [
            ("ask ann.lee@bank.example, thanks", "ask <EMAIL> thanks"),
            ("IBAN FR76 3000 6000 0112 3456 7890 189 of Ann", "IBAN FR<NUMBER> of Ann"),
            ("card 4111-1111-1111-1111.", "card <NUMBER>."),
            ("T_2024 in 12 months", "T_2024 in 12 months"),
        ] {
            assert_eq!(withhold(text), told);
        }
        assert!(is_tellable("due_date2", 80) && !is_tellable("acct_4111111111111111", 80) && !is_tellable("a@b", 80));
        assert_eq!(quoted_shape("9999-99-99", 20), "\"9999-99-99\"");
    }

    proptest::proptest! {
        #[test]
        fn clean_text_is_one_visible_line_within_its_limit(text in "\\PC{0,60}|.{0,60}", max in 1usize..40) {
            let cleaned = clean(&text, max);
            proptest::prop_assert!(cleaned.chars().count() <= max + 1);
            proptest::prop_assert!(!cleaned.chars().any(invisible));
        }
    }
}
