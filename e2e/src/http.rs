//! Plain HTTP to services on the loopback.

use std::time::Duration;

use crate::Result;

const ANSWER_WITHIN: Duration = Duration::from_secs(120);
const BODY_BYTES_MAX: u64 = 64 << 20;

/// The body of the answer to a GET.
///
/// # Errors
/// When nobody answers in two minutes, the status is not 2xx, or the body is over 64 MiB.
pub fn get(url: &str) -> Result<String> {
    let mut answer = agent().get(url).call().map_err(|e| format!("{url}: {e}"))?;
    Ok(answer.body_mut().with_config().limit(BODY_BYTES_MAX).read_to_string()?)
}

/// The body of the answer to a POST with these headers.
///
/// # Errors
/// When nobody answers in two minutes, the status is not 2xx, or the body is over 64 MiB.
pub fn post(url: &str, headers: &[(&str, &str)], body: &str) -> Result<String> {
    let request = headers.iter().fold(agent().post(url), |request, (name, value)| request.header(*name, *value));
    let mut answer = request.send(body).map_err(|e| format!("{url}: {e}"))?;
    Ok(answer.body_mut().with_config().limit(BODY_BYTES_MAX).read_to_string()?)
}

/// The body of the answer to a POST of an HTML form.
///
/// # Errors
/// As [`post`].
pub fn post_form(url: &str, fields: &[(&str, &str)]) -> Result<String> {
    let mut answer = agent().post(url).send_form(fields.iter().copied()).map_err(|e| format!("{url}: {e}"))?;
    Ok(answer.body_mut().with_config().limit(BODY_BYTES_MAX).read_to_string()?)
}

/// The status that a GET is answered with, or a POST of this JSON; 0 when nobody answers.
pub fn status(url: &str, posted: Option<&str>) -> u16 {
    let config = ureq::Agent::config_builder().timeout_global(Some(ANSWER_WITHIN)).proxy(None).max_redirects(0);
    let agent: ureq::Agent = config.http_status_as_error(false).build().into();
    let answer = match posted {
        None => agent.get(url).call(),
        Some(json) => agent.post(url).header("content-type", "application/json").send(json),
    };
    answer.map_or(0, |answer| answer.status().as_u16())
}

/// Sends a DELETE, whatever comes of it.
pub fn delete(url: &str) {
    let _ = agent().delete(url).call();
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().timeout_global(Some(ANSWER_WITHIN)).proxy(None).max_redirects(0).build().into()
}
