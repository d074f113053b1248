//! The daemon's own walk with a real service behind every port: tables in Postgres, read through Trino, listed and
//! written in OpenMetadata, described by the model behind LiteLLM, indexed in Milvus, remembered in Postgres.

#![allow(clippy::unwrap_used, reason = "in a test a failed unwrap is the report")]

#[path = "../postgres/bank.rs"]
#[allow(dead_code, reason = "the other tests of the bank use the rest")]
mod bank;
mod catalog;

use std::path::Path;
use std::process::{Command, Output};

use catalog_local::sample_warehouse;
use e2e::{trino_tables, variable};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use catalog::Service;

/// A few of the bank's tables: a small model on a shared machine takes its time.
const TABLES: [&str; 4] = ["customer", "account", "loan", "branch"];
/// Their schema in the database that Trino's catalog `postgresql` reads.
const SCHEMA: &str = "catalog_walk";

/// Everything that the configuration names, and the configuration.
struct Site {
    folder: TempDir,
    service: Service,
    ledger: Url,
    admin: Url,
}

impl Site {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let admin: Url = variable("CATALOG_TEST_POSTGRES_URL").unwrap().parse().unwrap();
        let files = sample_warehouse::create(folder.path()).unwrap();
        bank::fill(&admin, SCHEMA, &files.database).await;
        let ledger_name = format!("catalog_ledger_{}", std::process::id());
        bank::run(&admin, &format!("CREATE DATABASE {ledger_name}")).await;
        let mut ledger = admin.clone();
        ledger.set_path(&ledger_name);
        let trino = trino_tables::client(&variable("CATALOG_TEST_TRINO_URL").unwrap()).unwrap();
        let tables = trino_tables::tables(&trino, "postgresql", SCHEMA).await.unwrap();
        let wanted = tables.into_iter().filter(|t| TABLES.contains(&t.table_ref.engine.table.as_str())).collect();
        let service = Service::register(wanted).await;
        let site = Self { folder, service, ledger, admin };
        site.write_configuration();
        site
    }

    fn write_configuration(&self) {
        let of = |name: &str| variable(name).unwrap();
        let dir = self.folder.path().display();
        std::fs::write(self.folder.path().join("ledger-url"), self.ledger.as_str()).unwrap();
        let collection = format!("walk_{}", std::process::id());
        let text = format!(
            r#"
            preset = "akko"
            [state]
            dir = "{dir}/state"
            key_file = "{dir}/key/ledger.key"
            [openmetadata]
            url = "{om}/api"
            token = "file:{om_token}"
            webhook_secret = ""
            include = ["service:{service}"]
            [engine.services]
            {service} = {{ catalog = "postgresql" }}
            [trino]
            url = "{trino}"
            [llm]
            url = "{llm}/v1"
            key = "file:{llm_key}"
            deadline_secs = 300
            [embed]
            dimension = {dimension}
            [milvus]
            url = "{milvus}"
            token = ""
            collection = "{collection}"
            names_collection = "{collection}_names"
            owns_collection = true
            [ledger]
            url = "file:{dir}/ledger-url"
            host = "{host}:{port}"
            [querylog]
            victorialogs_url = ""
            [api]
            listen = "127.0.0.1:0"
            tokens_file = ""
            [log]
            format = "text"
            "#,
            om = of("CATALOG_TEST_OPENMETADATA_URL"),
            om_token = of("CATALOG_TEST_OPENMETADATA_TOKEN_FILE"),
            service = self.service.name,
            trino = of("CATALOG_TEST_TRINO_URL"),
            llm = of("CATALOG_TEST_LITELLM_URL"),
            llm_key = of("CATALOG_TEST_LITELLM_KEY_FILE"),
            dimension = of("CATALOG_TEST_EMBED_DIMENSION"),
            milvus = of("CATALOG_TEST_MILVUS_URL"),
            host = self.ledger.host_str().unwrap(),
            port = self.ledger.port().unwrap(),
        );
        std::fs::write(self.folder.path().join("site.toml"), text).unwrap();
    }

    fn daemon(&self, arguments: &[&str]) -> Output {
        let output = Command::new(variable("CATALOG_TEST_DAEMON").unwrap())
            .args(arguments)
            .args(["--config", "site.toml"])
            .env_clear()
            .env("HOME", self.folder.path().join("home"))
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let password = self.ledger.password().unwrap().as_bytes();
        let told = |text: &[u8]| text.windows(password.len()).any(|part| part == password);
        assert!(!told(&output.stdout) && !told(&output.stderr), "the ledger's password was printed");
        output
    }

    fn sync(&self) -> Value {
        let output = self.daemon(&["sync", "--output", "json"]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    async fn remove(self) {
        let name = self.ledger.path().trim_start_matches('/').to_owned();
        // A database is dropped by a statement of its own.
        bank::run(&self.admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        bank::run(&self.admin, &format!("DROP SCHEMA {SCHEMA} CASCADE")).await;
    }
}

#[tokio::test]
async fn one_binary_walks_the_same_walk_over_real_services_and_the_second_time_does_nothing() {
    let site = Site::new().await;
    assert_eq!(site.daemon(&["migrate"]).status.code(), Some(0));

    let report = site.sync();
    println!("stages: {}", report["run"]["stages"]);
    let run = &report["run"];
    assert_eq!((&run["tables_seen"], &run["tables_parked"]), (&4.into(), &0.into()), "{run}");
    for table in report["tables"].as_array().unwrap() {
        println!("{}: {}", table["fqn"], table["description"]);
    }
    let keys = report["foreign_keys"].as_array().unwrap();
    let confirmed = |child: &str, parent: &str| {
        let ends = |key: &Value, side: &str, name: &str| key[side].as_str().unwrap().ends_with(name);
        keys.iter()
            .any(|k| ends(k, "child_table", child) && ends(k, "parent_table", parent) && k["status"] == "confirmed")
    };
    assert!(confirmed("account", "customer") && confirmed("account", "branch"), "{keys:?}");

    // What was published without a steward stands in the catalog, tagged or described by our bot.
    let customer = site.service.table("customer").await;
    let email = customer["columns"].as_array().unwrap().iter().find(|c| c["name"] == "email").unwrap();
    let tags: Vec<&str> = email["tags"].as_array().unwrap().iter().filter_map(|t| t["tagFQN"].as_str()).collect();
    println!("tags of email: {tags:?}; description: {}", customer["description"]);
    let published = run["published"].as_u64().unwrap();
    assert!(published > 0, "nothing was published: {run}");

    let found = site.daemon(&["search", "--output", "json", "customers of the bank"]);
    assert_eq!(found.status.code(), Some(0), "{}", String::from_utf8_lossy(&found.stderr));
    let hits: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(hits.as_array().unwrap().len(), 4, "every table is in the index: {hits}");

    let again = site.sync();
    let run = &again["run"];
    assert_eq!((&run["tables_seen"], &run["tables_skipped"], &run["published"]), (&4.into(), &4.into(), &0.into()));
    no_value_is_in(site.folder.path(), &report);
    site.remove().await;
}

/// No cell of a personal column is in the report.
fn no_value_is_in(folder: &Path, report: &Value) {
    let bank = rusqlite::Connection::open(folder.join(sample_warehouse::DATABASE_FILE)).unwrap();
    let mut emails = bank.prepare("SELECT email FROM customer WHERE email IS NOT NULL LIMIT 500").unwrap();
    let text = report.to_string();
    for email in emails.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        assert!(!text.contains(&email.unwrap()), "an address is in the report");
    }
}
