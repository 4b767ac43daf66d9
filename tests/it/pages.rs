//! Every page of the plan and of the demonstration, and every link between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use actix_web::http::Method;
use serde_json::Value;
use taizhang::auth::{Actor, Role};
use taizhang::db::Db;
use taizhang::demo;
use taizhang::document::Citation;
use taizhang::ledger::command::record;
use taizhang::money::Fen;
use taizhang::web::routes::table;
use taizhang::web::viewer::Needs;

use crate::support::{Answer, Server, Site, a_payment, both, both_with_plan, words_of};

/// What everyone reads and the plan alone has an example of.
fn routes() -> Vec<&'static str> {
    let rows = table().rows.into_iter();
    let public = rows.filter(|row| row.method == Method::GET && row.needs == Needs::Nothing).map(|row| row.path);
    let later = ["{published}", "{entry}", "{milestone}", "{attachment}", "/login"];
    public.filter(|path| !later.iter().any(|part| path.contains(part))).collect()
}

/// A route's address with a name that exists in the plan.
fn address_of(route: &str) -> String {
    route
        .replace("{project}", "CY-08")
        .replace("{category}", "environment")
        .replace("{department}", "water")
        .replace("{line}", "FB1-08")
        .replace("{document}", "CY-ECO-2023")
        .replace("{file}", "taizhang.css")
}

/// The pages, one of each route.
fn pages() -> Vec<String> {
    let pages = routes().into_iter().filter(|route| !route.starts_with("/api/") && !route.starts_with("/static/"));
    pages.map(address_of).collect()
}

/// Those that can be had as CSV and JSON.
fn listing_pages() -> Vec<String> {
    let only_html = ["/lines/", "/documents/", "/data", "/proof", "/about"];
    pages().into_iter().filter(|page| !only_html.iter().any(|start| page.starts_with(start))).collect()
}

#[test]
fn every_public_route_answers_on_the_plan_alone() {
    assert!(routes().len() >= 24, "the plan's pages and the API: {:?}", routes());
    both_with_plan(|db| {
        let site = Site::over(&db);
        for route in routes() {
            let answer = site.get(&address_of(route));
            assert_eq!(answer.status, 200, "{route}: {}", answer.body);
        }
    });
}

/// Runs a body on the plan and on the demonstration, on each engine.
fn plan_and_demonstration(body: impl Fn(&str, &Db, Site)) {
    both_with_plan(|db| body("plan", &db, Site::over(&db)));
    both(|db| {
        let demo = demo::open(db.url()).expect("the demonstration loads");
        body("demonstration", &demo, Site::over_demo(&demo));
    });
}

