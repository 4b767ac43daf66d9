//! The contract of `/api/v1`: what programs may rely on.

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::Value;
use taizhang::auth::Actor;
use taizhang::clock::Instant;
use taizhang::db::{Db, Head};
use taizhang::demo;
use taizhang::document::Citation;
use taizhang::ledger::command::{NewReversal, record, reverse};
use taizhang::money::Fen;
use taizhang::period::{Day, Precision};

use crate::support::{Site, a_payment, both, both_with_plan};

/// One address of each route; the demonstration has something at every one.
const ROUTES: [&str; 10] = [
    "/projects",
    "/projects/CY-08",
    "/projects/CY-08/entries",
    "/projects/CY-08/milestones",
    "/categories",
    "/departments",
    "/sources",
    "/indicators",
    "/rollup",
    "/head",
];
const DIMENSIONS: [&str; 8] = ["category", "department", "nature", "start_year", "end_year", "year", "source", "stage"];
const MEASURES: [&str; 6] = ["investment", "plan", "budget", "received", "completed", "paid"];

/// Runs a body on the demonstration, on each engine.
fn demonstration(body: impl Fn(&Db, Site)) {
    both(|db| {
        let demo = demo::open(db.url()).expect("the demonstration loads");
        body(&demo, Site::over_demo(&demo));
    });
}

fn json(site: &Site, path: &str) -> Value {
    let answer = site.get(&format!("/api/v1{path}"));
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8", "{path}");
    answer.json()
}

fn items(site: &Site, path: &str) -> Vec<Value> {
    json(site, path)["items"].as_array().expect("items").clone()
}

/// The form of a value without its content: keys in order, and the types seen under them.
fn shape(value: &Value, indent: usize, told: &mut String) {
    let pad = "  ".repeat(indent);
    match value {
        Value::Null => told.push_str("null\n"),
        Value::Bool(_) => told.push_str("true or false\n"),
        Value::Number(_) => told.push_str("number\n"),
        Value::String(_) => told.push_str("text\n"),
        Value::Array(items) => {
            told.push_str("list of ");
            // The fullest item shows the most.
            let fullest = items.iter().max_by_key(|item| item.to_string().matches("null").count().wrapping_neg());
            match fullest {
                Some(item) => shape(item, indent, told),
                None => told.push_str("nothing\n"),
            }
        }
        Value::Object(fields) => {
            told.push_str("object\n");
            for (key, value) in fields {
                told.push_str(&format!("{pad}  {key}: "));
                shape(value, indent + 1, told);
            }
        }
    }
}

#[test]
fn every_route_has_its_form() {
    demonstration(|_, site| {
        let mut told = String::new();
        for route in ROUTES.into_iter().chain(["/rollup?by=category&by=year"]) {
            told.push_str(&format!("GET /api/v1{route}\n"));
            shape(&json(&site, route), 0, &mut told);
        }
        insta::assert_snapshot!("api_shapes", told);
    });
}

#[test]
fn every_answer_says_the_day_and_the_head_it_was_computed_for() {
    demonstration(|db, site| {
        let head = db.read(Head::find).expect("head");
        for route in ROUTES {
            let body = json(&site, route);
            let said = if route == "/head" { &body } else { &body["head"] };
            assert_eq!(said["seq"], head.seq, "{route}");
            assert_eq!(said["hash"], head.hash.as_str(), "{route}");
            assert_eq!(said["at"], head.at.rfc3339(), "{route}");
            if route != "/head" {
                let as_of = if route == "/rollup" { &body["scope"]["as_of"] } else { &body["as_of"] };
                assert_eq!(as_of, "2025-09-26", "{route}");
            }
        }
        let first = json(&site, "/head?known_at=seq:1");
        assert_eq!(first["seq"], 1);
        assert_ne!(first["hash"], head.hash.as_str());
    });
}

