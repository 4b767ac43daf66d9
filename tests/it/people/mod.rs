//! People: their accounts, how they sign in, and what the web does with both.

mod accounts;
mod pages;
mod terminal;
mod passwords;
mod security_log;
mod sessions;
mod web;

use taizhang::account::command::NewAccount;
use taizhang::account::{Person, Rights, Standing, store};
use taizhang::auth::{Actor, Role};
use taizhang::clock::Instant;
use taizhang::db::Db;
use taizhang::signin::{self, Attempt, Limits, Signed, SignedIn};

/// The password that everyone here has.
const PASSWORD: &str = "山高月小 水落石出 1082";

/// An account to be opened.
fn new(login: &str, roles: &[Role], departments: &[&str]) -> NewAccount {
    NewAccount {
        person: Person { login: login.into(), name: format!("张三 {login}"), phone: "010-1234 5678".into() },
        rights: rights(roles, departments),
        reason: "试验".into(),
    }
}

fn rights(roles: &[Role], departments: &[&str]) -> Rights {
    Rights::new(roles.to_vec(), departments.iter().map(|code| (*code).into()).collect(), "")
}

/// Opens an account without a password.
fn open(db: &Db, new: NewAccount) -> i64 {
    db.write(move |tx| taizhang::account::command::create(tx, &Actor::operator(), new)).expect("an account").id
}

/// Opens an account that has changed its one-time password to [`PASSWORD`], and is signed out.
fn settled(db: &Db, login: &str, role: Role) -> i64 {
    let departments: &[&str] = if role.is_owner() { &["water"] } else { &[] };
    let issued = signin::create_account(db, &Actor::operator(), new(login, &[role], departments), "").expect("made");
    let entered = enter(db, login, &issued.password).expect("signed in");
    let signed = signed(db, &entered.token).expect("a session");
    let token = signin::change_password(db, &signed, &issued.password, PASSWORD, HOME).expect("changed");
    signin::sign_out(db, &token, HOME).expect("signed out");
    issued.account
}

/// Where people sit.
const HOME: &str = "10.0.0.7";

fn attempt(login: &str, password: &str, address: &str) -> Attempt {
    let (login, password, address) = (login.into(), password.into(), address.into());
    Attempt { login, password, address, agent: "试验".into(), sent: None }
}

fn enter(db: &Db, login: &str, password: &str) -> taizhang::error::Result<SignedIn> {
    signin::sign_in(db, &attempt(login, password, HOME), &Limits::default())
}

fn signed(db: &Db, token: &str) -> Option<Signed> {
    let now = db.clock().now();
    db.read(|conn| signin::find_session(conn, token, now, &Limits::default())).expect("read")
}

fn standing(db: &Db, id: i64) -> Standing {
    let today = db.clock().today();
    db.read(|conn| store::get_standing(conn, id, today)).expect("an account")
}

/// Moves the test's clock on.
fn wait(db: &Db, seconds: i64) {
    db.clock().move_to(Instant::from_micros(db.clock().now().micros() + seconds * signin::SECOND));
}

/// The kinds of the security log's rows, oldest first.
fn logged(db: &Db) -> Vec<String> {
    let rows = db.read(|conn| signin::log::list(conn, &Actor::operator(), None, 1_000)).expect("the log");
    rows.into_iter().rev().map(|row| row.kind).collect()
}
