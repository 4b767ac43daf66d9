//! Random commands, played through the product as users would give them.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use taizhang::account::command::{self as accounts, NewAccount, NewDelegation};
use taizhang::account::{self, Person, Rights};
use taizhang::auth::{Actor, Role};
use taizhang::clock::{Clock, Instant};
use taizhang::db::{Db, Tx};
use taizhang::document::Citation;
use taizhang::document::attachment::File;
use taizhang::document::attachment::command::attach;
use taizhang::error::Result;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{self as ledger, NewEntry, NewReversal};
use taizhang::measure::Measure;
use taizhang::milestone::FactKind;
use taizhang::milestone::command::{self as milestones, NewFact, NewMilestone};
use taizhang::milestone::public::dismiss_clue;
use taizhang::money::Fen;
use taizhang::period::{Day, Precision, Year};
use taizhang::project::Attribute;
use taizhang::project::command as registry;
use taizhang::seed::load::{import_projects, load};
use taizhang::seed::{Plan, ProjectRow};

use super::truth::{Booked, Passed, Registered, Said, Truth};
use crate::support::project_fact;

/// One random command: what it is, and numbers it makes its choices from.
#[derive(Debug, Clone)]
pub struct Move {
    what: u8,
    a: usize,
    b: usize,
    fen: i64,
    back: u64,
    wait: u64,
}

/// Some random commands. Half of them are dated back, by up to two years.
pub fn moves(most: usize) -> impl Strategy<Value = Vec<Move>> {
    let back = prop_oneof![Just(0_u64), 0_u64..40, 0_u64..800];
    let wait = prop_oneof![Just(0_u64), 0_u64..3_000, 0_u64..60_000];
    let one = (0_u8..22, 0_usize..1_000, 0_usize..1_000, -90_000_000_i64..900_000_000, back, wait)
        .prop_map(|(what, a, b, fen, back, wait)| Move { what, a, b, fen, back, wait });
    prop::collection::vec(one, 1..=most)
}

/// The first four projects of the plan.
pub fn a_small_plan() -> Plan {
    let mut plan = taizhang::seed::embedded().expect("the plan reads");
    plan.projects.truncate(4);
    plan.assertions.clear();
    plan.indicators.clear();
    let kept: Vec<String> = plan.projects.iter().map(|project| project.code.clone()).collect();
    plan.inferences.retain(|inference| kept.contains(&inference.project));
    plan
}

/// A database in play, with what was said to it.
pub struct Play<'a> {
    db: &'a Db,
    clock: Clock,
    /// What was said and not refused.
    pub truth: Truth,
    /// Why commands were refused.
    pub refused: Vec<String>,
}

const SLUGS: [&str; 6] = ["institution", "environment", "space", "economy", "living", "culture"];
const NATURES: [&str; 3] = ["government", "enterprise", "mixed"];
const STAGES: [&str; 8] =
    ["reserve", "preparation", "construction", "completion", "settlement", "operation", "suspended", "cancelled"];

