//! Lights of the register: what they are judged from, what people say beside them, and that neither is lost.

use taizhang::auth::{Actor, Role};
use taizhang::clock::Instant;
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::ledger::Kind;
use taizhang::ledger::command::{self as ledger, NewEntry};
use taizhang::light::command::{self, NewExemption, NewJudgement, NewMonths, read_curve};
use taizhang::light::read::{self, View};
use taizhang::light::words::{hints, summary};
use taizhang::light::{Light, Sayer};
use taizhang::measure::Measure;
use taizhang::milestone::FactKind;
use taizhang::milestone::command::{self as milestones, NewFact, NewMilestone};
use taizhang::period::Year;
use taizhang::project::Attribute;
use taizhang::project::command::{self as registry, Change};
use taizhang::rollup::Deadline;
use taizhang::setting::command::{NewSetting, set};
use taizhang::{demo, proof};

use super::*;
use crate::support::{Site, TestDb, both, both_with_plan};

fn paper() -> Citation {
    Citation { code: "样-1".into(), title: None, issuer: None, dated: None }
}

/// Says something of a project, from a day on.
fn say(db: &Db, code: &str, attribute: Attribute, value: &str, on: &str) {
    let change = Change {
        code: code.into(),
        attribute,
        value: value.into(),
        effective_on: day(on),
        document: paper(),
        reason: String::new(),
    };
    db.write(move |tx| registry::change(tx, &Actor::operator(), change)).expect("changed");
}

fn enter(db: &Db, code: &str, measure: Measure, amount: &str, on: &str) {
    enter_as(db, code, measure, Kind::Original, amount, on);
}

fn enter_as(db: &Db, code: &str, measure: Measure, kind: Kind, amount: &str, on: &str) {
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

/// CY-24 of the water bureau: under construction, reporting from August 2025, with a plan and what is completed.
fn under_way(db: &TestDb) {
    say(db, "CY-24", Attribute::Stage, "construction", "2025-01-10");
    say(db, "CY-24", Attribute::ReportingFrom, "2025-08", "2025-08-01");
    enter(db, "CY-24", Measure::Plan, "30000", "2025-03-05");
    enter(db, "CY-24", Measure::Completed, "18000", "2025-08-25");
}

/// A project's light and its sentence, at a day and a row of the journal.
fn light_at(db: &Db, code: &str, as_of: &str, seq: Option<i64>) -> (Light, String) {
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
            "判的是 2025-09 报告期（2025-09-26 至 2025-10-25）",
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
        assert!(site.get("/").words().contains("2025-09 报告期"), "the overview has the column");
    });
}

