//! The signatures of tokens, checked by ring: it is in the tree for TLS already, so no second library of algorithms is.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{Error as SignatureError, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use ring::signature::{self as ring_signature, RsaPublicKeyComponents, UnparsedPublicKey};

static INSTALLED: Once = Once::new();

/// We verify and never sign: the daemon issues no tokens.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(Error::from(ErrorKind::UnsupportedAlgorithm)),
    verifier_factory: |algorithm, key| {
        let known = matches!(
            algorithm,
            Algorithm::RS256
                | Algorithm::RS384
                | Algorithm::RS512
                | Algorithm::PS256
                | Algorithm::ES256
                | Algorithm::ES384
                | Algorithm::EdDSA
        );
        if !known {
            return Err(Error::from(ErrorKind::UnsupportedAlgorithm));
        }
        Ok(Box::new(RingVerifier { algorithm: *algorithm, key: key.clone() }))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes ring the library that tokens are checked with.
pub(super) fn install() {
    INSTALLED.call_once(|| {
        // Another part of the process may have chosen one; then that one is used.
        let _ = PROVIDER.install_default();
    });
}

struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let rsa = match self.algorithm {
            Algorithm::RS256 => Some(&ring_signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::RS384 => Some(&ring_signature::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::RS512 => Some(&ring_signature::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::PS256 => Some(&ring_signature::RSA_PSS_2048_8192_SHA256),
            _ => None,
        };
        let checked = match (rsa, self.key.kind()) {
            (Some(parameters), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
            }
            (None, DecodingKeyKind::SecretOrDer(key)) => match self.algorithm {
                Algorithm::ES256 => {
                    UnparsedPublicKey::new(&ring_signature::ECDSA_P256_SHA256_FIXED, key).verify(message, signature)
                }
                Algorithm::ES384 => {
                    UnparsedPublicKey::new(&ring_signature::ECDSA_P384_SHA384_FIXED, key).verify(message, signature)
                }
                Algorithm::EdDSA => UnparsedPublicKey::new(&ring_signature::ED25519, key).verify(message, signature),
                _ => Err(ring::error::Unspecified),
            },
            _ => Err(ring::error::Unspecified),
        };
        checked.map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
