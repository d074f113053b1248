//! Trino, coordinator and worker in one, with an event listener that feeds VictoriaLogs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::component::{Component, Facts, Launch, Set};
use super::install::Installer;
use super::{Stack, jdk, postgres, probe, victorialogs};
use crate::Result;

pub(super) struct Trino;

const ARTIFACT: &str = "io.trino:trino-server:476:tar.gz";
const ARCHIVE: &str = "io/trino/trino-server/476/trino-server-476.tar.gz";
const SHA256: &str = "cfd5accde17e8ebd251eeeb78aed1f490e77bb3a164d95a0f454bf8a7c1cbd3f";
/// The postgresql connector knows the types of the geospatial plugin.
const PLUGINS: [&str; 6] = ["tpch", "tpcds", "memory", "postgresql", "geospatial", "http-event-listener"];
/// Any query needs a worker, which is there seconds after the server says that it has started.
const FIRST_QUERY: &str = "SELECT count(*) FROM tpch.tiny.region";
const QUERY_WITHIN: Duration = Duration::from_secs(30);

static FACTS: Facts = Facts {
    name: "trino",
    version: "476",
    origin: "Maven Central, 820 MB down",
    port: 8080,
    disk_mb: 125,
    ready_secs: 30,
    rss_mb: 800,
    needs: &["postgres", "victorialogs"],
    set: Set::Default,
};

impl Component for Trino {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn install(&self, installer: &Installer<'_>) -> Result<()> {
        jdk::install(installer)?;
        let repository = installer.stack.cache("maven")?;
        let archive = repository.join(ARCHIVE);
        if !archive.exists() {
            installer.maven(ARTIFACT, &repository)?;
        }
        installer.check(&archive, SHA256)?;
        let server = installer.folder.join("server");
        if server.exists() {
            fs::remove_dir_all(&server)?;
        }
        fs::create_dir(&server)?;
        installer
            .run(Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&server).arg("--strip-components=1"))?;
        // The plugins share files by hard links in the archive, so all are unpacked before most are deleted.
        for plugin in fs::read_dir(server.join("plugin"))? {
            let plugin = plugin?;
            if !PLUGINS.iter().any(|kept| plugin.file_name() == *kept) {
                fs::remove_dir_all(plugin.path())?;
            }
        }
        Ok(fs::remove_dir_all(&repository)?)
    }

    fn launch(&self, stack: &Stack) -> Result<Launch> {
        let installed = stack.installed(&FACTS);
        let java = jdk::find(&installed)?;
        let data = stack.data(FACTS.name)?;
        let etc = data.join("etc");
        write_configuration(stack, &data, &etc)?;
        // The launcher refuses to start while this file names any process, a recycled id or a zombie included.
        let left = data.join("var/run/launcher.pid");
        if left.exists() {
            fs::remove_file(left)?;
        }
        let arguments = [Path::new("-etc-dir"), &etc, Path::new("-data-dir"), &data, Path::new("-jvm-dir"), &java];
        let path = std::env::var("PATH").unwrap_or_default();
        Ok(Launch::new(installed.join("server/bin/launcher"))
            .arguments(arguments)
            .arguments(["run"])
            .variable("JAVA_HOME", java.display().to_string())
            .variable("PATH", format!("{}/bin:{path}", java.display())))
    }

    fn probe(&self, stack: &Stack) -> Result<String> {
        let info: Value = serde_json::from_str(&probe::get(&format!("{}/v1/info", url(stack)))?)?;
        if info["starting"] == true {
            return Err("it is starting".into());
        }
        query(stack, FIRST_QUERY)?;
        let version = info["nodeVersion"]["version"].as_str().unwrap_or(FACTS.version);
        Ok(version.to_owned())
    }

    fn environment(&self, stack: &Stack) -> Result<Vec<(&'static str, String)>> {
        Ok(vec![("CATALOG_TEST_TRINO_URL", url(stack))])
    }

    fn tests(&self) -> &'static [&'static str] {
        &["trino", "trino_profile", "trino_partitions", "trino_bad_tables", "query_log"]
    }
}

