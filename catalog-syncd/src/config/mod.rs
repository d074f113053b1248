//! Configuration: one commented default file is the map; a file, the environment and flags lay values over it.

mod load;
mod origin;
mod schema;

pub use load::{ConfigSource, load};
pub use origin::{Origin, Settings};
pub use schema::{
    Config, DescribeConfig, EgressConfig, FkConfig, PassesConfig, PiiConfig, ProfileConfig, PromptConfig,
    PublishConfig, PublishMode, QuerylogConfig, SampleConfig, StateConfig, SyncConfig,
};

/// The default file, as it is built in.
pub const DEFAULT_TOML: &str = include_str!("default.toml");
