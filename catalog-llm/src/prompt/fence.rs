//! The boundary that names what it encloses as data.

/// Makes boundaries that no data can contain.
#[derive(Clone)]
pub struct Fence {
    key: [u8; 32],
}

impl Fence {
    /// A fence under a key of this process: nobody outside can foresee its boundaries, and the same data get the
    /// same boundary while the process lives.
    pub fn random() -> Self {
        use std::hash::{BuildHasher, RandomState};
        let mut key = [0; 32];
        // Each state is keyed by the operating system's random source.
        for (at, part) in key.chunks_mut(8).enumerate() {
            part.copy_from_slice(&RandomState::new().hash_one(at).to_le_bytes());
        }
        Self { key }
    }

    /// A fence under a key of one's own, for tests and measurements that must repeat.
    pub fn fixed(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The data between two boundary lines.
    pub(super) fn around(&self, data: &str) -> String {
        let mark = self.mark(data);
        format!("===== data {mark} =====\n{data}===== end {mark} =====\n")
    }

    /// A mark that does not occur in the data.
    fn mark(&self, data: &str) -> String {
        let mut hash = blake3::keyed_hash(&self.key, data.as_bytes());
        loop {
            let mark = hash.to_hex()[..16].to_owned();
            if !data.contains(&mark) {
                return mark;
            }
            hash = blake3::hash(hash.as_bytes());
        }
    }
}
