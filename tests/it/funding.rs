//! 资金表: years and sources of a project, what was first laid down and what changed, and the estimate beside what
//! was approved.

use taizhang::auth::{Actor, Role};
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{NewEntry, NewReversal, record, reverse, transfer};
use taizhang::ledger::transfer::{Line, NewTransfer};
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::period::Year;
use taizhang::project::Attribute;
use taizhang::project::command::change;

use crate::closes::holds;
use crate::support::{Site, both_with_plan, day, project_fact};

fn paper(code: &str) -> Citation {
    Citation { code: code.into(), title: None, issuer: None, dated: None }
}

fn year(text: &str) -> Option<Year> {
    Some(Year::parse(text).expect("a year"))
}

fn put(db: &Db, project: &str, measure: Measure, wan: &str, source: &str, kind: Kind, on: &str) -> i64 {
    let new = NewEntry {
        project: project.into(),
        measure,
        kind,
        year: year("2025"),
        source: (!source.is_empty()).then(|| source.to_owned()),
        amount: Fen::parse_wan(wan).expect("an amount"),
        occurred_on: day(on),
        reason: if kind == Kind::Adjustment { "规模调整".into() } else { String::new() },
        is_estimate: false,
        note: String::new(),
    };
    db.write(move |tx| record(tx, &Actor::operator(), new, paper("朝发改〔2025〕8号"))).expect("recorded").entry.id
}

fn line(project: &str, measure: Measure, of: &str, wan: &str) -> Line {
    Line {
        project: project.into(),
        measure,
        year: year(of),
        source: Some("D1".into()),
        amount: Fen::parse_wan(wan).expect("an amount"),
    }
}

fn moved(db: &Db, lines: Vec<Line>) -> Vec<taizhang::ledger::Entry> {
    let new = NewTransfer { lines, occurred_on: day("2025-09-01"), reason: "统筹".into() };
    db.write(move |tx| transfer(tx, &Actor::operator(), new, paper("朝财〔2025〕9号"))).expect("moved").0
}

/// The guide's P1 (8,000 → 6,000 in June) and F4 (sources of 11,000 for a plan of 12,000).
#[test]
fn a_cut_plan_shows_what_it_was_and_what_has_no_source_shows_as_that() {
    both_with_plan(|db| {
        put(&db, "CY-25", Measure::Plan, "8000", "D1", Kind::Original, "2025-02-01");
        put(&db, "CY-25", Measure::Plan, "-2000", "D1", Kind::Adjustment, "2025-06-10");
        put(&db, "CY-24", Measure::Plan, "11000", "D1", Kind::Original, "2025-02-01");
        put(&db, "CY-24", Measure::Plan, "1000", "", Kind::Original, "2025-02-01");
        let site = Site::over(&db);
        let planner = site.signed_in(Role::Planner);
        let page = planner.get("/projects/CY-25/funding").words();
        assert!(page.contains("2025 年 6,000 原 8,000，调整 −2,000"), "{page}");
        let before = planner.get("/projects/CY-25/funding?as_of=2025-05-31").words();
        assert!(before.contains("2025 年 8,000") && !before.contains("调整 −2,000"), "May stays as it was: {before}");
        let page = planner.get("/projects/CY-24/funding").words();
        assert!(page.contains("区级一般公共预算 D1 11,000") && page.contains("未落实 1,000"), "{page}");
        assert!(page.contains("合计 12,000"), "{page}");
        let told = planner.get("/projects/CY-25/funding?format=json").json();
        let row = &told["items"][0];
        assert_eq!((row["original"].as_str(), row["changed"].as_str()), (Some("80000000.00"), Some("-20000000.00")));
        assert_eq!(row["current"], "60000000.00");
        // What was wrong and taken back was never laid down.
        let wrong = put(&db, "CY-25", Measure::Plan, "77", "D1", Kind::Original, "2025-02-01");
        let back = NewReversal { id: wrong, on: None, reason: "重复".into() };
        db.write(move |tx| reverse(tx, &Actor::operator(), &back, None)).expect("reversed");
        assert!(planner.get("/projects/CY-25/funding").words().contains("6,000 原 8,000，调整 −2,000"));
        holds(&db);
    });
}

