//! The statement protocol.

mod answer;
mod failure;
mod live_query;
mod options;
mod statement;
mod trino_client;
mod wire;

pub use answer::{Answer, EngineColumn, QueryStats};
pub use options::TrinoOptions;
pub use statement::Statement;
pub use trino_client::TrinoClient;
