//! The voter that knows names, types, shapes and profiles only.

use async_trait::async_trait;
use catalog_core::Result;
use catalog_core::model::{ColumnEvidence, ColumnProfile, DataType, PiiEntity, PiiEvidence, PiiVote, Verdict};
use catalog_core::ports::PiiVoter;

use super::vote;
use crate::naming::{ColumnWords, TableSense, column_words, suggest, table_sense};

/// Votes by what the names of column and table say in English and French, checked against type and profile. It
/// abstains on a name that says nothing (`c7`, `field_3`) and on free text. It never looks at a cell or a hit.
#[derive(Debug, Clone, Copy, Default)]
pub struct NameVoter;

#[async_trait]
impl PiiVoter for NameVoter {
    fn name(&self) -> &'static str {
        "name"
    }

    async fn vote(&self, evidence: &PiiEvidence) -> Result<Vec<PiiVote>> {
        let names = column_words(evidence.columns.iter().map(|c| c.name.as_str()));
        let table = table_sense(&evidence.table_name, &names);
        Ok(evidence.columns.iter().zip(&names).map(|(column, words)| vote_on(column, words, table)).collect())
    }
}

/// Mean number of words from which a text column is prose, of which a name says little.
const PROSE_WORDS: f32 = 8.0;

/// Share of the values whose shape must hold an `@` for the column to be e-mail whatever its name.
const EMAIL_SHAPE_SHARE: f32 = 0.6;

fn vote_on(column: &ColumnEvidence, words: &ColumnWords, table: TableSense) -> PiiVote {
    if let Some(suggestion) = suggest(words, table) {
        if type_fits(suggestion.entity, column.data_type) && profile_fits(suggestion.entity, column.profile.as_ref()) {
            return vote("name", Verdict::Yes, suggestion.score, Some(suggestion.entity));
        }
        return vote("name", Verdict::No, 0.7, None);
    }
    let profile = column.profile.as_ref();
    if profile.is_some_and(has_email_shape) {
        return vote("name", Verdict::Yes, 0.7, Some(PiiEntity::Email));
    }
    if words.full.iter().all(|w| says_nothing(w)) || profile.is_some_and(|p| p.mean_words >= PROSE_WORDS) {
        return vote("name", Verdict::Abstain, 0.0, None);
    }
    vote("name", Verdict::No, 0.8, None)
}

/// A word too short or too general to mean anything.
fn says_nothing(word: &str) -> bool {
    let general =
        ["col", "column", "field", "champ", "attr", "attribute", "val", "value", "valeur", "data", "var", "unnamed"];
    word.len() <= 1
        || general.contains(&word)
        || !word.chars().any(|c| "aeiouy".contains(c)) && word.len() <= 3 && word != "id"
}

/// Can a column of that type hold such a value?
fn type_fits(entity: PiiEntity, data_type: DataType) -> bool {
    use PiiEntity as E;
    match data_type {
        DataType::Boolean | DataType::Interval | DataType::Time => false,
        DataType::Date | DataType::Timestamp => entity == E::BirthDate,
        DataType::Integer | DataType::Decimal | DataType::Float => matches!(
            entity,
            E::Phone
                | E::Card
                | E::UsSsn
                | E::FrNir
                | E::NationalId
                | E::AccountNumber
                | E::BodyMeasure
                | E::Geolocation
                | E::BirthDate
                | E::CompanyNumber
        ),
        DataType::Uuid => matches!(entity, E::DeviceId | E::Credential),
        DataType::Binary => matches!(entity, E::SpecialCategory | E::Health | E::Credential),
        DataType::Text | DataType::Json | DataType::Nested | DataType::Unknown => true,
    }
}

/// Do lengths and numbers speak against it? A flag or a small code is no e-mail, phone or name.
fn profile_fits(entity: PiiEntity, profile: Option<&ColumnProfile>) -> bool {
    use PiiEntity as E;
    let Some(profile) = profile else { return true };
    let longest = profile.lengths.map_or(u32::MAX, |l| l.max);
    let all_numbers = profile.numeric_ratio > 0.95;
    match entity {
        E::Email | E::Iban | E::Card | E::FrNir | E::IpAddress | E::MacAddress => longest >= 6,
        E::Phone | E::UsSsn => longest >= 5,
        E::PersonName => longest >= 2 && !all_numbers,
        E::PostalAddress | E::Username => longest >= 3 && !all_numbers,
        E::Credential | E::DeviceId => longest >= 4 && !(all_numbers && longest < 12),
        _ => true,
    }
}

fn has_email_shape(profile: &ColumnProfile) -> bool {
    let share: f32 = profile
        .shapes
        .iter()
        .filter(|s| s.shape.matches('@').count() == 1 && s.shape.contains('.'))
        .map(|s| s.share)
        .sum();
    share >= EMAIL_SHAPE_SHARE
}
