//! What a person wants to know of the ledger's database before trusting it.

use catalog_core::Result;

use super::transact::reading;
use super::{PostgresLedger, migrate};

/// Facts for `doctor`. What should be otherwise is in [`PostgresFacts::warnings`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresFacts {
    /// The server's version, as it prints it.
    pub server_version: String,
    /// The schema's version.
    pub schema_version: i64,
    /// The newest version that this program knows.
    pub newest_known_schema: i64,
    /// The role that the daemon runs as.
    pub role: String,
    /// Is it a superuser, whom no right and no trigger stops?
    pub superuser: bool,
    /// Does it own the audit log, so that it could drop it?
    pub owns_audit_log: bool,
    /// Is the database read-only?
    pub read_only: bool,
    /// Connections that the server allows in all.
    pub connections_max: i64,
    /// Up to when the audit log has partitions, in milliseconds since 1970; `None` when there is none but the default.
    pub audit_partitions_until_ms: Option<i64>,
    /// Did audit rows ever lie outside of all months? Then some clock was wrong, or no partition was made in time.
    pub audit_rows_outside: bool,
    /// Bytes of the whole schema on disk, indexes included.
    pub bytes: i64,
}

impl PostgresFacts {
    /// What should be otherwise, in words.
    pub fn warnings(&self) -> Vec<&'static str> {
        let warnings = [
            (self.superuser, "the daemon runs as a superuser: give it a role of its own"),
            (self.owns_audit_log, "the daemon's role owns the audit log and could drop it: migrate with another role"),
            (self.read_only, "the database is read-only: work waits"),
            (self.audit_rows_outside, "audit rows lie outside of all months: check the clocks"),
            (self.audit_partitions_until_ms.is_none(), "the audit log has no monthly partition"),
        ];
        warnings.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words).collect()
    }
}

const FACTS: &str = "SELECT
    current_setting('server_version'), current_user::text,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
    (SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'audit_log'::regclass),
    pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,
    current_setting('max_connections')::bigint,
    (SELECT max((regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''(-?\\d+)''\\)'))[1]::bigint)
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'audit_log'::regclass),
    pg_relation_size('audit_log_other'::regclass) > 0,
    (SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r')";

type Row = (String, String, bool, bool, bool, i64, Option<i64>, bool, i64);

impl PostgresLedger {
    /// The facts as they are now.
    ///
    /// # Errors
    /// `Unavailable`, `Timeout`, `Forbidden`.
    pub async fn doctor(&self) -> Result<PostgresFacts> {
        reading!(self, "examine_ledger", |connection| {
            let (server_version, role, superuser, owns_audit_log, read_only, connections_max, until_ms, outside, bytes): Row =
                sqlx::query_as(FACTS).fetch_one(&mut *connection).await?;
            Ok(PostgresFacts {
                server_version,
                schema_version: migrate::version(connection).await?,
                newest_known_schema: migrate::NEWEST,
                role,
                superuser,
                owns_audit_log,
                read_only,
                connections_max,
                audit_partitions_until_ms: until_ms,
                audit_rows_outside: outside,
                bytes,
            })
        })
    }
}
