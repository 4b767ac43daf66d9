//! What a report says once it can be read, and what is odd about it. Pure rules.

use super::figures::Figures;
use crate::error::Result;
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Month};

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The 报告期.
    pub month: Month,
    /// 本月无投资.
    pub is_nothing: bool,
    /// 本月完成投资; negative for 冲减.
    pub completed: Fen,
    /// Why the cumulative falls.
    pub reduction_reason: String,
    /// 更正上月.
    pub correction: Fen,
    /// Why.
    pub correction_reason: String,
    /// 到位 and 支付 of this year so far.
    pub lines: Vec<Line>,
    /// 形象进度.
    pub progress: String,
    /// In percent.
    pub percent: Option<i32>,
    /// 问题.
    pub problems: Vec<Problem>,
    /// 下月工作.
    pub next_work: String,
    /// 全年预计完成.
    pub forecast: Option<Fen>,
    /// 计划建议数.
    pub proposal: Option<Fen>,
    /// The owner's own judgement.
    pub judgement: String,
    /// Why.
    pub judgement_reason: String,
}

/// Money by source as the unit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Received or paid.
    pub measure: Measure,
    /// The source's code; none: 未落实.
    pub source: Option<String>,
    /// This year so far.
    pub amount: Fen,
}

/// A problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub text: String,
    /// 对口单位.
    pub counterpart: String,
    /// By when.
    pub due_on: Option<Day>,
}

/// What of a correction of last month falls into the month's own year: January corrects last year's.
pub fn of_year(month: Month, correction: Fen) -> Fen {
    match month.raw() % 100 {
        1 => Fen::ZERO,
        _ => correction,
    }
}

impl Content {
    /// What it says of a measure, all sources together; none when nothing is said.
    pub fn sum(&self, measure: Measure) -> Result<Option<Fen>> {
        let mut lines = self.lines.iter().filter(|line| line.measure == measure).peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        lines.try_fold(Fen::ZERO, |sum, line| sum.checked_add(line.amount)).map(Some)
    }

    /// 年初至本月累计.
    pub fn cumulative(&self, base: Fen) -> Result<Fen> {
        base.checked_add(of_year(self.month, self.correction))?.checked_add(self.completed)
    }
}

/// Points by which physical and investment progress may differ before it is asked about (domain §3.6).
const POINTS_APART: i128 = 20;

/// One decimal, half away from zero. `den` is positive.
fn tenths(num: i128, den: i128) -> String {
    let tenths = (num.abs() * 20 + den) / (den * 2);
    format!("{}{}.{}", if num < 0 && tenths > 0 { "−" } else { "" }, tenths / 10, tenths % 10)
}

/// What is odd and is submitted all the same:
/// 1. physical and investment progress differ by more than 20 points;
/// 2. paid is more than received; received is more than the year's plan;
/// 3. what is completed in all exceeds the estimate; an amount ten times the estimate or a
///    thousandth of it may be in another unit;
/// 4. the year-end forecast is below what is completed already.
pub fn warnings(content: &Content, figures: &Figures) -> Result<Vec<String>> {
    let mut odd = Vec::new();
    let of_year = content.cumulative(figures.base)?;
    let in_all = figures.before_year.checked_add(of_year)?;
    let estimate = figures.investment.filter(|fen| *fen > Fen::ZERO);
    if let (Some(percent), Some(estimate)) = (content.percent, estimate) {
        let (done, all) = (i128::from(in_all.get()), i128::from(estimate.get()));
        let apart = i128::from(percent) * all - done * 100;
        if apart.abs() > POINTS_APART * all {
            let (points, investment) = (tenths(apart.abs(), all), tenths(done * 100, all));
            odd.push(format!("形象进度 {percent}% 与投资进度 {investment}% 相差 {points} 个百分点"));
        }
    }
    let (received, paid) = (content.sum(Measure::Received)?, content.sum(Measure::Paid)?);
    if let (received, Some(paid)) = (received.unwrap_or(Fen::ZERO), paid)
        && paid > received
    {
        let over = paid.checked_sub(received)?.wan_words();
        odd.push(format!("支付超过到位 {over} 万元：可能漏报到位，或有垫资"));
    }
    if let (Some(received), Some(plan)) = (received, figures.plan)
        && received > plan
    {
        let over = received.checked_sub(plan)?.wan_words();
        odd.push(format!("到位超过年度计划 {over} 万元"));
    }
    if let Some(estimate) = estimate {
        let ten_times = i128::from(content.completed.get()).abs() > i128::from(estimate.get()) * 10;
        let thousandth = content.completed.get() != 0
            && i128::from(content.completed.get()).abs() * 1_000 < i128::from(estimate.get());
        if ten_times || thousandth {
            let typed = content.completed.wan_words();
            odd.push(format!("本月完成 {typed} 万元，与规划投资额相差悬殊：单位可能不是万元"));
        } else if in_all > estimate {
            odd.push(format!("累计完成 {} 万元，超过规划投资额 {} 万元", in_all.wan_words(), estimate.wan_words()));
        }
    }
    if content.forecast.is_some_and(|forecast| forecast < of_year) {
        odd.push(format!("全年预计少于已完成的 {} 万元", of_year.wan_words()));
    }
    Ok(odd)
}
