//! A secret that cannot be printed.

/// A password, token or key. It has no `Display`, `Debug` or `Serialize`, so it cannot reach a log, an error or a
/// report by accident; [`Secret::expose`] is the one way out and easy to search for.
///
/// ```compile_fail
/// let s = catalog_core::model::Secret::new("hunter2");
/// println!("{s:?}");
/// ```
/// ```compile_fail
/// let s = catalog_core::model::Secret::new("hunter2");
/// println!("{s}");
/// ```
/// ```compile_fail
/// let s = catalog_core::model::Secret::new("hunter2");
/// serde_json::to_string(&s).unwrap();
/// ```
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// Wraps a secret; surrounding white space (a file's last newline) is cut.
    pub fn new(value: impl AsRef<str>) -> Self {
        Self(value.as_ref().trim().into())
    }

    /// The secret itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
