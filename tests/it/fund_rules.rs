//! What money must not do: what a person who enters it is refused, what is only pointed out, and who is not held
//! to it.

use taizhang::auth::{Actor, Role};
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::ledger::Kind;
use taizhang::ledger::command::{self, How, NewEntry, NewReversal, Paired, Recorded, record_as, reverse};
use taizhang::ledger::transfer::{Line, NewTransfer};
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::period::Year;
use taizhang::project::Attribute;
use taizhang::project::command::change;
use taizhang::setting::command::{NewSetting, set};
use taizhang::setting::rules;

use crate::closes::{gone, holds};
use crate::support::{Site, both_with_plan, day, project_fact};

const FINANCE: Role = Role::Finance;

fn actor(role: Role) -> Actor {
    Actor::account(31, vec![role], Vec::new())
}

fn paper(code: &str) -> Citation {
    Citation { code: code.into(), title: None, issuer: None, dated: None }
}

fn new(project: &str, measure: Measure, wan: &str, source: &str) -> NewEntry {
    let is_of_year = matches!(measure, Measure::Plan | Measure::Budget);
    NewEntry {
        project: project.into(),
        measure,
        kind: Kind::Original,
        year: is_of_year.then(|| Year::parse("2025").expect("a year")),
        source: (!source.is_empty()).then(|| source.to_owned()),
        amount: Fen::parse_wan(wan).expect("an amount"),
        occurred_on: day("2025-08-20"),
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    }
}

/// What the operator records has happened: no rule holds it back.
fn happened(db: &Db, entries: &[NewEntry]) {
    for (new, n) in entries.iter().cloned().zip(1..) {
        db.write(move |tx| record_as(tx, &Actor::operator(), new, paper(&format!("朝财〔2025〕{n}号")), How::PLAIN))
            .expect("the operator records");
    }
}

fn entered(db: &Db, role: Role, new: NewEntry, paired: Paired) -> Result<Recorded> {
    let how = How { paired, ..How::PLAIN };
    db.write(move |tx| record_as(tx, &actor(role), new, paper("朝财〔2025〕90号"), how))
}

fn told(result: Result<Recorded>) -> String {
    match result {
        Ok(done) if done.warnings.is_empty() => "记入".into(),
        Ok(done) => format!("记入；提示：{}", done.warnings.join("；")),
        Err(Error::Conflict(text)) => format!("不让记：{text}"),
        Err(other) => format!("{other:?}"),
    }
}

fn put(db: &Db, name: &str, value: &str) {
    let new = NewSetting { name: name.into(), value: value.into(), effective_on: None, reason: "试一试".into() };
    db.write(move |tx| set(tx, &Actor::account(9, vec![Role::Office], vec![]), new)).expect("set");
}

/// The guide's F2: P = 12,000, F = 8,000, X = 9,000.
#[test]
fn nothing_is_paid_that_was_not_received_and_it_is_said_by_how_much() {
    both_with_plan(|db| {
        happened(&db, &[new("CY-24", Measure::Plan, "12000", "D1"), new("CY-24", Measure::Received, "8000", "D1")]);
        let pay = |wan: &str, source: &str| entered(&db, FINANCE, new("CY-24", Measure::Paid, wan, source), Paired::No);
        assert_eq!(
            told(pay("9000", "D1")),
            "不让记：CY-24 区级一般公共预算：支付超过到位 1,000 万元（到位 8,000 万元，支付 9,000 万元）"
        );
        assert_eq!(told(pay("8000", "D1")), "记入");
        assert_eq!(
            told(pay("0.01", "M1")),
            "不让记：CY-24 市级政府投资/补助：支付超过到位 0.01 万元（到位 0 万元，支付 0.01 万元）",
            "each source by itself"
        );
        // Nor is what was paid from taken away.
        let received = db.read(|conn| {
            let found = taizhang::ledger::store::list(conn, &Default::default(), day("2025-09-26"), i64::MAX, 0, 100)?;
            Ok(found.into_iter().find(|entry| entry.measure == Measure::Received.code()).expect("received").id)
        });
        let back = NewReversal { id: received.expect("reads"), on: None, reason: "重复".into() };
        let refused = db.write(move |tx| reverse(tx, &actor(FINANCE), &back, None)).expect_err("paid from");
        assert!(refused.to_string().contains("支付超过到位 8,000 万元"), "{refused}");
        holds(&db);
    });
}

