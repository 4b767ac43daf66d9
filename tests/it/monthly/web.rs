//! Reports in the browser and over the API: who may, what comes back, what is shown to whom.

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::{Value, json};
use taizhang::auth::Role;
use taizhang::db::Head;
use taizhang::demo;
use taizhang::measure::Measure;

use super::{approve, at, begin, done, entry, pass, send_back, submit, under_construction};
use crate::support::{Answer, Reader, Site, both, both_with_plan};

const EDIT: &str = "/reports/CY-24/2025-09/edit";

/// The value of a hidden field of a page.
fn hidden(page: &Answer, name: &str) -> String {
    let needle = format!("name=\"{name}\" value=\"");
    let rest = page.body.split(needle.as_str()).nth(1).unwrap_or_else(|| panic!("{name}: {}", page.words()));
    rest.split('"').next().expect("an end").to_owned()
}

fn save(reader: &Reader<'_>, step: &str, version: &str, completed: &str) -> Answer {
    let fields = [("completed", completed), ("progress", "清淤 2 公里"), ("step", step), ("version", version)];
    reader.post(EDIT, &fields)
}

/// Where a form's answer leads, without the place on the page.
fn follow(reader: &Reader<'_>, answer: &Answer) -> Answer {
    assert_eq!(answer.status, 303, "{}", answer.words());
    let page = reader.get(answer.header("location").split('#').next().expect("an address"));
    assert_eq!(page.status, 200, "{}: {}", answer.header("location"), page.words());
    page
}