#[test]
fn every_page_is_whole_and_leads_only_where_something_is() {
    plan_and_demonstration(|which, _, site| {
        let (mut latin, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut waiting = VecDeque::from(pages());
        while let Some(address) = waiting.pop_front() {
            if !seen.insert(address.clone()) {
                continue;
            }
            // Each page stands in three units: with a month of reports the demonstration's are three thousand and one.
            assert!(seen.len() < 8_000, "links without end: {address}");
            let answer = site.get(&address);
            assert_eq!(answer.status, 200, "{which}: a link leads to {address}: {}", answer.words());
            if answer.header("content-type") != "text/html; charset=utf-8" {
                continue;
            }
            is_whole(&address, &answer);
            // A row of the journal holds hashes; an account's page, names of machines.
            if !address.starts_with("/journal") && !address.starts_with("/account") {
                latin.extend(latin_words(&answer));
            }
            waiting.extend(links(&answer).into_iter().filter(|link| is_followed(link)));
        }
        eprintln!("{which}: {} addresses", seen.len());
        assert!(seen.len() > 300, "{which}: the pages hang together: {}", seen.len());
        for start in ["/projects/CY-32", "/lines/FB1-32", "/departments/culture", "/categories/culture", "/documents/"]
        {
            assert!(seen.iter().any(|address| address.starts_with(start)), "{which}: no link leads to {start}");
        }
        // What is left of English is names and abbreviations: a leftover shows here at once.
        insta::assert_snapshot!(format!("latin_words_{which}"), latin.into_iter().collect::<Vec<_>>().join("\n"));
    });
}

/// Order, grouping, unit and moment combine with everything; each is followed by itself.
fn is_followed(link: &str) -> bool {
    // A row of the journal is one page; each view of each row would be thousands of the same.
    if link.starts_with("/journal") && link.contains('?') {
        return false;
    }
    // A page about the end of a month leads to its entries of then; the rest of the register of then is its own.
    if link.contains("as_of=") && !link.starts_with("/entries") {
        return false;
    }
    // Entries of several sources or natures lead to those of every combination of them.
    if link.starts_with("/entries") && ["source=", "nature="].iter().any(|name| link.matches(name).count() > 1) {
        return false;
    }
    // A project's entries of each year and source: one project's stand for thousands of the same.
    if link.starts_with("/entries") && link.contains("source=") && link.contains("project=") {
        return link.contains("project=CY-24") && !link.contains("format=");
    }
    let turns = ["sort=", "group=", "unit=", "known_at="].iter().any(|name| link.contains(name));
    !turns || link.split(['?', '&']).skip(1).filter(|pair| !pair.starts_with("as_of=")).count() == 1
}

fn is_whole(address: &str, answer: &Answer) {
    let body = &answer.body;
    assert!(body.starts_with("<!doctype html>") && body.trim_end().ends_with("</html>"), "{address}");
    assert_eq!(body.matches("<h1").count(), 1, "{address}: one h1");
    let title = body.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).expect("a title");
    assert!(title.ends_with("台账") && title.chars().count() > 8, "{address}: {title}");
    // Overdue is what a light says once duties have begun, in the guide's words; the plan's own years never are.
    let body = &body.replace("已逾期", "").replace("完成，逾期", "");
    for leftover in ["{{", "}}", "{%", "%}", "&lt;ui.", "逾期", ">None<", ">null<", ">NaN<", "href=\"\""] {
        // A row of the journal is shown as it is written, in JSON.
        let is_json = leftover == "}}" && address.starts_with("/journal/");
        assert!(is_json || !body.contains(leftover), "{address}: {leftover}");
    }
    let ids = answer.attributes("id");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "{address}: an id stands twice");
    for target in answer.attributes("href").iter().filter_map(|href| href.strip_prefix('#')) {
        assert!(ids.iter().any(|id| id == target), "{address}: nothing has the id {target}");
    }
}

/// The addresses of our own that a page links to.
fn links(answer: &Answer) -> Vec<String> {
    let own = answer.attributes("href").into_iter().chain(answer.attributes("src"));
    own.filter(|href| href.starts_with('/'))
        .map(|href| href.split('#').next().unwrap_or_default().to_owned())
        .filter(|href| !href.is_empty())
        .collect()
}

/// Words in Latin letters that a reader sees, commands, digests and sources' addresses aside.
fn latin_words(answer: &Answer) -> Vec<String> {
    let mut shown = String::new();
    for (at, part) in answer.body.split("<code").enumerate() {
        shown.push_str(if at == 0 { part } else { part.split_once("</code>").map_or("", |(_, rest)| rest) });
    }
    let is_digest = |word: &&str| {
        word.trim_end_matches('…').len() >= 12 && word.trim_end_matches('…').bytes().all(|b| b.is_ascii_hexdigit())
    };
    let words = words_of(&shown);
    words
        .split(' ')
        .filter(|word| !is_digest(word) && !word.contains("://"))
        .flat_map(|word| word.split(|c: char| !c.is_ascii_alphabetic()))
        .filter(|word| word.len() > 1)
        .map(str::to_owned)
        .collect()
}

