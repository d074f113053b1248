//! Presidio's answers, and what its entities are called here.

use catalog_core::model::PiiEntity;
use serde::Deserialize;

/// One finding in one text. Positions count characters.
#[derive(Deserialize)]
pub(super) struct Finding {
    entity_type: String,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) score: f64,
}

impl Finding {
    /// Our entity for it; `None` for what is not personal (dates, links, places, organisations).
    pub(super) fn entity(&self) -> Option<PiiEntity> {
        use PiiEntity as E;
        Some(match self.entity_type.as_str() {
            "EMAIL_ADDRESS" => E::Email,
            "IBAN_CODE" => E::Iban,
            "PHONE_NUMBER" => E::Phone,
            "US_SSN" => E::UsSsn,
            "CREDIT_CARD" => E::Card,
            "IP_ADDRESS" => E::IpAddress,
            "MAC_ADDRESS" => E::MacAddress,
            "PERSON" => E::PersonName,
            "US_BANK_NUMBER" | "CRYPTO" => E::AccountNumber,
            "NRP" => E::Origin,
            "MEDICAL_LICENSE"
            | "US_DRIVER_LICENSE"
            | "US_PASSPORT"
            | "US_ITIN"
            | "UK_NHS"
            | "UK_NINO"
            | "ES_NIF"
            | "ES_NIE"
            | "IT_FISCAL_CODE"
            | "IT_DRIVER_LICENSE"
            | "IT_PASSPORT"
            | "IT_IDENTITY_CARD"
            | "DE_TAX_ID"
            | "PL_PESEL"
            | "FI_PERSONAL_IDENTITY_CODE" => E::NationalId,
            _ => return None,
        })
    }

    /// Has Presidio a check digit for it? A passed one raises the score to 1.
    pub(super) fn is_proven(&self) -> bool {
        matches!(self.entity_type.as_str(), "IBAN_CODE" | "CREDIT_CARD") && self.score >= 1.0
    }
}
