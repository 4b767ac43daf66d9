//! Commands that share a commit, and processes that share a database: what is refused leaves no
//! trace, what is remembered is never older than the journal.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use taizhang::auth::Actor;
use taizhang::db::{Db, Head, Target, Tx};
use taizhang::document::Citation;
use taizhang::error::{Error, Result};
use taizhang::ledger::command::{NewEntry, record};
use taizhang::money::Fen;
use taizhang::project::Attribute;
use taizhang::project::command::change;
use taizhang::proof::check;
use taizhang::seed::ProjectRow;
use taizhang::seed::load::import_projects;

use crate::support::{NOW, a_payment, both_with_plan, clock_at, day, project_fact, texts};

/// What a command does, and whether it is to be kept.
type Command = (&'static str, bool, fn(&mut Tx<'_>) -> Result<()>);

/// Every way a command can go, so that each stands before and after each other.
const COMMANDS: [Command; 9] = [
    ("a payment", true, |tx| pay(tx, "CY-08", 100)),
    ("a payment for another project", true, |tx| pay(tx, "CY-24", 1_000)),
    ("a payment of an unknown project", false, |tx| pay(tx, "CY-99", 1)),
    ("a payment thought better of", false, |tx| {
        pay(tx, "CY-08", 10_000)?;
        Err(Error::Conflict("收回".into()))
    }),
    ("a payment read back and thought better of", false, |tx| {
        pay(tx, "CY-24", 20_000)?;
        let stored = texts(tx.conn(), "SELECT CAST(COUNT(*) AS TEXT) AS text FROM entry WHERE amount_fen = 20000");
        assert_eq!(stored, ["1"], "whatever reads sees what waited");
        Err(Error::Conflict("收回".into()))
    }),
    ("a payment that breaks off", false, |tx| {
        pay(tx, "CY-08", 40_000)?;
        panic!("on purpose")
    }),
    ("a change of system", true, |tx| reclassify(tx, "CY-08", "culture")),
    ("a change of system thought better of", false, |tx| {
        reclassify(tx, "CY-24", "economy")?;
        pay(tx, "CY-24", 80_000)?;
        Err(Error::Conflict("收回".into()))
    }),
    ("a change back and a payment", true, |tx| {
        reclassify(tx, "CY-08", "living")?;
        pay(tx, "CY-08", 10)
    }),
];

#[test]
fn commands_refused_among_others_that_share_a_commit_leave_no_trace() {
    both_with_plan(|db| {
        let mut expected = total(&db);
        for round in 0..6 {
            let before = db.read(Head::find).expect("a head").seq;
            let turned = COMMANDS.iter().cycle().skip(round).take(COMMANDS.len());
            let (mut kept, mut waiting) = (0, Vec::new());
            let (go, gate) = channel();
            let held = hold(&db, gate);
            for (name, keep, command) in turned.copied() {
                let (db, (about, soon)) = (db.clone(), channel());
                waiting.push((
                    name,
                    keep,
                    thread::spawn(move || {
                        about.send(()).expect("waited for");
                        db.write(command)
                    }),
                ));
                soon.recv().expect("the thread runs");
                thread::sleep(Duration::from_millis(2));
            }
            go.send(()).expect("the writer waits");
            held.join().expect("no panic").expect("nothing to refuse");
            for (name, keep, thread) in waiting {
                let told = thread.join().expect("a panic in a command is caught");
                assert_eq!(told.is_ok(), keep, "{name}: {told:?}");
                kept += i64::from(keep);
            }
            expected += 100 + 1_000 + 10;
            // One row of what held the writer, and one more of the command with two parts.
            assert_eq!(db.read(Head::find).expect("a head").seq, before + kept + 2);
            assert_eq!(total(&db), expected);
            assert_eq!(differences(&db), Vec::<String>::new());
        }
    });
}

#[test]
fn when_a_shared_commit_fails_whoever_tries_again_is_judged_alone() {
    both_with_plan(|db| {
        db.write(|tx| pay(tx, "CY-08", 1)).expect("a payment");
        let before = db.read(Head::find).expect("a head");
        let full = "UPDATE now_day SET fen = 9000000000000000000 WHERE measure = 6";
        let mut conn = Target::parse(db.url()).expect("a target").connect().expect("a connection");
        conn.batch_execute(full).expect("kept totals are not guarded");
        let commands = ["CY-08", "CY-24"];
        let (go, gate) = channel();
        let held = hold(&db, gate);
        let waiting = commands.map(|project| {
            let (db, (about, soon)) = (db.clone(), channel());
            let thread = thread::spawn(move || {
                about.send(()).expect("waited for");
                db.write(move |tx| pay(tx, project, 7))
            });
            soon.recv().expect("the thread runs");
            thread::sleep(Duration::from_millis(2));
            thread
        });
        go.send(()).expect("the writer waits");
        held.join().expect("no panic").expect_err("it shares the commit");
        for thread in waiting {
            thread.join().expect("no panic").expect_err("nobody is told it is stored");
        }
        assert_eq!(db.read(Head::find).expect("a head"), before, "and nothing is");
        let again = commands.map(|project| db.write(move |tx| pay(tx, project, 7)).is_ok());
        assert_eq!(again, [false, true]);
    });
}

