//! Subtotals by system, kept so that any (as of, known at) is answered at once.
//!
//! At date D a project's whole balance stands in its system of D. That is a step function
//! of D for each system and measure; what is stored are its *steps*. A command appends the
//! change it makes to the steps, tagged with its own journal number, and so the sum over
//! `day ≤ D` and `seq ≤ K` is the answer at (D, K), whatever was reclassified or back-dated
//! in between. Nothing here is a fact: `rebuild` makes it again from the facts, and `check`
//! proves it equal to them.

pub mod counter;
mod posting;

pub mod store;

pub use posting::Posting;

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::period::Day;

/// The version of these rules; a database with another one is asked to `rebuild`. 2: totals by
/// fiscal year and source, and what lists of projects count.
pub const VERSION: i32 = 2;

/// The member that stands for 待确认: a project that has no system (yet).
pub const UNCLASSIFIED: i64 = 0;

/// Which system a project stood in, and since when. Sorted by day; neighbours differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline(Vec<(Day, i64)>);

impl Timeline {
    /// From the category facts of one project, in order of (effective day, seq): the later
    /// fact of a day wins.
    pub fn new(facts: impl IntoIterator<Item = (Day, i64)>) -> Timeline {
        let mut spans: Vec<(Day, i64)> = Vec::new();
        for (day, member) in facts {
            if spans.last().is_some_and(|(last, _)| *last == day) {
                spans.pop();
            }
            spans.push((day, member));
        }
        let mut before = UNCLASSIFIED;
        spans.retain(|(_, member)| std::mem::replace(&mut before, *member) != *member);
        Timeline(spans)
    }

    /// The system at the end of `day`.
    pub fn at(&self, day: Day) -> i64 {
        self.0.iter().rev().find(|(since, _)| *since <= day).map_or(UNCLASSIFIED, |(_, member)| *member)
    }

    /// The moves after `day`: (day, from, to).
    fn moves_after(&self, day: Day) -> impl Iterator<Item = (Day, i64, i64)> + '_ {
        self.0.iter().enumerate().filter(move |(_, (since, _))| *since > day).map(|(at, (since, to))| {
            let from =
                at.checked_sub(1).and_then(|before| self.0.get(before)).map_or(UNCLASSIFIED, |(_, member)| *member);
            (*since, from, *to)
        })
    }
}

/// A sum and how many entries make it. `n = 0` is "no record", not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Signed fen (0 for counters).
    pub fen: i64,
    /// Entries, or things counted.
    pub n: i64,
}

impl Sum {
    /// Both parts added.
    pub fn plus(self, other: Sum) -> Result<Sum> {
        match (self.fen.checked_add(other.fen), self.n.checked_add(other.n)) {
            (Some(fen), Some(n)) => Ok(Sum { fen, n }),
            _ => Err(overflow()),
        }
    }

    /// Both parts negated.
    pub fn negated(self) -> Result<Sum> {
        match (self.fen.checked_neg(), self.n.checked_neg()) {
            (Some(fen), Some(n)) => Ok(Sum { fen, n }),
            _ => Err(overflow()),
        }
    }

    fn is_nothing(self) -> bool {
        self == Sum::default()
    }
}

fn overflow() -> Error {
    Error::invalid("amount", "", "合计超出可表示的范围（约 9.2 亿亿分），没有记录")
}

/// A step: on `day`, in the system `member`, of a measure or counter (its code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// When the balance changes.
    pub day: Day,
    /// The system's id, or [`UNCLASSIFIED`].
    pub member: i64,
    /// `Measure::code` or `Counter::code`.
    pub measure: i32,
}

/// Where today's balance of a project stands: its fiscal year and its source, 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The fiscal year; 0: 未分年.
    pub year: i32,
    /// The project's id.
    pub project: i64,
    /// The source's id; 0: 未落实.
    pub source: i64,
}

/// What a command changes: steps of the systems, and today's balance of the projects.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    steps: BTreeMap<Step, Sum>,
    balances: BTreeMap<(i64, i32), Sum>,
    years: BTreeMap<Cell, [Sum; 6]>,
    latest: BTreeMap<i64, Day>,
}

impl Changes {
    /// An amount that a project has from `day` on: it stands in the system of that day and
    /// moves along with every later change of system.
    pub fn place(&mut self, timeline: &Timeline, day: Day, measure: i32, sum: Sum) -> Result<()> {
        self.add(Step { day, member: timeline.at(day), measure }, sum)?;
        for (day, from, to) in timeline.moves_after(day) {
            self.add(Step { day, member: from, measure }, sum.negated()?)?;
            self.add(Step { day, member: to, measure }, sum)?;
        }
        Ok(())
    }

    /// An amount taken from the path of one timeline and laid along another.
    pub fn replace(&mut self, old: &Timeline, new: &Timeline, day: Day, measure: i32, sum: Sum) -> Result<()> {
        self.place(old, day, measure, sum.negated()?)?;
        self.place(new, day, measure, sum)
    }

    /// An amount on a project's balance of today.
    pub fn balance(&mut self, project: i64, measure: i32, sum: Sum) -> Result<()> {
        let slot = self.balances.entry((project, measure)).or_default();
        *slot = slot.plus(sum)?;
        Ok(())
    }

    /// The same amount on its fiscal year and source.
    pub fn of_year(&mut self, cell: Cell, measure: i32, sum: Sum) -> Result<()> {
        if let Some(slot) = slot(self.years.entry(cell).or_default(), measure) {
            *slot = slot.plus(sum)?;
        }
        Ok(())
    }

    /// A day for which a project's money was recorded.
    pub fn money_day(&mut self, project: i64, measure: i32, day: Day) {
        if is_money_flow(measure) {
            let latest = self.latest.entry(project).or_insert(day);
            *latest = day.max(*latest);
        }
    }

    fn add(&mut self, step: Step, sum: Sum) -> Result<()> {
        let slot = self.steps.entry(step).or_default();
        *slot = slot.plus(sum)?;
        Ok(())
    }

    /// The steps that are left once what cancels out is gone.
    pub fn steps(&self) -> impl Iterator<Item = (&Step, &Sum)> {
        self.steps.iter().filter(|(_, sum)| !sum.is_nothing())
    }

    /// The balances that change: ((project, measure), by how much).
    pub fn balances(&self) -> impl Iterator<Item = (&(i64, i32), &Sum)> {
        self.balances.iter().filter(|(_, sum)| !sum.is_nothing())
    }

    /// The balances that change, by fiscal year and source.
    pub fn years(&self) -> impl Iterator<Item = (&Cell, &[Sum; 6])> {
        self.years.iter()
    }

    /// The last day of money this command records for a project.
    pub fn latest(&self, project: i64) -> Option<Day> {
        self.latest.get(&project).copied()
    }

    /// The last day of money of each project among what is added.
    pub fn latest_days(&self) -> impl Iterator<Item = (i64, Day)> {
        self.latest.iter().map(|(project, day)| (*project, *day))
    }
}

/// Whether a measure (its code) is money that moved or work that was done: received, completed, paid.
/// 「数据截至」 is the last day of these.
pub fn is_money_flow(measure: i32) -> bool {
    (4..=6).contains(&measure)
}

/// The place of a measure (its code) among the six.
pub fn slot(sums: &mut [Sum; 6], measure: i32) -> Option<&mut Sum> {
    usize::try_from(measure - 1).ok().and_then(|at| sums.get_mut(at))
}
