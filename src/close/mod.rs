//! 锁定 and 财政结账: a month that nothing may be dated in any more, nor any month before it: a fact
//! changes every later balance, so what locks August locks July too. It only locks; what the public
//! sees is frozen by a publication. See `docs/adr/0020-what-a-lock-refuses.md` and
//! `docs/adr/0025-how-finance-closes-a-month.md`.
//!
//! 1. The office locks a month that is over (月报锁定), of everyone or of one department's projects;
//!    finance likewise takes it from 开放 by 预结 to 结账.
//! 2. No command dates anything within it: [`command::check_open`] stands where facts are added,
//!    whoever asks and by whichever way. No setting changes that.
//! 3. Only the last locked month is reopened, and by two people (`approval`); 预结, in which the
//!    figures are looked over before they stand, is taken back by one.
//! 4. What is learnt late about money keeps its own date and carries the month it was posted in
//!    (`ledger::command::Late::Posted`).

pub mod command;
pub mod store;

use std::collections::BTreeMap;

use crate::db::fact;
use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::period::{Day, Month};

fact! {
    /// A month locked, or opened again. The last one of a kind, month and department holds.
    close Close {
        /// See [`Kind`].
        kind: String,
        /// yyyymm.
        month: i32,
        /// A department's code; empty: everyone.
        department: String,
        /// `preclosed`, `locked` or `reopened`.
        state: String,
        reason: String,
    }
}

/// What is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 月报锁定: everything of a month but what 财政结账 locks; registry facts included.
    Reports,
    /// 财政结账: budget, received and paid of a month.
    Finance,
}

impl Kind {
    /// Every kind with the word it is stored under and its name on screen.
    pub const ALL: [(Kind, &'static str, &'static str); 2] =
        [(Kind::Reports, "reports", "月报锁定"), (Kind::Finance, "finance", "财政结账")];

    /// The word it is stored under.
    pub fn word(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, word, _)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., label)| label)
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Result<Kind> {
        let allowed = || Kind::ALL.map(|(_, word, label)| format!("{word}（{label}）")).join("、");
        Kind::ALL
            .iter()
            .find(|(_, known, _)| *known == word)
            .map(|(kind, ..)| *kind)
            .ok_or_else(|| Error::invalid("kind", word, format!("没有这种锁定；可用 {}", allowed())))
    }

    /// Which lock covers entries of a measure.
    pub fn of(measure: Measure) -> Kind {
        match measure {
            Measure::Investment | Measure::Plan | Measure::Completed => Kind::Reports,
            Measure::Budget | Measure::Received | Measure::Paid => Kind::Finance,
        }
    }
}

/// The word of a month that finance is looking over (预结).
pub const PRECLOSED: &str = "preclosed";
/// The word of a locked month; of 财政结账, a settled one.
pub const LOCKED: &str = "locked";
/// The word of a month opened again.
pub const REOPENED: &str = "reopened";

/// How far a month is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// 预结.
    Preclosed,
    /// 锁定, 结账.
    Locked,
}

/// What is locked of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locks {
    /// By department; the empty one is everyone.
    months: BTreeMap<String, BTreeMap<Month, Held>>,
}

impl Locks {
    /// What stands after these rows, given in their order.
    pub fn after(rows: &[Close]) -> Result<Locks> {
        let mut locks = Locks::default();
        for row in rows {
            let months = locks.months.entry(row.department.clone()).or_default();
            let month = Month::from_raw(row.month)?;
            match row.state.as_str() {
                LOCKED => months.insert(month, Held::Locked),
                PRECLOSED => months.insert(month, Held::Preclosed),
                _ => months.remove(&month),
            };
        }
        locks.months.retain(|_, months| !months.is_empty());
        Ok(locks)
    }

    /// The last locked month of a department's own lock; the empty one is everyone's.
    pub fn last(&self, department: &str) -> Option<Month> {
        self.months.get(department).and_then(|months| months.keys().next_back()).copied()
    }

    /// How far a month is closed by a department's own closing; the empty one is everyone's.
    pub fn held(&self, department: &str, month: Month) -> Option<Held> {
        self.months.get(department)?.get(&month).copied()
    }

    /// Up to which month nothing may be dated about projects that a department leads.
    pub fn until(&self, lead: &str) -> Option<Month> {
        self.last("").max(self.last(lead))
    }

    /// Up to which month anything of anyone is locked.
    pub fn until_any(&self) -> Option<Month> {
        self.months.values().filter_map(|months| months.keys().next_back().copied()).max()
    }

    /// Whether any department is locked by itself.
    pub fn is_by_department(&self) -> bool {
        self.months.keys().any(|department| !department.is_empty())
    }

    /// Every locked month with its department, the last first.
    pub fn list(&self) -> Vec<(Month, &str)> {
        let pairs = self
            .months
            .iter()
            .flat_map(|(department, months)| months.keys().map(move |month| (*month, department.as_str())));
        let mut list: Vec<(Month, &str)> = pairs.collect();
        list.sort_by(|(a, here), (b, there)| b.cmp(a).then(here.cmp(there)));
        list
    }
}

/// Whether a month may be locked:
/// 1. it is over: what is dated today is never refused;
/// 2. neither it nor a later month is locked already.
pub fn check_lock(month: Month, today: Day, locks: &Locks, department: &str) -> Result<()> {
    if month.last_day() >= today {
        let message = format!("还没有过完（今天 {today}）；{} 起可以锁定", month.last_day().succ());
        return Err(Error::invalid("month", month.to_string(), message));
    }
    match locks.until(department) {
        Some(until) if month <= until => {
            Err(Error::Conflict(format!("{month} 已经锁定（锁定到 {until}，连同以前各月），不用再锁")))
        }
        _ => Ok(()),
    }
}

/// Whether 财政 may settle a month: it has been looked over (预结), of the same scope or of everyone.
pub fn check_settle(month: Month, locks: &Locks, department: &str) -> Result<()> {
    match locks.held(department, month).or_else(|| locks.held("", month)) {
        Some(Held::Preclosed) => Ok(()),
        Some(Held::Locked) => Err(Error::Conflict(format!("{month} 已经结账，不用再结"))),
        None if locks.until(department).is_some_and(|until| month <= until) => {
            Err(Error::Conflict(format!("{month} 已随以后的月份一并不能再记，不用单独结账")))
        }
        None => Err(Error::Conflict(format!("{month} 还没有预结；先预结、核对，再结账"))),
    }
}

/// Whether a month may be opened again: it is the last one that the scope has locked. An earlier
/// month opened under a locked one could not be changed without changing the later.
pub fn check_reopen(month: Month, locks: &Locks, department: &str) -> Result<()> {
    match locks.last(department) {
        Some(last) if last == month => Ok(()),
        Some(last) if month < last => {
            Err(Error::Conflict(format!("要先重新打开 {last}：改 {month} 就改了以后各月的累计")))
        }
        _ => Err(Error::Conflict(format!("{month} 没有锁定，不用重新打开"))),
    }
}

/// The refusal of something dated in a locked month.
pub fn refusal(kind: Kind, day: Day, until: Month) -> Error {
    let (done, how) = match kind {
        Kind::Reports => ("锁定", "由办公室两个人重新打开"),
        Kind::Finance => ("预结或结账", "由财政撤销预结，已结账的由两个人反结账"),
    };
    Error::Conflict(format!(
        "{day} 不能记：{until} 及以前各月已{done}（{}）。请把日期写成 {} 或以后；确要改{done}的月份，{how}",
        kind.label(),
        until.last_day().succ()
    ))
}
