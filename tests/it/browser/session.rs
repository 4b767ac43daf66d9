//! One Chromium: how it is started, and what it can tell about a page.

use std::collections::BTreeSet;
use std::time::Duration;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Whether pages may run their scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    On,
    Off,
}

/// A window as a reader has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    pub width: u32,
    pub height: u32,
    pub dark: bool,
}

/// What a page turned out to be.
#[derive(Debug)]
pub struct Seen {
    pub title: String,
    /// The headings of the first level, in order.
    pub headings: Vec<String>,
    pub language: String,
    /// What the browser complained of.
    pub complaints: Vec<String>,
    /// Addresses asked for that are not the server's.
    pub foreign: BTreeSet<String>,
    /// How many pixels the page is wider than its window.
    pub overflow: i64,
    /// Elements that stick out, to find the cause of an overflow.
    pub sticking_out: Vec<String>,
}

/// A browser of one test, with a profile of its own.
pub struct Browser {
    client: Client,
    _profile: TempDir,
}

impl Browser {
    /// Starts one at the WebDriver that `tests/run` started.
    pub async fn start(webdriver: &str, script: Script) -> Browser {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut arguments: Vec<String> = [
            "--headless=new",
            // Tests run as root in a container, where Chromium's own sandbox cannot.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-default-apps",
            "--disable-extensions",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let mut options = json!({ "args": arguments, "perfLoggingPrefs": { "enableNetwork": true } });
        if script == Script::Off {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("an object above") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(webdriver)
            .await
            .expect("chromedriver starts Chromium");
        let browser = Browser { client, _profile: profile };
        // The browser's own first page is not ours to judge.
        browser.client.goto("about:blank").await.expect("an empty page opens");
        browser.log("browser").await;
        browser.log("performance").await;
        browser
    }

    /// Ends the browser.
    pub async fn end(self) {
        self.client.close().await.expect("the browser ends");
    }

    /// Sets the window for what is visited next.
    pub async fn look_through(&self, screen: Screen) {
        let scheme = if screen.dark { "dark" } else { "light" };
        self.developer(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": false }),
        )
        .await;
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.developer("Emulation.setEmulatedMedia", features).await;
    }

    /// Opens an address and says what is there.
    pub async fn visit(&self, origin: &str, path: &str) -> Seen {
        self.client.goto(&format!("{origin}{path}")).await.expect("the page opens");
        let page = self
            .client
            .execute(
                "const wide = document.documentElement.clientWidth;
                 const scrolls = (e) => { for (e = e.parentElement; e; e = e.parentElement)
                   if (e !== document.body && e !== document.documentElement &&
                       ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(e).overflowX)) return true;
                   return false; };
                 const out = [...document.body.querySelectorAll('*')]
                   .filter((e) => e.getBoundingClientRect().right > wide + 1 && !scrolls(e))
                   .slice(0, 5).map((e) => e.tagName + '.' + e.getAttribute('class'));
                 return { title: document.title, language: document.documentElement.lang,
                   headings: [...document.querySelectorAll('h1')].map((h) => h.innerText.trim()),
                   overflow: document.documentElement.scrollWidth - wide, out: out };",
                Vec::new(),
            )
            .await
            .expect("the page can be asked");
        Seen {
            title: text(&page["title"]),
            language: text(&page["language"]),
            headings: texts(&page["headings"]),
            overflow: page["overflow"].as_i64().unwrap_or(i64::MAX),
            sticking_out: texts(&page["out"]),
            complaints: self.complaints().await,
            foreign: self.foreign_requests(origin).await,
        }
    }

    /// What axe-core finds wrong on this page by some of its rules: each with where.
    pub async fn judge(&self, axe: &str, rules: &Value) -> Value {
        self.client.execute(axe, Vec::new()).await.expect("axe-core is taken in");
        // The demonstration's watermark lies over everything: under it no colour could be told.
        let run = "const [rules, done] = arguments;
             if (document.body) document.body.classList.remove('demo');
             axe.run(document, { runOnly: rules, resultTypes: ['violations'] }).then(
               (found) => done(found.violations.map((v) => ({ id: v.id, help: v.help,
                 at: v.nodes.slice(0, 4).map((n) => n.target.join(' ') + ' ' + n.html.slice(0, 160) + ' ' +
                   (n.any[0] ? n.any[0].message : '')) }))),
               (error) => done(String(error)));";
        self.client.execute_async(run, vec![rules.clone()]).await.expect("axe-core runs")
    }

    /// Signs in at the front door.
    pub async fn sign_in(&self, origin: &str, login: &str, password: &str) {
        self.client.goto(&format!("{origin}/login?next=/todo")).await.expect("the door opens");
        let form = self.client.form(Locator::Css("form:has([name=password])")).await.expect("its form");
        form.set_by_name("account", login).await.expect("a field for the name");
        form.set_by_name("password", password).await.expect("a field for the password");
        form.submit().await.expect("the form is sent");
        // Checking a password takes its time, and the browser does not wait for the answer.
        self.arrive(origin, "/todo").await;
    }

    /// What a script of ours finds or does on the page.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("the script runs")
    }

