//! What the operator says: domains in the instructions, glossary and accepted examples beside the facts.

use std::fmt::Write;

use catalog_core::model::{DescribeRequest, Language};

use super::clean::{clean, quoted};
use super::facts::{NAME_CHARS_MAX, TEXT_CHARS_MAX, line};
use crate::words::{Lexicon, words_of};

/// Most domains that a table can be placed in.
const DOMAINS_MAX: usize = 30;
/// Most example tables told of a domain.
const DOMAIN_EXAMPLES_MAX: usize = 5;
/// Longest instruction of a domain, in characters.
const INSTRUCTION_CHARS_MAX: usize = 400;
/// Most terms of the glossary told of one table.
const TERMS_MAX: usize = 20;
/// Most accepted descriptions shown.
const EXAMPLES_MAX: usize = 3;
/// Most columns named of an accepted description.
const EXAMPLE_COLUMNS_MAX: usize = 12;

/// Appends the operator's domains to the instructions. They come from the configuration, not from a catalog.
pub(super) fn add_domains(system: &mut String, request: &DescribeRequest<'_>) {
    let domains = request.context.domains;
    if domains.is_empty() {
        return;
    }
    system.push_str(match request.language {
        Language::En => {
            "\nAdd \"domain\": the one of these that the table belongs to, or \"none\". Answer with JSON alone: \
             {\"description\": \"<the sentence>\", \"domain\": \"<the name>\"}\n"
        }
        Language::Fr => {
            "\nAjoute \"domain\" : celui d'entre eux auquel appartient la table, ou \"none\". Réponds par du JSON \
             seul : {\"description\": \"<la phrase>\", \"domain\": \"<le nom>\"}\n"
        }
    });
    for domain in domains.iter().take(DOMAINS_MAX) {
        let mut text = format!(
            "- {}: {}",
            quoted(&domain.name, NAME_CHARS_MAX),
            clean(&domain.description, INSTRUCTION_CHARS_MAX)
        );
        let tables: Vec<String> =
            domain.examples.iter().take(DOMAIN_EXAMPLES_MAX).map(|t| quoted(t, NAME_CHARS_MAX)).collect();
        if !tables.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(text, " ({})", tables.join(", "));
        }
        if !domain.instructions.trim().is_empty() {
            let _ = write!(text, " {}", clean(&domain.instructions, INSTRUCTION_CHARS_MAX));
        }
        line(system, format_args!("{text}"));
    }
}

/// The terms of the glossary that occur in the table's names, and accepted descriptions of tables like it.
pub(super) fn add_lines(out: &mut String, request: &DescribeRequest<'_>) {
    let names = request.table.columns.iter().map(|column| column.name.as_str());
    let lexicon = Lexicon::of(names.chain([request.table.fqn().name()]));
    let fqn = request.table.fqn();
    let occurs = |term: &str| {
        let words = words_of(term);
        !words.is_empty() && words.iter().all(|word| lexicon.has(word))
    };
    // A meaning of few words stands beside the names that it spells out.
    let explaining = request.context.glossary.iter().filter(|entry| !entry.spells());
    let told = explaining.map(|entry| (entry.word_in(fqn), &entry.meaning)).filter(|(term, _)| occurs(term));
    for (term, meaning) in told.take(TERMS_MAX) {
        let (term, meaning) = (quoted(term, NAME_CHARS_MAX), quoted(meaning, TEXT_CHARS_MAX));
        line(out, format_args!("glossary: {term} means {meaning}"));
    }
    let others = request.context.examples.iter().filter(|example| example.fqn != *fqn);
    for example in others.take(EXAMPLES_MAX) {
        let columns: Vec<String> =
            example.columns.iter().take(EXAMPLE_COLUMNS_MAX).map(|c| quoted(c, NAME_CHARS_MAX)).collect();
        line(
            out,
            format_args!(
                "accepted description of {} with {}: {}",
                quoted(example.fqn.name(), NAME_CHARS_MAX),
                columns.join(" "),
                quoted(&example.text, TEXT_CHARS_MAX)
            ),
        );
    }
}
