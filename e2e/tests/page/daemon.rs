//! The daemon's own binary under a browser's address.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use catalog_core::ports::Ledger;
use catalog_store::{LedgerKey, SqliteLedger};
use catalog_testkit::steward_queue;
use e2e::http;
use e2e::variable;
use e2e::webdriver::{Browser, Options};
use serde_json::Value;
use tempfile::TempDir;

const CONFIG: &str = "[state]\ndir = \"state\"\n[publish]\ndescription = \"review\"\npii = \"review\"\nkey = \"review\"\n\
    [api]\nlisten = \"127.0.0.1:0\"\n[daemon]\nsettle_secs = 0\nstart_jitter_secs = 0\n";

/// A daemon of its own. It ends with its test.
pub(crate) struct Daemon {
    child: Child,
    pub(crate) address: String,
    _folder: TempDir,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Daemon {
    /// Over the sample bank, with everything left to a steward.
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let bank = folder.path().join("bank");
        catalog_local::sample_warehouse::create(&bank).unwrap();
        hostile(&folder.path().join("hostile.sqlite"));
        let sources = format!("[sources]\nwarehouses = [{:?}, \"hostile.sqlite\"]\n", bank.display().to_string());
        std::fs::write(folder.path().join("c.toml"), format!("{sources}{CONFIG}")).unwrap();
        let (daemon, mut log) = Self::run(folder);
        assert!(log.any(|line| line.contains("run ends")), "the first sweep walks the bank");
        // Nobody else reads the log; a full pipe would stop the daemon.
        std::thread::spawn(move || log.for_each(drop));
        daemon
    }

    /// Over a queue of ten thousand open proposals on tables that were walked.
    pub(crate) async fn over_a_long_queue() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("state")).unwrap();
        let key = LedgerKey::load_or_create(&folder.path().join("key")).unwrap();
        let file = folder.path().join("state/ledger.sqlite");
        let ledger: Arc<dyn Ledger> = Arc::new(SqliteLedger::open(&file, &key).unwrap());
        steward_queue::fill(&ledger, 10_000 / steward_queue::PROPOSALS_OF_TABLE).await;
        drop(ledger);
        std::fs::write(folder.path().join("c.toml"), CONFIG.replace("[state]\n", "[state]\nkey_file = \"key\"\n"))
            .unwrap();
        let (daemon, mut log) = Self::run(folder);
        assert!(log.any(|line| line.contains("run ends")), "the first run makes the search index of all tables");
        std::thread::spawn(move || log.for_each(drop));
        daemon
    }

    /// Starts the binary in a folder with its configuration, until it serves.
    fn run(folder: TempDir) -> (Self, impl Iterator<Item = String> + Send + 'static) {
        let mut child = Command::new(variable("CATALOG_TEST_DAEMON").unwrap())
            .args(["run", "--config", "c.toml"])
            .env_clear()
            .env("HOME", folder.path().join("home"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let ready = log.find(|line| line.contains("api.address=")).unwrap();
        let address = ready.split("api.address=").nth(1).unwrap().split(' ').next().unwrap();
        let address = format!("http://{address}");
        (Self { child, address, _folder: folder }, log)
    }

    pub(crate) fn browser(&self, options: Options) -> Browser {
        let browser = Browser::start(options).unwrap();
        browser.go(&self.address).unwrap();
        browser
    }

    pub(crate) fn api(&self, path: &str) -> Value {
        serde_json::from_str(&http::get(&format!("{}/api/v1/{path}", self.address)).unwrap()).unwrap()
    }

    /// An open description: its id and its table's page.
    pub(crate) fn description(&self, nth: usize) -> (String, String) {
        let all = self.api("proposals?kind=description");
        let one = &all["items"][nth];
        let table = one["operation"]["table"]["id"].as_str().unwrap();
        (one["id"].as_str().unwrap().to_owned(), format!("{}/table/{table}", self.address))
    }

    pub(crate) fn state(&self, id: &str) -> String {
        self.api(&format!("proposals/{id}"))["state"].as_str().unwrap().to_owned()
    }
}

/// A table whose name and column are markup.
fn hostile(file: &Path) {
    let statements = "CREATE TABLE \"<img src=x onerror=document.title='owned'>\" (id INTEGER PRIMARY KEY, \
        \"<script>document.title='owned'</script>\" TEXT); \
        INSERT INTO \"<img src=x onerror=document.title='owned'>\" VALUES (1, 'a@b.fr'), (2, 'c@d.fr');";
    rusqlite::Connection::open(file).unwrap().execute_batch(statements).unwrap();
}
