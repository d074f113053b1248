//! Queries that people run, proposed as verified ones.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use catalog_core::model::{ChangeKind, FieldPath, FieldValue, MinedQuery, Proposal, ProposalId, ProposalState};
use catalog_core::ports::ledger::{ProposalFilter, ProposalOrder};

use super::query::Asked;
use super::shell::{Looker, Shell};
use super::{Answer, page};
use crate::api::App;

const QUERIES: usize = 8;

/// A piece of SQL; a parameter is shown as one.
struct Piece {
    text: String,
    parameter: bool,
}

struct QueryView {
    id: String,
    question: String,
    sql: Vec<Piece>,
    /// What mining still knows of it.
    mined: Option<MinedQuery>,
    /// The lines for the semantic model, or why there are none.
    fragment: Option<Result<String, String>>,
}

#[derive(Template)]
#[template(path = "page/queries.html")]
struct Queries {
    shell: Shell,
    asked: Asked,
    queries: Vec<QueryView>,
    more: Option<String>,
}

pub(super) async fn queries(State(app): State<Arc<App>>, looker: Looker, asked: Asked) -> Answer {
    let shell = Shell::new(&app, &looker, "queries").await?;
    let desk = &app.parts.desk;
    let filter = ProposalFilter {
        state: Some(ProposalState::Open),
        kind: Some(ChangeKind::Query),
        order: ProposalOrder::LeastSure,
        after: asked.filled("after").map(ProposalId),
        limit: QUERIES + 1,
        ..ProposalFilter::default()
    };
    let mut proposals = match asked.filled("id") {
        Some(id) => desk.ledger.proposal(&ProposalId(id)).await?.into_iter().collect(),
        None => desk.ledger.proposals(&filter).await?,
    };
    let full = proposals.len() > QUERIES;
    proposals.truncate(QUERIES);
    let more = proposals.last().filter(|_| full).map(|p| asked.with("after", &p.id.0));
    let mined = desk.ledger.query_log().await?.map(|(_, log)| log.queries).unwrap_or_default();
    let mut views = Vec::with_capacity(proposals.len());
    for proposal in proposals {
        let Some(mut view) = view(&proposal, &mined) else { continue };
        if let Some(domain) = asked.filled("domain") {
            let parts = &app.parts;
            let made = desk.fragment(&proposal.id, &domain, &parts.semantic_models, parts.language).await;
            view.fragment = Some(made.map(|made| made.fragment).map_err(|error| error.to_string()));
        }
        views.push(view);
    }
    page(&Queries { shell, asked, queries: views, more })
}

fn view(proposal: &Proposal, mined: &[MinedQuery]) -> Option<QueryView> {
    let FieldPath::VerifiedQuery { fingerprint } = &proposal.operation.field else { return None };
    let Some(FieldValue::Query { sql, question, .. }) = &proposal.operation.after else { return None };
    Some(QueryView {
        id: proposal.id.0.clone(),
        question: question.clone(),
        sql: pieces(&in_lines(sql)),
        mined: mined.iter().find(|q| q.fingerprint == *fingerprint).cloned(),
        fragment: None,
    })
}

/// Clauses that begin a line.
const CLAUSES: [&str; 15] = [
    "FROM",
    "WHERE",
    "GROUP BY",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "JOIN",
    "LEFT JOIN",
    "RIGHT JOIN",
    "FULL JOIN",
    "INNER JOIN",
    "CROSS JOIN",
];

/// A query in normal form with its clauses on lines of their own; what stands in quotes or parentheses stays as it is.
fn in_lines(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let (mut depth, mut quote) = (0_usize, None);
    for (at, c) in sql.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        let rest = &sql[at + c.len_utf8()..];
        let begins = |clause: &str| rest.strip_prefix(clause).is_some_and(|after| after.starts_with(' '));
        let joined = ["LEFT", "RIGHT", "FULL", "INNER", "CROSS"].iter().any(|kind| out.ends_with(kind));
        let broken =
            c == ' ' && depth == 0 && quote.is_none() && !joined && CLAUSES.iter().any(|clause| begins(clause));
        out.push(if broken { '\n' } else { c });
    }
    out
}

/// Splits at the parameters `:p1`, `:p2`, ….
fn pieces(sql: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = sql;
    while let Some(at) = rest.find(":p") {
        let digits = rest[at + 2..].chars().take_while(char::is_ascii_digit).count();
        let end = at + 2 + digits;
        let (before, parameter) = (&rest[..at], digits > 0);
        pieces.push(Piece { text: before.to_owned(), parameter: false });
        pieces.push(Piece { text: rest[at..end].to_owned(), parameter });
        rest = &rest[end..];
    }
    pieces.push(Piece { text: rest.to_owned(), parameter: false });
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_begin_lines_but_not_in_quotes_or_parentheses() {
        let sql =
            "SELECT a FROM t LEFT JOIN u ON t.x = u.x WHERE b = ' FROM x' AND EXISTS (SELECT 1 FROM v) ORDER BY a";
        assert_eq!(
            in_lines(sql),
            "SELECT a\nFROM t\nLEFT JOIN u ON t.x = u.x\nWHERE b = ' FROM x' AND EXISTS (SELECT 1 FROM v)\nORDER BY a"
        );
    }

    #[test]
    fn parameters_stand_out_and_nothing_is_lost() {
        let sql = "SELECT a FROM t WHERE b = :p1 AND c IN (:p12) AND d = 'x:pq'";
        let pieces = pieces(sql);
        assert_eq!(pieces.iter().map(|p| p.text.as_str()).collect::<String>(), sql);
        let parameters: Vec<&str> = pieces.iter().filter(|p| p.parameter).map(|p| p.text.as_str()).collect();
        assert_eq!(parameters, [":p1", ":p12"]);
    }
}
