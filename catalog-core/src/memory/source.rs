//! Discovery and sampling of tables held in memory.

use std::sync::Arc;

use async_trait::async_trait;

use super::MemoryTables;
use super::cut::{cut_cell, vanished};
use crate::Result;
use crate::model::{CellRef, Fqn, RawCell, RawSample, SampleMethod, SampleRequest, SourceId, Table};
use crate::ports::{Discovered, MetadataSource, Sampler, TablePage};

/// Lists and samples [`MemoryTables`]. A sample is every row when they fit, else rows at even steps.
pub struct MemorySource {
    id: SourceId,
    tables: Arc<MemoryTables>,
}

impl MemorySource {
    /// A source of that id over these tables.
    pub fn new(id: impl Into<String>, tables: Arc<MemoryTables>) -> Self {
        Self { id: SourceId(id.into()), tables }
    }
}

#[async_trait]
impl MetadataSource for MemorySource {
    fn id(&self) -> &SourceId {
        &self.id
    }

    async fn list(&self, cursor: Option<&str>, limit: usize) -> Result<TablePage> {
        let after: Option<Fqn> = cursor.map(str::parse).transpose()?;
        let found = self.tables.after(after.as_ref(), limit.max(1).saturating_add(1));
        let more = found.len() > limit.max(1);
        let tables: Vec<Table> = found.into_iter().take(limit.max(1)).collect();
        let next = tables.last().filter(|_| more).map(|t| t.fqn().to_string());
        Ok(TablePage::new(tables.into_iter().map(|t| Discovered::Table(Box::new(t))).collect(), next))
    }

    async fn get(&self, fqn: &Fqn) -> Result<Option<Table>> {
        Ok(self.tables.get(fqn).map(|stored| stored.table.clone()))
    }
}

#[async_trait]
impl Sampler for MemorySource {
    async fn sample(&self, table: &Table, request: &SampleRequest) -> Result<RawSample> {
        let stored = self.tables.get(table.fqn()).ok_or_else(|| vanished("sample_table", table.fqn()))?;
        let step = stored.rows.len().div_ceil(request.rows_max.max(1)).max(1);
        let method = if step == 1 { SampleMethod::FullScan } else { SampleMethod::RowIdStride };
        let mut sample = RawSample::new(stored.table.columns.iter().map(|c| c.name.as_str()), method);
        let mut bytes = 0;
        for row in stored.rows.iter().step_by(step).take(request.rows_max) {
            let cells: Vec<RawCell> =
                row.iter().map(|cell| cut_cell(cell.as_ref(), request.cell_bytes_max).to_owned()).collect();
            bytes += cells.iter().map(|cell| CellRef::byte_len(cell.as_ref())).sum::<usize>();
            if bytes > request.total_bytes_max {
                sample.mark_truncated();
                break;
            }
            sample.push_row(cells);
        }
        Ok(sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::model::DataType;

    fn three_tables() -> MemorySource {
        let tables = Arc::new(MemoryTables::new());
        for name in ["b", "a", "c"] {
            let rows = (0..10).map(|i| vec![RawCell::Int(i)]).collect();
            tables.add("mem", name, &[("id", DataType::Integer)], rows);
        }
        MemorySource::new("mem", tables)
    }

    #[tokio::test]
    async fn pages_list_every_table_once_in_order() {
        let source = three_tables();
        let (mut names, mut cursor) = (Vec::new(), None);
        loop {
            let page = source.list(cursor.as_deref(), 1).await.unwrap();
            for found in page.tables {
                if let Discovered::Table(table) = found {
                    names.push(table.fqn().name().to_owned());
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[tokio::test]
    async fn a_sample_keeps_its_row_limit_and_spreads_over_the_table() {
        let source = three_tables();
        let table = source.get(&Fqn::from_parts(["mem", "main", "a"])).await.unwrap().unwrap();
        let request = SampleRequest { rows_max: 4, ..SampleRequest::default() };
        let sample = source.sample(&table, &request).await.unwrap();
        let ids: Vec<i64> =
            sample.cells(0).filter_map(|c| if let CellRef::Int(i) = c { Some(i) } else { None }).collect();
        assert_eq!(ids, [0, 3, 6, 9]);
        assert_eq!(sample.method(), SampleMethod::RowIdStride);
    }

    #[tokio::test]
    async fn a_vanished_table_is_not_found() {
        let source = three_tables();
        let fqn = Fqn::from_parts(["mem", "main", "a"]);
        let table = source.get(&fqn).await.unwrap().unwrap();
        source.tables.remove(&fqn);
        let error = source.sample(&table, &SampleRequest::default()).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
