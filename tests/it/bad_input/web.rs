//! Addresses that are not right: pages say so with a way out, the API as RFC 9457.

use actix_web::http::Method;
use serde_json::Value;
use taizhang::db::Head;

use crate::support::{Answer, Site, both_with_plan};

/// Addresses and the status each is refused with; the words are in the snapshots.
const PAGES: &[(&str, u16)] = &[
    // A parameter nobody knows, and one that another page knows.
    ("/?colour=red", 400),
    ("/projects?measure=paid", 400),
    ("/projects/CY-01?q=%E5%85%AC%E5%9B%AD", 400),
    ("/entries?sort=code", 400),
    // A value nobody knows.
    ("/projects?category=green", 400),
    ("/projects?department=x&department=y", 400),
    ("/projects?nature=private", 400),
    ("/projects?stage=done", 400),
    ("/projects?sort=colour", 400),
    ("/projects?sort=--code", 400),
    ("/projects?group=colour", 400),
    ("/projects?start_year=22", 400),
    ("/projects?active_in=none", 400),
    ("/entries?measure=profit", 400),
    ("/entries?source=Z9", 400),
    ("/entries?project=CY-99", 404),
    ("/entries?document=%E6%97%A0%E6%AD%A4%E6%96%87", 404),
    ("/milestones?state=soon", 400),
    ("/indicators?domain=x", 400),
    ("/indicators?attribute=x", 400),
    ("/?unit=dollar", 400),
    ("/?format=xlsx", 400),
    ("/about?format=csv", 400),
    // A parameter that may stand once, standing twice; one that may be repeated is not refused.
    ("/?as_of=2025-09-01&as_of=2025-09-02", 400),
    ("/projects?sort=code&sort=-code", 400),
    ("/?unit=wan&unit=wan", 400),
    // Days that are none, and days to come.
    ("/?as_of=2025-02-30", 400),
    ("/?as_of=2025-13-01", 400),
    ("/?as_of=0000-01-01", 400),
    ("/?as_of=10000-01-01", 400),
    ("/?as_of=1989-12-31", 400),
    ("/?as_of=2025-9-1", 400),
    ("/?as_of=%EF%BC%92%EF%BC%90%EF%BC%92%EF%BC%95-09-01", 400),
    ("/?as_of=2025-09-27", 400),
    ("/?as_of=-1", 400),
    ("/entries?year=0", 400),
    ("/entries?year=10000", 400),
    ("/projects?end_year=0000", 400),
    // Instants that are none, before the first record, to come; journal rows that are not there.
    ("/?known_at=yesterday", 400),
    ("/?known_at=2025-08-31", 400),
    ("/?known_at=2025-09-01T08:59:59%2B08:00", 400),
    ("/?known_at=2025-09-27", 400),
    ("/?known_at=9999-12-31T23:59:59Z", 400),
    ("/?known_at=seq:0", 400),
    ("/?known_at=seq:2", 400),
    ("/?known_at=seq:-1", 400),
    ("/?known_at=seq:9223372036854775808", 400),
    ("/?known_at=seq:", 400),
    // Codes that nothing has.
    ("/projects/CY-99", 404),
    ("/projects/cy-01", 404),
    ("/categories/green", 404),
    ("/categories/none%20", 404),
    ("/departments/nobody", 404),
    ("/lines/FB1-99", 404),
    ("/documents/nothing", 404),
    ("/projects/%E6%9C%9D%E9%98%B3%E5%85%AC%E5%9B%AD", 404),
    ("/projects/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404),
    // Encodings that are broken, and characters that are no text.
    ("/projects?q=%E6%9C", 400),
    ("/projects?q=%FF", 400),
    ("/projects?%FF=1", 400),
    ("/projects/%FF", 400),
    ("/projects?q=%00", 400),
    ("/projects?q=a%0D%0Ab", 400),
    ("/projects/CY-01%0A", 400),
    ("/projects?q=%C2%85", 400),
    // Addresses that lead nowhere.
    ("/nowhere", 404),
    ("/projects/", 404),
    ("/Projects", 404),
    ("/projects/CY-01/entries", 404),
    ("/%E9%A1%B9%E7%9B%AE", 404),
    ("/static/nothing.css", 404),
    ("/static/..%2FCargo.toml", 404),
    ("/%00", 404),
];

const API: &[(&str, u16)] = &[
    ("/projects?colour=red", 400),
    ("/projects?sort=code", 400),
    ("/projects?category=green", 400),
    ("/projects?category=green&nature=private", 400),
    ("/projects?limit=0", 400),
    ("/projects?limit=501", 400),
    ("/projects?limit=ten", 400),
    ("/projects?limit=-1", 400),
    ("/projects?cursor=CY-99", 400),
    ("/projects?format=csv", 400),
    ("/projects?active_in=2025&active_in=2026", 400),
    ("/projects/CY-99", 404),
    ("/projects/CY-99/entries", 404),
    ("/projects/CY-99/milestones", 404),
    ("/projects/CY-01/entries?cursor=0", 400),
    ("/projects/CY-01/nothing", 404),
    ("/projects/%FF", 400),
    ("/projects/%00", 400),
    ("/rollup?by=colour", 400),
    ("/rollup?by=category,category", 400),
    ("/rollup?by=category&by=year&by=source", 400),
    ("/rollup?by=", 303),
    ("/rollup?as_of=2025-02-30", 400),
    ("/rollup?as_of=2025-09-27", 400),
    ("/rollup?known_at=2025-08-31", 400),
    ("/rollup?known_at=seq:2", 400),
    ("/rollup?year=0", 400),
    ("/rollup?source=Z9", 400),
    ("/rollup?q=%E6%9C", 400),
    ("/head?colour=red", 400),
    ("/rollup?unit=wan", 400),
    ("/rollup?stage=done", 400),
    ("/", 404),
    ("", 404),
    ("/nothing", 404),
    ("/%E9%A1%B9%E7%9B%AE", 404),
];

#[test]
fn a_page_refuses_a_wrong_address_and_shows_a_way_out() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let before = db.read(Head::find).expect("head");
        let (mut told, mut wrong) = (String::new(), Vec::new());
        for (address, status) in PAGES {
            let answer = site.get(address);
            if answer.status != *status {
                wrong.push(format!("{address}: {} instead of {status}", answer.status));
                continue;
            }
            is_a_page_with_a_way_out(address, &answer);
            // The same on every one: held above, and left out of what is read here.
            let words = answer.words();
            let own = words.trim_end_matches(" 总览 项目 数据说明");
            let own = own.trim_end_matches(" 可以这样做 改一下地址里的这个参数，或去掉它。");
            told.push_str(&format!("{address}\n  {own}\n"));
        }
        assert_eq!(wrong, Vec::<String>::new());
        insta::assert_snapshot!("page_refusals", told);
        assert_eq!(db.read(Head::find).expect("head"), before, "nothing was written");
    });
}

