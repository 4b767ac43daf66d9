//! Reports on a register, by commands: domain.md O1–O5 and what may go wrong.

use std::collections::BTreeMap;

use taizhang::auth::{Actor, Role};
use taizhang::db::Head;
use taizhang::error::Error;
use taizhang::ledger::store::{Wanted, list};
use taizhang::measure::Measure;
use taizhang::monthly::answer;
use taizhang::monthly::command::{self as monthly, NewReport};
use taizhang::monthly::course::State;
use taizhang::monthly::figures::outlook;
use taizhang::monthly::typed::{Typed, TypedLine, TypedProblem};
use taizhang::monthly::{Count, duty, store};
use taizhang::project::{Attribute, store as registry};
use taizhang::publication::command::publish;
use taizhang::{proof, rollup};

use super::{
    approve, at, begin, colleague, confirm_lead, done, entry, lock_month, month, office, paper, pass, planner,
    reporter, reports_from, reviewer, send_back, standing, standing_on, submit, submit_as, wan, which, withdraw,
};
use crate::support::{TestDb, both_with_plan, day};

/// The completed entries of a project since a month began, as (万元, day, estimate, reason).
fn completed(db: &TestDb, code: &str) -> Vec<(String, String, bool, String)> {
    db.read(|conn| {
        let id = registry::find(conn, code)?.expect("a project").id;
        let wanted = Wanted { project_id: Some(id), measures: vec![Measure::Completed.code()], ..Wanted::default() };
        let entries = list(conn, &wanted, day("2099-12-31"), i64::MAX, 0, 100)?;
        Ok(entries
            .into_iter()
            .map(|entry| {
                let on = taizhang::period::Day::from_raw(entry.occurred_on).expect("a day").to_string();
                let wan = taizhang::money::Fen::new(entry.amount_fen).wan_words();
                (wan, on, entry.is_estimate != 0, entry.reason_code)
            })
            .collect())
    })
    .expect("entries")
}

/// The month each of them was posted in, where that is not its own.
fn posted(db: &TestDb, code: &str) -> Vec<Option<i32>> {
    db.read(|conn| {
        let id = registry::find(conn, code)?.expect("a project").id;
        let wanted = Wanted { project_id: Some(id), measures: vec![Measure::Completed.code()], ..Wanted::default() };
        let entries = list(conn, &wanted, day("2099-12-31"), i64::MAX, 0, 100)?;
        Ok(entries.into_iter().map(|entry| entry.posted_month).collect())
    })
    .expect("entries")
}

fn told<T: std::fmt::Debug>(result: taizhang::error::Result<T>) -> String {
    result.expect_err("refused").to_string()
}

fn proves(db: &TestDb) {
    let proofs = db.read(|conn| proof::check(conn, &mut |_| {})).expect("checked");
    for proof in proofs {
        assert!(proof.holds(), "{proof:?}");
    }
}

#[test]
fn o1_the_month_is_added_to_what_stood_and_approval_makes_it_money() {
    both_with_plan(|db| {
        at(&db, "2025-09-20");
        begin(&db, &["CY-24"], "2025-09");
        entry(&db, "CY-24", Measure::Plan, "30000", "2025-03-01");
        entry(&db, "CY-24", Measure::Completed, "16000", "2025-08-25");
        let falling = Typed { cumulative: "15500".into(), ..done("") };
        assert!(told(submit(&db, "CY-24", "2025-09", falling)).contains("累计比上月少"));
        at(&db, "2025-09-24");
        submit(&db, "CY-24", "2025-09", done("2000")).expect("submitted");
        let figures = db
            .read(|conn| {
                let id = registry::find(conn, "CY-24")?.expect("a project").id;
                store::figures(conn, id, month("2025-09"), i64::MAX)
            })
            .expect("figures");
        assert_eq!(figures.base, wan("16000"));
        let seen = outlook(&figures, wan("18000"), month("2025-09")).expect("an outlook");
        assert_eq!(seen.rate.map(|(rate, gap)| (rate.percent(), gap)), Some(("60.0%".into(), "−15.0".into())));
        assert_eq!(completed(&db, "CY-24").len(), 1, "nothing is money before the office approves");
        pass(&db, "CY-24", "2025-09").expect("passed");
        assert_eq!(completed(&db, "CY-24").len(), 1);
        approve(&db, "CY-24", "2025-09").expect("approved");
        assert_eq!(
            completed(&db, "CY-24")[1],
            ("2,000".into(), "2025-09-24".into(), true, String::new()),
            "dated the day of approval, and an estimate: the month is not over"
        );
        assert_eq!(standing(&db, "CY-24", "2025-09").state, State::Approved);
        proves(&db);
    });
}

