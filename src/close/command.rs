//! Locking a month, and the check that every writing command stands behind.

use serde_json::{Map, json};

use super::{
    Close, Held, Kind, LOCKED, Locks, PRECLOSED, REOPENED, check_lock, check_reopen, check_settle, refusal, store,
};
use crate::auth::{Action, Actor, authorise};
use crate::db::{Head, Tx};
use crate::document::check_text;
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::{Day, Month};

/// Which month of what, and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// What is locked.
    pub kind: Kind,
    /// The month.
    pub month: Month,
    /// A department's code; empty: everyone.
    pub department: String,
    /// Why; may be empty when locking.
    pub reason: String,
}

impl Closing {
    /// What the journal calls it: `reports:2025-08`, `reports:2025-08/water`.
    pub fn subject(&self) -> String {
        match self.department.as_str() {
            "" => format!("{}:{}", self.kind.word(), self.month),
            department => format!("{}:{}/{department}", self.kind.word(), self.month),
        }
    }
}

impl Closing {
    /// The same from what [`Closing::subject`] writes.
    ///
    /// # Errors
    /// Says that it must be chosen from the list.
    pub fn parse(text: &str, reason: String) -> Result<Closing> {
        let missing = || Error::invalid("closing", text, "请从列出的月份里选");
        let (kind, rest) = text.split_once(':').ok_or_else(missing)?;
        let (month, department) = rest.split_once('/').unwrap_or((rest, ""));
        let (kind, month) = (Kind::parse(kind).map_err(|_| missing())?, Month::parse(month).map_err(|_| missing())?);
        Ok(Closing { kind, month, department: department.to_owned(), reason })
    }
}

/// 月报锁定: locks a month and those before it. Gives the id of the lock.
pub fn lock(tx: &mut Tx<'_>, actor: &Actor, new: &Closing) -> Result<(i64, Head)> {
    authorise(actor, Action::Close)?;
    must_be(new, Kind::Reports)?;
    let mut recording = Recording::begin(tx, actor, "close.lock", new.subject())?;
    let locks = locks_of(&mut recording, new)?;
    check_lock(new.month, recording.today(), &locks, &new.department)?;
    let id = add(&mut recording, new, LOCKED)?;
    let before = standing(&locks, &new.department);
    finish(recording, new, id, before, format!("锁定到 {}", new.month))
}

/// 预结: nothing more is recorded in a month and those before it while finance looks them over.
pub fn preclose(tx: &mut Tx<'_>, actor: &Actor, new: &Closing) -> Result<(i64, Head)> {
    authorise(actor, Action::Settle)?;
    must_be(new, Kind::Finance)?;
    let mut recording = Recording::begin(tx, actor, "close.preclose", new.subject())?;
    let locks = locks_of(&mut recording, new)?;
    check_lock(new.month, recording.today(), &locks, &new.department)?;
    let id = add(&mut recording, new, PRECLOSED)?;
    finish(recording, new, id, standing(&locks, &new.department), format!("{} 预结", new.month))
}

/// 结账: what was looked over stands. Opening it again takes two.
pub fn settle(tx: &mut Tx<'_>, actor: &Actor, new: &Closing) -> Result<(i64, Head)> {
    authorise(actor, Action::Settle)?;
    must_be(new, Kind::Finance)?;
    let mut recording = Recording::begin(tx, actor, "close.settle", new.subject())?;
    let locks = locks_of(&mut recording, new)?;
    check_settle(new.month, &locks, &new.department)?;
    let id = add(&mut recording, new, LOCKED)?;
    finish(recording, new, id, format!("{} 预结", new.month), format!("{} 结账", new.month))
}

/// 撤销预结: something was found that belongs into the month.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, new: &Closing) -> Result<(i64, Head)> {
    authorise(actor, Action::Settle)?;
    must_be(new, Kind::Finance)?;
    check_text("reason", &new.reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "close.withdraw", new.subject())?;
    let locks = locks_of(&mut recording, new)?;
    check_reopen(new.month, &locks, &new.department)?;
    if locks.held(&new.department, new.month) == Some(Held::Locked) {
        return Err(Error::Conflict(format!("{} 已经结账；反结账要两个人，请提出申请", new.month)));
    }
    let id = add(&mut recording, new, REOPENED)?;
    finish(recording, new, id, format!("{} 预结", new.month), format!("{} 开放", new.month))
}

