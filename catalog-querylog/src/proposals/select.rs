//! Which queries are proposed, and with what.

use catalog_core::Result;
use catalog_core::model::{MinedQuery, MinedQueryLog, QueryNoise, QueryVerdict, QuestionRequest};
use catalog_core::ports::{QueryCheck, QuestionWriter};

use super::verified_query::VerifiedQuery;

/// When a query is worth a steward's minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProposalRule {
    /// Fewest runs.
    pub runs_min: u64,
    /// Fewest different users.
    pub users_min: u64,
    /// Smallest share of runs that finished.
    pub success_min: f64,
}

impl Default for ProposalRule {
    /// 2 runs by 2 people, half of them finished.
    fn default() -> Self {
        Self { runs_min: 2, users_min: 2, success_min: 0.5 }
    }
}

/// The queries to propose, best first: enough people's, no tool's, no look at a few rows, and of near duplicates only the
/// best.
pub fn worth_proposing(log: &MinedQueryLog, rule: ProposalRule) -> impl Iterator<Item = &MinedQuery> {
    log.queries.iter().filter(move |query| {
        query.runs >= rule.runs_min
            && query.users >= rule.users_min
            && query.success_rate >= rule.success_min
            && query.near.is_none()
            && !matches!(query.noise, Some(QueryNoise::Tool | QueryNoise::Preview))
    })
}

/// A query with its question, checked by the engine. `None` when the engine refuses it or nobody can put it into words.
/// The second writer is asked when the first has no question or cannot be reached.
///
/// # Errors
/// Those of the check, which alone decides whether a query may be proposed.
pub async fn propose(
    request: &QuestionRequest<'_>,
    writer: &dyn QuestionWriter,
    otherwise: &dyn QuestionWriter,
    check: &dyn QueryCheck,
) -> Result<Option<VerifiedQuery>> {
    let query = request.query;
    if check.check(&query.sql, &query.parameters).await? != QueryVerdict::Runs {
        return Ok(None);
    }
    let question = match writer.write(request).await {
        Ok(Some(question)) => Some(question),
        Ok(None) | Err(_) => otherwise.write(request).await?,
    };
    Ok(question.map(|question| VerifiedQuery::of(query, &question.text, request.language)))
}
