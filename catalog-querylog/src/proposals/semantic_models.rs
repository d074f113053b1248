//! Semantic models on a read-only mount: the fragment for a domain's file and the diff, never a write.

use std::fs;
use std::path::PathBuf;

use catalog_core::{Error, ErrorKind, Result};

use super::verified_query::VerifiedQuery;

/// Largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Lines around a change that a diff shows.
const CONTEXT: usize = 3;

const KEY: &str = "verified_queries:";

/// A folder with one `<domain>.yaml` a domain. Nothing is ever written to it.
#[derive(Debug, Clone)]
pub struct SemanticModels {
    folder: PathBuf,
}

/// What a steward copies into the domain's semantic model, or applies with `patch -p1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlProposal {
    /// The file's name in the folder.
    pub file: String,
    /// `verified_queries:` with the entry.
    pub fragment: String,
    /// A unified diff against the file as it is; one that creates the file when there is none. Empty when the entry is
    /// there.
    pub diff: String,
    /// Is the query in the file already?
    pub already_there: bool,
}

impl SemanticModels {
    /// The models in that folder, which may be missing: then every diff creates its file.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The fragment and the diff of a query for a domain.
    ///
    /// # Errors
    /// `InvalidInput` for a domain's name that is no file name (letters, digits, `-`, `_`), or one whose file lies outside
    /// the folder; `Corrupt` when the file is not UTF-8, `LimitExceeded` when it is larger than 4 MiB, `Unsupported` when
    /// its `verified_queries` are written in one line.
    pub fn proposal(&self, domain: &str, query: &VerifiedQuery) -> Result<YamlProposal> {
        let (file, text) = self.read(domain)?;
        let fragment = format!("{KEY}\n{}\n", query.yaml_lines(2).join("\n"));
        let Some(text) = text else {
            let added: Vec<String> = fragment.lines().map(str::to_owned).collect();
            let diff = Hunk { file: &file, old: None, at: 0, replaced: 0, added: &added }.print();
            return Ok(YamlProposal { file, fragment, diff, already_there: false });
        };
        if text.contains(&query.mark()) {
            return Ok(YamlProposal { file, fragment, diff: String::new(), already_there: true });
        }
        let lines: Vec<&str> = text.split_terminator('\n').collect();
        let place = place(&lines).map_err(|error| error.with("file", &file))?;
        let mut query = query.clone();
        query.name = free_name(&query.name, &lines);
        let mut added: Vec<String> = place.key.iter().cloned().collect();
        added.extend(query.yaml_lines(place.indent));
        let old = Some(text.as_str());
        let diff = Hunk { file: &file, old, at: place.at, replaced: place.replaced, added: &added }.print();
        Ok(YamlProposal { file, fragment, diff, already_there: false })
    }

    fn read(&self, domain: &str) -> Result<(String, Option<String>)> {
        let refuse = |kind, why: &str| Error::new(kind, "read_semantic_model", why).with("domain", domain);
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if domain.is_empty() || domain.len() > 100 || !domain.chars().all(fits) {
            return Err(refuse(ErrorKind::InvalidInput, "the domain's name cannot name a file")
                .hint("use letters, digits, - and _ in the names of domains"));
        }
        let names =
            [domain.to_lowercase(), domain.to_owned()].map(|stem| [format!("{stem}.yaml"), format!("{stem}.yml")]);
        let names: Vec<String> = names.into_iter().flatten().collect();
        let Some(name) = names.iter().find(|name| self.folder.join(name).is_file()) else {
            return Ok((names[0].clone(), None));
        };
        let path = self.folder.join(name);
        let unreadable = |_| refuse(ErrorKind::Unavailable, "the file cannot be read").with("file", name);
        // A link that leads out of the folder would show another file to whoever may see proposals.
        let real = path.canonicalize().map_err(unreadable)?;
        let folder = self.folder.canonicalize().map_err(unreadable)?;
        if !real.starts_with(&folder) {
            return Err(refuse(ErrorKind::InvalidInput, "the file lies outside the folder").with("file", name));
        }
        if fs::metadata(&real).map_err(unreadable)?.len() > FILE_BYTES_MAX {
            return Err(refuse(ErrorKind::LimitExceeded, "the file is larger than 4 MiB").with("file", name));
        }
        let bytes = fs::read(&real).map_err(unreadable)?;
        let text = String::from_utf8(bytes)
            .map_err(|_| refuse(ErrorKind::Corrupt, "the file is not UTF-8").with("file", name))?;
        Ok((name.clone(), Some(text)))
    }
}

