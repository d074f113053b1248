//! What a browser gets of the steward's page, and what it may not do.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use catalog_core::model::{FieldPath, FieldValue, ProposalState};
use catalog_core::ports::Publisher as _;
use catalog_core::ports::ledger::{ProposalFilter, Proposals as _};
use catalog_syncd::api::auth::Role;
use catalog_testkit::samples;
use tower::ServiceExt as _;

use crate::fixture::{Daemon, World};

const REVIEW: &str = "[publish]\ndescription = \"review\"\nkey = \"review\"\n";

/// What came back.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

/// A browser with cookies.
pub(crate) struct Browser<'a> {
    daemon: &'a Daemon,
    cookies: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(daemon: &'a Daemon) -> Self {
        Self { daemon, cookies: Vec::new(), headers: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.send("GET", path, Body::empty()).await
    }

    /// Fills in the form's token, as a page of ours does.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.token().await;
        let fields = fields.iter().copied().chain([("form_token", token.as_str())]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, body.into()).await
    }

    async fn token(&mut self) -> String {
        let page = self.get("/login").await.text;
        page.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    async fn send(&mut self, method: &str, path: &str, body: Body) -> Seen {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8580")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookies.join("; "));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = self.daemon.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        let bytes = to_bytes(answer.into_body(), 10 << 20).await.unwrap();
        Seen { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }
}

pub(crate) async fn reviewed(tables: usize) -> Daemon {
    let daemon = Daemon::start(World::new(tables, REVIEW)).await;
    daemon.run(true).await;
    daemon
}

async fn open(daemon: &Daemon) -> Vec<catalog_core::model::Proposal> {
    let filter = ProposalFilter { state: Some(ProposalState::Open), ..ProposalFilter::default() };
    daemon.world.ledger.proposals(&filter).await.unwrap()
}

#[tokio::test]
async fn every_page_forbids_scripts_and_styles_of_its_own_frames_and_other_hosts() {
    let daemon = reviewed(1).await;
    let table = open(&daemon).await[0].operation.table.id.0.clone();
    let mut browser = Browser::new(&daemon);
    for path in ["/".to_owned(), format!("/table/{table}"), "/login".to_owned(), "/table/unknown".to_owned()] {
        let page = browser.get(&path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        for inline in [" style=", "<style", "<script>", " onclick=", "javascript:"] {
            assert!(!page.text.contains(inline), "{path} holds {inline}");
        }
        let elsewhere = ["src=\"http", "href=\"http", "src=\"//", "href=\"//", "action=\"http"];
        assert!(elsewhere.iter().all(|e| !page.text.contains(e)), "{path} asks another host");
    }
}

#[tokio::test]
async fn accepting_and_rejecting_are_plain_forms_that_lead_back() {
    let daemon = reviewed(2).await;
    let all = open(&daemon).await;
    let mut browser = Browser::new(&daemon);
    let table = format!("/table/{}", all[0].operation.table.id);
    let page = browser.get(&table).await.text;
    assert!(page.contains(&format!("action=\"/proposals/{}/accept\"", all[0].id)), "{page}");
    let accepted = browser.post(&format!("/proposals/{}/accept", all[0].id), &[("back", &table)]).await;
    assert_eq!(
        (accepted.status, accepted.header("location")),
        (StatusCode::SEE_OTHER, &*format!("{table}?said=accepted"))
    );
    assert!(browser.get(&format!("{table}?said=accepted")).await.text.contains("Accepted and published."));
    let path = format!("/proposals/{}/reject", all[1].id);
    assert_eq!(browser.post(&path, &[]).await.status, StatusCode::BAD_REQUEST, "a rejection says why");
    let rejected = browser.post(&path, &[("reason", "It is wrong"), ("more", "no branches"), ("back", "//evil")]).await;
    assert_eq!(rejected.header("location"), "/?said=rejected");
    let known = daemon.world.ledger.proposal(&all[1].id).await.unwrap().unwrap();
    assert_eq!((known.state, known.reason.as_deref()), (ProposalState::Rejected, Some("It is wrong: no branches")));
    assert_eq!(daemon.world.publisher.writes(), 1);
    assert!(browser.get("/").await.text.contains("Nothing waits here."));
}

#[tokio::test]
async fn an_edited_text_is_published_and_one_that_is_too_long_is_refused() {
    let daemon = reviewed(1).await;
    let proposal = open(&daemon).await.remove(0);
    let mut browser = Browser::new(&daemon);
    let path = format!("/proposals/{}/accept", proposal.id);
    for refused in ["word ".repeat(21).as_str(), "See https://evil.example now.", "<b>Bold</b> text"] {
        assert_eq!(browser.post(&path, &[("text", refused)]).await.status, StatusCode::BAD_REQUEST, "{refused}");
    }
    let accepted = browser.post(&path, &[("text", "Bank branches, one row each.")]).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER);
    let current = daemon.world.publisher.read(&proposal.operation.table).await.unwrap().unwrap();
    let text = FieldValue::Text("Bank branches, one row each.".into());
    assert_eq!(current.get(&FieldPath::Description).unwrap().value, text);
}

#[tokio::test]
async fn whoever_comes_second_is_told_who_was_first() {
    let daemon = reviewed(1).await;
    let id = open(&daemon).await[0].id.clone();
    let (mut first, mut second) = (Browser::new(&daemon), Browser::new(&daemon));
    let path = format!("/proposals/{id}/accept");
    assert_eq!(first.post(&path, &[]).await.status, StatusCode::SEE_OTHER);
    let late = second.post(&path, &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("Somebody was faster: local has accepted it already."), "{}", late.text);
    assert_eq!(daemon.world.publisher.writes(), 1);
}

#[tokio::test]
async fn a_form_without_its_token_or_from_another_site_is_refused() {
    let daemon = reviewed(1).await;
    let id = open(&daemon).await[0].id.clone();
    let path = format!("/proposals/{id}/accept");
    let mut browser = Browser::new(&daemon);
    assert_eq!(browser.send("POST", &path, Body::empty()).await.status, StatusCode::FORBIDDEN);
    let guessed = format!("form_token={}", "0".repeat(64));
    assert_eq!(browser.send("POST", &path, guessed.into()).await.status, StatusCode::FORBIDDEN);
    let other = Browser::new(&daemon).token().await;
    assert_eq!(browser.send("POST", &path, format!("form_token={other}").into()).await.status, StatusCode::FORBIDDEN);
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")] {
        let mut framed = Browser::new(&daemon).with(name, value);
        assert_eq!(framed.post(&path, &[]).await.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(open(&daemon).await.len(), 1);
}

#[tokio::test]
async fn with_tokens_a_browser_logs_in_and_may_do_what_its_role_may() {
    let world = World::new(1, REVIEW);
    let tokens = world.tokens();
    let daemon = Daemon::start_with(world, true).await;
    daemon.run(true).await;
    let id = open(&daemon).await[0].id.clone();
    let path = format!("/proposals/{id}/accept");
    let mut browser = Browser::new(&daemon);
    assert_eq!(browser.get("/?kind=pii").await.header("location"), "/login?back=%2F%3Fkind%3Dpii");
    let refused = browser.post("/login", &[("token", "acs_unknown"), ("back", "/")]).await;
    assert_eq!(refused.header("location"), "/login?refused=yes&back=%2F");
    for (role, token) in &tokens {
        let mut browser = Browser::new(&daemon);
        let entered = browser.post("/login", &[("token", token), ("back", "/?kind=pii")]).await;
        let cookie = entered.header("set-cookie").to_owned();
        assert_eq!(entered.header("location"), "/?kind=pii");
        assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
        let looks = browser.get("/").await;
        let may_look = *role != Role::Ingest;
        assert_eq!(looks.status == StatusCode::OK, may_look, "{role:?}");
        assert_eq!(looks.text.contains("data-key=\"a\""), matches!(role, Role::Steward | Role::Operator), "{role:?}");
        if matches!(role, Role::Ingest | Role::Viewer) {
            assert_eq!(browser.post(&path, &[]).await.status, StatusCode::FORBIDDEN, "{role:?}");
        }
        browser.post("/logout", &[]).await;
        assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
    }
    let away = Browser::new(&daemon).with("host", "sync.example");
    drop(away);
    assert_eq!(open(&daemon).await.len(), 1);
}

#[tokio::test]
async fn hostile_names_and_texts_stay_text() {
    let daemon = Daemon::start(World::new(0, REVIEW)).await;
    let hostile = "<img src=x onerror=alert(1)>\"'";
    let mut operation = samples::describe(hostile, &format!("{hostile} {{{{7*7}}}}"));
    operation.author = hostile.into();
    let mut column = samples::tag(hostile, hostile);
    column.prompt_version = hostile.into();
    let proposals = [samples::proposal(operation), samples::proposal(column)];
    daemon.world.store(hostile, &proposals).await;
    let mut browser = Browser::new(&daemon);
    let table = samples::table_ref(hostile).id;
    for path in ["/".to_owned(), format!("/table/{table}"), format!("/?name={}", "%3Cimg%20onerror%3D%22x%22%3E")] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(!page.text.contains("<img") && !page.text.contains("onerror=\""), "{path}");
    }
    assert!(browser.get("/").await.text.contains("&#60;img src=x"), "the name is shown");
}

#[tokio::test]
async fn the_page_speaks_the_browsers_language_or_the_one_that_was_chosen() {
    let daemon = reviewed(1).await;
    let mut browser = Browser::new(&daemon).with("accept-language", "fr-FR,fr;q=0.9");
    let page = browser.get("/").await.text;
    assert!(page.contains("<html lang=\"fr\">") && page.contains("À traiter"), "{page}");
    assert!(browser.get("/?lang=en").await.text.contains("<html lang=\"en\">"));
    assert!(browser.get("/").await.text.contains("<html lang=\"en\">"), "the choice is kept");
}

#[tokio::test]
async fn no_raw_value_stands_on_a_page() {
    let daemon = reviewed(2).await;
    let mut browser = Browser::new(&daemon);
    for proposal in open(&daemon).await {
        let page = browser.get(&format!("/table/{}", proposal.operation.table.id)).await.text;
        // Every cell of `id` is raw; `Lyon` is a public code.
        for n in 0..50 {
            assert!(!page.contains(&format!(">{}<", 1_000 + n)), "{n}");
        }
        assert!(page.contains("What it rests on"), "{page}");
    }
}
