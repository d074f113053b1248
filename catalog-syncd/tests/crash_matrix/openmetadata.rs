//! OpenMetadata, Trino and an embedding model, each by its stand-in, and vectors in a file.

use catalog_core::model::Fqn;
use catalog_testkit::fake_om::{Edit, FakeOm, Generation, Moment, Options, Request};
use catalog_testkit::{FakeModel, FakeTable, FakeTrino};
use serde_json::{Value, json};

use crate::judge::{dies_at, ends, judge_ledger};
use crate::sandbox::Sandbox;

const TABLES: usize = 4;
const SYNC: [&str; 5] = ["sync", "--config", "c.toml", "--output", "json"];
/// The table that somebody else writes to.
const BUSY: &str = "lake.iceberg.sales.orders_2";

/// Every edge between our process and a catalog, and between it and an index of vectors.
pub(crate) const POINTS: [&str; 16] = [
    "walk::after_claim@2",
    "walk::after_advance@3",
    "walk::after_outbox@3",
    "publish::before_read",
    "publish::before_read@3",
    "publish::before_write@2",
    "publish::after_write",
    "publish::after_write@4",
    "publish::before_receipt@2",
    "publish::after_receipt@2",
    "publish::after_withdraw",
    "index::before_embed",
    "index::before_upsert",
    "index::after_upsert",
    "index::after_noted",
    "walk::before_watermark",
];

/// The three services, with a few tables in them.
struct World {
    catalog: FakeOm,
    _engine: FakeTrino,
    _model: FakeModel,
    sandbox: Sandbox,
}

impl World {
    async fn new() -> Self {
        let catalog = FakeOm::start(Options::of(Generation::V2_0), 0).await.unwrap();
        let engine = FakeTrino::start().await.unwrap();
        let model = FakeModel::start(16).await.unwrap();
        let create = |path: &str, body: &Value| {
            let answer = catalog.with(|om| {
                let request = om.authorised(Request::new("POST", &format!("/api/v1/{path}")).json(body), "admin");
                om.handle(&request)
            });
            assert!(answer.status < 300, "{path}: {}", answer.status);
        };
        create("services/databaseServices", &json!({"name": "lake", "serviceType": "Trino"}));
        create("databases", &json!({"name": "iceberg", "service": "lake"}));
        create("databaseSchemas", &json!({"name": "sales", "database": "lake.iceberg"}));
        for i in 0..TABLES {
            let columns = json!([{"name": "id", "dataType": "BIGINT"}, {"name": "city", "dataType": "VARCHAR", "dataLength": 64}]);
            let name = format!("orders_{i}");
            create("tables", &json!({"name": name, "databaseSchema": "lake.iceberg.sales", "columns": columns}));
            let columns = vec![("id".to_owned(), "bigint".to_owned()), ("city".to_owned(), "varchar(64)".to_owned())];
            let rows = (0..20).map(|n| vec![json!(1_000 * i + n), json!(format!("City {n}"))]).collect();
            engine.add(&format!("iceberg.sales.{name}"), FakeTable { columns, rows });
        }
        let sandbox = Sandbox::new();
        std::fs::write(sandbox.path("token"), "ingestion-bot-token").unwrap();
        let config = format!(
            "[openmetadata]\nurl = \"{}/api\"\ntoken = \"file:{}\"\nbot_user = \"ingestion-bot\"\n\
             [trino]\nurl = \"{}\"\nper_minute = 6000\n[llm]\nurl = \"{}\"\nenabled = false\n\
             [embed]\nmodel = \"words\"\ndimension = 16\n[state]\ndir = \"state\"\n",
            catalog.url(),
            sandbox.path("token").display(),
            engine.url(),
            model.url(),
        );
        std::fs::write(sandbox.path("c.toml"), config).unwrap();
        Self { catalog, _engine: engine, _model: model, sandbox }
    }

    /// Alice writes to a table between our reading and our writing.
    fn somebody_writes(&self) {
        let operations = json!([{"op": "add", "path": "/description", "value": "Alice wrote this."}]);
        let edit = Edit { user: "alice".into(), table: BUSY.into(), operations };
        self.catalog.with(|om| om.hook(Moment::BeforePatch, edit));
    }

    /// Name, description and version of each table: the version tells how often it was written to.
    fn tables(&self) -> Vec<Value> {
        let one = |i: usize| {
            let fqn = Fqn::from_parts(["lake", "iceberg", "sales", &format!("orders_{i}")]).to_string();
            self.catalog.with(|om| {
                let table = om.table(&fqn).unwrap();
                json!([fqn, table["description"], table["version"]])
            })
        };
        (0..TABLES).map(one).collect()
    }

    fn writes(&self) -> usize {
        let ours = |e: &&catalog_testkit::fake_om::JournalEntry| {
            e.is_write() && e.user.as_deref() == Some("ingestion-bot") && e.status < 300
        };
        self.catalog.with(|om| om.journal().iter().filter(ours).count())
    }

    fn found(&self, point: &str) -> usize {
        let search = ["search", "--config", "c.toml", "--output", "json", "--k", "50", "orders of a city"];
        ends(&self.sandbox, point, &search).as_array().unwrap().len()
    }
}

async fn judge(busy: bool, points: &[&str]) {
    let calm = World::new().await;
    if busy {
        calm.somebody_writes();
    }
    tokio::task::block_in_place(|| ends(&calm.sandbox, "nothing", &SYNC));
    let wanted = (calm.tables(), calm.writes());
    assert_eq!(wanted.1, TABLES - usize::from(busy), "each table is written to once: {:?}", wanted.0);
    for point in points {
        let world = World::new().await;
        if busy {
            world.somebody_writes();
        }
        tokio::task::block_in_place(|| {
            dies_at(&world.sandbox, point, &SYNC);
            ends(&world.sandbox, point, &SYNC);
            judge_ledger(&world.sandbox, point, i64::try_from(TABLES).unwrap());
            assert_eq!((world.tables(), world.writes()), wanted, "{point}: the journal tells of another history");
            assert_eq!(world.found(point), TABLES, "{point}: the index holds every table");
            let again = ends(&world.sandbox, point, &SYNC);
            assert_eq!(again["run"]["published"], 0, "{point}");
            assert_eq!((world.tables(), world.writes()), wanted, "{point}: the further start writes");
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_at_any_edge_leaves_one_write_a_table_in_the_catalogs_journal() {
    let quiet: Vec<&str> = POINTS.into_iter().filter(|p| *p != "publish::after_withdraw").collect();
    judge(false, &quiet).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_beside_a_persons_edit_leaves_the_persons_words() {
    judge(true, &["publish::after_withdraw", "publish::after_receipt", "publish::before_receipt@2"]).await;
}
