//! Values that parse but make no sense.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::{Config, CrossCatalogMode, LedgerStore, TableSampleConfig};

impl Config {
    /// The first value that makes no sense, with its key.
    pub(super) fn nonsense(&self) -> Option<(String, String)> {
        self.bad_number()
            .or_else(|| self.bad_address())
            .or_else(|| self.bad_schedule())
            .or_else(|| self.bad_together())
            .or_else(|| self.bad_term())
    }

    /// A term of the glossary that no name can have would be passed over in silence.
    fn bad_term(&self) -> Option<(String, String)> {
        let why = |term: &str, meaning: &str| {
            let word = term.rsplit_once('.').map_or(term, |(_, word)| word);
            let (word, star) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
            if word.trim().is_empty() {
                Some("names no word")
            } else if word.contains('*') {
                Some("a star stands at the end alone")
            } else if star && word.chars().count() < 2 {
                Some("a beginning has two letters or more")
            } else {
                meaning.trim().is_empty().then_some("says nothing")
            }
        };
        let bad = |(term, meaning): (&String, &String)| Some(format!("`{term}`: {}", why(term, meaning)?));
        Some(("glossary.terms".to_owned(), self.glossary.terms.iter().find_map(bad)?))
    }

    fn bad_number(&self) -> Option<(String, String)> {
        let at_least_one = [
            ("sync.workers", self.sync.workers as u64),
            ("sync.page_size", self.sync.page_size as u64),
            ("sync.lease_secs", self.sync.lease_secs),
            ("sample.rows_max", self.sample.rows_max as u64),
            ("sample.cell_bytes_max", self.sample.cell_bytes_max as u64),
            ("sample.deadline_secs", self.sample.deadline_secs),
            ("sample.columns_per_query", self.sample.columns_per_query as u64),
            ("profile.deadline_secs", self.profile.deadline_secs),
            ("openmetadata.page_size", self.openmetadata.page_size as u64),
            ("openmetadata.deadline_secs", self.openmetadata.deadline_secs),
            ("trino.concurrent", self.trino.concurrent as u64),
            ("trino.per_minute", self.trino.per_minute as u64),
            ("llm.concurrent", self.llm.concurrent as u64),
            ("llm.deadline_secs", self.llm.deadline_secs),
            ("llm.answer_tokens_max", u64::from(self.llm.answer_tokens_max)),
            ("embed.dimension", self.embed.dimension as u64),
            ("embed.batch", self.embed.batch as u64),
            ("milvus.batch", self.milvus.batch as u64),
            ("milvus.deadline_secs", self.milvus.deadline_secs),
            ("ledger.pool_size", u64::from(self.ledger.pool_size)),
            ("ledger.statement_timeout_secs", self.ledger.statement_timeout_secs),
            ("fk.memory_mb", self.fk.memory_mb as u64),
            ("querylog.intake_events_max", self.querylog.intake_events_max as u64),
            ("daemon.intake_queue_max", self.daemon.intake_queue_max as u64),
            ("api.requests_per_minute", u64::from(self.api.requests_per_minute)),
            ("api.body_bytes_max", self.api.body_bytes_max as u64),
            ("api.deadline_secs", self.api.deadline_secs),
            ("api.in_flight_max", self.api.in_flight_max as u64),
        ];
        if let Some((key, _)) = at_least_one.into_iter().find(|(_, n)| *n == 0) {
            return Some((key.to_owned(), "must be at least 1".to_owned()));
        }
        let shares = [
            ("fk.threshold", self.fk.threshold),
            ("fk.max_orphan_ratio", self.fk.max_orphan_ratio),
            ("publish.propose_below", self.publish.propose_below),
            ("llm.fallback_below", self.llm.fallback_below),
        ];
        if let Some((key, _)) = shares.into_iter().find(|(_, v)| !(0.0..=1.0).contains(v)) {
            return Some((key.to_owned(), "must lie between 0 and 1".to_owned()));
        }
        self.bad_sample()
    }

    fn bad_sample(&self) -> Option<(String, String)> {
        let no_percent = |percent: f64| !(percent > 0.0 && percent <= 100.0);
        if no_percent(self.sample.percent) {
            return Some(("sample.percent".to_owned(), "must be above 0 and at most 100".to_owned()));
        }
        let why = |rule: &TableSampleConfig| {
            if rule.table.trim().is_empty() {
                Some("names no table")
            } else if rule.percent.is_some_and(no_percent) {
                Some("percent must be above 0 and at most 100")
            } else if rule.rows_max == Some(0) {
                Some("rows_max must be at least 1")
            } else if rule.condition.as_deref().is_some_and(|text| text.trim().is_empty() || text.contains(';')) {
                Some("where must be one SQL condition, without a semicolon")
            } else {
                None
            }
        };
        let bad = |rule: &TableSampleConfig| Some(format!("the rule of `{}`: {}", rule.table, why(rule)?));
        Some(("sample.tables".to_owned(), self.sample.tables.iter().find_map(bad)?))
    }

