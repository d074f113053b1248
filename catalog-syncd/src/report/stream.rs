//! The report as JSON while it is read from the ledger, for catalogs that do not fit into memory.

use std::io::Write;

use catalog_core::model::{TableId, TableState};
use catalog_core::ports::Ledger;
use catalog_core::{Error, ErrorKind, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::build::{figures, in_order, key, stuck, table};
use super::document::{KeyReport, RunReport, SCHEMA_VERSION};
use crate::walk::{Walk, WalkOutcome};

/// States that are read ahead: a ledger on a server answers in a round trip each.
const READ_AHEAD: usize = 16;

/// Writes the same document as [`super::build`] makes, a table or key a line, and gives its figures. What it holds of
/// the catalog are the names of its tables.
///
/// # Errors
/// The ledger's; `Unavailable` when nobody reads what is written.
pub async fn stream(walk: &Walk, outcome: &WalkOutcome, out: &mut (impl Write + Send)) -> Result<RunReport> {
    let mut tables: Vec<(Box<str>, TableId, bool)> = Vec::new();
    walk.each_link(|links| {
        // In the order of the names' parts, and a good deal shorter than they are in memory.
        let order = links.table.fqn.parts().join("\0").into();
        tables.push((order, links.table.id, !links.keys.is_empty()));
    })
    .await?;
    tables.sort_unstable();
    let (ledger, mut page) = (walk.ledger(), Lines { out });
    page.put("{\n\"schema_version\": ")?;
    page.json(&SCHEMA_VERSION)?;
    page.put(",\n\"tables\": [")?;
    let mut first = true;
    let mut states = Box::pin(states(ledger, tables.iter().map(|(_, id, _)| id)));
    while let Some(state) = states.try_next().await? {
        page.item(&mut first, &table(&state))?;
    }
    page.put("\n],\n\"foreign_keys\": [")?;
    first = true;
    let mut states = Box::pin(self::states(ledger, tables.iter().filter(|(.., keys)| *keys).map(|(_, id, _)| id)));
    while let Some(state) = states.try_next().await? {
        let mut keys: Vec<KeyReport> = state.keys.iter().map(key).collect();
        keys.sort_by(in_order);
        for key in keys {
            page.item(&mut first, &key)?;
        }
    }
    let run = figures(walk, outcome);
    page.put("\n],\n\"queries\": ")?;
    page.json(&outcome.queries.queries)?;
    page.put(",\n\"queries_skipped\": ")?;
    page.json(&outcome.queries.skipped)?;
    page.put(",\n\"parked\": ")?;
    page.json(&stuck(outcome))?;
    page.put(",\n\"run\": ")?;
    page.json(&run)?;
    page.put("\n}\n")?;
    page.out.flush().map_err(unwritten)?;
    Ok(run)
}

/// The states in this order; one that is gone meanwhile is left out.
fn states<'a>(
    ledger: &'a dyn Ledger,
    ids: impl Iterator<Item = &'a TableId> + Send + 'a,
) -> impl futures_util::Stream<Item = Result<TableState>> + 'a {
    let states = stream::iter(ids).map(move |id| ledger.state(id)).buffered(READ_AHEAD);
    states.try_filter_map(|state| async { Ok(state) })
}

/// JSON, piece by piece.
struct Lines<'a, W> {
    out: &'a mut W,
}

impl<W: Write> Lines<'_, W> {
    fn put(&mut self, text: &str) -> Result<()> {
        self.out.write_all(text.as_bytes()).map_err(unwritten)
    }

    fn json(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut *self.out, value).map_err(|error| unwritten(error.into()))
    }

    /// One of a list, on a line of its own.
    fn item(&mut self, first: &mut bool, value: &impl Serialize) -> Result<()> {
        self.put(if std::mem::take(first) { "\n" } else { ",\n" })?;
        self.json(value)
    }
}

fn unwritten(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, "write_report", error.kind().to_string()).caused_by(error)
}
