//! Every page in a real Chromium: with and without scripts, wide and narrow, light and dark.
//!
//! `TAIZHANG_SCREENSHOTS=1 tests/run browser` renews the pictures in `docs/screenshots`;
//! any other value is a folder that gets a picture of every page.

mod axe;
mod session;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use session::{Browser, Screen, Script, Seen};

use taizhang::signin::first::DEMO_PASSWORD;

use crate::support::{Server, say_once};

/// A page to visit.
struct Page {
    name: &'static str,
    path: &'static str,
    /// Whether its picture is kept with the papers.
    kept: bool,
}

const fn page(name: &'static str, path: &'static str) -> Page {
    Page { name, path, kept: false }
}

const fn kept(name: &'static str, path: &'static str) -> Page {
    Page { name, path, kept: true }
}

/// One of each kind of page, and the forms that look different.
const PAGES: [Page; 22] = [
    kept("overview", "/"),
    page("overview-past", "/?as_of=2024-06-30&unit=yi"),
    page("projects", "/projects"),
    page("projects-filtered", "/projects?category=environment&sort=-investment"),
    page("projects-none", "/projects?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E4%B8%AA"),
    kept("project", "/projects/CY-07"),
    page("category", "/categories/environment"),
    page("departments", "/projects?group=department"),
    page("entries", "/entries"),
    page("milestones", "/milestones"),
    page("milestones-bars", "/milestones?show=gantt"),
    page("milestones-slips", "/milestones?show=slips"),
    page("project-public", "/projects/CY-13"),
    page("indicators", "/indicators"),
    page("data", "/data"),
    kept("proof", "/proof"),
    page("about", "/about"),
    page("login", "/login"),
    page("missing", "/no-such-page"),
    page("missing-project", "/projects/CY-99"),
    page("bad-date", "/?as_of=2025-02-30"),
    page("bad-unit", "/?unit=dollar"),
];

const WIDE: Screen = Screen { width: 1440, height: 900, dark: false };
const NARROW: Screen = Screen { width: 390, height: 844, dark: false };

/// The browser's driver that `tests/run` starts. Without it these tests cannot be run, and say so.
fn webdriver() -> Option<String> {
    let driver = std::env::var("TAIZHANG_TEST_WEBDRIVER").ok();
    if driver.is_none() {
        say_once("TAIZHANG_TEST_WEBDRIVER is not set: no page was opened in a browser; `tests/run` does");
    }
    driver
}

/// What is wrong with a page, whatever its window.
fn faults(page: &Page, seen: &Seen, expects_error: bool) -> Vec<String> {
    let mut faults = Vec::new();
    if seen.headings.len() != 1 || seen.headings.iter().any(String::is_empty) {
        faults.push(format!("one heading of the first level, not {:?}", seen.headings));
    }
    if !seen.title.ends_with("台账") || seen.title.starts_with("台账") && page.path != "/" {
        faults.push(format!("a title that names the page and ends in 台账, not {:?}", seen.title));
    }
    if seen.language != "zh-CN" {
        faults.push(format!("the language is zh-CN, not {:?}", seen.language));
    }
    let own_status = |text: &String| expects_error && text.contains("Failed to load resource");
    faults.extend(seen.complaints.iter().filter(|text| !own_status(text)).map(|text| format!("console: {text}")));
    faults.extend(seen.foreign.iter().map(|url| format!("asked another origin: {url}")));
    if seen.overflow > 0 {
        faults.push(format!("{} px wider than its window: {:?}", seen.overflow, seen.sticking_out));
    }
    faults
}

