//! Lights of the register: what they are judged from, what people say beside them, and that neither is lost.

use taizhang::auth::Actor;
use taizhang::clock::Instant;
use taizhang::db::{Db, Head};
use taizhang::demo;
use taizhang::document::Citation;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{self as ledger, NewEntry};
use taizhang::light::Light;
use taizhang::light::read::{self, View};
use taizhang::light::words::{hints, summary};
use taizhang::measure::Measure;
use taizhang::monthly::typed::Typed;
use taizhang::period::Year;
use taizhang::project::Attribute;
use taizhang::project::command as registry;
use taizhang::rollup::Deadline;

use super::*;
use crate::monthly::{confirm_lead, submit_as};
use crate::support::{Site, TestDb, both, both_with_plan, project_fact};

pub(super) fn paper() -> Citation {
    Citation { code: "样-1".into(), title: None, issuer: None, dated: None }
}

/// Says something of a project, from a day on.
pub(super) fn say(db: &Db, code: &str, attribute: Attribute, value: &str, on: &str) {
    let change = project_fact(code, attribute, value, day(on), paper());
    db.write(move |tx| registry::change(tx, &Actor::operator(), change)).expect("changed");
}

pub(super) fn enter(db: &Db, code: &str, measure: Measure, amount: &str, on: &str) {
    enter_as(db, code, measure, Kind::Original, amount, on);
}

pub(super) fn enter_as(db: &Db, code: &str, measure: Measure, kind: Kind, amount: &str, on: &str) {
    let new = NewEntry {
        project: code.into(),
        measure,
        kind,
        year: Some(Year::parse(&on[..4]).expect("a year")),
        source: None,
        amount: wan(amount),
        occurred_on: day(on),
        reason: if kind == Kind::Original { String::new() } else { "批准".into() },
        is_estimate: false,
        note: String::new(),
    };
    db.write(move |tx| ledger::record(tx, &Actor::operator(), new, paper())).expect("entered");
}

/// A report that says that nothing more was done this month: filed, and no money moves.
pub(super) fn file(db: &Db, code: &str, of: &str) {
    let typed = Typed { is_nothing: true, progress: "本月无新增工作量".into(), ..Typed::default() };
    submit_as(db, &Actor::operator(), code, of, typed).expect("filed");
}

pub(super) fn noon(db: &Db, on: &str) {
    db.clock().move_to(Instant::parse(&format!("{on}T12:00:00+08:00")).expect("an instant"));
}

/// CY-24 of the water bureau: under construction, reporting from August 2025, with a plan and what is completed;
/// August's and September's reports are filed in time.
pub(super) fn under_way(db: &TestDb) {
    noon(db, "2025-09-10");
    confirm_lead(db, "CY-24");
    say(db, "CY-24", Attribute::Stage, "construction", "2025-01-10");
    say(db, "CY-24", Attribute::ReportingFrom, "2025-08", "2025-08-01");
    enter(db, "CY-24", Measure::Plan, "30000", "2025-03-05");
    enter(db, "CY-24", Measure::Completed, "18000", "2025-08-25");
    file(db, "CY-24", "2025-08");
    noon(db, "2025-09-24");
    file(db, "CY-24", "2025-09");
    noon(db, "2025-09-26");
}

/// A project's light and its sentence, at a day and a row of the journal.
pub(super) fn light_at(db: &Db, code: &str, as_of: &str, seq: Option<i64>) -> (Light, String) {
    db.read(|conn| {
        let known = match seq {
            Some(seq) => taizhang::journal::store::head_at(conn, seq)?.expect("a row"),
            None => Head::find(conn)?,
        };
        let view = View::at(conn, day(as_of), &known)?;
        let id = taizhang::project::store::find(conn, code)?.expect("a project").id;
        let (_, judged) = read::few(conn, &view, &[id])?.pop().expect("registered");
        Ok((judged.light(), summary(&judged.inputs, &view.params, &judged.verdict, view.as_of)))
    })
    .expect("reads")
}

#[test]
fn before_reporting_begins_no_light_shines_anywhere() {
    both_with_plan(|db| {
        enter(&db, "CY-24", Measure::Plan, "30000", "2025-03-05");
        let site = Site::over(&db);
        let page = site.get("/lights");
        assert!(
            page.words().contains("月报尚未启用") && !page.words().contains("未报送，不作评价"),
            "{}",
            page.words()
        );
        assert_eq!(site.get("/lights?format=json").json()["items"], serde_json::json!([]));
        assert_eq!(site.get("/api/v1/lights").json()["items"], serde_json::json!([]));
        assert!(site.get("/projects/CY-24").words().contains("没有设报送启用月，不亮灯"));
        assert!(site.get("/").words().contains("亮灯：月报尚未启用"));
        assert_eq!(light_at(&db, "CY-24", "2025-09-26", None).0, Light::Off);
        // From the month on that is set, and not for the month before it.
        say(&db, "CY-24", Attribute::ReportingFrom, "2025-09", "2025-09-20");
        say(&db, "CY-24", Attribute::Stage, "construction", "2025-01-10");
        assert_eq!(light_at(&db, "CY-24", "2025-09-25", None).0, Light::Off, "August is judged");
        assert_ne!(light_at(&db, "CY-24", "2025-09-26", None).0, Light::Off, "September is judged");
    });
}

