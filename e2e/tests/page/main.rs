//! The steward's page in a real browser: headless Chromium over the sample bank.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod daemon;
mod paint;

use daemon::Daemon;
use e2e::variable;
use e2e::webdriver::Options;

fn card(id: &str) -> String {
    format!("#p-{id}")
}

#[test]
fn a_steward_accepts_edits_rejects_and_takes_it_back() {
    let daemon = Daemon::start();
    let browser = daemon.browser(Options::default());
    let (id, page) = daemon.description(0);
    browser.go(&page).unwrap();
    browser.click(&format!("{} button.go[data-key=a]", card(&id))).unwrap();
    browser.wait_for("Accepted and published.").unwrap();
    assert_eq!(daemon.state(&id), "accepted");
    browser.click(".said button[data-key=u]").unwrap();
    browser.wait_for("Taken back.").unwrap();
    let (edited, page) = daemon.description(1);
    browser.go(&page).unwrap();
    browser.click(&format!("{} details[data-panel=e] summary", card(&edited))).unwrap();
    browser.fill(&format!("{} textarea", card(&edited)), &"word ".repeat(21)).unwrap();
    browser.wait_for("It is too long.").unwrap();
    browser.fill(&format!("{} textarea", card(&edited)), "What the bank keeps, one row each.").unwrap();
    browser.click(&format!("{} details[data-panel=e] button.go", card(&edited))).unwrap();
    browser.wait_for("Accepted and published.").unwrap();
    assert_eq!(
        daemon.api(&format!("proposals/{edited}"))["operation"]["after"]["text"],
        "What the bank keeps, one row each."
    );
    let (rejected, page) = daemon.description(0);
    browser.go(&page).unwrap();
    browser.click(&format!("{} details[data-panel=r] summary", card(&rejected))).unwrap();
    browser.click(&format!("{} details[data-panel=r] input[type=radio]", card(&rejected))).unwrap();
    browser.click(&format!("{} details[data-panel=r] button.stop", card(&rejected))).unwrap();
    browser.wait_for("Rejected. The same change does not come back.").unwrap();
    assert_eq!(daemon.state(&rejected), "rejected");
    browser.click(".said button[data-key=u]").unwrap();
    browser.wait_for("Taken back.").unwrap();
    assert_eq!(daemon.state(&rejected), "open");
}

#[test]
fn a_filter_is_accepted_in_bulk_after_a_preview_and_taken_back() {
    let daemon = Daemon::start();
    let browser = daemon.browser(Options::default());
    let open = |kind: &str| daemon.api(&format!("proposals?limit=1000&kind={kind}"))["items"].as_array().unwrap().len();
    let before = open("description");
    browser.go(&format!("{}/bulk?kind=description", daemon.address)).unwrap();
    browser.wait_for(&format!("<b>{before}</b> open proposals match.")).unwrap();
    browser.click("button.go[data-key=a]").unwrap();
    browser.wait_for("Accepted and published.").unwrap();
    assert_eq!(open("description"), 0);
    browser.press("u").unwrap();
    browser.wait_for("Taken back.").unwrap();
}

#[test]
fn the_second_of_two_stewards_and_a_stale_tab_get_a_clear_message() {
    let daemon = Daemon::start();
    let (id, page) = daemon.description(0);
    let (first, second) = (daemon.browser(Options::default()), daemon.browser(Options::default()));
    first.go(&page).unwrap();
    second.go(&page).unwrap();
    let accept = format!("{} button.go[data-key=a]", card(&id));
    first.click(&accept).unwrap();
    first.wait_for("Accepted and published.").unwrap();
    second.click(&accept).unwrap();
    second.wait_for("Somebody was faster: local has accepted it already.").unwrap();
    let published = daemon.api("audit?limit=10000");
    let rows = published["items"].as_array().unwrap().iter();
    assert_eq!(rows.filter(|r| r["action"] == "published" && r["operation"]["field"] == "description").count(), 1);
}

#[test]
fn hostile_names_run_nothing() {
    let daemon = Daemon::start();
    let browser = daemon.browser(Options::default());
    for path in [
        "/?name=img",
        "/pii",
        "/progress",
        "/audit",
        "/bulk?name=img",
        "/search?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E",
    ] {
        browser.go(&format!("{}{path}", daemon.address)).unwrap();
        assert_eq!(browser.run("return document.querySelectorAll('main img').length").unwrap(), 0, "{path}");
        assert!(!browser.run("return document.title").unwrap().as_str().unwrap().contains("owned"), "{path}");
    }
}

