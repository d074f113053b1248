//! Filters in Milvus's expression language, with every text quoted.

use super::rows::WRITER;

/// A text as a literal. JSON's escapes are Milvus's.
pub(super) fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `field in ["a", "b"]`.
pub(super) fn one_of<'a>(field: &str, texts: impl IntoIterator<Item = &'a str>) -> String {
    let literals: Vec<String> = texts.into_iter().map(literal).collect();
    format!("{field} in [{}]", literals.join(", "))
}

/// As [`one_of`] for a key of a document, where Milvus Lite knows no `in`.
pub(super) fn one_of_meta<'a>(meta: &str, key: &str, texts: impl IntoIterator<Item = &'a str>) -> String {
    let field = of_meta(meta, key);
    let equal: Vec<String> = texts.into_iter().map(|text| format!("{field} == {}", literal(text))).collect();
    format!("({})", equal.join(" or "))
}

/// Rows that say we wrote them.
pub(super) fn ours(meta: &str) -> String {
    format!("{meta}[\"writer\"] == {}", literal(WRITER))
}

/// A key of the document.
pub(super) fn of_meta(meta: &str, key: &str) -> String {
    format!("{meta}[{}]", literal(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_quotes() {
        let hostile = r#"x"] or id != "" or id in ["\"#;
        assert_eq!(one_of_meta("meta", "table", ["a", "\""]), r#"(meta["table"] == "a" or meta["table"] == "\"")"#);
        assert_eq!(one_of("id", [hostile]), r#"id in ["x\"] or id != \"\" or id in [\"\\"]"#);
    }
}