#[test]
fn the_plan_is_told_as_it_is() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        assert_eq!(items(&site, "/projects").len(), 32);
        assert_eq!(items(&site, "/categories").len(), 6);
        assert_eq!(items(&site, "/departments").len(), 8);
        assert_eq!(items(&site, "/sources").len(), 12);
        let indicators = items(&site, "/indicators");
        let parts = |item: &Value| item["sub_indicators"].as_array().expect("its parts").len();
        assert_eq!((indicators.len(), indicators.iter().map(parts).sum::<usize>()), (37, 45));
        let rollup = json(&site, "/rollup?by=category");
        let rows = rollup["rows"].as_array().expect("rows");
        let told: Vec<(&str, &str, i64)> = rows
            .iter()
            .map(|row| {
                let (key, amount) = (row["key"].as_str(), row["amounts"]["investment"].as_str());
                (key.expect("a key"), amount.expect("yuan"), row["projects"].as_i64().expect("a count"))
            })
            .collect();
        assert_eq!(
            told,
            [
                ("institution", "35000000.00", 2),
                ("environment", "2839000000.00", 9),
                ("space", "699000000.00", 4),
                ("economy", "2255730000.00", 5),
                ("living", "3498810000.00", 9),
                ("culture", "262000000.00", 3),
            ]
        );
        assert_eq!(rollup["total"]["amounts"]["investment"], "9589540000.00");
        assert_eq!(rollup["total"]["projects"], 32);
        // What nobody recorded is null, not zero, and the count says so.
        assert_eq!(rollup["total"]["amounts"]["paid"], Value::Null);
        assert_eq!(rollup["total"]["entries"]["paid"], 0);
    });
}

/// 体系 and 责任部门 are our reading of the plan: a program must not take them for the plan's words.
#[test]
fn what_is_inferred_says_so() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        for project in items(&site, "/projects") {
            assert_eq!(project["category_status"], "inferred", "{project}");
            assert_eq!(project["department_status"], "inferred", "{project}");
            assert_eq!(project["stage"], Value::Null, "nobody has said how far it is: {project}");
        }
        let one = json(&site, "/projects/CY-08");
        for fact in one["facts"].as_array().expect("facts") {
            let inferred = fact["status"] == "inferred";
            assert_eq!(
                inferred,
                fact["basis"].as_str().is_some_and(|basis| !basis.is_empty()),
                "why it is thought so: {fact}"
            );
        }
    });
}

/// Every amount is yuan with two decimals as text, or null where there is no entry.
fn amounts_are_exact(place: &str, value: &Value) {
    for measure in MEASURES {
        match &value["amounts"][measure] {
            Value::Null => {}
            Value::String(text) => {
                let fen = Fen::parse_yuan(text).unwrap_or_else(|error| panic!("{place} {measure}: {error}"));
                assert_eq!(fen.yuan(), *text, "{place} {measure}: two decimals, no separators");
            }
            other => panic!("{place} {measure}: an amount is text or null, not {other}"),
        }
        if let Some(entries) = value["entries"][measure].as_i64() {
            assert_eq!(entries == 0, value["amounts"][measure].is_null(), "{place} {measure}: null means no entry");
        }
    }
}

fn fen(value: &Value) -> Fen {
    value.as_str().map_or(Fen::ZERO, |text| Fen::parse_yuan(text).expect("yuan"))
}

