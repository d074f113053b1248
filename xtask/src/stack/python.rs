//! What the components written in Python share: pinned package lists and our own server scripts.

use std::fs;
use std::path::PathBuf;

use super::Stack;
use super::component::Facts;
use crate::Result;

/// The packages (`name==version`) of a list with one a line.
pub(super) fn requirements(list: &'static str) -> Vec<&'static str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The folder of the programs in a component's Python environment.
pub(super) fn bin(stack: &Stack, facts: &Facts) -> PathBuf {
    stack.installed(facts).join("python").join("bin")
}

/// Writes a component's server program beside its data.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn script(stack: &Stack, facts: &Facts, text: &str) -> Result<PathBuf> {
    let file = stack.data(facts.name)?.join("server.py");
    fs::write(&file, text)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_without_comments() {
        assert_eq!(requirements("# why\na==1\n\n b==2 \n"), ["a==1", "b==2"]);
    }
}
