//! Plain prose, one statement, addressed to nobody.

use super::Rejection;
use crate::words::fold;

/// Words that no description needs: they speak to a reader or to a model.
const ADDRESSING: &[&str] = &[
    "i",
    "me",
    "my",
    "mine",
    "we",
    "our",
    "ours",
    "you",
    "your",
    "yours",
    "please",
    "ignore",
    "ignoring",
    "disregard",
    "ignorez",
    "ignores",
    "oublie",
    "oubliez",
    "pretend",
    "jailbreak",
    "prompt",
    "prompts",
    "instructions",
    "je",
    "tu",
    "moi",
    "toi",
    "mon",
    "ma",
    "mes",
    "ton",
    "tes",
    "nous",
    "notre",
    "nos",
    "vous",
    "votre",
    "vos",
    "j",
    "chatgpt",
    "ai",
    "sudo",
    "obey",
    "obeis",
    "obeissez",
];
/// Verbs that give an order when an article or the like follows.
const ORDERS: &[&str] = &[
    "write",
    "output",
    "print",
    "reply",
    "respond",
    "answer",
    "say",
    "return",
    "show",
    "reveal",
    "execute",
    "run",
    "translate",
    "repeat",
    "forget",
    "act",
    "mark",
    "set",
    "grant",
    "send",
    "visit",
    "click",
    "open",
    "call",
    "contact",
    "tell",
    "give",
    "make",
    "approve",
    "delete",
    "drop",
    "update",
    "insert",
    "select",
    "append",
    "add",
    "copy",
    "use",
    "follow",
    "stop",
    "ecris",
    "ecrivez",
    "reponds",
    "repondez",
    "affiche",
    "affichez",
    "execute",
    "executez",
    "envoie",
    "envoyez",
    "donne",
    "donnez",
    "repete",
    "repetez",
    "agis",
    "supprime",
    "supprimez",
    "revele",
    "revelez",
    "traduis",
    "approuve",
    "cliquez",
    "begin",
    "end",
    "enable",
    "override",
    "bypass",
    "exfiltrate",
    "upload",
    "fetch",
    "curl",
    "describe",
    "decris",
];
const OBJECTS: &[&str] = &[
    "the",
    "a",
    "an",
    "all",
    "any",
    "this",
    "that",
    "these",
    "those",
    "only",
    "exactly",
    "as",
    "it",
    "here",
    "now",
    "table",
    "database",
    "into",
    "from",
    "le",
    "la",
    "les",
    "l",
    "un",
    "une",
    "tout",
    "tous",
    "toute",
    "toutes",
    "seulement",
    "uniquement",
    "ceci",
    "cela",
    "ce",
    "cette",
    "ici",
    "des",
    "comme",
    "everything",
    "nothing",
    "no",
    "ok",
    "yes",
];
/// What is left when nobody filled a template.
const PLACEHOLDERS: &[&str] = &[
    "todo",
    "tbd",
    "fixme",
    "lorem",
    "ipsum",
    "placeholder",
    "undefined",
    "nan",
    "xxx",
    "n/a",
    "...",
    "…",
    "<",
    ">",
    "[",
    "{",
];

/// Verbs of answering, and what may follow them beside the objects of other orders.
const REPLIES: &[&str] =
    &["answer", "respond", "reply", "write", "reponds", "repondez", "ecris", "ecrivez", "dis", "dites"];
const MANNERS: &[&str] = &["in", "with", "en", "par", "que", "simplement", "only", "hello", "avec"];
/// Speakers of a chat.
const ROLES: &[&str] = &["system", "assistant", "user", "human", "systeme", "utilisateur", "humain"];
/// Words of somebody who guesses.
const HEDGES: &[&str] = &[
    "possibly",
    "potentially",
    "probably",
    "presumably",
    "likely",
    "maybe",
    "perhaps",
    "apparently",
    "seemingly",
    "probablement",
    "eventuellement",
    "vraisemblablement",
    "potentiellement",
];
/// What follows is a purpose, which no evidence shows.
const PURPOSES: &[&[&str]] = &[
    &["used", "to"],
    &["used", "for"],
    &["used", "by"],
    &["in", "order", "to"],
    &["for", "the", "purpose"],
    &["to", "facilitate"],
    &["to", "ensure"],
    &["to", "help"],
    &["to", "receive"],
    &["to", "support"],
    &["to", "track"],
    &["to", "manage"],
    &["allowing"],
    &["enabling"],
    &["permettant"],
    &["afin", "de"],
    &["afin", "d"],
    &["utilise", "pour"],
    &["utilises", "pour"],
    &["utilisee", "pour"],
    &["utilisees", "pour"],
    &["pour", "permettre"],
    &["pour", "assurer"],
];

