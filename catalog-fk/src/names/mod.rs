//! What names say: tokens, abbreviations, and how likely one name refers to another.

mod column_name;
mod dictionary;
mod similarity;
mod tokens;

pub(crate) use column_name::{ColumnName, TableName, shared_prefix};
pub(crate) use dictionary::{
    is_attribute_word, is_contact_word, is_hierarchy_word, is_leader_word, is_measure_word, is_person_word,
};
pub(crate) use similarity::{name_similarity, role_similarity, token_similarity};
