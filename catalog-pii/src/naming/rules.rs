//! From a column's words to the entity that they suggest.

use catalog_core::model::PiiEntity;

use super::column_words::ColumnWords;
use super::table_words::{TableSense, is_impersonal_word, is_person_word};
use super::vocabulary::{BLOCKING_HEADS, BLOCKING_TAILS, OTHER_OWNERS, ROLES, RULES, Where};

/// What a column's name suggests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Suggestion {
    /// The entity.
    pub(crate) entity: PiiEntity,
    /// How clear the name is, 0 to 1.
    pub(crate) score: f64,
}

/// What a column's name suggests in such a table, if anything; its whole name is asked first.
pub(crate) fn suggest(column: &ColumnWords, table: TableSense) -> Option<Suggestion> {
    if column.full.len() > 1 && listed(BLOCKING_HEADS, &column.full[0]) {
        return None;
    }
    suggest_by(&column.full, table).or_else(|| suggest_by(column.stripped.as_ref()?, table))
}

fn suggest_by(words: &[String], table: TableSense) -> Option<Suggestion> {
    let first = words.first()?;
    let last = words.last()?;
    let dated = first == "date" || last == "date";
    for rule in RULES {
        let fits = rule
            .phrases
            .split('|')
            .filter_map(|p| position(words, p))
            .any(|(_, end)| end == words.len() || !listed(BLOCKING_TAILS, last));
        if !fits || dated && rule.entity != PiiEntity::BirthDate {
            continue;
        }
        let personal = words.iter().any(|w| is_person_word(w));
        return match rule.place {
            Where::Always => Some(rule.score),
            Where::NotOrganisation if personal || !table.organisation => Some(rule.score),
            Where::OrContact if personal || !table.organisation || table.has_contact => Some(rule.score),
            Where::NotThing if personal || table.person || !table.thing => Some(rule.score),
            Where::AboutPerson if personal || table.about_person => Some(rule.score),
            Where::OfPerson if personal || table.person || (table.about_person && !table.thing) => Some(rule.score),
            _ => None,
        }
        .map(|score| Suggestion { entity: rule.entity, score });
    }
    person_name(words, table)
}

/// `customer_name`, `nom_patient`, a bare `name` in a table of persons, and roles that hold a name.
fn person_name(words: &[String], table: TableSense) -> Option<Suggestion> {
    const BY: [&str; 2] = ["by", "par"];
    let is_name = |w: &String| matches!(w.as_str(), "name" | "names" | "nom" | "noms");
    let last = words.last()?;
    let score = if words.iter().any(is_name) && (is_name(last) || is_name(&words[0])) {
        let others: Vec<&String> = words.iter().filter(|w| !is_name(w)).collect();
        let personal = others.iter().any(|w| is_person_word(w));
        let impersonal = others.iter().any(|w| is_impersonal_word(w) || listed(OTHER_OWNERS, w));
        match (personal, impersonal) {
            (true, false) => 0.9,
            (false, false) if table.person => 0.8,
            _ => return None,
        }
    } else if words.len() <= 2
        && (listed(ROLES, last) || BY.contains(&last.as_str()))
        && !listed(BLOCKING_HEADS, &words[0])
    {
        0.6
    } else {
        return None;
    };
    Some(Suggestion { entity: PiiEntity::PersonName, score })
}

/// Is it a word of the vocabulary, of persons or of a blocking tail?
pub(super) fn is_known(word: &str) -> bool {
    is_person_word(word)
        || is_impersonal_word(word)
        || RULES.iter().any(|r| r.phrases.split(['|', ' ']).any(|w| w == word))
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|w| w == word)
}

/// Where a phrase stands in the words: first word, and one after the last.
fn position(words: &[String], phrase: &str) -> Option<(usize, usize)> {
    let length = phrase.split(' ').count();
    (0..(words.len() + 1).saturating_sub(length))
        .find(|at| phrase.split(' ').zip(&words[*at..]).all(|(p, w)| p == w))
        .map(|at| (at, at + length))
}

#[cfg(test)]
mod tests {
    use PiiEntity as E;

    use super::*;
    use crate::naming::column_words;

    fn entity(column: &str, table: TableSense) -> Option<PiiEntity> {
        suggest(&column_words([column])[0], table).map(|s| s.entity)
    }

    #[test]
    fn english_and_french_names_suggest_their_entity() {
        let table = TableSense::default();
        for (name, expected) in [
            ("email", E::Email),
            ("adresse_mail", E::Email),
            ("sbCustPhone", E::Phone),
            ("tel_portable", E::Phone),
            ("DATE_NAISSANCE", E::BirthDate),
            ("dob", E::BirthDate),
            ("prenom", E::PersonName),
            ("nom_client", E::PersonName),
            ("FirstName", E::PersonName),
            ("BillingAddress", E::PostalAddress),
            ("adresse_ligne1", E::PostalAddress),
            ("num_secu", E::FrNir),
            ("iban", E::Iban),
            ("password_hash", E::Credential),
            ("device_id", E::DeviceId),
            ("verified_ips", E::IpAddress),
            ("passport_no", E::NationalId),
        ] {
            assert_eq!(entity(name, table), Some(expected), "{name}");
        }
    }

    #[test]
    fn names_about_a_value_suggest_nothing() {
        for name in [
            "email_verified",
            "is_email_valid",
            "phone_type",
            "address_id",
            "password_changed_at",
            "email_count",
            "product_name",
            "birth_place",
            "birth_country",
            "device_type",
            "login_count",
            "ip_version",
            "order_id",
            "company_name",
            "city",
        ] {
            assert_eq!(entity(name, TableSense::default()), None, "{name}");
        }
    }

    #[test]
    fn a_bare_name_is_personal_only_where_a_row_is_a_person() {
        assert_eq!(entity("name", TableSense { person: true, ..TableSense::default() }), Some(E::PersonName));
        assert_eq!(entity("name", TableSense::default()), None);
    }

    #[test]
    fn a_shops_phone_is_no_persons_but_its_contacts_is() {
        let shop = TableSense { organisation: true, ..TableSense::default() };
        assert_eq!(entity("phone", shop), None);
        assert_eq!(entity("contact_phone", shop), Some(E::Phone));
    }
}
