//! A running query that ends with whoever asked for it.

use std::time::Duration;

use catalog_core::ErrorKind;
use catalog_net::{HttpClient, HttpRequest, Method};
use tokio_util::task::TaskTracker;

/// A DELETE that is not answered by then is left to the engine's own time limit.
const ABANDON_WITHIN: Duration = Duration::from_secs(5);

/// Tells the engine to stop when it is dropped before the query ended.
pub(super) struct LiveQuery<'a> {
    pub(super) http: &'a HttpClient,
    pub(super) user: &'a str,
    pub(super) farewells: &'a TaskTracker,
    pub(super) id: String,
    /// Where the next page is; `None` when the query has ended.
    pub(super) next: Option<String>,
}

impl Drop for LiveQuery<'_> {
    fn drop(&mut self) {
        let (Some(next), Ok(runtime)) = (self.next.take(), tokio::runtime::Handle::try_current()) else { return };
        let (http, user, id) = (self.http.clone(), self.user.to_owned(), std::mem::take(&mut self.id));
        let farewell = async move {
            let delete = |target: String| {
                HttpRequest::new("abandon_query", Method::Delete, target)
                    .header("x-trino-user", &*user)
                    .deadline(ABANDON_WITHIN)
            };
            let told = http.send(delete(next)).await;
            // The address led to another host: our own host knows the query by its id.
            let strayed = matches!(&told, Err(error) if error.kind() == ErrorKind::Forbidden);
            if strayed && !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                let _ = http.send(delete(format!("/v1/query/{id}"))).await;
            }
        };
        self.farewells.spawn_on(farewell, &runtime);
    }
}
