//! What stewards threw out, told as what not to write.

use catalog_core::model::{DescribeRequest, Language};

use super::clean::quoted;
use super::facts::{NAME_CHARS_MAX, TEXT_CHARS_MAX, line};

/// Most rejected descriptions shown.
const REFUSED_MAX: usize = 3;

/// Appends the rule about rejected descriptions, if there are any. It stands at the end, so that the instructions
/// before it are the same for every table and stay in a model server's cache. Was there any?
pub(super) fn add_rule(system: &mut String, request: &DescribeRequest<'_>) -> bool {
    if request.context.refused.is_empty() {
        return false;
    }
    system.push_str(match request.language {
        Language::En => include_str!("../../prompts/refused-1.en.md"),
        Language::Fr => include_str!("../../prompts/refused-1.fr.md"),
    });
    true
}

/// The rejected descriptions with the stewards' reasons. Reasons are typed by people: they are quoted, capped and
/// freed of addresses and long numbers as everything else between the boundaries.
pub(super) fn add_lines(out: &mut String, request: &DescribeRequest<'_>) {
    for refused in request.context.refused.iter().take(REFUSED_MAX) {
        line(
            out,
            format_args!(
                "rejected description of {}, because {}: {}",
                quoted(refused.fqn.name(), NAME_CHARS_MAX),
                quoted(&refused.reason, TEXT_CHARS_MAX),
                quoted(&refused.text, TEXT_CHARS_MAX)
            ),
        );
    }
}
