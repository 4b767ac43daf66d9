//! Every page, for everyone who may open it, judged by axe-core for WCAG 2.2 AA, in light and in dark.

use std::fs;
use std::path::Path;

use actix_web::http::Method;
use serde_json::{Value, json};
use taizhang::auth::{Actor, Role, permits};
use taizhang::demo;
use taizhang::milestone::public::import;
use taizhang::signin::first::{DEMO, DEMO_PASSWORD};
use taizhang::web::routes::table;
use taizhang::web::viewer::Needs;

use super::session::{Browser, Screen, Script};
use super::{NARROW, PAGES, WIDE, webdriver};
use crate::routes::{Examples, address, examples, with_clue};
use crate::support::Server;

/// Where `tests/run` puts axe-core, and how anyone else does.
fn axe() -> String {
    let script = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run")).expect("tests/run");
    let version =
        script.split("AXE_VERSION=").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("its version");
    let folder = format!("target/axe-core-{version}");
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder).join("axe.min.js")).unwrap_or_else(|cause| {
        panic!(
            "{folder}/axe.min.js cannot be read ({cause}). `tests/run axe` fetches it; without that script, in the \
             repository's root:\n  mkdir -p {folder} && npm pack axe-core@{version} --pack-destination target && \
             tar -xzf target/axe-core-{version}.tgz -C {folder} --strip-components=1 package/axe.min.js"
        )
    })
}

/// The pages of the table that someone of a role may open; whoever has not signed in: [`Role::Public`].
fn pages_of(role: Role, examples: &Examples) -> Vec<String> {
    let rows = table().rows.into_iter();
    let rows = rows.filter(|row| {
        let is_let_in = match row.needs {
            Needs::Nothing => true,
            Needs::Account => role != Role::Public,
            Needs::May(action) => permits(role, action),
        };
        // A file is saved; whoever is in is led past the door.
        let is_page = !row.is_api() && !["/static/", "/attachments/"].iter().any(|start| row.path.starts_with(start));
        let is_open = role == Role::Public || !row.path.starts_with("/login");
        row.method == Method::GET && is_let_in && is_page && is_open
    });
    rows.map(|row| address(&row, examples)).collect()
}

/// Judges one page in light, then its colours in dark; it is no wider than its window, wide or narrow.
async fn judge(browser: &Browser, axe: &str, origin: &str, path: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for screen in [NARROW, WIDE] {
        browser.look_through(screen).await;
        let seen = browser.visit(origin, path).await;
        if seen.overflow > 0 {
            wrong.push(format!("{} px wider than {}: {:?}", seen.overflow, screen.width, seen.sticking_out));
        }
    }
    let tags = json!({ "type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"] });
    let colours = json!({ "type": "rule", "values": ["color-contrast", "link-in-text-block"] });
    for (which, dark, rules) in [("light", false, tags), ("dark", true, colours)] {
        browser.look_through(Screen { dark, ..WIDE }).await;
        let found = browser.judge(axe, &rules).await;
        let violations = found.as_array().unwrap_or_else(|| panic!("{path}: axe-core answers a list: {found}"));
        for one in violations {
            let at: Vec<&str> = one["at"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            wrong.push(format!("{} in {which}: {}\n    {}", one["id"], one["help"], at.join("\n    ")));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_core_finds_nothing_wrong_on_any_page_for_anyone_in_light_or_dark() {
    let Some(webdriver) = webdriver() else { return };
    let axe = axe();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db = demo::open(&format!("sqlite://{}/served.db", folder.path().display())).expect("the demonstration");
    let examples = examples(&db);
    let statements = taizhang::seed::embedded().expect("the plan reads").statements;
    // The demonstration holds nothing of what happened; a clue is what the forms of clues are about.
    db.write(move |tx| import(tx, &Actor::operator(), &statements)).expect("a clue");
    let examples = with_clue(&db, examples);
    drop(db);
    let server = Server::start_in(folder, &["--demo"]);
    let browser = Browser::start(&webdriver, Script::On).await;
    let mut wrong = Vec::new();
    let public: Vec<String> = PAGES.iter().map(|page| page.path.to_owned()).collect();
    let readers = [(None, Role::Public)].into_iter().chain(DEMO.map(|(login, _, role)| (Some(login), role)));
    let mut judged = 0;
    for (login, role) in readers {
        let mut pages = pages_of(role, &examples);
        if let Some(login) = login {
            browser.sign_in(server.origin(), login, DEMO_PASSWORD).await;
        } else {
            pages.extend(public.iter().filter(|page| !pages.contains(page)).cloned().collect::<Vec<_>>());
        }
        for path in pages {
            let found = judge(&browser, &axe, server.origin(), &path).await;
            judged += 1;
            wrong.extend(found.into_iter().map(|what| format!("{path} as {role:?}: {what}")));
        }
        browser.forget().await;
    }
    browser.end().await;
    eprintln!("{judged} pages judged");
    assert!(judged > 120, "every page for every role: {judged}");
    assert!(wrong.is_empty(), "{} violations:\n{}", wrong.len(), wrong.join("\n"));
}

/// The test above means something only if axe-core sees what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn axe_core_sees_a_page_that_is_wrong() {
    let Some(webdriver) = webdriver() else { return };
    let page =
        "data:text/html,<html><title>x</title><p style='color:%23bbb;background:%23fff'>pale</p><img src='data:,'>";
    let browser = Browser::start(&webdriver, Script::On).await;
    let found = judge(&browser, &axe(), page, "").await.join("\n");
    browser.end().await;
    for rule in ["color-contrast\" in light", "color-contrast\" in dark", "image-alt", "html-has-lang"] {
        assert!(found.contains(rule), "{rule}: {found}");
    }
}