/// A view of the past, and the parameters every link of it must carry.
#[test]
fn links_keep_the_view_and_a_banner_says_that_it_is_not_todays() {
    plan_and_demonstration(|which, _, site| {
        let view = "as_of=2025-09-10&known_at=seq:1&unit=yi";
        for page in pages() {
            let plain = site.get(&page);
            assert!(!plain.body.contains("不是最新的情况"), "{which} {page}: today's view has no banner");
            let address = format!("{page}?{view}");
            let answer = site.get(&address);
            assert_eq!(answer.status, 200, "{address}: {}", answer.words());
            assert!(answer.body.contains("不是最新的情况"), "{which} {address}: a banner");
            assert!(answer.body.contains("<span>截至 2025-09-10</span>"), "{which} {address}");
            assert!(answer.body.contains(">回到最新</a>"), "{which} {address}");
            let back = site.get(&format!("{page}?unit=yi"));
            let latest = answer.attributes("href").into_iter().find(|href| *href == format!("{page}?unit=yi"));
            assert!(latest.is_some() && back.status == 200, "{which} {address}: the way back keeps the unit");
            let lost: Vec<String> = links(&answer)
                .into_iter()
                .filter(|href| !href.starts_with("/static/") && *href != format!("{page}?unit=yi"))
                // Signing in has no past.
                .filter(|href| !["/login", "/logout", "/account"].contains(&href.as_str()))
                .filter(|href| !["as_of=", "known_at="].iter().all(|name| href.contains(name)))
                // The interface and the guided tour's own moment are another view on purpose.
                .filter(|href| {
                    !href.starts_with("/api/v1/") && !["/login", "/logout", "/account"].contains(&href.as_str())
                })
                .collect();
            assert_eq!(lost, Vec::<String>::new(), "{which} {address}: links that lose the view");
            let units: Vec<String> = links(&answer)
                .into_iter()
                .filter(|href| {
                    !href.starts_with("/static/")
                        && !href.starts_with("/api/v1/")
                        && !["/login", "/logout", "/account"].contains(&href.as_str())
                })
                .filter(|href| !href.contains("unit=yi") && !href.contains("unit=yuan"))
                .filter(|href| !(href.starts_with(&page) && page_is_unit_choice(href, &page, view)))
                .filter(|href| !href.starts_with("/?known_at=seq:1&as_of="))
                .collect();
            assert_eq!(units, Vec::<String>::new(), "{which} {address}: links that lose the unit");
            forms_keep_the_view(&address, &answer);
        }
    });
}

/// The choice of 万元, which is what no unit means.
fn page_is_unit_choice(href: &str, page: &str, view: &str) -> bool {
    href == format!("{page}?{}", view.trim_end_matches("&unit=yi"))
}

/// A form that leads to a page of ours sends the view along, unless it sets it.
fn forms_keep_the_view(address: &str, answer: &Answer) {
    for form in answer.body.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next()) {
        if form.starts_with(" method=\"dialog\"") {
            continue;
        }
        for (name, value) in [("as_of", "2025-09-10"), ("known_at", "seq:1"), ("unit", "yi")] {
            let field = form.split("<input").find(|input| input.contains(&format!(" name=\"{name}\"")));
            let field = field.unwrap_or_else(|| panic!("{address}: a form loses {name}: {form}"));
            assert!(field.contains(&format!(" value=\"{value}\"")), "{address}: a form changes {name}: {field}");
        }
    }
}

#[test]
fn a_day_before_the_plan_says_so_and_shows_no_zero() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        for page in pages() {
            let answer = site.get(&format!("{page}?as_of=2022-12-31"));
            if answer.status == 404 {
                assert!(page.starts_with("/projects/"), "{page}: {}", answer.words());
                continue;
            }
            assert_eq!(answer.status, 200, "{page}: {}", answer.words());
            assert!(answer.words().contains("规划2023年7月印制，此前无数据"), "{page}: {}", answer.words());
        }
    });
}

/// What files of a page hold: the CSV's header, and as many items in JSON as rows in CSV.
#[test]
fn the_same_page_as_csv_and_json() {
    plan_and_demonstration(|which, _, site| {
        let mut headers = BTreeMap::new();
        for page in listing_pages() {
            let csv = site.get(&format!("{page}?format=csv"));
            assert_eq!(csv.status, 200, "{page}: {}", csv.body);
            assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8", "{page}");
            let name = csv.header("content-disposition");
            assert!(
                name.starts_with("attachment; filename=\"") && name.ends_with("-2025-09-26.csv\""),
                "{page}: {name}"
            );
            let text = csv.body.strip_prefix('\u{feff}').expect("a byte-order mark, for spreadsheets");
            assert!(text.lines().count() == text.matches("\r\n").count(), "{page}: lines end as RFC 4180 says");
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
            assert_ne!(header[0].to_uppercase(), "ID", "{page}: a spreadsheet would take it for another format");
            let rows: Vec<csv::StringRecord> =
                reader.records().map(|row| row.expect("a row as long as the header")).collect();
            let may_be_empty = page == "/milestones" || page.starts_with("/lights") || page.ends_with("/funding");
            assert!(!rows.is_empty() || may_be_empty, "{page}: rows");
            let json = site.get(&format!("{page}?format=json"));
            assert_eq!(json.status, 200, "{page}: {}", json.body);
            assert_eq!(json.header("content-type"), "application/json; charset=utf-8", "{page}");
            let json = json.json();
            for key in ["scope", "head", "items"] {
                assert!(!json[key].is_null(), "{page}: {key}");
            }
            assert_eq!(json["scope"]["as_of"], "2025-09-26", "{page}");
            let items = json["items"].as_array().expect("items");
            assert_eq!(items.len(), rows.len(), "{page}: as many items as rows");
            for (item, row) in items.iter().zip(&rows) {
                same(&page, &header, item, row);
            }
            headers.insert(page, header.join(","));
        }
        let told: Vec<String> = headers.iter().map(|(page, header)| format!("{page}\n  {header}")).collect();
        insta::assert_snapshot!("csv_headers", told.join("\n"), which);
    });
}

