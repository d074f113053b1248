//! The contract of every catalog, kept by the publisher over both generations. A real server is judged by the same
//! suite in the live lane.

use async_trait::async_trait;
use catalog_core::model::{FieldPath, FieldValue, TableRef};
use catalog_core::ports::Publisher;
use catalog_om::{FkAs, OmPublisher};
use catalog_testkit::fake_om::{FakeOm, Generation};
use catalog_testkit::publisher_suite::PublisherSubject;
use catalog_testkit::{RenamedPublisher, samples};
use serde_json::json;

use super::world::{World, columns, create_table, edit};

/// The suite's tables in a served stand-in.
struct Subject {
    server: FakeOm,
    publisher: RenamedPublisher<OmPublisher>,
    keeps_authors: bool,
}

impl Subject {
    async fn new(generation: Generation, fk_as: &[FkAs]) -> Self {
        let world = World::with(generation, |settings| settings.fk_as = fk_as.to_vec()).await;
        let mut tables = Vec::new();
        for table in ["loan", "card", "account"] {
            create_table(&world.server, table, &columns(&["id", "email", "account_id", "\"; DROP TABLE x; --"]));
            tables.push((samples::table_ref(table), world.table(table).await));
        }
        let keeps_authors = generation == Generation::V2_0;
        Self { server: world.server, publisher: RenamedPublisher::new(world.publisher, tables), keeps_authors }
    }
}

#[async_trait]
impl PublisherSubject for Subject {
    fn publisher(&self) -> &dyn Publisher {
        &self.publisher
    }

    async fn edit_by_hand(&self, table: &TableRef, field: &FieldPath, value: FieldValue) {
        let (FieldPath::Description, FieldValue::Text(text)) = (field, value) else {
            panic!("the suite edits descriptions only");
        };
        let operations = json!([{"op": "add", "path": "/description", "value": text}]);
        let answer = self.server.with(|s| s.edit(&edit("alice", table.fqn.name(), operations)));
        assert_eq!(answer.status, 200);
    }

    fn keeps_authors(&self) -> bool {
        self.keeps_authors
    }

    fn keeps_entries(&self) -> bool {
        false
    }
}

mod newer_with_keys_as_lineage {
    use super::*;
    catalog_testkit::publisher_suite!(Subject::new(Generation::V2_0, &[FkAs::Lineage]).await);
}

mod newer_with_keys_as_constraints {
    use super::*;
    catalog_testkit::publisher_suite!(Subject::new(Generation::V2_0, &[FkAs::TableConstraint]).await);
}

mod older_with_keys_as_both {
    use super::*;
    catalog_testkit::publisher_suite!(Subject::new(Generation::V1_6, &[FkAs::Lineage, FkAs::TableConstraint]).await);
}
