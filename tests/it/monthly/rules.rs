//! The rules by themselves.

use taizhang::auth::{Actor, Role};
use taizhang::error::Error;
use taizhang::money::Fen;
use taizhang::monthly::content::warnings;
use taizhang::monthly::course::{self, Course, Event, Stage, State, Step, What, course};
use taizhang::monthly::figures::{Figures, outlook};
use taizhang::monthly::typed::{Typed, TypedLine, TypedProblem};
use taizhang::monthly::{Count, Duty, check_month, due_on, duty, entry_day, is_estimate};

use super::{done, month, wan};
use crate::support::day;

#[test]
fn a_report_is_due_by_the_end_of_the_25th_and_missing_from_the_26th() {
    let september = month("2025-09");
    assert_eq!(due_on(september), day("2025-09-25"));
    let from = Some(month("2025-09"));
    for (submitted, at, expected) in [
        (None, "2025-08-31", Duty::NotDue),
        (None, "2025-09-01", Duty::Due),
        (None, "2025-09-25", Duty::Due),
        (None, "2025-09-26", Duty::Missing),
        (Some("2025-09-25"), "2025-09-25", Duty::Reported { in_time: true }),
        (Some("2025-09-25"), "2025-10-01", Duty::Reported { in_time: true }),
        (Some("2025-09-26"), "2025-10-01", Duty::Reported { in_time: false }),
        // What came later was not there yet.
        (Some("2025-09-28"), "2025-09-26", Duty::Missing),
        (Some("2025-09-24"), "2025-09-20", Duty::Due),
    ] {
        assert_eq!(duty(september, from, submitted.map(day), day(at)), expected, "{submitted:?} {at}");
    }
}

#[test]
fn before_reports_begin_nothing_is_due_late_or_missing() {
    for from in [None, Some(month("2025-10"))] {
        for at in ["2025-09-24", "2025-09-26", "2026-09-26"] {
            assert_eq!(duty(month("2025-09"), from, None, day(at)), Duty::NotDue, "{from:?} {at}");
        }
    }
    let counted = Count::of([Duty::NotDue; 32]);
    assert_eq!(counted, Count::default());
    assert_eq!(counted.reported_rate(), None, "a rate of nothing is no rate");
}

#[test]
fn twenty_seven_of_thirty_two_reported_is_84_4_percent_and_five_are_missing() {
    let from = Some(month("2025-09"));
    let duties = (0..32).map(|n| {
        let submitted = (n < 27).then(|| day(if n < 25 { "2025-09-24" } else { "2025-09-25" }));
        duty(month("2025-09"), from, submitted, day("2025-09-26"))
    });
    let count = Count::of(duties);
    assert_eq!(count, Count { due: 32, reported: 27, in_time: 27, missing: 5 });
    assert_eq!(count.reported_rate().expect("something was due").percent(), "84.4%");
}

fn event(seq: i64, on: &str, what: What) -> Event {
    Event { seq, on: day(on), what }
}

fn submitted(seq: i64, on: &str, skips_review: bool) -> Event {
    event(seq, on, What::Submitted { version: seq * 10, skips_review })
}

fn taken(seq: i64, on: &str, step: Step) -> Event {
    event(seq, on, What::Taken(step))
}

