//! Lists of projects: sorted and cut in the database as a full reading would be, complete in files,
//! and the same afterwards when asked for as they were.

use std::cmp::Ordering;

use serde_json::Value as Json;
use taizhang::auth::Actor;
use taizhang::db::Db;
use taizhang::demo;
use taizhang::document::Citation;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{NewEntry, import, record};
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::period::Day;
use taizhang::project::Attribute;
use taizhang::project::command::change;
use taizhang::report::projects::SORTS;
use taizhang::seed::ProjectRow;
use taizhang::seed::load::import_projects;

use crate::support::{Site, a_payment, both, both_with_plan, day, project_fact};

/// More projects than a page shows, with many equal names, years and amounts among them.
const MORE: i32 = 700;

fn paper() -> Citation {
    Citation { code: "试-1".into(), title: Some("试验文件".into()), issuer: Some("试验".into()), dated: None }
}

fn many_projects(db: &Db) {
    // Capital and small letters, digits and characters: orders of languages would mix them.
    let names = ["污水厂", "b 段改造", "B 段改造", "Z 路", "公园", "10 号泵站", "9 号泵站"];
    let pick = |no: i32, among: i32| usize::try_from(no * 31 % among).expect("small");
    let rows: Vec<ProjectRow> = (0..MORE)
        .map(|no| ProjectRow {
            // Not in order of registration.
            code: format!("{}-{:03}", ["P", "k", "Q"][pick(no, 3)], no * 37 % MORE),
            no,
            name: names[pick(no, 7)].into(),
            content: if no % 4 == 0 { "含 Smart 监测".into() } else { "新建".into() },
            start_year: 2023 + no % 3,
            end_year: 2024 + no % 5 + no % 3,
            amount: Fen::new(i64::from(no % 6) * 100_000_000 + 500),
            line: None,
            stated: match no % 5 {
                0 => Vec::new(),
                some => vec![("category".into(), ["living", "economy", "space", "culture"][some as usize - 1].into())],
            },
        })
        .collect();
    let codes: Vec<String> = rows.iter().map(|row| row.code.clone()).collect();
    let on = Day::parse("2024-03-01").expect("a day");
    db.write(move |tx| import_projects(tx, &Actor::operator(), rows, Some(on), paper())).expect("imported");
    let entries = codes.iter().enumerate().filter(|(at, _)| at % 3 != 0).map(|(at, code)| NewEntry {
        project: code.clone(),
        measure: [Measure::Plan, Measure::Completed, Measure::Paid][at % 2 + usize::from(at % 7 == 0)],
        kind: Kind::Original,
        year: None,
        source: [None, Some("D1".to_owned())][at % 2].clone(),
        amount: Fen::new([700, -300, 40_000_000][at % 3 % 2 + usize::from(at % 11 == 0)]),
        occurred_on: Day::parse(["2024-11-30", "2025-04-01"][at % 2]).expect("a day"),
        ..a_payment()
    });
    let entries: Vec<NewEntry> = entries
        .map(|entry| NewEntry { year: (entry.measure == Measure::Plan).then(|| "2025".parse_year()), ..entry })
        .collect();
    db.write(move |tx| import(tx, &Actor::operator(), "many", entries, paper())).expect("booked");
}

trait ParseYear {
    fn parse_year(&self) -> taizhang::period::Year;
}

impl ParseYear for str {
    fn parse_year(&self) -> taizhang::period::Year {
        taizhang::period::Year::parse(self).expect("a year")
    }
}

/// Every project in order of registration, page by page.
fn full_reading(site: &Site, filter: &str) -> Vec<Json> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = site.get(&format!("/api/v1/projects?limit=200{filter}{cursor}")).json();
        all.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// As the page promises: byte by byte, years and amounts by size, nothing said before everything.
fn by(key: &str, a: &Json, b: &Json) -> Ordering {
    let fen = |project: &Json| {
        project["amounts"][key].as_str().map_or(0, |yuan| yuan.replace('.', "").parse::<i64>().expect("an amount"))
    };
    match key {
        "code" | "name" => a[key].as_str().cmp(&b[key].as_str()),
        "start_year" | "end_year" => a[key].as_i64().cmp(&b[key].as_i64()),
        _ => fen(a).cmp(&fen(b)),
    }
}