/// Sends the form with this address that a page shows.
fn press(reader: &Reader<'_>, page: &Answer, address: &str, fields: &[(&str, &str)]) -> Answer {
    assert!(page.body.contains(&format!("action=\"{address}\"")), "{address}: {}", page.words());
    let after = page.body.split(&format!("action=\"{address}\"")).nth(1).expect("the form");
    let version = after.split("name=\"version\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    reader.post(address, &[&[("version", version.expect("a version"))], fields].concat())
}

#[test]
fn one_report_goes_from_the_form_to_the_ledger_and_each_sees_what_to_do() {
    both_with_plan(|db| {
        at(&db, "2025-09-24");
        begin(&db, &["CY-24"], "2025-09");
        entry(&db, "CY-24", Measure::Plan, "30000", "2025-03-01");
        entry(&db, "CY-24", Measure::Completed, "16000", "2025-08-25");
        under_construction(&db, "CY-24");
        let site = Site::over(&db);
        let reporter = site.signed_in(Role::Reporter);
        let todo = reporter.get("/todo");
        assert!(todo.words().contains("2025-09 的月报要报，应于 2025-09-25 24:00 前"), "{}", todo.words());
        let list = reporter.get("/reports?month=2025-09");
        for words in ["应报送 1 项", "已报送 0 项 报送率 0.0%", "CY-24 填报", "待报送"] {
            assert!(list.words().contains(words), "{words}: {}", list.words());
        }
        let page = reporter.get(EDIT);
        assert!(page.words().contains("年初至上月累计 16,000 万元（160,000,000 元）"), "{}", page.words());
        let checked = follow(&reporter, &save(&reporter, "check", &hidden(&page, "version"), "2000"));
        let light =
            "将亮黄灯，因为：2025年9月：年度计划30000万元，累计完成18000万元（60.0%），序时进度75.0%，落后15.0个百分点";
        for words in ["年初至本月累计 18,000 万元", "完成率 60.0%", "序时差 −15.0 个百分点", light, "提交后锁定"]
        {
            assert!(checked.words().contains(words), "{words}: {}", checked.words());
        }
        let report = "/reports/CY-24/2025-09";
        let done = follow(&reporter, &press(&reporter, &checked, &format!("{report}/submit"), &[]));
        for words in ["已记入，日志第", "待部门审核", "第 1 版", "撤回"] {
            assert!(done.body.contains(words), "{words}: {}", done.words());
        }
        assert!(!reporter.get("/todo").words().contains("2025-09 的月报要报"), "it is done");
        // The reviewer of the department, then the office.
        let reviewer = site.signed_in(Role::Reviewer);
        assert!(reviewer.get("/todo").words().contains("2025-09 的月报待部门审核"));
        let page = reviewer.get(report);
        let passed = follow(&reviewer, &press(&reviewer, &page, &format!("{report}/pass"), &[]));
        assert!(passed.words().contains("现在等办公室复核；通过后完成投资记入台账"), "{}", passed.words());
        let office = site.signed_in(Role::Office);
        assert!(office.get("/todo").words().contains("2025-09 的月报待办公室复核"));
        let page = office.get(report);
        let approved = follow(&office, &press(&office, &page, &format!("{report}/approve"), &[]));
        assert!(approved.words().contains("已通过") && approved.words().contains("记入台账的分录"));
        let entries = office.get("/entries?project=CY-24&measure=completed&format=csv");
        assert!(entries.body.contains("2000") && entries.body.contains("CY-24 2025-09 月报"), "{}", entries.body);
        let project = reporter.get("/projects/CY-24");
        assert!(project.words().contains("2025-09 已通过"), "{}", project.words());
    });
}

#[test]
fn a_return_says_who_and_why_and_both_versions_stand_side_by_side() {
    both_with_plan(|db| {
        at(&db, "2025-09-24");
        begin(&db, &["CY-24"], "2025-09");
        submit(&db, "CY-24", "2025-09", done("2000")).expect("submitted");
        send_back(&db, &super::reviewer(), "CY-24", "2025-09", "到位资金>计划来源").expect("returned");
        let site = Site::over(&db);
        let reporter = site.signed_in(Role::Reporter);
        assert!(reporter.get("/todo").words().contains("2025-09 的月报被退回，改好再提交"));
        let page = reporter.get("/reports/CY-24/2025-09");
        assert!(page.words().contains("在部门审核退回：到位资金>计划来源"), "{}", page.words());
        let form = reporter.get(EDIT);
        assert!(
            form.words().contains("已填入第 1 版的内容") && form.body.contains("value=\"2000\""),
            "{}",
            form.words()
        );
        follow(&reporter, &save(&reporter, "check", &hidden(&form, "version"), "1900"));
        let checked = reporter.get("/reports/CY-24/2025-09/check");
        let page = follow(&reporter, &press(&reporter, &checked, "/reports/CY-24/2025-09/submit", &[]));
        for words in ["第 1 版", "第 2 版", "2,000 万元", "1,900 万元", "有改动"] {
            assert!(page.words().contains(words), "{words}: {}", page.words());
        }
    });
}

#[test]
fn what_is_wrong_is_kept_as_a_draft_and_told_before_it_is_submitted() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        entry(&db, "CY-24", Measure::Completed, "16000", "2025-08-25");
        let site = Site::over(&db);
        let reporter = site.signed_in(Role::Reporter);
        let before = db.read(Head::find).expect("head");
        let fields = [("cumulative", "15500"), ("progress", "停工"), ("step", "check"), ("version", "0")];
        let checked = follow(&reporter, &reporter.post(EDIT, &fields));
        assert!(
            checked.words().contains("还不能提交") && checked.words().contains("累计比上月少"),
            "{}",
            checked.words()
        );
        let form = reporter.get(&format!("{EDIT}?step=check"));
        assert!(form.words().contains("选“这是冲减”并写原因") && form.body.contains("value=\"15500\""));
        let refused = press(&reporter, &checked, "/reports/CY-24/2025-09/submit", &[]);
        assert_eq!(refused.status, 400, "{}", refused.words());
        assert_eq!(db.read(Head::find).expect("head"), before, "nothing was said");
        let strange = reporter.post(EDIT, &[("completed", "1"), ("amount", "2"), ("version", "1")]);
        assert!(strange.status == 400 && strange.words().contains("没有这一项"), "{}", strange.words());
    });
}

#[test]
fn two_people_on_one_draft_see_both_and_sending_twice_says_it_once() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        let site = Site::over(&db);
        let (one, other) = (site.signed_in(Role::Reporter), site.signed_in(Role::Reporter));
        let (mine, theirs) = (one.get(EDIT), other.get(EDIT));
        assert_eq!(save(&one, "save", &hidden(&mine, "version"), "100").status, 303);
        let conflict = save(&other, "save", &hidden(&theirs, "version"), "200");
        assert_eq!(conflict.status, 412, "{}", conflict.words());
        for words in ["别人存的", "这次填的", "本月完成投资 100 200"] {
            assert!(conflict.words().contains(words), "{words}: {}", conflict.words());
        }
        assert!(conflict.body.contains("value=\"200\""), "what was typed stays");
        assert_eq!(save(&other, "save", &hidden(&conflict, "version"), "200").status, 303, "having seen it");
        let checked = other.get("/reports/CY-24/2025-09/check");
        let key = hidden(&checked, "submission_key");
        let version = hidden(&checked, "version");
        let fields = [("submission_key", key.as_str()), ("version", version.as_str())];
        let first = other.post("/reports/CY-24/2025-09/submit", &fields);
        let head = db.read(Head::find).expect("head").seq;
        let second = other.post("/reports/CY-24/2025-09/submit", &fields);
        assert_eq!((first.status, first.header("location")), (303, second.header("location")));
        assert_eq!(db.read(Head::find).expect("head").seq, head, "once");
    });
}

