//! Texts as Postgres can hold them. It refuses U+0000, which a hostile name may contain; U+001A marks it and itself.

use std::borrow::Cow;

const MARK: char = '\u{1A}';

/// The text as it is stored. Texts without control characters stay as they are.
pub(super) fn stored(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', MARK]) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(MARK, "\u{1A}1").replace('\0', "\u{1A}0"))
}

/// What [`stored`] was given.
pub(super) fn read(text: String) -> String {
    if !text.contains(MARK) {
        return text;
    }
    text.replace("\u{1A}0", "\0").replace("\u{1A}1", "\u{1A}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_back_and_holds_no_nul_meanwhile(text in "[\u{0}\u{1A}01a\u{e9}]{0,12}") {
            let kept = stored(&text).into_owned();
            prop_assert!(!kept.contains('\0'));
            prop_assert_eq!(read(kept), text);
        }
    }
}