fn url(stack: &Stack) -> String {
    format!("http://127.0.0.1:{}", stack.port(&FACTS))
}

/// Runs a query that gives at least one row.
fn query(stack: &Stack, sql: &str) -> Result<()> {
    let statement = format!("{}/v1/statement", url(stack));
    let headers = [("X-Trino-User", "stack"), ("X-Trino-Source", "xtask-stack")];
    let mut page: Value = serde_json::from_str(&probe::post(&statement, &headers, sql)?)?;
    let start = Instant::now();
    loop {
        if let Some(message) = page["error"]["message"].as_str() {
            return Err(message.into());
        }
        if page["data"].as_array().is_some_and(|rows| !rows.is_empty()) {
            return Ok(());
        }
        match page["nextUri"].as_str() {
            Some(next) if start.elapsed() < QUERY_WITHIN => page = serde_json::from_str(&probe::get(next)?)?,
            Some(_) => return Err("a first query takes too long".into()),
            None => return Err("a first query gave no row".into()),
        }
    }
}

fn write_configuration(stack: &Stack, data: &Path, etc: &Path) -> Result<()> {
    let catalogs = etc.join("catalog");
    fs::create_dir_all(&catalogs)?;
    let port = stack.port(&FACTS);
    // The setting for the address is the node's: the HTTP server has none.
    let node = format!(
        "node.environment=test\nnode.id=n1\nnode.data-dir={}\n\
         node.bind-ip=127.0.0.1\nnode.internal-address=127.0.0.1\n",
        data.display()
    );
    fs::write(etc.join("node.properties"), node)?;
    // Whole plans make events of hundreds of kilobytes, which nobody reads.
    let server = format!(
        "coordinator=true\nnode-scheduler.include-coordinator=true\nhttp-server.http.port={port}\n\
         discovery.uri=http://127.0.0.1:{port}\nquery.max-memory=700MB\nquery.max-memory-per-node=700MB\n\
         event.max-output-stage-size=1kB\n"
    );
    fs::write(etc.join("config.properties"), server)?;
    // The first compiler alone halves the time to start.
    fs::write(
        etc.join("jvm.config"),
        "-server\n-Xmx1G\n-XX:+UseG1GC\n-XX:TieredStopAtLevel=1\n-XX:+ExitOnOutOfMemoryError\n\
         -Djdk.attach.allowAttachSelf=true\n--enable-native-access=ALL-UNNAMED\n\
         --add-opens=java.base/java.nio=ALL-UNNAMED\n-Dfile.encoding=UTF-8\n",
    )?;
    let ingest = "insert/jsonline?_time_field=endTime&_msg_field=metadata.query\
                  &_stream_fields=context.environment,context.serverAddress";
    let listener = format!(
        "event-listener.name=http\nhttp-event-listener.log-created=false\nhttp-event-listener.log-completed=true\n\
         http-event-listener.log-split=false\nhttp-event-listener.connect-ingest-uri={}/{ingest}\n\
         http-event-listener.connect-retry-count=3\n",
        victorialogs::url(stack)
    );
    fs::write(etc.join("event-listener.properties"), listener)?;
    for catalog in ["tpch", "tpcds", "memory"] {
        fs::write(catalogs.join(format!("{catalog}.properties")), format!("connector.name={catalog}\n"))?;
    }
    let file = catalogs.join("postgresql.properties");
    fs::write(&file, "")?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
    let database = format!(
        "connector.name=postgresql\nconnection-url=jdbc:postgresql://127.0.0.1:{}/postgres\n\
         connection-user=postgres\nconnection-password={}\n",
        stack.port(&postgres::FACTS),
        stack.secret(postgres::FACTS.name)?
    );
    Ok(fs::write(file, database)?)
}
