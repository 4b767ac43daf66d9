//! 财政结账: 开放 → 预结 → 结账, what each refuses, who opens a month again, and what came late.

use serde_json::json;
use taizhang::approval::command::{approve, ask_reopen};
use taizhang::auth::{Actor, Role};
use taizhang::close::command::{Closing, preclose, settle, withdraw};
use taizhang::close::{Held, Kind, store};
use taizhang::db::{Db, Head};
use taizhang::error::Result;
use taizhang::ledger::command::record_as;
use taizhang::measure::Measure;
use taizhang::project::{Attribute, store as registry};
use taizhang::rollup::{Deadline, Filter, Scope, rollup};

use crate::closes::{LATE, entry, gone, holds, month, office, paper, recorded};
use crate::support::{Site, both_with_plan, day};

fn finance(id: i64) -> Actor {
    Actor::account(id, vec![Role::Finance], Vec::new())
}

fn of_finance(text: &str, department: &str) -> Closing {
    Closing { kind: Kind::Finance, month: month(text), department: department.into(), reason: "国库对过".into() }
}

type Step = fn(&mut taizhang::db::Tx<'_>, &Actor, &Closing) -> Result<(i64, Head)>;

fn stepped(db: &Db, step: Step, text: &str, department: &str) -> Result<Head> {
    let new = of_finance(text, department);
    db.write(move |tx| step(tx, &finance(21), &new)).map(|(_, head)| head)
}

/// 开放 → 预结 → 结账, and what each of them refuses.
#[test]
fn finance_precloses_looks_over_and_settles_a_month() {
    both_with_plan(|db| {
        recorded(&db, Measure::Paid, "2025-08-15").expect("open");
        let early = stepped(&db, settle, "2025-08", "").expect_err("nobody looked it over");
        assert!(early.to_string().contains("2025-08 还没有预结；先预结、核对，再结账"), "{early}");
        assert!(stepped(&db, preclose, "2025-09", "").expect_err("it runs").to_string().contains("还没有过完"));
        stepped(&db, preclose, "2025-08", "").expect("预结");
        for measure in [Measure::Budget, Measure::Received, Measure::Paid] {
            let told = recorded(&db, measure, "2025-08-20").expect_err("it is looked over").to_string();
            assert!(
                told.contains("2025-08 及以前各月已预结或结账（财政结账）") && told.contains("可以“补记”"),
                "{told}"
            );
            recorded(&db, measure, "2025-09-20").expect("September is open");
        }
        for measure in [Measure::Plan, Measure::Completed] {
            recorded(&db, measure, "2025-08-20").unwrap_or_else(|error| panic!("月报锁定's, not this one's: {error}"));
        }
        // One person takes 预结 back, and only that.
        let bare = Closing { reason: String::new(), ..of_finance("2025-08", "") };
        assert!(db.write(move |tx| withdraw(tx, &finance(21), &bare)).is_err(), "why is said");
        let asked = db.write(|tx| ask_reopen(tx, &finance(21), &of_finance("2025-08", "")));
        assert!(asked.expect_err("no second person").to_string().contains("只是预结"));
        stepped(&db, withdraw, "2025-08", "").expect("taken back");
        recorded(&db, Measure::Paid, "2025-08-20").expect("open again");
        stepped(&db, preclose, "2025-08", "").expect("预结");
        stepped(&db, settle, "2025-08", "").expect("结账");
        assert!(stepped(&db, settle, "2025-08", "").expect_err("twice").to_string().contains("已经结账"));
        let told = stepped(&db, withdraw, "2025-08", "").expect_err("it stands").to_string();
        assert!(told.contains("反结账要两个人"), "{told}");
        assert!(recorded(&db, Measure::Paid, "2025-07-01").is_err(), "nor any month before it");
        holds(&db);
    });
}

#[test]
fn a_settled_month_is_opened_by_two_and_shows_what_came_late() {
    both_with_plan(|db| {
        recorded(&db, Measure::Paid, "2025-08-15").expect("open");
        stepped(&db, preclose, "2025-08", "").expect("预结");
        let settled = stepped(&db, settle, "2025-08", "").expect("结账");
        let late = entry(Measure::Paid, "2025-08-28");
        let late = db.write(move |tx| record_as(tx, &Actor::operator(), late, paper(), LATE)).expect("recorded").entry;
        assert_eq!((late.occurred_on, late.posted_month), (20_250_828, Some(202_509)));
        let paid = |known: Head| {
            db.read(|conn| {
                let scope = Scope { as_of: day("2025-08-31"), known, by: Vec::new(), filter: Filter::default() };
                Ok(rollup(conn, &scope, &Deadline::none())?.total.sum(Measure::Paid).fen)
            })
            .expect("reads")
        };
        assert_eq!(paid(settled), 3_000_000, "as it was settled");
        assert_eq!(paid(db.read(Head::find).expect("head")), 6_000_000, "as it is known now");
        let ask = |actor: Actor| db.write(move |tx| ask_reopen(tx, &actor, &of_finance("2025-08", "")));
        assert!(ask(office(9)).is_err(), "the office does not ask for finance");
        let (id, _) = ask(finance(21)).expect("asked");
        assert!(recorded(&db, Measure::Paid, "2025-08-29").is_err(), "asked is not opened");
        assert!(db.write(move |tx| approve(tx, &finance(21), id, "")).is_err(), "not by whoever asked");
        db.write(move |tx| approve(tx, &finance(22), id, "")).expect("the second person");
        recorded(&db, Measure::Paid, "2025-08-29").expect("open");
        holds(&db);
    });
}

#[test]
fn finance_closes_one_department_without_the_others() {
    both_with_plan(|db| {
        let lead = db.read(|conn| {
            Ok(registry::find_state(conn, "CY-08", day("2025-09-01"), i64::MAX)?
                .expect("a project")
                .value(Attribute::LeadDepartment)
                .to_owned())
        });
        let lead = lead.expect("reads");
        stepped(&db, preclose, "2025-08", "water").expect("预结");
        recorded(&db, Measure::Paid, "2025-08-15").expect("another department's");
        assert_ne!(lead, "water");
        stepped(&db, preclose, "2025-08", &lead).expect("预结");
        assert!(recorded(&db, Measure::Paid, "2025-08-15").is_err());
        stepped(&db, settle, "2025-08", &lead).expect("结账");
        let locks = db.read(|conn| store::locks(conn, Kind::Finance, i64::MAX)).expect("reads");
        assert_eq!(locks.held("water", month("2025-08")), Some(Held::Preclosed));
        assert_eq!(locks.held(&lead, month("2025-08")), Some(Held::Locked));
        assert!(stepped(&db, preclose, "2025-08", "no").expect_err("no such department").to_string().contains("部门"));
    });
}

#[test]
fn finance_closes_on_its_page_and_by_the_contract() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let (first, second) = (site.signed_in(Role::Finance), site.signed_in(Role::Finance));
        let page = first.get("/closes").words();
        assert!(page.contains("全部部门还没有预结、结账的月份") && !page.contains("撤销预结 月份"), "{page}");
        let early = first.post("/closes/preclose", &[("month", "2025-09"), ("department", ""), ("reason", "")]);
        assert!(early.status == 400 && early.words().contains("还没有过完"), "{}", early.words());
        let august = [("month", "2025-08"), ("department", ""), ("reason", "")];
        let page = first.get(&gone(&first.post("/closes/preclose", &august))).words();
        assert!(page.contains("全部部门预结到 2025-08"), "{page}");
        assert!(first.get("/todo").words().contains("已预结，待核对、结账"), "{}", first.get("/todo").words());
        let page = first.get(&gone(&first.post("/closes/settle", &[("closing", "finance:2025-08")]))).words();
        assert!(page.contains("全部部门结账到 2025-08") && page.contains("反结账"), "{page}");
        let ask = [("closing", "finance:2025-08"), ("reason", "国库更正一笔")];
        let request = gone(&first.post("/admin/approvals/reopen_finance", &ask));
        let path = request.split('?').next().expect("a path");
        assert_eq!(first.post(&format!("{path}/approve"), &[("reason", "")]).status, 403, "not the same person");
        gone(&second.post(&format!("{path}/approve"), &[("reason", "")]));
        assert!(first.get("/closes").words().contains("全部部门还没有预结、结账的月份"));
        assert_eq!(first.post("/closes/melt", &[]).status, 404);
        // Others read it and have no form; the public has nothing of it.
        let planner = site.signed_in(Role::Planner).get("/closes");
        assert!(planner.status == 200 && !planner.body.contains("/closes/preclose"), "{}", planner.words());
        let refused = site.signed_in(Role::Office).post("/closes/preclose", &august);
        assert_eq!(refused.status, 403);
        // Programs.
        let post = |who: &crate::support::Reader<'_>, body: serde_json::Value| {
            who.call(actix_web::http::Method::POST, "/api/v1/closes", &[], &body)
        };
        let of = |state: &str| json!({"kind": "finance", "month": "2025-08", "state": state, "reason": "国库对过"});
        assert_eq!(post(&first, of("preclosed")).status, 201);
        assert_eq!(post(&first, of("open")).status, 201);
        assert_eq!(post(&first, of("locked")).status, 409, "not looked over");
        let told = post(&first, of("melted"));
        assert!(told.status == 400 && told.body.contains("/state") && told.body.contains("preclosed"), "{}", told.body);
        assert_eq!(post(&first, of("preclosed")).status, 201);
        assert_eq!(post(&first, of("locked")).status, 201);
        assert_eq!(post(&first, of("reopened")).status, 202);
        let office = site.signed_in(Role::Office);
        assert_eq!(post(&office, of("preclosed")).status, 403);
        assert!(office.get("/api/v1/closes").body.contains("\"state\":\"preclosed\""));
    });
}