impl<'a> Play<'a> {
    /// Loads a plan, at a clock that the play then moves on.
    pub fn begin(db: &'a Db, mut plan: Plan) -> Play<'a> {
        // The play says itself what is met; what counts nowhere may stay.
        let known: Vec<String> = plan.projects.iter().map(|project| project.code.clone()).collect();
        plan.statements.retain(|said| !said.is_fact() && known.contains(&said.project));
        let clock = db.clock().clone();
        clock.move_to(Instant::parse("2025-01-06T09:00:00+08:00").expect("an instant"));
        let from = plan.document.dated.0.to_naive();
        let mut truth = Truth::default();
        for project in &plan.projects {
            register(&mut truth, project, from, 1);
            let inferred = plan.inferences.iter().filter(|inference| inference.project == project.code);
            truth.said.extend(inferred.map(|inference| Said {
                seq: 1,
                project: project.code.clone(),
                attribute: Attribute::parse(&inference.attribute).expect("an attribute").word(),
                on: from,
                value: inference.value.clone(),
                withdrawn: None,
            }));
        }
        let ids = db
            .write(move |tx| {
                load(tx, &Actor::loader(), plan)?;
                entry_ids(tx)
            })
            .expect("the plan loads");
        for (entry, id) in truth.booked.iter_mut().zip(ids) {
            entry.id = id;
        }
        Play { db, clock, truth, refused: Vec::new() }
    }

    /// Plays one command after another.
    pub fn play(&mut self, moves: &[Move]) {
        for one in moves {
            let now = self.clock.now().micros() + i64::try_from(one.wait).expect("minutes") * 60_000_000;
            self.clock.move_to(Instant::from_micros(now));
            if let Err(error) = self.make(one) {
                self.refused.push(error.to_string());
            }
        }
    }

    fn today(&self) -> NaiveDate {
        self.clock.today().to_naive()
    }

    fn make(&mut self, one: &Move) -> Result<()> {
        let on = self.today() - Days::new(one.back);
        let project = self.truth.projects[one.a % self.truth.projects.len()].code.clone();
        match one.what {
            0..=5 => self.book(vec![entry(one, 0, project, on)]),
            6..=7 => {
                let projects = &self.truth.projects;
                let code = |at: usize| projects[(one.a + at) % projects.len()].code.clone();
                let many = (0..2 + one.b % 4).map(|at| entry(one, at, code(at), on)).collect();
                self.book(many)
            }
            8..=9 => self.reverse(one, on),
            10..=12 => self.change(&project, Attribute::Category, pick(&SLUGS, one.b), on),
            13 => self.change(&project, Attribute::Nature, pick(&NATURES, one.b), on),
            14 => self.change(&project, Attribute::Stage, pick(&STAGES, one.b), on),
            15 => {
                let years = ["2023", "2024", "2025", "2026", "2030", "2035"];
                let attribute = if one.fen % 2 == 0 { Attribute::StartYear } else { Attribute::EndYear };
                self.change(&project, attribute, pick(&years, one.b), on)
            }
            16 => self.withdraw(one),
            17 => self.add_project(one, on),
            18 => self.set_milestone(&project, one),
            19..=20 => self.pass(&project, one, on),
            _ => self.take_back(one),
        }
    }

    fn book(&mut self, entries: Vec<NewEntry>) -> Result<()> {
        let given = entries.clone();
        let recorded = self.db.write(move |tx| match entries.len() {
            1 => {
                let one = entries.into_iter().next().expect("one");
                ledger::record(tx, &Actor::operator(), one, paper()).map(|recorded| vec![recorded.entry])
            }
            _ => ledger::import(tx, &Actor::operator(), "many", entries, paper()).map(|(entries, _)| entries),
        })?;
        for (new, stored) in given.into_iter().zip(recorded) {
            let flows = matches!(new.measure, Measure::Received | Measure::Completed | Measure::Paid);
            let year = new.year.map(Year::get).or(flows.then_some(new.occurred_on.year().get()));
            self.truth.booked.push(Booked {
                seq: stored.seq,
                id: stored.id,
                project: new.project,
                measure: Measure::ALL.iter().position(|measure| *measure == new.measure).expect("a measure"),
                year,
                source: new.source,
                fen: new.amount.get(),
                on: new.occurred_on.to_naive(),
            });
        }
        Ok(())
    }

    fn reverse(&mut self, one: &Move, on: NaiveDate) -> Result<()> {
        let at = one.b % self.truth.booked.len();
        let new = NewReversal { id: self.truth.booked[at].id, on: Some(day(on)), reason: "记错".into() };
        let stored = self.db.write(move |tx| ledger::reverse(tx, &Actor::operator(), &new, None))?.entry;
        let wrong = &self.truth.booked[at];
        let opposite = Booked {
            seq: stored.seq,
            id: stored.id,
            project: wrong.project.clone(),
            measure: wrong.measure,
            year: wrong.year,
            source: wrong.source.clone(),
            fen: -wrong.fen,
            on,
        };
        self.truth.booked.push(opposite);
        Ok(())
    }

    fn change(&mut self, project: &str, attribute: Attribute, value: &str, on: NaiveDate) -> Result<()> {
        let change = project_fact(project, attribute, value, day(on), paper());
        let seq = self.db.write(move |tx| registry::change(tx, &Actor::operator(), change))?.seq;
        self.truth.said.push(Said {
            seq,
            project: project.to_owned(),
            attribute: attribute.word(),
            on,
            value: value.to_owned(),
            withdrawn: None,
        });
        Ok(())
    }

    fn withdraw(&mut self, one: &Move) -> Result<()> {
        let changes: Vec<i64> = self.truth.said.iter().filter(|said| said.seq > 1).map(|said| said.seq).collect();
        let Some(&taken) = changes.get(one.b % changes.len().max(1)) else { return Ok(()) };
        let seq =
            self.db.write(move |tx| registry::withdraw(tx, &Actor::operator(), taken, "撤回", Some(paper())))?.seq;
        for said in self.truth.said.iter_mut().filter(|said| said.seq == taken) {
            said.withdrawn = Some(seq);
        }
        Ok(())
    }

    fn add_project(&mut self, one: &Move, on: NaiveDate) -> Result<()> {
        let stated = match one.b % 3 {
            0 => Vec::new(),
            _ => vec![("category".to_owned(), pick(&SLUGS, one.b).to_owned())],
        };
        let row = ProjectRow {
            code: format!("NEW-{:03}", one.b % 40),
            no: 100,
            name: "新增工程".into(),
            content: "内容".into(),
            start_year: 2025,
            end_year: 2027,
            amount: Fen::new(one.fen.abs()),
            line: None,
            stated,
        };
        let given = row.clone();
        let (seq, ids) = self.db.write(move |tx| {
            let head = import_projects(tx, &Actor::operator(), vec![row], Some(day(on)), paper())?;
            Ok((head.seq, entry_ids(tx)?))
        })?;
        register(&mut self.truth, &given, on, seq);
        self.truth.booked.last_mut().expect("the estimate").id = *ids.last().expect("the estimate is stored");
        Ok(())
    }

    fn set_milestone(&mut self, project: &str, one: &Move) -> Result<()> {
        let code = format!("N{}", 1 + one.b % 10);
        let planned = (one.fen % 3 != 0).then(|| self.planned(one));
        let new = NewMilestone {
            project: project.to_owned(),
            code: code.clone(),
            name: None,
            planned: planned.map(|planned| (day(planned), Precision::Day)),
        };
        let seq = self.db.write(move |tx| milestones::add(tx, &Actor::operator(), new, paper()))?.head.seq;
        if let Some(on) = planned {
            let (project, effective) = (project.to_owned(), self.today());
            self.truth.passed.push(Passed {
                seq,
                project,
                milestone: code,
                kind: FactKind::Plan,
                on,
                effective,
                withdrawn: None,
            });
        }
        Ok(())
    }

    fn pass(&mut self, project: &str, one: &Move, on: NaiveDate) -> Result<()> {
        let kinds = [FactKind::Plan, FactKind::Forecast, FactKind::Met, FactKind::Reopened];
        let kind = kinds[one.b / 10 % 4];
        let milestone = format!("N{}", 1 + one.b % 10);
        let (happens, effective) = match kind {
            FactKind::Plan | FactKind::Forecast => (self.planned(one), on),
            FactKind::Met | FactKind::Reopened => (on, on),
        };
        let new = NewFact {
            project: project.to_owned(),
            milestone: milestone.clone(),
            kind,
            on: (day(happens), Precision::Day),
            effective_on: Some(day(effective)),
            reason: "试验".into(),
            evidence: String::new(),
            seen: None,
        };
        let seq = self.db.write(move |tx| milestones::record(tx, &Actor::operator(), new, paper()))?.head.seq;
        let project = project.to_owned();
        self.truth.passed.push(Passed { seq, project, milestone, kind, on: happens, effective, withdrawn: None });
        Ok(())
    }

    fn take_back(&mut self, one: &Move) -> Result<()> {
        let Some(fact) = self.truth.passed.get(one.b % self.truth.passed.len().max(1)) else { return Ok(()) };
        let taken = fact.seq;
        let seq =
            self.db.write(move |tx| milestones::withdraw(tx, &Actor::operator(), taken, "撤回", Some(paper())))?.seq;
        for fact in self.truth.passed.iter_mut().filter(|fact| fact.seq == taken) {
            fact.withdrawn = Some(seq);
        }
        Ok(())
    }

    /// A day from two years ago to a year ahead.
    fn planned(&self, one: &Move) -> NaiveDate {
        self.today() + Days::new(365) - Days::new(one.fen.unsigned_abs() % 1_095)
    }
}

fn register(truth: &mut Truth, row: &ProjectRow, on: NaiveDate, seq: i64) {
    truth.projects.push(Registered { code: row.code.clone(), on, seq });
    let own = [("start_year", row.start_year.to_string()), ("end_year", row.end_year.to_string())];
    let stated = row
        .stated
        .iter()
        .map(|(attribute, value)| (Attribute::parse(attribute).expect("an attribute").word(), value.clone()));
    for (attribute, value) in own.into_iter().chain(stated) {
        truth.said.push(Said { seq, project: row.code.clone(), attribute, on, value, withdrawn: None });
    }
    truth.booked.push(Booked {
        seq,
        id: 0,
        project: row.code.clone(),
        measure: 0,
        year: None,
        source: None,
        fen: row.amount.get(),
        on,
    });
}

fn entry(one: &Move, at: usize, project: String, on: NaiveDate) -> NewEntry {
    let measure = Measure::ALL[(one.b + at) % 6];
    let year = match one.b % 4 {
        0 => None,
        _ => Some(Year::parse(pick(&["2023", "2024", "2025", "2026"], one.b / 4)).expect("a year")),
    };
    NewEntry {
        project,
        measure,
        kind: Kind::Adjustment,
        year,
        source: [None, Some("D1".to_owned()), Some("D2".to_owned())][(one.b + at) % 3].clone(),
        amount: Fen::new(one.fen + i64::try_from(at).expect("few")),
        occurred_on: day(on),
        reason: "增加".into(),
        is_estimate: false,
        note: String::new(),
    }
}

fn entry_ids(tx: &mut Tx<'_>) -> Result<Vec<i64>> {
    use diesel::prelude::*;
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        id: i64,
    }
    let rows: Vec<Row> = diesel::sql_query("SELECT id FROM entry ORDER BY id").load(tx.conn())?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

fn pick<'a>(from: &[&'a str], at: usize) -> &'a str {
    from[at % from.len()]
}