#[test]
fn another_department_a_reader_and_the_public_get_nothing_they_may_not() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        submit(&db, "CY-24", "2025-09", done("2000")).expect("submitted");
        let site = Site::over(&db);
        let stranger = site.signed_in_as(&[Role::Reporter], &["parks"]);
        let head = db.read(Head::find).expect("head").seq;
        for address in ["/reports/CY-24/2025-09", EDIT, "/api/v1/projects/CY-24/reports"] {
            let answer = stranger.get(address);
            assert_eq!(answer.status, 404, "{address}: {}", answer.words());
            assert!(!answer.body.contains("清淤"), "{address}");
        }
        assert!(!stranger.get("/reports?month=2025-09").body.contains("CY-24"));
        assert!(!stranger.get("/reports?month=2025-09&format=csv").body.contains("CY-24"));
        for word in ["withdraw", "open", "pass", "return", "approve"] {
            let answer =
                stranger.post(&format!("/reports/CY-24/2025-09/{word}"), &[("reason", "改"), ("version", "1")]);
            assert_eq!(answer.status, 403, "{word}: {}", answer.words());
        }
        let saved = stranger.post(EDIT, &[("completed", "1"), ("version", "0")]);
        assert_eq!(saved.status, 403, "{}", saved.words());
        assert_eq!(db.read(Head::find).expect("head").seq, head, "nothing was said");
        // Readers read; the public does not, nor whoever looks as the public does.
        let leader = site.signed_in(Role::Leader);
        assert!(leader.get("/reports/CY-24/2025-09").words().contains("清淤"));
        assert_eq!(leader.post("/reports/CY-24/2025-09/pass", &[("version", "1")]).status, 403);
        assert_eq!(leader.get("/reports/CY-24/2025-09?view=public").status, 403);
        assert!(!leader.get("/projects/CY-24?view=public").body.contains("id=\"reports\""));
        assert_eq!(site.get("/reports/CY-24/2025-09").status, 303, "signing in comes first");
        assert!(!site.get("/projects/CY-24").body.contains("id=\"reports\""));
        assert!(matches!(site.get("/api/v1/projects/CY-24/reports").status, 401 | 403));
    });
}

#[test]
fn programs_file_and_decide_with_versions() {
    both_with_plan(|db| {
        at(&db, "2025-09-24");
        begin(&db, &["CY-24"], "2025-09");
        let site = Site::over(&db);
        let (reporter, reviewer, office) =
            (site.signed_in(Role::Reporter), site.signed_in(Role::Reviewer), site.signed_in(Role::Office));
        let call = |reader: &Reader<'_>, path: &str, version: &str, body: &Value| {
            let headers: &[(&str, &str)] = &[("if-match", version)];
            let headers = if version.is_empty() { &[] } else { headers };
            reader.call(Method::POST, &format!("/api/v1/projects/CY-24/reports{path}"), headers, body)
        };
        let body = json!({"month": "2025-09", "completed": "20000000.00", "progress": "清淤",
            "lines": [{"source": "D1", "received": "1000000.00", "paid": "500000.00"}],
            "problems": [{"text": "征地", "counterpart": "属地乡", "due_on": "2025-10-15"}]});
        let kept = call(&reporter, "", "", &body);
        assert_eq!((kept.status, kept.header("etag")), (201, "\"1\""), "{}", kept.body);
        assert_eq!(call(&reporter, "", "", &body).status, 428, "a draft is there: which version was seen?");
        assert_eq!(call(&reporter, "", "\"7\"", &body).status, 412);
        let wrong = json!({"month": "2025-09", "completed": "1.234"});
        let refused = call(&reporter, "", "\"1\"", &wrong);
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(refused.body.contains("/completed"), "{}", refused.body);
        assert_eq!(call(&reporter, "/2025-09/submit", "", &json!({})).status, 428);
        let said = call(&reporter, "/2025-09/submit", "\"1\"", &json!({}));
        assert_eq!(said.status, 201, "{}", said.body);
        let said = said.json();
        assert_eq!(
            (&said["state"], &said["versions"][0]["completed"]),
            (&json!("department_review"), &json!("20000000.00"))
        );
        let version = said["version"].to_string();
        assert_eq!(call(&reviewer, "/2025-09/pass", "\"1\"", &json!({})).status, 412);
        assert_eq!(call(&reviewer, "/2025-09/approve", &version, &json!({})).status, 403);
        let passed = call(&reviewer, "/2025-09/pass", &version, &json!({}));
        assert_eq!(passed.json()["state"], json!("office_review"), "{}", passed.body);
        let back = call(&office, "/2025-09/return", &passed.json()["version"].to_string(), &json!({}));
        assert_eq!(back.status, 400, "a reason is needed: {}", back.body);
        let approved = call(&office, "/2025-09/approve", &passed.json()["version"].to_string(), &json!({}));
        assert_eq!(approved.json()["state"], json!("approved"), "{}", approved.body);
        let all = reporter.get("/api/v1/projects/CY-24/reports").json();
        assert_eq!(all["items"][0]["steps"][1]["step"], json!("approve"), "{all}");
        assert_eq!(all["items"][0]["in_time"], json!(true));
    });
}

