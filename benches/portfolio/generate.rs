//! A portfolio of a fixed seed, through the import commands; what was said is kept beside it.

use taizhang::auth::{Actor, Role};
use taizhang::clock::{Clock, Instant};
use taizhang::db::{Db, Head};
use taizhang::document::Citation;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{NewEntry, NewReversal, import, reverse_all};
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::monthly::command::{NewReport, Which, submit};
use taizhang::monthly::typed::Typed;
use taizhang::period::{Day, Month, Year};
use taizhang::project::Attribute;
use taizhang::project::command::{Change, change};
use taizhang::seed::ProjectRow;
use taizhang::seed::load::{import_projects, load};

use crate::Size;
use crate::fold::{Booked, Project, Truth};

/// Systems, in the order of the fold's numbers.
pub const SLUGS: [&str; 6] = ["institution", "environment", "space", "economy", "living", "culture"];
/// Sources, likewise; the last is none.
pub const SOURCES: [Option<&str>; 3] = [Some("D1"), Some("D2"), None];
/// Months over which entries arrive.
const MONTHS: u64 = 24;
/// Entries of one import.
const BATCH: usize = 10_000;

/// When the plan is loaded.
pub fn first_instant() -> Instant {
    Instant::parse("2023-09-01T09:00:00+08:00").expect("an instant")
}

/// Marsaglia's xorshift: the same portfolio every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn pick(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(limit as u64)).expect("small")
    }
}

/// Loads the plan's systems, departments and sources without its projects; answers with the departments' codes.
pub fn without_projects(db: &Db) -> Vec<String> {
    let mut plan = taizhang::seed::embedded().expect("the plan");
    let departments = plan.departments.iter().map(|department| department.code.clone()).collect();
    plan.projects.clear();
    plan.inferences.clear();
    plan.assertions.clear();
    plan.statements.clear();
    db.write(|tx| load(tx, &Actor::loader(), plan)).expect("loaded");
    departments
}

/// Files a report of the month for each of these projects, in the name of its lead.
pub fn report(db: &Db, month: &str, projects: impl Iterator<Item = (String, String)>) {
    let month = Month::parse(month).expect("a month");
    let projects: Vec<(String, String)> = projects.collect();
    for some in projects.chunks(2_000) {
        let some = some.to_vec();
        db.write(move |tx| {
            for (project, lead) in some {
                let reporter = Actor::account(1_000_000, vec![Role::Reporter], vec![lead]);
                let typed = Typed { completed: "1".into(), progress: "正常施工".into(), ..Typed::default() };
                submit(tx, &reporter, &NewReport { which: Which { project, month }, typed, seen: None }, None)?;
            }
            Ok(())
        })
        .expect("reported");
    }
}

/// 20 % of projects reclassified, 20 % of entries dated back, 5 % reversals, 1 % of projects with
/// 20 % of the entries.
pub fn generate(db: &Db, clock: &Clock, size: Size) -> Truth {
    let mut dice = Dice(20_230_701);
    let departments = without_projects(db);
    let mut truth = Truth::default();
    add_projects(db, &mut dice, size, &departments, &mut truth);

    let heavy = (size.projects / 100).max(1);
    let reversals = size.entries / 20;
    let wanted = size.entries - size.projects - reversals;
    let mut written = 0;
    for month in 0..MONTHS {
        let today = first_day(month);
        clock.move_to(at_noon(today));
        let target = wanted * (usize::try_from(month).expect("small") + 1) / usize::try_from(MONTHS).expect("small");
        while written < target {
            let many = BATCH.min(target - written);
            let batch = (0..many).map(|_| entry(&mut dice, &truth, size.projects, heavy, today)).collect();
            book(db, batch, &mut truth);
            written += many;
        }
        reclassify(db, &mut dice, size.projects / 5 / usize::try_from(MONTHS).expect("small") + 1, today, &mut truth);
        undo(db, &mut dice, reversals / usize::try_from(MONTHS).expect("small"), today, &mut truth);
    }
    truth.last_seq = db.read(Head::find).expect("head").seq;
    truth.today = first_day(MONTHS - 1).raw();
    truth
}

fn add_projects(db: &Db, dice: &mut Dice, size: Size, departments: &[String], truth: &mut Truth) {
    let on = Day::parse("2023-08-01").expect("a day");
    let mut done = 0;
    while done < size.projects {
        let many = (size.projects - done).min(2_000);
        let mut rows = Vec::with_capacity(many);
        for no in done..done + many {
            let (category, start, span) = (dice.pick(6), dice.below(4), dice.below(8));
            let (start, fen) =
                (2023 + i32::try_from(start).unwrap(), 1_000_000 + i64::try_from(dice.below(9_000_000_000)).unwrap());
            let end = start + i32::try_from(span).unwrap();
            let department = dice.pick(departments.len());
            rows.push(ProjectRow {
                code: format!("P-{no:06}"),
                no: i32::try_from(no).unwrap(),
                name: format!("重点工程第{no}号"),
                content: "新建、改造与提升".into(),
                start_year: start,
                end_year: end,
                amount: Fen::new(fen),
                line: None,
                stated: vec![
                    ("category".into(), SLUGS[category].into()),
                    ("lead_department".into(), departments[department].clone()),
                ],
            });
            truth.projects.push(Project { moves: vec![(0, on.raw(), category)], start, end });
            truth.entries.push(Booked { seq: 0, project: no, measure: 0, year: 0, source: 2, day: on.raw(), fen });
        }
        let seq = db
            .write(move |tx| import_projects(tx, &Actor::operator(), rows, Some(on), paper("批-1")))
            .expect("imported")
            .seq;
        for no in done..done + many {
            truth.projects[no].moves[0].0 = seq;
            truth.entries[no].seq = seq;
        }
        done += many;
    }
    truth.ids = vec![0; truth.entries.len()];
}