#[test]
fn the_api_refuses_a_wrong_address_as_a_problem() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let before = db.read(Head::find).expect("head");
        let mut told = String::new();
        for (path, status) in API {
            let address = format!("/api/v1{path}");
            let answer = site.get(&address);
            assert_eq!(answer.status, *status, "{address}: {}", answer.body);
            if answer.status == 303 {
                continue;
            }
            told.push_str(&format!("{address}\n{}", problem(&address, &answer)));
        }
        insta::assert_snapshot!("api_refusals", told);
        assert_eq!(db.read(Head::find).expect("head"), before, "nothing was written");
    });
}

#[test]
fn what_takes_nothing_says_so_and_what_can_be_done() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let before = db.read(Head::find).expect("head");
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            for address in ["/", "/projects", "/projects/CY-01", "/static/taizhang.css"] {
                let answer = site.ask(method.clone(), address, &[]);
                assert_eq!(answer.status, 405, "{method} {address}");
                assert_eq!(answer.header("allow"), "GET, HEAD", "{method} {address}");
                is_a_page_with_a_way_out(address, &answer);
                let words = answer.words();
                assert!(words.contains(&format!("不接受 {method} 请求")), "{words}");
                assert!(words.contains("可用 GET, HEAD"), "{words}");
            }
            let answer = site.ask(method.clone(), "/nowhere", &[]);
            assert_eq!(answer.status, 404, "what is not there takes no method: {method}");
            is_a_page_with_a_way_out("/nowhere", &answer);
            let answer = site.ask(method.clone(), "/api/v1/nothing", &[]);
            assert_eq!(answer.status, 404, "{method}");
            assert!(problem("/api/v1/nothing", &answer).contains("没有接口"));
            for address in ["/api/v1/categories", "/api/v1/sources", "/api/v1/rollup"] {
                let answer = site.ask(method.clone(), address, &[]);
                assert_eq!(answer.status, 405, "{method} {address}");
                assert_eq!(answer.header("allow"), "GET, HEAD", "{method} {address}");
                assert!(problem(address, &answer).contains(&format!("不接受 {method} 请求")));
            }
        }
        assert_eq!(db.read(Head::find).expect("head"), before, "nothing was written");
    });
}

#[test]
fn chinese_words_may_be_encoded_or_not() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let encoded = site.get("/projects?q=%E6%B9%BF%E5%9C%B0");
        assert_eq!(encoded.status, 200);
        assert!(encoded.words().contains("湿地"), "the words searched are shown");
        let lower = site.get("/projects?q=%e6%b9%bf%e5%9c%b0");
        assert_eq!(lower.words(), encoded.words(), "either case of the digits");
        let none = site.get("/projects?q=%E6%97%A0%E6%AD%A4%E8%AF%8D");
        assert_eq!(none.status, 200, "words that nothing holds are no mistake");
        // Letters of a formula, a pattern and a query: words like any others.
        for words in ["%25", "_", "'", "%27%3B%20DROP%20TABLE%20entry%3B--", "%5C", "%22", "%F0%9F%8C%B3"] {
            let answer = site.get(&format!("/projects?q={words}"));
            assert_eq!(answer.status, 200, "{words}");
        }
        let percent = site.get("/api/v1/projects?q=%25").json();
        assert_eq!(percent["items"], Value::Array(Vec::new()), "% is a character, not a pattern: no project holds it");
    });
}

