//! What the server is and what it lets us do, for the start and for `doctor`.

use std::collections::BTreeSet;

use catalog_core::Result;
use serde::Deserialize;

use crate::client::{Call, OmClient, succeeded};

/// What a run needs to be allowed, by resource. Servers ask for `EditAll` when a patch names any path that has no right
/// of its own, and the tests that guard ours do (`/updatedAt`, `/columns/1/name`): the guards cost that right.
const RIGHTS: [(&str, &[&str]); 3] =
    [("table", &["ViewAll", "EditAll"]), ("classification", &["Create"]), ("tag", &["Create"])];

/// What the server is and what it lets us do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerCapabilities {
    /// Its version, as it says.
    pub version: String,
    /// Does it refuse a write that is based on an old version? Without that, automatic publishing is off by default.
    pub optimistic_locking: bool,
    /// Does it apply the operations of a patch in their order? Servers before 1.4 move removals to the end
    /// (OpenMetadata's #15680), so nothing is written to them.
    pub ordered_patches: bool,
    /// The user that our token belongs to; its changes are ours.
    pub user: String,
    /// Is that user a bot? A person's token works, and its owner's edits are then taken for ours.
    pub is_bot: bool,
    /// Rights that we lack, as `table:EditAll`; `None` when the server does not say.
    pub missing_rights: Option<Vec<String>>,
}

impl ServerCapabilities {
    /// What to assume of a server that could not be asked: it guards nothing, so everything is reviewed. `user` is the
    /// bot's name.
    pub fn unknown(user: impl Into<String>) -> Self {
        Self {
            version: String::new(),
            optimistic_locking: false,
            ordered_patches: true,
            user: user.into(),
            is_bot: true,
            missing_rights: None,
        }
    }
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    name: String,
    #[serde(default)]
    is_bot: bool,
}

#[derive(Deserialize)]
struct Permissions {
    #[serde(default)]
    permissions: Vec<Permission>,
}

#[derive(Deserialize)]
struct Permission {
    operation: String,
    access: String,
}

/// A service that OpenMetadata knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OmService {
    /// Its name.
    pub name: String,
    /// What it is: `Trino`, `Postgres` and so on.
    #[serde(default)]
    pub service_type: String,
}

impl OmClient {
    /// Asks for version, locking, user and rights. Changes nothing.
    ///
    /// # Errors
    /// `Forbidden` for a token that is missing, wrong or expired; `Unavailable`, `Timeout`; `Corrupt` when the address
    /// leads to something else than OpenMetadata.
    pub async fn probe(&self) -> Result<ServerCapabilities> {
        let version: Version = self.read(Call::get("ask_for_version", "/system/version")).await?;
        let user: User = self.read(Call::get("ask_for_user", "/users/loggedInUser")).await?;
        let parsed = parts(&version.version);
        Ok(ServerCapabilities {
            optimistic_locking: self.sends_entity_tags(parsed).await?,
            ordered_patches: parsed >= (1, 4),
            version: version.version,
            missing_rights: self.missing_rights().await?,
            user: user.name,
            is_bot: user.is_bot,
        })
    }

    /// Servers that check `If-Match` send an `ETag` with each entity. A classification that every server has is asked
    /// for; without it the version decides.
    async fn sends_entity_tags(&self, version: (u32, u32)) -> Result<bool> {
        let response = self.send(Call::get("ask_for_locking", "/classifications/name/PII")).await?;
        if response.status() == 404 {
            return Ok(version >= (1, 9));
        }
        Ok(succeeded(response)?.header("etag").is_some())
    }

    async fn missing_rights(&self) -> Result<Option<Vec<String>>> {
        let mut missing = Vec::new();
        for (resource, rights) in RIGHTS {
            let call = Call::get("ask_for_rights", format!("/permissions/{resource}"));
            let Some(held) = self.find::<Permissions>(call).await? else { return Ok(None) };
            let allowed: BTreeSet<&str> = held
                .permissions
                .iter()
                .filter(|p| matches!(p.access.as_str(), "allow" | "conditionalAllow"))
                .map(|p| p.operation.as_str())
                .collect();
            let lacks = |right: &&&str| !allowed.contains(**right) && !allowed.contains("All");
            missing.extend(rights.iter().filter(lacks).map(|right| format!("{resource}:{right}")));
        }
        Ok(Some(missing))
    }

    /// The database services, at most a thousand, for `doctor`.
    ///
    /// # Errors
    /// As [`OmClient::probe`].
    pub async fn services(&self) -> Result<Vec<OmService>> {
        #[derive(Deserialize)]
        struct Services {
            #[serde(default)]
            data: Vec<OmService>,
        }
        let call = Call::get("list_services", "/services/databaseServices").query("limit", "1000");
        Ok(self.read::<Services>(call).await?.data)
    }
}

/// Major and minor number; what is no number is 0.
fn parts(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    });
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(parts("1.10.0") > parts("1.9.3"));
        assert_eq!(parts("2.0.6-SNAPSHOT"), (2, 0));
        assert_eq!(parts("1.4-rc1"), (1, 4));
        assert_eq!(parts("none"), (0, 0));
    }
}
