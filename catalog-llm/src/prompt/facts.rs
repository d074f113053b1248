//! The evidence as short lines of facts.

use std::fmt::Write;

use catalog_core::model::{Column, ColumnProfile, DescribeRequest, Fqn, Neighbour, PromptSample, Spelling, TableKind};

use super::clean::{clean, quoted, quoted_shape};
use super::{PromptOptions, operator, refused};

/// Longest name, in characters.
pub(super) const NAME_CHARS_MAX: usize = 80;
/// Longest comment or description, in characters.
pub(super) const TEXT_CHARS_MAX: usize = 200;
/// Longest public code, in characters (promise I4).
pub(super) const CODE_CHARS_MAX: usize = 32;
/// Most public codes told of a column.
const CODES_MAX: usize = 8;
/// Most keys, most neighbours.
const RELATIONS_MAX: usize = 12;
/// Most siblings.
const SIBLINGS_MAX: usize = 6;
/// A column with more empty cells than this says so.
const EMPTY_SHARE_TOLD: f64 = 0.05;

/// All facts, one a line. Every name and text is cleaned, capped and quoted.
pub(super) fn facts(request: &DescribeRequest<'_>, options: PromptOptions) -> String {
    let chosen = chosen_columns(request, options.columns_max);
    let mut out = facts_of(request, &chosen, options);
    operator::add_lines(&mut out, request);
    refused::add_lines(&mut out, request);
    out
}

/// The facts of the table with the chosen columns alone; the others are counted.
pub(super) fn facts_of(request: &DescribeRequest<'_>, chosen: &[usize], options: PromptOptions) -> String {
    let table = request.table;
    let mut out = String::new();
    let kind = match table.kind {
        TableKind::Table => "table",
        TableKind::View => "view",
        TableKind::MaterializedView => "materialised view",
        TableKind::External => "external table",
    };
    let spelling = Spelling::of(request.context.glossary, table.fqn());
    line(&mut out, format_args!("{kind} {}", named(table.fqn().name(), &spelling)));
    if let Some(comment) = &table.description {
        line(&mut out, format_args!("comment: {}", quoted(&comment.text, TEXT_CHARS_MAX)));
    }
    line(&mut out, format_args!("columns:"));
    for &at in chosen.iter().filter(|at| **at < table.columns.len()) {
        line(&mut out, format_args!("- {}", column(request, at, &spelling)));
    }
    if chosen.len() < table.columns.len() {
        line(&mut out, format_args!("- and {} more", table.columns.len() - chosen.len()));
    }
    relations(&mut out, request, &spelling);
    if let Some(sample) = request.sample {
        rows(&mut out, sample, chosen, options.rows_max);
    }
    out
}

pub(super) fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

/// The places of the columns that a prompt tells one by one, in the table's order: all when they fit, else the most
/// telling ones.
pub fn chosen_columns(request: &DescribeRequest<'_>, columns_max: usize) -> Vec<usize> {
    let columns = &request.table.columns;
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(worth(request, at, &columns[at])), at));
    order.truncate(columns_max);
    order.sort_unstable();
    order
}

/// How much a column tells: keys, public codes and comments most, columns of mere NULLs and of the machinery least.
fn worth(request: &DescribeRequest<'_>, at: usize, column: &Column) -> u32 {
    let name = column.name.to_lowercase();
    let machinery = ["etl_", "_sdc", "created_", "updated_", "modified_", "load_", "batch_", "row_"];
    let keyed = request.keys.iter().any(|key| key.outgoing && key.columns.contains(&column.name));
    let coded = request.public_codes.get(at).is_some_and(|codes| !codes.is_empty());
    let readable = column.name.chars().filter(|c| c.is_alphabetic()).count() >= 3;
    let empty = profile_of(request, at).and_then(|p| p.null_ratio).is_some_and(|ratio| ratio >= 1.0);
    let mut worth = 4;
    worth += 4 * u32::from(keyed) + 3 * u32::from(coded) + 3 * u32::from(column.description.is_some());
    worth += u32::from(readable);
    worth -= 2 * u32::from(empty) + 2 * u32::from(machinery.iter().any(|mark| name.starts_with(mark)));
    worth
}

fn profile_of<'a>(request: &DescribeRequest<'a>, at: usize) -> Option<&'a ColumnProfile> {
    request.profile.and_then(|profile| profile.columns.get(at))
}

