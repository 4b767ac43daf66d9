//! What people say beside a light, and what it is judged by: the office, owners, leave, profiles, months of a plan.

use taizhang::auth::{Actor, Role};
use taizhang::clock::Instant;
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::light::command::{self, NewExemption, NewJudgement, NewMonths, read_curve};
use taizhang::light::{Light, Sayer};
use taizhang::milestone::FactKind;
use taizhang::milestone::command::{self as milestones, NewFact, NewMilestone};
use taizhang::period::Year;
use taizhang::project::Attribute;
use taizhang::proof;
use taizhang::setting::command::{NewSetting, set};

use super::*;
use crate::monthly::confirm_lead;
use crate::support::{Site, both_with_plan};

use super::facts::{file, light_at, noon, paper, say, under_way};

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
        let told = told.join("\n");
        insta::allow_duplicates!(insta::assert_snapshot!(told, @r"
        document：人工认定要有依据文件：写文号，原件附在文件页
        CY-24 的 2025-09 没有人工认定（办公室）可撤回
        light「done」：可用 red（红灯）、yellow（黄灯）、green（绿灯）、grey（灰灯）
        month「2025-08」：现在判的是 2025-09（2025-09-26 至 2025-10-25）；认定只对本报告期有效，不改以前的月份
        expires_on「2025-10-26」：应在今天（2025-09-26）至 2025-10-25 之间：只在本报告期有效
        "));
        tell(&db, &office(), judgement(Sayer::Office, Some(Light::Green)), Some(paper())).expect("changed");
        let site = Site::over(&db);
        let page = site.get("/projects/CY-24").words();
        assert!(page.contains("人工认定绿灯；系统判定黄灯。"), "{page}");
        assert!(!page.contains("现场核实已开槽"), "the reason is not for the public: {page}");
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
        let inner = site.signed_in(Role::Leader).get("/projects/CY-24?as_of=2025-10-25").words();
        assert!(inner.contains("现场核实已开槽"), "{inner}");
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
            confirm_lead(&db, code);
            file(&db, code, "2025-12");
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
        noon(&db, "2026-01-28");
        ["CY-24", "CY-25"].iter().for_each(|code| file(&db, code, "2026-01"));
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
        noon(&db, "2025-10-24");
        file(&db, "CY-24", "2025-10");
        noon(&db, "2025-10-28");
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
        assert!(site.get("/lights/trial?as_of=2025-10-25").words().contains("试算 WH2022"), "the first other one");
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
        let told = told.join("\n");
        insta::allow_duplicates!(insta::assert_snapshot!(told, @r"
        first_month「2024-12」：不在 2025 年内
        last_month「2025-06」：早于首月 2025-07
        curve「10、20、30」：要 6 个月末累计百分比（2025-07 至 2025-12），每月一个
        curve「10、50、90」：末月 2025-12 应为 100
        curve「50、10、100」：月末累计百分比在 0 至 100 之间，只增不减
        "));
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
