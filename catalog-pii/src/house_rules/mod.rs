//! What the operator adds to the recognisers: patterns of the house, listed values, and columns that always or never
//! are personal.

mod compiled;
mod config;

pub use compiled::HouseRules;
pub use config::{CustomRecogniser, HouseRulesConfig, ListedValues, NumberCheck};
