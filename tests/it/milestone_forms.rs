//! Milestones in the browser and over the API: who may, what is refused, what is shown to whom.

use actix_web::http::Method;
use serde_json::{Value, json};
use taizhang::auth::{Actor, Role};
use taizhang::db::Head;
use taizhang::demo;
use taizhang::document::Citation;
use taizhang::milestone::command::{self, NewSet};
use taizhang::milestone::store;
use taizhang::milestone::template::Template;
use taizhang::period::{Day, Precision};
use taizhang::project;

use crate::support::{Answer, Site, TestDb, both, both_with_plan};

fn head(db: &TestDb) -> i64 {
    db.read(Head::find).expect("head").seq
}

/// CY-24, led by the water bureau, with its milestones set up: the start is planned for 2025-03, the finish for 2025-11.
fn set_up(db: &TestDb) {
    let planned = [("N5", "2025-03"), ("N8", "2025-11")];
    let planned = planned.map(|(code, on)| (code.to_owned(), Precision::parse_date(on).expect("a date"))).to_vec();
    let new = NewSet { project: "CY-24".into(), template: Template::Construction, planned };
    let paper = Citation { code: "样-1".into(), title: None, issuer: None, dated: None };
    db.write(move |tx| command::set_up(tx, &Actor::operator(), new, paper)).expect("set up");
}

/// The id of a milestone of CY-24 and its version.
fn node(db: &TestDb, code: &str) -> (i64, String) {
    db.read(|conn| {
        let project = project::store::find(conn, "CY-24")?.expect("CY-24").id;
        let milestone = store::find(conn, project, code)?.expect("set up");
        Ok((milestone.id, store::version(conn, &milestone)?.to_string()))
    })
    .expect("read")
}

const DOCUMENT: (&str, &str) = ("document", "朝水〔2025〕3号");

#[test]
fn an_owner_sets_up_a_project_in_one_form_and_sending_it_twice_records_once() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let owner = site.signed_in(Role::Reporter);
        let page = owner.get("/projects/CY-24/milestones/set");
        assert_eq!(page.status, 200, "{}", page.words());
        assert!(page.words().contains("竣工验收的计划日期"), "{}", page.words());
        let before = head(&db);
        let key = page.body.split("name=\"submission_key\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let fields = [
            ("template", "construction"),
            ("planned_N5", "2025-03"),
            DOCUMENT,
            ("submission_key", key.expect("a key")),
        ];
        let done = owner.post("/projects/CY-24/milestones/set", &fields);
        assert_eq!(done.status, 303, "{}", done.words());
        assert!(done.header("location").starts_with("/projects/CY-24?done="), "{}", done.header("location"));
        owner.post("/projects/CY-24/milestones/set", &fields);
        assert_eq!(head(&db), before + 1, "once");
        let shown = owner.get(done.header("location").split('#').next().expect("an address"));
        for words in ["已记入，日志第", "开工", "2025-03", "记进展", "设立一个节点"] {
            assert!(shown.words().contains(words) || shown.body.contains(words), "{words}: {}", shown.words());
        }
        // Who reads only sees no deeds.
        for reader in [site.signed_in(Role::Leader), site.signed_in(Role::Finance)] {
            assert!(!reader.get("/projects/CY-24").words().contains("记进展"));
        }
    });
}

