//! The rules as they are written down.

use catalog_core::model::PiiEntity;
use serde::{Deserialize, Serialize};

/// The operator's rules. The default is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HouseRulesConfig {
    /// Recognisers of the house, at most 200.
    pub custom: Vec<CustomRecogniser>,
    /// Columns that are never personal, as `schema.table.column` or the end of it; `*` stands for any text. A value
    /// that a recogniser knows is masked there all the same.
    pub allow: Vec<String>,
    /// Columns that always are, by the same rule; a column on both lists is personal.
    pub deny: Vec<String>,
    /// Values that are nobody's (`support@example.org`): never counted and never masked. Case and accents do not
    /// matter. At most 10,000 in all lists.
    pub allow_values: Vec<String>,
    /// Words and phrases that are always personal.
    pub deny_values: Vec<ListedValues>,
}

/// A recogniser of the house.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomRecogniser {
    /// Its name, for errors.
    pub name: String,
    /// A regular expression in the syntax of Rust's `regex`, found anywhere in a cell unless it is anchored; at most
    /// 1,000 bytes.
    pub pattern: String,
    /// What it finds (`ACCOUNT_NUMBER`, or `CUSTOM` for what no other entity names).
    pub entity: PiiEntity,
    /// Words of a column's name. When some are given, the recogniser works only in columns that have one.
    #[serde(default)]
    pub words: Vec<String>,
    /// A check that the digits of a match must pass.
    #[serde(default)]
    pub check: Option<NumberCheck>,
}

/// A check digit's rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberCheck {
    /// The Luhn algorithm (ISO/IEC 7812-1).
    Luhn,
    /// The last two digits are 97 minus the rest mod 97.
    Mod97,
}

/// Values of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedValues {
    /// What they are.
    pub entity: PiiEntity,
    /// The values; case and accents do not matter.
    pub values: Vec<String>,
}
