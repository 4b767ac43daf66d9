//! 部门: one that the plan's files did not name is registered, confirmed, and its people have accounts.

use taizhang::auth::{Actor, Role};
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::error::Result;
use taizhang::period::Precision;
use taizhang::project::Department;
use taizhang::project::department::NewDepartment;
use taizhang::project::department::command::register;

use crate::support::{Site, both_with_plan, day};

fn new(code: &str, name: &str) -> NewDepartment {
    let dated = Some(Precision::parse_date("2025-09-10").expect("a date"));
    let document = Citation { code: "朝编办〔2025〕3号".into(), title: None, issuer: None, dated };
    NewDepartment {
        code: code.into(),
        name: name.into(),
        effective_on: None,
        document: Some(document),
        reason: String::new(),
    }
}

fn add(db: &Db, new: NewDepartment) -> Result<(Department, Head)> {
    db.write(move |tx| register(tx, &Actor::operator(), new))
}

#[test]
fn a_department_is_registered_by_a_document_or_a_reason_once() {
    both_with_plan(|db| {
        let (held, head) = add(&db, new("commerce", "朝阳区商务局")).expect("registered");
        assert_eq!((held.note.as_str(), head.seq), ("自 2025-09-10；依据 朝编办〔2025〕3号", 2));
        let by_reason = NewDepartment {
            document: None,
            reason: "附表 21 项涉及".into(),
            effective_on: Some(day("2025-09-01")),
            ..new("chaoyang-rural", "朝阳区农业农村局")
        };
        assert_eq!(add(&db, by_reason).expect("registered").0.note, "自 2025-09-01；附表 21 项涉及");
        let mut told = String::new();
        for bad in [
            new("commerce", "朝阳区另一个局"),
            new("commerce-2", "区商务局"),
            new("water-2", "区水务局"),
            new("none", "没有"),
            new("W", "短"),
            new("a_b", "下划线"),
            new("two", "甲局、乙局"),
            new("empty", ""),
            NewDepartment { document: None, ..new("nothing", "没有依据的局") },
            NewDepartment { effective_on: Some(day("2025-09-27")), ..new("later", "明天的局") },
        ] {
            told += &format!("{}\n", add(&db, bad).expect_err("refused"));
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(told, @r#"
        部门代码 commerce 已经登记，是朝阳区商务局
        朝阳区商务局 已经登记，代码是 commerce
        朝阳区水务局 已经登记，代码是 water
        code「none」：2–32 个小写英文字母、数字和连字符，以字母开头，如 commerce；none 另有所指
        code「W」：2–32 个小写英文字母、数字和连字符，以字母开头，如 commerce；none 另有所指
        code「a_b」：2–32 个小写英文字母、数字和连字符，以字母开头，如 commerce；none 另有所指
        name「甲局、乙局」：一次登记一个部门，名称里不用顿号、逗号和分号
        name：不能为空
        reason：写依据的文号，或写明原因
        effective_on「2025-09-27」：晚于今天（2025-09-26）；事实不能记在将来
        "#);
        }
        assert_eq!(db.read(Head::find).expect("head").seq, 3, "what is refused leaves nothing");
    });
}

#[test]
fn what_was_not_registered_then_is_not_in_an_answer_about_then() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let before = site.get("/api/v1/departments").json();
        add(&db, new("commerce", "朝阳区商务局")).expect("registered");
        let site = Site::over(&db);
        assert_eq!(site.get("/api/v1/departments?known_at=seq:1").json()["items"], before["items"]);
        let now = site.get("/api/v1/departments").json();
        assert_eq!(now["items"].as_array().map(Vec::len), before["items"].as_array().map(|all| all.len() + 1));
        assert_eq!(site.get("/departments/commerce").status, 200);
        assert_eq!(site.get("/departments/commerce?known_at=seq:1").status, 404);
        assert_eq!(site.get("/projects?department=commerce&known_at=seq:1").status, 400);
    });
}

