//! The registry written over the API: versions, confirmations, changes, withdrawals; the journal read.

use actix_web::http::Method;
use serde_json::{Value, json};
use taizhang::auth::Role;
use taizhang::db::Head;

use crate::support::{Answer, Reader, Site, both_with_plan};

fn body(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{} {}", answer.status, answer.body))
}

fn put(reader: &Reader<'_>, path: &str, version: &str, sent: &Value) -> Answer {
    reader.call(Method::PUT, &format!("/api/v1/projects/{path}"), &[("if-match", version)], sent)
}

/// Status and, of a refusal, what is said of which field.
fn told(answer: &Answer) -> String {
    let body = body(answer);
    let faults = body["errors"].as_array().cloned().unwrap_or_default();
    let faults: Vec<String> = faults
        .iter()
        .map(|fault| {
            format!(
                "{} {}",
                fault["pointer"].as_str().or(fault["field"].as_str()).unwrap_or("?"),
                fault["message"].as_str().unwrap_or("?")
            )
        })
        .collect();
    match faults.is_empty() {
        true => format!("{} {}", answer.status, body["detail"].as_str().unwrap_or_default()),
        false => format!("{} {}", answer.status, faults.join("；")),
    }
}

#[test]
fn a_project_is_changed_only_by_whoever_says_which_version() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let read = body(&office.get("/api/v1/projects/CY-08"));
        assert_eq!(read["version"], json!(1), "the plan's own row");
        let sent = json!({"value": "高安屯生活垃圾焚烧处理厂三期工程", "document": "区发改〔2025〕2号", "document_date": "2025-09-01"});
        let bare = office.call(Method::PUT, "/api/v1/projects/CY-08/name", &[], &sent);
        assert_eq!(told(&bare), "428 要用 If-Match 写明改的是哪一版；CY-08 现在是 \"1\"");
        let done = put(&office, "CY-08/name", "\"1\"", &sent);
        assert_eq!(done.status, 200, "{}", done.body);
        let seq = body(&done)["seq"].as_i64().expect("a number");
        assert_eq!(done.header("etag"), format!("\"{seq}\""));
        let stale =
            put(&office, "CY-08/stage", "\"1\"", &json!({"value": "construction", "document": "区发改〔2025〕2号"}));
        assert_eq!(told(&stale), format!("412 CY-08 已经变了：看到的是 \"1\"，现在是 \"{seq}\"；请重新读取再改"));
        let read = body(&office.get("/api/v1/projects/CY-08"));
        assert_eq!((&read["version"], &read["name"]), (&json!(seq), &json!("高安屯生活垃圾焚烧处理厂三期工程")));
        // Another project has another version.
        assert_eq!(body(&office.get("/api/v1/projects/CY-09"))["version"], json!(1));
    });
}

#[test]
fn what_was_inferred_is_confirmed_and_years_move_together() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let paper = |extra: Value| {
            let mut sent = json!({"document": "区环办〔2025〕3号", "document_date": "2025-09-10"});
            sent.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
            sent
        };
        let version = |code: &str| format!("\"{}\"", body(&office.get(&format!("/api/v1/projects/{code}")))["version"]);
        let ok = |what: &str, code: &str, extra: Value| {
            let done = put(&office, &format!("{code}/{what}"), &version(code), &paper(extra));
            assert_eq!(done.status, 200, "{what}: {}", done.body);
        };
        ok("category", "CY-08", json!({"value": "environment"}));
        ok("nature", "CY-08", json!({"value": "政府"}));
        ok(
            "departments",
            "CY-08",
            json!({"lead": "urban-management", "support": ["ecology", "water"], "person": "account:7"}),
        );
        ok("years", "CY-08", json!({"start_year": 2031, "end_year": 2034}));
        ok("years", "CY-08", json!({"start_year": 2024, "end_year": 2026}));
        let read = body(&office.get("/api/v1/projects/CY-08"));
        for (field, value) in [
            ("category_status", "confirmed"),
            ("department_status", "confirmed"),
            ("nature_status", "confirmed"),
            ("funding_nature", "government"),
            ("support_departments", "ecology、water"),
        ] {
            assert_eq!(read[field], json!(value), "{field}");
        }
        assert_eq!((&read["start_year"], &read["end_year"]), (&json!(2024), &json!(2026)));
        let category =
            read["facts"].as_array().expect("facts").iter().rev().find(|fact| fact["attribute"] == "category");
        assert_eq!(category.expect("a fact")["effective_on"], json!("2023-07-01"), "the same value keeps its date");
        let refused = [
            put(&office, "CY-08/category", &version("CY-08"), &paper(json!({"value": "生态"}))),
            put(
                &office,
                "CY-08/departments",
                &version("CY-08"),
                &paper(json!({"lead": "water", "support": ["nobody"]})),
            ),
            put(&office, "CY-08/departments", &version("CY-08"), &paper(json!({}))),
            put(&office, "CY-08/years", &version("CY-08"), &paper(json!({"start_year": 2030, "end_year": 2026}))),
            put(&office, "CY-08/category", &version("CY-08"), &paper(json!({"value": "space", "role": "office"}))),
            put(&office, "CY-08/colour", &version("CY-08"), &paper(json!({"value": "red"}))),
            put(&office, "CY-99/name", "\"1\"", &paper(json!({"value": "无"}))),
        ];
        let text: Vec<String> = refused.iter().map(|answer| told(answer).chars().take(70).collect()).collect();
        insta::allow_duplicates! {
            insta::assert_snapshot!(text.join("\n"), @r#"
            400 /value 没有登记；可用 institution（生态制度建设）、environment（生态环境保障）、space（生态空间优
            400 /support 没有登记；可用 ecology（朝阳区生态环境局）、water（朝阳区水务局）、urban-management（
            400 /lead lead、support、unit、person 至少给一项
            400 /end_year 早于起始年 2030
            400 /role 没有这一项；可用 value、document、document_title、document_date、effecti
            404 可用 /api/v1/projects、/milestones、/categories、/departments、/sources、
            404 编号如 CY-01，见 GET /api/v1/projects
            "#);
        }
    });
}

