//! Names are resolved by the allow-list's own gate, for each connection.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::ApprovedTarget;

/// Resolves the one approved host and refuses every other name, so that a connection goes to addresses that were
/// checked and to nothing else.
pub(super) struct ApprovedResolver(pub(super) ApprovedTarget);

impl Resolve for ApprovedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let target = self.0.clone();
        Box::pin(async move {
            if !name.as_str().trim_end_matches('.').eq_ignore_ascii_case(target.host()) {
                return Err("another name than the approved one".into());
            }
            let addresses = target.resolve().await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