#[test]
fn what_cannot_be_comes_back_with_what_was_typed_and_what_is_wrong() {
    both_with_plan(|db| {
        set_up(&db);
        let site = Site::over(&db);
        let owner = site.signed_in(Role::Reporter);
        let say = |code: &str, kind: &str, on: &str, reason: &str| -> Answer {
            let (id, version) = node(&db, code);
            let fields = [
                ("kind", kind),
                ("on", on),
                ("reason", reason),
                ("evidence", "开工令"),
                DOCUMENT,
                ("version", version.as_str()),
            ];
            owner.post(&format!("/milestones/{id}/record"), &fields)
        };
        assert_eq!(say("N5", "met", "2025-04-10", "").status, 303, "the start");
        let before = head(&db);
        for (code, kind, on, reason, status, told) in [
            ("N8", "met", "2026-01-01", "", 400, "晚于今天（2025-09-26）；事实不能记在将来"),
            ("N8", "met", "2025-03-01", "", 400, "竣工验收 2025-03-01 早于开工 2025-04-10"),
            ("N5", "met", "2025-05-01", "", 409, "节点已于 2025-04-10 完成；如有误，先重开"),
            ("N8", "forecast", "2026-03", "", 400, "比上次说的 2025-11 晚 121 天，要写原因"),
            ("N8", "met", "九月", "", 400, "不是日期"),
            ("N8", "done", "2025-09-01", "", 400, "可用 plan（计划）"),
        ] {
            let answer = say(code, kind, on, reason);
            assert_eq!(answer.status, status, "{code} {kind} {on}: {}", answer.words());
            assert!(answer.words().contains(told), "{told}: {}", answer.words());
            assert!(answer.body.contains(&format!("value=\"{on}\"")), "what was typed stays: {}", answer.body);
        }
        assert_eq!(head(&db), before, "nothing was recorded");
        // What is odd is recorded, and told on the page it leads to.
        let odd = say("N8", "forecast", "2026-03", "征地未完成");
        assert_eq!(odd.status, 303, "{}", odd.words());
        let shown = owner.get(odd.header("location").split('#').next().expect("an address"));
        assert!(shown.words().contains("已记入，请核对：2026-03 晚于规划年限（2025 年底）"), "{}", shown.words());
        assert!(shown.words().contains("竣工验收预计 2026-03，较规划（2025 年底）延期 3 个月"), "{}", shown.words());
        // A field that is nobody's is refused.
        let (id, _) = node(&db, "N8");
        let forged = owner.post(&format!("/milestones/{id}/record"), &[("kind", "met"), ("role", "office")]);
        assert_eq!(forged.status, 400, "{}", forged.words());
    });
}

#[test]
fn two_who_record_at_once_see_both_versions() {
    both_with_plan(|db| {
        set_up(&db);
        let site = Site::over(&db);
        let (one, other) = (site.signed_in(Role::Reporter), site.signed_in(Role::Office));
        let (id, version) = node(&db, "N8");
        let say = |on: &'static str| [("kind", "forecast"), ("on", on), ("reason", "汛期停工"), DOCUMENT];
        let address = format!("/milestones/{id}/record");
        let first = one.post(&address, &[&say("2026-01")[..], &[("version", &version)]].concat());
        assert_eq!(first.status, 303, "{}", first.words());
        let second = other.post(&address, &[&say("2026-02")[..], &[("version", &version)]].concat());
        assert_eq!(second.status, 412, "{}", second.words());
        for words in ["在此期间已有新的记录：预计 2026-01", "现在的预计 2026-01"] {
            assert!(second.words().contains(words), "{words}: {}", second.words());
        }
        assert!(second.body.contains("value=\"2026-02\""), "the other's words stay in the form");
        // Seen, it may be said again.
        let (_, now) = node(&db, "N8");
        assert!(second.body.contains(&format!("name=\"version\" value=\"{now}\"")), "the form has seen it now");
        let third = other.post(&address, &[&say("2026-02")[..], &[("version", &now)]].concat());
        assert_eq!(third.status, 303, "{}", third.words());
    });
}

#[test]
fn another_departments_owner_a_reader_and_the_public_are_refused() {
    both_with_plan(|db| {
        set_up(&db);
        let before = head(&db);
        let site = Site::over(&db);
        let (id, version) = node(&db, "N5");
        let pages = [
            "/projects/CY-24/milestones/set".to_owned(),
            "/projects/CY-24/milestones/new".into(),
            format!("/milestones/{id}/record"),
            format!("/milestones/{id}/withdraw"),
        ];
        let fields = [("kind", "met"), ("on", "2025-04-01"), DOCUMENT, ("version", version.as_str())];
        let before_accounts = before;
        let parks = site.signed_in_as(&[Role::Reporter], &["parks"]);
        let reviewer = site.signed_in(Role::Reviewer);
        let after_accounts = head(&db);
        assert!(after_accounts > before_accounts, "accounts are facts of their own");
        for page in &pages {
            assert!([403, 404].contains(&parks.get(page).status), "{page}: {}", parks.get(page).status);
            assert_eq!(reviewer.get(page).status, 403, "{page}");
            assert!([303, 401].contains(&site.get(page).status), "{page}: {}", site.get(page).status);
        }
        let posted = parks.post(&pages[2], &fields);
        assert!([403, 404].contains(&posted.status), "{}", posted.words());
        assert_eq!(reviewer.post(&pages[2], &fields).status, 403);
        assert!([303, 401, 403].contains(&site.post_form(&pages[2], &[], &fields).status));
        assert_eq!(head(&db), after_accounts, "nothing was recorded");
    });
}

