//! Entity tags of newer servers.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::exchange::Answer;

/// The strong tag that GET sends: of the answer as it is projected, or of version and time on servers without that
/// fault.
pub(super) fn strong(entity: &Value, of_projection: bool) -> String {
    let hashed =
        if of_projection { entity.to_string() } else { format!("{}-{}", entity["version"], entity["updatedAt"]) };
    let digest = Sha256::digest(hashed.as_bytes());
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// The weak tag of a version.
pub(super) fn weak(entity: &Value) -> String {
    format!("W/\"{}\"", entity["version"])
}

/// Holds the condition of `If-Match`?
///
/// # Errors
/// 412 when none of its tags fits.
pub(super) fn validate(if_match: &str, entity: &Value, of_projection: bool) -> Result<(), Answer> {
    // The server compares with a projection of its own, which no answer to a GET has.
    let current = if of_projection { strong(&Value::Array(vec![entity.clone()]), true) } else { strong(entity, false) };
    let fits = |tag: &str| tag == "*" || tag == current || tag == weak(entity);
    if if_match.split(',').map(str::trim).any(fits) {
        return Ok(());
    }
    let message = format!(
        "The entity has been modified. Current ETag: {current}. Please refresh and retry with the latest version."
    );
    Err(Answer::error(412, message))
}
