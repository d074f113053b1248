//! Which server is stood in for.

use std::sync::Arc;

use catalog_core::ports::Clock;

/// Which generation of servers is imitated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// 1.6: no ETag, `If-Match` is ignored, concurrent PATCHes of one table get lost, no change sources.
    V1_6,
    /// 2.0: ETags, change sources, incremental change descriptions.
    V2_0,
}

impl Generation {
    /// What `/system/version` says.
    pub fn version(self) -> &'static str {
        match self {
            Self::V1_6 => "1.6.9",
            Self::V2_0 => "2.0.6",
        }
    }

    /// The faults that servers of this generation have.
    pub fn quirks(self) -> Quirks {
        let old = self == Self::V1_6;
        Quirks {
            no_if_match: old,
            lost_concurrent_patches: old,
            etag_projection_mismatch: !old,
            drop_nested_on_if_match: false,
            reordered_operations: false,
            events_out_of_order: false,
        }
    }
}

/// Known faults of servers; numbers are issues of the OpenMetadata project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirks {
    /// `If-Match` is ignored and no ETag is sent (before #22290).
    pub no_if_match: bool,
    /// A PATCH reads, and writes all of what it read: of concurrent ones only some persist, though all answer 200.
    pub lost_concurrent_patches: bool,
    /// GET's strong ETag never validates on PATCH; `W/"<version>"` does (#30885).
    pub etag_projection_mismatch: bool,
    /// With `If-Match`, changes inside columns are echoed with 200 and not stored (#28876).
    pub drop_nested_on_if_match: bool,
    /// `remove` operations are taken out of their order and applied last, the highest path first (before #15680).
    pub reordered_operations: bool,
    /// The events API lists the newest first instead of the oldest.
    pub events_out_of_order: bool,
}

/// The form of a webhook's body; servers of different ages differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookBody {
    /// One event as an object.
    Single,
    /// `{"data": […]}`.
    Data,
    /// A bare list.
    Array,
    /// `{"data": […], "paging": {…}}`.
    EventList,
}

/// Somebody with a token.
#[derive(Debug, Clone)]
pub struct User {
    /// The login name.
    pub name: String,
    /// What goes behind `Bearer`.
    pub token: String,
    /// Bots keep people's descriptions on PUT.
    pub is_bot: bool,
    /// Rights that `/permissions` says the user lacks, as `table:EditAll`; they are not enforced.
    pub denied: Vec<String>,
}

impl User {
    /// A person whose token is `<name>-token`.
    pub fn person(name: &str) -> Self {
        Self { name: name.to_owned(), token: format!("{name}-token"), is_bot: false, denied: Vec::new() }
    }

    /// A bot whose token is `<name>-token`.
    pub fn bot(name: &str) -> Self {
        Self { is_bot: true, ..Self::person(name) }
    }
}

/// How the stand-in behaves.
#[derive(Clone)]
pub struct Options {
    /// The generation.
    pub generation: Generation,
    /// The generation's faults, or others.
    pub quirks: Quirks,
    /// Who may come in.
    pub users: Vec<User>,
    /// The form of webhook bodies.
    pub webhook_body: WebhookBody,
    /// Where entities say that they are (`href`), without a slash at the end.
    pub href_base: String,
    /// The server's own clock.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// Where entities are without a server over HTTP.
    pub(super) const HREF_BASE: &str = "http://127.0.0.1:8585/api/v1";

    /// A server of a generation with its faults, the users `admin`, `alice`, `bob` and the bot `ingestion-bot`, and
    /// the machine's clock.
    pub fn of(generation: Generation) -> Self {
        Self {
            generation,
            quirks: generation.quirks(),
            users: vec![User::person("admin"), User::person("alice"), User::person("bob"), User::bot("ingestion-bot")],
            webhook_body: WebhookBody::Single,
            href_base: Self::HREF_BASE.to_owned(),
            clock: Arc::new(MachineClock),
        }
    }
}

struct MachineClock;

impl Clock for MachineClock {
    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }
}