#[test]
fn everything_is_in_french_for_a_french_browser() {
    let daemon = Daemon::start();
    let browser = daemon.browser(Options { french: true, ..Options::default() });
    assert_eq!(browser.run("return document.documentElement.lang").unwrap(), "fr");
    let (id, page) = daemon.description(0);
    browser.go(&page).unwrap();
    browser.click(&format!("{} button.go[data-key=a]", card(&id))).unwrap();
    browser.wait_for("Accepté et publié.").unwrap();
}

#[test]
fn without_scripts_accepting_and_rejecting_work() {
    let daemon = Daemon::start();
    let browser = daemon.browser(Options { no_scripts: true, ..Options::default() });
    let (id, page) = daemon.description(0);
    browser.go(&page).unwrap();
    browser.click(&format!("{} button.go[data-key=a]", card(&id))).unwrap();
    browser.wait_for("Accepted and published.").unwrap();
    let (rejected, page) = daemon.description(0);
    browser.go(&page).unwrap();
    browser.click(&format!("{} details[data-panel=r] summary", card(&rejected))).unwrap();
    browser.click(&format!("{} details[data-panel=r] input[type=radio]", card(&rejected))).unwrap();
    browser.click(&format!("{} details[data-panel=r] button.stop", card(&rejected))).unwrap();
    browser.wait_for("Rejected.").unwrap();
    assert_eq!((daemon.state(&id), daemon.state(&rejected)), ("accepted".to_owned(), "rejected".to_owned()));
}

#[test]
fn the_keyboard_alone_is_enough() {
    let daemon = Daemon::start();
    let browser = daemon.browser(Options::default());
    browser.go(&format!("{}/?kind=description", daemon.address)).unwrap();
    browser.press("jjk").unwrap();
    assert_eq!(
        browser
            .run("return [...document.querySelectorAll('[data-item]')].findIndex((i) => i.matches('.here'))")
            .unwrap(),
        0
    );
    browser.press("o").unwrap();
    browser.wait_for("What it rests on").unwrap();
    browser.press("ja").unwrap();
    browser.wait_for("Accepted and published.").unwrap();
    browser.press("u").unwrap();
    browser.wait_for("Taken back.").unwrap();
    let table = "return document.querySelector('h1').textContent";
    let before = browser.run(table).unwrap();
    browser.press("n").unwrap();
    browser.wait_for_change(table, &before).unwrap();
    browser.press("?").unwrap();
    assert_eq!(browser.run("return document.getElementById('help').open").unwrap(), true);
}

#[test]
fn an_audit_of_accessibility_finds_nothing_serious() {
    let daemon = Daemon::start();
    let axe = std::fs::read_to_string(variable("CATALOG_TEST_AXE").unwrap()).unwrap();
    let (_, table) = daemon.description(0);
    let key = daemon.api("proposals?kind=key")["items"][0]["id"].as_str().unwrap_or("none").to_owned();
    let paths = ["/", "/pii", "/queries", "/progress", "/audit", "/bulk", "/search?q=loans", "/login"];
    let mut pages: Vec<String> = paths.iter().map(|path| format!("{}{path}", daemon.address)).collect();
    pages.extend([table, format!("{}/keys?id={key}", daemon.address)]);
    let light = Options::default();
    for options in [light, Options { dark: true, ..light }, Options { width: 390, french: true, ..light }] {
        let browser = daemon.browser(options);
        for page in &pages {
            browser.go(page).unwrap();
            browser.run(&axe).unwrap();
            let found = browser
                .run("return axe.run().then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => v.id + ': ' + v.nodes.map((n) => n.html).slice(0, 3).join(' | ')))")
                .unwrap();
            assert_eq!(found, serde_json::json!([]), "{page} {options:?}");
        }
    }
}

#[test]
fn what_a_form_did_is_told_without_moving_the_page() {
    let daemon = Daemon::start();
    let browser = daemon.browser(Options::default());
    let (id, page) = daemon.description(0);
    browser.go(&page).unwrap();
    let top = "return document.querySelector('main h1').getBoundingClientRect().top";
    let before = browser.run(top).unwrap();
    browser.click(&format!("{} button.go[data-key=a]", card(&id))).unwrap();
    browser.wait_for("Accepted and published.").unwrap();
    assert_eq!(browser.run(top).unwrap(), before);
}
