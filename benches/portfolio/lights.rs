//! Lights of 10,000 projects on their page, and of 100,000 computed again for a month.

use std::time::{Duration, Instant};

use taizhang::auth::Actor;
use taizhang::clock::{self, Clock};
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{NewEntry, import};
use taizhang::light::Light;
use taizhang::light::read::{self, View};
use taizhang::measure::Measure;
use taizhang::milestone::command::{NewMilestone, add};
use taizhang::money::Fen;
use taizhang::period::{Day, Precision, Year};
use taizhang::rollup::Deadline;
use taizhang::seed::ProjectRow;
use taizhang::seed::load::{import_projects, load};

use crate::generate::{self, SLUGS};
use crate::{median, ms, pages};

/// The day the last entry was recorded on: the current rows answer for it.
const TODAY: &str = "2025-09-12";

/// Prints the page's medians at 10,000 projects, and the computation's at 100,000.
pub fn measure() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", home.path().join("m.db").display());
    fill(&url, 10_000);
    show(&url);
    let url = format!("sqlite://{}", home.path().join("l.db").display());
    let db = fill(&url, 100_000);
    compute(&db);
}

/// Every address differs, so that none comes from the cache.
fn show(url: &str) {
    let (_running, address) = pages::start(url);
    let mut conn = pages::connect(&address);
    let mut ask = |name: &str, addresses: Vec<String>| {
        let mut bytes = 0;
        let runs: Vec<Duration> = addresses
            .iter()
            .map(|path| {
                let began = Instant::now();
                let (status, body, _) = pages::get(&mut conn, &address, path, None);
                assert_eq!(status, 200, "{path}");
                bytes = body.len();
                began.elapsed()
            })
            .collect();
        let worst = runs.iter().max().copied().unwrap_or_default();
        println!("  {name:<42}{:>12}, worst {} ({} KB)", ms(median(runs)), ms(worst), bytes / 1024);
    };
    let units = ["yuan", "wan", "yi"];
    let listed = |query: &str| units.iter().map(|unit| format!("/lights?as_of={TODAY}&unit={unit}{query}")).collect();
    ask("lights (target ≤ 300 ms)", listed(""));
    ask("by department", listed("&group=department"));
    ask("red only", listed("&light=red"));
    ask("one system", listed("&category=living"));
    ask("as of 2025-08-12", units.iter().map(|unit| format!("/lights?as_of=2025-08-12&unit={unit}")).collect());
    ask(
        "a trial",
        units.iter().map(|unit| format!("/lights/trial?as_of={TODAY}&profile=WH2022&unit={unit}")).collect(),
    );
}

