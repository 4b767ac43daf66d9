//! With a public address, what is only inferred of departments is not the public's to see: not on a
//! page, not in a file, not by what is filtered, grouped, counted or found.

use serde_json::Value as Json;
use taizhang::auth::{Actor, Role};
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::period::{Month, Precision};
use taizhang::project::command;
use taizhang::project::confirm::command::confirm_all;
use taizhang::project::confirm::{NewConfirmation, Reviewed};
use taizhang::project::{Attribute, store};
use taizhang::publication::command::publish;
use taizhang::setting;

use crate::support::{Site, both_with_plan, day, project_fact};

fn office() -> Actor {
    Actor::account(1, vec![Role::Office], Vec::new())
}

fn paper() -> Citation {
    let dated = Some(Precision::parse_date("2025-09-10").expect("a date"));
    Citation { code: "区环办〔2025〕3号".into(), title: None, issuer: None, dated }
}

/// The projects with these places in the annex, their systems and lead departments confirmed.
fn confirm(db: &Db, places: std::ops::Range<usize>) {
    let states = db.read(|conn| store::list_states(conn, day("2025-09-26"), i64::MAX, 0, 100)).expect("the registry");
    let mut list = Vec::new();
    for state in &states[places] {
        for attribute in [Attribute::Category, Attribute::LeadDepartment] {
            let new = NewConfirmation {
                code: state.project.code.clone(),
                attribute,
                value: state.value(attribute).to_owned(),
                seen: None,
                effective_on: None,
                document: paper(),
                reason: String::new(),
            };
            list.push(Reviewed { line: list.len() as u64 + 2, new });
        }
    }
    db.write(move |tx| confirm_all(tx, &office(), &list)).expect("confirmed");
}

fn report_from_july(db: &Db, code: &str) {
    let change = project_fact(code, Attribute::ReportingFrom, "2025-07", day("2025-07-01"), paper());
    db.write(move |tx| command::change(tx, &office(), change)).expect("reports begin");
}

fn publish_august(db: &Db) {
    let month = Month::parse("2025-08").expect("a month");
    db.write(move |tx| publish(tx, &office(), month, "")).expect("published");
}

fn set(db: &Db, name: &str, value: &str) {
    let new = setting::command::NewSetting {
        name: name.into(),
        value: value.into(),
        effective_on: None,
        reason: "试验".into(),
    };
    db.write(move |tx| setting::command::set(tx, &office(), new)).expect("set");
}

/// Every address at which the public could meet a department.
fn addresses() -> Vec<String> {
    let fixed = [
        "/",
        "/?format=csv",
        "/?as_of=2024-12-31",
        "/?known_at=seq:1",
        "/about",
        "/data",
        "/proof",
        "/indicators",
        "/projects",
        "/projects?group=department",
        "/projects?group=category",
        "/projects?department=none",
        "/projects?q=%E6%B0%B4",
        "/projects?as_of=2024-12-31&group=department",
        "/projects?format=csv",
        "/projects?format=json",
        "/projects?format=csv&as_of=2024-12-31",
        "/projects?sort=-investment",
        "/entries?measure=investment",
        "/entries?measure=investment&department=none",
        "/entries?measure=investment&format=csv",
        "/milestones",
        "/milestones?show=gantt&group=department",
        "/milestones?show=slips",
        "/milestones?format=csv",
        "/milestones?format=json",
        "/categories/living",
        "/categories/space?format=csv",
        "/lines/FB1-01",
        "/lights",
        "/lights?group=department",
        "/lights/trial",
        "/api/v1/lights",
        "/api/v1/projects",
        "/api/v1/projects?department=none",
        "/api/v1/departments",
        "/api/v1/rollup?by=department",
        "/api/v1/rollup?by=department&by=category",
        "/api/v1/rollup?by=department&as_of=2024-12-31",
        "/api/v1/rollup?by=department&by=year",
        "/api/v1/rollup?by=department&by=source&as_of=2024-12-31",
    ];
    let of_projects = (1..=32).flat_map(|no| {
        let code = format!("CY-{no:02}");
        [format!("/projects/{code}"), format!("/projects/{code}?format=csv"), format!("/api/v1/projects/{code}")]
    });
    fixed.map(str::to_owned).into_iter().chain(of_projects).collect()
}

