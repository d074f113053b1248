//! A text to its normal form and facts, remembered by what is left of it without literals.

use std::collections::HashMap;
use std::sync::Arc;

use catalog_core::model::{QueryEvent, SkipReason};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::options::MinerOptions;
use super::public_codes::{CodeSlots, PublicCodes};
use crate::normal_form::{FullName, Masked, NormalForm, doubtful_quotes, mask, qualify, rename_aliases};
use crate::resolve::{Facts, Schema, Session, read_statements};
use crate::sql;

/// Texts with more tokens than this are parsed on a thread with a large stack: a chain of operators is a deep tree.
const TOKENS_ON_THIS_STACK_MAX: usize = 1_200;

/// The same for texts with deeper parentheses than this.
const DEPTH_ON_THIS_STACK_MAX: usize = 20;

/// The stack of such a thread; only the part that is used takes memory.
const LARGE_STACK_BYTES: usize = 256 * 1024 * 1024;

/// A normal form and its hash.
#[derive(Clone)]
pub(super) struct Form {
    pub(super) normal_form: NormalForm,
    pub(super) fingerprint: [u8; 32],
}

impl Form {
    pub(super) fn new(normal_form: NormalForm) -> Self {
        Self { fingerprint: *blake3::hash(normal_form.sql.as_bytes()).as_bytes(), normal_form }
    }
}

/// What a text teaches, whatever its literals.
pub(super) struct Analysis {
    pub(super) facts: Facts,
    /// Every literal a parameter.
    pub(super) plain: Form,
    /// Where a public code may stay; `None` where no literal is compared with a column that has some.
    slots: Option<CodeSlots>,
}

/// An analysis, and the form of this very text where it holds public codes.
pub(super) struct Analysed {
    pub(super) analysis: Arc<Analysis>,
    with_codes: Option<Form>,
}

impl Analysed {
    pub(super) fn form(&self) -> &Form {
        self.with_codes.as_ref().unwrap_or(&self.analysis.plain)
    }
}

type Outcome = Result<Arc<Analysis>, SkipReason>;

/// Remembers analyses by normal form and session, so that a query that runs every minute is parsed once.
pub(super) struct Analyses {
    known: HashMap<[u8; 32], Outcome>,
    most: usize,
}

/// What an analysis is made against.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) schema: &'a Schema,
    pub(super) codes: Option<&'a PublicCodes>,
    pub(super) options: &'a MinerOptions,
}

impl Analyses {
    pub(super) fn new(most: usize) -> Self {
        Self { known: HashMap::new(), most }
    }

    pub(super) fn of(
        &mut self,
        event: &QueryEvent,
        session: &Session,
        context: Context<'_>,
    ) -> Result<Analysed, SkipReason> {
        if event.sql.len() > context.options.sql_bytes_max {
            return Err(SkipReason::TooLong);
        }
        let tokens = sql::tokenize(&event.sql)?;
        let masked = mask(&tokens);
        let shape = masked.template().plain().sql;
        let mut hasher = blake3::Hasher::new();
        hasher.update(shape.as_bytes());
        session.feed(&mut hasher);
        let key = *hasher.finalize().as_bytes();
        if let Some(known) = self.known.get(&key) {
            return known.clone().map(|analysis| with_codes(analysis, &tokens, context));
        }
        let literals = if context.codes.is_some() { tokens.clone() } else { Vec::new() };
        let outcome = analyse(tokens, masked, session, context).map(Arc::new);
        if shape.len() <= context.options.normal_form_bytes_max {
            // Starting over is simple and costs one parse of each text that is still in use.
            if self.known.len() >= self.most {
                self.known.clear();
            }
            self.known.insert(key, outcome.clone());
        }
        outcome.map(|analysis| with_codes(analysis, &literals, context))
    }
}

fn with_codes(analysis: Arc<Analysis>, tokens: &[TokenWithSpan], context: Context<'_>) -> Analysed {
    let filled = match (&analysis.slots, context.codes) {
        (Some(slots), Some(codes)) => slots.fill(tokens, context.schema, codes).map(Form::new),
        _ => None,
    };
    Analysed { analysis, with_codes: filled }
}

fn analyse(
    tokens: Vec<TokenWithSpan>,
    masked: Masked,
    session: &Session,
    context: Context<'_>,
) -> Result<Analysis, SkipReason> {
    if tokens.len() <= TOKENS_ON_THIS_STACK_MAX && nesting(&tokens) <= DEPTH_ON_THIS_STACK_MAX {
        return analyse_here(tokens, masked, session, context);
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("parse-long-query".to_owned())
            .stack_size(LARGE_STACK_BYTES)
            .spawn_scoped(scope, || analyse_here(tokens, masked, session, context))
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
    session: &Session,
    context: Context<'_>,
) -> Result<Analysis, SkipReason> {
    let schema = context.schema;
    let statements = sql::parse(tokens)?;
    let mut facts = read_statements(&statements, schema, session).ok_or(SkipReason::NotARead)?;
    if facts.tables.is_empty() {
        return Err(SkipReason::UnknownTables);
    }
    facts.doubtful_names |= doubtful_quotes(&masked, |name| is_known(name, &facts, schema));
    rename_aliases(&mut masked, &statements);
    qualify(&mut masked, &full_names(&facts, schema));
    let template = masked.template();
    let plain = Form::new(template.plain());
    let slots = context.codes.and_then(|_| CodeSlots::new(template, &facts.compared));
    // What only this function needs is not remembered.
    (facts.names, facts.compared) = (Vec::new(), Vec::new());
    Ok(Analysis { facts, plain, slots })
}

/// Is the lower-case word a name of one of the statement's tables or of a column of theirs?
fn is_known(name: &str, facts: &Facts, schema: &Schema) -> bool {
    facts.tables.iter().any(|table| {
        let engine = schema.engine(*table);
        schema.column(*table, name).is_some()
            || [&engine.catalog, &engine.schema, &engine.table].into_iter().any(|part| part.to_lowercase() == name)
    })
}

/// The full names of the tables; those of an engine without catalogs stay as they are written.
fn full_names(facts: &Facts, schema: &Schema) -> Vec<FullName> {
    let full = facts.names.iter().filter_map(|named| {
        let engine = schema.engine(named.table);
        let parts = vec![engine.catalog.clone(), engine.schema.clone(), engine.table.clone()];
        let complete = parts.iter().all(|part| !part.is_empty());
        complete.then_some(FullName { at: named.at, written_parts: named.parts, parts })
    });
    full.collect()
}
