//! What a run found, as one document: JSON, a table on the terminal, or a self-contained page.

mod build;
pub(crate) mod diagram;
pub(crate) mod document;
mod page;
mod stream;
mod terminal;

pub use build::build;
pub use document::{
    ColumnReport, DescriptionReport, KeyReport, ParkedReport, PiiReport, Report, RunReport, SCHEMA_VERSION, TableReport,
};
pub use page::page;
pub use stream::stream;
pub use terminal::{grid, plain, print};