/// What names a department as a link, a choice or a value, of each department with its code and name.
/// Words that a public source wrote are the source's.
fn traces(body: &str, departments: &[(String, String)]) -> Vec<String> {
    let mut found = Vec::new();
    for (code, name) in departments {
        let mut forms = vec![
            format!("/departments/{code}"),
            format!("department={code}"),
            format!(">{name}<"),
            format!("\"{name}\""),
            format!(",{name},"),
        ];
        // A system has the same word: 生态文化培育.
        if code != "culture" {
            forms.extend([format!("\"{code}\""), format!(",{code},")]);
        }
        found.extend(forms.into_iter().filter(|form| body.contains(form.as_str())));
    }
    found
}

fn departments(db: &Db) -> Vec<(String, String)> {
    let all = db.read(store::list_departments).expect("departments");
    all.into_iter().map(|department| (department.code, department.name)).collect()
}

/// Keys with how many projects they have, of a rollup; empty: what is not classified.
fn led(answer: &Json) -> Vec<(String, i64)> {
    let rows = answer["rows"].as_array().expect("rows");
    rows.iter()
        .map(|row| (row["key"].as_str().unwrap_or_default().to_owned(), row["projects"].as_i64().unwrap_or(-1)))
        .collect()
}

#[test]
fn with_a_public_address_the_public_meets_no_inferred_department_anywhere() {
    both_with_plan(|db| {
        let site = Site::over_https(&db);
        let all = departments(&db);
        // The office does not see less for it: the traces looked for below are there to be found.
        let office = site.signed_in(Role::Office);
        assert!(traces(&office.get("/projects").body, &all).len() > 8, "the office sees them");
        for address in addresses() {
            let answer = site.get(&address);
            assert_eq!(answer.status, 200, "{address}: {}", answer.words());
            assert_eq!(traces(&answer.body, &all), Vec::<String>::new(), "{address}");
        }
        let one = site.get("/projects/CY-08").words();
        assert!(one.contains("责任部门 — 待确认 协同部门 — 待确认"), "{one}");
        let list = site.get("/projects").words();
        assert!(list.contains("32 项的责任部门均待确认，确认前不公开"), "{list}");
        assert_eq!(led(&site.get("/api/v1/rollup?by=department").json()), [(String::new(), 32)]);
        assert_eq!(led(&site.get("/api/v1/rollup?by=department&as_of=2024-12-31").json()), [(String::new(), 32)]);
        assert_eq!(site.get("/api/v1/departments").json()["items"], Json::Array(Vec::new()));
        // Asking for one by name finds out nothing either.
        for address in ["/projects?department=water", "/entries?department=water", "/api/v1/projects?department=water"]
        {
            let refused = site.get(address);
            assert_eq!(refused.status, 400, "{address}");
            assert!(!refused.body.contains("水务局"), "{address}: {}", refused.body);
        }
        let page = site.get("/departments/water");
        assert_eq!(page.status, 404);
        assert!(page.words().contains("责任部门待确认，确认前不公开"), "{}", page.words());
        // Whoever asks for the public's view is shown the public's.
        assert_eq!(traces(&office.get("/projects?view=public").body, &all), Vec::<String>::new());
        // Systems stay, with their mark: without them the public sees no structure.
        assert!(site.get("/").words().contains("生态空间优化"), "systems are shown");
    });
}

/// Without an address pages are for this machine; the mark is enough.
#[test]
fn without_a_public_address_the_public_sees_what_is_inferred_with_its_mark() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        assert!(site.get("/projects").words().contains("朝阳区水务局"));
        assert!(site.get("/projects/CY-08").words().contains("推定·待确认"));
        assert_eq!(site.get("/departments/water").status, 200);
        set(&db, setting::PUBLIC_DEPARTMENTS, "hide");
        assert_eq!(Site::over(&db).get("/departments/water").status, 404, "unless the office says otherwise");
        set(&db, setting::PUBLIC_DEPARTMENTS, "show");
        assert_eq!(Site::over_https(&db).get("/departments/water").status, 200, "and the other way round");
    });
}