#[test]
fn each_rule_blocks_warns_or_is_left_alone_as_the_office_has_set() {
    both_with_plan(|db| {
        let pay = || entered(&db, FINANCE, new("CY-24", Measure::Paid, "100", "D1"), Paired::No);
        assert!(told(pay()).starts_with("不让记：CY-24 区级一般公共预算：支付超过到位 100 万元"));
        put(&db, rules::PAID_OVER_RECEIVED, "warn");
        assert!(told(pay()).starts_with("记入；提示：CY-24 区级一般公共预算：支付超过到位 100 万元"));
        put(&db, rules::PAID_OVER_RECEIVED, "ignore");
        assert_eq!(told(pay()), "记入；提示：同一文件、同一天（2025-08-20）、同一金额（100 万元）的支付资金已经记过");
        put(&db, rules::REPEATED, "block");
        assert!(told(pay()).starts_with("不让记：同一文件、同一天"));
        holds(&db);
    });
}

/// CY-07 is estimated at 39,600 万元 and begins in 2023.
#[test]
fn plans_costs_times_and_negative_months() {
    both_with_plan(|db| {
        happened(&db, &[new("CY-07", Measure::Plan, "8000", ""), new("CY-07", Measure::Budget, "3000", "")]);
        put(&db, rules::REPEATED, "ignore");
        put(&db, rules::PAID_OVER_RECEIVED, "ignore");
        let enter = |new: NewEntry| told(entered(&db, FINANCE, new, Paired::No));
        let build = |new: NewEntry| told(entered(&db, Role::Planner, new, Paired::No));
        let early = NewEntry { occurred_on: day("2022-12-30"), ..new("CY-07", Measure::Paid, "1", "D1") };
        let said = [
            enter(new("CY-07", Measure::Received, "8200", "D1")),
            enter(new("CY-07", Measure::Paid, "3100", "D1")),
            enter(NewEntry { year: None, ..early.clone() }),
            enter(NewEntry { reason: "前期费用".into(), ..early }),
            enter(new("CY-07", Measure::Received, "-9000", "D1")),
            enter(NewEntry { reason: "退回财政".into(), ..new("CY-07", Measure::Received, "-9000", "D1") }),
            build(new("CY-07", Measure::Plan, "1", "")),
        ];
        insta::allow_duplicates! {
        insta::assert_snapshot!(said.join("\n"), @r"
        记入；提示：CY-07 2025 年到位超过年度计划 200 万元
        记入；提示：CY-07 2025 年支付超过年度财政预算 100 万元
        不让记：CY-07 从 2023 年起建设，2022-12-30 在这以前；确有其事请写明原因
        记入
        不让记：CY-07 2025-08 到位资金合计为负（−800 万元）；请写明原因
        记入
        记入
        ");
        }
        holds(&db);
    });
}

/// 超概: what is completed in all stays within what was approved.
#[test]
fn more_than_was_approved_waits_for_an_approved_adjustment() {
    both_with_plan(|db| {
        put(&db, rules::COMPLETED_OVER_PLAN, "ignore");
        let done = |wan: &str| told(entered(&db, Role::Office, new("CY-07", Measure::Completed, wan, ""), Paired::No));
        assert_eq!(done("39600"), "记入");
        assert_eq!(
            done("100"),
            "不让记：CY-07 累计完成超过规划投资额（还没有批复概算） 100 万元（超概）；先办概算调整，再记"
        );
        let approved =
            project_fact("CY-07", Attribute::ApprovedCost, "4000000000000", day("2025-08-01"), paper("批复1号"));
        db.write(move |tx| change(tx, &Actor::operator(), approved)).expect("approved at 40,000,000 万元");
        assert_eq!(done("100"), "记入");
    });
}

#[test]
fn the_treasury_pays_and_the_receipt_comes_along() {
    both_with_plan(|db| {
        let pay = |source: &str, paired| entered(&db, FINANCE, new("CY-24", Measure::Paid, "100", source), paired);
        let done = pay("D1", Paired::BySource).expect("paid");
        assert_eq!(done.entry.measure, Measure::Paid.code());
        assert!(told(pay("M1", Paired::BySource)).starts_with("不让记"), "市级资金 is not this treasury's");
        pay("M1", Paired::Yes).expect("said to be so");
        put(&db, rules::PAIRED_SOURCES, "off");
        assert!(told(pay("D2", Paired::BySource)).starts_with("不让记"));
        let sums = db.read(|conn| {
            let all = taizhang::ledger::store::list(conn, &Default::default(), day("2025-09-26"), i64::MAX, 0, 100)?;
            let of = |measure: Measure| all.iter().filter(|entry| entry.measure == measure.code()).count();
            Ok((of(Measure::Received), of(Measure::Paid)))
        });
        assert_eq!(sums.expect("reads"), (2, 2));
        holds(&db);
    });
}

#[test]
fn nothing_is_moved_out_of_a_place_that_does_not_hold_it() {
    both_with_plan(|db| {
        happened(&db, &[new("CY-24", Measure::Budget, "300", "D1")]);
        let line = |project: &str, wan: &str| Line {
            project: project.into(),
            measure: Measure::Budget,
            year: Some(Year::parse("2025").expect("a year")),
            source: Some("D1".into()),
            amount: Fen::parse_wan(wan).expect("an amount"),
        };
        let moved = |wan: &str| {
            let lines = vec![line("CY-24", &format!("-{wan}")), line("CY-25", wan)];
            let new = NewTransfer { lines, occurred_on: day("2025-09-01"), reason: "调剂".into() };
            db.write(move |tx| command::transfer(tx, &actor(FINANCE), new, paper("朝财〔2025〕91号")))
        };
        let refused = moved("500").expect_err("there are 300");
        assert_eq!(refused.to_string(), "CY-24 2025 年区级一般公共预算的年度财政预算变成 −200 万元：调出多于现有");
        moved("300").expect("all of it");
        holds(&db);
    });
}

/// Sixteen clients pay at once against one project that has received 8,000 万元.
#[test]
fn whoever_comes_too_late_is_refused_and_never_more_is_paid_than_received() {
    both_with_plan(|db| {
        happened(&db, &[new("CY-24", Measure::Received, "8000", "D1")]);
        put(&db, rules::REPEATED, "ignore");
        let db: &Db = &db;
        let answers: Vec<bool> = std::thread::scope(|scope| {
            let one = || entered(db, FINANCE, new("CY-24", Measure::Paid, "1000", "D1"), Paired::No).is_ok();
            let running: Vec<_> = (0..16).map(|_| scope.spawn(one)).collect();
            running.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        assert_eq!(answers.iter().filter(|paid| **paid).count(), 8);
        holds(db);
    });
}

#[test]
fn the_preview_says_what_is_odd_before_anything_is_recorded() {
    both_with_plan(|db| {
        happened(&db, &[new("CY-24", Measure::Budget, "50", "")]);
        let site = Site::over(&db);
        let finance = site.signed_in(FINANCE);
        let typed = [
            ("project", "CY-24"),
            ("measure", "paid"),
            ("amount", "100"),
            ("unit", "wan"),
            ("occurred_on", "2025-08-20"),
            ("source", "D1"),
            ("kind", "original"),
            ("document", "朝财〔2025〕92号"),
        ];
        let shown = finance.post("/entries/new", &[&typed[..], &[("paired", "no")]].concat());
        assert!(shown.status == 409 && shown.words().contains("支付超过到位 100 万元"), "{}", shown.words());
        let shown = finance.post("/entries/new", &[&typed[..], &[("paired", "auto")]].concat()).words();
        assert!(shown.contains("请核对：CY-24 2025 年支付超过年度财政预算 50 万元"), "{shown}");
        assert!(shown.contains("同时记等额到位"), "{shown}");
        let seen = finance.post("/entries/new", &[&typed[..], &[("paired", "auto")]].concat());
        let seen = seen.body.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let seen = seen.expect("what was seen").to_owned();
        let confirmed = [&typed[..], &[("paired", "auto"), ("step", "confirm"), ("seen", &seen)]].concat();
        let page = finance.get(&gone(&finance.post("/entries/new", &confirmed))).words();
        assert!(page.contains("已记入，请核对：CY-24 2025 年支付超过年度财政预算 50 万元"), "{page}");
    });
}
