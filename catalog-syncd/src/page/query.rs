//! Filters as they stand in an address.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use catalog_core::model::{ChangeKind, ProposalState};
use catalog_core::ports::ledger::{InboxPlace, ProposalFilter};

use super::inbox::place_of;

/// Parameters that are read.
const PARAMETERS_MAX: usize = 100;
/// Characters of one.
const CHARS_MAX: usize = 600;

/// What an address asks for. Whatever cannot be understood is as good as not said.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    path: String,
    pairs: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.path(), parts.uri.query().unwrap_or_default()))
    }
}

impl Asked {
    /// The filters of an address.
    pub(super) fn of(path: &str, query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).take(PARAMETERS_MAX);
        let pairs = pairs.map(|(key, value)| (key.into_owned(), value.chars().take(CHARS_MAX).collect()));
        Self { path: path.to_owned(), pairs: pairs.filter(|(key, _)| key != "said").collect() }
    }

    /// The value of a parameter, or nothing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Has the parameter this value?
    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == value
    }

    /// All values of a parameter.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn filled(&self, name: &str) -> Option<String> {
        let value = self.get(name).trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    pub(super) fn kind(&self) -> Option<ChangeKind> {
        ChangeKind::ALL.into_iter().find(|kind| kind.as_str() == self.get("kind"))
    }

    /// A share given in percent.
    pub(super) fn share(&self, name: &str) -> Option<f64> {
        let percent: f64 = self.get(name).parse().ok()?;
        (percent > 0.0 && percent <= 100.0).then_some(percent / 100.0)
    }

    pub(super) fn place(&self) -> Option<InboxPlace> {
        place_of(self.get("after"))
    }

    /// The same address with another value; an empty one takes the parameter away. A new filter begins at the start.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let rest = self.pairs.iter().filter(|(key, _)| key != name && key != "after" && key != "lang");
        query.extend_pairs(rest);
        if !value.is_empty() {
            query.append_pair(name, value);
        }
        let query = query.finish();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }

    /// The filter over open proposals that the address names.
    pub(super) fn filter(&self) -> ProposalFilter {
        ProposalFilter {
            state: Some(ProposalState::Open),
            kind: self.kind(),
            name_holds: self.filled("name"),
            confidence_min: self.share("min"),
            group: self.filled("group"),
            ..ProposalFilter::default()
        }
    }

    /// The filter's part of an address, for another page of the same filter.
    pub(super) fn filter_query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(
            self.pairs.iter().filter(|(key, _)| matches!(key.as_str(), "kind" | "name" | "min" | "group" | "table")),
        );
        query.finish()
    }

    /// The filter's parameters, for hidden fields of a form.
    pub(super) fn filter_pairs(&self) -> impl Iterator<Item = &(String, String)> {
        self.pairs.iter().filter(|(key, _)| matches!(key.as_str(), "kind" | "name" | "min" | "group" | "table"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_its_filter_and_leads_to_the_next() {
        let asked = Asked::of("/", "kind=pii&name=a%26b&min=70&after=1.5~t&said=accepted");
        assert_eq!((asked.kind(), asked.share("min")), (Some(ChangeKind::Pii), Some(0.7)));
        assert_eq!(asked.with("kind", ""), "/?name=a%26b&min=70");
        assert_eq!(asked.with("after", "0.5~u"), "/?kind=pii&name=a%26b&min=70&after=0.5%7Eu");
        assert_eq!(asked.place().map(|p| (p.priority, p.table.0)), Some((1.5, "t".to_owned())));
        let nonsense = Asked::of("/", "kind=nothing&min=NaN&after=x");
        assert_eq!((nonsense.kind(), nonsense.share("min"), nonsense.place()), (None, None, None));
    }
}