#[test]
fn a_total_is_the_sum_of_its_rows_however_it_is_grouped() {
    demonstration(|_, site| {
        let mut groupings: Vec<String> = DIMENSIONS.map(|by| format!("by={by}")).to_vec();
        for (at, one) in DIMENSIONS.iter().enumerate() {
            groupings.extend(DIMENSIONS[at + 1..].iter().map(|other| format!("by={one},{other}")));
        }
        for filter in [
            "",
            "&category=environment&category=living",
            "&nature=none",
            "&year=2025",
            "&source=none",
            "&as_of=2024-12-31",
            "&known_at=seq:1",
        ] {
            let mut totals = BTreeSet::new();
            for grouping in &groupings {
                let path = format!("/rollup?{grouping}{filter}");
                let body = json(&site, &path);
                let rows = body["rows"].as_array().expect("rows");
                amounts_are_exact(&path, &body["total"]);
                for measure in MEASURES {
                    let sum = rows
                        .iter()
                        .fold(Fen::ZERO, |sum, row| sum.checked_add(fen(&row["amounts"][measure])).expect("a sum"));
                    assert_eq!(sum, fen(&body["total"]["amounts"][measure]), "{path} {measure}");
                    let count: i64 = rows.iter().map(|row| row["entries"][measure].as_i64().expect("a count")).sum();
                    assert_eq!(body["total"]["entries"][measure], count, "{path} {measure}");
                }
                // A project stands in one group, unless its entries are what is grouped or chosen.
                let splits = grouping["by=".len()..].split(',').any(|by| ["year", "source"].contains(&by))
                    || filter.starts_with("&year=")
                    || filter.starts_with("&source=");
                for row in rows {
                    amounts_are_exact(&path, row);
                    assert_eq!(row["projects"].is_null(), splits, "{path}: {row}");
                    assert_eq!(row["milestones"].is_null(), splits, "{path}: {row}");
                }
                if !splits {
                    let count: i64 = rows.iter().map(|row| row["projects"].as_i64().expect("a count")).sum();
                    assert_eq!(body["total"]["projects"], count, "{path}");
                }
                totals.insert(body["total"]["amounts"].to_string());
            }
            assert_eq!(totals.len(), 1, "{filter}: one total however it is grouped: {totals:?}");
        }
    });
}

/// The project, its entries, the list, the rollup and the page: one figure.
#[test]
fn a_projects_figures_are_the_sums_of_its_entries_everywhere() {
    demonstration(|_, site| {
        let listed = items(&site, "/projects");
        let page = site.get("/projects?format=json").json();
        for project in &listed {
            let code = project["code"].as_str().expect("a code");
            amounts_are_exact(code, project);
            let alone = json(&site, &format!("/projects/{code}"));
            assert_eq!(alone["amounts"], project["amounts"], "{code}");
            let entries = items(&site, &format!("/projects/{code}/entries"));
            for measure in MEASURES {
                let own: Vec<&Value> = entries.iter().filter(|entry| entry["measure"] == measure).collect();
                let sum =
                    own.iter().fold(Fen::ZERO, |sum, entry| sum.checked_add(fen(&entry["amount"])).expect("a sum"));
                assert_eq!(sum, fen(&project["amounts"][measure]), "{code} {measure}");
                assert_eq!(own.is_empty(), project["amounts"][measure].is_null(), "{code} {measure}");
            }
            let shown = page["items"].as_array().expect("items").iter().find(|item| item["code"] == code);
            let shown = shown.unwrap_or_else(|| panic!("{code} is on the page"));
            for measure in MEASURES {
                assert_eq!(shown[measure], project["amounts"][measure], "{code} {measure}");
            }
        }
    });
}

#[test]
fn a_list_is_read_page_by_page_and_nothing_is_lost() {
    demonstration(|_, site| {
        for (path, least) in
            [("/projects?", 32), ("/projects?category=environment&", 8), ("/projects/CY-08/entries?", 2)]
        {
            let whole = json(&site, &format!("{path}limit=500"));
            assert_eq!(whole["next"], Value::Null, "{path}");
            let whole = whole["items"].as_array().expect("items").clone();
            assert!(whole.len() >= least, "{path}: {}", whole.len());
            for limit in [1, 7, whole.len() - 1, whole.len()] {
                let (mut read, mut cursor) = (Vec::new(), String::new());
                loop {
                    let page = json(&site, &format!("{path}limit={limit}{cursor}"));
                    let items = page["items"].as_array().expect("items");
                    assert!(!items.is_empty() && items.len() <= limit, "{path} {limit}: {}", items.len());
                    read.extend(items.iter().cloned());
                    match page["next"].as_str() {
                        Some(next) => cursor = format!("&cursor={next}"),
                        None => break,
                    }
                }
                assert_eq!(read, whole, "{path} by {limit}");
            }
        }
    });
}

