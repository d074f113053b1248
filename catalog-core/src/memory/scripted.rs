//! Ports that answer as they were told, for tests of what stands around them.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;

use crate::model::{
    ConfirmCheck, ConfirmCount, DescribeRequest, Draft, Fingerprint, Fqn, PiiEvidence, PiiVote, ProfiledTable,
    RawColumnValues, RawSample, Table, TableProfile, Verdict,
};
use crate::ports::{Enricher, KeyCounter, PiiVoter, Profiler, RawScanner, ScanHits};
use crate::{Error, ErrorKind, Result};

/// Describes the tables that it has a draft for, and no other.
#[derive(Debug, Clone, Default)]
pub struct ScriptedEnricher {
    /// Drafts by table.
    pub drafts: BTreeMap<Fqn, Draft>,
}

#[async_trait]
impl Enricher for ScriptedEnricher {
    fn id(&self) -> String {
        "scripted/1".to_owned()
    }

    async fn describe(&self, request: &DescribeRequest<'_>) -> Result<Option<Draft>> {
        Ok(self.drafts.get(request.table.fqn()).cloned())
    }
}

/// Votes by the column's name, abstains on a column that it does not know, or fails as a whole.
#[derive(Debug, Clone)]
pub struct ScriptedVoter {
    /// What it is called.
    pub name: &'static str,
    /// Votes by column.
    pub votes: BTreeMap<String, PiiVote>,
    /// Fails with this kind instead, as a model that is down.
    pub down: Option<ErrorKind>,
}

#[async_trait]
impl PiiVoter for ScriptedVoter {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn vote(&self, evidence: &PiiEvidence) -> Result<Vec<PiiVote>> {
        if let Some(kind) = self.down {
            return Err(Error::new(kind, "vote_on_columns", "the voter was told to fail").with("voter", self.name));
        }
        let abstain = || PiiVote { voter: self.name.to_owned(), verdict: Verdict::Abstain, score: 0.0, entity: None };
        Ok(evidence.columns.iter().map(|c| self.votes.get(&c.name).cloned().unwrap_or_else(abstain)).collect())
    }
}

/// Finds what it was told to find in the column of that name; it looks at no cell.
#[derive(Debug, Clone, Default)]
pub struct ScriptedRawScanner {
    /// Hits by column.
    pub hits: BTreeMap<String, ScanHits>,
}

#[async_trait]
impl RawScanner for ScriptedRawScanner {
    async fn scan(&self, sample: &RawSample) -> Result<Vec<ScanHits>> {
        Ok(sample.column_names().map(|name| self.hits.get(name).cloned().unwrap_or_default()).collect())
    }
}

/// Gives the profile that it has for a table; a table without one has vanished.
#[derive(Clone, Default)]
pub struct ScriptedProfiler {
    /// Profile, raw values and fingerprints by table.
    pub profiles: BTreeMap<Fqn, (TableProfile, Vec<RawColumnValues>, Vec<Fingerprint>)>,
}

#[async_trait]
impl Profiler for ScriptedProfiler {
    async fn profile(&self, table: &Table, _sample: &RawSample) -> Result<ProfiledTable> {
        let (profile, values, fingerprints) = self.profiles.get(table.fqn()).cloned().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "profile_table", "the table has no profile").with("table", table.fqn())
        })?;
        Ok(ProfiledTable { profile, values, fingerprints })
    }
}

/// Gives the count that it has for a check; any other check meets a table that is gone.
#[derive(Debug, Clone, Default)]
pub struct ScriptedKeyCounter {
    /// Counts by check.
    pub counts: HashMap<ConfirmCheck, ConfirmCount>,
}

#[async_trait]
impl KeyCounter for ScriptedKeyCounter {
    async fn count(&self, check: &ConfirmCheck, child: &Table, parent: &Table) -> Result<ConfirmCount> {
        self.counts.get(check).copied().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "count_orphans", "the check has no count")
                .with("child", child.fqn())
                .with("parent", parent.fqn())
        })
    }
}
