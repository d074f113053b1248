//! Names in SQL.

/// An identifier in double quotes, inner quotes doubled: the standard's form, which SQLite and Postgres share.
pub(super) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_a_name() {
        assert_eq!(quote("\"; DROP TABLE x; --"), "\"\"\"; DROP TABLE x; --\"");
    }
}