#[test]
fn what_was_estimated_is_corrected_by_the_next_month_in_the_open() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        submit(&db, "CY-24", "2025-09", done("2000")).expect("submitted");
        pass(&db, "CY-24", "2025-09").expect("passed");
        at(&db, "2025-10-09");
        approve(&db, "CY-24", "2025-09").expect("approved");
        let correction =
            Typed { correction: "−120.5".into(), correction_reason: "月末数核实".into(), ..done("900") };
        assert!(
            told(submit(&db, "CY-24", "2025-09", correction.clone())).contains("在下个月的月报里填“更正上月”"),
            "an approved report is not changed"
        );
        lock_month(&db, "2025-09");
        submit(&db, "CY-24", "2025-10", correction).expect("submitted");
        pass(&db, "CY-24", "2025-10").expect("passed");
        at(&db, "2025-11-03");
        approve(&db, "CY-24", "2025-10").expect("approved");
        assert_eq!(
            posted(&db, "CY-24"),
            [None, None, Some(202_511)],
            "September is locked: its correction is posted late"
        );
        assert_eq!(
            completed(&db, "CY-24"),
            [
                ("2,000".into(), "2025-09-30".into(), true, String::new()),
                ("900".into(), "2025-10-31".into(), true, String::new()),
                ("−120.5".into(), "2025-09-30".into(), false, "月末数核实".into()),
            ]
        );
        proves(&db);
    });
}

#[test]
fn a_reduction_is_recorded_with_its_reason() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        entry(&db, "CY-24", Measure::Completed, "16000", "2025-08-25");
        let reduction =
            Typed {
                cumulative: "15500".into(), is_reduction: true, reduction_reason: "审计核减".into(), ..done("")
            };
        submit(&db, "CY-24", "2025-09", reduction).expect("submitted");
        pass(&db, "CY-24", "2025-09").expect("passed");
        approve(&db, "CY-24", "2025-09").expect("approved");
        assert_eq!(completed(&db, "CY-24")[1].0, "−500");
        assert_eq!(completed(&db, "CY-24")[1].3, "冲减：审计核减");
    });
}

#[test]
fn o3_a_problem_waits_at_the_office_until_it_is_settled() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        let problem = TypedProblem {
            text: "征地未完成，需属地乡协调".into(),
            counterpart: "属地乡".into(),
            due_on: "2025-10-15".into(),
        };
        submit(&db, "CY-24", "2025-09", Typed { problems: vec![problem], ..done("10") }).expect("submitted");
        let open = db.read(|conn| store::list_open_problems(conn, i64::MAX)).expect("problems");
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].0.counterpart.as_str(), open[0].0.due_on), ("属地乡", Some(20_251_015)));
        let id = open[0].0.id;
        assert!(matches!(db.write(move |tx| answer::settle(tx, &reporter(), id, "已协调")), Err(Error::Forbidden(_))));
        db.write(move |tx| answer::settle(tx, &office(), id, "已协调")).expect("settled");
        assert!(db.read(|conn| store::list_open_problems(conn, i64::MAX)).expect("problems").is_empty());
        assert!(told(db.write(move |tx| answer::settle(tx, &office(), id, "再办"))).contains("已经办结"));
        // A later report without it has it settled as well.
        let again = TypedProblem { text: "缺苗木".into(), ..TypedProblem::default() };
        withdraw(&db, "CY-24", "2025-09").expect("withdrawn");
        submit(&db, "CY-24", "2025-09", Typed { problems: vec![again], ..done("10") }).expect("submitted");
        assert_eq!(db.read(|conn| store::list_open_problems(conn, i64::MAX)).expect("problems").len(), 1);
        at(&db, "2025-10-20");
        submit(&db, "CY-24", "2025-10", done("10")).expect("submitted");
        assert!(db.read(|conn| store::list_open_problems(conn, i64::MAX)).expect("problems").is_empty());
    });
}

