//! From a syntax tree to the catalog's tables and columns: which are joined, filtered and returned.
//!
//! - `schema`: the catalog's tables, found by the names that queries use;
//! - `relation`: what a name in a FROM clause stands for, with the origin of each of its columns;
//! - `walk`: statements, queries, selects and FROM clauses;
//! - `predicate`: conditions, where equalities are joins and everything else is a filter;
//! - `literal`: which literals are compared with which column;
//! - `facts`: what one statement taught.

mod facts;
mod literal;
mod predicate;
mod relation;
mod schema;
mod walk;

pub(crate) use facts::{ComparedLiteral, Facts, Join, Place};
pub use schema::SchemaTable;
pub(crate) use schema::{Schema, Session};
pub(crate) use walk::read_statements;
