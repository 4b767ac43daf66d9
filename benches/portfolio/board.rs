//! The board of duties over ten thousand projects, 84 % of which have reported.

use std::time::Instant as Stopwatch;

use taizhang::auth::Actor;
use taizhang::chasing::board::{by_department, store as board};
use taizhang::clock::{Clock, Instant};
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::money::Fen;
use taizhang::monthly::Count;
use taizhang::period::{Day, Month};
use taizhang::project::Attribute;
use taizhang::project::command::{Change, change};
use taizhang::seed::ProjectRow;
use taizhang::seed::load::import_projects;

use crate::generate;
use crate::pages::{connect, get, sign_in, start};
use crate::{median, ms};

const PROJECTS: usize = 10_000;
const REPORTED: usize = PROJECTS * 27 / 32;
const TURNS: usize = 15;
const TARGET: &str = "target ≤ 300 ms";

fn at(clock: &Clock, text: &str) {
    clock.move_to(Instant::parse(text).expect("an instant"));
}

fn paper() -> Citation {
    Citation { code: "样〔2025〕1号".into(), title: None, issuer: None, dated: None }
}

/// Prints it on SQLite.
pub fn measure() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", home.path().join("board.db").display());
    let clock = Clock::set_at(Instant::parse("2025-08-01T09:00:00+08:00").expect("an instant"));
    let db = Db::open(&url, clock.clone()).expect("an empty database");
    let leads = fill(&db, &clock);
    at(&clock, "2025-09-26T09:00:00+08:00");
    let (month, today) = (Month::parse("2025-09").expect("a month"), Day::parse("2025-09-26").expect("a day"));
    let runs = (0..TURNS).map(|_| {
        let began = Stopwatch::now();
        let owed = db.read(|conn| board::list_owed(conn, month, today, i64::MAX)).expect("read");
        let count = Count::of(owed.iter().map(|owed| owed.duty));
        assert_eq!((count.due, count.reported), (10_000, 8_437), "of {PROJECTS}");
        assert_eq!(by_department(&owed).len(), leads);
        began.elapsed()
    });
    println!(
        "board of {PROJECTS} projects, {REPORTED} reported, median of {TURNS}: {} ({TARGET})",
        ms(median(runs.collect()))
    );
    drop(db);
    let cookie = sign_in(&url);
    let (_running, address) = start(&url);
    let mut conn = connect(&address);
    let began = Stopwatch::now();
    assert_eq!(get(&mut conn, &address, "/reports/board?month=2025-09", &cookie).0, 200);
    println!("  the page of it, cold: {} ({TARGET})", ms(began.elapsed()));
}

/// Registers the projects, begins their reports and files most of them; gives how many departments lead.
fn fill(db: &Db, clock: &Clock) -> usize {
    let leads = generate::without_projects(db);
    let code = |n: usize| format!("P-{n:05}");
    let rows = (0..PROJECTS).map(|n| ProjectRow {
        code: code(n),
        no: i32::try_from(n).expect("small"),
        name: format!("河道治理工程第 {n} 标段"),
        content: "治理".into(),
        start_year: 2024,
        end_year: 2026,
        amount: Fen::parse_wan("100").expect("an amount"),
        line: None,
        stated: vec![("lead_department".into(), leads[n % leads.len()].clone())],
    });
    let rows: Vec<ProjectRow> = rows.collect();
    db.write(move |tx| import_projects(tx, &Actor::operator(), rows, None, paper())).expect("registered");
    at(clock, "2025-09-01T09:00:00+08:00");
    db.write(move |tx| {
        for n in 0..PROJECTS {
            let new = Change {
                code: code(n),
                attribute: Attribute::ReportingFrom,
                value: "2025-09".into(),
                effective_on: Day::parse("2025-09-01")?,
                document: paper(),
                reason: String::new(),
            };
            change(tx, &Actor::operator(), new)?;
        }
        Ok(())
    })
    .expect("begun");
    at(clock, "2025-09-24T09:00:00+08:00");
    generate::report(db, "2025-09", (0..REPORTED).map(|n| (code(n), leads[n % leads.len()].clone())));
    leads.len()
}