    /// The addresses of remotes, by key; the empty ones too.
    pub(super) fn addresses(&self) -> [(&'static str, &str); 8] {
        [
            ("openmetadata.url", &self.openmetadata.url),
            ("trino.url", &self.trino.url),
            ("llm.url", &self.llm.url),
            ("milvus.url", &self.milvus.url),
            ("pii.presidio_url", &self.pii.presidio_url),
            ("querylog.victorialogs_url", &self.querylog.victorialogs_url),
            ("api.oidc_keys_url", &self.api.oidc_keys_url),
            ("telemetry.otlp_url", &self.telemetry.otlp_url),
        ]
    }

    fn bad_address(&self) -> Option<(String, String)> {
        let remotes = self.addresses().into_iter().filter(|(_, address)| !address.is_empty());
        for (key, address) in remotes {
            if let Some(why) = why_no_address(address, &self.egress.plain_http) {
                return Some((key.to_owned(), why.to_owned()));
            }
        }
        if !self.pii.presidio_url.is_empty() {
            let local = Url::parse(&self.pii.presidio_url).is_ok_and(|url| is_loopback(&url));
            if !local {
                return Some((
                    "pii.presidio_url".to_owned(),
                    "must be on this machine: it is shown raw cells".to_owned(),
                ));
            }
        }
        let bad_pair = |text: &str| host_and_port(text).is_none();
        if let Some(entry) = self.egress.allow.iter().find(|entry| bad_pair(entry)) {
            let why = format!("`{}` is not host:port", catalog_net::redact_url(entry));
            return Some(("egress.allow".to_owned(), why));
        }
        (!self.ledger.host.is_empty() && bad_pair(&self.ledger.host))
            .then(|| ("ledger.host".to_owned(), "is not host:port".to_owned()))
    }

    fn bad_schedule(&self) -> Option<(String, String)> {
        let schedule = &self.schedule;
        if jiff::tz::TimeZone::get(&schedule.time_zone).is_err() {
            return Some(("schedule.time_zone".to_owned(), "is no time zone; write UTC or Europe/Paris".to_owned()));
        }
        let passes = [
            ("schedule.sweep", &schedule.sweep),
            ("schedule.querylog", &schedule.querylog),
            ("schedule.retention", &schedule.retention),
        ];
        passes.into_iter().filter(|(_, text)| !text.is_empty()).find_map(|(key, text)| {
            let why = text.parse::<croner::Cron>().err()?;
            Some((key.to_owned(), format!("is no cron expression: {why}")))
        })
    }

    fn bad_together(&self) -> Option<(String, String)> {
        let wrong = |key: &str, why: &str| Some((key.to_owned(), why.to_owned()));
        let Ok(listen) = self.api.listen.parse::<SocketAddr>() else {
            return wrong("api.listen", "must be an address and a port, such as 127.0.0.1:8580");
        };
        let authenticated = !self.api.tokens_file.is_empty() || !self.api.oidc_issuer.is_empty();
        if !listen.ip().is_loopback() && !authenticated {
            return wrong(
                "api.listen",
                "must be a loopback address while neither api.tokens_file nor api.oidc_issuer is set",
            );
        }
        let keys = !self.api.oidc_keys_file.is_empty() || !self.api.oidc_keys_url.is_empty();
        if !self.api.oidc_issuer.is_empty() && !keys {
            return wrong("api.oidc_issuer", "needs api.oidc_keys_file (or api.oidc_keys_url) to check tokens with");
        }
        if self.ledger.store == LedgerStore::Postgres && (self.ledger.url.is_empty() || self.ledger.host.is_empty()) {
            return wrong("ledger.store", "postgres needs ledger.url and ledger.host");
        }
        if self.fk.cross_catalog != CrossCatalogMode::Pairs && !self.fk.catalog_pairs.is_empty() {
            return wrong("fk.catalog_pairs", "is only read with fk.cross_catalog = \"pairs\"");
        }
        if !self.trino.password.is_empty() && !self.trino.url.starts_with("https://") {
            return wrong("trino.password", "needs an https:// address in trino.url: it would travel in the clear");
        }
        if self.publish.fk_as.is_empty() {
            return wrong("publish.fk_as", "names no form; switch keys off with publish.key = \"off\"");
        }
        None
    }
}

/// A host and port written as `host:port`.
pub(super) fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let fine = !host.is_empty() && !host.contains(['/', '@', ' ']);
    fine.then_some(())?;
    Some((host.to_owned(), port.parse().ok()?))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Why this is no address of a remote, without quoting it: it may hold a password.
fn why_no_address(address: &str, plain_http: &[String]) -> Option<&'static str> {
    let Ok(url) = Url::parse(address) else { return Some("is no address; write http://host:port") };
    if !matches!(url.scheme(), "http" | "https") {
        return Some("must begin with http:// or https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("holds a user or a password: give the credential as a secret reference");
    }
    let Some(host) = url.host_str().filter(|h| !h.is_empty()) else { return Some("names no host") };
    let excused = plain_http.iter().any(|name| name.eq_ignore_ascii_case(host));
    (url.scheme() == "http" && !excused && !inside(&url))
        .then_some("speaks plain http to a host outside the cluster: use https, or name the host in egress.plain_http")
}

/// Is the host one of this machine, a private network or a cluster's own names?
fn inside(url: &Url) -> bool {
    let private = |address: IpAddr| match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    };
    match url.host() {
        Some(Host::Ipv4(address)) => private(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => private(IpAddr::V6(address)),
        Some(Host::Domain(name)) => {
            !name.contains('.') || [".svc", ".local", ".internal"].iter().any(|end| name.ends_with(end))
        }
        None => false,
    }
}
