//! A text to its normal form and facts, remembered by what is left of it without literals.

use std::collections::HashMap;
use std::sync::Arc;

use catalog_core::model::{QueryEvent, SkipReason};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::options::MinerOptions;
use crate::normal_form::{Masked, NormalForm, mask, rename_aliases};
use crate::resolve::{Facts, Schema, Session, read_statements};
use crate::sql;

/// Texts with more tokens than this are parsed on a thread with a large stack: a chain of operators is a deep tree.
const TOKENS_ON_THIS_STACK_MAX: usize = 1_200;

/// The same for texts with deeper parentheses than this.
const DEPTH_ON_THIS_STACK_MAX: usize = 20;

/// The stack of such a thread; only the part that is used takes memory.
const LARGE_STACK_BYTES: usize = 256 * 1024 * 1024;

/// What a text teaches, whatever its literals.
pub(super) struct Analysis {
    pub(super) facts: Facts,
    pub(super) normal_form: NormalForm,
    pub(super) fingerprint: [u8; 32],
}

type Outcome = Result<Arc<Analysis>, SkipReason>;

/// Remembers analyses by normal form and session, so that a query that runs every minute is parsed once.
pub(super) struct Analyses {
    known: HashMap<[u8; 32], Outcome>,
    most: usize,
}

impl Analyses {
    pub(super) fn new(most: usize) -> Self {
        Self { known: HashMap::new(), most }
    }

    pub(super) fn of(
        &mut self,
        event: &QueryEvent,
        schema: &Schema,
        session: &Session,
        options: &MinerOptions,
    ) -> Outcome {
        if event.sql.len() > options.sql_bytes_max {
            return Err(SkipReason::TooLong);
        }
        let tokens = sql::tokenize(&event.sql)?;
        let masked = mask(&tokens);
        let shape = masked.render().sql;
        let mut hasher = blake3::Hasher::new();
        hasher.update(shape.as_bytes());
        session.feed(&mut hasher);
        let key = *hasher.finalize().as_bytes();
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let outcome = analyse(tokens, masked, schema, session).map(Arc::new);
        if shape.len() <= options.normal_form_bytes_max {
            // Starting over is simple and costs one parse of each text that is still in use.
            if self.known.len() >= self.most {
                self.known.clear();
            }
            self.known.insert(key, outcome.clone());
        }
        outcome
    }
}

fn analyse(
    tokens: Vec<TokenWithSpan>,
    masked: Masked,
    schema: &Schema,
    session: &Session,
) -> Result<Analysis, SkipReason> {
    if tokens.len() <= TOKENS_ON_THIS_STACK_MAX && nesting(&tokens) <= DEPTH_ON_THIS_STACK_MAX {
        return analyse_here(tokens, masked, schema, session);
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("parse-long-query".to_owned())
            .stack_size(LARGE_STACK_BYTES)
            .spawn_scoped(scope, || analyse_here(tokens, masked, schema, session))
            .ok()
            .and_then(|thread| thread.join().ok())
            // No thread, or a parser that panicked: nothing was learnt, and the log goes on.
            .unwrap_or(Err(SkipReason::Unparseable))
    })
}

/// How deep the parentheses go.
fn nesting(tokens: &[TokenWithSpan]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for token in tokens {
        match token.token {
            Token::LParen | Token::LBracket => depth += 1,
            Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn analyse_here(
    tokens: Vec<TokenWithSpan>,
    mut masked: Masked,
    schema: &Schema,
    session: &Session,
) -> Result<Analysis, SkipReason> {
    let statements = sql::parse(tokens)?;
    let facts = read_statements(&statements, schema, session).ok_or(SkipReason::NotARead)?;
    if facts.tables.is_empty() {
        return Err(SkipReason::UnknownTables);
    }
    rename_aliases(&mut masked, &statements);
    let normal_form = masked.render();
    let fingerprint = *blake3::hash(normal_form.sql.as_bytes()).as_bytes();
    Ok(Analysis { facts, normal_form, fingerprint })
}
