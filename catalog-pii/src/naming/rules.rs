//! The vocabulary of personal data: which words of a column's name suggest which entity, in English and French.

use catalog_core::model::PiiEntity;

use super::table_words::{TableSense, is_impersonal_word, is_person_word};

/// What a column's name suggests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Suggestion {
    /// The entity.
    pub(crate) entity: PiiEntity,
    /// How clear the name is, 0 to 1.
    pub(crate) score: f64,
}

/// In which tables a phrase speaks of persons.
#[derive(Clone, Copy, PartialEq)]
enum Where {
    /// Everywhere.
    Always,
    /// Unless a row is an organisation or a place.
    NotOrganisation,
    /// Only where a row is about a person.
    AboutPerson,
}

struct Rule {
    entity: PiiEntity,
    place: Where,
    score: f64,
    /// Phrases parted by `|`; the words of a phrase must follow each other in the name.
    phrases: &'static str,
}

use PiiEntity as E;
use Where::{AboutPerson, Always, NotOrganisation};

const fn rule(entity: PiiEntity, place: Where, score: f64, phrases: &'static str) -> Rule {
    Rule { entity, place, score, phrases }
}

/// The vocabulary, most telling first: the first phrase found decides.
const RULES: &[Rule] = &[
    rule(
        E::Credential,
        Always,
        0.9,
        "password|mot de passe|mot passe|api key|private key|secret key|client secret|secret|access token|refresh token|auth token|session token|bearer token|api token|token hash|pin code|code pin|cvv|cvc|otp|security answer|reponse secrete",
    ),
    rule(E::Credential, AboutPerson, 0.7, "token|pin|salt"),
    rule(E::Email, Always, 0.95, "email|e email|e mails"),
    rule(E::MacAddress, Always, 0.9, "mac address|adresse mac|mac addr"),
    rule(E::IpAddress, Always, 0.9, "ip address|adresse ip|ip|ipv|remote addr"),
    rule(E::Iban, Always, 0.95, "iban|rib"),
    rule(E::Bic, Always, 0.8, "bic|swift code|swift bic|code swift|swift"),
    rule(
        E::Card,
        Always,
        0.9,
        "card number|credit card|debit card|carte bancaire|number carte|carte number|bank card number|pan|carte bleue",
    ),
    rule(E::FrNir, Always, 0.9, "nir|number secu|securite sociale|num secu|number ss|secu"),
    rule(E::UsSsn, Always, 0.95, "ssn|social security|social sec|social insurance"),
    rule(
        E::BirthDate,
        Always,
        0.95,
        "birth date|date of birth|date birth|birth year|year of birth|annee birth|birth|born|born on|date de birth",
    ),
    rule(
        E::NationalId,
        Always,
        0.85,
        "passport|national id|identity card|id card number|carte identite|cni|dni|nie|nino|national insurance|nhs number|fiscal code|codice fiscale|code fiscal|steuer id|tax identification|driver licence|drivers licence|driving licence|licence number|licence conduire|npi|rpps|medical licence|professional licence|identity number|citizen id|national number",
    ),
    rule(E::NationalId, AboutPerson, 0.7, "tax id|tin|nif|tax number|taxpayer number"),
    rule(
        E::AccountNumber,
        Always,
        0.85,
        "bank account|account iban|insurance number|insurance policy number|insurance id|health insurance|insurance member id|number compte|compte bancaire|compte number|policy holder number|mutuelle number|insurance policy",
    ),
    rule(
        E::AccountNumber,
        AboutPerson,
        0.7,
        "account number|policy number|contract number|number contrat|number adherent|member number",
    ),
    rule(
        E::Phone,
        NotOrganisation,
        0.9,
        "phone|mobile number|mobile|portable|gsm|fax|telecopie|cell number|cell phone|msisdn|whatsapp|number portable|fixe",
    ),
    rule(
        E::DeviceId,
        Always,
        0.85,
        "device id|device identifier|device token|device fingerprint|device uuid|device serial|imei|imsi|idfa|gaid|udid|android id|advertising id|push token|verified device|trusted device|known device|registered device|user device|device mac",
    ),
    rule(E::DeviceId, AboutPerson, 0.7, "device"),
    rule(
        E::Username,
        Always,
        0.85,
        "user name|login name|user login|login|screen name|nick name|pseudo|pseudonyme|identifiant connexion|twitter handle|user handle|skype|handle|display name|instagram|linkedin",
    ),
    rule(
        E::PersonName,
        Always,
        0.95,
        "first name|last name|middle name|maiden name|full name|given name|family name|contact name|person name|nom famille|nom de famille|nom birth|nom usage|nom complet|nom prenom|nom jeune fille|contact person|holder name|card holder|cardholder|emergency contact|first nm|father name|mother name|spouse name|legal name|name first|name last|nom patronymique|nom marital|nom contact|signatory|signataire|attention to",
    ),
    rule(
        E::PostalAddress,
        NotOrganisation,
        0.85,
        "street address|home address|postal address|mailing address|billing address|delivery address|shipping address|address billing|address delivery|address shipping|ship address|bill address|address line|address street|address|adresse|street|street name|rue|voie|libelle voie|number voie|domicile|residence address|complement adresse",
    ),
    rule(
        E::BodyMeasure,
        AboutPerson,
        0.7,
        "height|weight|bmi|taille|poids|blood pressure|heart rate|body temperature|waist|imc",
    ),
    rule(
        E::SpecialCategory,
        AboutPerson,
        0.8,
        "diagnosis|diagnostic|allergy|allergies|allergie|religion|ethnicity|ethnic|race|blood type|blood group|groupe sanguin|disability|handicap|medical history|medical condition|medical conditions|antecedents|symptom|symptoms|symptome|symptomes|pathologie|sexual orientation|political|syndicat|disease|maladie|chronic condition|photo|picture|portrait|avatar|signature|fingerprint|biometric|face|voice print|health status|medical notes",
    ),
    rule(
        E::Geolocation,
        AboutPerson,
        0.7,
        "latitude|longitude|gps|geolocation|coordinates|coordonnees|geo point|position",
    ),
    rule(E::PersonName, AboutPerson, 0.5, "notes|bio|biography|biographie|remarks|remarques|cv|resume|about me"),
];