#[test]
fn a_query_that_is_too_long_is_not_read() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let long = "x".repeat(10_240);
        for address in [format!("/projects?q={long}"), format!("/projects?{long}=1"), format!("/?as_of={long}")] {
            let answer = site.get(&address);
            assert_eq!(answer.status, 400);
            is_a_page_with_a_way_out("a long query", &answer);
            let words = answer.words();
            assert!(words.contains("查询太长；最多 4096 字节") && words.len() < 1_000, "{words}");
        }
        let answer = site.get(&format!("/api/v1/projects?q={long}"));
        assert_eq!(answer.status, 400);
        assert!(problem("a long query", &answer).contains("查询太长；最多 4096 字节"));
        // Within the limit, yet more than anyone searches for.
        let answer = site.get(&format!("/projects?q={}", "y".repeat(101)));
        assert_eq!(answer.status, 400);
        assert!(answer.words().contains("最多 100 个字"), "{}", answer.words());
        // A long path is cut where it is shown.
        let answer = site.get(&format!("/{long}"));
        assert_eq!(answer.status, 404);
        assert!(answer.body.len() < 10_000, "the page does not repeat what it was sent: {}", answer.body.len());
        let answer = site.get(&format!("/projects/{long}"));
        assert_eq!(answer.status, 404);
        assert!(answer.body.len() < 10_000, "the page does not repeat what it was sent: {}", answer.body.len());
        let answer = site.get(&format!("/api/v1/projects/{long}"));
        assert_eq!(answer.status, 404);
        assert!(answer.body.len() < 2_000, "nor does a problem: {}", answer.body.len());
    });
}

/// A form that was sent with fields left empty, and a link that a messenger added its marks to.
#[test]
fn empty_fields_and_messengers_marks_lead_to_the_clean_address() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        for (given, clean) in [
            ("/projects?q=&category=&nature=enterprise", "/projects?nature=enterprise"),
            ("/?from=timeline&isappinstalled=0", "/"),
            ("/projects?category=space&from=singlemessage", "/projects?category=space"),
            ("/projects?q=%E6%B9%BF%E5%9C%B0&from=x", "/projects?q=%E6%B9%BF%E5%9C%B0"),
            ("/api/v1/rollup?by=&utm_source=x", "/api/v1/rollup"),
        ] {
            let answer = site.get(given);
            assert_eq!((answer.status, answer.header("location")), (303, clean), "{given}");
            assert_eq!(site.get(clean).status, 200, "{clean}");
        }
        // The marks excuse nothing else.
        assert_eq!(site.get("/?from=timeline&colour=red").status, 400);
    });
}

/// What every refusal on a page keeps.
fn is_a_page_with_a_way_out(address: &str, answer: &Answer) {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{address}");
    assert_eq!(answer.header("cache-control"), "no-store", "{address}: a refusal is not kept");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{address}");
    assert_eq!(answer.body.matches("<h1").count(), 1, "{address}: one h1");
    assert_eq!(answer.body.matches("<script").count(), 1, "{address}: only our own script");
    for way in ["/", "/projects", "/data"] {
        assert!(answer.body.contains(&format!("<a class=\"button\" href=\"{way}\">")), "{address}: a way to {way}");
    }
    is_plain(address, &answer.words());
}

/// A problem's words, after its form was looked at.
fn problem(address: &str, answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8", "{address}");
    assert_eq!(answer.header("cache-control"), "no-store", "{address}");
    let body = answer.json();
    assert_eq!(body["type"], "about:blank", "{address}");
    assert_eq!(body["status"], answer.status, "{address}");
    let title = body["title"].as_str().expect("a title");
    assert!(body["instance"].as_str().is_some_and(|path| path.starts_with('/')), "{address}: {body}");
    let mut words = format!("  {title}\n");
    if let Some(detail) = body["detail"].as_str() {
        words.push_str(&format!("  {detail}\n"));
    }
    for error in body["errors"].as_array().into_iter().flatten() {
        let text = |name: &str| error[name].as_str().expect("a field, a value and a message").to_owned();
        words.push_str(&format!("  {}「{}」：{}\n", text("field"), text("value"), text("message")));
    }
    is_plain(address, &words);
    words
}

/// Plain Chinese: it says something in Chinese and nothing of our insides.
fn is_plain(address: &str, words: &str) {
    assert!(words.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{address}: {words}");
    for inside in ["diesel", "panicked", "SELECT", "src/", "Error", "error:", "None", "Some(", "逾期"] {
        assert!(!words.contains(inside), "{address}: 「{inside}」 is no word for a reader: {words}");
    }
}