fn must_be(new: &Closing, kind: Kind) -> Result<()> {
    match new.kind == kind {
        true => Ok(()),
        false => {
            let message = format!("{} 没有这一步；办公室锁定月报，财政预结、结账", new.kind.label());
            Err(Error::invalid("kind", new.kind.word(), message))
        }
    }
}

/// What is locked already of what is to be closed, once its words and its department hold.
fn locks_of(recording: &mut Recording<'_, '_>, new: &Closing) -> Result<Locks> {
    if !new.reason.is_empty() {
        check_text("reason", &new.reason, 500)?;
    }
    check_department(recording, &new.department)?;
    locks(recording, new.kind)
}

fn standing(locks: &Locks, department: &str) -> String {
    locks.until(department).map_or_else(|| "没有锁定".to_owned(), |month| format!("锁定到 {month}"))
}

fn finish(recording: Recording<'_, '_>, new: &Closing, id: i64, before: String, after: String) -> Result<(i64, Head)> {
    let head = recording.finish(Map::from_iter([
        ("kind".to_owned(), json!(new.kind.label())),
        ("before".to_owned(), json!(before)),
        ("after".to_owned(), json!(after)),
        ("department".to_owned(), json!(new.department)),
        ("reason".to_owned(), json!(new.reason)),
    ]))?;
    Ok((id, head))
}

/// Opens a locked month within a command under way: the second person's (`approval`).
pub fn reopen(recording: &mut Recording<'_, '_>, closing: &Closing) -> Result<()> {
    check_text("reason", &closing.reason, 500)?;
    let locks = locks(recording, closing.kind)?;
    check_reopen(closing.month, &locks, &closing.department)?;
    add(recording, closing, REOPENED).map(drop)
}

fn add(recording: &mut Recording<'_, '_>, closing: &Closing, state: &str) -> Result<i64> {
    let row = recording.add(|id, seq| Close {
        id,
        seq,
        kind: closing.kind.word().into(),
        month: closing.month.raw(),
        department: closing.department.clone(),
        state: state.into(),
        reason: closing.reason.clone(),
    })?;
    let seq = recording.seq();
    let now = store::locks(recording.tx().conn(), closing.kind, seq)?;
    recording.tx().remember("close", closing.kind.word(), now);
    Ok(row.id)
}

/// What is locked of a kind, for a command under way.
pub fn locks(recording: &mut Recording<'_, '_>, kind: Kind) -> Result<Locks> {
    let found = recording.tx().recall("close", kind.word(), |conn| Ok(Some(store::locks(conn, kind, i64::MAX)?)))?;
    Ok(found.unwrap_or_default())
}

/// Up to which month nothing may be dated about a project, for a command under way.
pub fn locked_until(recording: &mut Recording<'_, '_>, kind: Kind, project_id: i64) -> Result<Option<Month>> {
    let locks = locks(recording, kind)?;
    // Asking who leads it costs a statement: only where a department is locked by itself.
    let lead =
        if locks.is_by_department() { store::lead_of(recording.tx().conn(), project_id)? } else { String::new() };
    Ok(locks.until(&lead))
}

/// Refuses to date anything about a project within a locked month. Every command that adds a dated
/// fact stands behind this.
///
/// # Errors
/// [`Error::Conflict`] says up to which month is locked and what to do.
pub fn check_open(recording: &mut Recording<'_, '_>, kind: Kind, day: Day, project_id: i64) -> Result<()> {
    judge(kind, day, locked_until(recording, kind, project_id)?)
}

/// The same by the department that leads, for what has no project yet.
pub fn check_open_of(recording: &mut Recording<'_, '_>, kind: Kind, day: Day, lead: &str) -> Result<()> {
    let until = locks(recording, kind)?.until(lead);
    judge(kind, day, until)
}

/// The same for what concerns every project: a setting.
pub fn check_open_of_all(recording: &mut Recording<'_, '_>, kind: Kind, day: Day) -> Result<()> {
    let until = locks(recording, kind)?.until_any();
    judge(kind, day, until)
}

fn judge(kind: Kind, day: Day, until: Option<Month>) -> Result<()> {
    match until {
        Some(until) if day.month() <= until => Err(refusal(kind, day, until)),
        _ => Ok(()),
    }
}

/// Refuses a department that is not registered; none is everyone.
pub fn check_department(recording: &mut Recording<'_, '_>, code: &str) -> Result<()> {
    if code.is_empty() || store::has_department(recording.tx().conn(), code)? {
        return Ok(());
    }
    Err(Error::invalid("department", code, "没有这个部门；代码见「责任部门」，不填即全部"))
}
