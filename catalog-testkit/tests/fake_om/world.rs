//! A server with a little in it.

use std::sync::Arc;

use catalog_core::memory::ManualClock;
use catalog_testkit::fake_om::{Answer, Generation, Options, Request, StandIn};
use serde_json::{Value, json};

pub(crate) const ORDERS: &str = "lake.iceberg.sales.orders";
const START_MS: i64 = 1_800_000_000_000;

/// A server with one table that `admin` made, and the hand of its clock.
pub(crate) struct World {
    pub(crate) server: StandIn,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) fn new(generation: Generation) -> Self {
        let clock = Arc::new(ManualClock::at(START_MS));
        let mut options = Options::of(generation);
        options.clock = Arc::clone(&clock) as _;
        let mut world = Self { server: StandIn::new(options), clock };
        for (collection, body) in [
            ("services/databaseServices", json!({"name": "lake", "serviceType": "Trino"})),
            ("databases", json!({"name": "iceberg", "service": "lake"})),
            ("databaseSchemas", json!({"name": "sales", "database": "lake.iceberg"})),
            ("tables", table("customers", &json!([column("id"), column("name")]))),
            ("tables", table("orders", &json!([column("id"), column("email"), column("amount")]))),
        ] {
            assert_eq!(world.send("admin", "POST", &format!("/api/v1/{collection}"), &body).status, 201, "{body}");
        }
        world
    }

    pub(crate) fn send(&mut self, user: &str, method: &str, target: &str, body: &Value) -> Answer {
        self.send_with(user, Request::new(method, target).json(body))
    }

    pub(crate) fn send_with(&mut self, user: &str, request: Request) -> Answer {
        self.clock.advance_ms(1_000);
        let request = self.server.authorised(request, user);
        self.server.handle(&request)
    }

    pub(crate) fn get(&mut self, target: &str) -> Answer {
        self.send_with("admin", Request::new("GET", target))
    }

    pub(crate) fn patch(&mut self, user: &str, operations: &Value) -> Answer {
        self.send(user, "PATCH", &format!("/api/v1/tables/name/{ORDERS}"), operations)
    }

    pub(crate) fn describe(&mut self, user: &str, text: &str) -> Answer {
        self.patch(user, &json!([{"op": "add", "path": "/description", "value": text}]))
    }

    pub(crate) fn orders(&self) -> &Value {
        self.server.table(ORDERS).unwrap()
    }

    pub(crate) fn events(&mut self) -> usize {
        let since = "/api/v1/events?entityCreated=table&entityUpdated=table&entityDeleted=table&timestamp=0";
        self.get(since).get("/data").as_array().unwrap().len()
    }
}

pub(crate) fn column(name: &str) -> Value {
    json!({"name": name, "dataType": "BIGINT"})
}

pub(crate) fn table(name: &str, columns: &Value) -> Value {
    json!({"name": name, "databaseSchema": "lake.iceberg.sales", "columns": columns})
}

pub(crate) fn label(tag: &str) -> Value {
    json!({"tagFQN": tag, "source": "Classification", "labelType": "Automated", "state": "Suggested"})
}