fn day(date: NaiveDate) -> Day {
    Day::parse(&date.to_string()).expect("a day")
}

fn paper() -> Citation {
    Citation { code: "试-1".into(), title: Some("试验文件".into()), issuer: Some("试验".into()), dated: None }
}

/// A play that leaves no table empty: the whole plan, and some of everything.
pub fn a_varied_play(db: &Db) {
    let mut play = Play::begin(db, taizhang::seed::embedded().expect("the plan reads"));
    let one = |what, a, b, back| Move { what, a, b, fen: 123_456_700, back, wait: 30_000 };
    play.play(&[
        one(0, 3, 7, 20),
        one(6, 5, 2, 0),
        one(8, 0, 33, 0),
        one(10, 9, 4, 100),
        one(16, 0, 0, 0),
        one(14, 2, 2, 10),
        one(17, 0, 4, 5),
        one(18, 3, 4, 0),
        one(19, 3, 24, 3),
        one(18, 7, 5, 0),
        one(0, 30, 10, 500),
    ]);
    assert_eq!(play.refused, Vec::<String>::new(), "each of these is accepted");
    let clue =
        play.db.read(|conn| taizhang::milestone::store::list_clues(conn, None, i64::MAX)).expect("clues")[0].0.id;
    let dismissed = db.write(move |tx| dismiss_clue(tx, &Actor::operator(), clue, "查不到原文", None));
    dismissed.expect("a clue is dismissed");
    super::decisions::decide(db);
    super::reports::report(db);
    super::lights::say_of_lights(db);
    people(db);
    papers(db);
}

