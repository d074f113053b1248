//! Tokens of an identity provider (OpenID Connect), checked against its mounted keys.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use catalog_core::{Error, ErrorKind, Result};
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use super::{Caller, Role, provider};
use crate::config::ApiConfig;

/// Bytes of a token at most.
const TOKEN_BYTES_MAX: usize = 16 << 10;
/// Bytes of the file of keys at most.
const KEYS_BYTES_MAX: u64 = 1 << 20;
/// Seconds that our clock and the issuer's may differ.
const LEEWAY_SECS: u64 = 30;
/// What a key without a stated algorithm may sign with. No HMAC: a public key is no secret.
const ALGORITHMS: [Algorithm; 7] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Checks tokens of one issuer.
pub(super) struct Oidc {
    issuer: String,
    audience: String,
    roles_claim: Vec<String>,
    role_prefix: String,
    keys_file: PathBuf,
    keys: Mutex<(Option<(SystemTime, u64)>, JwkSet)>,
}

impl Oidc {
    pub(super) fn new(config: &ApiConfig) -> Result<Self> {
        provider::install();
        let oidc = Self {
            issuer: config.oidc_issuer.clone(),
            audience: config.oidc_audience.clone(),
            roles_claim: config.oidc_roles_claim.split('.').map(str::to_owned).collect(),
            role_prefix: config.oidc_role_prefix.clone(),
            keys_file: PathBuf::from(&config.oidc_keys_file),
            keys: Mutex::new((None, JwkSet { keys: Vec::new() })),
        };
        let read = oidc.read_keys()?;
        *oidc.keys.lock().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(oidc)
    }

    /// Whose token is it? The reason of a refusal quotes nothing of the token.
    pub(super) fn caller(&self, token: &str) -> std::result::Result<Caller, &'static str> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err("the token is too long");
        }
        let header = decode_header(token).map_err(|_| "the token is not known")?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err("the token is signed in a way that is not accepted");
        }
        let key = self.key(header.kid.as_deref()).ok_or("the token is signed with a key that is not mounted")?;
        if key.common.key_algorithm.is_some_and(|stated| !same(stated, header.alg)) {
            return Err("the token is signed in another way than its key says");
        }
        let key = DecodingKey::from_jwk(&key).map_err(|_| "the issuer's key cannot be used")?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.leeway = LEEWAY_SECS;
        validation.validate_nbf = true;
        let claims = decode::<Value>(token, &key, &validation)
            .map_err(|_| "the token is expired, for somebody else, or not signed by the issuer")?;
        self.read_caller(&claims.claims)
    }

    fn read_caller(&self, claims: &Value) -> std::result::Result<Caller, &'static str> {
        let listed = self.roles_claim.iter().try_fold(claims, |claim, part| claim.get(part));
        let roles = listed.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let ours = roles.filter_map(|role| Role::parse(role.strip_prefix(self.role_prefix.as_str())?));
        let role = ours.max().ok_or("the token names no role of ours")?;
        let name = ["preferred_username", "email", "sub"].iter().find_map(|claim| claims.get(*claim)?.as_str());
        let name = name.filter(|n| !n.is_empty() && n.len() <= 200).ok_or("the token names nobody")?;
        Ok(Caller { name: name.to_owned(), role })
    }

    fn key(&self, id: Option<&str>) -> Option<Jwk> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if self.state().is_some_and(|now| keys.0 != Some(now)) {
            match self.read_keys() {
                Ok(read) => *keys = read,
                Err(error) => tracing::error!(%error, "the issuer's keys cannot be read, the old ones stay"),
            }
        }
        match id {
            Some(id) => keys.1.find(id).cloned(),
            None if keys.1.keys.len() == 1 => keys.1.keys.first().cloned(),
            None => None,
        }
    }

    fn state(&self) -> Option<(SystemTime, u64)> {
        let facts = std::fs::metadata(&self.keys_file).ok()?;
        Some((facts.modified().unwrap_or(SystemTime::UNIX_EPOCH), facts.len()))
    }

    fn read_keys(&self) -> Result<(Option<(SystemTime, u64)>, JwkSet)> {
        let fail = |why: &str| {
            Error::new(ErrorKind::Configuration, "read_issuer_keys", why)
                .with("path", self.keys_file.display())
                .hint("mount the issuer's JWKS document there (api.oidc_keys_file)")
        };
        let state = self.state().ok_or_else(|| fail("the file cannot be read"))?;
        if state.1 > KEYS_BYTES_MAX {
            return Err(fail("the file is too large"));
        }
        let text = std::fs::read(&self.keys_file).map_err(|e| fail("the file cannot be read").caused_by(e))?;
        let keys = serde_json::from_slice(&text).map_err(|e| fail("the file is no set of keys").caused_by(e))?;
        Ok((Some(state), keys))
    }
}

