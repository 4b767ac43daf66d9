//! 月报: what is due, what is refused, who may do what, and what becomes of the money.

mod filing;
mod photos;
mod rules;
mod sheet;
mod web;

use taizhang::auth::{Actor, Role};
use taizhang::clock::Instant;
use taizhang::close::Kind as Lock;
use taizhang::close::command::{Closing, lock};
use taizhang::db::Db;
use taizhang::document::Citation;
use taizhang::error::Result;
use taizhang::ledger::Kind;
use taizhang::ledger::command::{NewEntry, record};
use taizhang::measure::Measure;
use taizhang::money::Fen;
use taizhang::monthly::command::{self as monthly, NewReport, Noted, Which};
use taizhang::monthly::store::{self, Standing};
use taizhang::monthly::typed::Typed;
use taizhang::period::{Day, Month};
use taizhang::project::command::change;
use taizhang::project::confirm::NewConfirmation;
use taizhang::project::confirm::command::confirm;
use taizhang::project::{Attribute, store as registry};

use crate::support::{TestDb, day, project_fact};

pub fn month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}

pub fn wan(text: &str) -> Fen {
    Fen::parse_wan(text).expect("an amount")
}

pub fn paper(code: &str) -> Citation {
    Citation { code: code.into(), title: None, issuer: None, dated: None }
}

/// 水务局的填报人、另一位填报人、审核人; 办公室; 计划.
pub fn reporter() -> Actor {
    Actor::account(11, vec![Role::Reporter], vec!["water".into()])
}

pub fn colleague() -> Actor {
    Actor::account(12, vec![Role::Reporter, Role::Reviewer], vec!["water".into()])
}

pub fn reviewer() -> Actor {
    Actor::account(13, vec![Role::Reviewer], vec!["water".into()])
}

pub fn office() -> Actor {
    Actor::account(14, vec![Role::Office], Vec::new())
}

pub fn planner() -> Actor {
    Actor::account(15, vec![Role::Planner], Vec::new())
}

/// The office locks a month's reports.
pub fn lock_month(db: &TestDb, of: &str) {
    let reason = "汇总完毕".to_owned();
    let closing = Closing { kind: Lock::Reports, month: month(of), department: String::new(), reason };
    db.write(move |tx| lock(tx, &office(), &closing)).expect("locked");
}

/// Noon of a day: nothing may be recorded before what was recorded last.
pub fn at(db: &Db, on: &str) {
    db.clock().move_to(Instant::parse(&format!("{on}T12:00:00+08:00")).expect("an instant"));
}

/// The departments of these projects are confirmed as they are, and reports begin with a month.
pub fn begin(db: &Db, codes: &[&str], from: &str) {
    for code in codes {
        confirm_lead(db, code);
        reports_from(db, code, from);
    }
}

pub fn confirm_lead(db: &Db, code: &str) {
    let lead = db
        .read(|conn| {
            let state = registry::find_state(conn, code, db.clock().today(), i64::MAX)?.expect("a project");
            Ok(state.value(Attribute::LeadDepartment).to_owned())
        })
        .expect("read");
    let new = NewConfirmation {
        code: code.into(),
        attribute: Attribute::LeadDepartment,
        value: lead,
        seen: None,
        effective_on: None,
        document: paper("朝生态〔2025〕1号"),
        reason: String::new(),
    };
    db.write(move |tx| confirm(tx, &office(), &new)).expect("confirmed");
}

pub fn reports_from(db: &Db, code: &str, from: &str) {
    let new = project_fact(code, Attribute::ReportingFrom, from, day("2025-09-01"), paper("朝生态〔2025〕2号"));
    db.write(move |tx| change(tx, &office(), new)).expect("begun");
}

/// An amount on the ledger, in 万元.
pub fn entry(db: &Db, code: &str, measure: Measure, amount: &str, on: &str) {
    let new = NewEntry {
        project: code.into(),
        measure,
        kind: Kind::Original,
        year: Some(day(on).year()),
        source: None,
        amount: wan(amount),
        occurred_on: day(on),
        reason: String::new(),
        is_estimate: false,
        note: String::new(),
    };
    db.write(move |tx| record(tx, &Actor::operator(), new, paper("样〔2025〕1号"))).expect("recorded");
}

pub fn which(code: &str, of: &str) -> Which {
    Which { project: code.into(), month: month(of) }
}

/// A report that says so much was completed.
pub fn done(completed: &str) -> Typed {
    Typed { completed: completed.into(), progress: "完成河道清淤 2 公里".into(), ..Typed::default() }
}

pub fn submit_as(db: &Db, actor: &Actor, code: &str, of: &str, typed: Typed) -> Result<Noted> {
    let (actor, new) = (actor.clone(), NewReport { which: which(code, of), typed, seen: None });
    db.write(move |tx| monthly::submit(tx, &actor, &new, None))
}

pub fn submit(db: &Db, code: &str, of: &str, typed: Typed) -> Result<Noted> {
    submit_as(db, &reporter(), code, of, typed)
}

pub fn pass(db: &Db, code: &str, of: &str) -> Result<Noted> {
    let which = which(code, of);
    db.write(move |tx| monthly::pass(tx, &reviewer(), &which, None))
}

pub fn approve(db: &Db, code: &str, of: &str) -> Result<Noted> {
    let which = which(code, of);
    db.write(move |tx| monthly::approve(tx, &office(), &which, None))
}

pub fn send_back(db: &Db, actor: &Actor, code: &str, of: &str, reason: &str) -> Result<Noted> {
    let (actor, which, reason) = (actor.clone(), which(code, of), reason.to_owned());
    db.write(move |tx| monthly::send_back(tx, &actor, &which, None, &reason))
}

pub fn withdraw(db: &Db, code: &str, of: &str) -> Result<Noted> {
    let which = which(code, of);
    db.write(move |tx| monthly::withdraw(tx, &reporter(), &which, None))
}

/// Where a report stands now.
pub fn standing(db: &Db, code: &str, of: &str) -> Standing {
    standing_on(db, code, of, db.clock().today())
}

pub fn standing_on(db: &Db, code: &str, of: &str, on: Day) -> Standing {
    db.read(|conn| {
        let id = registry::find(conn, code)?.expect("a project").id;
        Ok(store::standings(conn, &[id], month(of), on, i64::MAX)?[&id])
    })
    .expect("read")
}

/// From the month's first day on the project is 在建, so that its light can be judged.
fn under_construction(db: &Db, code: &str) {
    let new = project_fact(code, Attribute::Stage, "construction", day("2025-09-01"), paper("朝水〔2025〕7号"));
    db.write(move |tx| change(tx, &office(), new)).expect("under construction");
}