fn compute(db: &Db) {
    for today in ["2025-09-12", "2025-09-28"] {
        db.clock().move_to(noon(today));
        let mut counts = Vec::new();
        let runs = (0..5).map(|_| {
            let began = Instant::now();
            let lights = db.read(|conn| {
                let known = Head::find(conn)?;
                let view = View::at(conn, day(today), &known)?;
                let all = read::all(conn, &view, &Deadline::none())?;
                Ok(all.iter().map(read::Judged::light).collect::<Vec<_>>())
            });
            let lights = lights.expect("computed");
            let count = |light| lights.iter().filter(|one| **one == light).count();
            counts = [Light::Red, Light::Yellow, Light::Green, Light::Grey].map(count).to_vec();
            began.elapsed()
        });
        let took = median(runs.collect());
        println!("  100,000 lights as of {today} (target ≤ 5 s)  {}; red, yellow, green, grey: {counts:?}", ms(took));
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn noon(text: &str) -> clock::Instant {
    clock::Instant::parse(&format!("{text}T12:00:00+08:00")).expect("an instant")
}

fn paper() -> Citation {
    Citation { code: "批-1".into(), title: None, issuer: None, dated: None }
}

/// Projects under construction that report since 2025, with a plan, eight months of money, and for half of them
/// an approved finish.
fn fill(url: &str, projects: usize) -> Db {
    let began = Instant::now();
    let clock = Clock::set_at(generate::first_instant());
    let db = Db::open(url, clock.clone()).expect("an empty database");
    let mut plan = taizhang::seed::embedded().expect("the plan");
    let departments: Vec<String> = plan.departments.iter().map(|department| department.code.clone()).collect();
    plan.projects.clear();
    plan.inferences.clear();
    plan.assertions.clear();
    plan.statements.clear();
    db.write(|tx| load(tx, &Actor::loader(), plan)).expect("loaded");
    for from in (0..projects).step_by(2_000) {
        let rows: Vec<ProjectRow> = (from..from + 2_000).map(|no| project(no, &departments)).collect();
        db.write(move |tx| import_projects(tx, &Actor::operator(), rows, None, paper())).expect("imported");
    }
    for from in (0..projects).step_by(1_000) {
        db.write(move |tx| {
            (from..from + 1_000).step_by(2).try_for_each(|no| {
                let planned = Some((day("2025-07-31"), Precision::Month));
                let new = NewMilestone { project: code(no), code: "N8".into(), name: None, planned };
                add(tx, &Actor::operator(), new, paper()).map(drop)
            })
        })
        .expect("set up");
    }
    clock.move_to(noon("2025-01-10"));
    book(&db, projects, "2025-01-10", &|_| vec![(Measure::Plan, 1_200_000), (Measure::Budget, 900_000)]);
    for month in 1..=9 {
        let on = if month == 9 { "2025-09-11".to_owned() } else { format!("2025-{month:02}-25") };
        clock.move_to(noon(&on));
        book(&db, projects, &on, &|no| {
            vec![
                (Measure::Completed, 40_000 + 8_000 * i64::try_from(no % 10).expect("small")),
                (Measure::Received, 90_000),
                (Measure::Paid, 30_000),
            ]
        });
    }
    clock.move_to(noon("2025-09-12"));
    println!("lights: {projects} projects, made in {:.0} s", began.elapsed().as_secs_f64());
    db
}

fn code(no: usize) -> String {
    format!("P-{no:06}")
}

fn project(no: usize, departments: &[String]) -> ProjectRow {
    ProjectRow {
        code: code(no),
        no: i32::try_from(no).expect("small"),
        name: format!("重点工程第{no}号滨水空间建设工程"),
        content: "新建、改造与提升".into(),
        start_year: 2023,
        end_year: 2025 + i32::try_from(no % 7).expect("small"),
        amount: Fen::new(10_000_000_000_000),
        line: None,
        stated: vec![
            ("category".into(), SLUGS[no % 6].into()),
            ("lead_department".into(), departments[no % departments.len()].clone()),
            ("stage".into(), "construction".into()),
            ("nature".into(), if no % 3 == 0 { "enterprise" } else { "government" }.into()),
            ("reporting_from".into(), "2025-01".into()),
        ],
    }
}

fn book(db: &Db, projects: usize, on: &str, amounts: &dyn Fn(usize) -> Vec<(Measure, i64)>) {
    for from in (0..projects).step_by(5_000) {
        let entries: Vec<NewEntry> = (from..(from + 5_000).min(projects))
            .flat_map(|no| {
                amounts(no).into_iter().map(move |(measure, wan)| NewEntry {
                    project: code(no),
                    measure,
                    kind: Kind::Original,
                    year: Some(Year::parse("2025").expect("a year")),
                    source: (measure == Measure::Paid).then(|| "D1".to_owned()),
                    amount: Fen::new(wan * 1_000_000),
                    occurred_on: day(on),
                    reason: String::new(),
                    is_estimate: false,
                    note: String::new(),
                })
            })
            .collect();
        db.write(move |tx| import(tx, &Actor::operator(), "批-1", entries, paper())).expect("booked");
    }
}
