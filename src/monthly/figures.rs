//! The money a report builds on, and what it makes of it. Pure rules; the store finds the sums.

use crate::error::Result;
use crate::money::Fen;
use crate::period::Month;
use crate::ratio::{Ratio, points_behind};

/// What the ledger says of a project before a report of a month is added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// 规划投资额; none when nothing is recorded.
    pub investment: Option<Fen>,
    /// The year's plan; none: not issued.
    pub plan: Option<Fen>,
    /// 完成投资 of the years before.
    pub before_year: Fen,
    /// 年初至上月累计: entries of the year dated before the month, and what earlier reports of the
    /// year say that are not approved yet.
    pub base: Fen,
    /// Of it, what is not approved yet, by month.
    pub pending: Vec<(Month, Fen)>,
    /// Entries of the month that do not come from its report.
    pub elsewhere: Option<Fen>,
}

/// What a page says before submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// 年初至本月累计.
    pub of_year: Fen,
    /// 开工累计.
    pub in_all: Fen,
    /// 完成率 of the year and 序时差 in points; none while no plan is issued.
    pub rate: Option<(Ratio, String)>,
}

/// 完成率 = 年初至本月累计 ÷ 年度计划; 序时 = m ÷ 12 (straight line); 序时差 = their difference in points.
pub fn outlook(figures: &Figures, of_year: Fen, month: Month) -> Result<Outlook> {
    let in_all = figures.before_year.checked_add(of_year)?;
    let plan = figures.plan.filter(|plan| *plan > Fen::ZERO);
    let rate = plan.and_then(|plan| {
        let rate = Ratio::new(of_year.get(), plan.get())?;
        let passed = i64::from(month.raw() % 100);
        Some((rate, points_behind(of_year.get(), plan.get(), passed, 12)))
    });
    Ok(Outlook { of_year, in_all, rate })
}
