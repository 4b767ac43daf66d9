//! 调剂: money moved between projects, years or sources. What goes out comes in, to the fen. From one year to the
//! next it is 结转.

use std::collections::{BTreeMap, BTreeSet};

use super::{Kind, MAX_AMOUNT};
use crate::error::{Error, Fault, Result};
use crate::ledger::command::NewEntry;
use crate::measure::Measure;
use crate::money::{Fen, Unit};
use crate::period::{Day, Year};

/// One side of a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The project's code.
    pub project: String,
    /// Of what.
    pub measure: Measure,
    /// Fiscal year; see [`super::fiscal_year`].
    pub year: Option<Year>,
    /// The funding source's code.
    pub source: Option<String>,
    /// Out is negative, in is positive.
    pub amount: Fen,
}

/// A transfer to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransfer {
    /// Its lines, out and in.
    pub lines: Vec<Line>,
    /// When it takes effect.
    pub occurred_on: Day,
    /// 原因.
    pub reason: String,
}

/// A sheet of transfers is an import; what one document moves fits a page.
pub const MAX_LINES: usize = 100;

/// 1. A transfer has at least two lines and at most [`MAX_LINES`];
/// 2. every line moves something, at most [`MAX_AMOUNT`];
/// 3. no two lines say the same project, measure, year and source: they would be one line;
/// 4. what goes out of each measure comes in again.
///
/// # Errors
/// Every fault at once, each at its line (`lines/0/amount`, counted from 0).
pub fn check_lines(lines: &[Line]) -> Result<()> {
    if !(2..=MAX_LINES).contains(&lines.len()) {
        let message = format!("有 {} 行；调剂至少两行（调出、调入），最多 {MAX_LINES} 行", lines.len());
        return Err(Error::invalid("lines", "", message));
    }
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, line) in lines.iter().enumerate() {
        let mut refuse = |field: &str, value: String, message: &str| {
            faults.push(Fault { field: format!("lines/{at}/{field}"), value, message: message.into() });
        };
        if line.amount == Fen::ZERO {
            refuse("amount", line.amount.yuan(), "金额是 0；没有调动的行请去掉");
        }
        if line.amount.get().unsigned_abs() > MAX_AMOUNT.get().unsigned_abs() {
            refuse("amount", line.amount.yuan(), "一笔最多 1 万亿元；请核对单位是元还是万元");
        }
        if !seen.insert((&line.project, line.measure, line.year, &line.source)) {
            refuse("project", line.project.clone(), "与前面一行的项目、口径、年度、来源都相同；请并成一行");
        }
    }
    if faults.is_empty() {
        faults = unbalanced(lines)?;
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// What each measure misses, said by how much and on which side.
fn unbalanced(lines: &[Line]) -> Result<Vec<Fault>> {
    let mut sums: BTreeMap<Measure, Fen> = BTreeMap::new();
    for line in lines {
        let sum = sums.entry(line.measure).or_default();
        *sum = sum.checked_add(line.amount)?;
    }
    let mut faults = Vec::new();
    for (measure, sum) in sums.into_iter().filter(|(_, sum)| *sum != Fen::ZERO) {
        let (more, by) =
            if sum > Fen::ZERO { ("调入比调出多", sum) } else { ("调出比调入多", sum.checked_neg()?) };
        let message = format!("{}{more} {}；调出与调入要相等", measure.label(), both_units(by));
        faults.push(Fault { field: "lines".into(), value: String::new(), message });
    }
    Ok(faults)
}

/// 「1,250,000 元（125 万元）」: exact in both units, so that a slip of the unit is seen.
pub fn both_units(amount: Fen) -> String {
    format!("{} 元（{} 万元）", Unit::Yuan.render(amount), amount.wan_words())
}

impl NewTransfer {
    /// 结转 when every line goes from a year to the next of the same project, measure and source; else 调剂.
    pub fn kind(&self) -> Kind {
        let goes_on = |out: &Line| {
            self.lines.iter().any(|line| {
                let same = (&line.project, line.measure, &line.source) == (&out.project, out.measure, &out.source);
                let next = out.year.zip(line.year).is_some_and(|(from, to)| from.get() + 1 == to.get());
                same && next && line.amount.checked_neg().is_ok_and(|back| back == out.amount)
            })
        };
        let (out, into): (Vec<&Line>, Vec<&Line>) = self.lines.iter().partition(|line| line.amount < Fen::ZERO);
        match out.len() == into.len() && out.into_iter().all(goes_on) {
            true => Kind::CarryOver,
            false => Kind::Transfer,
        }
    }

    /// The entries its lines are.
    pub(super) fn into_entries(self) -> Vec<NewEntry> {
        let kind = self.kind();
        let (occurred_on, reason) = (self.occurred_on, self.reason);
        let entry = |line: Line| NewEntry {
            project: line.project,
            measure: line.measure,
            kind,
            year: line.year,
            source: line.source,
            amount: line.amount,
            occurred_on,
            reason: reason.clone(),
            is_estimate: false,
            note: String::new(),
        };
        self.lines.into_iter().map(entry).collect()
    }
}

/// A transfer or a carry-over is never recorded one side at a time.
pub fn refuse_lone_side(kind: Kind) -> Result<()> {
    match kind {
        Kind::Transfer => {
            let message = "调剂有调出也有调入，要一起记，合计为 0；命令行用 taizhang entry transfer";
            Err(Error::invalid("kind", kind.word(), message))
        }
        Kind::CarryOver => {
            let message = "结转从一年转到下一年，两行一起记：用调剂，调出写本年、调入写下一年，系统记为结转";
            Err(Error::invalid("kind", kind.word(), message))
        }
        _ => Ok(()),
    }
}
