//! The query logs that the configuration names.

use std::path::Path;
use std::sync::Arc;

use catalog_core::Result;
use catalog_core::ports::Clock;
use catalog_net::{HttpClient, HttpOptions};
use catalog_querylog::{VictoriaLogsOptions, VictoriaLogsSource};

use super::allowed::egress;
use super::machine::SystemClock;
use crate::config::Config;
use crate::walk::QueryLogInput;

/// A server is asked for news with the first run in so many milliseconds; runs are more frequent than that.
const POLL_EVERY_MS: i64 = 10 * 60_000;

/// Every configured file, and VictoriaLogs; `None` when there is neither, or the pass is off. Nothing is dialled yet.
///
/// # Errors
/// `NotFound` when a file is missing, `Configuration` or `InvalidInput` when the address is none.
pub fn query_logs(config: &Config) -> Result<Option<QueryLogInput>> {
    let section = &config.querylog;
    if !config.passes.querylog {
        return Ok(None);
    }
    let mut logs: Option<QueryLogInput> = None;
    let mut add = |log: QueryLogInput| logs = Some(logs.take().map_or(log.clone(), |all| all.and(log)));
    for file in &section.files {
        add(QueryLogInput::file(Path::new(file), section.queries_max)?);
    }
    if !section.victorialogs_url.is_empty() {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let token = (clock.now_ms() / POLL_EVERY_MS).to_string();
        let http = HttpClient::new(&section.victorialogs_url, &egress(config, &[]), HttpOptions::default())?;
        let options =
            VictoriaLogsOptions { filter: section.victorialogs_query.clone(), ..VictoriaLogsOptions::default() };
        let source = Arc::new(VictoriaLogsSource::new(http, options, clock));
        add(QueryLogInput::growing("victorialogs", source, token, section.queries_max));
    }
    Ok(logs)
}
