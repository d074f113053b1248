//! Public codes in a normal form: `status = 'L'` is the point of a query, and says nothing about anybody (promise I4).

use std::collections::HashMap;
use std::sync::Arc;

use catalog_core::model::Fqn;
use sqlparser::tokenizer::{Location, TokenWithSpan};

use crate::normal_form::{NormalForm, Template, codes_of};
use crate::resolve::{ComparedLiteral, Place, Schema};

/// Longest text that can be a public code, in characters.
const CODE_CHARS_MAX: usize = 32;

/// Says whether a value is one of the public codes of a table's column: `(table, column, value)`.
pub type PublicCodes = Arc<dyn Fn(&Fqn, &str, &str) -> bool + Send + Sync>;

/// The places of a template where a public code may stay.
pub(super) struct CodeSlots {
    template: Template,
    /// Parameters by index, ascending, with the columns that they are compared with.
    compared: Vec<(usize, Vec<Place>)>,
}

impl CodeSlots {
    /// `None` when no parameter is compared with a column.
    pub(super) fn new(template: Template, literals: &[ComparedLiteral]) -> Option<Self> {
        let place = |at: Location| (at.line, at.column);
        let by_place: HashMap<(u64, u64), &ComparedLiteral> = literals.iter().map(|l| (place(l.at), l)).collect();
        let compared: Vec<(usize, Vec<Place>)> = template
            .parameters()
            .iter()
            .enumerate()
            .filter_map(|(i, parameter)| Some((i, by_place.get(&place(parameter.at))?.columns.clone())))
            .collect();
        (!compared.is_empty()).then_some(Self { template, compared })
    }

    /// The normal form of a text of this shape with its public codes in place; `None` when it has none.
    pub(super) fn fill(&self, tokens: &[TokenWithSpan], schema: &Schema, codes: &PublicCodes) -> Option<NormalForm> {
        let mut kept = Vec::new();
        for (index, columns) in &self.compared {
            let is_code = |value: &str| {
                value.chars().count() <= CODE_CHARS_MAX
                    && columns
                        .iter()
                        .all(|(table, column)| codes(schema.fqn(*table), schema.column_name(*table, *column), value))
            };
            let parameter = &self.template.parameters()[*index];
            if let Some(code) = codes_of(parameter, tokens, is_code) {
                kept.push((*index, code));
            }
        }
        (!kept.is_empty()).then(|| self.template.filled(&kept))
    }
}