/// Three files attached to the plan.
fn papers(db: &Db) {
    let code = db.read(|conn| Ok(taizhang::document::store::list(conn, i64::MAX)?[0].code.clone())).expect("the plan");
    for n in 0..3 {
        let (code, bytes) = (code.clone(), format!("第 {n} 份\n"));
        let file = File::judge(&format!("{n}.txt"), bytes.into_bytes()).expect("a text");
        db.write(move |tx| attach(tx, &Actor::operator(), &code, file)).expect("attached");
    }
}

/// Two accounts, a change, a delegation that stands and one that was ended.
fn people(db: &Db) {
    let operator = Actor::operator();
    let today = db.clock().today();
    db.write(move |tx| {
        let new = |login: &str, role| NewAccount {
            person: Person { login: login.into(), name: "试验".into(), phone: String::new() },
            rights: Rights::new(vec![role], vec!["water".into()], ""),
            reason: "试验".into(),
        };
        let one = accounts::create(tx, &operator, new("one", Role::Reporter))?.id;
        accounts::create(tx, &operator, new("two", Role::Reviewer))?;
        accounts::change(
            tx,
            &operator,
            one,
            Rights::new(vec![Role::Reporter], vec!["parks".into()], "河长办"),
            "调岗",
        )?;
        let delegation = NewDelegation {
            account_id: one,
            role: Role::Finance,
            departments: Vec::new(),
            from: today,
            until: today,
            reason: "休假".into(),
        };
        accounts::delegate(tx, &operator, delegation.clone())?;
        accounts::delegate(tx, &operator, delegation)?;
        let last = account::store::list_delegations(tx.conn(), today)?.pop().expect("it was just made");
        accounts::end_delegation(tx, &operator, last.id, "提前回来")
    })
    .expect("each of these is accepted");
}
