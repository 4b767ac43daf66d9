//! Lights of 10,000 projects on their page, and of 100,000 computed again for a month.

use std::time::Instant;

use taizhang::auth::Actor;
use taizhang::clock::{self, Clock};
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::journal::store::resolve_known_at;
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
use taizhang::seed::load::import_projects;

use crate::generate::{self, SLUGS};
use crate::{median, ms, pages};

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
    let cookie = pages::sign_in(url);
    let (_running, address) = pages::start(url);
    let mut conn = pages::connect(&address);
    let mut ask = |name, addresses| pages::ask_once(&mut conn, &address, &cookie, name, addresses);
    let units = ["yuan", "wan", "yi"];
    // As it was known on the evening of that day, which is then the present: what everyone asks for.
    let now = "as_of=2025-09-28&known_at=2025-09-28T20:00:00%2B08:00";
    let listed = |query: &str| units.iter().map(|unit| format!("/lights?{now}&unit={unit}{query}")).collect();
    ask("lights (target ≤ 300 ms)", listed(""));
    ask("by department", listed("&group=department"));
    ask("red only", listed("&light=red"));
    ask("one system", listed("&category=living"));
    ask("as of 2025-08-28", units.iter().map(|unit| format!("/lights?as_of=2025-08-28&unit={unit}")).collect());
    ask("a trial", units.iter().map(|unit| format!("/lights/trial?profile=WH2022&{now}&unit={unit}")).collect());
}

/// As known on the evening of each day: the present of that day. Then a day that is past by what is known.
fn compute(db: &Db) {
    db.clock().move_to(noon("2025-09-29"));
    let asked = [("2025-09-12", "2025-09-12"), ("2025-09-28", "2025-09-28"), ("2025-09-12", "2025-09-28")];
    for (today, known) in asked {
        let mut counts = Vec::new();
        let runs = (0..5).map(|_| {
            let began = Instant::now();
            let lights = db.read(|conn| {
                let latest = Head::find(conn)?;
                let evening = format!("{known}T20:00:00+08:00");
                let known = resolve_known_at(conn, Some(&evening), db.clock().now(), &latest)?;
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
        println!(
            "  100,000 lights as of {today}, known {known} (target ≤ 5 s)  {}; red, yellow, green, grey: {counts:?}",
            ms(took)
        );
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
    let departments = generate::without_projects(&db);
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
    // Each month judged below has its report; one in ten has none.
    for (month, on) in [("2025-07", "2025-09-11"), ("2025-08", "2025-09-11"), ("2025-09", "2025-09-24")] {
        clock.move_to(noon(on));
        let filed = (0..projects).filter(|no| no % 10 != 9);
        generate::report(&db, month, filed.map(|no| (code(no), departments[no % departments.len()].clone())));
    }
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
            ("nature".into(), if no.is_multiple_of(3) { "enterprise" } else { "government" }.into()),
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