/// The guide's P2: 39,600 → 44,000 is 11.1 % more.
#[test]
fn what_was_approved_stands_beside_the_estimate_and_far_from_it_is_marked() {
    both_with_plan(|db| {
        let site = Site::over(&db);
        let page = site.get("/projects/CY-07/funding").words();
        assert!(page.contains("规划投资额（估算） 39,600 万元") && page.contains("批复概算 — 未填"), "{page}");
        let approve = |fen: &str, on: &str| {
            let fact = project_fact("CY-07", Attribute::ApprovedCost, fen, day(on), paper("发改批复1号"));
            db.write(move |tx| change(tx, &Actor::operator(), fact)).expect("approved");
        };
        approve("43560000000", "2025-08-01");
        let planner = site.signed_in(Role::Planner);
        let page = planner.get("/projects/CY-07/funding").words();
        assert!(page.contains("批复比估算 +10.0000%") && !page.contains("超过 10%"), "a tenth is not beyond: {page}");
        approve("44000000000", "2025-09-01");
        let site = Site::over(&db);
        let planner = site.signed_in(Role::Planner);
        let page = planner.get("/projects/CY-07/funding").words();
        assert!(page.contains("39,600 万元") && page.contains("批复概算 44,000 万元"), "{page}");
        assert!(page.contains("批复比估算 +11.1%") && page.contains("超过 10%"), "{page}");
        let before = planner.get("/projects/CY-07/funding?as_of=2025-08-31").words();
        assert!(before.contains("批复概算 43,560 万元"), "{before}");
    });
}

/// 500 from CY-24 to CY-25 changes two projects and no total; a year's rest goes on into the next as 结转.
#[test]
fn a_transfer_changes_no_total_and_what_goes_into_the_next_year_is_carried_over() {
    both_with_plan(|db| {
        put(&db, "CY-24", Measure::Budget, "3000", "D1", Kind::Original, "2025-03-01");
        put(&db, "CY-25", Measure::Budget, "1000", "D1", Kind::Original, "2025-03-01");
        let site = Site::over(&db);
        let finance = site.signed_in(Role::Finance);
        let total = |finance: &crate::support::Reader<'_>| {
            finance.get("/entries?measure=budget&year=2025").words().contains("分录相加 4,000 万元")
        };
        assert!(total(&finance));
        let budget = |project, wan| line(project, Measure::Budget, "2025", wan);
        let sides = moved(&db, vec![budget("CY-24", "-500"), budget("CY-25", "500")]);
        assert!(sides.iter().all(|side| side.kind == Kind::Transfer.code()));
        assert!(total(&finance), "no total changes");
        assert!(finance.get("/projects/CY-24/funding").words().contains("2,500 原 3,000，调整 −500"));
        assert!(finance.get("/projects/CY-25/funding").words().contains("1,500 原 1,000，调整 500"));
        let next = |wan| line("CY-24", Measure::Budget, "2026", wan);
        let sides = moved(&db, vec![budget("CY-24", "-200"), next("200")]);
        assert!(sides.iter().all(|side| side.kind == Kind::CarryOver.code()), "结转");
        let page = finance.get("/projects/CY-24/funding").words();
        assert!(page.contains("2025 年 — 没有 2,300") || page.contains("2,300 原 3,000，调整 −700"), "{page}");
        assert!(page.contains("2026 年") && page.contains("200 原 0，调整 200"), "{page}");
        // Half of it is neither recorded nor taken back.
        let lone = NewEntry {
            project: "CY-24".into(),
            measure: Measure::Budget,
            kind: Kind::CarryOver,
            year: year("2026"),
            source: None,
            amount: Fen::parse_wan("1").expect("an amount"),
            occurred_on: day("2025-09-01"),
            reason: "结转".into(),
            is_estimate: false,
            note: String::new(),
        };
        let refused = db.write(move |tx| record(tx, &Actor::operator(), lone, paper("x"))).expect_err("half");
        assert!(refused.to_string().contains("两行一起记"), "{refused}");
        let back = NewReversal { id: sides[0].id, on: None, reason: "年底再结".into() };
        db.write(move |tx| reverse(tx, &Actor::operator(), &back, None)).expect("reversed");
        assert!(finance.get("/projects/CY-24/funding").words().contains("2,500 原 3,000，调整 −500"), "both sides");
        holds(&db);
    });
}