/// A row of CSV says what the item of JSON says: money in 万元 and in yuan, the rest alike.
fn same(page: &str, header: &[String], item: &Value, row: &csv::StringRecord) {
    assert_eq!(item.as_object().expect("an object").len(), header.len(), "{page}");
    for (column, cell) in header.iter().zip(row) {
        match column.strip_suffix("_wan") {
            Some(measure) if item[measure].is_null() => assert_eq!(cell, "", "{page} {column}"),
            Some(measure) => {
                let yuan = item[measure].as_str().expect("yuan as text");
                let (wan, yuan) = (Fen::parse_wan(cell).expect("万元"), Fen::parse_yuan(yuan).expect("yuan"));
                assert_eq!(wan, yuan, "{page} {column}");
            }
            None => match &item[column] {
                Value::Null => assert_eq!(cell, "", "{page} {column}"),
                Value::String(text) => {
                    assert_eq!(cell.trim_start_matches('\''), text.trim_start_matches('\''), "{page} {column}")
                }
                other => assert_eq!(cell, other.to_string(), "{page} {column}"),
            },
        }
    }
}

/// The total at the top is the sum of the rows of the same page's file.
#[test]
fn a_pages_total_is_the_sum_of_its_file() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        for (page, total) in [
            ("/projects", "958,954"),
            ("/projects?category=environment", "283,900"),
            ("/entries?measure=investment", "958,954"),
            ("/projects?nature=enterprise", "186,749"),
        ] {
            let join = if page.contains('?') { '&' } else { '?' };
            let json = site.get(&format!("{page}{join}format=json")).json();
            let key = if page.starts_with("/entries") { "amount" } else { "investment" };
            let sum = json["items"].as_array().expect("items").iter().fold(Fen::ZERO, |sum, item| {
                sum.checked_add(Fen::parse_yuan(item[key].as_str().expect("yuan")).expect("yuan")).expect("a sum")
            });
            assert_eq!(sum.wan_exact(), total.replace(',', ""), "{page}");
            assert!(site.get(page).words().contains(total), "{page} shows {total}");
        }
    });
}

#[test]
fn an_unchanged_page_is_not_sent_twice_and_a_changed_one_is() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let addresses: Vec<String> =
            pages().into_iter().chain(listing_pages().iter().map(|page| format!("{page}?format=csv"))).collect();
        // A proof is made anew each time and kept by nobody: tests of `check` say so.
        let addresses: Vec<String> = addresses.into_iter().filter(|address| address != "/proof").collect();
        let mut tags = BTreeMap::new();
        for address in &addresses {
            let answer = site.get(address);
            let tag = answer.header("etag").to_owned();
            assert!(tag.starts_with("W/\"") && tag.ends_with('"'), "{address}: {tag}");
            assert_eq!(answer.header("cache-control"), "no-cache", "{address}: kept, and asked about each time");
            let again = site.ask(Method::GET, address, &[("if-none-match", &tag)]);
            assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", tag.as_str()), "{address}");
            let other = site.ask(Method::GET, address, &[("if-none-match", "W/\"another\"")]);
            assert_eq!(other.status, 200, "{address}");
            let one_of = site.ask(Method::GET, address, &[("if-none-match", &format!("\"x\", {tag}"))]);
            assert_eq!(one_of.status, 304, "{address}: one of several");
            assert!(tags.values().all(|known| *known != tag), "{address}: each address has its own");
            tags.insert(address.clone(), tag);
        }
        pay(&db);
        // Longer than a node believes a head that another process may have moved.
        std::thread::sleep(std::time::Duration::from_millis(300));
        for (address, tag) in &tags {
            let answer = site.ask(Method::GET, address, &[("if-none-match", tag)]);
            assert_eq!(answer.status, 200, "{address}: the head has moved");
            assert_ne!(answer.header("etag"), tag, "{address}");
        }
        // The public sees what was published, and a payment of today is not.
        let entries = site.signed_in(Role::Leader).get("/entries?measure=paid").words();
        assert!(entries.contains("12.5"), "the payment is shown: {entries}");
    });
}