#[test]
fn a_plan_changed_within_the_year_does_not_repaint_the_months_before() {
    both_with_plan(|db| {
        say(&db, "CY-25", Attribute::Stage, "construction", "2025-01-10");
        say(&db, "CY-25", Attribute::ReportingFrom, "2025-04", "2025-04-01");
        enter(&db, "CY-25", Measure::Plan, "8000", "2025-03-05");
        enter(&db, "CY-25", Measure::Completed, "2600", "2025-05-20");
        let before = [light_at(&db, "CY-25", "2025-06-25", None), light_at(&db, "CY-25", "2025-07-25", None)];
        enter_as(&db, "CY-25", Measure::Plan, Kind::Adjustment, "-2000", "2025-06-18");
        let told: Vec<String> = ["2025-06-25", "2025-07-25", "2025-08-25"]
            .iter()
            .map(|on| light_at(&db, "CY-25", on, None).1.split("，黄").next().expect("words").to_owned())
            .collect();
        assert_eq!(before, [light_at(&db, "CY-25", "2025-06-25", None), light_at(&db, "CY-25", "2025-07-25", None)]);
        insta::assert_snapshot!(told.join("\n"), @r"
        2025年5月：年度计划8000万元，累计完成2600万元（32.5%），序时进度41.7%，落后9.2个百分点，绿灯（YC2025：落后10~30个百分点亮黄灯，超过30个亮红灯）。
        2025年6月：年度计划8000万元，累计完成2600万元（32.5%），序时进度50.0%，落后17.5个百分点
        2025年7月：年度计划6000万元，累计完成2600万元（43.3%），序时进度58.3%，落后15.0个百分点
        ");
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
        assert_eq!(hinted("2025-07-25"), ["年度计划本月调整为 6000 万元，从2025年7月起按它计"]);
        assert_eq!(hinted("2025-08-25"), ["年度计划原 8000 万元，现 6000 万元"]);
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

fn office() -> Actor {
    Actor::account(1, vec![Role::Office], Vec::new())
}

fn judgement(sayer: Sayer, light: Option<Light>) -> NewJudgement {
    NewJudgement {
        project: "CY-24".into(),
        month: month("2025-09"),
        sayer,
        light,
        reason: "现场核实已开槽".into(),
        expires_on: None,
    }
}

fn tell(db: &Db, actor: &Actor, new: NewJudgement, document: Option<Citation>) -> Result<Head> {
    let actor = actor.clone();
    db.write(move |tx| command::say(tx, &actor, &new, document.as_ref()))
}

#[test]
fn the_office_changes_a_light_for_one_month_and_the_computed_one_stands_beside() {
    both_with_plan(|db| {
        let early = tell(&db, &office(), judgement(Sayer::Office, Some(Light::Green)), Some(paper()));
        assert!(matches!(early, Err(Error::Conflict(_))), "no light shines yet: {early:?}");
        under_way(&db);
        assert_eq!(light_at(&db, "CY-24", "2025-09-26", None).0, Light::Yellow);
        let refused = [
            tell(&db, &office(), judgement(Sayer::Office, Some(Light::Green)), None),
            tell(&db, &office(), judgement(Sayer::Office, None), None),
            tell(&db, &office(), judgement(Sayer::Office, Some(Light::Done)), Some(paper())),
            tell(
                &db,
                &office(),
                NewJudgement { month: month("2025-08"), ..judgement(Sayer::Office, Some(Light::Green)) },
                Some(paper()),
            ),
            tell(
                &db,
                &office(),
                NewJudgement { expires_on: Some(day("2025-10-26")), ..judgement(Sayer::Office, Some(Light::Green)) },
                Some(paper()),
            ),
        ];
        let told: Vec<String> = refused.into_iter().map(|one| one.expect_err("refused").to_string()).collect();
        insta::assert_snapshot!(told.join("\n"), @"");
        tell(&db, &office(), judgement(Sayer::Office, Some(Light::Green)), Some(paper())).expect("changed");
        let site = Site::over(&db);
        let page = site.get("/projects/CY-24").words();
        assert!(page.contains("人工认定绿灯；系统判定黄灯。") && page.contains("现场核实已开槽"), "{page}");
        let item = site.get("/lights?format=json").json()["items"][0].clone();
        assert_eq!(
            (&item["light"], &item["computed_light"], &item["office_light"]),
            (&"green".into(), &"yellow".into(), &"green".into())
        );
        assert_eq!(light_at(&db, "CY-24", "2025-09-26", None).0, Light::Green);
        // It lapses with the report month, and the month before was never touched.
        db.clock().move_to(Instant::parse("2025-11-30T12:00:00+08:00").expect("an instant"));
        assert_eq!(light_at(&db, "CY-24", "2025-10-25", None).0, Light::Green);
        assert_ne!(light_at(&db, "CY-24", "2025-10-26", None).0, Light::Green);
        assert!(light_at(&db, "CY-24", "2025-09-25", None).1.contains("2025年8月"));
        let proofs = db.read(|conn| proof::check(conn, &mut |_| {})).expect("proves");
        assert!(proofs.iter().all(proof::Proof::holds), "the chain holds what was said");
    });
}

#[test]
fn owners_and_supervisors_say_their_own_of_what_they_lead_and_the_public_hears_none_of_it() {
    both_with_plan(|db| {
        under_way(&db);
        let own = |role, department: &str| Actor::account(2, vec![role], vec![department.into()]);
        let lead = db
            .read(|conn| {
                let seq = Head::find(conn)?.seq;
                taizhang::project::store::find_state(conn, "CY-24", day("2025-09-26"), seq)
            })
            .expect("reads")
            .expect("a project")
            .value(Attribute::LeadDepartment)
            .to_owned();
        let red = || judgement(Sayer::Owner, Some(Light::Red));
        assert!(matches!(tell(&db, &own(Role::Reporter, "nobody"), red(), None), Err(Error::Forbidden(_))));
        assert!(matches!(tell(&db, &own(Role::Reviewer, &lead), red(), None), Err(Error::Forbidden(_))));
        assert!(matches!(tell(&db, &office(), red(), None), Err(Error::Forbidden(_))));
        assert!(matches!(
            tell(&db, &own(Role::Reporter, &lead), judgement(Sayer::Office, Some(Light::Green)), Some(paper())),
            Err(Error::Forbidden(_))
        ));
        tell(&db, &own(Role::Reporter, &lead), red(), None).expect("said");
        tell(&db, &own(Role::Reviewer, &lead), judgement(Sayer::Supervisor, Some(Light::Grey)), None).expect("said");
        assert_eq!(light_at(&db, "CY-24", "2025-09-26", None).0, Light::Yellow, "nothing is changed by it");
        let site = Site::over(&db);
        let inner = site.signed_in(Role::Leader).get("/projects/CY-24").words();
        assert!(inner.contains("填报单位自评") && inner.contains("主管部门评"), "{inner}");
        let public = site.get("/projects/CY-24").words();
        assert!(!public.contains("填报单位自评") && !public.contains("现场核实"), "{public}");
        let said = tell(&db, &own(Role::Reporter, &lead), judgement(Sayer::Owner, None), None);
        said.expect("taken back");
        assert!(!site.signed_in(Role::Leader).get("/projects/CY-24").words().contains("填报单位自评"));
    });
}

#[test]
fn a_late_start_with_leave_is_green_until_the_leave_ends_and_the_lists_are_the_counts() {
    both_with_plan(|db| {
        db.clock().move_to(Instant::parse("2025-12-30T12:00:00+08:00").expect("an instant"));
        for code in ["CY-24", "CY-25"] {
            say(&db, code, Attribute::Stage, "preparation", "2025-01-10");
            say(&db, code, Attribute::ReportingFrom, "2025-06", "2025-06-01");
            let new = NewMilestone {
                project: code.into(),
                code: "N5".into(),
                name: None,
                planned: Some(Precision::parse_date("2025-10").expect("a month")),
            };
            db.write(move |tx| milestones::add(tx, &Actor::operator(), new, paper())).expect("planned");
        }
        let new = NewExemption {
            project: "CY-25".into(),
            effective_on: None,
            expires_on: day("2026-01-20"),
            approver: "区政府专题会".into(),
            reason: "地块未移交".into(),
        };
        let wrong = NewExemption { expires_on: day("2028-12-31"), ..new.clone() };
        let refused = db.write(move |tx| command::exempt(tx, &office(), &wrong, &paper()));
        assert!(refused.expect_err("too long").to_string().contains("豁免最长 2 年"));
        db.write(move |tx| command::exempt(tx, &office(), &new, &paper())).expect("exempt");
        assert!(light_at(&db, "CY-24", "2025-12-30", None).1.contains("连续3个月应开未开，红灯"));
        assert!(!light_at(&db, "CY-25", "2025-12-30", None).1.contains("红灯"));
        let site = Site::over(&db);
        let page = site.get("/projects/CY-25").words();
        assert!(page.contains("已3个月未开，已豁免，至2026-01-20，绿灯"), "{page}");
        // P3: the list of what should have begun is as long as the K lights that are yellow or red.
        let count = |address: &str| site.get(address).json()["items"].as_array().expect("items").len();
        let rows = site.get("/lights?format=json").json()["items"].as_array().expect("items").clone();
        let k =
            rows.iter().filter(|row| ["red", "yellow"].contains(&row["start"].as_str().unwrap_or_default())).count();
        assert_eq!((count("/lights?format=json&late=start"), k), (1, 1));
        assert!(site.get("/lights").words().contains("应开未开 1 项"));
        let e =
            rows.iter().filter(|row| ["red", "yellow"].contains(&row["finish"].as_str().unwrap_or_default())).count();
        assert_eq!(count("/lights?format=json&late=finish"), e);
        // 补开工: K does not apply any more; the months before keep their red.
        let met = NewFact {
            project: "CY-24".into(),
            milestone: "N5".into(),
            kind: FactKind::Met,
            on: Precision::parse_date("2026-01-08").expect("a day"),
            effective_on: None,
            reason: String::new(),
            evidence: "开工令".into(),
            seen: None,
        };
        db.clock().move_to(Instant::parse("2026-01-28T12:00:00+08:00").expect("an instant"));
        db.write(move |tx| milestones::record(tx, &Actor::operator(), met, paper())).expect("begun");
        assert!(!light_at(&db, "CY-24", "2026-01-28", None).1.contains("应开未开"));
        assert!(light_at(&db, "CY-24", "2026-01-25", None).1.contains("连续3个月应开未开，红灯"));
        assert!(light_at(&db, "CY-25", "2026-01-28", None).1.contains("连续4个月应开未开，红灯"), "the leave is over");
    });
}

#[test]
fn another_profile_is_tried_without_touching_anything_and_set_without_repainting_the_past() {
    both_with_plan(|db| {
        under_way(&db);
        db.clock().move_to(Instant::parse("2025-10-28T12:00:00+08:00").expect("an instant"));
        let before = db.read(Head::find).expect("head");
        let september = light_at(&db, "CY-24", "2025-10-25", None);
        let site = Site::over(&db);
        let trial = site.get("/lights/trial?profile=WH2022&as_of=2025-10-25");
        let words = trial.words();
        assert!(words.contains("1 项中 1 项会变。") || words.contains("32 项中 1 项会变。"), "{words}");
        assert!(words.contains("为序时进度的80.0000%，绿灯（WH2022"), "{words}");
        let rows = site.get("/lights/trial?profile=WH2022&as_of=2025-10-25&format=json").json()["items"].clone();
        assert_eq!(rows.as_array().expect("items").len(), 1);
        assert_eq!((&rows[0]["light"], &rows[0]["trial_light"]), (&"yellow".into(), &"green".into()));
        assert_eq!(site.get("/lights/trial").status, 400);
        assert_eq!(site.get("/lights/trial?profile=XX").status, 400);
        assert_eq!(db.read(Head::find).expect("head"), before, "a trial writes nothing");
        let new = NewSetting {
            name: "light_profile".into(),
            value: "WH2022".into(),
            effective_on: None,
            reason: "办公室选用".into(),
        };
        db.write(move |tx| set(tx, &office(), new)).expect("set");
        assert_eq!(light_at(&db, "CY-24", "2025-10-25", None), september, "September keeps the rules of its time");
        assert!(light_at(&db, "CY-24", "2025-10-28", None).1.contains("WH2022"));
        assert!(light_at(&db, "CY-24", "2025-10-28", Some(before.seq)).1.contains("YC2025"), "as it was known");
    });
}

#[test]
fn the_months_and_the_curve_of_a_plan_are_dated_facts() {
    both_with_plan(|db| {
        under_way(&db);
        let new = |first: &str, last: &str, curve: &str| NewMonths {
            project: "CY-24".into(),
            year: Year::parse("2025").expect("a year"),
            first: month(first),
            last: month(last),
            curve: read_curve(curve).unwrap_or_default(),
            effective_on: None,
            reason: "7 月才下达".into(),
        };
        let planner = Actor::account(3, vec![Role::Planner], Vec::new());
        let put = |new: NewMonths| {
            let actor = planner.clone();
            db.write(move |tx| command::set_months(tx, &actor, &new, &paper()))
        };
        let refused = [
            put(new("2024-12", "2025-12", "")),
            put(new("2025-07", "2025-06", "")),
            put(new("2025-07", "2025-12", "10 20 30")),
            put(new("2025-10", "2025-12", "10 50 90")),
            put(new("2025-10", "2025-12", "50 10 100")),
        ];
        let told: Vec<String> = refused.into_iter().map(|one| one.expect_err("refused").to_string()).collect();
        insta::assert_snapshot!(told.join("\n"), @"");
        assert!(read_curve("37.555").is_err() && read_curve("a").is_err());
        assert_eq!(read_curve("10%、37.5，100").expect("a curve"), [1_000, 3_750, 10_000]);
        put(new("2025-07", "2025-12", "")).expect("set");
        assert!(light_at(&db, "CY-24", "2025-09-26", None).1.contains("序时进度50.0%，超前10.0个百分点，绿灯"));
        assert!(light_at(&db, "CY-24", "2025-09-25", None).1.contains("序时进度66.7%"), "August keeps its own");
        assert!(matches!(put(new("2025-07", "2025-12", "")), Err(Error::Conflict(_))), "nothing changed");
        put(new("2025-07", "2025-12", "10 40 90 95 98 100")).expect("set again");
        assert!(light_at(&db, "CY-24", "2025-09-26", None).1.contains("序时进度90.0%，落后30.0000个百分点，黄灯"));
    });
}

#[test]
fn forms_say_what_they_do_and_refuse_what_the_rules_refuse() {
    both_with_plan(|db| {
        under_way(&db);
        let site = Site::over(&db);
        let office = site.signed_in(Role::Office);
        let page = office.get("/projects/CY-24/light/say");
        assert!(page.words().contains("系统判定") && page.words().contains("黄灯"), "{}", page.words());
        let bare =
            office.post("/projects/CY-24/light/say", &[("month", "2025-09"), ("kind", "office"), ("light", "green")]);
        assert_eq!(bare.status, 400, "{}", bare.words());
        let fields = [
            ("month", "2025-09"),
            ("kind", "office"),
            ("light", "green"),
            ("reason", "现场核实"),
            ("document", "朝专〔2025〕9号"),
        ];
        let done = office.post("/projects/CY-24/light/say", &fields);
        assert_eq!(done.status, 303, "{}", done.words());
        assert!(done.header("location").starts_with("/projects/CY-24?done="), "{}", done.header("location"));
        let planner = site.signed_in(Role::Planner);
        let fields = [
            ("year", "2025"),
            ("first_month", "2025-07"),
            ("last_month", "2025-12"),
            ("reason", "7 月下达"),
            ("document", "朝发改〔2025〕3号"),
        ];
        assert_eq!(planner.post("/projects/CY-24/light/months", &fields).status, 303);
        assert!(planner.get("/projects/CY-24/light/months").words().contains("2025-07 至 2025-12"));
        let fields = [
            ("approver", "区政府专题会"),
            ("reason", "地块未移交"),
            ("expires_on", "2025-12-31"),
            ("document", "朝专〔2025〕9号"),
        ];
        assert_eq!(office.post("/projects/CY-24/light/exempt", &fields).status, 303);
        // Who may not does not even see the form.
        let finance = site.signed_in(Role::Finance);
        for form in ["say", "exempt", "months"] {
            assert_eq!(finance.get(&format!("/projects/CY-24/light/{form}")).status, 403, "{form}");
            assert_eq!(site.get(&format!("/projects/CY-24/light/{form}")).status, 303, "{form}: sign in first");
        }
        let other = site.signed_in_as(&[Role::Reporter], &["water"]);
        let lead = light_lead(&db);
        let answer = other.get("/projects/CY-24/light/say");
        assert_eq!(answer.status, if lead == "water" { 200 } else { 404 }, "{}", answer.words());
    });
}

fn light_lead(db: &Db) -> String {
    db.read(|conn| {
        let seq = Head::find(conn)?.seq;
        taizhang::project::store::find_state(conn, "CY-24", day("2025-09-26"), seq)
    })
    .expect("reads")
    .map(|state| state.value(Attribute::LeadDepartment).to_owned())
    .unwrap_or_default()
}
