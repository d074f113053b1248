//! Just enough of Rust's grammar: what is code, where a block ends, which lines are tests.

/// Lines from 1, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: usize,
    pub(super) last: usize,
}

impl Span {
    pub(super) fn contains(self, line: usize) -> bool {
        (self.first..=self.last).contains(&line)
    }

    pub(super) fn lines(self) -> usize {
        self.last - self.first + 1
    }
}

/// The text with the inside of comments, strings and character literals replaced by spaces; line breaks stay.
pub(super) fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let end = literal_end(&chars, i).unwrap_or(i);
        if end == i {
            out.push(chars[i]);
            i += 1;
        } else {
            out.extend(chars[i..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            i = end;
        }
    }
    out
}

/// Where the comment or literal that starts at `i` ends; `None` when none starts there.
fn literal_end(chars: &[char], i: usize) -> Option<usize> {
    let at = |k: usize| chars.get(k).copied();
    let starts_word = i == 0 || !is_word(chars[i - 1]);
    match chars[i] {
        '/' if at(i + 1) == Some('/') => {
            Some(chars[i..].iter().position(|c| *c == '\n').map_or(chars.len(), |n| i + n))
        }
        '/' if at(i + 1) == Some('*') => Some(block_comment_end(chars, i)),
        '"' => Some(string_end(chars, i + 1)),
        'r' if starts_word => raw_string_end(chars, i + 1),
        'b' | 'c' if starts_word && at(i + 1) == Some('r') => raw_string_end(chars, i + 2),
        '\'' if at(i + 1) == Some('\\') => {
            Some((i + 3..chars.len()).find(|k| chars[*k] == '\'').map_or(chars.len(), |k| k + 1))
        }
        '\'' if at(i + 2) == Some('\'') => Some(i + 3),
        _ => None,
    }
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let (mut depth, mut i) = (0, start);
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                i += 1;
                continue;
            }
        }
        i += 2;
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], mut i: usize) -> usize {
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// `i` stands after the `r`.
fn raw_string_end(chars: &[char], i: usize) -> Option<usize> {
    let hashes = chars[i..].iter().take_while(|c| **c == '#').count();
    if chars.get(i + hashes) != Some(&'"') {
        return None;
    }
    let mut k = i + hashes + 1;
    while k < chars.len() {
        if chars[k] == '"' && chars[k + 1..].iter().take_while(|c| **c == '#').count() >= hashes {
            return Some(k + 1 + hashes);
        }
        k += 1;
    }
    Some(chars.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The functions with a body in blanked code: name and lines.
pub(super) fn functions(code: &str) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        if code[..at].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let name: String = code[at + 3..].trim_start().chars().take_while(|c| is_word(*c)).collect();
        if name.is_empty() {
            continue;
        }
        if let Some(end) = body_end(code, at) {
            found.push((name, span(code, at, end)));
        }
    }
    found
}

/// The modules under `#[cfg(test)]` in blanked code.
pub(super) fn test_modules(code: &str) -> Vec<Span> {
    let starts = code.match_indices("#[cfg(test)]").map(|(at, _)| at);
    starts.filter_map(|at| body_end(code, at + "#[cfg(test)]".len()).map(|end| span(code, at, end))).collect()
}

/// Where the block of the item that starts at `from` closes; `None` for an item that ends with a semicolon.
fn body_end(code: &str, from: usize) -> Option<usize> {
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    for (i, c) in code[from..].char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            ';' if braces == 0 && brackets == 0 => return None,
            '{' => braces += 1,
            '}' => {
                braces = braces.saturating_sub(1);
                if braces == 0 && brackets == 0 {
                    return Some(from + i);
                }
            }
            _ => {}
        }
    }
    None
}

fn span(code: &str, start: usize, end: usize) -> Span {
    let line = |at: usize| code[..at].matches('\n').count() + 1;
    Span { first: line(start), last: line(end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_code_stays() {
        let text =
            "let a = \"fn x() {\"; // }\nlet b = '}'; /* { /* { */ */ let c = r#\"}\"#; let d: &'a str = b\"\\\"}\";";
        let code = blank(text);
        assert_eq!(code.lines().count(), 2);
        assert!(!code.contains(['{', '}', '"']), "{code}");
        assert!(code.contains("let d: &'a str ="), "{code}");
    }

    #[test]
    fn a_functions_lines_are_counted_with_its_signature() {
        let code =
            blank("trait T { fn none(a: [u8; 2]); }\nfn one(\n  a: u8,\n) -> [u8; 2] {\n  if a {}\n}\nfn two() {}\n");
        let found = functions(&code);
        assert_eq!(found[0], ("one".to_owned(), Span { first: 2, last: 6 }));
        assert_eq!(found[1], ("two".to_owned(), Span { first: 7, last: 7 }));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn an_unfinished_text_is_no_panic() {
        for text in ["\"abc", "r#\"abc", "/* abc", "'\\", "'", "fn", "fn a(", "b'", "é\"", "r", "\\"] {
            let code = blank(text);
            assert_eq!(code.chars().count(), text.chars().count());
            assert!(functions(&code).is_empty());
        }
    }
}
