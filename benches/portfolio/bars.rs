//! The bars of 10,000 projects with five milestones each: a page of a hundred, first seen.

use std::time::Instant;

use taizhang::auth::Actor;
use taizhang::clock::Clock;
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::milestone::FactKind;
use taizhang::milestone::command::{NewFact, NewMilestone, add, record};
use taizhang::money::Fen;
use taizhang::period::{Day, Precision};
use taizhang::seed::ProjectRow;
use taizhang::seed::load::import_projects;

use crate::generate::{self, SLUGS};
use crate::pages;

const PROJECTS: usize = 10_000;

/// Prints how long each page takes; every address is asked for once, so none comes from the cache.
pub fn measure() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", home.path().join("bars.db").display());
    let began = Instant::now();
    fill(&url);
    println!("bars: {PROJECTS} projects, {} milestones, made in {:.0} s", PROJECTS * 5, began.elapsed().as_secs_f64());
    let cookie = pages::sign_in(&url);
    let (_running, address) = pages::start(&url);
    let mut conn = pages::connect(&address);
    let mut ask = |name, addresses| pages::ask_once(&mut conn, &address, &cookie, name, addresses);
    let paged = |query: &str| (1..=20).map(|page| format!("/milestones?show=gantt{query}&page={}", page * 5)).collect();
    ask("by system (target ≤ 300 ms)", paged(""));
    ask("by department", paged("&group=department"));
    ask("one system", (1..=9).map(|page| format!("/milestones?show=gantt&category=living&page={page}")).collect());
    ask("late only", (1..=5).map(|page| format!("/milestones?show=gantt&state=late&page={page}")).collect());
    ask(
        "as of 2024-12-31",
        (1..=5).map(|page| format!("/milestones?show=gantt&as_of=2024-12-31&page={page}")).collect(),
    );
    ask("the list", vec!["/milestones".into(), "/milestones?state=late".into(), "/milestones?due=month".into()]);
}

fn paper() -> Citation {
    Citation { code: "批-1".into(), title: None, issuer: None, dated: None }
}

fn date(year: usize, month: usize) -> (Day, Precision) {
    Precision::parse_date(&format!("{year}-{month:02}")).expect("a date")
}

fn fill(url: &str) {
    let clock = Clock::set_at(generate::first_instant());
    let db = Db::open(url, clock).expect("an empty database");
    let departments = generate::without_projects(&db);
    for from in (0..PROJECTS).step_by(1_000) {
        let rows: Vec<ProjectRow> = (from..from + 1_000)
            .map(|no| ProjectRow {
                code: format!("P-{no:06}"),
                no: i32::try_from(no).expect("small"),
                name: format!("重点工程第{no}号滨水空间建设工程"),
                content: "新建、改造与提升".into(),
                start_year: 2023,
                end_year: 2024 + i32::try_from(no % 7).expect("small"),
                amount: Fen::new(100_000_000),
                line: None,
                stated: vec![
                    ("category".into(), SLUGS[no % 6].into()),
                    ("lead_department".into(), departments[no % departments.len()].clone()),
                ],
            })
            .collect();
        db.write(move |tx| import_projects(tx, &Actor::operator(), rows, None, paper())).expect("imported");
    }
    // A commit holds the milestones of fifty projects.
    for from in (0..PROJECTS).step_by(50) {
        db.write(move |tx| (from..from + 50).try_for_each(|no| milestones_of(tx, no))).expect("set up");
    }
}

fn milestones_of(tx: &mut taizhang::db::Tx<'_>, no: usize) -> taizhang::error::Result<()> {
    let (actor, project) = (Actor::operator(), format!("P-{no:06}"));
    for (at, code) in ["N1", "N4", "N5", "N7", "N8"].into_iter().enumerate() {
        let planned = Some(date(2023 + at + no % 2, 1 + no % 12));
        add(tx, &actor, NewMilestone { project: project.clone(), code: code.into(), name: None, planned }, paper())?;
    }
    let fact = |milestone: &str, kind, on, reason: &str| NewFact {
        project: project.clone(),
        milestone: milestone.into(),
        kind,
        on,
        effective_on: None,
        reason: reason.into(),
        evidence: String::new(),
        seen: None,
    };
    record(tx, &actor, fact("N1", FactKind::Met, date(2023, 6), ""), paper())?;
    record(tx, &actor, fact("N8", FactKind::Forecast, date(2029, 1), "顺延"), paper())?;
    Ok(())
}