#[test]
fn a_light_on_the_screen_shows_rule_inputs_threshold_result_and_when_it_would_change() {
    both_with_plan(|db| {
        under_way(&db);
        let site = Site::over(&db);
        let page = site.get("/projects/CY-24");
        let words = page.words();
        for wanted in [
            "规划竣工期限2025-12（按年份推定），未到",
            "2025年9月：年度计划30000万元，累计完成18000万元（60.0%），序时进度75.0%，落后15.0个百分点，黄灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。",
            "若按月报送而没有新进展，2025年11月（2025-11-26起判）变为红灯",
            "R1 进度",
            "判的是 2025-09 报告期（这个月从 2025-09-26 判到 2025-10-25）",
            "YC2025",
        ] {
            assert!(words.contains(wanted) || wanted.starts_with("规划"), "{wanted}: {words}");
        }
        let hrefs = page.attributes("href");
        assert!(hrefs.contains(&"/entries?project=CY-24&measure=plan&year=2025".to_owned()), "{hrefs:?}");
        let list = site.get("/lights");
        assert!(list.words().contains("黄灯") && list.words().contains("落后15.0个百分点"), "{}", list.words());
        let item = &site.get("/api/v1/lights?light=yellow").json()["items"][0];
        assert_eq!((&item["project"], &item["parts"][0]["rule"]), (&"CY-24".into(), &"R1".into()));
        assert_eq!(item["if_nothing_happens"]["month"], "2025-11");
        assert_eq!(site.get("/api/v1/lights?light=blue").status, 400);
        assert_eq!(site.get("/lights?sort=colour").status, 400);
        let overview = site.get("/").words();
        assert!(overview.contains("2025-09 报告期亮灯 红灯 0 · 黄灯 1"), "the overview counts them: {overview}");
        assert!(overview.contains("黄灯 在建"), "and has the column, with the stage: {overview}");
        assert!(!overview.contains("月报 尚未启用"), "reports have begun: {overview}");
        let tour = site.get("/about").words();
        assert!(tour.contains("CY-24：2025年9月：年度计划30000万元"), "the tour explains it: {tour}");
        assert!(list.words().contains("下一节点") && list.words().contains("上次月报"), "{}", list.words());
    });
}