#[test]
fn o4_a_returned_report_says_why_stays_reported_and_both_versions_are_kept() {
    both_with_plan(|db| {
        at(&db, "2025-09-24");
        begin(&db, &["CY-24"], "2025-09");
        submit(&db, "CY-24", "2025-09", done("2000")).expect("submitted");
        assert!(told(submit(&db, "CY-24", "2025-09", done("2100"))).contains("待部门审核"), "submitting locks");
        send_back(&db, &reviewer(), "CY-24", "2025-09", "到位资金>计划来源").expect("returned");
        let now = standing(&db, "CY-24", "2025-09");
        assert_eq!((now.state, now.first_submitted_on), (State::Returned, Some(day("2025-09-24"))));
        at(&db, "2025-09-27");
        submit(&db, "CY-24", "2025-09", done("1900")).expect("submitted again");
        assert_eq!(standing(&db, "CY-24", "2025-09").first_submitted_on, Some(day("2025-09-24")), "still in time");
        let (versions, steps) = db
            .read(|conn| {
                let id = registry::find(conn, "CY-24")?.expect("a project").id;
                let versions = store::list_versions(conn, id, month("2025-09"), i64::MAX)?;
                Ok((versions, store::list_steps(conn, id, month("2025-09"), i64::MAX)?))
            })
            .expect("read");
        let amounts: Vec<i64> = versions.iter().map(|told| told.fact.completed_fen).collect();
        assert_eq!(amounts, [wan("2000").get(), wan("1900").get()]);
        assert_eq!((steps[0].fact.reason.as_str(), steps[0].by.as_str()), ("到位资金>计划来源", "account:13"));
        assert_eq!(steps[0].fact.stage, "department");
        // The office can return it too, and what it was on the 26th is still known.
        pass(&db, "CY-24", "2025-09").expect("passed");
        send_back(&db, &office(), "CY-24", "2025-09", "缺照片").expect("returned");
        assert_eq!(standing_on(&db, "CY-24", "2025-09", day("2025-09-26")).state, State::Returned);
        assert_eq!(standing_on(&db, "CY-24", "2025-09", day("2025-09-23")).state, State::Unreported);
        proves(&db);
    });
}

#[test]
fn o5_no_investment_this_month_counts_as_reported_and_as_zero() {
    both_with_plan(|db| {
        begin(&db, &["CY-24", "CY-25"], "2025-09");
        let nothing = Typed { is_nothing: true, ..Typed::default() };
        submit(&db, "CY-24", "2025-09", nothing).expect("submitted");
        pass(&db, "CY-24", "2025-09").expect("passed");
        approve(&db, "CY-24", "2025-09").expect("approved");
        assert_eq!(completed(&db, "CY-24"), [("0".into(), "2025-09-26".into(), true, "本月无投资".into())]);
        let rows = db
            .read(|conn| {
                let head = Head::find(conn)?;
                let (one, other) = ("CY-24", "CY-25");
                let one = rollup::rows::find(conn, day("2025-09-26"), &head, one)?.expect("a row");
                let other = rollup::rows::find(conn, day("2025-09-26"), &head, other)?.expect("a row");
                Ok([one, other].map(|row| row.figures.sum(Measure::Completed)))
            })
            .expect("rows");
        assert_eq!(rows.map(|sum| (sum.fen, sum.n)), [(0, 1), (0, 0)], "zero was said; empty was not");
        proves(&db);
    });
}

#[test]
fn what_an_owner_says_of_money_received_is_no_entry() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        let line = TypedLine { source: "D1".into(), received: "800".into(), paid: "900".into() };
        let noted = submit(&db, "CY-24", "2025-09", Typed { lines: vec![line], ..done("300") }).expect("submitted");
        assert_eq!(noted.warnings, ["支付超过到位 100 万元：可能漏报到位，或有垫资"]);
        pass(&db, "CY-24", "2025-09").expect("passed");
        approve(&db, "CY-24", "2025-09").expect("approved");
        let entries = db
            .read(|conn| {
                let id = registry::find(conn, "CY-24")?.expect("a project").id;
                let measures = vec![Measure::Received.code(), Measure::Paid.code()];
                let wanted = Wanted { project_id: Some(id), measures, ..Wanted::default() };
                list(conn, &wanted, day("2099-12-31"), i64::MAX, 0, 100)
            })
            .expect("entries");
        assert!(entries.is_empty(), "{entries:?}");
        let unknown = TypedLine { source: "Z9".into(), received: "1".into(), paid: String::new() };
        at(&db, "2025-10-20");
        assert!(
            told(submit(&db, "CY-24", "2025-10", Typed { lines: vec![unknown], ..done("3") }))
                .contains("没有这个资金来源；可用 D1")
        );
    });
}

