//! Cutting cells to a number of bytes without breaking a character.

/// Bytes that are not UTF-8.
pub(super) struct NotUtf8;

/// The text's longest prefix of at most `bytes_max` bytes.
pub(super) fn cut_text(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// At most `bytes_max` bytes.
pub(super) fn cut_bytes(bytes: &[u8], bytes_max: usize) -> &[u8] {
    &bytes[..bytes.len().min(bytes_max)]
}

/// At most `bytes_max` bytes read as UTF-8; what lies beyond is not looked at. A character that the cut would break
/// is dropped.
pub(super) fn utf8_prefix(bytes: &[u8], bytes_max: usize) -> Result<&str, NotUtf8> {
    let cut = cut_bytes(bytes, bytes_max);
    match std::str::from_utf8(cut) {
        Ok(text) => Ok(text),
        Err(e) if e.error_len().is_none() && cut.len() < bytes.len() => {
            std::str::from_utf8(&cut[..e.valid_up_to()]).map_err(|_| NotUtf8)
        }
        Err(_) => Err(NotUtf8),
    }
}

/// As [`utf8_prefix`], with U+FFFD for every byte that is not UTF-8; at most `bytes_max` bytes after replacement.
pub(super) fn lossy_prefix(bytes: &[u8], bytes_max: usize) -> Box<str> {
    match utf8_prefix(bytes, bytes_max) {
        Ok(text) => text.into(),
        Err(NotUtf8) => cut_text(&String::from_utf8_lossy(cut_bytes(bytes, bytes_max)), bytes_max).into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cut_never_breaks_a_character() {
        assert_eq!(cut_text("née", 2), "n");
        assert!(matches!(utf8_prefix("née".as_bytes(), 2), Ok("n")));
        assert_eq!(&*lossy_prefix("née".as_bytes(), 2), "n");
    }

    #[test]
    fn bytes_that_are_not_text_become_replacement_characters() {
        assert!(utf8_prefix(b"a\xff", 10).is_err());
        assert_eq!(&*lossy_prefix(b"a\xffb", 10), "a\u{fffd}b");
    }

    proptest! {
        #[test]
        fn no_prefix_is_longer_than_asked(bytes: Vec<u8>, max in 0usize..40) {
            prop_assert!(lossy_prefix(&bytes, max).len() <= max);
        }
    }
}
