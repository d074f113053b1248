//! A posted form, taken only with the token that its page carried.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;

use super::door::Visit;
use crate::api::Problem;

/// Fields of a form at most.
const FIELDS_MAX: usize = 2_100;

/// The fields of a form, in order. Whoever takes one is safe from forged requests: making it checks the token.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The first value of a field, without white space around it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// The same, or nothing when it is empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All fields, in order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// All values of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The page to go back to: a path of ours, whatever was sent.
    pub(super) fn back(&self) -> String {
        let asked = self.get("back").unwrap_or("/");
        let ours = asked.starts_with('/') && !asked.starts_with("//") && !asked.contains(['\\', '\r', '\n']);
        let ours = ours && asked.len() <= 2_000 && asked.is_ascii();
        if ours { asked.to_owned() } else { "/".to_owned() }
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let forged = || Problem::new(StatusCode::FORBIDDEN, "stale_form", "the form is too old or not from this page");
        let expected = request.extensions().get::<Visit>().map(|visit| visit.form_token.clone()).ok_or_else(forged)?;
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|refused| Problem::new(refused.status(), "invalid_input", "the form is too large"))?;
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(&bytes)
            .take(FIELDS_MAX)
            .map(|(k, v)| (k.into_owned(), v.into_owned()))
            .collect();
        let form = Self(fields);
        let sent = form.get("form_token").unwrap_or_default();
        // Hashes compare in constant time.
        let same = blake3::hash(sent.as_bytes()) == blake3::hash(expected.as_bytes());
        if same { Ok(form) } else { Err(forged()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_elsewhere() {
        for (asked, leads) in [
            ("/?kind=pii", "/?kind=pii"),
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\r\nSet-Cookie: x=y", "/"),
            ("", "/"),
        ] {
            assert_eq!(Form(vec![("back".into(), asked.into())]).back(), leads, "{asked}");
        }
    }
}
