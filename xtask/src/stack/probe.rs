//! Asking a service whether it is ready.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::Stack;
use super::component::Component;
use super::process::Running;
use crate::Result;

const ASK_EVERY: Duration = Duration::from_millis(250);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// No service is given up earlier, however quick it is said to be.
const DEADLINE_MIN: Duration = Duration::from_secs(60);
const LOG_LINES: usize = 20;

/// Asks until the service is ready, and gives the version it reports.
///
/// # Errors
/// When the process ends, or is not ready in ten times the time it is known to need; the error holds its last words.
pub(super) fn wait(component: &dyn Component, stack: &Stack, running: &Running) -> Result<String> {
    let facts = component.facts();
    let deadline = DEADLINE_MIN.max(Duration::from_secs(u64::from(facts.ready_secs) * 10));
    let start = Instant::now();
    loop {
        let last = match component.probe(stack) {
            // The answer may come from somebody else on the port.
            Ok(version) if running.alive() => return Ok(version),
            Ok(_) => "something else answers on its port".to_owned(),
            Err(error) => error.to_string(),
        };
        let trouble = if !running.alive() {
            "ended while it started".to_owned()
        } else if start.elapsed() > deadline {
            format!("is not ready after {} s ({last})", deadline.as_secs())
        } else {
            std::thread::sleep(ASK_EVERY);
            continue;
        };
        let log = stack.log(facts.name);
        let words = super::last_lines(&log, LOG_LINES);
        return Err(format!("{} {trouble}; {} ends with:\n{words}", facts.name, log.display()).into());
    }
}

/// The body of a successful GET.
///
/// # Errors
/// When nobody answers in ten seconds, or the status is not 2xx.
pub(super) fn get(url: &str) -> Result<String> {
    Ok(agent().get(url).call().map_err(|e| format!("{url}: {e}"))?.body_mut().read_to_string()?)
}

/// The body of the answer to a POST.
///
/// # Errors
/// When nobody answers in ten seconds, or the status is not 2xx.
pub(super) fn post(url: &str, headers: &[(&str, &str)], body: &str) -> Result<String> {
    let request = headers.iter().fold(agent().post(url), |request, (name, value)| request.header(*name, *value));
    Ok(request.send(body).map_err(|e| format!("{url}: {e}"))?.body_mut().read_to_string()?)
}

/// Does somebody accept connections on the port? For services that speak no HTTP.
pub(super) fn connects(port: u16) -> Result<()> {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    TcpStream::connect_timeout(&address, ANSWER_WITHIN).map(drop).map_err(|e| format!("port {port}: {e}").into())
}

/// Is the port free to listen on?
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().timeout_global(Some(ANSWER_WITHIN)).proxy(None).max_redirects(0);
    config.build().into()
}