#[test]
fn where_a_report_stands_follows_from_what_happened_to_it() {
    let way = [
        submitted(1, "2025-09-24", false),
        taken(2, "2025-09-25", Step::Return),
        submitted(3, "2025-09-27", false),
        taken(4, "2025-09-27", Step::Pass),
        taken(5, "2025-09-28", Step::Return),
        submitted(6, "2025-09-28", false),
        taken(7, "2025-09-29", Step::Pass),
        taken(8, "2025-09-30", Step::Approve),
    ];
    let states = [
        State::DepartmentReview,
        State::Returned,
        State::DepartmentReview,
        State::OfficeReview,
        State::Returned,
        State::DepartmentReview,
        State::OfficeReview,
        State::Approved,
    ];
    for (n, expected) in states.into_iter().enumerate() {
        let now = course(&way[..=n], None);
        assert_eq!(now.state, expected, "after {}", n + 1);
        assert_eq!(now.first_submitted_on, Some(day("2025-09-24")), "it stays reported");
    }
    assert_eq!(course(&way, None).version, Some(60));
    assert_eq!(course(&way, Some(7)).state, State::Approved, "published before it was approved");
    assert_eq!(course(&way, Some(8)).state, State::Published);
    assert_eq!(course(&[], Some(8)), Course::default());
    // 免内审 and 代报 go straight to the office.
    assert_eq!(course(&[submitted(1, "2025-09-24", true)], None).state, State::OfficeReview);
}

#[test]
fn who_takes_a_report_back_has_not_handed_it_in() {
    let mut way = vec![submitted(1, "2025-09-24", false), taken(2, "2025-09-24", Step::Withdraw)];
    let back = course(&way, None);
    assert_eq!((back.state, back.first_submitted_on, back.version), (State::Withdrawn, None, None));
    way.push(submitted(3, "2025-09-27", false));
    assert_eq!(course(&way, None).first_submitted_on, Some(day("2025-09-27")), "late, whatever was tried before");
    // After a return, the first submission stands.
    let way = [
        submitted(1, "2025-09-24", false),
        taken(2, "2025-09-25", Step::Return),
        submitted(3, "2025-09-26", false),
        taken(4, "2025-09-26", Step::Withdraw),
    ];
    let back = course(&way, None);
    assert_eq!(
        (back.state, back.first_submitted_on, back.version),
        (State::Withdrawn, Some(day("2025-09-24")), Some(10))
    );
}

#[test]
fn a_report_can_be_taken_back_until_the_next_step_begins() {
    let first = submitted(1, "2025-09-24", false);
    assert_eq!(course::check_withdraw(&course(&[first], None)), Ok(()));
    for step in [Step::Open, Step::Pass, Step::Return, Step::Approve, Step::Withdraw] {
        let after = course(&[first, taken(2, "2025-09-24", step)], None);
        assert!(matches!(course::check_withdraw(&after), Err(Error::Conflict(_))), "{step:?}");
    }
}

#[test]
fn whoever_submits_does_not_review_and_each_step_has_its_people() {
    let account = |id, role, department: &str| Actor::account(id, vec![role], vec![department.into()]);
    let by = account(11, Role::Reporter, "water").name().to_owned();
    let check = |stage, actor: &Actor| course::check_reviewer(stage, "water", &by, actor);
    assert_eq!(check(Stage::Department, &account(12, Role::Reviewer, "water")), Ok(()));
    assert_eq!(check(Stage::Office, &account(13, Role::Office, "ecology")), Ok(()));
    for (stage, actor) in [
        (Stage::Department, account(11, Role::Reviewer, "water")),
        (Stage::Department, account(12, Role::Reviewer, "parks")),
        (Stage::Department, account(12, Role::Reporter, "water")),
        (Stage::Department, account(13, Role::Office, "water")),
        (Stage::Office, account(12, Role::Reviewer, "water")),
        (Stage::Office, account(11, Role::Office, "ecology")),
    ] {
        assert!(matches!(check(stage, &actor), Err(Error::Forbidden(_))), "{stage:?} {actor:?}");
    }
}

#[test]
fn a_month_must_have_begun_and_reports_must_have_begun_with_it() {
    let check = |of: &str, from: Option<&str>, stage| check_month(month(of), from.map(month), stage, day("2025-09-26"));
    assert_eq!(check("2025-09", Some("2025-09"), "construction"), Ok(()));
    let told = |result: taizhang::error::Result<()>| result.expect_err("refused").to_string();
    assert!(told(check("2025-10", Some("2025-09"), "")).contains("报告期还没有开始（今天 2025-09-26）"));
    assert!(told(check("2025-08", Some("2025-09"), "")).contains("月报自 2025-09 启用"));
    assert!(told(check("2025-09", None, "")).contains("月报尚未启用"));
    assert!(told(check("2025-09", Some("2025-09"), "cancelled")).contains("项目已取消"));
}

