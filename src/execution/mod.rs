//! 预算执行: what was paid of a year's fiscal budget by the end of a month, against the year's straight line
//! (domain guide, 3.2 预算执行率 and 4.3 R4).
//!
//! 1. The month is the last one that is over: a running month would look behind for what is not due yet.
//! 2. Projects that enterprises build stand apart and are not judged by fiscal rates.
//! 3. Rates of many are their sums divided, never a mean of rates.

pub mod store;

use crate::error::{Error, Result};
use crate::light::gap::{Gap, Tau};
use crate::light::input::{Inputs, Moved, Nature};
use crate::light::judge::{overpaid, payment};
use crate::light::rule::Params;
use crate::light::{Light, Why};
use crate::money::Fen;
use crate::period::{Day, Month};

/// The last month that is over on a day.
pub fn month_over(day: Day) -> Month {
    match day == day.month().last_day() {
        true => day.month(),
        false => day.month().pred(),
    }
}

/// 序时进度 by the end of a month of what runs from January to December: m ÷ 12.
pub fn due(month: Month) -> Tau {
    Tau::new(i64::from(month.raw() % 100), 12)
}

/// What a year's budget came to, of one project or many; none: nothing recorded, which is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Executed {
    /// How many projects.
    pub projects: usize,
    /// 年度财政预算 B.
    pub budget: Option<Fen>,
    /// 到位资金 of the year F, from all sources.
    pub received: Option<Fen>,
    /// 支付资金 of the year from fiscal sources X.
    pub paid: Option<Fen>,
}

impl Executed {
    /// Of one project.
    pub fn of(moved: &Moved) -> Executed {
        Executed { projects: 1, budget: moved.budget, received: moved.received, paid: moved.paid_fiscal }
    }

    /// Both added.
    ///
    /// # Errors
    /// Sums beyond what an amount can hold.
    pub fn plus(self, other: Executed) -> Result<Executed> {
        let sum = |a: Option<Fen>, b: Option<Fen>| match (a, b) {
            (Some(a), Some(b)) => a.checked_add(b).map(Some),
            (a, b) => Ok(a.or(b)),
        };
        Ok(Executed {
            projects: self.projects + other.projects,
            budget: sum(self.budget, other.budget)?,
            received: sum(self.received, other.received)?,
            paid: sum(self.paid, other.paid)?,
        })
    }

    /// Whether nothing is recorded.
    pub fn is_nothing(&self) -> bool {
        self.budget.is_none() && self.received.is_none() && self.paid.is_none()
    }

    /// 预算执行率 X ÷ B beside what was due; none without a budget above zero.
    pub fn gap(&self, due: Tau) -> Option<Gap> {
        Gap::new(self.paid.unwrap_or(Fen::ZERO), self.budget?, due)
    }
}

/// Whether a project is built with an enterprise's money.
pub fn is_apart(inputs: &Inputs) -> bool {
    inputs.nature == Nature::Enterprise
}

/// How one project's execution stands, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// More was paid than received, over all years, by so much: an error in the data.
    Overpaid(Fen),
    /// Paid from fiscal money without a budget on record.
    Unbudgeted(Fen),
    /// More was paid than the year's budget, by so much.
    OverBudget(Fen),
    /// Judged against what was due.
    Judged(Light, Gap),
    /// No budget on record, nothing paid.
    NoBudget,
    /// Not judged: a budget of zero, or a quarter without a quota.
    NotJudged,
}

impl Standing {
    /// Of a project that is judged by fiscal rates.
    pub fn of(inputs: &Inputs, params: &Params) -> Standing {
        // Wrong whatever the profile has to say of payments.
        if let Some(Why::Overpaid(paid, received)) = overpaid(inputs) {
            return Standing::Overpaid(paid.checked_sub(received.unwrap_or(Fen::ZERO)).unwrap_or(paid));
        }
        let paid = inputs.moved.paid_fiscal.unwrap_or(Fen::ZERO);
        let found = payment(inputs, params);
        match (found.why, inputs.moved.budget) {
            (_, None) if paid > Fen::ZERO => Standing::Unbudgeted(paid),
            (_, None) => Standing::NoBudget,
            (_, Some(budget)) if paid > budget => Standing::OverBudget(paid.checked_sub(budget).unwrap_or(paid)),
            (Why::Gap(gap) | Why::NothingDue(gap), _) => Standing::Judged(found.light, gap),
            _ => Standing::NotJudged,
        }
    }

    /// Whether finance must look at it.
    pub fn is_exception(self) -> bool {
        match self {
            Standing::Overpaid(_) | Standing::Unbudgeted(_) | Standing::OverBudget(_) => true,
            Standing::Judged(light, _) => matches!(light, Light::Red | Light::Yellow),
            Standing::NoBudget | Standing::NotJudged => false,
        }
    }

    /// What lists are sorted by: exceptions first, then those furthest behind.
    pub fn rank(self) -> (u8, i128) {
        match self {
            Standing::Overpaid(over) => (0, -i128::from(over.get())),
            Standing::Unbudgeted(paid) => (1, -i128::from(paid.get())),
            Standing::OverBudget(over) => (2, -i128::from(over.get())),
            Standing::Judged(_, gap) => (3, gap.points().millionths()),
            Standing::NotJudged => (4, 0),
            Standing::NoBudget => (5, 0),
        }
    }

    /// What is to be said of it; more decimals near the thresholds of its light.
    pub fn words(self, thresholds: &[i64]) -> String {
        match self {
            Standing::Overpaid(over) => {
                format!("支付超过到位 {} 万元（各年累计）：数据错误，漏报到位或垫资", over.wan_words())
            }
            Standing::Unbudgeted(_) => "有财政资金支付，没有年度财政预算".into(),
            Standing::OverBudget(over) => format!("支付超过年度财政预算 {} 万元", over.wan_words()),
            Standing::Judged(_, gap) => match gap.points().sign() {
                std::cmp::Ordering::Less => format!("落后序时 {} 个百分点", gap.points().beside(thresholds)),
                std::cmp::Ordering::Equal => "与序时持平".into(),
                std::cmp::Ordering::Greater => format!("超前序时 {} 个百分点", gap.points().beside(thresholds)),
            },
            Standing::NoBudget => "没有年度财政预算，不判".into(),
            Standing::NotJudged => "不判".into(),
        }
    }
}

/// What a project's year had come to by the end of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The month.
    pub month: Month,
    /// Budget, received and paid by its end, as known now.
    pub executed: Executed,
    /// Of what was paid, what was posted in a later month: 补记.
    pub posted_later: Fen,
}

/// The year month by month, each with everything before it.
///
/// # Errors
/// Sums beyond what an amount can hold.
pub fn course(month: Month, moves: &[store::Move]) -> Result<Vec<Step>> {
    let first = Month::from_raw(month.raw() / 100 * 100 + 1)?;
    let mut steps = Vec::new();
    let mut at = first;
    while at <= month {
        let mut step = Step { month: at, executed: Executed::default(), posted_later: Fen::ZERO };
        for moved in moves.iter().filter(|moved| moved.month <= at) {
            step.executed = step.executed.plus(moved.executed()?)?;
            if moved.is_paid() && moved.posted.is_some_and(|posted| posted > at) {
                step.posted_later = step.posted_later.checked_add(moved.amount)?;
            }
        }
        steps.push(step);
        at = at.succ();
    }
    match steps.is_empty() {
        true => Err(Error::internal("没有一个月可列", month.to_string())),
        false => Ok(steps),
    }
}
