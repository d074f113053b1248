//! A browser behind a W3C WebDriver server: the few commands that the page's tests need.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Result, http, variable};

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Chromium makes no window narrower than this, in pixels.
const NARROW_BELOW: u32 = 500;
/// How long a page may take to show something.
const PATIENCE: Duration = Duration::from_secs(15);

/// One session with a profile of its own. It ends when it is dropped.
pub struct Browser {
    session: String,
}

/// How a browser is started.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Run no scripts.
    pub no_scripts: bool,
    /// Ask for pages in French.
    pub french: bool,
    /// Say that the user wants dark pages.
    pub dark: bool,
    /// Width of the window in pixels; 0 for that of a desk.
    pub width: u32,
}

impl Browser {
    /// A fresh headless browser.
    ///
    /// # Errors
    /// When no WebDriver server is named or it starts no browser.
    pub fn start(options: Options) -> Result<Self> {
        let server = variable("CATALOG_TEST_WEBDRIVER_URL")?;
        let language = if options.french { "fr" } else { "en" };
        let mut arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--accept-lang={language}"));
        arguments.push(format!("--window-size={},860", if options.width == 0 { 1280 } else { options.width }));
        if options.dark {
            arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let mut preferences = json!({ "intl.accept_languages": language });
        if options.no_scripts {
            preferences["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        let mut chrome = json!({ "args": arguments, "prefs": preferences });
        if (1..NARROW_BELOW).contains(&options.width) {
            // A window cannot be made so narrow; a phone's screen can.
            let screen = json!({ "width": options.width, "height": 860, "pixelRatio": 1, "mobile": true });
            chrome["mobileEmulation"] = json!({ "deviceMetrics": screen });
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": chrome } } });
        let made = value(&http::post(&format!("{server}/session"), &[], &wanted.to_string())?)?;
        let id = made["sessionId"].as_str().ok_or("the driver names no session")?;
        Ok(Self { session: format!("{server}/session/{id}") })
    }

    fn post(&self, command: &str, body: &Value) -> Result<Value> {
        value(&http::post(&format!("{}/{command}", self.session), &[], &body.to_string())?)
    }

    /// Goes to an address.
    ///
    /// # Errors
    /// When the page cannot be loaded.
    pub fn go(&self, url: &str) -> Result<()> {
        self.post("url", &json!({ "url": url })).map(drop)
    }

    /// Runs a script in the page and gives what it returns.
    ///
    /// # Errors
    /// When the script fails.
    pub fn run(&self, script: &str) -> Result<Value> {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    fn find(&self, css: &str) -> Result<String> {
        let begun = Instant::now();
        loop {
            match self.post("element", &json!({ "using": "css selector", "value": css })) {
                Ok(found) => return Ok(found[ELEMENT].as_str().unwrap_or_default().to_owned()),
                Err(error) if begun.elapsed() > PATIENCE => return Err(format!("no element {css}: {error}").into()),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Clicks the first element that the selector meets, once it is there.
    ///
    /// # Errors
    /// When it does not come or cannot be clicked.
    pub fn click(&self, css: &str) -> Result<()> {
        let element = self.find(css)?;
        self.post(&format!("element/{element}/click"), &json!({})).map(drop)
    }

    /// Types into the first element that the selector meets, in place of what it holds.
    ///
    /// # Errors
    /// As [`Browser::click`].
    pub fn fill(&self, css: &str, text: &str) -> Result<()> {
        let element = self.find(css)?;
        self.post(&format!("element/{element}/clear"), &json!({}))?;
        self.post(&format!("element/{element}/value"), &json!({ "text": text })).map(drop)
    }

    /// Presses keys where the focus is.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn press(&self, keys: &str) -> Result<()> {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })])
            .collect();
        self.post("actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": strokes }] })).map(drop)
    }

    /// Waits until a script gives something else than it gave before.
    ///
    /// # Errors
    /// When it stays the same.
    pub fn wait_for_change(&self, script: &str, before: &Value) -> Result<()> {
        let begun = Instant::now();
        while self.run(script)? == *before {
            if begun.elapsed() > PATIENCE {
                return Err(format!("it stays {before}").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The page's source.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn source(&self) -> Result<String> {
        let source = value(&http::get(&format!("{}/source", self.session))?)?;
        Ok(source.as_str().unwrap_or_default().to_owned())
    }

    /// The page's address.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn url(&self) -> Result<String> {
        let url = value(&http::get(&format!("{}/url", self.session))?)?;
        Ok(url.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the page holds a text.
    ///
    /// # Errors
    /// When it does not come.
    pub fn wait_for(&self, text: &str) -> Result<()> {
        let begun = Instant::now();
        loop {
            let source = self.source()?;
            if source.contains(text) {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("the page never says {text:?}: {source}").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        http::delete(&self.session);
    }
}

fn value(answer: &str) -> Result<Value> {
    let mut answer: Value = serde_json::from_str(answer)?;
    Ok(answer["value"].take())
}
