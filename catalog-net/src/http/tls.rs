//! TLS by rustls over ring, with the system's authorities and a file of one's own.

use std::path::Path;
use std::sync::Arc;

use catalog_core::{Error, ErrorKind, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The client side of TLS 1.2 and 1.3.
///
/// # Errors
/// `Configuration` when the file of authorities cannot be read or holds none.
pub(crate) fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    // A machine without system authorities can still reach servers over http or with a file of its own.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let fail =
            |why: &str| Error::new(ErrorKind::Configuration, "read_authorities", why).with("path", path.display());
        let found = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
            .map_err(|_| fail("the file cannot be read as pem certificates"))?;
        if found.is_empty() || roots.add_parsable_certificates(found).0 == 0 {
            return Err(fail("the file holds no certificate"));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::new(ErrorKind::Internal, "set_up_tls", "no common protocol version").caused_by(e))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