#[test]
fn filters_choose_by_or_within_and_by_and_between() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let codes = |query: &str| {
            items(&site, &format!("/projects?{query}"))
                .iter()
                .map(|item| item["code"].as_str().expect("a code").to_owned())
                .collect::<BTreeSet<_>>()
        };
        let (environment, living) = (codes("category=environment"), codes("category=living"));
        assert_eq!((environment.len(), living.len()), (9, 9));
        assert_eq!(codes("category=environment&category=living"), &environment | &living);
        let water = codes("department=water");
        assert_eq!(codes("category=living&department=water"), &living & &water);
        assert_eq!(codes("nature=enterprise").len() + codes("nature=none").len(), 32, "each is one or the other");
        assert_eq!(codes("stage=none").len(), 32, "no stage is filled in");
        assert!(codes("active_in=2035").contains("CY-32") && codes("active_in=2035").len() == 1);
        assert_eq!(codes("q=CY-07").into_iter().collect::<Vec<_>>(), ["CY-07"]);
        assert_eq!(codes("category=none"), BTreeSet::new(), "every project has a system");
    });
}

/// An answer that names its day and its instant can be had again, whatever was recorded since.
#[test]
fn the_same_question_of_the_same_moment_gets_the_same_bytes() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let scope = json(&site, "/rollup?by=category")["scope"].clone();
        let moment = format!(
            "as_of={}&known_at={}",
            scope["as_of"].as_str().expect("a day"),
            scope["known_at"].as_str().expect("an instant").replace('+', "%2B")
        );
        let ask = |route: &str| {
            let join = if route.contains('?') { '&' } else { '?' };
            site.get(&format!("/api/v1{route}{join}{moment}")).body
        };
        let routes: Vec<String> = ROUTES
            .iter()
            .map(|route| (*route).to_owned())
            .chain(DIMENSIONS.map(|by| format!("/rollup?by={by}")))
            .collect();
        let before: Vec<String> = routes.iter().map(|route| ask(route)).collect();
        db.clock().move_to(Instant::parse("2025-09-28T10:00:00+08:00").expect("an instant"));
        pay_and_take_back(&db);
        std::thread::sleep(std::time::Duration::from_millis(300));
        for (route, before) in routes.iter().zip(&before) {
            assert_eq!(ask(route), *before, "{route}");
        }
        let now = json(&site, "/rollup");
        assert_eq!(
            (&now["total"]["amounts"]["paid"], &now["total"]["entries"]["paid"]),
            (&Value::from("0.00"), &Value::from(2)),
            "taken back: zero, and not nothing"
        );
    });
}

fn pay_and_take_back(db: &Db) {
    let entry = a_payment();
    let document = Citation { code: "京财〔2025〕1号".into(), title: None, issuer: None, dated: None };
    let paid = db.write(move |tx| record(tx, &Actor::operator(), entry, document)).expect("it is recorded").entry;
    db.write(move |tx| {
        reverse(tx, &Actor::operator(), &NewReversal { id: paid.id, on: None, reason: "重复记入".into() }, None)
    })
    .expect("it is taken back");
}

#[test]
fn an_unchanged_answer_is_not_sent_twice() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        for route in ROUTES {
            let address = format!("/api/v1{route}");
            let answer = site.get(&address);
            let tag = answer.header("etag");
            assert!(tag.starts_with("W/\""), "{address}: {tag}");
            let again = site.ask(Method::GET, &address, &[("if-none-match", tag)]);
            assert_eq!((again.status, again.body.as_str()), (304, ""), "{address}");
            assert_eq!(site.ask(Method::HEAD, &address, &[]).status, 200, "{address}");
        }
    });
}

/// A milestone known to the quarter is written as the commands read it.
#[test]
fn a_date_of_a_milestone_can_be_read_back() {
    demonstration(|_, site| {
        let mut precisions = BTreeSet::new();
        for fact in site.get("/milestones?show=slips&format=json").json()["items"].as_array().expect("items") {
            let text = |name: &str| fact[name].as_str().expect("text").to_owned();
            let (_, precision) = Precision::parse_date(&text("on")).unwrap_or_else(|error| panic!("{fact}: {error}"));
            assert_eq!(precision.word(), text("precision"), "{fact}");
            Day::parse(&text("effective_on")).expect("a day");
            precisions.insert(text("precision"));
        }
        assert!(precisions.len() > 1, "the demonstration knows dates more and less exactly: {precisions:?}");
    });
}
