//! A unit is a claim: it has to be in the evidence.

use super::{GuardEvidence, Rejection};
use crate::words::words_of;

/// The spellings of one unit.
type Spellings = &'static [&'static str];

/// Currencies: nobody names one by accident.
const CURRENCIES: &[Spellings] = &[
    &["euro", "euros", "eur"],
    &["dollar", "dollars", "usd"],
    &["sterling", "gbp"],
    &["yen", "jpy"],
    &["yuan", "cny"],
    &["rupee", "rupees", "inr"],
    &["franc", "francs", "chf"],
];
/// Units that are everyday words too, and claim something only behind `in`, `en` or `per`.
const MEASURES: &[Spellings] = &[
    &["second", "seconds", "seconde", "secondes", "sec", "secs", "s"],
    &["minute", "minutes", "min", "mins", "mn"],
    &["hour", "hours", "heure", "heures", "hr", "hrs", "h"],
    &["day", "days", "jour", "jours", "dd", "j", "d"],
    &["week", "weeks", "semaine", "semaines", "wk", "sem"],
    &["month", "months", "mois", "mth", "mths", "mo", "mm", "m"],
    &["year", "years", "an", "ans", "annee", "annees", "yr", "yrs", "yyyy", "y"],
    &["kilogram", "kilograms", "kilogramme", "kilogrammes", "kg", "kgs"],
    &["gram", "grams", "gramme", "grammes", "g", "gr"],
    &["tonne", "tonnes", "ton", "tons", "t"],
    &["pound", "pounds", "lb", "lbs", "livres"],
    &["kilometre", "kilometres", "kilometer", "kilometers", "km", "kms"],
    &["metre", "metres", "meter", "meters", "m"],
    &["centimetre", "centimetres", "centimeter", "centimeters", "cm"],
    &["mile", "miles", "mi"],
    &["foot", "feet", "ft"],
    &["litre", "litres", "liter", "liters", "l"],
    &["celsius", "fahrenheit", "degree", "degrees", "degre", "degres", "deg"],
    &["percent", "percentage", "pourcent", "pct", "pc"],
    &["byte", "bytes", "octet", "octets", "kb", "mb", "gb"],
    &["watt", "watts", "kwh", "kw", "w"],
];
/// Signs and what they stand for.
const SIGNS: &[(char, &str)] = &[('€', "euro"), ('%', "percent")];
const PREPOSITIONS: &[&str] = &["in", "en", "per"];

pub(super) fn check(text: &str, evidence: &GuardEvidence<'_>) -> Result<(), Rejection> {
    let claims = claims(text);
    if claims.is_empty() {
        return Ok(());
    }
    let lexicon = evidence.lexicon();
    let known = |spellings: &Spellings| spellings.iter().any(|spelling| lexicon.has(spelling));
    if claims.iter().all(known) { Ok(()) } else { Err(Rejection::UnknownUnit) }
}

/// The units that a text names, each with its spellings.
fn claims(text: &str) -> Vec<Spellings> {
    let words = words_of(text);
    let signs = SIGNS.iter().filter(|(sign, _)| text.contains(*sign)).map(|(_, word)| *word);
    let money = words.iter().map(String::as_str);
    let measured =
        words.windows(2).filter(|pair| PREPOSITIONS.contains(&pair[0].as_str())).map(|pair| pair[1].as_str());
    let in_money = signs.clone().chain(money).filter_map(|word| unit(CURRENCIES, word));
    in_money.chain(signs.chain(measured).filter_map(|word| unit(MEASURES, word))).collect()
}

fn unit(units: &'static [Spellings], word: &str) -> Option<Spellings> {
    units.iter().copied().find(|spellings| spellings.contains(&word))
}

#[cfg(test)]
mod tests {
    use catalog_core::model::Language;

    use super::*;

    fn judge(text: &str, names: &[&'static str]) -> Result<(), Rejection> {
        let evidence = GuardEvidence {
            language: Language::En,
            names: names.to_vec(),
            public_codes: Vec::new(),
            texts: Vec::new(),
            meanings: Vec::new(),
            other_texts: &[],
        };
        check(text, &evidence)
    }

    #[test]
    fn a_unit_passes_when_a_name_has_it_in_any_spelling() {
        let names = ["duration_mths", "weight_kg", "amount_eur", "rate_pct"];
        for text in ["Loans with duration in months", "Parcels, weight in kilograms", "Amounts in euros", "Rates in %"]
        {
            assert_eq!(judge(text, &names), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_unit_that_no_name_has_is_refused() {
        let names = ["amount", "duration", "weight"];
        for text in ["Amounts in dollars", "Montants en euros", "Durée en mois", "Weights per kg", "Shares of 5 %"] {
            assert_eq!(judge(text, &names), Err(Rejection::UnknownUnit), "{text}");
        }
        assert_eq!(judge("Opening hours and days of shops", &names), Ok(()));
    }
}