#[test]
fn what_was_said_is_taken_back_in_the_browser() {
    both_with_plan(|db| {
        set_up(&db);
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let (id, version) = node(&db, "N5");
        let fields = [("kind", "met"), ("on", "2025-04-10"), DOCUMENT, ("version", version.as_str())];
        assert_eq!(office.post(&format!("/milestones/{id}/record"), &fields).status, 303);
        let (_, said) = node(&db, "N5");
        let page = office.get(&format!("/milestones/{id}/withdraw"));
        assert!(page.words().contains("完成 2025-04-10（日志"), "{}", page.words());
        let done = office.post(&format!("/milestones/{id}/withdraw"), &[("seq", &said), ("reason", "记错了项目")]);
        assert_eq!(done.status, 303, "{}", done.words());
        assert_ne!(node(&db, "N5").1, said, "a withdrawal is a version too");
        let again = office.post(&format!("/milestones/{id}/withdraw"), &[("seq", &said), ("reason", "再撤")]);
        assert!([400, 409].contains(&again.status), "{}", again.words());
    });
}

#[test]
fn leads_are_seen_and_confirmed_by_the_office_and_never_by_the_public() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let (lead, page) = ("市发改委批复清河老河湾生态治理工程", "/projects/CY-29");
        assert!(!site.get(page).body.contains(lead), "unseen by the public");
        let office = site.signed_in(Role::Office);
        let shown = office.get(page);
        assert!(shown.words().contains("线索·待核实") && shown.body.contains(lead), "{}", shown.words());
        assert!(!shown.body.contains("href=\"http"), "addresses are text, never links");
        let clues = db.read(|conn| store::list_clues(conn, None, i64::MAX)).expect("clues");
        let id = clues.iter().map(|(clue, _)| clue).find(|clue| clue.milestone_code == "N1").expect("29's").id;
        assert_eq!(site.signed_in(Role::Reporter).get(&format!("/clues/{id}/confirm")).status, 403);
        let form = office.get(&format!("/clues/{id}/confirm"));
        assert!(form.body.contains("value=\"2023-02\""), "{}", form.words());
        let fields = [("milestone", "N1"), ("on", "2023-02"), ("reason", "已见批复原件"), DOCUMENT];
        let done = office.post(&format!("/clues/{id}/confirm"), &fields);
        assert_eq!(done.status, 303, "{}", done.words());
        let known = format!("{page}?known_at=seq:{}", head(&db));
        let after = office.get(&known).words();
        assert!(after.contains("已计入节点") && !after.contains("线索·待核实"), "{after}");
        let again = office.post(&format!("/clues/{id}/confirm"), &fields);
        assert!(again.words().contains("已经确认") || again.words().contains("不能再答"), "{}", again.words());
    });
}

/// Plan statements of first-hand sources are shown to everyone, with where they come from and what they leave open.
#[test]
fn what_sources_say_was_planned_is_shown_with_where_it_comes_from() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let words = site.get("/projects/CY-03").words();
        for said in [
            "通惠灌渠高碑店路—五环路 1.33 公里",
            "1.47 公里",
            "计划表述",
            "朝阳区政府官网",
            "官方发布",
            "本台账未收录此后的公开信息，不代表没有进展",
        ] {
            assert!(words.contains(said), "{said}: {words}");
        }
        let words = site.get("/projects/CY-13").words();
        assert!(words.contains("已计入节点") && words.contains("媒体首发"), "{words}");
        assert!(!words.contains("一期开放"), "the reprint waits: {words}");
        let early = site.get("/projects/CY-13?as_of=2023-12-31").words();
        assert!(!early.contains("71.cn"), "not published by then: {early}");
    });
}

fn call(reader: &crate::support::Reader<'_>, address: &str, version: Option<&str>, body: &Value) -> Answer {
    let tag = version.map(|version| format!("\"{version}\""));
    let headers: Vec<(&str, &str)> = tag.iter().map(|tag| ("if-match", tag.as_str())).collect();
    reader.call(Method::POST, address, &headers, body)
}