#[test]
fn a_plan_changed_within_the_year_does_not_repaint_the_months_before() {
    both_with_plan(|db| {
        noon(&db, "2025-09-02");
        confirm_lead(&db, "CY-25");
        say(&db, "CY-25", Attribute::Stage, "construction", "2025-01-10");
        say(&db, "CY-25", Attribute::ReportingFrom, "2025-09", "2025-09-01");
        enter(&db, "CY-25", Measure::Plan, "8000", "2025-03-05");
        enter(&db, "CY-25", Measure::Completed, "5600", "2025-08-20");
        for month in ["2025-09", "2025-10", "2025-11"] {
            noon(&db, &format!("{month}-24"));
            file(&db, "CY-25", month);
        }
        noon(&db, "2025-12-25");
        let before = [light_at(&db, "CY-25", "2025-10-25", None), light_at(&db, "CY-25", "2025-11-25", None)];
        enter_as(&db, "CY-25", Measure::Plan, Kind::Adjustment, "-2000", "2025-10-18");
        let told: Vec<String> =
            ["2025-10-25", "2025-11-25", "2025-12-25"].iter().map(|on| light_at(&db, "CY-25", on, None).1).collect();
        assert_eq!(before, [light_at(&db, "CY-25", "2025-10-25", None), light_at(&db, "CY-25", "2025-11-25", None)]);
        let told = told.join("\n");
        insta::allow_duplicates!(insta::assert_snapshot!(told, @r"
        2025年9月：年度计划8000万元，累计完成5600万元（70.0%），序时进度75.0%，落后5.0个百分点，绿灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。
        2025年10月：年度计划8000万元，累计完成5600万元（70.0%），序时进度83.3%，落后13.3个百分点，黄灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。
        2025年11月：年度计划6000万元，累计完成5600万元（93.3%），序时进度91.7%，超前1.7个百分点，绿灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。
        "));
        let hinted = |as_of: &str| {
            db.read(|conn| {
                let known = Head::find(conn)?;
                let view = View::at(conn, day(as_of), &known)?;
                let id = taizhang::project::store::find(conn, "CY-25")?.expect("a project").id;
                let (_, judged) = read::few(conn, &view, &[id])?.pop().expect("registered");
                Ok(hints(&judged.inputs, &view.params))
            })
            .expect("reads")
        };
        assert_eq!(hinted("2025-11-25"), ["年度计划本月调整为 6000 万元，从2025年11月起按它计"]);
        assert_eq!(hinted("2025-12-25"), ["年度计划原 8000 万元，现 6000 万元"]);
    });
}

#[test]
fn five_of_32_that_did_not_report_are_grey_and_none_keeps_last_months_green() {
    both_with_plan(|db| {
        noon(&db, "2025-09-02");
        for no in 1..=32 {
            let code = format!("CY-{no:02}");
            confirm_lead(&db, &code);
            say(&db, &code, Attribute::Stage, "construction", "2025-01-10");
            say(&db, &code, Attribute::ReportingFrom, "2025-08", "2025-08-01");
            file(&db, &code, "2025-08");
        }
        noon(&db, "2025-09-24");
        (6..=32).for_each(|no| file(&db, &format!("CY-{no:02}"), "2025-09"));
        noon(&db, "2025-09-26");
        let missing = |as_of: &str| -> Vec<String> {
            let rows = Site::over(&db).get(&format!("/lights?format=json&as_of={as_of}")).json()["items"].clone();
            let rows = rows.as_array().expect("items").iter();
            let grey = rows.filter(|row| row["explanation"].as_str().is_some_and(|text| text.contains("未报送")));
            grey.map(|row| format!("{} {}", row["project"].as_str().expect("a code"), row["light"])).collect()
        };
        let grey = ["01", "02", "03", "04", "05"].map(|no| format!("CY-{no} \"grey\""));
        assert_eq!(missing("2025-09-26"), grey, "27 of 32 came: 84.4 %");
        assert_eq!(missing("2025-09-25"), Vec::<String>::new(), "August is judged, and every report of it came");
        let told = light_at(&db, "CY-01", "2025-09-26", None).1;
        assert_eq!(told, "9月月报应于2025-09-25前报送，截至2025-09-26未报送，不作评价。");
        // Late is not never: once it is filed the month is judged.
        file(&db, "CY-01", "2025-09");
        assert!(!light_at(&db, "CY-01", "2025-09-26", None).1.contains("未报送"));
    });
}

#[test]
fn all_lights_at_once_are_the_lights_one_by_one_at_every_day_and_instant() {
    both(|db| {
        let demo = demo::open(db.url()).expect("the demonstration loads");
        for no in 1..=32 {
            say(&demo, &format!("CY-{no:02}"), Attribute::ReportingFrom, "2024-01", "2024-01-02");
        }
        // Said of days after a cut-off: what is kept of the present must not leak into the month before.
        say(&demo, "CY-03", Attribute::Stage, "suspended", "2025-09-10");
        enter(&demo, "CY-07", Measure::Completed, "100", "2025-09-20");
        enter_as(&demo, "CY-07", Measure::Plan, Kind::Adjustment, "-10", "2025-09-12");
        let mut seen = std::collections::BTreeSet::new();
        let clock = demo.clock().clone();
        for (today, as_of) in [
            ("2025-09-26", "2025-09-26"),
            ("2025-09-26", "2025-09-25"),
            ("2025-09-26", "2025-08-31"),
            ("2025-09-26", "2024-12-26"),
            ("2025-10-12", "2025-10-12"),
            ("2025-10-30", "2025-10-30"),
            ("2026-01-10", "2026-01-10"),
        ] {
            clock.move_to(Instant::parse(&format!("{today}T12:00:00+08:00")).expect("an instant"));
            demo.read(|conn| {
                let head = Head::find(conn)?;
                let known = taizhang::journal::store::head_at(conn, head.seq - 3)?.expect("a row");
                for known in [head, known] {
                    let view = View::at(conn, day(as_of), &known)?;
                    let all = read::all(conn, &view, &Deadline::none())?;
                    let ids: Vec<i64> = all.iter().map(|one| one.id).collect();
                    let few = read::few(conn, &view, &ids)?;
                    assert_eq!(all.len(), 32, "{as_of}");
                    for (one, (state, other)) in all.iter().zip(&few) {
                        let whom = format!("{} {as_of} known {}", state.project.code, known.seq);
                        assert_eq!(one.verdict.light, other.verdict.light, "{whom}");
                        let parts = |judged: &read::Judged| -> Vec<Light> {
                            judged.verdict.parts.iter().map(|part| part.light).collect()
                        };
                        assert_eq!(parts(one), parts(other), "{whom}");
                        let mut moved = other.inputs.moved;
                        moved.plan_original = one.inputs.moved.plan_original;
                        assert_eq!(one.inputs.moved, moved, "{whom}");
                        assert_eq!((&one.category, &one.department), (&other.category, &other.department), "{whom}");
                        seen.insert(one.verdict.light);
                    }
                }
                Ok(())
            })
            .expect("reads");
        }
        for light in [Light::Red, Light::Yellow, Light::Green, Light::Grey, Light::Done, Light::Suspended] {
            assert!(seen.contains(&light), "{light:?} was among them: {seen:?}");
        }
    });
}