fn entry(dice: &mut Dice, truth: &Truth, projects: usize, heavy: usize, today: Day) -> (NewEntry, Booked) {
    let project = if dice.below(5) == 0 { dice.pick(heavy) } else { dice.pick(projects) };
    let back = if dice.below(5) == 0 { dice.below(365) } else { dice.below(28) };
    let day = Day::parse(&(today.to_naive() - chrono::Days::new(back)).to_string()).expect("a day");
    let measure = 1 + dice.pick(5);
    let year = 2023 + i32::try_from(dice.below(5)).unwrap();
    let source = dice.pick(3);
    let fen = i64::try_from(dice.below(500_000_000)).unwrap() - 20_000_000;
    debug_assert!(project < truth.projects.len());
    let new = NewEntry {
        project: format!("P-{project:06}"),
        measure: Measure::ALL[measure],
        kind: Kind::Original,
        year: Some(Year::parse(&year.to_string()).expect("a year")),
        source: SOURCES[source].map(str::to_owned),
        amount: Fen::new(fen),
        occurred_on: day,
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    };
    (new, Booked { seq: 0, project, measure, year, source, day: day.raw(), fen })
}

fn book(db: &Db, batch: Vec<(NewEntry, Booked)>, truth: &mut Truth) {
    let (new, booked): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
    let (stored, head) =
        db.write(move |tx| import(tx, &Actor::operator(), "月度导入", new, paper("财-1"))).expect("imported");
    truth.ids.extend(stored.iter().map(|entry| entry.id));
    truth.entries.extend(booked.into_iter().map(|booked| Booked { seq: head.seq, ..booked }));
}

fn reclassify(db: &Db, dice: &mut Dice, many: usize, today: Day, truth: &mut Truth) {
    for _ in 0..many {
        let (project, to, back) = (dice.pick(truth.projects.len()), dice.pick(6), dice.below(60));
        let day = Day::parse(&(today.to_naive() - chrono::Days::new(back)).to_string()).expect("a day");
        let day = day.max(Day::parse("2023-08-01").expect("a day"));
        let change_of = Change {
            code: format!("P-{project:06}"),
            attribute: Attribute::Category,
            value: SLUGS[to].into(),
            effective_on: day,
            document: paper("调-1"),
            reason: String::new(),
        };
        let head = db.write(move |tx| change(tx, &Actor::operator(), change_of)).expect("changed");
        truth.projects[project].moves.push((head.seq, day.raw(), to));
    }
}

fn undo(db: &Db, dice: &mut Dice, many: usize, today: Day, truth: &mut Truth) {
    let mut left = many;
    while left > 0 {
        let mut wrong = Vec::new();
        while wrong.len() < left.min(BATCH / 2) {
            let at = truth.projects.len() + dice.pick(truth.ids.len() - truth.projects.len());
            // 0: already reversed, or a reversal.
            if truth.ids[at] != 0 {
                wrong.push((at, truth.ids[at]));
                truth.ids[at] = 0;
            }
        }
        left -= wrong.len();
        let new: Vec<NewReversal> =
            wrong.iter().map(|&(_, id)| NewReversal { id, on: Some(today), reason: "更正".into() }).collect();
        let (_, head) = db.write(move |tx| reverse_all(tx, &Actor::operator(), "更正", &new, None)).expect("reversed");
        for (at, _) in wrong {
            let entry = truth.entries[at];
            truth.entries.push(Booked { seq: head.seq, day: today.raw(), fen: -entry.fen, ..entry });
            truth.ids.push(0);
        }
    }
}

/// The first working month after the load, and so on.
fn first_day(month: u64) -> Day {
    let month = 9 + u32::try_from(month).unwrap();
    let (year, month) = (2023 + (month / 12), month % 12 + 1);
    Day::parse(&format!("{year}-{month:02}-26")).expect("a day")
}

fn at_noon(day: Day) -> Instant {
    Instant::from_micros(Instant::start_of(day).micros() + 12 * 3_600_000_000)
}

fn paper(code: &str) -> Citation {
    Citation { code: code.into(), title: Some("基准用文件".into()), issuer: None, dated: None }
}