/// Last words that make a name speak of something about the value, not of the value.
const BLOCKING_TAILS: &str = "
id ids type types status state flag verified valid validated confirmed count cnt total at time timestamp ts updated created
modified changed date sent opened clicked opt optin optout in out consent enabled disabled active required allowed format
domain provider source reason rate pct percent ratio score size length version policy template subject body preference
preferences pref lang language level limit attempts expiry expires expiration expired ttl bounced bounce category class kind
method mode role changes failures notifications notification frequency quality verification confirmation statut nb nombre
unit units zone region country city town zip postal code state province county ville pays cp place lieu rank order index
model brand os price cost amount fee
";

/// First words that make a name a yes-or-no question.
const BLOCKING_HEADS: &str = "is has can should allow accept accepts est a nb nombre count total num_of send opt";

/// What a column's name suggests in such a table, if anything.
pub(crate) fn suggest(words: &[String], table: TableSense) -> Option<Suggestion> {
    let first = words.first()?;
    let last = words.last()?;
    if words.len() > 1 && listed(BLOCKING_HEADS, first) {
        return None;
    }
    for rule in RULES {
        let fits = rule
            .phrases
            .split('|')
            .filter_map(|p| position(words, p))
            .any(|(_, end)| end == words.len() || !listed(BLOCKING_TAILS, last));
        if !fits {
            continue;
        }
        let personal = words.iter().any(|w| is_person_word(w));
        return match rule.place {
            Always => Some(rule.score),
            NotOrganisation if personal || !table.organisation => Some(rule.score),
            AboutPerson if personal || table.about_person => Some(rule.score),
            _ => None,
        }
        .map(|score| Suggestion { entity: rule.entity, score });
    }
    person_name(words, table)
}

/// `customer_name`, `nom_patient`, a bare `name` in a table of persons, and roles that hold a name.
fn person_name(words: &[String], table: TableSense) -> Option<Suggestion> {
    const ROLES: &str =
        "owner author contact doctor salesperson beneficiary beneficiaire titulaire interlocuteur physician nurse";
    let is_name = |w: &String| matches!(w.as_str(), "name" | "names" | "nom" | "noms");
    let last = words.last()?;
    let score = if words.iter().any(is_name) && (is_name(last) || is_name(&words[0])) {
        let others: Vec<&String> = words.iter().filter(|w| !is_name(w)).collect();
        let personal = others.iter().any(|w| is_person_word(w));
        let impersonal = others.iter().any(|w| is_impersonal_word(w) || is_other_owner(w));
        match (personal, impersonal) {
            (true, false) => 0.9,
            (false, false) if table.person => 0.8,
            _ => return None,
        }
    } else if words.len() == 1 && listed(ROLES, last) {
        0.6
    } else {
        return None;
    };
    Some(Suggestion { entity: PiiEntity::PersonName, score })
}

/// Words before `name` that name a thing.
fn is_other_owner(word: &str) -> bool {
    listed(
        "file host domain display event job task project short trade trading common field group ship tag key method action",
        word,
    )
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
    use super::*;
    use crate::naming::words;

    fn entity(column: &str, table: TableSense) -> Option<PiiEntity> {
        suggest(&words(column), table).map(|s| s.entity)
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
