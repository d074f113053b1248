//! Table aliases to `t1`, `t2`, … in order of appearance.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use sqlparser::ast::{Statement, TableAlias, TableFactor, Visit, Visitor};
use sqlparser::tokenizer::Location;

use super::mask::{Masked, Piece};

/// Renames the aliases of tables and subqueries that are simple: unquoted, only ever used before a dot, and never the
/// name of a table, a schema or a common table expression. Any other alias stays as it is.
pub(crate) fn rename_aliases(masked: &mut Masked, statements: &[Statement]) {
    let mut found = Aliases::default();
    for statement in statements {
        let _ = statement.visit(&mut found);
    }
    let pieces = &mut masked.pieces;
    let dot = |piece: Option<&Piece>| matches!(piece, Some(Piece::Other(mark)) if mark == ".");
    let mut fixed = found.table_words;
    let mut words = HashSet::new();
    for (i, piece) in pieces.iter().enumerate() {
        let Piece::Name { text, quoted, at } = piece else { continue };
        words.insert(text.clone());
        let before = i.checked_sub(1).map(|b| &pieces[b]);
        let qualifies = dot(pieces.get(i + 1)) && !dot(before);
        let defines = found.definitions.contains(&place(*at));
        // A word that is only a column behind a dot does not clash with an alias.
        if *quoted || !(qualifies || defines || dot(before)) {
            fixed.insert(text.clone());
        }
    }
    let mut names: HashMap<String, String> = HashMap::new();
    let mut number = 0;
    let mut optional_as = HashSet::new();
    for i in 0..pieces.len() {
        let (before, next) = (i.checked_sub(1).map(|b| &pieces[b]), pieces.get(i + 1));
        let Piece::Name { text, quoted: false, at } = &pieces[i] else { continue };
        let defines = found.definitions.contains(&place(*at));
        let is_alias = found.names.contains(text) && !fixed.contains(text);
        if !is_alias || dot(before) || !(defines || dot(next)) {
            continue;
        }
        let name = names.entry(text.clone()).or_insert_with(|| {
            loop {
                number += 1;
                let name = format!("t{number}");
                if !words.contains(&name) || found.names.contains(&name) && !fixed.contains(&name) {
                    break name;
                }
            }
        });
        let (name, at) = (name.clone(), *at);
        if let (true, Some(Piece::Keyword(word))) = (defines, before)
            && word == "AS"
        {
            optional_as.insert(i - 1);
        }
        pieces[i] = Piece::Name { text: name, quoted: false, at };
    }
    let mut i = 0;
    pieces.retain(|_| {
        i += 1;
        !optional_as.contains(&(i - 1))
    });
}

/// A location as a key: sqlparser's own is neither hashable nor ordered by this use.
fn place(at: Location) -> (u64, u64) {
    (at.line, at.column)
}

#[derive(Default)]
struct Aliases {
    /// Lower-case aliases.
    names: BTreeSet<String>,
    /// Where they are defined.
    definitions: HashSet<(u64, u64)>,
    /// Lower-case parts of table names, and names of common table expressions.
    table_words: HashSet<String>,
}

impl Aliases {
    fn add(&mut self, alias: &TableAlias) {
        if alias.name.quote_style.is_none() {
            self.names.insert(alias.name.value.to_lowercase());
            self.definitions.insert(place(alias.name.span.start));
        }
    }
}

impl Visitor for Aliases {
    type Break = ();

    fn pre_visit_query(&mut self, query: &sqlparser::ast::Query) -> ControlFlow<()> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.table_words.insert(cte.alias.name.value.to_lowercase());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, alias, .. } => {
                self.table_words.extend(name.0.iter().filter_map(|p| p.as_ident()).map(|i| i.value.to_lowercase()));
                alias.iter().for_each(|a| self.add(a));
            }
            TableFactor::Derived { alias: Some(alias), .. } => self.add(alias),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
