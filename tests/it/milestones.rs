//! Milestones: what can be in their order, templates, the slip ledger, and what public sources say.

use taizhang::auth::{Actor, Role};
use taizhang::db::Head;
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::milestone::command::{self, NewFact, NewMilestone, NewSet, Noted};
use taizhang::milestone::public::{self, Confirmation, Quality, Standing, Statement, standing};
use taizhang::milestone::template::Template;
use taizhang::milestone::{FactKind, slip, store};
use taizhang::period::{Day, Precision};
use taizhang::proof;
use taizhang::rollup::{Deadline, Filter, Scope, rollup};

use crate::support::{TestDb, both_with_plan};

fn paper() -> Citation {
    Citation { code: "样-1".into(), title: None, issuer: None, dated: None }
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn date(text: &str) -> (Day, Precision) {
    Precision::parse_date(text).expect("a date")
}

fn set_up(db: &TestDb, project: &str, template: Template, planned: &[(&str, &str)]) -> Result<Noted> {
    let planned = planned.iter().map(|(code, on)| ((*code).to_owned(), date(on))).collect();
    let new = NewSet { project: project.into(), template, planned };
    db.write(move |tx| command::set_up(tx, &Actor::operator(), new, paper()))
}

fn fact(project: &str, code: &str, kind: FactKind, on: &str, reason: &str) -> NewFact {
    NewFact {
        project: project.into(),
        milestone: code.into(),
        kind,
        on: date(on),
        effective_on: None,
        reason: reason.into(),
        evidence: String::new(),
        seen: None,
    }
}

fn say(db: &TestDb, code: &str, kind: FactKind, on: &str, reason: &str) -> Result<Noted> {
    let new = fact("CY-24", code, kind, on, reason);
    db.write(move |tx| command::record(tx, &Actor::operator(), new, paper()))
}

fn told(result: Result<Noted>) -> String {
    match result {
        Ok(noted) if noted.warnings.is_empty() => "记入".into(),
        Ok(noted) => format!("记入；请核对：{}", noted.warnings.join("；")),
        Err(error) => format!("拒绝：{error}"),
    }
}

fn head(db: &TestDb) -> i64 {
    db.read(Head::find).expect("head").seq
}

fn is_proved(db: &TestDb) {
    let proofs = db.read(|conn| proof::check(conn, &mut |_| ())).expect("the check runs");
    let wrong: Vec<_> = proofs.iter().filter(|proof| !proof.differences.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_template_sets_up_what_the_project_lacks_in_one_command() {
    both_with_plan(|db| {
        let before = head(&db);
        set_up(&db, "CY-24", Template::Construction, &[("N5", "2025-03"), ("N8", "2025Q4")]).expect("set up");
        assert_eq!(head(&db), before + 1, "one journal row");
        let project = db.read(|conn| taizhang::project::store::find(conn, "CY-24")).expect("read").expect("CY-24").id;
        let list = || db.read(|conn| store::list(conn, project - 1, project, day("2025-09-26"), i64::MAX));
        let codes: Vec<String> = list().expect("list").into_iter().map(|(milestone, _)| milestone.code).collect();
        assert_eq!(codes, ["N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "N9", "N10"]);
        let again = set_up(&db, "CY-24", Template::Construction, &[]).expect_err("all there");
        assert_eq!(again, Error::Conflict("CY-24 已经有这套节点的全部 10 个".into()));
        // A project that has one already keeps it: CY-13's 主体完工 is a public fact.
        set_up(&db, "CY-13", Template::Construction, &[]).expect("set up");
        let wrong = set_up(&db, "CY-05", Template::Study, &[("N5", "2025-03")]).expect_err("not of this set");
        assert!(wrong.to_string().contains("这套节点里没有；可用 S1、S2、S3、S4"), "{wrong}");
        is_proved(&db);
    });
}

#[test]
fn what_cannot_be_is_refused_and_what_is_odd_is_told() {
    both_with_plan(|db| {
        set_up(&db, "CY-24", Template::Construction, &[("N5", "2024-10"), ("N8", "2025-11")]).expect("set up");
        let new = NewMilestone { project: "CY-24".into(), code: "S1".into(), name: None, planned: None };
        db.write(move |tx| command::add(tx, &Actor::operator(), new, paper())).expect("added");
        let mut lines = Vec::new();
        for (code, kind, on, reason) in [
            ("N5", FactKind::Met, "2025-10-01", ""),
            ("N8", FactKind::Plan, "2024-09", ""),
            ("N8", FactKind::Forecast, "2026-03", ""),
            ("N8", FactKind::Forecast, "2026-03", "征地未完成"),
            ("N8", FactKind::Forecast, "2026-02", ""),
            ("N8", FactKind::Forecast, "2025-08", ""),
            ("N5", FactKind::Met, "2025-03-10", ""),
            ("N5", FactKind::Met, "2025-04-10", ""),
            ("S1", FactKind::Met, "2025-04-10", ""),
            ("N8", FactKind::Met, "2025-02-28", ""),
            ("N7", FactKind::Met, "2025-08", ""),
            ("N9", FactKind::Met, "2025-09-01", ""),
            ("N8", FactKind::Reopened, "2025-09-01", "返工"),
        ] {
            lines.push(format!(
                "{code} {} {on} {reason}　{}",
                taizhang::milestone::kind_label(kind),
                told(say(&db, code, kind, on, reason))
            ));
        }
        insta::allow_duplicates! { insta::assert_snapshot!(lines.join("\n"), @"
        N5 完成 2025-10-01 　拒绝：on「2025-10-01」：晚于今天（2025-09-26）；事实不能记在将来
        N8 计划 2024-09 　拒绝：on「2024-09」：计划的先后不对：竣工验收 2024-09 早于开工 2024-10；核对两个日期
        N8 预计 2026-03 　拒绝：reason：比上次说的 2025-11 晚 121 天，要写原因
        N8 预计 2026-03 征地未完成　记入；请核对：2026-03 晚于规划年限（2025 年底）
        N8 预计 2026-02 　记入；请核对：2026-02 晚于规划年限（2025 年底）
        N8 预计 2025-08 　记入；请核对：预计日期 2025-08 已过；已经完成的请记完成，没有完成的请写新的预计日期
        N5 完成 2025-03-10 　记入；请核对：初设概算批复还没有记完成
        N5 完成 2025-04-10 　拒绝：节点已于 2025-03-10 完成；如有误，先重开
        S1 完成 2025-04-10 　拒绝：项目已于 2025-03-10 开工，不能再记启动；如有误，先重开那个节点
        N8 完成 2025-02-28 　拒绝：on「2025-02-28」：完成的先后不对：竣工验收 2025-02-28 早于开工 2025-03-10；核对两个日期
        N7 完成 2025-08 　记入；请核对：主体过半还没有记完成
        N9 完成 2025-09-01 　记入；请核对：竣工验收还没有记完成
        N8 重开 2025-09-01 返工　拒绝：节点尚未完成，不能重开
        "); }
        is_proved(&db);
    });
}

#[test]
fn an_owner_writes_only_what_the_own_department_leads() {
    both_with_plan(|db| {
        let before = head(&db);
        let owner = |department: &str| Actor::account(7, vec![Role::Reporter], vec![department.into()]);
        let new = || NewSet { project: "CY-24".into(), template: Template::Construction, planned: Vec::new() };
        let other = owner("parks");
        let refused = db.write(move |tx| command::set_up(tx, &other, new(), paper())).expect_err("not theirs");
        assert_eq!(refused, Error::Forbidden("只能填报本部门牵头的项目".into()));
        assert_eq!(head(&db), before);
        let own = owner("water");
        db.write(move |tx| command::set_up(tx, &own, new(), paper())).expect("CY-24 is led by 水务局");
    });
}

#[test]
fn the_first_plan_stays_the_yardstick_of_every_later_date() {
    both_with_plan(|db| {
        set_up(&db, "CY-24", Template::Construction, &[("N8", "2025-06-30")]).expect("set up");
        for (kind, on, reason) in [
            (FactKind::Forecast, "2025-08-31", "征地未完成"),
            (FactKind::Plan, "2025-07-31", "批准顺延"),
            (FactKind::Forecast, "2025-07-20", ""),
            (FactKind::Met, "2025-07-10", ""),
        ] {
            say(&db, "N8", kind, on, reason).expect("recorded");
        }
        let all = db.read(|conn| store::list(conn, 0, i64::MAX, day("2025-09-26"), i64::MAX)).expect("list");
        let (_, facts) = all.iter().find(|(milestone, _)| milestone.code == "N8").expect("N8");
        let rows: Vec<String> = slip::ledger(facts)
            .expect("a ledger")
            .iter()
            .map(|(slip, _)| {
                format!("{:?} {} {:?} {:?}", slip.kind, slip.on, slip.against_first, slip.against_previous)
            })
            .collect();
        insta::allow_duplicates! { insta::assert_snapshot!(rows.join("\n"), @"
        Plan 2025-06-30 None None
        Forecast 2025-08-31 Some(62) Some(62)
        Plan 2025-07-31 Some(31) Some(-31)
        Forecast 2025-07-20 Some(20) Some(-11)
        Met 2025-07-10 Some(10) Some(-10)
        "); }
    });
}

#[test]
fn a_project_is_late_against_the_plans_own_year_whatever_is_approved_later() {
    assert_eq!(slip::months_after(2025, day("2025-12-31")), 0);
    assert_eq!(slip::months_after(2025, day("2026-01-01")), 1);
    assert_eq!(slip::months_after(2025, day("2027-03-31")), 15);
}

#[test]
fn public_facts_count_and_leads_do_not() {
    both_with_plan(|db| {
        let counts = |db: &TestDb| {
            db.read(|conn| {
                let known = Head::find(conn)?;
                let scope = Scope { as_of: day("2025-09-26"), known, by: vec![], filter: Filter::default() };
                Ok(rollup(conn, &scope, &Deadline::none())?.total.milestones.expect("counted"))
            })
            .expect("a rollup")
        };
        let (before, clues) = (counts(&db), db.read(|conn| store::list_clues(conn, None, i64::MAX)).expect("clues"));
        assert_eq!((before.planned, before.met, before.late), (0, 1, 0), "CY-13's 主体完工 alone");
        let leads: Vec<_> =
            clues.iter().filter(|(clue, answer)| standing(clue, answer.as_ref()) == Standing::Lead).collect();
        assert!(leads.len() >= 10, "{}", leads.len());
        assert!(leads.iter().all(|(clue, _)| clue.source_quality == "reprint"));
        // 26 began in 2023-04, or at the beginning of the year: both stay.
        let begun = clues.iter().filter(|(clue, _)| clue.text.contains("二期 2023 年") && clue.milestone_code == "N5");
        assert_eq!(begun.count(), 2);
        // Not published yet on the day of loading: not taken in then, and later it is.
        assert!(clues.iter().all(|(clue, _)| clue.published_on.is_none_or(|on| on <= 20_250_901)), "loaded 2025-09-01");
        let rows = taizhang::seed::read_statements(None).expect("compiled in");
        let all = rows.len();
        let brought = db.write(move |tx| public::import(tx, &Actor::operator(), &rows)).expect("imported").1;
        assert_eq!((brought.facts, brought.clues, brought.later), (0, 1, 1), "2025-09-02 is out by now: {brought:?}");
        assert_eq!(brought.known + brought.clues + brought.later, all);
        assert_eq!(counts(&db), before);
        is_proved(&db);
    });
}

#[test]
fn a_confirmed_lead_becomes_a_milestone_that_cites_it() {
    both_with_plan(|db| {
        let clues = db.read(|conn| store::list_clues(conn, None, i64::MAX)).expect("clues");
        let approved =
            clues.iter().map(|(clue, _)| clue).find(|clue| clue.milestone_code == "N1").expect("29's approval");
        let new = Confirmation { clue: approved.id, reason: "已见批复原件".into(), ..Confirmation::default() };
        let again = new.clone();
        let citation =
            || Citation { code: "京发改（审）〔2023〕1号".into(), title: None, issuer: None, dated: None };
        db.write(move |tx| public::confirm_clue(tx, &Actor::operator(), &new, citation())).expect("confirmed");
        let told = db.read(|conn| store::list(conn, 0, i64::MAX, day("2025-09-26"), i64::MAX)).expect("list");
        let (_, facts) = told.iter().find(|(milestone, _)| milestone.code == "N1").expect("a milestone");
        assert_eq!((facts[0].kind, facts[0].happens_on), (FactKind::Met.code(), 20_230_228));
        assert_eq!(facts[0].source_url, approved.source_url);
        let refused = db.write(move |tx| public::confirm_clue(tx, &Actor::operator(), &again, citation()));
        assert_eq!(refused, Err(Error::Conflict(format!("公开信息 {} 已经确认", approved.id))));
        // What is no milestone needs one; what is not to be believed is dismissed once.
        let loose =
            clues.iter().map(|(clue, _)| clue).find(|clue| clue.milestone_code.is_empty()).expect("a loose one").id;
        let bare = Confirmation { clue: loose, reason: "见原文".into(), ..Confirmation::default() };
        let refused =
            db.write(move |tx| public::confirm_clue(tx, &Actor::operator(), &bare, citation())).expect_err("which?");
        assert!(refused.to_string().contains("没有对应的节点"), "{refused}");
        db.write(move |tx| public::dismiss_clue(tx, &Actor::operator(), loose, "原文查不到", None)).expect("dismissed");
        let twice = db.write(move |tx| public::dismiss_clue(tx, &Actor::operator(), loose, "再次", None));
        assert_eq!(twice, Err(Error::Conflict(format!("公开信息 {loose} 已定为不采信"))));
        is_proved(&db);
    });
}

#[test]
fn a_statement_is_a_fact_only_when_it_happened_and_its_source_is_first_hand() {
    let one = |happened, quality, milestone: &str| Statement {
        project: "CY-01".into(),
        milestone: milestone.into(),
        name: String::new(),
        happened,
        on: date("2024"),
        text: "文".into(),
        source: "S".into(),
        source_title: String::new(),
        publisher: String::new(),
        published: None,
        url: "http://a".into(),
        quality,
        note: String::new(),
    };
    for (happened, quality, milestone, wanted) in [
        (true, Quality::Official, "N5", true),
        (true, Quality::Media, "N5", true),
        (true, Quality::Reprint, "N5", false),
        (false, Quality::Official, "N5", false),
        (true, Quality::Media, "", false),
    ] {
        assert_eq!(one(happened, quality, milestone).is_fact(), wanted, "{happened} {quality:?} {milestone}");
    }
}
