//! Singular and plural, by rule with the common exceptions.

use catalog_core::model::Language;

/// English words without a plural of their own.
const SAME: &[&str] = &[
    "aircraft",
    "data",
    "equipment",
    "feedback",
    "furniture",
    "information",
    "inventory",
    "maintenance",
    "media",
    "news",
    "series",
    "species",
    "staff",
    "stock",
    "weather",
    "arrears",
    "history",
    "training",
    "overtime",
    "tracking",
    "attendance",
    "education",
    "housing",
    "usage",
    "ownership",
    "employment",
    "production",
    "billing",
    "revenue",
    "headquarters",
    "details",
    "preferences",
    "congress",
    "metadata",
];

/// English singular and plural that no rule makes.
const IRREGULAR: &[(&str, &str)] = &[
    ("child", "children"),
    ("person", "people"),
    ("man", "men"),
    ("woman", "women"),
    ("foot", "feet"),
    ("half", "halves"),
    ("leaf", "leaves"),
    ("shelf", "shelves"),
    ("index", "indexes"),
    ("criterion", "criteria"),
    ("analysis", "analyses"),
    ("diagnosis", "diagnoses"),
    ("movie", "movies"),
    ("cookie", "cookies"),
    ("gas", "gases"),
    ("bus", "buses"),
    ("status", "statuses"),
    ("campus", "campuses"),
    ("bonus", "bonuses"),
    ("virus", "viruses"),
    ("quiz", "quizzes"),
    ("hero", "heroes"),
    ("potato", "potatoes"),
    ("staff", "staff"),
    ("cheque", "cheques"),
    ("lease", "leases"),
    ("license", "licenses"),
    ("expense", "expenses"),
    ("purchase", "purchases"),
    ("course", "courses"),
    ("case", "cases"),
    ("house", "houses"),
    ("warehouse", "warehouses"),
    ("release", "releases"),
    ("response", "responses"),
    ("database", "databases"),
    ("basis", "bases"),
    ("day", "days"),
    ("disease", "diseases"),
    ("horse", "horses"),
    ("nurse", "nurses"),
    ("phase", "phases"),
    ("exercise", "exercises"),
    ("size", "sizes"),
    ("prize", "prizes"),
    ("cache", "caches"),
    ("axe", "axes"),
];

/// French words whose last letter looks like a plural.
const FR_INVARIABLE: &[&str] = &[
    "avis",
    "cours",
    "colis",
    "corps",
    "devis",
    "fonds",
    "frais",
    "mois",
    "pays",
    "prix",
    "temps",
    "tiers",
    "bois",
    "fois",
    "cas",
    "poids",
    "congres",
    "process",
    "acces",
    "succes",
    "sinus",
    "bus",
    "campus",
    "bonus",
    "virus",
    "commerces",
    "impayes",
    "encours",
    "choix",
    "taux",
    "flux",
    "voix",
    "gaz",
    "recours",
    "repas",
    "progres",
    "jeux",
];

/// The singular of an English word in lower case; a word that is none stays.
pub(crate) fn singular_en(word: &str) -> String {
    if SAME.contains(&word) {
        return word.to_owned();
    }
    if let Some((one, _)) = IRREGULAR.iter().find(|(one, many)| word == *many || word == *one) {
        return (*one).to_owned();
    }
    let stem = |cut: usize, add: &str| format!("{}{add}", &word[..word.len() - cut]);
    if !word.is_ascii() || word.len() < 4 {
        word.to_owned()
    } else if word.ends_with("ies") && word.len() > 4 {
        stem(3, "y")
    } else if ["sses", "shes", "ches", "xes", "zzes"].iter().any(|e| word.ends_with(e)) {
        stem(2, "")
    } else if word.ends_with('s') && !["ss", "us", "is"].iter().any(|e| word.ends_with(e)) {
        stem(1, "")
    } else {
        word.to_owned()
    }
}

/// The plural of an English singular in lower case.
pub(crate) fn plural_en(word: &str) -> String {
    if SAME.contains(&word) || (word.ends_with('s') && singular_en(word) != word) {
        return word.to_owned();
    }
    if let Some((_, many)) = IRREGULAR.iter().find(|(one, many)| word == *one || word == *many) {
        return (*many).to_owned();
    }
    let before_y = word.chars().rev().nth(1);
    if let Some(stem) = word.strip_suffix('y')
        && !before_y.is_some_and(|c| "aeiou".contains(c))
    {
        format!("{stem}ies")
    } else if ["s", "sh", "ch", "x", "z"].iter().any(|e| word.ends_with(e)) {
        format!("{word}es")
    } else {
        format!("{word}s")
    }
}

/// The singular of a French word in lower case without accents; a word that is none stays.
pub(crate) fn singular_fr(word: &str) -> String {
    if !word.is_ascii() || word.len() < 4 || FR_INVARIABLE.contains(&word) {
        word.to_owned()
    } else if let Some(stem) = word.strip_suffix("aux").filter(|stem| !stem.ends_with('e')) {
        format!("{stem}al")
    } else if word.ends_with("eaux") || word.ends_with("eux") || (word.ends_with('s') && !word.ends_with("ss")) {
        word[..word.len() - 1].to_owned()
    } else {
        word.to_owned()
    }
}

/// The plural of a French singular in lower case, accents kept.
pub(crate) fn plural_fr(word: &str) -> String {
    if word.ends_with(['s', 'x', 'z']) || word.contains(' ') {
        word.to_owned()
    } else if ["festival", "bal", "carnaval"].contains(&word) {
        format!("{word}s")
    } else if let Some(stem) = word.strip_suffix("al") {
        format!("{stem}aux")
    } else if ["au", "eu"].iter().any(|e| word.ends_with(e)) {
        format!("{word}x")
    } else {
        format!("{word}s")
    }
}

/// The plural in either language.
pub(crate) fn plural(word: &str, language: Language) -> String {
    match language {
        Language::En => plural_en(word),
        Language::Fr => plural_fr(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_plurals_come_and_go() {
        for (one, many) in [
            ("customer", "customers"),
            ("category", "categories"),
            ("address", "addresses"),
            ("branch", "branches"),
            ("person", "people"),
            ("status", "statuses"),
            ("survey", "surveys"),
            ("aircraft", "aircraft"),
            ("warehouse", "warehouses"),
            ("invoice", "invoices"),
        ] {
            assert_eq!(plural_en(one), many);
            assert_eq!(singular_en(many), one);
            assert_eq!(singular_en(one), one);
            assert_eq!(plural_en(many), many);
        }
    }

    #[test]
    fn french_plurals_come_and_go() {
        for (one, many) in
            [("client", "clients"), ("journal", "journaux"), ("bureau", "bureaux"), ("prix", "prix"), ("pays", "pays")]
        {
            assert_eq!(plural_fr(one), many);
            assert_eq!(singular_fr(many), one);
        }
    }
}
