//! Sealing of fingerprints. The smallest 128 hashes of a small domain are a dictionary of it, so a stored fingerprint
//! is encrypted under a key that does not lie in the ledger.

mod fingerprint_form;
mod key;

use catalog_core::model::{Fingerprint, TableId};
use catalog_core::{Error, ErrorKind};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

pub use self::key::LedgerKey;
pub(crate) use self::key::private;
use crate::failure::Failure;

/// Version of the sealed form: one byte of version, 24 of nonce, then ciphertext and tag.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
const CHECK: &[u8] = b"catalog-sync ledger";

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): its nonce is long enough to be drawn at random for every seal. What
/// a seal is for goes in as associated data, so that a sealed value moved to another table does not open.
pub(crate) struct Seal(XChaCha20Poly1305);

impl Seal {
    pub(crate) fn new(key: &LedgerKey) -> Self {
        Self(XChaCha20Poly1305::new(key.bytes().into()))
    }

    /// Seals a table's fingerprints, all in one, so that none can be exchanged for another.
    pub(crate) fn seal_fingerprints(&self, table: &TableId, fingerprints: &[Fingerprint]) -> Result<Vec<u8>, Failure> {
        Ok(self.seal(&bound_to(table), &fingerprint_form::write(fingerprints))?)
    }

    /// Opens what [`Seal::seal_fingerprints`] gave for the same table.
    pub(crate) fn open_fingerprints(&self, table: &TableId, sealed: &[u8]) -> Result<Vec<Fingerprint>, Failure> {
        self.open(&bound_to(table), sealed)
            .and_then(|plain| fingerprint_form::read(&plain))
            .ok_or(Failure::Damaged("the sealed fingerprints of a table"))
    }

    /// Seals the hashes of the column of this number.
    pub(crate) fn seal_hashes(&self, column: usize, plain: &[u8]) -> Result<Vec<u8>, Error> {
        self.seal(&hashes_of(column), plain)
    }

    /// Opens what [`Seal::seal_hashes`] gave for the same column.
    pub(crate) fn open_hashes(&self, column: usize, sealed: &[u8]) -> Option<Vec<u8>> {
        self.open(&hashes_of(column), sealed)
    }

    /// A sealed text that [`Seal::is_of_same_key`] knows again.
    pub(crate) fn check(&self) -> Result<Vec<u8>, Failure> {
        Ok(self.seal(b"check", CHECK)?)
    }

    /// Was the check sealed with this key?
    pub(crate) fn is_of_same_key(&self, check: &[u8]) -> bool {
        self.open(b"check", check).is_some_and(|plain| plain == CHECK)
    }

    fn seal(&self, purpose: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| no_randomness("seal_fingerprints"))?;
        let aad = [&[VERSION], purpose].concat();
        let ciphertext = self
            .0
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad })
            .map_err(|_| Error::new(ErrorKind::LimitExceeded, "seal_fingerprints", "too many fingerprints to seal"))?;
        Ok([&[VERSION][..], &nonce, &ciphertext].concat())
    }

    fn open(&self, purpose: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (&VERSION, rest) = sealed.split_first()? else { return None };
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let aad = [&[VERSION], purpose].concat();
        self.0.decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: &aad }).ok()
    }
}

fn bound_to(table: &TableId) -> Vec<u8> {
    [b"fingerprints of ", table.0.as_bytes()].concat()
}

fn hashes_of(column: usize) -> Vec<u8> {
    [&b"hashes of "[..], &(column as u64).to_le_bytes()].concat()
}

fn no_randomness(step: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, step, "the operating system gives no random bytes")
}

#[cfg(test)]
mod tests {
    use catalog_core::model::Secret;
    use catalog_testkit::samples::{fingerprint, table_ref};

    use super::*;

    fn seal_of(digit: &str) -> Seal {
        Seal::new(&LedgerKey::from_secret(&Secret::new(digit.repeat(64))).unwrap())
    }

    #[test]
    fn what_was_sealed_opens_again_in_order() {
        let seal = seal_of("a");
        let id = table_ref("client").id;
        let sealed = seal.seal_fingerprints(&id, &[fingerprint(1), fingerprint(-9)]).ok().unwrap();
        let opened = seal.open_fingerprints(&id, &sealed).ok().unwrap();
        assert!(opened == [fingerprint(1), fingerprint(-9)]);
    }

    #[test]
    fn a_seal_moved_to_another_table_does_not_open() {
        let seal = seal_of("a");
        let sealed = seal.seal_fingerprints(&table_ref("client").id, &[fingerprint(1)]).ok().unwrap();
        assert!(seal.open_fingerprints(&table_ref("loan").id, &sealed).is_err());
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed() {
        let seal = seal_of("a");
        let id = table_ref("client").id;
        let sealed = seal.seal_fingerprints(&id, &[]).ok().unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(seal.open_fingerprints(&id, &changed).is_err(), "byte {at}");
            assert!(seal.open_fingerprints(&id, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_same_fingerprints_are_never_sealed_alike() {
        let seal = seal_of("a");
        let id = table_ref("client").id;
        let sealed = || seal.seal_fingerprints(&id, &[fingerprint(1)]).ok().unwrap();
        assert_ne!(sealed(), sealed());
    }

    #[test]
    fn the_check_knows_its_own_key_only() {
        let check = seal_of("a").check().ok().unwrap();
        assert!(seal_of("a").is_of_same_key(&check));
        assert!(!seal_of("b").is_of_same_key(&check));
    }
}
