//! The prompt that asks which columns are personal, from masked evidence.

use catalog_core::model::{ColumnEvidence, PiiEvidence};
use serde_json::json;

use super::clean::{is_tellable, quoted, quoted_shape};
use super::facts::{CODE_CHARS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX, line};
use super::{Fence, Prompt, cut, schema};
use crate::voter::KINDS;

/// Version of the instructions in `prompts/pii-1.md`.
pub const PERSONAL_VERSION: &str = "pii-1";

/// Most masked cells shown of a column.
const CELLS_MAX: usize = 3;
/// Hits below this share are noise.
const HIT_SHARE_TOLD: f64 = 0.05;

/// The prompt that asks about the columns at these places of the evidence. It holds masked cells only, and leaves out
/// columns whose name itself looks like a value.
pub fn judge_columns(evidence: &PiiEvidence, columns: &[usize], fence: &Fence) -> Prompt {
    let mut data = String::new();
    line(&mut data, format_args!("table {}", quoted(&evidence.table_name, NAME_CHARS_MAX)));
    line(&mut data, format_args!("columns:"));
    let mut names = Vec::new();
    for &at in columns {
        let Some(column) = evidence.columns.get(at).filter(|c| is_tellable(&c.name, NAME_CHARS_MAX)) else { continue };
        names.push(column.name.as_str());
        line(&mut data, format_args!("- {}", facts(column, &cells(evidence, at))));
    }
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.as_str()).chain(["OTHER"]).collect();
    let properties = json!({"personal": {"enum": ["yes", "no", "unsure"]}, "kind": {"enum": kinds}});
    Prompt {
        system: include_str!("../../prompts/pii-1.md").to_owned(),
        user: fence.around(&cut(data)),
        schema: schema::columns(&names, properties),
        version: PERSONAL_VERSION,
    }
}

fn facts(column: &ColumnEvidence, cells: &[String]) -> String {
    let mut facts = vec![format!("{}: {}", quoted(&column.name, NAME_CHARS_MAX), column.data_type.as_str())];
    let shapes = column.profile.iter().flat_map(|profile| &profile.shapes);
    if let Some(shape) = shapes.clone().next().filter(|shape| shape.share >= 0.3) {
        facts.push(format!("shape {}", quoted_shape(&shape.shape, CODE_CHARS_MAX)));
    }
    for hit in column.hits.iter().filter(|hit| hit.inside_share.max(hit.whole_cell_share) >= HIT_SHARE_TOLD) {
        let share = hit.inside_share.max(hit.whole_cell_share) * 100.0;
        facts.push(format!("{share:.0} % look like {}", hit.entity.as_str()));
    }
    if !cells.is_empty() {
        facts.push(format!("cells {}", cells.join(" ")));
    }
    if let Some(text) = &column.description {
        facts.push(format!("comment {}", quoted(text, TEXT_CHARS_MAX)));
    }
    facts.join(", ")
}

/// The first different masked cells of a column.
fn cells(evidence: &PiiEvidence, at: usize) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for cell in evidence.masked.rows().iter().filter_map(|row| row.get(at)) {
        let text = quoted(cell, CODE_CHARS_MAX);
        if text.len() > 2 && !told.contains(&text) {
            told.push(text);
        }
        if told.len() >= CELLS_MAX {
            break;
        }
    }
    told
}