/// Where the entry goes.
struct Place {
    /// Before this line, counted from 0.
    at: usize,
    /// So many lines from there are replaced.
    replaced: usize,
    /// The key, where the file has none yet.
    key: Option<String>,
    indent: usize,
}

/// Behind the last entry of the top-level list; at the end of the file when there is no such list.
fn place(lines: &[&str]) -> Result<Place> {
    let Some(key) = lines.iter().position(|line| line.starts_with(KEY)) else {
        let at = lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
        return Ok(Place { at, replaced: 0, key: Some(KEY.to_owned()), indent: 2 });
    };
    let value = lines[key][KEY.len()..].split('#').next().unwrap_or_default().trim();
    if matches!(value, "[]" | "null" | "~") {
        return Ok(Place { at: key, replaced: 1, key: Some(KEY.to_owned()), indent: 2 });
    }
    if !value.is_empty() {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "read_semantic_model",
            "verified_queries is written in one line",
        )
        .hint("write it as a list over several lines, or copy the fragment by hand"));
    }
    let mut indent = None;
    let mut end = key + 1;
    for (i, line) in lines.iter().enumerate().skip(key + 1) {
        let depth = line.len() - line.trim_start().len();
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let is_entry = line.trim_start().starts_with("- ");
        if depth == 0 && !is_entry {
            break;
        }
        indent = indent.or(is_entry.then_some(depth));
        end = i + 1;
    }
    Ok(Place { at: end, replaced: 0, key: None, indent: indent.unwrap_or(2) })
}

/// The name, with a number behind it when the file has an entry of that name.
fn free_name(name: &str, lines: &[&str]) -> String {
    let taken = |name: &str| {
        lines.iter().any(|line| {
            let value = line.trim_start().trim_start_matches("- ").strip_prefix("name:");
            value.is_some_and(|value| value.trim().trim_matches(['"', '\'']) == name)
        })
    };
    let mut free = name.to_owned();
    for number in 2..1_000 {
        if !taken(&free) {
            break;
        }
        free = format!("{name}_{number}");
    }
    free
}

/// A change of one place of a file.
struct Hunk<'a> {
    file: &'a str,
    /// The file's text; `None` when there is no file.
    old: Option<&'a str>,
    /// Before this line, counted from 0,
    at: usize,
    /// so many lines go,
    replaced: usize,
    /// and these come.
    added: &'a [String],
}

impl Hunk<'_> {
    /// In the unified format.
    fn print(&self) -> String {
        let lines: Vec<&str> = self.old.unwrap_or_default().split_terminator('\n').collect();
        let open_end = self.old.is_some_and(|text| !text.is_empty() && !text.ends_with('\n'));
        let (from, behind) = (self.at.saturating_sub(CONTEXT), self.at + self.replaced);
        let to = (behind + CONTEXT).min(lines.len());
        let (before, after) = (to - from, to - from - self.replaced + self.added.len());
        let start = |count: usize| if count == 0 { 0 } else { from + 1 };
        let old = self.old.map_or_else(|| "/dev/null".to_owned(), |_| format!("a/{}", self.file));
        let mut out = format!("--- {old}\n+++ b/{}\n", self.file);
        out.push_str(&format!("@@ -{},{before} +{},{after} @@\n", start(before), start(after)));
        for (i, line) in lines.iter().enumerate().take(to).skip(from) {
            // A last line without an end gets one when something comes behind it.
            let unended = open_end && i + 1 == lines.len();
            let goes = (self.at..behind).contains(&i) || (unended && behind == lines.len());
            push(&mut out, if goes { '-' } else { ' ' }, line);
            if unended {
                out.push_str("\\ No newline at end of file\n");
            }
            if goes && !(self.at..behind).contains(&i) {
                push(&mut out, '+', line);
            }
            if i + 1 == self.at.max(behind) {
                self.added.iter().for_each(|line| push(&mut out, '+', line));
            }
        }
        if self.at == 0 && self.replaced == 0 {
            self.added.iter().for_each(|line| push(&mut out, '+', line));
        }
        out
    }
}

fn push(out: &mut String, mark: char, line: &str) {
    out.push(mark);
    out.push_str(line);
    out.push('\n');
}