    /// Types into a field of a name.
    pub async fn fill(&self, name: &str, words: &str) {
        let field = self.client.find(Locator::Css(&format!("[name={name}]"))).await.expect("the field");
        field.send_keys(words).await.expect("it is typed");
    }

    /// Presses the first button with these words: by its script, for the window's size is pretended and
    /// the driver would aim beside it.
    pub async fn press(&self, words: &str) {
        let press =
            "const button = [...document.querySelectorAll('button')].find((b) => b.innerText.trim() === arguments[0]);
            if (button) button.click();
            return Boolean(button);";
        let pressed = self.client.execute(press, vec![json!(words)]).await.expect("the script runs");
        assert_eq!(pressed, true, "a button {words}");
    }

    /// Waits until the browser is at an address of the server's.
    pub async fn arrive(&self, origin: &str, path: &str) {
        let there = url::Url::parse(&format!("{origin}{path}")).expect("an address");
        let patience = Duration::from_secs(30);
        self.client.wait().at_most(patience).for_url(&there).await.unwrap_or_else(|_| panic!("it is at {path}"));
    }

    /// Forgets who has signed in.
    pub async fn forget(&self) {
        self.client.delete_all_cookies().await.expect("the cookies go");
    }

    /// The title alone.
    pub async fn title(&self) -> String {
        self.client.title().await.expect("a title")
    }

    /// The whole page as PNG, as tall as it is.
    pub async fn picture(&self) -> String {
        let answer =
            self.developer("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true })).await;
        text(&answer["data"])
    }

    async fn complaints(&self) -> Vec<String> {
        self.log("browser")
            .await
            .iter()
            .filter(|entry| ["WARNING", "SEVERE"].contains(&text(&entry["level"]).as_str()))
            .map(|entry| text(&entry["message"]))
            .collect()
    }

    async fn foreign_requests(&self, origin: &str) -> BTreeSet<String> {
        let own = format!("{origin}/");
        self.log("performance")
            .await
            .iter()
            .filter_map(|entry| serde_json::from_str::<Value>(&text(&entry["message"])).ok())
            .filter(|event| event["message"]["method"] == "Network.requestWillBeSent")
            .map(|event| text(&event["message"]["params"]["request"]["url"]))
            .filter(|url| !url.starts_with(&own) && !url.starts_with("data:"))
            .collect()
    }

    async fn log(&self, kind: &'static str) -> Vec<Value> {
        let answer = self.ask("se/log", json!({ "type": kind })).await;
        answer.as_array().cloned().unwrap_or_else(|| panic!("a log is a list: {answer}"))
    }

    /// A command of the developer tools.
    async fn developer(&self, command: &'static str, parameters: Value) -> Value {
        self.ask("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    async fn ask(&self, path: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Extension { path, body }).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

/// A command beyond the WebDriver standard.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
