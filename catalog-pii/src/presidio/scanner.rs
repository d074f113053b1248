//! The sidecar as a scanner: distinct cells in batches, one language after the other.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use catalog_core::model::{EntityHits, PiiEntity, RawSample};
use catalog_core::ports::{RawScanner, ScanHits};
use catalog_core::{Error, ErrorKind, Result};
use catalog_net::{EgressPolicy, HttpClient, HttpOptions, HttpRequest, Method};
use serde_json::json;

use super::answer::Finding;
use crate::column_hits::{Coverage, cell_text, coverage};
use crate::recognisers::{Hit, Strength};
use crate::text::normalise;

/// How the sidecar is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct PresidioOptions {
    /// Languages to ask for, in Presidio's codes; a cell is what any of them finds.
    pub languages: Vec<String>,
    /// Cells of a column that are sent, each distinct text once.
    pub cells_max: usize,
    /// Bytes of a cell that are sent.
    pub cell_bytes_max: usize,
    /// Texts in one request.
    pub batch: usize,
    /// Findings below this score (0 to 1) do not count. Presidio gives a phone number 0.4.
    pub score_min: f64,
    /// The whole scan of a table takes no longer than this.
    pub deadline: Duration,
}

impl Default for PresidioOptions {
    /// English and French, 50 cells of 512 bytes a column, 100 a request, score 0.4, 60 seconds.
    fn default() -> Self {
        Self {
            languages: vec!["en".to_owned(), "fr".to_owned()],
            cells_max: 50,
            cell_bytes_max: 512,
            batch: 100,
            score_min: 0.4,
            deadline: Duration::from_secs(60),
        }
    }
}

/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// Scans with a Presidio analyzer on the loopback. Raw cells leave this process for it, so that it may run on no other
/// machine. Column names are not sent.
pub struct PresidioScanner {
    client: HttpClient,
    options: PresidioOptions,
}

impl PresidioScanner {
    /// A scanner that asks the analyzer at `base` (`http://127.0.0.1:5002`).
    ///
    /// # Errors
    /// `Forbidden` when the host is not this machine, or is not on the allow-list; `InvalidInput` when `base` is no
    /// address; `Configuration` when no language is named or a limit is 0.
    pub fn new(base: &str, policy: &EgressPolicy, options: PresidioOptions) -> Result<Self> {
        if options.languages.is_empty() || options.batch == 0 || options.cells_max == 0 {
            return Err(Error::new(
                ErrorKind::Configuration,
                "set_up_presidio",
                "a language and limits above 0 are needed",
            ));
        }
        let limits =
            HttpOptions { deadline: options.deadline, body_bytes_max: ANSWER_BYTES_MAX, ..HttpOptions::default() };
        let client = HttpClient::new(base, policy, limits)?;
        let host = client.base().host_str().unwrap_or_default().trim_matches(['[', ']']);
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if !here {
            return Err(Error::new(ErrorKind::Forbidden, "set_up_presidio", "raw cells may go to this machine alone")
                .with("host", host)
                .hint("run the analyzer beside the daemon, on 127.0.0.1"));
        }
        Ok(Self { client, options })
    }

    /// What is found in each text, in every language.
    async fn analyze(&self, texts: &[String]) -> Result<Vec<Vec<Finding>>> {
        let mut found: Vec<Vec<Finding>> = texts.iter().map(|_| Vec::new()).collect();
        for language in &self.options.languages {
            for (batch, into) in texts.chunks(self.options.batch).zip(found.chunks_mut(self.options.batch)) {
                let body = json!({ "text": batch, "language": language, "score_threshold": self.options.score_min });
                let request = HttpRequest::new("ask_presidio", Method::Post, "/analyze")
                    .json("application/json", &body)?
                    .repeatable();
                let answers: Vec<Vec<Finding>> = self.client.send(request).await?.require_success()?.json()?;
                if answers.len() != batch.len() {
                    return Err(Error::new(ErrorKind::Corrupt, "ask_presidio", "another number of answers than texts")
                        .with("texts", batch.len())
                        .with("answers", answers.len()));
                }
                for (all, answer) in into.iter_mut().zip(answers) {
                    all.extend(answer.into_iter().filter(|f| f.score >= self.options.score_min));
                }
            }
        }
        Ok(found)
    }
}

#[async_trait]
impl RawScanner for PresidioScanner {
    async fn scan(&self, sample: &RawSample) -> Result<Vec<ScanHits>> {
        // All rows are read before the first wait, so that a text is held once however often it stands there.
        let mut texts = Vec::new();
        let mut at: HashMap<String, usize> = HashMap::new();
        let columns: Vec<Vec<usize>> = (0..sample.column_names().count())
            .map(|i| {
                let cells = sample.cells(i).filter_map(cell_text).take(self.options.cells_max);
                let mut index = |text: String| {
                    *at.entry(text).or_insert_with_key(|text| {
                        texts.push(text.clone());
                        texts.len() - 1
                    })
                };
                cells.map(|text| index(normalise(text, self.options.cell_bytes_max).0.into_owned())).collect()
            })
            .collect();
        let scan = self.analyze(&texts);
        let found = tokio::time::timeout(self.options.deadline, scan)
            .await
            .map_err(|_| Error::new(ErrorKind::Timeout, "ask_presidio", "the scan of one table took too long"))??;
        Ok(columns.iter().map(|cells| count(cells, &texts, &found)).collect())
    }
}

/// The shares of one column, whose cells are places in `texts`.
fn count(cells: &[usize], texts: &[String], found: &[Vec<Finding>]) -> ScanHits {
    let share = |n: usize| n as f64 / cells.len().max(1) as f64;
    let mut hits = Vec::new();
    for entity in PiiEntity::ALL {
        let of = |cell: usize| spans(&texts[cell], &found[cell], entity);
        let (mut whole, mut inside, mut checksum) = (0, 0, true);
        for cell in cells {
            let spans = of(*cell);
            inside += usize::from(!spans.is_empty());
            whole += usize::from(coverage(&texts[*cell], &spans, entity) == Coverage::Whole);
            checksum &= spans.iter().all(|h| h.strength == Strength::Proven);
        }
        if inside > 0 {
            let (whole_cell_share, inside_share) = (share(whole), share(inside));
            hits.push(EntityHits { entity, whole_cell_share, inside_share, checksum, hinted_share: 0.0 });
        }
    }
    hits.sort_by_key(|h| h.entity);
    ScanHits { hits, cells_seen: cells.len() }
}

/// The findings of one entity as places in the text, without those that lie outside it or overlap another.
fn spans(text: &str, findings: &[Finding], entity: PiiEntity) -> Vec<Hit> {
    let byte = |characters: usize| match text.char_indices().nth(characters) {
        Some((at, _)) => Some(at),
        None => (text.chars().count() == characters).then_some(text.len()),
    };
    let mut spans: Vec<Hit> = Vec::new();
    for finding in findings.iter().filter(|f| f.entity() == Some(entity) && f.start < f.end) {
        let (Some(start), Some(end)) = (byte(finding.start), byte(finding.end)) else { continue };
        let strength = if finding.is_proven() { Strength::Proven } else { Strength::Strong };
        if spans.iter().all(|h| end <= h.start || h.end <= start) {
            spans.push(Hit { start, end, entity, strength });
        }
    }
    spans
}
