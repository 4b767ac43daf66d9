//! What an entry's amount is, and what else is counted. The names are the staff's.

use crate::error::{Error, Result};

/// What an entry's amount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// 规划投资额（估算）: the plan's estimate and its approved adjustments.
    Investment,
    /// 年度计划投资.
    Plan,
    /// 年度财政预算.
    Budget,
    /// 到位资金.
    Received,
    /// 完成投资.
    Completed,
    /// 支付资金.
    Paid,
}

impl Measure {
    /// Every measure, in the order of tables.
    pub const ALL: [Measure; 6] =
        [Measure::Investment, Measure::Plan, Measure::Budget, Measure::Received, Measure::Completed, Measure::Paid];

    /// The code stored in `entry.measure`.
    pub fn code(self) -> i32 {
        match self {
            Measure::Investment => 1,
            Measure::Plan => 2,
            Measure::Budget => 3,
            Measure::Received => 4,
            Measure::Completed => 5,
            Measure::Paid => 6,
        }
    }

    /// The measure of a stored code.
    pub fn from_code(code: i32) -> Option<Measure> {
        Measure::ALL.into_iter().find(|measure| measure.code() == code)
    }

    /// The word in files and the API.
    pub fn key(self) -> &'static str {
        match self {
            Measure::Investment => "investment",
            Measure::Plan => "plan",
            Measure::Budget => "budget",
            Measure::Received => "received",
            Measure::Completed => "completed",
            Measure::Paid => "paid",
        }
    }

    /// Its name on screen, in full.
    pub fn label(self) -> &'static str {
        match self {
            Measure::Investment => "规划投资额（估算）",
            Measure::Plan => "年度计划投资",
            Measure::Budget => "年度财政预算",
            Measure::Received => "到位资金",
            Measure::Completed => "完成投资",
            Measure::Paid => "支付资金",
        }
    }

    /// The measure of a word.
    pub fn parse(word: &str) -> Result<Measure> {
        let allowed = || Measure::ALL.map(|measure| format!("{}（{}）", measure.key(), measure.label())).join("、");
        Measure::ALL
            .into_iter()
            .find(|measure| measure.key() == word)
            .ok_or_else(|| Error::invalid("measure", word, format!("没有这个口径；可用 {}", allowed())))
    }
}

/// What is counted beside money, with codes apart from [`Measure`]'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// Projects.
    Project,
    /// Milestones that have a planned day.
    MilestonePlanned,
    /// Milestones whose planned day has come.
    MilestoneDue,
    /// Milestones met.
    MilestoneMet,
    /// Milestones past their planned day and not met.
    MilestoneLate,
}

impl Counter {
    /// Every counter.
    pub const ALL: [Counter; 5] = [
        Counter::Project,
        Counter::MilestonePlanned,
        Counter::MilestoneDue,
        Counter::MilestoneMet,
        Counter::MilestoneLate,
    ];

    /// The code stored in the subtotals.
    pub fn code(self) -> i32 {
        match self {
            Counter::Project => 11,
            Counter::MilestonePlanned => 12,
            Counter::MilestoneDue => 13,
            Counter::MilestoneMet => 14,
            Counter::MilestoneLate => 15,
        }
    }

    /// The counter of a stored code.
    pub fn from_code(code: i32) -> Option<Counter> {
        Counter::ALL.into_iter().find(|counter| counter.code() == code)
    }
}
