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

/// The text cleaned and in JSON quotes: an inner quote cannot end it.
pub(crate) fn quoted(text: &str, chars_max: usize) -> String {
    serde_json::Value::String(clean(text, chars_max)).to_string()
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

    proptest::proptest! {
        #[test]
        fn clean_text_is_one_visible_line_within_its_limit(text in "\\PC{0,60}|.{0,60}", max in 1usize..40) {
            let cleaned = clean(&text, max);
            proptest::prop_assert!(cleaned.chars().count() <= max + 1);
            proptest::prop_assert!(!cleaned.chars().any(invisible));
        }
    }
}