#[test]
fn a_project_is_registered_and_a_fact_taken_back() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let sent = json!({
            "code": "CY-33", "no": 33, "name": "新增工程", "content": "内容", "start_year": 2025, "end_year": 2027,
            "amount": "12500000.00", "category": "space", "document": "区政办〔2025〕20号", "document_date": "2025-09-01",
        });
        let made = office.call(Method::POST, "/api/v1/projects", &[], &sent);
        assert_eq!((made.status, made.header("location")), (201, "/api/v1/projects/CY-33"), "{}", made.body);
        let read = body(&office.get("/api/v1/projects/CY-33"));
        assert_eq!(
            (&read["amounts"]["investment"], &read["category_status"]),
            (&json!("12500000.00"), &json!("stated"))
        );
        assert_eq!(office.call(Method::POST, "/api/v1/projects", &[], &sent).status, 409);
        let sent = json!({"value": "暂停", "document": "区政办〔2025〕21号"});
        let version = format!("\"{}\"", read["version"]);
        assert_eq!(put(&office, "CY-33/stage", &version, &sent).status, 400, "a stage has its own words");
        let sent = json!({"value": "suspended", "document": "区政办〔2025〕21号", "effective_on": "2025-09-26"});
        let seq = body(&put(&office, "CY-33/stage", &version, &sent))["seq"].clone();
        let withdrawal = json!({"seq": seq, "reason": "文号写错"});
        let taken = office.call(Method::POST, "/api/v1/withdrawals", &[], &withdrawal);
        assert_eq!(taken.status, 201, "{}", taken.body);
        assert_eq!(body(&office.get("/api/v1/projects/CY-33"))["stage"], Value::Null);
        assert_eq!(office.call(Method::POST, "/api/v1/withdrawals", &[], &withdrawal).status, 409, "once");
        for role in [Role::Reporter, Role::Finance, Role::Planner, Role::Leader] {
            let reader = site.signed_in(role);
            assert_eq!(put(&reader, "CY-03/stage", "\"1\"", &sent).status, 403, "{role:?}");
            assert_eq!(
                reader.call(Method::POST, "/api/v1/withdrawals", &[], &json!({"seq": 1, "reason": "x"})).status,
                403
            );
        }
        assert_eq!(site.ask(Method::PUT, "/api/v1/projects/CY-03/stage", &[]).status, 401);
    });
}

#[test]
fn the_journal_is_read_page_by_page_by_those_who_may() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let leader = site.signed_in(Role::Leader);
        let last = db.read(Head::find).expect("head");
        let first = body(&leader.get("/api/v1/journal?limit=1"));
        assert_eq!((&first["items"][0]["action"], &first["next"]), (&json!("plan.load"), &json!(1)));
        let rest = body(&leader.get("/api/v1/journal?after=1"));
        let rows = rest["items"].as_array().expect("rows");
        assert_eq!(rows.last().expect("a row")["hash"], json!(last.hash));
        assert_eq!((rows.len(), &rest["next"]), (usize::try_from(last.seq - 1).expect("few"), &Value::Null));
        assert_eq!(leader.get("/api/v1/journal?after=x").status, 400);
        assert_eq!(leader.get("/api/v1/journal?limit=501").status, 400);
        assert_eq!(site.get("/api/v1/journal").status, 401);
        assert_eq!(site.signed_in(Role::Reviewer).get("/api/v1/journal").status, 403);
    });
}