#[test]
fn a_department_that_is_only_inferred_drafts_and_does_not_submit() {
    both_with_plan(|db| {
        reports_from(&db, "CY-24", "2025-09");
        let new = NewReport { which: which("CY-24", "2025-09"), typed: done("5"), seen: Some(0) };
        assert_eq!(db.write(move |tx| monthly::save(tx, &reporter(), &new)), Ok(1));
        let refused = told(submit(&db, "CY-24", "2025-09", done("5")));
        assert!(refused.contains("责任部门还是推定，不能以部门名义提交；草稿会留着"), "{refused}");
        confirm_lead(&db, "CY-24");
        submit(&db, "CY-24", "2025-09", done("5")).expect("submitted");
    });
}

#[test]
fn a_month_that_has_not_begun_and_one_before_reports_begin_are_refused() {
    both_with_plan(|db| {
        confirm_lead(&db, "CY-24");
        assert!(told(submit(&db, "CY-24", "2025-09", done("5"))).contains("月报尚未启用"));
        reports_from(&db, "CY-24", "2025-09");
        let before = db.read(Head::find).expect("head");
        assert!(told(submit(&db, "CY-24", "2025-10", done("5"))).contains("报告期还没有开始"));
        assert!(told(submit(&db, "CY-24", "2025-08", done("5"))).contains("月报自 2025-09 启用"));
        let new = NewReport { which: which("CY-24", "2025-10"), typed: done("5"), seen: None };
        assert!(told(db.write(move |tx| monthly::save(tx, &reporter(), &new))).contains("报告期还没有开始"));
        assert_eq!(db.read(Head::find).expect("head"), before);
    });
}

#[test]
fn nobody_files_for_another_department_and_nobody_reviews_the_own_report() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        let stranger = Actor::account(21, vec![Role::Reporter], vec!["parks".into()]);
        assert!(told(submit_as(&db, &stranger, "CY-24", "2025-09", done("5"))).contains("只能填报本部门牵头的项目"));
        let (actor, new) =
            (stranger.clone(), NewReport { which: which("CY-24", "2025-09"), typed: done("5"), seen: None });
        assert!(matches!(db.write(move |tx| monthly::save(tx, &actor, &new)), Err(Error::Forbidden(_))));
        submit_as(&db, &colleague(), "CY-24", "2025-09", done("5")).expect("submitted");
        let report = which("CY-24", "2025-09");
        let own = db.write(move |tx| monthly::pass(tx, &colleague(), &report, None));
        assert!(told(own).contains("要由另一个人审核"));
        let report = which("CY-24", "2025-09");
        assert!(
            told(db.write(move |tx| monthly::approve(tx, &office(), &report, None))).contains("由本部门的审核人办理")
        );
        let report = which("CY-24", "2025-09");
        assert!(matches!(
            db.write(move |tx| monthly::withdraw(tx, &stranger, &report, None)),
            Err(Error::Forbidden(_))
        ));
        pass(&db, "CY-24", "2025-09").expect("another one passes it");
    });
}

#[test]
fn a_department_may_go_without_its_own_review_from_a_day_on() {
    both_with_plan(|db| {
        begin(&db, &["CY-24", "CY-25"], "2025-09");
        let lead = |code: &str| {
            db.read(|conn| {
                let state = registry::find_state(conn, code, day("2025-09-26"), i64::MAX)?.expect("a project");
                Ok(state.value(Attribute::LeadDepartment).to_owned())
            })
            .expect("read")
        };
        assert_eq!(lead("CY-24"), "water");
        let waive = |actor: Actor, of: &'static str, yes: bool| {
            db.write(move |tx| answer::waive(tx, &actor, of, yes, None, "科室只有一人"))
        };
        assert!(matches!(waive(reporter(), "water", true), Err(Error::Forbidden(_))));
        assert!(matches!(waive(reviewer(), "parks", true), Err(Error::Forbidden(_))));
        waive(reviewer(), "water", true).expect("waived");
        assert!(told(waive(office(), "water", true)).contains("没有变化"));
        let noted = submit(&db, "CY-24", "2025-09", done("5")).expect("submitted");
        assert_eq!(noted.state, State::OfficeReview);
        approve(&db, "CY-24", "2025-09").expect("approved by the office alone");
        waive(office(), "water", false).expect("no longer");
        at(&db, "2025-10-20");
        assert_eq!(submit(&db, "CY-24", "2025-10", done("5")).expect("submitted").state, State::DepartmentReview);
        proves(&db);
    });
}

