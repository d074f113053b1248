//! The catalog in memory keeps the contract of every catalog.

use async_trait::async_trait;
use catalog_core::memory::MemoryPublisher;
use catalog_core::model::{FieldPath, FieldValue, TableRef};
use catalog_core::ports::Publisher;
use catalog_testkit::publisher_suite::PublisherSubject;

struct InMemory(MemoryPublisher);

#[async_trait]
impl PublisherSubject for InMemory {
    fn publisher(&self) -> &dyn Publisher {
        &self.0
    }

    async fn edit_by_hand(&self, table: &TableRef, field: &FieldPath, value: FieldValue) {
        self.0.set_by_human(table, field, value);
    }
}

mod with_locking {
    use super::*;
    catalog_testkit::publisher_suite!(InMemory(MemoryPublisher::default()));
}

mod without_locking {
    use super::*;
    catalog_testkit::publisher_suite!(InMemory(MemoryPublisher::without_locking()));
}