/// 区商务局 is registered by the office, confirmed as supporting, and a unit under it has an account
/// that sees the department's projects alone.
#[test]
fn a_new_department_supports_a_project_and_a_unit_under_it_has_an_account() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let page = office.get("/admin/departments").words();
        assert!(page.contains("朝阳区水务局") && page.contains("登记一个部门"), "{page}");
        let refused = office.post("/admin/departments", &[("name", "朝阳区商务局"), ("code", "commerce")]);
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains("value=\"朝阳区商务局\""), "what was typed stays: {}", refused.words());
        assert!(refused.words().contains("写依据的文号，或写明原因"), "{}", refused.words());
        let fields = [("name", "朝阳区商务局"), ("code", "commerce"), ("reason", "CY-21 涉及商圈")];
        let done = office.post("/admin/departments", &fields);
        assert_eq!(done.status, 303, "{}", done.words());
        assert!(office.get(done.header("location")).words().contains("已记入，日志第"));
        let supports = [
            ("confirmed_value", "commerce、区水务局"),
            ("document", "区环办〔2025〕3号"),
            ("document_date", "2025-09-10"),
        ];
        let done = office.post("/admin/confirmations/CY-21/support_departments", &supports);
        assert_eq!(done.status, 303, "{}", done.words());
        assert!(office.get("/projects/CY-21").words().contains("协同部门 朝阳区商务局、朝阳区水务局 已确认"));
        // Its people: an account of a unit under it, opened in the browser.
        let account = [
            ("login", "shang.quan"),
            ("name", "王五"),
            ("role-reporter", "yes"),
            ("department-commerce", "yes"),
            ("unit", "商圈改造项目部"),
            ("reason", "新到"),
        ];
        let made = office.post("/admin/accounts/new", &account);
        assert_eq!(made.status, 200, "{}", made.words());
        assert!(office.get("/admin/accounts").words().contains("商圈改造项目部"));
        let unit = site.signed_in_as(&[Role::Reporter], &["commerce"]);
        let own = unit.get("/api/v1/projects").json();
        let codes: Vec<&str> =
            own["items"].as_array().expect("items").iter().filter_map(|one| one["code"].as_str()).collect();
        // 20 names 区商务局 in what is inferred of it: registered, the department is known by that name.
        assert_eq!(codes, ["CY-20", "CY-21"], "what the department supports, and nothing else");
        assert_eq!(unit.get("/projects/CY-01").status, 404);
        assert_eq!(unit.get("/admin/departments").status, 403);
        // A responsible unit is confirmed like the rest and stands on the project's page.
        let unit = [("confirmed_value", "商圈改造项目部"), ("document", "区环办〔2025〕3号")];
        let done = office.post("/admin/confirmations/CY-21/responsible_unit", &unit);
        assert_eq!(done.status, 303, "{}", done.words());
        assert!(office.get("/projects/CY-21").words().contains("责任单位 商圈改造项目部 已确认"));
        // The journal says it in words.
        assert!(office.get("/journal").words().contains("登记部门"));
    });
}

#[test]
fn a_program_registers_a_department_once_however_often_it_asks() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let body = serde_json::json!({"code": "agriculture", "name": "朝阳区农业农村局", "reason": "CY-26 涉及"});
        let post = actix_web::http::Method::POST;
        let headers = [("idempotency-key", "k-1")];
        let made = office.call(post.clone(), "/api/v1/departments", &headers, &body);
        assert_eq!((made.status, made.header("location")), (201, "/departments/agriculture"), "{}", made.body);
        let again = office.call(post.clone(), "/api/v1/departments", &headers, &body);
        assert_eq!((again.status, again.body), (201, made.body));
        let other = office.call(post.clone(), "/api/v1/departments", &[], &body);
        assert_eq!(other.status, 409);
        let wrong = serde_json::json!({"code": "X", "name": "朝阳区农业农村局", "reason": "x"});
        let refused = office.call(post.clone(), "/api/v1/departments", &[], &wrong);
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains("/code"), "{}", refused.body);
        let finance = site.signed_in(Role::Finance);
        assert_eq!(finance.call(post, "/api/v1/departments", &[], &body).status, 403);
    });
}
