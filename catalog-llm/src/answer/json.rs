//! JSON in whatever a model wraps around it.

use serde_json::{Map, Value};

/// Starts of objects that are tried.
const STARTS_MAX: usize = 20;

/// The first JSON object in the text: alone, in a code block, or between sentences. An object that the text ends
/// inside of is none. A list of one object is that object.
pub(crate) fn object_of(text: &str) -> Option<Map<String, Value>> {
    for (at, _) in text.match_indices('{').take(STARTS_MAX) {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        if let Some(Ok(Value::Object(object))) = values.next() {
            return Some(object);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_alone_in_a_block_and_in_prose() {
        for text in [
            r#"{"description": "Loans."}"#,
            "```json\n{\"description\": \"Loans.\"}\n```",
            r#"Sure! Here it is: {"description": "Loans."} Hope this helps {"#,
            r#"[{"description": "Loans."}]"#,
            r#"{not json} {"description": "Loans."}"#,
        ] {
            assert_eq!(object_of(text).unwrap()["description"], "Loans.", "{text}");
        }
    }

    #[test]
    fn prose_a_page_and_half_an_object_are_none() {
        for text in ["", "Loans of the bank.", "<html>{}x", r#"{"description": "Loa"#, "{{{{{{{{{{{{{{{{{{{{{{{{{"] {
            assert!(object_of(text).is_none_or(|object| object.is_empty()), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[\\PC{}\\[\\]\":,]{0,60}") {
            let _ = object_of(&text);
        }
    }
}