#[test]
fn the_office_files_for_a_department_from_paper_and_another_of_it_approves() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        let new = |seen| NewReport { which: which("CY-24", "2025-09"), typed: done("5"), seen };
        let bare = new(None);
        assert!(told(db.write(move |tx| monthly::submit(tx, &office(), &bare, None))).contains("代报要写纸质原件"));
        let (with, original) = (new(None), paper("水务局来函〔2025〕9号"));
        let noted = db.write(move |tx| monthly::submit(tx, &office(), &with, Some(&original))).expect("filed");
        assert_eq!(noted.state, State::OfficeReview);
        assert!(told(approve(&db, "CY-24", "2025-09")).contains("要由另一个人审核"));
        let report = which("CY-24", "2025-09");
        let other = Actor::account(31, vec![Role::Office], Vec::new());
        db.write(move |tx| monthly::approve(tx, &other, &report, None)).expect("approved");
        let version = db
            .read(|conn| {
                let id = registry::find(conn, "CY-24")?.expect("a project").id;
                Ok(store::list_versions(conn, id, month("2025-09"), i64::MAX)?.remove(0).fact)
            })
            .expect("read");
        assert!(version.by_office == 1 && version.document_id.is_some(), "marked, and the original named");
    });
}

#[test]
fn two_people_edit_one_draft_and_neither_is_lost() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        let save = |actor: Actor, completed: &str, seen: i64| {
            let new = NewReport { which: which("CY-24", "2025-09"), typed: done(completed), seen: Some(seen) };
            db.write(move |tx| monthly::save(tx, &actor, &new))
        };
        assert_eq!(save(reporter(), "100", 0), Ok(1));
        assert_eq!(save(reporter(), "110", 1), Ok(2));
        let late = save(colleague(), "200", 1);
        assert!(matches!(&late, Err(Error::Stale(text)) if text.contains("另一个人")), "{late:?}");
        let kept = db
            .read(|conn| {
                let id = registry::find(conn, "CY-24")?.expect("a project").id;
                store::find_draft(conn, id, month("2025-09"), "water")
            })
            .expect("read")
            .expect("a draft");
        assert!(kept.content.contains("\"110\"") && kept.actor == "account:11", "{kept:?}");
        // Submitting on what somebody else has changed is refused as well.
        let new = NewReport { which: which("CY-24", "2025-09"), typed: done("200"), seen: Some(1) };
        let refused = db.write(move |tx| monthly::submit(tx, &colleague(), &new, None));
        assert!(matches!(refused, Err(Error::Stale(_))), "{refused:?}");
        // A draft is not said: the journal does not hold it, and it is gone once it is said.
        let before = db.read(Head::find).expect("head");
        assert_eq!(save(colleague(), "200", 2), Ok(3));
        assert_eq!(db.read(Head::find).expect("head"), before);
        submit(&db, "CY-24", "2025-09", done("200")).expect("submitted");
        let gone = db.read(|conn| {
            let id = registry::find(conn, "CY-24")?.expect("a project").id;
            store::find_draft(conn, id, month("2025-09"), "water")
        });
        assert_eq!(gone, Ok(None));
    });
}

#[test]
fn a_decision_on_what_has_changed_meanwhile_is_refused() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        let seen = submit(&db, "CY-24", "2025-09", done("5")).expect("submitted").head.seq;
        withdraw(&db, "CY-24", "2025-09").expect("withdrawn");
        submit(&db, "CY-24", "2025-09", done("6")).expect("submitted");
        let report = which("CY-24", "2025-09");
        let late = db.write(move |tx| monthly::pass(tx, &reviewer(), &report, Some(seen)));
        assert!(matches!(&late, Err(Error::Stale(text)) if text.contains("待部门审核")), "{late:?}");
        let report = which("CY-24", "2025-09");
        db.write(move |tx| monthly::open(tx, &reviewer(), &report, None)).expect("opened");
        assert!(told(withdraw(&db, "CY-24", "2025-09")).contains("审核已经开始"));
    });
}

