//! Where others call us: the one place that opens a listening socket.

use catalog_core::{Error, ErrorKind, Result};
use tokio::net::TcpListener;

/// Listens on an address and port (`127.0.0.1:8580`; port 0 takes any free one).
///
/// # Errors
/// `Configuration` when the address cannot be used: it is none, is taken, or may not be listened on.
pub async fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|e| {
        Error::new(ErrorKind::Configuration, "listen", e.kind().to_string())
            .with("address", address)
            .hint("name another address or port with the config key api.listen")
            .caused_by(e)
    })
}
