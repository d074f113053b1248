//! A model's opinion on which columns are personal: one vote among others, never the only one.

mod llm_voter;

pub use llm_voter::LlmVoter;

use catalog_core::model::PiiEntity;

/// The kinds that a model can name.
pub(crate) const KINDS: &[PiiEntity] = &[
    PiiEntity::Email,
    PiiEntity::Iban,
    PiiEntity::Phone,
    PiiEntity::UsSsn,
    PiiEntity::Card,
    PiiEntity::FrNir,
    PiiEntity::IpAddress,
    PiiEntity::PersonName,
    PiiEntity::PostalAddress,
    PiiEntity::BirthDate,
    PiiEntity::NationalId,
    PiiEntity::AccountNumber,
    PiiEntity::Username,
    PiiEntity::DeviceId,
    PiiEntity::Geolocation,
    PiiEntity::Credential,
    PiiEntity::BodyMeasure,
    PiiEntity::SpecialCategory,
];