/// Lowercase words without accents on the letters that French has, split at everything that is no letter or digit.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(fold).collect()
}

pub(super) fn check(text: &str) -> Result<(), Rejection> {
    check_plain(text)?;
    let words = words(text);
    if PURPOSES.iter().any(|purpose| words.windows(purpose.len()).any(|window| window == *purpose)) {
        return Err(Rejection::Purpose);
    }
    Ok(())
}

/// What holds of any sentence, a question without its mark too.
pub(super) fn check_plain(text: &str) -> Result<(), Rejection> {
    let words = words(text);
    if has_address(text) {
        return Err(Rejection::Url);
    }
    if has_placeholder(text, &words) {
        return Err(Rejection::Placeholder);
    }
    let starts_plainly = text.starts_with(|c: char| c.is_alphanumeric() || "\"'’«“".contains(c));
    if !starts_plainly || !text.chars().all(is_prose) || text.contains("--") {
        return Err(Rejection::Markup);
    }
    if addresses(text, &words) {
        return Err(Rejection::Instruction);
    }
    if words.iter().any(|word| HEDGES.contains(&word.as_str())) {
        return Err(Rejection::Guess);
    }
    if is_one_statement(text) { Ok(()) } else { Err(Rejection::NotOneSentence) }
}

fn is_prose(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || ",;:.!?'’\"«»“”-–—()/%&+€_".contains(c) || c == '\u{a0}' || c == '\u{202f}'
}

/// A scheme, `www.`, an @, or two words joined by a dot.
fn has_address(text: &str) -> bool {
    let lower = text.to_lowercase();
    let dotted = |word: &str| {
        let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
        inner.split_once('.').is_some_and(|(left, right)| {
            left.ends_with(char::is_alphanumeric) && right.starts_with(char::is_alphabetic)
        })
    };
    ["://", "www.", "mailto", "javascript", "data:", "@"].iter().any(|mark| lower.contains(mark))
        || lower.split_whitespace().any(dotted)
}

fn has_placeholder(text: &str, words: &[String]) -> bool {
    let lower = text.to_lowercase();
    let marks = PLACEHOLDERS.iter().filter(|mark| !mark.chars().all(char::is_alphanumeric));
    words.iter().any(|word| PLACEHOLDERS.contains(&word.as_str())) || marks.clone().any(|mark| lower.contains(mark))
}

fn addresses(text: &str, words: &[String]) -> bool {
    let upper_us = text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "us");
    let order = |pair: &[String]| ORDERS.contains(&pair[0].as_str()) && OBJECTS.contains(&pair[1].as_str());
    let reply = |pair: &[String]| REPLIES.contains(&pair[0].as_str()) && MANNERS.contains(&pair[1].as_str());
    let role = |word: &String| ROLES.contains(&word.as_str());
    upper_us
        || words.iter().any(|word| ADDRESSING.contains(&word.as_str()))
        || words.windows(2).any(|pair| order(pair) || reply(pair))
        || (words.first().is_some_and(role) && text.contains(':'))
        || words.windows(2).any(|pair| pair[0] == "union" && pair[1] == "select")
}

/// No question, no exclamation, no full stop before the end, no line of its own after a colon.
fn is_one_statement(text: &str) -> bool {
    let body = text.strip_suffix('.').unwrap_or(text);
    !body.contains(['!', '?']) && !body.contains(". ") && !body.ends_with(['.', ':', ';', ','])
}
