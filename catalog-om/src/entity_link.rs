//! Links to a table, a column or a field of one, as OpenMetadata writes them.

use std::fmt;
use std::str::FromStr;

use catalog_core::model::Fqn;
use catalog_core::{Error, ErrorKind, Result};

/// A link to a table, to one of its columns, or to a field of either. Printing and parsing are inverse to each other.
///
/// ```
/// use catalog_om::EntityLink;
/// let link: EntityLink = "<#E::table::lake.sales.orders::columns::amount>".parse().unwrap();
/// assert_eq!(link.table().name(), "orders");
/// assert_eq!(link.column().unwrap().name(), "amount");
/// assert_eq!(link.to_string(), "<#E::table::lake.sales.orders::columns::amount>");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntityLink {
    table: Fqn,
    column: Option<Fqn>,
    field: Option<String>,
}

const PREFIX: &str = "<#E::table::";
const SEPARATOR: &str = "::";

impl EntityLink {
    /// A link to a table.
    ///
    /// # Errors
    /// `InvalidInput` for a name that a link cannot hold: one with `::`, `<` or `>` in it (OpenMetadata refuses such
    /// names too), or without parts.
    pub fn to_table(table: &Fqn) -> Result<Self> {
        linkable(&table.to_string())?;
        Ok(Self { table: table.clone(), column: None, field: None })
    }

    /// A link to a column, given by its path below the table: one part, more for a field of a struct.
    ///
    /// # Errors
    /// As [`EntityLink::to_table`].
    pub fn to_column(table: &Fqn, column: &Fqn) -> Result<Self> {
        linkable(&column.to_string())?;
        Ok(Self { column: Some(column.clone()), ..Self::to_table(table)? })
    }

    /// The table.
    pub fn table(&self) -> &Fqn {
        &self.table
    }

    /// The column's path below the table, if the link goes to a column.
    pub fn column(&self) -> Option<&Fqn> {
        self.column.as_ref()
    }

    /// The field (`description`, `tags`) of the table or column, if the link goes to one.
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }
}

/// May the text stand between two separators?
fn linkable(text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(bad("a name is empty"));
    }
    // A colon at an edge would join the separator beside it.
    if text.contains(['<', '>']) || text.contains(SEPARATOR) || text.starts_with(':') || text.ends_with(':') {
        return Err(bad("a name holds characters that links reserve"));
    }
    Ok(())
}

fn bad(why: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, "read_entity_link", why)
        .hint("a link reads <#E::table::service.database.schema.table::columns::name>")
}

impl fmt::Display for EntityLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.table)?;
        if let Some(column) = &self.column {
            write!(f, "::columns::{column}")?;
        }
        if let Some(field) = &self.field {
            write!(f, "::{field}")?;
        }
        f.write_str(">")
    }
}

impl FromStr for EntityLink {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let body = text
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_suffix('>'))
            .ok_or_else(|| bad("the text is no link to a table"))?;
        let segments: Vec<&str> = body.split(SEPARATOR).collect();
        let (table, column, field) = match *segments.as_slice() {
            [table] => (table, None, None),
            [table, "columns", column] => (table, Some(column), None),
            [table, "columns", column, field] => (table, Some(column), Some(field)),
            [table, field] if field != "columns" => (table, None, Some(field)),
            _ => return Err(bad("the link has parts that name no column and no field")),
        };
        let table: Fqn = table.parse()?;
        let link = match column {
            Some(column) => Self::to_column(&table, &column.parse()?)?,
            None => Self::to_table(&table)?,
        };
        field.map_or(Ok(()), linkable)?;
        Ok(Self { field: field.map(str::to_owned), ..link })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fqn<const N: usize>(parts: [&str; N]) -> Fqn {
        Fqn::from_parts(parts)
    }

    #[test]
    fn names_with_dots_and_spaces_are_quoted() {
        let link = EntityLink::to_column(&fqn(["s", "d", "odd.name v2"]), &fqn(["a.b"])).unwrap();
        assert_eq!(link.to_string(), r#"<#E::table::s.d."odd.name v2"::columns::"a.b">"#);
        assert_eq!(link.to_string().parse::<EntityLink>().unwrap(), link);
    }

    #[test]
    fn struct_fields_and_fields_of_an_entity_are_read() {
        let link: EntityLink = "<#E::table::s.t::columns::address.street::description>".parse().unwrap();
        assert_eq!(link.column().unwrap().parts(), ["address", "street"]);
        assert_eq!(link.field(), Some("description"));
        let link: EntityLink = "<#E::table::s.t::description>".parse().unwrap();
        assert_eq!((link.column(), link.field()), (None, Some("description")));
    }

    #[test]
    fn a_name_that_would_forge_another_link_is_refused() {
        for name in ["a::columns::b", "a>", "<a", ":a", "a:"] {
            assert!(EntityLink::to_table(&fqn([name])).is_err(), "{name}");
        }
    }

    #[test]
    fn links_to_other_things_and_broken_links_are_errors() {
        for text in [
            "",
            "<#E::topic::a>",
            "<#E::table::>",
            "<#E::table::a::columns>",
            "<#E::table::a::columns::>",
            "<#E::table::a::columns::b::c::d>",
            "<#E::table::a",
        ] {
            assert!(text.parse::<EntityLink>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_link_that_can_be_made_is_read_back(table in prop::collection::vec(".{0,10}", 1..4), column in prop::collection::vec(".{1,10}|[:<>a]{1,4}", 1..3)) {
            if let Ok(link) = EntityLink::to_column(&Fqn::from_parts(table), &Fqn::from_parts(column)) {
                prop_assert_eq!(link.to_string().parse::<EntityLink>().unwrap(), link);
            }
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,40}|<#E::table::[a.:\"]{0,20}>") {
            if let Ok(link) = text.parse::<EntityLink>() {
                prop_assert_eq!(link.to_string().parse::<EntityLink>().unwrap(), link);
            }
        }
    }
}
