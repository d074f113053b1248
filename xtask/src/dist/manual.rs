//! The manual page, made from the program's own help.

use std::fmt::Write as _;

use crate::Result;

/// The page in troff; `say` runs the program.
///
/// # Errors
/// When the program does not print its help.
pub(super) fn page(say: impl Fn(&[&str]) -> Result<String>) -> Result<String> {
    let help = say(&["--help"])?;
    let version = say(&["--version"])?;
    let mut page = format!(".TH CATALOG-SYNCD 1 \"\" \"{}\"\n.SH NAME\ncatalog\\-syncd\n", version.trim());
    section(&mut page, "DESCRIPTION", &help)?;
    for verb in verbs(&help) {
        section(&mut page, &verb.to_uppercase(), &say(&[verb, "--help"])?)?;
    }
    Ok(page)
}

fn section(page: &mut String, title: &str, text: &str) -> Result<()> {
    writeln!(page, ".SH {title}\n.nf")?;
    for line in text.lines() {
        writeln!(page, "{}", escaped(line))?;
    }
    writeln!(page, ".fi")?;
    Ok(())
}

/// A line that troff prints as it is: a dot or a quote at its start would be an order.
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
}

/// The verbs in the list of the help, but `help` itself.
fn verbs(help: &str) -> Vec<&str> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    list.filter_map(|line| line.split_whitespace().next()).filter(|verb| *verb != "help").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_has_its_part_and_no_line_is_an_order() {
        let page = page(|arguments| {
            Ok(match arguments {
                ["--help"] => "Commands:\n  run   Runs\n  help  Helps\n\nOptions:\n".to_owned(),
                ["--version"] => "p 1".to_owned(),
                _ => ".not an order\n".to_owned(),
            })
        });
        let page = page.unwrap();
        assert!(page.contains(".SH RUN\n.nf\n\\&.not an order"), "{page}");
        assert!(!page.contains(".SH HELP"));
    }
}
