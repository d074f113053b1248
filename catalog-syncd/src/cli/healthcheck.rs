//! `healthcheck`: asks the running daemon whether it is ready, for containers without a shell.

use std::net::SocketAddr;
use std::time::Duration;

use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{EgressPolicy, HttpClient, HttpOptions, HttpRequest, Method};

use super::arguments::Output;
use super::{Exit, print_json};
use crate::config::Config;

/// Succeeds when the daemon on this machine says that it is ready.
pub(super) async fn run(output: Output, config: &Config) -> Result<Exit> {
    let listen: SocketAddr = config
        .api
        .listen
        .parse()
        .map_err(|_| Error::new(ErrorKind::Configuration, "check_health", "api.listen is no address and port"))?;
    // A daemon that listens everywhere listens on the loopback, too.
    let host = match (listen.ip().is_unspecified(), listen.is_ipv6()) {
        (true, false) => "127.0.0.1".to_owned(),
        (true, true) => "[::1]".to_owned(),
        (false, true) => format!("[{}]", listen.ip()),
        (false, false) => listen.ip().to_string(),
    };
    let policy = EgressPolicy::allowing([(host.clone(), listen.port())]);
    let options = HttpOptions { deadline: Duration::from_secs(3), attempts_max: 1, ..HttpOptions::default() };
    let client = HttpClient::new(&format!("http://{host}:{}/", listen.port()), &policy, options)?;
    client.send(HttpRequest::new("check_health", Method::Get, "/readyz")).await?.require_success()?;
    if output == Output::Json {
        print_json(&serde_json::json!({ "ready": true }))?;
    }
    Ok(Exit::Done)
}
