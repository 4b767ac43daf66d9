//! What tests stand on: a database of their own, on each engine, and a clock that stands still.
//!
//! ```ignore
//! both(|db| assert_eq!(db.read(Head::find).expect("head").seq, 0));
//! both_with_plan(|db| …);
//! ```

mod block;
mod post;
mod postgres;
mod server;
mod site;
mod sqlite;
mod terminal;

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::Deref;
use std::sync::Mutex;

use diesel::prelude::*;
use diesel::sql_types::Text;
use taizhang::auth::{Actor, Role};
use taizhang::clock::{Clock, Instant};
use taizhang::db::{AnyConnection, Db};
use taizhang::document::Citation;
use taizhang::ledger::Kind;
use taizhang::ledger::command::NewEntry;
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::period::Day;
use taizhang::project::Attribute;
use taizhang::project::command::Change;

pub use block::filled;
pub use post::PostOffice;
pub use server::Server;
pub use site::{Answer, PASSWORD, Reader, Site, words_of};
pub use terminal::{Ended, ended, python, taizhang, taizhang_in, typed};

/// When the plan was loaded, in a database that starts with it.
pub const LOADED_AT: &str = "2025-09-01T09:00:00+08:00";
/// Now, until a test moves its clock.
pub const NOW: &str = "2025-09-26T12:00:00+08:00";

/// The two engines a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// What a fresh database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stock {
    /// The schema alone.
    Schema,
    /// The plan that is compiled in.
    Plan,
}

/// A database of one test; gone when it is dropped.
pub struct TestDb {
    db: Db,
    url: String,
    engine: Engine,
    // Dropped last: it removes the file or the database.
    _home: Box<dyn Send>,
}

impl TestDb {
    /// Which engine it runs on.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// What `--database-url` takes.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

/// Runs the same body on an empty database of each engine.
pub fn both(body: impl Fn(TestDb)) {
    on_each_engine(Stock::Schema, body);
}

/// Runs the same body on a database of each engine that holds the plan.
pub fn both_with_plan(body: impl Fn(TestDb)) {
    on_each_engine(Stock::Plan, body);
}

fn on_each_engine(stock: Stock, body: impl Fn(TestDb)) {
    eprintln!("on SQLite:");
    let (url, home) = sqlite::create(stock);
    body(open(url, Engine::Sqlite, Box::new(home)));
    match postgres::server() {
        Some(server) => {
            eprintln!("on PostgreSQL:");
            let (url, home) = postgres::create(&server, stock);
            body(open(url, Engine::Postgres, Box::new(home)));
        }
        None => say_once("TAIZHANG_TEST_POSTGRES is not set: these tests ran on SQLite only; `tests/run` runs both"),
    }
}

fn open(url: String, engine: Engine, home: Box<dyn Send>) -> TestDb {
    let db = Db::open(&url, clock_at(NOW)).expect("a fresh database opens");
    TestDb { db, url, engine, _home: home }
}

/// A day.
pub fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

/// What a project is from a day on, by a document; no reason is said.
pub fn project_fact(code: &str, attribute: Attribute, value: &str, effective_on: Day, document: Citation) -> Change {
    Change { code: code.into(), attribute, value: value.into(), effective_on, document, reason: String::new() }
}

/// A clock that stands at an instant.
pub fn clock_at(instant: &str) -> Clock {
    Clock::set_at(Instant::parse(instant).expect("an instant"))
}

/// Brings an empty database to what it is to hold.
fn fill(url: &str, stock: Stock) {
    let db = Db::open(url, clock_at(LOADED_AT)).expect("a template opens");
    if stock == Stock::Plan {
        let plan = taizhang::seed::embedded().expect("the plan reads");
        db.write(|tx| taizhang::seed::load::load(tx, &Actor::loader(), plan)).expect("the plan loads");
    }
}

/// One text of each row that a query gives: for tests that look behind the program's back.
pub fn texts(conn: &mut AnyConnection, query: &str) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let rows: Vec<Row> = diesel::sql_query(query).load(conn).expect("the query runs");
    rows.into_iter().map(|row| row.text).collect()
}

/// 12.5 万元 paid for CY-08.
pub fn a_payment() -> NewEntry {
    NewEntry {
        project: "CY-08".into(),
        measure: Measure::Paid,
        kind: Kind::Original,
        year: None,
        source: None,
        amount: Fen::parse_wan("12.5").expect("an amount"),
        occurred_on: Day::parse("2025-09-20").expect("a day"),
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    }
}

/// The rules of money are left alone: for tests that are about something else.
pub fn without_rules(db: &Db) {
    use taizhang::setting::command::{NewSetting, set};
    use taizhang::setting::rules::{OVERDRAWN, PAID_OVER_RECEIVED};
    for name in [PAID_OVER_RECEIVED, OVERDRAWN] {
        let new =
            NewSetting {
                name: name.into(), value: "ignore".into(), effective_on: None, reason: "与本测试无关".into()
            };
        let office = Actor::account(9, vec![Role::Office], Vec::new());
        db.write(move |tx| set(tx, &office, new)).expect("set");
    }
}

/// Past the test harness's capture: a run that tested less than it seems says so.
pub fn say_once(text: &'static str) {
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if SAID.lock().expect("no panic before").insert(text) {
        writeln!(std::io::stderr(), "\n*** {text} ***\n").expect("standard error is open");
    }
}
