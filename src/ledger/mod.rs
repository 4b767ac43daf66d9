//! 分录: signed amounts of one measure for a project, on a date. Never edited; reversed.

pub mod command;
pub mod funding;
mod guard;
pub mod rule;
pub mod store;
pub mod transfer;

use crate::db::fact;
use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Year};
use crate::subtotal::Cell;

fact! {
    /// A line of the ledger.
    entry Entry {
        project_id: i64,
        /// `Measure::code`.
        measure: i32,
        /// `Kind::code`.
        kind: i32,
        /// Fiscal year; none: 未分年.
        year: Option<i32>,
        /// None: 未落实.
        source_id: Option<i64>,
        amount_fen: i64,
        occurred_on: i32,
        /// The month a late fact was posted in, when its own month was closed.
        posted_month: Option<i32>,
        reason_code: String,
        /// 1: contains an estimate (预计).
        is_estimate: i32,
        document_id: Option<i64>,
        line_id: Option<i64>,
        reverses_id: Option<i64>,
        note: String,
    }
}

impl Entry {
    /// Where it stands among the balances of today.
    pub fn cell(&self) -> Cell {
        Cell { year: self.year.unwrap_or(0), project: self.project_id, source: self.source_id.unwrap_or(0) }
    }
}

/// Why an entry stands in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 原始.
    Original,
    /// 调整, by an approving document.
    Adjustment,
    /// 调剂 between projects, years or sources.
    Transfer,
    /// 结转 to another year.
    CarryOver,
    /// 期初, the balance at the start of recording.
    Opening,
    /// 冲正 of another entry.
    Reversal,
}

impl Kind {
    /// Whether it is recorded and taken back together with what it goes out of or into.
    pub fn has_sides(self) -> bool {
        matches!(self, Kind::Transfer | Kind::CarryOver)
    }

    /// Every kind with its code, its word and its name on screen.
    pub const ALL: [(Kind, i32, &'static str, &'static str); 6] = [
        (Kind::Original, 1, "original", "原始"),
        (Kind::Adjustment, 2, "adjustment", "调整"),
        (Kind::Transfer, 3, "transfer", "调剂"),
        (Kind::CarryOver, 4, "carry_over", "结转"),
        (Kind::Opening, 5, "opening", "期初"),
        (Kind::Reversal, 6, "reversal", "冲正"),
    ];

    /// The code stored in `entry.kind`.
    pub fn code(self) -> i32 {
        Kind::ALL.iter().find(|(kind, ..)| *kind == self).map_or(0, |(_, code, ..)| *code)
    }

    /// The word in files and the API.
    pub fn word(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, _, word, _)| word)
    }

    /// Its name on screen.
    pub fn label(self) -> &'static str {
        Kind::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., label)| label)
    }

    /// The kind of a stored code.
    pub fn from_code(code: i32) -> Option<Kind> {
        Kind::ALL.iter().find(|(_, known, ..)| *known == code).map(|(kind, ..)| *kind)
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Result<Kind> {
        let allowed = || Kind::ALL.map(|(_, _, word, label)| format!("{word}（{label}）")).join("、");
        Kind::ALL
            .iter()
            .find(|(_, _, known, _)| *known == word)
            .map(|(kind, ..)| *kind)
            .ok_or_else(|| Error::invalid("kind", word, format!("没有这种分录；可用 {}", allowed())))
    }
}

/// One entry at most: 1 万亿元, ten times the district's largest imaginable project, so that a
/// slip of the unit is caught; nine thousand such entries still add up within `i64`.
pub const MAX_AMOUNT: Fen = Fen::new(100_000_000_000_000);

/// 1. An amount is at most [`MAX_AMOUNT`] either way.
pub fn check_amount(amount: Fen) -> Result<()> {
    match amount.get().unsigned_abs() <= MAX_AMOUNT.get().unsigned_abs() {
        true => Ok(()),
        false => Err(Error::invalid("amount", amount.yuan(), "一笔最多 1 万亿元；请核对单位是元还是万元")),
    }
}

/// The fiscal year of an entry:
/// 1. plan and budget must name it;
/// 2. received, completed and paid take the year of their date unless another is named;
/// 3. investment and openings may have none (未分年).
pub fn fiscal_year(measure: Measure, kind: Kind, named: Option<Year>, occurred_on: Day) -> Result<Option<Year>> {
    match (measure, named) {
        (_, Some(year)) => Ok(Some(year)),
        (Measure::Investment, None) => Ok(None),
        (_, None) if kind == Kind::Opening => Ok(None),
        (Measure::Plan | Measure::Budget, None) => {
            Err(Error::invalid("year", "", format!("{}要写明年度", measure.label())))
        }
        (Measure::Received | Measure::Completed | Measure::Paid, None) => Ok(Some(occurred_on.year())),
    }
}

/// 「疑为元」「疑为亿元」: an amount given in 万元 beside the project's estimate. More than ten times
/// it, or less than a thousandth, is rarely meant (domain guide, 3.8).
pub fn suspect_unit(amount: Fen, estimate: Fen) -> Option<&'static str> {
    let (amount, estimate) = (i128::from(amount.get()), i128::from(estimate.get()));
    match () {
        () if amount == 0 || estimate <= 0 => None,
        () if amount > estimate * 10 => Some("比规划投资额大十倍以上，疑按元填写；这一列以万元计"),
        () if amount > 0 && amount * 1000 < estimate => Some("不到规划投资额的千分之一，疑按亿元填写；这一列以万元计"),
        () => None,
    }
}
