//! 对账: what units report beside the ledger, and what finance takes from a report.

use taizhang::auth::{Actor, Role};
use taizhang::db::Db;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{How, NewEntry, record_as};
use taizhang::measure::Measure;
use taizhang::monthly::typed::{Typed, TypedLine};
use taizhang::period::Year;
use taizhang::reconciliation::command::confirm;

use crate::closes::{gone, holds};
use crate::monthly::{approve, at, begin, done, paper, pass, submit, wan};
use crate::support::{Site, both_with_plan, day};

fn put(db: &Db, measure: Measure, amount: &str, source: &str) {
    let new = NewEntry {
        project: "CY-24".into(),
        measure,
        kind: Kind::Original,
        year: Some(Year::parse("2025").expect("a year")),
        source: Some(source.into()),
        amount: wan(amount),
        occurred_on: day("2025-08-20"),
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    };
    db.write(move |tx| record_as(tx, &Actor::operator(), new, paper("朝财〔2025〕8号"), How::PLAIN)).expect("recorded");
}

/// September's report of CY-24 is approved: D1 differs from the treasury, M1 the treasury never sees.
fn reported(db: &Db) {
    begin(db, &["CY-24"], "2025-09");
    put(db, Measure::Received, "1000", "D1");
    put(db, Measure::Paid, "900", "D1");
    let line = |source: &str, received: &str, paid: &str| TypedLine {
        source: source.into(),
        received: received.into(),
        paid: paid.into(),
    };
    let typed = Typed { lines: vec![line("D1", "1000", "950"), line("M1", "300", "200")], ..done("2000") };
    submit(db, "CY-24", "2025-09", typed).expect("submitted");
    pass(db, "CY-24", "2025-09").expect("passed");
    approve(db, "CY-24", "2025-09").expect("approved");
}

#[test]
fn differences_show_by_source_and_finance_takes_what_the_treasury_never_sees() {
    both_with_plan(|db| {
        reported(&db);
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let page = finance.get("/reconciliation?month=2025-09").words();
        for said in [
            "对照 4 行",
            "有差额 3 行",
            "区级一般公共预算 D1 支付资金 950 900 50 与国库核对",
            "市级政府投资/补助 M1 到位资金 300 — 没有记 300 财政确认后记入",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let body = finance.get("/reconciliation?month=2025-09").body;
        let version = body.split("name=\"report\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let version = version.expect("a form").to_owned();
        let page = finance.get(&gone(&finance.post("/reconciliation/confirm", &[("report", &version)]))).words();
        assert!(page.contains("已记入") && page.contains("有差额 1 行"), "only the treasury's own: {page}");
        let entries = finance.get("/entries?project=CY-24&measure=paid&source=M1&as_of=2025-09-26").words();
        assert!(entries.contains("分录相加 200 万元") && entries.contains("CY-24 2025-09 月报"), "{entries}");
        let again = finance.post("/reconciliation/confirm", &[("report", &version)]);
        assert!(again.status == 409 && again.words().contains("没有可以确认的差额"), "{}", again.words());
        // October: the office's to-do of finance says what differs.
        at(&db, "2025-10-02");
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        assert!(
            finance.get("/todo").words().contains("1 项 2025-09 的单位自报与台账不一致"),
            "{}",
            finance.get("/todo").words()
        );
        holds(&db);
    });
}

#[test]
fn nobody_else_takes_it_in_and_a_report_that_waits_is_not_compared() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        submit(&db, "CY-24", "2025-09", done("2000")).expect("submitted");
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let page = finance.get("/reconciliation?month=2025-09").words();
        assert!(page.contains("这个月还没有已通过的月报"), "{page}");
        assert_eq!(site.signed_in(Role::Planner).post("/reconciliation/confirm", &[("report", "1")]).status, 403);
        assert_eq!(site.get("/reconciliation").status, 303, "people of the register only");
        let planner = Actor::account(5, vec![Role::Planner], Vec::new());
        assert!(db.write(move |tx| confirm(tx, &planner, 1)).is_err());
        assert_eq!(finance.get("/reconciliation?month=2025-10").status, 400, "not begun");
    });
}
