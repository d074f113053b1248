//! Configuration: one commented default file is the map; a preset, a file, the environment and flags lay values over
//! it.

mod checks;
mod destinations;
mod json_schema;
mod layers;
mod origin;
mod reference;
mod schema;
mod secret_ref;

pub use destinations::Destination;
pub use json_schema::json_schema;
pub use layers::{ConfigSource, load};
pub use origin::{Origin, Settings};
pub use reference::{reference_page, reference_rows};
pub use schema::*;
pub use secret_ref::SecretRef;

/// The default file, as it is built in.
pub const DEFAULT_TOML: &str = include_str!("default.toml");
