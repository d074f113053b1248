//! Addresses fit for a log.

use url::Url;

/// What stands for a text that is no URL: nothing of it is shown, since nobody can say where its secret is.
const UNREADABLE: &str = "<unreadable url>";

/// The address without its secrets: user and password, every query value and the fragment go; scheme, host, port,
/// path and the names of the parameters stay. A text that is no `scheme://host` URL shows nothing at all.
///
/// ```
/// use catalog_net::redact_url;
/// assert_eq!(redact_url("postgres://bob:hunter2@db:5432/sales?sslmode=require"), "postgres://***@db:5432/sales?sslmode=***");
/// assert_eq!(redact_url("host=db password=hunter2"), "<unreadable url>");
/// ```
pub fn redact_url(text: &str) -> String {
    let Ok(url) = Url::parse(text) else { return UNREADABLE.to_owned() };
    let Some(host) = url.host_str().filter(|h| !h.is_empty()) else { return UNREADABLE.to_owned() };
    // An unescaped `/`, `?` or `#` in a password ends the authority early: what looks like the host may be a part of
    // the password, and its rest lies behind.
    if [Some(url.path()), url.query(), url.fragment()].into_iter().flatten().any(|part| part.contains('@')) {
        return UNREADABLE.to_owned();
    }
    let mut out = format!("{}://", url.scheme());
    if !url.username().is_empty() || url.password().is_some() {
        out.push_str("***@");
    }
    out.push_str(host);
    if let Some(port) = url.port() {
        out.push_str(&format!(":{port}"));
    }
    out.push_str(url.path());
    for (i, (name, _)) in url.query_pairs().enumerate() {
        out.push(if i == 0 { '?' } else { '&' });
        out.push_str(&name);
        out.push_str("=***");
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_url_without_secrets_stays_readable() {
        assert_eq!(redact_url("https://om.data.svc:8585/api/v1"), "https://om.data.svc:8585/api/v1");
    }

    #[test]
    fn a_token_in_the_query_or_the_fragment_is_gone() {
        assert_eq!(redact_url("https://h/p?token=s3cret&a=b#s3cret"), "https://h/p?token=***&a=***");
    }

    #[test]
    fn a_password_with_an_unescaped_slash_or_hash_is_gone() {
        for text in
            ["postgres://u:12/s3cret@h/db", "postgres://u:1#s3cret@h/db", "postgres://u:1?s3cret@h/db", "u:s3cret@h"]
        {
            assert!(!redact_url(text).contains("s3cret"), "{text} -> {}", redact_url(text));
        }
    }

    proptest! {
        #[test]
        fn no_password_survives(password in "[A-Za-z0-9%/?#@:!$&]{0,12}QQQQ[A-Za-z0-9%/?#@:!$&]{0,12}") {
            let shown = redact_url(&format!("postgres://bob:{password}@db.example/sales"));
            prop_assert!(!shown.contains("QQQQ"), "{}", shown);
        }

        #[test]
        fn any_text_is_redacted_without_panic(text in ".{0,60}") {
            let _ = redact_url(&text);
        }
    }
}