fn same(stated: KeyAlgorithm, used: Algorithm) -> bool {
    // Both print as the name that RFC 7518 gives them.
    format!("{stated:?}") == format!("{used:?}")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::config::{ConfigSource, load};

    struct Issuer {
        key: EcdsaKeyPair,
        dir: TempDir,
    }

    impl Issuer {
        fn new() -> Self {
            let random = SystemRandom::new();
            let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
            let issuer = Self { key, dir: TempDir::new().unwrap() };
            let point = issuer.key.public_key().as_ref();
            let coordinate = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            let keys = json!({ "keys": [{
                "kty": "EC", "crv": "P-256", "kid": "k1", "alg": "ES256", "use": "sig",
                "x": coordinate(&point[1..33]), "y": coordinate(&point[33..65]),
            }] });
            std::fs::write(issuer.dir.path().join("keys.json"), keys.to_string()).unwrap();
            issuer
        }

        fn oidc(&self) -> Oidc {
            let mut config = load(&ConfigSource::default()).unwrap().config.api;
            config.oidc_issuer = "https://idp.example".into();
            config.oidc_keys_file = self.dir.path().join("keys.json").display().to_string();
            Oidc::new(&config).unwrap()
        }

        fn token(&self, header: &Value, claims: &Value) -> String {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let signed = format!("{}.{}", part(header), part(claims));
            let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
        }
    }

    fn header() -> Value {
        json!({ "alg": "ES256", "kid": "k1", "typ": "JWT" })
    }

    fn claims() -> Value {
        json!({
            "iss": "https://idp.example", "aud": "catalog-sync", "exp": 4_000_000_000_u64, "sub": "1",
            "preferred_username": "ana", "realm_access": { "roles": ["other", "catalog-sync-viewer", "catalog-sync-steward"] },
        })
    }

    #[test]
    fn a_signed_token_names_its_owner_and_the_highest_of_its_roles() {
        let issuer = Issuer::new();
        let caller = issuer.oidc().caller(&issuer.token(&header(), &claims())).unwrap();
        assert_eq!(caller, Caller { name: "ana".into(), role: Role::Steward });
    }

    #[test]
    fn a_token_that_is_old_for_others_unsigned_or_without_a_role_is_refused() {
        let issuer = Issuer::new();
        let oidc = issuer.oidc();
        let with = |name: &str, value: Value| {
            let mut changed = claims();
            changed[name] = value;
            issuer.token(&header(), &changed)
        };
        for bad in [
            with("exp", json!(1_000_000_000)),
            with("exp", json!("4000000000")),
            with("nbf", json!(3_999_999_999_u64)),
            with("aud", json!("somebody")),
            with("iss", json!("https://other.example")),
            with("realm_access", json!({ "roles": ["admin"] })),
            issuer.token(&json!({ "alg": "ES256", "kid": "k2" }), &claims()),
            issuer.token(&json!({ "alg": "HS256", "kid": "k1" }), &claims()),
            issuer.token(&json!({ "alg": "none", "kid": "k1" }), &claims()),
            issuer.token(&json!({ "alg": "RS256", "kid": "k1" }), &claims()),
            Issuer::new().token(&header(), &claims()),
            "a.b.c".to_owned(),
            String::new(),
        ] {
            assert!(oidc.caller(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_changed_claim_breaks_the_signature() {
        let issuer = Issuer::new();
        let token = issuer.token(&header(), &claims());
        let parts: Vec<&str> = token.split('.').collect();
        let mut changed = claims();
        changed["preferred_username"] = json!("root");
        let forged = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(changed.to_string()), parts[2]);
        assert!(issuer.oidc().caller(&forged).is_err());
    }
}