#[test]
fn money_is_dated_by_the_end_of_the_month_or_the_day_of_approval() {
    let september = month("2025-09");
    assert_eq!(entry_day(september, day("2025-09-26")), day("2025-09-26"));
    assert_eq!(entry_day(september, day("2025-10-08")), day("2025-09-30"));
    assert!(is_estimate(september, day("2025-09-25")), "five days are still to come");
    assert!(!is_estimate(september, day("2025-09-30")));
}

/// What is wrong, by field.
fn faults(typed: &Typed, base: &str) -> Vec<(String, String)> {
    match typed.read(month("2025-09"), wan(base)) {
        Err(Error::Invalid(faults)) => faults.into_iter().map(|fault| (fault.field, fault.message)).collect(),
        other => panic!("not refused field by field: {other:?}"),
    }
}

#[test]
fn the_cumulative_is_added_up_and_may_not_fall_without_a_reason() {
    let read = |typed: &Typed| typed.read(month("2025-09"), wan("16000"));
    let content = read(&done("2000")).expect("a report");
    assert_eq!(content.cumulative(wan("16000")), Ok(wan("18000")));
    // The year's figure instead of the month's.
    let whole = Typed { completed: String::new(), cumulative: "18,000".into(), ..done("") };
    assert_eq!(read(&whole).expect("a report").completed, wan("2000"));
    let both = Typed { cumulative: "18500".into(), ..done("2000") };
    let told = faults(&both, "16000");
    assert!(told[0].0 == "cumulative" && told[0].1.contains("与累计对不上"), "{told:?}");
    // 15,500 is less than last month's 16,000.
    let falling = Typed { cumulative: "15500".into(), ..done("") };
    let told = faults(&falling, "16000");
    assert!(told[0].0 == "cumulative" && told[0].1.contains("选“这是冲减”并写原因"), "{told:?}");
    let unexplained = Typed { is_reduction: true, ..falling.clone() };
    assert_eq!(faults(&unexplained, "16000")[0], ("reduction_reason".into(), "冲减要写原因".into()));
    let explained = Typed { reduction_reason: "审计核减".into(), ..unexplained };
    assert_eq!(read(&explained).expect("a report").completed, wan("-500"));
    let needless = Typed { is_reduction: true, reduction_reason: "审计核减".into(), ..done("2000") };
    assert_eq!(faults(&needless, "16000")[0].0, "is_reduction");
}

#[test]
fn a_correction_of_december_does_not_count_in_january() {
    let corrected = Typed { correction: "-300".into(), correction_reason: "年底预计偏高".into(), ..done("100") };
    let read = |of: &str, base| corrected.read(month(of), wan(base)).expect("a report").cumulative(wan(base));
    assert_eq!(read("2026-01", "0"), Ok(wan("100")));
    assert_eq!(read("2025-09", "16000"), Ok(wan("15800")));
    let unexplained = Typed { correction_reason: String::new(), ..corrected };
    assert_eq!(faults(&unexplained, "16000")[0].0, "correction_reason");
}

#[test]
fn no_investment_this_month_is_said_and_empty_is_not_zero() {
    let nothing = Typed { is_nothing: true, ..Typed::default() };
    let content = nothing.read(month("2025-09"), wan("0")).expect("a report");
    assert_eq!((content.is_nothing, content.completed), (true, Fen::ZERO));
    let told = faults(&Typed { progress: "无".into(), ..Typed::default() }, "0");
    assert_eq!(told[0].0, "completed");
    assert!(told[0].1.contains("选“本月无投资”"), "{told:?}");
    let told = faults(&Typed { completed: "12".into(), ..nothing }, "0");
    assert!(told[0].1.contains("已选“本月无投资”"), "{told:?}");
}