#[test]
fn the_api_sets_up_and_records_with_versions_and_pointers() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let owner = site.signed_in(Role::Reporter);
        let address = "/api/v1/projects/CY-24/milestones";
        let set =
            json!({"template": "construction", "planned": {"N5": "2025-03", "N8": "2025-11"}, "document": "样-1"});
        let made = call(&owner, address, None, &set);
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.json()["milestones"].as_array().map(Vec::len), Some(10));
        let (id, version) = node(&db, "N5");
        let facts = format!("/api/v1/milestones/{id}/facts");
        let met = json!({"kind": "met", "on": "2025-04-10", "document": "样-2", "evidence": "开工令"});
        let missing = call(&owner, &facts, None, &met);
        assert_eq!((missing.status, missing.header("content-type")), (428, "application/problem+json; charset=utf-8"));
        let made = call(&owner, &facts, Some(&version), &met);
        assert_eq!(made.status, 201, "{}", made.body);
        assert_eq!(made.header("location"), format!("/api/v1/milestones/{id}"));
        let (_, now) = node(&db, "N5");
        assert_eq!(made.header("etag"), format!("\"{now}\""));
        let stale =
            call(&owner, &facts, Some(&version), &json!({"kind": "reopened", "on": "2025-05-01", "document": "样-2"}));
        assert_eq!(stale.status, 412, "{}", stale.body);
        assert!(stale.body.contains("完成 2025-04-10"), "what stands now: {}", stale.body);
        for (body, pointer, told) in [
            (json!({"kind": "met", "on": "2025-13", "document": "样-2"}), "/on", "不是日期"),
            (json!({"kind": "done", "on": "2025-05", "document": "样-2"}), "/kind", "可用 plan"),
            (json!({"kind": "met", "on": "2025-05", "document": "样-2", "role": "office"}), "/role", "没有这一项"),
            (json!({"kind": "met", "on": "2025-05"}), "/document", "要填"),
        ] {
            let answer = call(&owner, &facts, Some(&now), &body);
            assert_eq!(answer.status, 400, "{}", answer.body);
            assert!(answer.body.contains(pointer) && answer.body.contains(told), "{pointer} {told}: {}", answer.body);
        }
        let own = json!({"code": "通水", "name": "全线通水", "planned": "2025Q4", "document": "样-1"});
        assert_eq!(call(&owner, address, None, &own).status, 201);
        let parks = site.signed_in_as(&[Role::Reporter], &["parks"]);
        let refused = call(&parks, address, None, &json!({"code": "N1", "document": "样-1"}));
        assert!([403, 404].contains(&refused.status), "{}", refused.body);
        let shown = owner.get(&format!("/api/v1/milestones/{id}"));
        assert_eq!(
            (&shown.json()["met"], &shown.json()["version"]),
            (&json!("2025-04-10"), &json!(now.parse::<i64>().expect("a number")))
        );
    });
}

#[test]
fn the_bars_follow_the_filters_the_day_and_the_page() {
    both(|db| {
        let demo = demo::open(db.url()).expect("the demonstration loads");
        let site = Site::over_demo(&demo);
        let now = site.get("/milestones?show=gantt");
        assert_eq!(now.status, 200);
        for shape in ["g-planned", "g-late", "g-forecast", "g-met", "g-slip", "class=\"today\""] {
            assert!(now.body.contains(shape), "{shape} is drawn");
        }
        assert_eq!(now.body.matches("role=\"group\"").count(), 32, "a row each");
        assert!(now.words().contains("32 项工程") && now.words().contains("今天 2025-09-26"), "{}", now.words());
        let then = site.get("/milestones?show=gantt&as_of=2023-09-01");
        assert!(
            then.body.contains("截至 2023-09-01") && !then.body.contains("class=\"g-mark g-met\""),
            "nothing was met"
        );
        let late = site.get("/milestones?show=gantt&state=late&category=living");
        let rows = late.body.matches("role=\"group\"").count();
        assert!((1..9).contains(&rows), "{rows} of 9 in 生态生活改善 have one that is late");
        let none = site.get("/milestones?show=gantt&q=CY-99");
        assert!(none.words().contains("没有符合的节点"), "{}", none.words());
        for bad in ["page=0", "page=2", "page=x", "group=stage", "due=never", "show=pie"] {
            assert_eq!(site.get(&format!("/milestones?show=gantt&{bad}")).status, 400, "{bad}");
        }
        // What is due this month is asked for by the plan in force.
        let due = site.get("/milestones?due=month&format=json").json();
        let due =
            due["items"].as_array().expect("items").iter().map(|item| item["planned"].as_str().unwrap_or_default());
        assert!(
            due.clone().count() > 0 && due.clone().all(|planned| planned.starts_with("2025-09")),
            "{:?}",
            due.collect::<Vec<_>>()
        );
        let day = Day::parse("2025-09-26").expect("a day");
        assert!(taizhang::report::milestones::is_due_in("next_month", Day::parse("2025-10-31").expect("a day"), day));
    });
}