fn codes_of_csv(csv: &str) -> Vec<String> {
    csv.lines().skip(1).map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_list_sorted_each_way_is_the_full_list_sorted() {
    both_with_plan(|db| {
        many_projects(&db);
        let site = Site::over(&db);
        for filter in ["", "&category=living&category=none", "&q=smart", "&end_year=2025&q=%E6%AE%B5"] {
            let full = full_reading(&site, filter);
            assert!(filter.starts_with("&end_year") || full.len() > 100, "{filter} leaves enough: {}", full.len());
            for key in SORTS {
                for (sign, descending) in [("", false), ("-", true)] {
                    let mut sorted: Vec<&Json> = full.iter().collect();
                    sorted.sort_by(|a, b| if descending { by(key, b, a) } else { by(key, a, b) });
                    let expected: Vec<String> =
                        sorted.iter().map(|project| project["code"].as_str().expect("a code").to_owned()).collect();
                    let address = format!("/projects?sort={sign}{key}{filter}");
                    let file = site.get(&format!("{address}&format=csv"));
                    assert_eq!(codes_of_csv(&file.body), expected, "{address}");
                    if !filter.is_empty() {
                        continue;
                    }
                    let page = site.get(&address);
                    let shown: Vec<String> = page
                        .attributes("id")
                        .into_iter()
                        .filter(|id| expected.iter().any(|code| code.to_lowercase() == *id))
                        .collect();
                    let first: Vec<String> = expected.iter().take(500).map(|code| code.to_lowercase()).collect();
                    assert_eq!(shown, first, "{address}");
                }
            }
        }
        let words = site.get("/projects?q=smart").words();
        assert!(words.contains("732 项中的 175 项"), "found by their contents: {words}");
        let words = site.get("/projects").words();
        assert!(words.contains("共 732 项，这里列前 500 项"), "a page says that it is cut");
    });
}

#[test]
fn a_file_of_a_list_is_all_of_it_in_both_forms() {
    both_with_plan(|db| {
        many_projects(&db);
        let site = Site::over(&db);
        let csv = site.get("/projects?format=csv");
        let json = site.get("/projects?format=json").json();
        let items = json["items"].as_array().expect("items");
        assert_eq!((codes_of_csv(&csv.body).len(), items.len()), (732, 732));
        assert_eq!(json["head"]["seq"], 3);
        let codes: Vec<&str> = items.iter().map(|item| item["code"].as_str().expect("a code")).collect();
        assert_eq!(codes_of_csv(&csv.body), codes);
        assert!(csv.body.starts_with("\u{feff}code,no,name,"), "{}", csv.body.lines().next().unwrap_or_default());
        let none = site.get("/projects?category=living&end_year=2099&format=json").json();
        assert_eq!(none["items"], serde_json::json!([]));
    });
}

/// Pages that rest on what is kept of the present, and files of the same.
const PAGES: [&str; 14] = [
    "/",
    "/projects",
    "/projects?sort=-investment",
    "/projects?sort=name&group=category",
    "/projects?sort=-paid&group=department",
    "/projects?q=%E5%85%AC%E5%9B%AD&group=nature",
    "/projects?end_year=2025&end_year=2026&sort=-completed",
    "/projects?category=none&group=end_year",
    "/categories/living",
    "/categories/economy",
    "/departments/parks",
    "/milestones",
    "/milestones?state=late",
    "/data",
];

#[test]
fn a_page_of_then_says_what_it_said_then() {
    both(|db| {
        let demo = demo::open(db.url()).expect("the demonstration loads");
        let departments: Vec<String> = Site::over_demo(&demo).get("/api/v1/departments").json()["items"]
            .as_array()
            .expect("departments")
            .iter()
            .map(|department| format!("/departments/{}", department["code"].as_str().expect("a code")))
            .collect();
        let pages: Vec<String> = PAGES
            .iter()
            .map(|page| (*page).to_owned())
            .filter(|page| !page.starts_with("/departments/"))
            .chain(departments)
            .collect();
        let read = |site: &Site, page: &str, view: &str| {
            let join = if page.contains('?') { "&" } else { "?" };
            let html =
                site.get(&format!("{page}{}", if view.is_empty() { String::new() } else { format!("{join}{view}") }));
            assert_eq!(html.status, 200, "{page}: {}", html.words());
            let words = html.words();
            let csv = match page {
                "/data" => String::new(),
                page => site.get(&format!("{page}{join}{view}&format=csv").replace("?&", "?")).body,
            };
            (words, csv)
        };
        let site = Site::over_demo(&demo);
        let seq = site.get("/api/v1/head").json()["seq"].as_i64().expect("a number");
        let then: Vec<_> = pages.iter().map(|page| read(&site, page, "")).collect();
        for told in ["完成率", "（金额计入牵头部门", "规划年限已满，完成情况未填", "归入本体系为推定·待确认"]
        {
            assert!(then.iter().any(|(words, _)| words.contains(told)), "some page says {told}");
        }

        let more = NewEntry { project: "CY-01".into(), amount: Fen::new(12_345_678_900), ..a_payment() };
        demo.write(move |tx| record(tx, &Actor::operator(), more, paper())).expect("recorded");
        let moved = |attribute, value: &str| project_fact("CY-09", attribute, value, day("2024-01-01"), paper());
        for one in [
            moved(Attribute::Category, "living"),
            moved(Attribute::Name, "改名后的公园"),
            moved(Attribute::EndYear, "2024"),
            moved(Attribute::SupportDepartments, "区园林绿化局、区水务局（配合）"),
        ] {
            demo.write(move |tx| change(tx, &Actor::operator(), one)).expect("changed");
        }
        let site = Site::over_demo(&demo);
        let view = format!("known_at=seq:{seq}");
        let mut changed = 0;
        for (page, (words, csv)) in pages.iter().zip(&then) {
            let again = read(&site, page, &view);
            assert_eq!(again.0, *words, "{page} as it was");
            assert_eq!(again.1, *csv, "{page} as a file, as it was");
            changed += usize::from(read(&site, page, "").1 != *csv);
        }
        assert!(changed > 5, "what was recorded since would be seen: {changed}");
    });
}