#[test]
fn what_a_process_remembers_is_forgotten_when_another_writes() {
    both_with_plan(|db| {
        let other = Db::open(db.url(), clock_at(NOW)).expect("a second process");
        db.write(|tx| pay(tx, "CY-08", 100)).expect("a payment");
        // Looked for in vain here, registered there, paid for here.
        db.write(|tx| pay(tx, "CY-99", 1)).expect_err("no such project yet");
        other
            .write(|tx| import_projects(tx, &Actor::operator(), vec![a_project("CY-99")], None, paper("增-1")))
            .expect("registered");
        db.write(|tx| pay(tx, "CY-99", 100)).expect("it is known now");
        // A document whose command is refused here is recorded there, under the same id perhaps.
        let refused = |tx: &mut Tx<'_>| {
            record(tx, &Actor::operator(), payment("CY-08", 1), paper("付-2"))?;
            Err::<(), Error>(Error::Conflict("收回".into()))
        };
        db.write(refused).expect_err("taken back");
        other.write(|tx| record(tx, &Actor::operator(), payment("CY-24", 100), paper("付-3"))).expect("a payment");
        other.write(|tx| record(tx, &Actor::operator(), payment("CY-24", 100), paper("付-2"))).expect("a payment");
        db.write(|tx| record(tx, &Actor::operator(), payment("CY-08", 100), paper("付-2"))).expect("a payment");
        // Each moves a project that the other has just paid for.
        for (one, two, category) in [(&*db, &other, "culture"), (&other, &*db, "space"), (&*db, &other, "living")] {
            one.write(|tx| pay(tx, "CY-08", 100)).expect("a payment");
            two.write(move |tx| reclassify(tx, "CY-08", category)).expect("moved");
            one.write(|tx| pay(tx, "CY-08", 100)).expect("a payment");
        }
        assert_eq!(differences(&db), Vec::<String>::new());
        let papers = "SELECT code AS text FROM document WHERE code LIKE '付-%' ORDER BY code";
        assert_eq!(db.read(|conn| Ok(texts(conn, papers))).expect("read"), ["付-1", "付-2", "付-3"]);
        let of = "SELECT p.code || ' ' || d.code AS text FROM entry e JOIN project p ON p.id = e.project_id \
                  JOIN document d ON d.id = e.document_id WHERE d.code IN ('付-2', '付-3') ORDER BY e.id";
        assert_eq!(db.read(|conn| Ok(texts(conn, of))).expect("read"), ["CY-24 付-3", "CY-24 付-2", "CY-08 付-2"]);
    });
}

/// Keeps the writer busy, so that what is sent meanwhile shares its commit.
fn hold(db: &Db, gate: Receiver<()>) -> thread::JoinHandle<Result<()>> {
    let db = db.clone();
    let (began, begun): (Sender<()>, _) = channel();
    let thread = thread::spawn(move || {
        db.write(move |tx| {
            pay(tx, "CY-08", 0)?;
            began.send(()).expect("waited for");
            gate.recv().expect("opened in the end");
            Ok(())
        })
    });
    begun.recv().expect("the writer runs");
    thread
}

fn payment(project: &str, fen: i64) -> NewEntry {
    NewEntry { project: project.into(), amount: Fen::new(fen), ..a_payment() }
}

fn pay(tx: &mut Tx<'_>, project: &str, fen: i64) -> Result<()> {
    record(tx, &Actor::operator(), payment(project, fen), paper("付-1")).map(drop)
}

fn paper(code: &str) -> Citation {
    Citation { code: code.into(), title: None, issuer: None, dated: None }
}

fn reclassify(tx: &mut Tx<'_>, project: &str, category: &str) -> Result<()> {
    let change_of = project_fact(project, Attribute::Category, category, day("2025-09-10"), paper("改-1"));
    change(tx, &Actor::operator(), change_of).map(drop)
}

fn a_project(code: &str) -> ProjectRow {
    ProjectRow {
        code: code.into(),
        no: 99,
        name: "增补工程".into(),
        content: "增补".into(),
        start_year: 2024,
        end_year: 2026,
        amount: Fen::new(100),
        line: None,
        stated: Vec::new(),
    }
}

fn total(db: &Db) -> i64 {
    let sum = "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS TEXT) AS text FROM entry WHERE measure = 6";
    db.read(|conn| Ok(texts(conn, sum))).expect("read").concat().parse().expect("a number")
}

fn differences(db: &Db) -> Vec<String> {
    let proofs = db.read(|conn| check(conn, &mut |_| ())).expect("a check");
    proofs.iter().filter(|proof| !proof.holds()).map(|proof| format!("{proof:?}")).collect()
}