#[test]
fn every_fault_of_a_report_is_told_at_its_field() {
    let typed = Typed {
        completed: "两千".into(),
        percent: "101".into(),
        forecast: "-1".into(),
        judgement: "蓝".into(),
        lines: vec![
            TypedLine { source: "D1".into(), received: "1.2345678".into(), paid: String::new() },
            TypedLine { source: "D1".into(), received: String::new(), paid: "9".into() },
        ],
        problems: vec![TypedProblem { text: String::new(), counterpart: "某乡".into(), due_on: "十月".into() }],
        ..Typed::default()
    };
    let fields: Vec<String> = faults(&typed, "0").into_iter().map(|(field, _)| field).collect();
    for field in
        ["completed", "progress", "percent", "forecast", "judgement", "received_1", "problem_1", "problem_due_1"]
    {
        assert!(fields.iter().any(|found| found == field), "{field}: {fields:?}");
    }
    // Twelve megabytes of text are too much even for a draft.
    let long = Typed { progress: "长".repeat(4 * 1024 * 1024), ..Typed::default() };
    let told = long.check_draft().expect_err("too long").to_string();
    assert!(told.contains("最多 2000 个字") && told.len() < 1_000, "{told}");
}

#[test]
fn what_is_odd_is_told_and_submitted_all_the_same() {
    let figures = Figures {
        investment: Some(wan("30000")),
        plan: Some(wan("20000")),
        before_year: wan("0"),
        base: wan("16000"),
        ..Figures::default()
    };
    let told = |typed: Typed| {
        let content = typed.read(month("2025-09"), figures.base).expect("a report");
        warnings(&content, &figures).expect("warnings")
    };
    // 18,000 of 30,000 is 60 %: 81 % is 21 points apart, 80 % is not more than 20.
    let percent = |percent: &str| Typed { percent: percent.into(), ..done("2000") };
    assert_eq!(told(percent("81")), ["形象进度 81% 与投资进度 60.0% 相差 21.0 个百分点"]);
    assert_eq!(told(percent("39")), ["形象进度 39% 与投资进度 60.0% 相差 21.0 个百分点"]);
    assert!(told(percent("80")).is_empty() && told(percent("40")).is_empty());
    let line = |received: &str, paid: &str| Typed {
        lines: vec![TypedLine { source: "D1".into(), received: received.into(), paid: paid.into() }],
        ..done("2000")
    };
    assert_eq!(told(line("8000", "9000")), ["支付超过到位 1,000 万元：可能漏报到位，或有垫资"]);
    assert_eq!(told(line("20500", "9000")), ["到位超过年度计划 500 万元"]);
    assert_eq!(told(done("20")), ["本月完成 20 万元，与规划投资额相差悬殊：单位可能不是万元"]);
    assert!(told(done("15000"))[0].contains("超过规划投资额 30,000 万元"));
    assert!(told(Typed { forecast: "17000".into(), ..done("2000") })[0].contains("全年预计少于已完成的 18,000 万元"));
}

#[test]
fn the_rate_needs_a_plan_and_the_gap_is_against_a_straight_line() {
    let figures = Figures { plan: Some(wan("30000")), before_year: wan("500"), ..Figures::default() };
    let seen = outlook(&figures, wan("18000"), month("2025-09")).expect("an outlook");
    let (rate, gap) = seen.rate.expect("a plan");
    assert_eq!((rate.percent(), gap.as_str(), seen.in_all), ("60.0%".into(), "−15.0", wan("18500")));
    for plan in [None, Some(Fen::ZERO)] {
        let figures = Figures { plan, ..Figures::default() };
        assert_eq!(outlook(&figures, wan("18000"), month("2025-09")).expect("an outlook").rate, None);
    }
}
