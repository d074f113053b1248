//! Which words of a column's name speak of which entity, in English and French. Abbreviations are spelled out before
//! (`tel` → `phone`, `prenom` → `first name`), so they are not listed here.

use catalog_core::model::PiiEntity as E;

use Where::{AboutPerson, Always, NotOrganisation, NotThing, OfPerson, OrContact};

/// In which tables a phrase speaks of persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// Everywhere.
    Always,
    /// Unless a row is an organisation or a place.
    NotOrganisation,
    /// Unless a row is an organisation or a place without a contact person.
    OrContact,
    /// Unless a row is a thing.
    NotThing,
    /// Only where a row is about a person.
    AboutPerson,
    /// Only where a row is about a person and is no thing of that person's.
    OfPerson,
}

/// One row of the vocabulary.
pub(super) struct Rule {
    /// What the phrases speak of.
    pub(super) entity: E,
    /// In which tables they do.
    pub(super) place: Where,
    /// How clear they are, 0 to 1.
    pub(super) score: f64,
    /// Phrases parted by `|`; the words of a phrase must follow each other in the name.
    pub(super) phrases: &'static str,
}

const fn rule(entity: E, place: Where, score: f64, phrases: &'static str) -> Rule {
    Rule { entity, place, score, phrases }
}

/// The vocabulary, most telling first: the first phrase found decides.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    rule(E::Credential, Always, 0.9,
        "password|mot de passe|mot passe|api key|private key|secret key|client secret|secret|access token|\
        refresh token|auth token|session token|bearer token|api token|token hash|pin code|code pin|cvv|cvc|otp|\
        security answer|reponse secrete"),
    rule(E::Credential, AboutPerson, 0.7, "token|pin|salt"),
    rule(E::Email, Always, 0.95, "email"),
    rule(E::MacAddress, Always, 0.9, "mac address|adresse mac"),
    rule(E::IpAddress, Always, 0.9, "ip address|adresse ip|ip|ipv|remote address"),
    rule(E::Iban, Always, 0.95, "iban|rib"),
    rule(E::Bic, Always, 0.8, "bic|swift code|swift"),
    rule(E::Card, Always, 0.9,
        "card number|credit card|debit card|carte bancaire|number carte|carte number|pan|carte bleue"),
    rule(E::FrNir, Always, 0.9, "nir|number secu|securite sociale|secu|number ss"),
    rule(E::UsSsn, Always, 0.95, "ssn|social security|social insurance"),
    rule(E::BirthDate, NotThing, 0.95,
        "birth date|date of birth|date birth|birth year|year of birth|annee birth|birth|born|date de birth"),
    rule(E::NationalId, Always, 0.85,
        "passport|national id|identity card|id card|carte identite|cni|dni|nie|nino|national insurance|nhs number|\
        fiscal code|codice fiscale|code fiscal|steuer id|tax identification|driver licence|drivers licence|\
        driving licence|driver license|licence number|number licence|licence conduire|npi|rpps|medical licence|\
        professional licence|identity number|citizen id|national number"),
    rule(E::NationalId, AboutPerson, 0.7, "tax id|tin|nif|tax number|taxpayer number|certification number|cert number|certificate number"),
    rule(E::AccountNumber, Always, 0.85,
        "bank account|insurance number|insurance policy|insurance id|health insurance|insurance member|\
        number compte|compte bancaire|compte number|number mutuelle|mutuelle number"),
    rule(E::AccountNumber, AboutPerson, 0.7,
        "account number|policy number|contract number|number contrat|number adherent|member number"),
    rule(E::Phone, OrContact, 0.9,
        "phone|mobile|portable|gsm|fax|telecopie|cell number|cell phone|msisdn|whatsapp|fixe"),
    rule(E::DeviceId, Always, 0.85,
        "device id|device identifier|device token|device fingerprint|device uuid|device serial|imei|imsi|idfa|\
        gaid|udid|android id|advertising id|push token|verified device|trusted device|known device|\
        registered device|user device"),
    rule(E::DeviceId, AboutPerson, 0.7, "device"),
    rule(E::Username, Always, 0.85,
        "user name|login name|user login|login|screen name|nick name|pseudo|pseudonyme|identifiant connexion|\
        twitter handle|user handle|skype|handle|display name|instagram|linkedin"),
    rule(E::PersonName, Always, 0.95,
        "first name|last name|middle name|maiden name|given name|family name|nom famille|nom de famille|\
        name first|name last|nom birth|nom usage"),
    rule(E::PersonName, Always, 0.9,
        "full name|contact name|person name|nom complet|nom first name|nom jeune fille|contact person|holder name|\
        card holder|cardholder|emergency contact|father name|mother name|spouse name|legal name|nom marital|\
        nom contact|signatory|signataire"),
    rule(E::PostalAddress, Always, 0.9,
        "home address|mailing address|billing address|delivery address|shipping address|address billing|\
        address delivery|address shipping|ship address|bill address|address livraison|adresse livraison|\
        adresse facturation|domicile"),
    rule(E::PostalAddress, NotOrganisation, 0.85, "address|adresse|street|rue|voie|libelle voie"),
    rule(E::BodyMeasure, OfPerson, 0.7,
        "height|weight|bmi|taille|poids|blood pressure|heart rate|body temperature|waist|imc"),
    rule(E::Origin, AboutPerson, 0.8, "ethnicity|ethnic|ethnic origin|race|racial|origine ethnique|origin ethnic"),
    rule(E::SpecialCategory, AboutPerson, 0.8,
        "religion|religious|sexual orientation|orientation sexuelle|political|syndicat|trade union|photo|picture|\
        portrait|avatar|signature|fingerprint|biometric|voice print"),
    rule(E::Health, AboutPerson, 0.8,
        "diagnosis|diagnostic|allergy|allergies|allergie|blood type|blood group|groupe sanguin|disability|handicap|\
        medical history|medical condition|medical conditions|antecedents|symptom|symptoms|symptome|symptomes|\
        pathologie|disease|maladie|chronic condition|health status|medical notes"),
    rule(E::CompanyNumber, AboutPerson, 0.7, "siren|siret|number siren|number siret"),
    rule(E::Geolocation, AboutPerson, 0.7, "latitude|longitude|gps|geolocation|coordinates|coordonnees|geo point"),
    rule(E::PersonName, AboutPerson, 0.5, "notes|bio|biography|biographie|remarks|remarques|cv|resume|about me"),
];