/// domain.md §6.4 L4: 确认 20 项后界面显示 20/32；公开页只显示已确认的部门.
#[test]
fn of_twenty_confirmed_and_published_the_public_sees_twenty_departments_and_twelve_to_be_confirmed() {
    both_with_plan(|db| {
        let site = Site::over_https(&db);
        let reader = site.signed_in(Role::Office);
        confirm(&db, 0..20);
        assert!(reader.get("/admin/confirmations").words().contains("20/32"), "the office's count");
        let all = departments(&db);
        assert_eq!(traces(&site.get("/projects").body, &all), Vec::<String>::new(), "nothing before it is published");
        for code in ["CY-01", "CY-32"] {
            report_from_july(&db, code);
        }
        publish_august(&db);
        let rows = led(&site.get("/api/v1/rollup?by=department").json());
        assert_eq!(rows.iter().map(|(_, n)| n).sum::<i64>(), 32, "nothing disappears");
        assert_eq!(rows.last(), Some(&(String::new(), 12)), "{rows:?}");
        // The same from the facts one by one: what is recorded later is not published yet.
        confirm(&db, 20..21);
        assert_eq!(led(&site.get("/api/v1/rollup?by=department").json()), rows);
        assert_eq!(led(&site.get("/api/v1/rollup?by=department&as_of=2025-07-31").json()), rows);

        let csv = site.get("/projects?format=csv").body;
        assert_eq!(csv.lines().skip(1).filter(|line| line.contains(",confirmed,")).count(), 20);
        let listed = site.get("/projects").words();
        assert!(listed.contains("32 项中 12 项的责任部门待确认，确认前不公开"), "{listed}");
        let first = site.get("/projects/CY-01").words();
        assert!(first.contains("朝阳区生态环境局 已确认"), "{first}");
        let waiting = site.get("/projects/CY-32").words();
        assert!(waiting.contains("责任部门 — 待确认"), "{waiting}");
        // Choices, pages and the list of departments hold those that are confirmed, and what they
        // lead is what is confirmed.
        let known: Vec<String> =
            rows.iter().filter(|(code, _)| !code.is_empty()).map(|(code, _)| code.clone()).collect();
        let named = site.get("/api/v1/departments").json();
        let named: Vec<&str> =
            named["items"].as_array().expect("items").iter().filter_map(|one| one["code"].as_str()).collect();
        let mut sorted = (known.clone(), named.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>());
        sorted.0.sort();
        sorted.1.sort();
        assert_eq!(sorted.0, sorted.1);
        assert!(known.len() < all.len(), "some lead nothing that is confirmed");
        for (code, name) in &all {
            let page = site.get(&format!("/departments/{code}"));
            match rows.iter().find(|(known, _)| known == code) {
                Some((_, n)) => assert!(page.words().contains(&format!("牵头 {n} 项")), "{}", page.words()),
                None => {
                    assert_eq!(page.status, 404, "{code}");
                    assert!(!page.body.contains(name.as_str()), "{name}");
                }
            }
        }
        // Lights are told of both, and name the department of the one that is confirmed.
        let unknown: Vec<(String, String)> = all.iter().filter(|(code, _)| !known.contains(code)).cloned().collect();
        for address in ["/lights", "/lights?group=department", "/lights?format=csv", "/api/v1/lights"] {
            let answer = site.get(address);
            assert!(answer.body.contains("CY-01") && answer.body.contains("CY-32"), "{address}: {}", answer.words());
            assert!(address.starts_with("/api") || answer.body.contains("朝阳区生态环境局"), "{address}");
            assert_eq!(traces(&answer.body, &unknown), Vec::<String>::new(), "{address}");
        }
        let entries = site.get("/entries?measure=investment&department=none").words();
        assert!(entries.contains("规划投资额（估算）：12 笔分录相加"), "{entries}");
    });
}

