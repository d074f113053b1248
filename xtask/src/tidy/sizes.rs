//! Files and functions that fit into a head.

use super::files::SourceFile;
use super::{Finding, code, finding};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    if !file.is_rust() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let lines = file.text.lines().count();
    if lines > FILE_LINES_MAX {
        let advice = format!("{lines} lines, the limit is {FILE_LINES_MAX}: split it by idea");
        found.push(finding(file, FILE_LINES_MAX + 1, "file-size", advice));
    }
    for (name, span) in code::functions(&file.code) {
        if span.lines() > FUNCTION_LINES_MAX {
            let advice = format!("{name} has {} lines, the limit is {FUNCTION_LINES_MAX}: split it", span.lines());
            found.push(finding(file, span.first, "function-size", advice));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_or_function_over_its_limit_is_found() {
        let long = format!("fn long() {{\n{}}}\nfn short() {{}}\n", "    step();\n".repeat(69));
        let found = check(&SourceFile::new("a/src/b.rs", long));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].rule, found[0].line), ("function-size", 1));
        let found = check(&SourceFile::new("a/src/b.rs", "// line\n".repeat(501)));
        assert_eq!(found[0].rule, "file-size");
    }

    #[test]
    fn the_limits_themselves_are_fine() {
        let fine = format!("fn long() {{\n{}}}\n", "    step();\n".repeat(68));
        assert!(check(&SourceFile::new("a/src/b.rs", fine)).is_empty());
        assert!(check(&SourceFile::new("a/src/b.rs", "// line\n".repeat(500))).is_empty());
        assert!(check(&SourceFile::new("a.html", "line\n".repeat(900))).is_empty());
    }
}