/// Last words that make a name speak of something about the value, not of the value.
pub(super) const BLOCKING_TAILS: &str = "
id ids type types status state flag verified valid validated confirmed count cnt total at time timestamp ts updated created
modified changed date sent opened clicked opt optin optout in out consent enabled disabled active required allowed format
domain provider source reason rate pct percent ratio score size length version policy template subject body preference
preferences pref lang language level limit attempts expiry expires expiration expired ttl bounced bounce category class kind
method mode role changes failures notifications notification frequency quality verification confirmation statut nb nombre
from to until since unit units zone region country city town zip postal code state province county ville pays cp place lieu
rank order index model brand os price cost amount fee
";

/// First words that make a name a yes-or-no question or a count.
pub(super) const BLOCKING_HEADS: &str = "is has can should allow accept accepts est a nb nombre count total send opt";

/// Words for a person that stand alone as a column of names.
pub(super) const ROLES: &str = "
owner author contact doctor salesperson beneficiary beneficiaire titulaire interlocuteur physician nurse player pilot
director writer founder conductor minister governor leader commander chairman chairwoman president ceo mayor coach captain
trainer judge lawyer attorney singer editor inspector examiner manager employee teacher instructor professor tutor driver
auteur medecin conducteur maire responsable gerant directeur redacteur vendeur formateur
";

/// Words before `name` that name a thing.
pub(super) const OTHER_OWNERS: &str = "
file host domain display event job task project short trade trading common field group ship tag key method action
";