#[test]
fn hidden_systems_are_one_bucket_and_the_whole_stays_the_whole() {
    both_with_plan(|db| {
        let site = Site::over_https(&db);
        site.signed_in(Role::Office);
        set(&db, setting::PUBLIC_CATEGORIES, "hide");
        for as_of in ["", "&as_of=2024-12-31"] {
            let answer = site.get(&format!("/api/v1/rollup?by=category{as_of}")).json();
            let rows = led(&answer);
            assert_eq!(rows.iter().filter(|(_, n)| *n > 0).collect::<Vec<_>>(), [&(String::new(), 32)]);
            assert_eq!(answer["total"]["amounts"]["investment"], "9589540000.00");
        }
        let none = site.get("/api/v1/rollup?by=nature&category=none").json();
        assert_eq!(none["total"]["projects"], 32);
        assert_eq!(site.get("/api/v1/rollup?by=nature&category=living").json()["total"]["projects"], 0);
        let csv = site.get("/projects?format=csv").body;
        assert!(!csv.contains(",living,") && !csv.contains("生态生活改善,"), "{csv}");
        assert!(site.get("/").words().contains("32 项的体系均待确认，确认前不公开"), "{}", site.get("/").words());
        assert_eq!(site.get("/api/v1/projects/CY-08").json()["category"], Json::Null);
        assert!(!site.get("/api/v1/projects/CY-08").body.contains("\"category\",\"confidence\""), "nor its history");
    });
}

/// A page that a browser or a proxy kept is not the page any more once less is shown.
#[test]
fn what_was_kept_of_a_page_is_not_taken_for_it_once_less_is_shown() {
    both_with_plan(|db| {
        let inside = Site::over(&db);
        let kept = inside.get("/projects");
        let outside = Site::over_https(&db);
        let tag = kept.header("etag").to_owned();
        let ask = |site: &Site| site.ask(actix_web::http::Method::GET, "/projects", &[("if-none-match", &tag)]).status;
        assert_eq!(ask(&inside), 304);
        assert_eq!(ask(&outside), 200, "another page by the same name");
        let tag = outside.get("/projects").header("etag").to_owned();
        set(&db, setting::PUBLIC_DEPARTMENTS, "show");
        std::thread::sleep(std::time::Duration::from_millis(300));
        let again = outside.ask(actix_web::http::Method::GET, "/projects", &[("if-none-match", &tag)]);
        assert_eq!(again.status, 200);
        assert!(again.words().contains("朝阳区水务局"));
    });
}

/// What reads a project for a page or an interface reads it as its reader sees it.
#[test]
fn reports_read_projects_through_what_the_reader_is_shown() {
    // Each of these is for people who see everything, or shows none of what is hidden.
    let known = [
        ("src/report/asked.rs", 1),
        ("src/report/backlog.rs", 1),
        ("src/report/confirmations.rs", 2),
        ("src/report/light_forms.rs", 1),
        ("src/report/milestones.rs", 1),
        ("src/report/money.rs", 1),
        ("src/report/monthly/list.rs", 1),
        ("src/report/monthly/mod.rs", 1),
        ("src/report/monthly/sheet.rs", 3),
        ("src/report/node_form.rs", 2),
        ("src/report/portfolio.rs", 1),
        ("src/report/project.rs", 3),
        ("src/report/publications.rs", 1),
        ("src/report/reconciliation.rs", 1),
        ("src/web/api.rs", 1),
        ("src/web/money/api.rs", 1),
        ("src/web/nodes_api.rs", 1),
        ("src/web/registry.rs", 1),
        ("src/web/reports_api.rs", 1),
    ];
    let mut found = Vec::new();
    for folder in ["src/report", "src/report/execution", "src/report/monthly", "src/web", "src/web/money"] {
        let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
        for path in files.filter(|path| path.extension().is_some_and(|end| end == "rs")) {
            let text = std::fs::read_to_string(&path).expect("text");
            let reads = ["::find_state", "::list_states"].map(|name| text.matches(name).count()).iter().sum::<usize>();
            if reads > 0 {
                found.push((path.to_string_lossy().into_owned(), reads));
            }
        }
    }
    found.sort();
    let found: Vec<(&str, usize)> = found.iter().map(|(path, n)| (path.as_str(), *n)).collect();
    assert_eq!(found, known, "a new reader of the registry uses asked.find_state, or says why not here");
}
