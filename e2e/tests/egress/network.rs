//! Two network namespaces and one wire: the daemon at one end, everything that it may reach at the other.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use e2e::variable;
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

/// The services by the names that the configuration uses: name, port there, the variable with the real address.
const SERVICES: [(&str, u16, &str); 5] = [
    ("openmetadata", 8585, "CATALOG_TEST_OPENMETADATA_URL"),
    ("trino", 8080, "CATALOG_TEST_TRINO_URL"),
    ("milvus", 19530, "CATALOG_TEST_MILVUS_URL"),
    ("postgres", 5432, "CATALOG_TEST_POSTGRES_URL"),
    ("victorialogs", 9428, "CATALOG_TEST_VICTORIALOGS_URL"),
];
const LITELLM_PORT: u16 = 4000;
const GATEWAY: &str = "10.213.0.1";
/// The host names that the daemon has a reason to look up.
const NAMES: [&str; 6] = ["openmetadata", "trino", "litellm", "milvus", "akko-postgres", "victorialogs"];

/// The namespaces and the processes behind them; all of it ends with the value.
pub(crate) struct Network {
    daemon: String,
    world: String,
    folder: TempDir,
    relay: Option<Child>,
    gateway: Option<Child>,
}

impl Network {
    /// Needs root, `ip` and `python3`: a machine without them cannot give the proof, and the test says so.
    pub(crate) fn new() -> Self {
        let id = std::process::id();
        let mut network = Self {
            daemon: format!("catalog-daemon-{id}"),
            world: format!("catalog-world-{id}"),
            folder: TempDir::new().unwrap(),
            relay: None,
            gateway: None,
        };
        let (daemon, world) = (network.daemon.clone(), network.world.clone());
        for line in [
            format!("netns add {daemon}"),
            format!("netns add {world}"),
            format!("link add wire-daemon netns {daemon} type veth peer name wire-services netns {world}"),
            // Without link-local addresses of IPv6, so that nothing on the wire is the kernel's own.
            format!("-n {daemon} link set wire-daemon addrgenmode none"),
            format!("-n {world} link set wire-services addrgenmode none"),
            format!("-n {daemon} addr add 10.213.0.2/24 dev wire-daemon"),
            format!("-n {world} addr add {GATEWAY}/24 dev wire-services"),
            // Strangers answer at once that nobody listens; the packet has been seen by then.
            format!("-n {world} addr add 203.0.113.66/32 dev lo"),
            format!("-n {world} addr add 169.254.169.254/32 dev lo"),
            format!("-n {daemon} link set lo up"),
            format!("-n {world} link set lo up"),
            format!("-n {daemon} link set wire-daemon up"),
            format!("-n {world} link set wire-services up"),
            format!("-n {daemon} route add default via {GATEWAY}"),
        ] {
            ip(&line);
        }
        let etc = network.etc();
        std::fs::create_dir_all(&etc).unwrap();
        std::fs::write(format!("{etc}/resolv.conf"), format!("nameserver {GATEWAY}\noptions attempts:1 timeout:2\n"))
            .unwrap();
        let real = SERVICES.map(|(name, _, key)| {
            let url: Url = variable(key).unwrap().parse().unwrap();
            format!("{name},{},{}", url.host_str().unwrap(), url.port_or_known_default().unwrap())
        });
        let mut relay = python(Command::new("python3"), "relay.py");
        network.relay = Some(relay.arg(network.folder.path()).args(real).spawn().unwrap());
        network
    }

    /// Opens the gateway in this mode; an earlier one is closed.
    pub(crate) fn open(&mut self, mode: &str) {
        self.close();
        let mut gateway = Command::new("ip");
        gateway.args(["netns", "exec", &self.world, "python3"]);
        let mut gateway = python(gateway, "gateway.py");
        self.gateway = Some(gateway.arg(self.folder.path()).arg(mode).spawn().unwrap());
        let begun = std::time::Instant::now();
        while !(self.log(mode).contains("watching") && self.answers()) {
            assert!(begun.elapsed().as_secs() < 20, "the gateway did not come up");
            std::thread::yield_now();
        }
    }

    /// Does every port of the gateway answer the daemon's side?
    fn answers(&self) -> bool {
        let ports: Vec<String> =
            SERVICES.iter().map(|(_, port, _)| *port).chain([LITELLM_PORT]).map(|port| port.to_string()).collect();
        let try_all = format!(
            "import socket\nfor port in ({}):\n    socket.create_connection(('{GATEWAY}', port), 2).close()",
            ports.join(",")
        );
        self.inside("python3").args(["-c", &try_all]).stderr(Stdio::null()).status().unwrap().success()
    }

    /// A command at the daemon's end of the wire.
    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.daemon, program]);
        command
    }

    /// Runs the daemon's program there, with every proxy variable pointing at a stranger.
    pub(crate) fn daemon(&self, folder: &Path, arguments: &[&str]) -> Output {
        let mut command = self.inside("env");
        command.arg("-i").arg(format!("HOME={}", folder.join("home").display()));
        for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "grpc_proxy"] {
            command.arg(format!("{name}=http://evil.example:3128"));
        }
        command.arg(variable("CATALOG_TEST_DAEMON").unwrap()).args(arguments).args(["--config", "site.toml"]);
        command.current_dir(folder).output().unwrap()
    }

    fn log(&self, mode: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("packets-{mode}.jsonl"))).unwrap_or_default()
    }

    /// Where the daemon went in this mode: the services it reached, and everything else.
    pub(crate) fn went(&mut self, mode: &str) -> (BTreeSet<u64>, Vec<String>) {
        self.close();
        let (mut reached, mut astray) = (BTreeSet::new(), Vec::new());
        for line in self.log(mode).lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let port = event["port"].as_u64().unwrap_or(0);
            let known =
                port == 53 || port == u64::from(LITELLM_PORT) || SERVICES.iter().any(|s| u64::from(s.1) == port);
            match event["kind"].as_str().unwrap() {
                "packet" if event["to"] == GATEWAY && known => drop(reached.insert(port)),
                "packet" => astray.push(format!("packet to {} {} port {port}", event["to"], event["protocol"])),
                "name" if NAMES.iter().any(|name| event["name"] == *name) => {}
                "name" => astray.push(format!("name server asked for {}", event["name"])),
                "lost" => panic!("packets were missed, so the count proves nothing"),
                _ => {}
            }
        }
        (reached, astray)
    }

    fn close(&mut self) {
        if let Some(mut gateway) = self.gateway.take() {
            // It ends when nobody holds its input any more.
            drop(gateway.stdin.take());
            let _ = gateway.wait();
        }
    }

    fn etc(&self) -> String {
        format!("/etc/netns/{}", self.daemon)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.close();
        if let Some(mut relay) = self.relay.take() {
            drop(relay.stdin.take());
            let _ = relay.wait();
        }
        for name in [&self.daemon, &self.world] {
            let _ = Command::new("ip").args(["netns", "delete", name]).status();
        }
        let _ = std::fs::remove_dir_all(self.etc());
    }
}

fn ip(line: &str) {
    let said = Command::new("ip").args(line.split(' ')).output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.success(), "ip {line}: {words} (the proof needs root and network namespaces)");
}

fn python(mut command: Command, script: &str) -> Command {
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/egress").join(script)).stdin(Stdio::piped());
    command
}