/// The name in quotes, and what the operator's glossary makes of it.
fn named(name: &str, spelling: &Spelling<'_>) -> String {
    let quoted_name = quoted(name, NAME_CHARS_MAX);
    match spelling.spell(name) {
        Some(words) => format!("{quoted_name}, short for {}", quoted(&words, NAME_CHARS_MAX)),
        None => quoted_name,
    }
}

fn column(request: &DescribeRequest<'_>, at: usize, spelling: &Spelling<'_>) -> String {
    let column = &request.table.columns[at];
    let mut facts = vec![format!("{}: {}", named(&column.name, spelling), column.data_type.as_str())];
    if let Some(profile) = profile_of(request, at) {
        match profile.null_ratio {
            Some(ratio) if ratio >= 1.0 => facts.push("always empty".to_owned()),
            Some(ratio) if ratio > EMPTY_SHARE_TOLD => facts.push(format!("{:.0} % empty", ratio * 100.0)),
            _ => {}
        }
        if profile.unique {
            facts.push("unique".to_owned());
        }
        if let Some(range) = &profile.range {
            facts.push(format!("from {} to {}", clean(&range.p5, CODE_CHARS_MAX), clean(&range.p95, CODE_CHARS_MAX)));
        }
        if let Some(shape) = profile.shapes.first().filter(|shape| profile.range.is_none() && shape.share >= 0.5) {
            facts.push(format!("shape {}", quoted_shape(&shape.shape, CODE_CHARS_MAX)));
        }
    }
    let codes = request.public_codes.get(at).map_or(&[][..], Vec::as_slice);
    if !codes.is_empty() {
        let told: Vec<String> = codes.iter().take(CODES_MAX).map(|code| quoted(code, CODE_CHARS_MAX)).collect();
        facts.push(format!("values {}", told.join(" ")));
    }
    let verdict = request.verdicts.iter().find(|v| v.column == column.name && v.any_yes());
    if let Some(entity) = verdict.and_then(|v| v.entity) {
        facts.push(format!("personal data {}", entity.as_str()));
    }
    if let Some(comment) = &column.description {
        facts.push(format!("comment {}", quoted(&comment.text, TEXT_CHARS_MAX)));
    }
    facts.join(", ")
}

fn relations(out: &mut String, request: &DescribeRequest<'_>, spelling: &Spelling<'_>) {
    for key in request.keys.iter().take(RELATIONS_MAX) {
        let verb = if key.outgoing { "refers to" } else { "is referred to by" };
        let columns: Vec<String> = key.columns.iter().take(4).map(|c| quoted(c, NAME_CHARS_MAX)).collect();
        let by = columns.join(" and ");
        line(out, format_args!("{verb} {} by {by}", named(key.other.name(), spelling)));
    }
    let upstream = |fqn: &Fqn| request.table.upstream.contains(fqn);
    for neighbour in request.neighbours.iter().take(RELATIONS_MAX) {
        neighbour_line(out, if upstream(&neighbour.fqn) { "made from" } else { "near" }, neighbour);
    }
    let known = |fqn: &Fqn| request.neighbours.iter().any(|neighbour| neighbour.fqn == *fqn);
    let described = request.context.siblings.iter().filter(|s| s.description.is_some() && !known(&s.fqn));
    for sibling in described.filter(|s| s.fqn != *request.table.fqn()).take(SIBLINGS_MAX) {
        neighbour_line(out, "beside", sibling);
    }
}

fn neighbour_line(out: &mut String, relation: &str, neighbour: &Neighbour) {
    let name = quoted(neighbour.fqn.name(), NAME_CHARS_MAX);
    match &neighbour.description {
        Some(text) => line(out, format_args!("{relation} {name}: {}", quoted(text, TEXT_CHARS_MAX))),
        None => line(out, format_args!("{relation} {name}")),
    }
}

/// A few rows of placeholders and public codes, when they hold any code: placeholders alone tell nothing that the
/// column's facts do not.
fn rows(out: &mut String, sample: &PromptSample, chosen: &[usize], rows_max: usize) {
    let placeholder = |cell: &str| {
        cell.strip_prefix('<').and_then(|c| c.strip_suffix('>')).is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
        })
    };
    let coded = |row: &&Vec<String>| chosen.iter().filter_map(|&at| row.get(at)).any(|cell| !placeholder(cell));
    for row in sample.rows().iter().filter(coded).take(rows_max) {
        let cells: Vec<String> = chosen
            .iter()
            .filter_map(|&at| row.get(at))
            .map(|cell| if placeholder(cell) { clean(cell, CODE_CHARS_MAX) } else { quoted(cell, CODE_CHARS_MAX) })
            .collect();
        line(out, format_args!("row: {}", cells.join(" ")));
    }
}