#[test]
fn the_planner_takes_up_what_an_owner_proposes_as_the_years_plan() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        submit(&db, "CY-24", "2025-09", Typed { proposal: "12000".into(), ..done("5") }).expect("submitted");
        let version = standing(&db, "CY-24", "2025-09").version.expect("a version");
        let accept = |version| db.write(move |tx| answer::accept(tx, &planner(), version, &paper("朝发改〔2025〕8号")));
        assert!(told(accept(version)).contains("月报通过以后"));
        pass(&db, "CY-24", "2025-09").expect("passed");
        approve(&db, "CY-24", "2025-09").expect("approved");
        assert_eq!(db.read(|conn| store::list_open_proposals(conn, i64::MAX)).expect("read").len(), 1);
        assert!(matches!(
            db.write(move |tx| answer::accept(tx, &reporter(), version, &paper("x"))),
            Err(Error::Forbidden(_))
        ));
        accept(version).expect("accepted");
        let plan = db
            .read(|conn| {
                let id = registry::find(conn, "CY-24")?.expect("a project").id;
                Ok(store::figures(conn, id, month("2025-09"), i64::MAX)?.plan)
            })
            .expect("figures");
        assert_eq!(plan, Some(wan("12000")));
        assert!(told(accept(version)).contains("已经答复过"));
        assert!(db.read(|conn| store::list_open_proposals(conn, i64::MAX)).expect("read").is_empty());
        proves(&db);
    });
}

#[test]
fn what_waits_of_an_earlier_month_counts_in_the_cumulative() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        entry(&db, "CY-24", Measure::Completed, "1000", "2025-08-25");
        submit(&db, "CY-24", "2025-09", done("200")).expect("submitted");
        at(&db, "2025-10-20");
        let figures = |db: &TestDb| {
            db.read(|conn| {
                let id = registry::find(conn, "CY-24")?.expect("a project").id;
                store::figures(conn, id, month("2025-10"), i64::MAX)
            })
            .expect("figures")
        };
        let before = figures(&db);
        assert_eq!((before.base, before.pending), (wan("1200"), vec![(month("2025-09"), wan("200"))]));
        pass(&db, "CY-24", "2025-09").expect("passed");
        approve(&db, "CY-24", "2025-09").expect("approved");
        let after = figures(&db);
        assert_eq!((after.base, after.pending), (wan("1200"), Vec::new()), "neither lost nor counted twice");
    });
}

#[test]
fn an_approved_report_is_published_with_its_month() {
    both_with_plan(|db| {
        begin(&db, &["CY-24"], "2025-09");
        submit(&db, "CY-24", "2025-09", done("200")).expect("submitted");
        pass(&db, "CY-24", "2025-09").expect("passed");
        approve(&db, "CY-24", "2025-09").expect("approved");
        at(&db, "2025-10-08");
        db.write(|tx| publish(tx, &office(), month("2025-09"), "九月")).expect("published");
        assert_eq!(standing(&db, "CY-24", "2025-09").state, State::Published);
        assert!(told(send_back(&db, &office(), "CY-24", "2025-09", "晚了")).contains("已发布"));
    });
}

#[test]
fn on_the_26th_twenty_seven_of_thirty_two_are_in_and_five_are_named() {
    both_with_plan(|db| {
        at(&db, "2025-09-24");
        let codes: Vec<String> = (1..=32).map(|n| format!("CY-{n:02}")).collect();
        for (n, code) in codes.iter().enumerate() {
            begin(&db, &[code], "2025-09");
            let lead = db
                .read(|conn| {
                    let state = registry::find_state(conn, code, day("2025-09-24"), i64::MAX)?.expect("a project");
                    Ok(state.value(Attribute::LeadDepartment).to_owned())
                })
                .expect("read");
            if n >= 5 {
                let actor = Actor::account(40, vec![Role::Reporter], vec![lead]);
                submit_as(&db, &actor, code, "2025-09", Typed { is_nothing: true, ..Typed::default() }).expect("in");
            }
        }
        at(&db, "2025-09-26");
        let duties: BTreeMap<String, _> = db
            .read(|conn| {
                let states = registry::list_states(conn, day("2025-09-26"), i64::MAX, 0, 100)?;
                let ids: Vec<i64> = states.iter().map(|state| state.project.id).collect();
                let standings = store::standings(conn, &ids, month("2025-09"), day("2025-09-26"), i64::MAX)?;
                Ok(states
                    .iter()
                    .map(|state| {
                        let on = standings[&state.project.id].first_submitted_on;
                        let duty = duty::duty_of(state, false, month("2025-09"), on, day("2025-09-26"));
                        (state.project.code.clone(), duty)
                    })
                    .collect())
            })
            .expect("read");
        let count = Count::of(duties.values().copied());
        assert_eq!(count.reported_rate().expect("due").percent(), "84.4%");
        let missing: Vec<&str> = duties
            .iter()
            .filter(|(_, duty)| **duty == taizhang::monthly::Duty::Missing)
            .map(|(code, _)| code.as_str())
            .collect();
        assert_eq!(missing, ["CY-01", "CY-02", "CY-03", "CY-04", "CY-05"]);
    });
}