fn pay(db: &Db) {
    let entry = a_payment();
    // A number with everything that means something in an address.
    let document =
        Citation { code: "京财〔2025〕1/2号 #3?4&5=6%7+8".into(), title: None, issuer: None, dated: None };
    db.write(move |tx| record(tx, &Actor::operator(), entry, document)).expect("it is recorded");
}

/// A document's number stands in addresses, whatever its letters.
#[test]
fn a_document_of_any_number_has_its_page() {
    both_with_plan(|db| {
        pay(&db);
        let open = Site::over(&db);
        let site = open.signed_in(Role::Leader);
        for from in ["/projects/CY-08", "/entries?measure=paid"] {
            let href = links(&site.get(from)).into_iter().find(|href| href.starts_with("/documents/%E4%BA%AC"));
            let href = href.unwrap_or_else(|| panic!("{from} links to the document"));
            let answer = site.get(&href);
            assert_eq!(answer.status, 200, "{href}: {}", answer.words());
            assert!(answer.words().contains("京财〔2025〕1/2号 #3?4&5=6%7+8"), "{}", answer.words());
            let own = format!("{href}?unit=yi");
            assert!(links(&answer).contains(&own), "its own links are addresses too: {:?}", links(&answer));
            assert_eq!(site.get(&own).status, 200);
            assert!(answer.words().contains("12.5"), "what rests on it: {}", answer.words());
        }
    });
}

#[test]
fn every_answer_carries_the_headers_that_keep_a_browser_safe() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let more = ["/nowhere", "/?colour=red", "/?from=timeline", "/api/v1/nothing", "/projects?format=csv"];
        for address in routes().into_iter().map(address_of).chain(more.map(str::to_owned)) {
            let answer = site.get(&address);
            let policy = answer.header("content-security-policy");
            for rule in [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ] {
                assert!(policy.contains(rule), "{address}: {rule}");
            }
            assert!(!policy.contains("unsafe"), "{address}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{address}");
            assert_eq!(answer.header("referrer-policy"), "same-origin", "{address}");
            assert_eq!(answer.header("set-cookie"), "", "{address}: nobody signs in yet, so nothing is remembered");
        }
    });
}

#[test]
fn head_is_answered_like_get() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        for route in routes() {
            let address = address_of(route);
            let (get, head) = (site.get(&address), site.ask(Method::HEAD, &address, &[]));
            assert_eq!(head.status, 200, "HEAD {address}");
            for name in ["content-type", "etag", "cache-control"] {
                assert_eq!(head.header(name), get.header(name), "{address}: {name}");
            }
        }
        assert_eq!(site.ask(Method::HEAD, "/nowhere", &[]).status, 404);
    });
}

/// The same through the program itself, where the protocol leaves the body out.
#[test]
fn the_program_answers_head_without_a_body() {
    let server = Server::start(&[]);
    for path in ["/", "/projects/CY-08", "/api/v1/head", "/static/taizhang.css", "/nowhere"] {
        let (get, _, sent) = server.ask("GET", path);
        let (status, head, body) = server.ask("HEAD", path);
        assert_eq!((status, body.as_str()), (get, ""), "{path}");
        assert!(!sent.is_empty() && head.to_lowercase().contains("content-type:"), "{path}: {head}");
    }
    let (status, head, body) = server.ask("POST", "/projects");
    assert_eq!(status, 405);
    assert!(head.to_lowercase().contains("allow: get, head"), "{head}");
    assert!(body.contains("不接受 POST 请求"), "{body}");
}
