//! `search`: which tables answer a question.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use catalog_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::arguments::{Output, SearchVerb};
use super::{Exit, output_failed, print_json};
use crate::config::Config;
use crate::report::plain;
use crate::walk::OpenIndex;
use crate::wiring;

/// Longest line of a file of questions, in bytes.
const LINE_MAX: usize = 64 << 10;

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    question: String,
}

#[derive(Serialize)]
struct Ranking<'a> {
    id: &'a serde_json::Value,
    tables: Vec<String>,
}

/// Answers one question, or a file of them.
pub(super) async fn run(verb: &SearchVerb, config: &Config, output: Output) -> Result<Exit> {
    let stores = wiring::existing_stores(config).await?;
    let searcher = stores.index.open()?;
    let k = usize::from(verb.k);
    if let Some(path) = &verb.questions {
        return answer_file(&searcher, path, k).await;
    }
    let hits = searcher.search(verb.question.as_deref().unwrap_or_default(), k).await?;
    if output == Output::Json {
        print_json(&hits)?;
        return Ok(Exit::Done);
    }
    let mut lines = String::new();
    if hits.is_empty() {
        lines.push_str("no table has a word of the question\n");
    }
    let ledger = stores.ledger.port();
    for hit in &hits {
        let draft = ledger.state(&hit.id).await?.and_then(|s| s.draft);
        // Only what was found by: a draft that waits for a steward is not in the index.
        let text = draft.map(|d| d.text).filter(|text| hit.text.contains(text.as_str()));
        let text = text.as_deref().unwrap_or("no description published");
        lines.push_str(&format!("{:.3}  {}\n       {}\n", hit.score, plain(&hit.fqn.to_string()), plain(text)));
    }
    std::io::stdout().lock().write_all(lines.as_bytes()).map_err(output_failed)?;
    Ok(Exit::Done)
}

async fn answer_file(searcher: &OpenIndex, path: &Path, k: usize) -> Result<Exit> {
    let unreadable = |why: String, line: usize| {
        Error::new(ErrorKind::InvalidInput, "read_questions", why)
            .with("path", path.display())
            .with("line", line)
            .hint("each line must be a JSON object with \"id\" and \"question\"")
    };
    let file = std::fs::File::open(path).map_err(|e| unreadable(e.kind().to_string(), 0))?;
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|e| unreadable(e.kind().to_string(), number + 1))?;
        if line.trim().is_empty() {
            continue;
        }
        if line.len() > LINE_MAX {
            return Err(unreadable(format!("the line is longer than {LINE_MAX} bytes"), number + 1));
        }
        let question: Question =
            serde_json::from_str(&line).map_err(|_| unreadable("the line is no question".to_owned(), number + 1))?;
        let hits = searcher.search(&question.question, k).await?;
        let ranking = Ranking { id: &question.id, tables: hits.iter().map(|h| h.fqn.to_string()).collect() };
        let text = serde_json::to_string(&ranking).map_err(|e| {
            Error::new(ErrorKind::Internal, "write_json", "a ranking cannot be serialised").caused_by(e)
        })?;
        writeln!(std::io::stdout().lock(), "{text}").map_err(output_failed)?;
    }
    Ok(Exit::Done)
}
