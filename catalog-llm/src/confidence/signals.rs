//! What speaks for an answer.

use std::collections::BTreeSet;

use crate::client::ChatAnswer;
use crate::words::{Lexicon, words_of};

/// Words that carry no claim: little words, and what every description of a table may say.
const EMPTY_WORDS: &[&str] = &[
    "the",
    "and",
    "for",
    "with",
    "from",
    "per",
    "each",
    "one",
    "their",
    "that",
    "which",
    "are",
    "its",
    "this",
    "into",
    "information",
    "informations",
    "details",
    "detail",
    "data",
    "donnees",
    "records",
    "record",
    "list",
    "lists",
    "history",
    "various",
    "including",
    "includes",
    "related",
    "associated",
    "between",
    "about",
    "their",
    "other",
    "les",
    "des",
    "aux",
    "avec",
    "pour",
    "par",
    "une",
    "dans",
    "chaque",
    "leur",
    "leurs",
    "qui",
    "est",
    "sont",
    "sur",
    "liste",
    "listes",
    "divers",
    "dont",
    "entre",
];

/// What is known of one answer. Each is 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signals {
    /// Geometric mean of the probabilities that the model gave to the tokens of its sentence; `None` where the
    /// endpoint does not tell.
    pub certainty: Option<f64>,
    /// Share of the sentence's words that it has in common with a second, freer answer (Jaccard); `None` when there
    /// was none.
    pub agreement: Option<f64>,
    /// Share of its content words that stand in the evidence.
    pub groundedness: f64,
    /// How it came through the guard: 1 at first, less when it had to be asked again or cut.
    pub guard: f64,
}

/// One number of 0 to 1: the weighted mean of the signals there are, times what the guard says. The weights are a
/// choice, not a measurement: [`super::Calibration`] gives the number its meaning.
pub fn score(signals: &Signals) -> f64 {
    let weighted = [(Some(signals.groundedness), 0.5), (signals.certainty, 0.3), (signals.agreement, 0.2)];
    let known = weighted.iter().filter_map(|(value, weight)| value.map(|v| (v.clamp(0.0, 1.0), weight)));
    let (sum, weights) = known.fold((0.0, 0.0), |(sum, all), (value, weight)| (sum + value * weight, all + weight));
    if weights > 0.0 { (sum / weights * signals.guard).clamp(0.0, 1.0) } else { 0.0 }
}

/// The certainty of the part of an answer that holds `sentence`; of all of it where the sentence is not found.
pub(crate) fn certainty(answer: &ChatAnswer, sentence: &str) -> Option<f64> {
    let text: String = answer.tokens.iter().map(|token| token.text.as_str()).collect();
    let range = text.find(sentence).map_or(0..text.len(), |at| at..at + sentence.len());
    let mut at = 0;
    let (mut sum, mut count) = (0.0, 0_u32);
    for token in &answer.tokens {
        let end = at + token.text.len();
        if end > range.start && at < range.end {
            sum += token.logprob;
            count += 1;
        }
        at = end;
    }
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

/// Share of the content words that the evidence has, itself or abbreviated; 0 without any.
pub(crate) fn groundedness(sentence: &str, lexicon: &Lexicon) -> f64 {
    let words = content_words(sentence);
    let grounded = words.iter().filter(|word| lexicon.grounds(word)).count();
    if words.is_empty() { 0.0 } else { grounded as f64 / words.len() as f64 }
}

/// Jaccard similarity of the content words of two sentences.
pub(crate) fn agreement(one: &str, other: &str) -> f64 {
    let (one, other) = (content_words(one), content_words(other));
    let all = one.union(&other).count();
    if all == 0 { 0.0 } else { one.intersection(&other).count() as f64 / all as f64 }
}

fn content_words(sentence: &str) -> BTreeSet<String> {
    words_of(sentence)
        .into_iter()
        .filter(|word| word.chars().count() >= 3 && !EMPTY_WORDS.contains(&word.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::TokenProbability;

    #[test]
    fn certainty_is_that_of_the_sentence_alone() {
        let token = |text: &str, p: f64| TokenProbability { text: text.to_owned(), logprob: p.ln() };
        let answer = ChatAnswer {
            text: String::new(),
            model: String::new(),
            prompt_tokens: 0,
            answer_tokens: 0,
            truncated: false,
            tokens: vec![token("{\"d\": \"", 0.1), token("Loans", 0.64), token(" here", 1.0), token("\"}", 0.1)],
        };
        assert!((certainty(&answer, "Loans here").unwrap() - 0.8).abs() < 1e-9);
        assert!(certainty(&answer, "absent").unwrap() < 0.5);
        assert_eq!(certainty(&ChatAnswer { tokens: Vec::new(), ..answer }, "Loans"), None);
    }

    #[test]
    fn invented_words_lower_groundedness() {
        let lexicon = Lexicon::of(["CUST_ADDR", "STREET", "ZIP"]);
        let plain = groundedness("Addresses of customers with street and zip.", &lexicon);
        let inflated = groundedness("Addresses of customers for marketing campaigns and newsletters.", &lexicon);
        assert!(plain > 0.99 && inflated < 0.5, "{plain} {inflated}");
    }

    proptest::proptest! {
        #[test]
        fn a_score_is_a_share_and_no_signal_lowers_it_by_growing(
            c in 0.0..1.0f64, a in 0.0..1.0f64, g in 0.0..1.0f64, more in 0.0..0.5f64,
        ) {
            let signals = Signals { certainty: Some(c), agreement: Some(a), groundedness: g, guard: 1.0 };
            let low = score(&signals);
            let high = score(&Signals { groundedness: (g + more).min(1.0), ..signals });
            proptest::prop_assert!((0.0..=1.0).contains(&low) && high >= low);
        }
    }
}
