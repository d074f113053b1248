//! Verified queries: entities of their own, named by their fingerprint below the table's service.

use catalog_core::Result;
use catalog_core::model::{CatalogField, CurrentField, FieldPath, FieldValue, Fqn};
use catalog_net::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::OmPublisher;
use super::current::Snapshot;
use super::labels::wrong_value;
use crate::client::{Call, succeeded};
use crate::path_segment;
use crate::wire::OmTable;

/// Tables that a query entity names at most, the operation's own first.
const TABLES_MAX: usize = 50;

/// A query entity, as far as it is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OmQuery {
    id: String,
    query: String,
    description: Option<String>,
    updated_by: Option<String>,
    #[serde(default)]
    query_used_in: Vec<OmReference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OmReference {
    fully_qualified_name: Option<String>,
}

impl OmQuery {
    /// The query as we speak of it.
    fn value(&self) -> FieldValue {
        let names = self.query_used_in.iter().filter_map(|used| used.fully_qualified_name.as_deref()?.parse().ok());
        FieldValue::Query {
            sql: self.query.clone(),
            question: self.description.clone().unwrap_or_default(),
            tables: names.collect(),
        }
    }
}

/// The service that a table is in.
fn service(table: &Fqn) -> String {
    table.parts().first().cloned().unwrap_or_default()
}

impl OmPublisher {
    /// The named queries that the server has, each with its author: whoever wrote the entity last.
    pub(super) async fn queries_of(&self, table: &Fqn, beside: &[FieldPath]) -> Result<Vec<CatalogField>> {
        let mut found = Vec::new();
        for field in beside {
            let FieldPath::VerifiedQuery { fingerprint } = field else { continue };
            let Some(query) = self.find_query(table, fingerprint).await? else { continue };
            let ours = query.updated_by.as_deref().is_some_and(|by| self.authors.is_us(by));
            let current = CurrentField { value: query.value(), by_human: !ours };
            found.push(CatalogField { field: field.clone(), current });
        }
        Ok(found)
    }

    async fn find_query(&self, table: &Fqn, fingerprint: &str) -> Result<Option<OmQuery>> {
        let name = path_segment(&Fqn::from_parts([service(table).as_str(), fingerprint]));
        let call = Call::get("read_query", format!("/queries/name/{name}")).query("fields", "queryUsedIn");
        self.client.find(call).await
    }

    /// Brings a query from what it was to what it should be. A new one is created with a POST, which the server refuses
    /// when somebody was faster. Neither a PUT nor a DELETE can be made to depend on a version, so the entity is looked
    /// at once more right before. Whether it came out as it should is for the read-back to say.
    pub(super) async fn write_query(
        &self,
        snapshot: &Snapshot,
        fingerprint: &str,
        before: Option<&FieldValue>,
        after: Option<&FieldValue>,
    ) -> Result<()> {
        let there = self.find_query(&snapshot.fqn, fingerprint).await?;
        let same = match (&there, before) {
            (None, None) => true,
            (Some(there), Some(before)) => there.value().says_the_same(before),
            _ => false,
        };
        if !same {
            return Ok(());
        }
        match (there, after) {
            (None, None) => Ok(()),
            (Some(there), None) => {
                let call = Call::new("delete_query", Method::Delete, format!("/queries/{}", there.id));
                self.client.done(call).await.map(|_| ())
            }
            (there, Some(FieldValue::Query { sql, question, tables })) => {
                let body = self.query_body(snapshot, fingerprint, (sql, question), tables).await?;
                let method = if there.is_some() { Method::Put } else { Method::Post };
                let response = self.client.send(Call::new("write_query", method, "/queries").json(&body)).await?;
                // Somebody made it since we looked: the read-back shows whose it is.
                if response.status() == 409 { Ok(()) } else { succeeded(response).map(|_| ()) }
            }
            (_, Some(_)) => Err(wrong_value("a query")),
        }
    }

    /// The request that makes the entity. Its text is the normal form: parameters and public codes, no value. Tables
    /// that the server does not know are left out.
    async fn query_body(
        &self,
        snapshot: &Snapshot,
        fingerprint: &str,
        (sql, question): (&str, &str),
        tables: &[Fqn],
    ) -> Result<Value> {
        let mut used = vec![json!({ "id": snapshot.table.id, "type": "table" })];
        for table in tables.iter().filter(|table| **table != snapshot.fqn).take(TABLES_MAX - 1) {
            let call = Call::get("read_entry", format!("/tables/name/{}", path_segment(table)));
            if let Some(found) = self.client.find::<OmTable>(call).await? {
                used.push(json!({ "id": found.id, "type": "table" }));
            }
        }
        Ok(json!({
            "name": fingerprint,
            "displayName": question,
            "description": question,
            "query": sql,
            "service": service(&snapshot.fqn),
            "queryUsedIn": used,
        }))
    }
}
