//! The real daemon asked to end.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sandbox;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sandbox::Sandbox;

const CONFIG: &str = "[sources]\nwarehouses = [\"shop.sqlite\"]\n[state]\ndir = \"state\"\n[api]\nlisten = \"127.0.0.1:0\"\n\
    [daemon]\nsettle_secs = 0\nstart_jitter_secs = 0\n";

/// A daemon over a shop, and its log line by line.
fn start(sandbox: &Sandbox) -> (Child, impl Iterator<Item = String> + use<>) {
    std::fs::write(sandbox.path("c.toml"), CONFIG).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_catalog-syncd"))
        .args(["run", "--config", "c.toml"])
        .env_clear()
        .env("HOME", sandbox.path("home"))
        .current_dir(sandbox.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    (child, log)
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn shop(sandbox: &Sandbox) {
    sandbox.sqlite(
        "shop.sqlite",
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, city TEXT); INSERT INTO customer VALUES (1, 'Lyon'), (2, 'Nice');
         CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER); INSERT INTO orders VALUES (7, 1), (8, 2);",
    );
}

#[test]
fn a_signal_ends_the_daemon_cleanly_and_the_next_start_goes_on() {
    let sandbox = Sandbox::new();
    shop(&sandbox);
    for _ in 0..2 {
        let (mut child, mut log) = start(&sandbox);
        assert!(log.any(|line| line.contains("run ends")), "the first sweep walks the shop");
        signal(&child, "-TERM");
        assert!(log.any(|line| line.contains("all work in flight is finished")));
        assert!(child.wait().unwrap().success());
    }
    let found = sandbox.run(&["search", "--state", "state", "customer city"]);
    assert!(String::from_utf8_lossy(&found.stdout).contains("shop.main.customer"));
}

#[test]
fn a_second_signal_leaves_at_once() {
    let sandbox = Sandbox::new();
    shop(&sandbox);
    let (mut child, mut log) = start(&sandbox);
    let address = log.find(|line| line.contains("ready")).unwrap();
    let address = address.split("api.address=").nth(1).unwrap().split_whitespace().next().unwrap().trim_matches('"');
    // A request whose body never comes keeps the server waiting.
    let mut held = std::net::TcpStream::connect(address).unwrap();
    std::io::Write::write_all(
        &mut held,
        b"POST /api/v1/syncs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{",
    )
    .unwrap();
    std::io::Write::flush(&mut held).unwrap();
    signal(&child, "-TERM");
    assert!(log.any(|line| line.contains("asked to end")));
    let begun = Instant::now();
    signal(&child, "-TERM");
    assert!(child.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(10), "well before the grace period of 25 seconds");
}