async fn visit_all(script: Script, screens: &[Screen]) {
    let Some(webdriver) = webdriver() else { return };
    let server = Server::start(&[]);
    let browser = Browser::start(&webdriver, script).await;
    let mut wrong = Vec::new();
    for &screen in screens {
        browser.look_through(screen).await;
        for page in &PAGES {
            let refused = server.get(page.path).0 >= 400;
            let seen = browser.visit(server.origin(), page.path).await;
            wrong.extend(faults(page, &seen, refused).iter().map(|fault| format!("{} {screen:?}: {fault}", page.path)));
            if script == Script::On {
                keep_picture(&browser, page, screen).await;
            }
        }
    }
    browser.end().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_whole_without_scripts() {
    visit_all(Script::Off, &[WIDE, NARROW]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_whole_wide_and_narrow_light_and_dark() {
    let screens = [WIDE, NARROW].map(|screen| [screen, Screen { dark: true, ..screen }]).concat();
    visit_all(Script::On, &screens).await;
}

/// A report half typed when the line breaks: nothing was sent, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_in_a_report_is_offered_again_until_the_server_has_it() {
    let Some(webdriver) = webdriver() else { return };
    let server = Server::start(&["--demo"]);
    let browser = Browser::start(&webdriver, Script::On).await;
    browser.look_through(WIDE).await;
    browser.sign_in(server.origin(), "reporter", DEMO_PASSWORD).await;
    browser.visit(server.origin(), "/reports?month=2025-09").await;
    let link = "return [...document.querySelectorAll('a')].map((a) => a.getAttribute('href'))
        .find((href) => /^.reports.[^/]+.2025-09.edit/.test(href)) || ''";
    let edit = browser.run(link).await.as_str().expect("an address").to_owned();
    assert!(edit.ends_with("/edit"), "the demonstration has a report to fill in: {edit:?}");
    let progress = "return document.querySelector('[name=progress]').value";
    let offered = "return (document.querySelector('.kept-typed') || { innerText: '' }).innerText";
    browser.visit(server.origin(), &edit).await;
    let before = browser.run(progress).await;
    browser.fill("progress", "断线前写的一段").await;
    // Long enough for what is typed to be kept.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    // The window is closed; nothing was sent.
    browser.visit(server.origin(), &edit).await;
    assert_eq!(browser.run(progress).await, before, "nothing is put back unasked");
    let words = browser.run(offered).await.to_string();
    assert!(words.contains("没有存到服务器的内容"), "{words}");
    browser.press("放回表里").await;
    let again = browser.run(progress).await.to_string();
    assert!(again.contains("断线前写的一段"), "{again}");
    browser.press("存并核对").await;
    browser.arrive(server.origin(), &edit.replace("/edit", "/check")).await;
    let saved = browser.run("return document.body.innerText").await.to_string();
    assert!(saved.contains("断线前写的一段"), "the server has it: {saved}");
    browser.visit(server.origin(), &edit).await;
    assert_eq!(browser.run(offered).await, "", "what the server has is not offered again");
    let left = "return Object.keys(localStorage).filter((key) => key.startsWith('taizhang-typed')).length";
    assert_eq!(browser.run(left).await, 0, "nor kept on the machine");
    browser.end().await;
}

/// The two tests above mean something only if this switch works.
#[tokio::test(flavor = "multi_thread")]
async fn scripts_can_be_switched_off() {
    let Some(webdriver) = webdriver() else { return };
    let page = "data:text/html,<title>off</title><script>document.title='on'</script>";
    for (script, title) in [(Script::On, "on"), (Script::Off, "off")] {
        let browser = Browser::start(&webdriver, script).await;
        browser.visit(page, "").await;
        assert_eq!(browser.title().await, title, "{script:?}");
        browser.end().await;
    }
}

/// Where this run keeps a page's picture, if it does.
fn picture_path(page: &Page, screen: Screen) -> Option<PathBuf> {
    let wish = std::env::var("TAIZHANG_SCREENSHOTS").ok().filter(|wish| !wish.is_empty())?;
    let folder = match wish.as_str() {
        "1" if !page.kept => return None,
        "1" => Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots"),
        folder => PathBuf::from(folder),
    };
    let light = if screen.dark { "dark" } else { "light" };
    Some(folder.join(format!("{}-{}-{light}.png", page.name, screen.width)))
}

async fn keep_picture(browser: &Browser, page: &Page, screen: Screen) {
    let Some(path) = picture_path(page, screen) else { return };
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
    let encoded = path.with_extension("base64");
    fs::write(&encoded, browser.picture().await).expect("the picture is written");
    // Decoded by the tool at hand rather than by one more crate.
    let decoded = Command::new("base64").arg("-d").arg(&encoded).output().expect("base64 runs");
    assert!(decoded.status.success(), "the picture is base64");
    fs::write(&path, decoded.stdout).expect("the picture is written");
    fs::remove_file(encoded).expect("the text goes");
}

/// Every link a reader can follow from the first page leads somewhere.
#[test]
fn no_link_is_dead() {
    let server = Server::start(&[]);
    let (mut open, mut known) = (vec!["/".to_owned()], std::collections::BTreeMap::new());
    known.insert("/".to_owned(), "the start".to_owned());
    let mut dead = Vec::new();
    let mut visited = 0;
    while let Some(path) = open.pop() {
        let (status, body) = server.get(&path);
        visited += 1;
        if status >= 400 || status == 0 {
            dead.push(format!("{status} {path}, linked from {}", known[&path]));
        }
        if !body.trim_start().starts_with("<!doctype html>") {
            continue;
        }
        for link in links(&body) {
            // One of each kind is enough where a page links to itself in every order and unit.
            let target = link.split('#').next().unwrap_or_default().to_owned();
            if target.starts_with('/') && is_new_kind(&target, &known) {
                known.insert(target.clone(), path.clone());
                open.push(target);
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
    assert!(visited > 100, "projects, lines, systems, departments: {visited}");
}

fn links(html: &str) -> impl Iterator<Item = String> + '_ {
    html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(|link| link.replace("&amp;", "&"))
}

/// Paths are all followed; of addresses with parameters, the first with each set of names.
fn is_new_kind(target: &str, known: &std::collections::BTreeMap<String, String>) -> bool {
    let Some((path, query)) = target.split_once('?') else { return !known.contains_key(target) };
    let names = |query: &str| {
        let mut names: Vec<String> =
            query.split('&').filter_map(|pair| pair.split('=').next()).map(str::to_owned).collect();
        names.sort();
        names
    };
    let kind = |path: &str| path.split('/').nth(1).unwrap_or_default().to_owned();
    let wanted = (kind(path), names(query));
    !known.keys().filter_map(|other| other.split_once('?')).any(|(other, query)| (kind(other), names(query)) == wanted)
}