#[test]
fn a_department_says_of_itself_that_it_goes_without_its_own_review() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        let site = Site::over(&db);
        let reviewer = site.signed_in(Role::Reviewer);
        let page = reviewer.get("/reports/waivers");
        assert!(page.words().contains("水务局 有内审") && !page.words().contains("园林绿化局"), "{}", page.words());
        let say = |department: &str| {
            let fields = [("department", department), ("waived", "yes"), ("reason", "科室只有一人")];
            reviewer.post("/reports/waivers", &fields)
        };
        assert_eq!(say("parks").status, 403);
        let page = follow(&reviewer, &say("water"));
        assert!(page.words().contains("水务局 免内审"), "{}", page.words());
        submit(&db, "CY-24", "2025-09", done("5")).expect("submitted");
        assert!(site.signed_in(Role::Office).get("/todo").words().contains("2025-09 的月报待办公室复核"));
        assert_eq!(site.signed_in(Role::Reporter).get("/reports/waivers").status, 403);
    });
}

#[test]
fn twelve_megabytes_of_text_are_refused() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        let site = Site::over(&db);
        let reporter = site.signed_in(Role::Reporter);
        let text = "x".repeat(12 * 1024 * 1024);
        let answer = reporter.post(EDIT, &[("progress", text.as_str()), ("version", "0")]);
        assert_eq!(answer.status, 413);
        let text = "长".repeat(3_000);
        let answer = reporter.post(EDIT, &[("progress", text.as_str()), ("version", "0")]);
        assert_eq!(answer.status, 400);
        assert!(answer.words().contains("最多 2000 个字"), "{}", answer.words());
    });
}

#[test]
fn a_page_asked_for_as_it_was_says_what_it_said() {
    both_with_plan(|db| {
        at(&db, "2025-09-24");
        begin(&db, &["CY-24"], "2025-09");
        submit(&db, "CY-24", "2025-09", done("2000")).expect("submitted");
        let seq = db.read(Head::find).expect("head").seq;
        let site = Site::over(&db);
        let leader = site.signed_in(Role::Leader);
        let address = format!("/reports?month=2025-09&as_of=2025-09-24&known_at=seq:{seq}&format=csv");
        let then = leader.get(&address).body;
        assert!(then.contains("department_review"), "{then}");
        at(&db, "2025-09-26");
        pass(&db, "CY-24", "2025-09").expect("passed");
        approve(&db, "CY-24", "2025-09").expect("approved");
        assert_eq!(leader.get(&address).body, then);
        assert!(leader.get("/reports?month=2025-09&format=csv").body.contains("approved"));
        for (address, told) in [
            ("/reports?month=2025-13", "不是月份"),
            ("/reports?state=lost", "可用 missing（到期未报）"),
            ("/reports?colour=red", "month"),
        ] {
            let answer = leader.get(address);
            assert!(answer.status == 400 && answer.words().contains(told), "{address}: {}", answer.words());
        }
    });
}

#[test]
fn the_demonstration_has_reports_in_every_state_and_27_of_32_came() {
    both(|db| {
        let demo = demo::open(db.url()).expect("the demonstration loads");
        let site = Site::over_demo(&demo);
        let list = site.get("/reports");
        for words in ["应报送 32 项", "已报送 27 项 报送率 84.4%", "到期未报 5 项"] {
            assert!(list.words().contains(words), "{words}: {}", list.words());
        }
        let states = |month: &str| -> BTreeSet<String> {
            let file = site.get(&format!("/reports?month={month}&format=csv"));
            file.body.lines().skip(1).filter_map(|line| line.split(',').nth(3)).map(str::to_owned).collect()
        };
        let september = ["approved", "department_review", "office_review", "returned", "unreported", "withdrawn"]
            .map(str::to_owned);
        assert_eq!(states("2025-09"), BTreeSet::from(september));
        assert!(states("2025-08").contains("published"), "{:?}", states("2025-08"));
        let missing = site.get("/reports?month=2025-09&state=missing&format=csv");
        let codes: Vec<&str> = missing.body.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!(codes, ["CY-09", "CY-12", "CY-16", "CY-20", "CY-27"]);
    });
}
