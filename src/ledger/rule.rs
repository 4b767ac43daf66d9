//! What money must not do, as pure functions: each rule looks at a project's funds as they would be, and says
//! in the staff's words what is wrong and by how much. What becomes of it is set by the office (see
//! `setting::rules`).

use std::collections::HashMap;

use super::fiscal_year;
use crate::error::Result;
use crate::ledger::command::NewEntry;
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Month, Year};
use crate::project::NOT_FISCAL;
use crate::setting::rules as words;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// 支付 ≤ 到位, per source, over all years.
    PaidOverReceived,
    /// 支付（财政资金） ≤ 年度财政预算.
    PaidOverBudget,
    /// 到位 ≤ 年度计划投资.
    ReceivedOverPlan,
    /// 完成 ≤ 年度计划投资.
    CompletedOverPlan,
    /// 累计完成 ≤ 批复概算, or the plan's estimate in its stead.
    CompletedOverCost,
    /// Nothing before the first year of the project without a reason.
    BeforeProject,
    /// A month below nothing needs a reason.
    NegativeMonth,
    /// Nothing is taken out of a year and source that is not there.
    Overdrawn,
    /// The same day, amount and document once.
    Repeated,
}

impl Rule {
    /// Every rule with the setting that says what becomes of what breaks it.
    pub const ALL: [(Rule, &'static str); 9] = [
        (Rule::PaidOverReceived, words::PAID_OVER_RECEIVED),
        (Rule::PaidOverBudget, words::PAID_OVER_BUDGET),
        (Rule::ReceivedOverPlan, words::RECEIVED_OVER_PLAN),
        (Rule::CompletedOverPlan, words::COMPLETED_OVER_PLAN),
        (Rule::CompletedOverCost, words::COMPLETED_OVER_COST),
        (Rule::BeforeProject, words::BEFORE_PROJECT),
        (Rule::NegativeMonth, words::NEGATIVE_MONTH),
        (Rule::Overdrawn, words::OVERDRAWN),
        (Rule::Repeated, words::REPEATED),
    ];
}

/// A rule broken, in the staff's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub rule: Rule,
    /// 「CY-24 区级一般公共预算：支付超过到位 1,000 万元（到位 8,000，支付 9,000）」.
    pub message: String,
}

/// Where money of a project stands: a measure, a fiscal year (none: 未分年) and a source (none: 未落实).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Of what.
    pub measure: Measure,
    /// The fiscal year.
    pub year: Option<i32>,
    /// The source's code.
    pub source: Option<String>,
}

/// A project's funds with the new entries among them.
#[derive(Debug, Clone, Default)]
pub struct Funds {
    /// The sums.
    pub places: HashMap<Place, i128>,
    /// What the months of the new entries come to, by measure.
    pub months: HashMap<(Measure, Month), i128>,
    /// 批复概算, or where there is none the plan's estimate.
    pub cost: Option<Cost>,
    /// The first year of 建设年限.
    pub first_year: Option<i32>,
    /// The names of sources by code.
    pub sources: HashMap<String, String>,
}

/// What a project may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// How much.
    pub amount: Fen,
    /// Whether it is 批复概算; else the plan's estimate.
    pub is_approved: bool,
}

impl Funds {
    fn sum(&self, measure: Measure, fits: impl Fn(&Place) -> bool) -> Option<i128> {
        let mut own = self.places.iter().filter(|(place, _)| place.measure == measure && fits(place)).peekable();
        own.peek()?;
        Some(own.map(|(_, fen)| fen).sum())
    }

    fn source<'s>(&'s self, code: Option<&'s str>) -> &'s str {
        code.map_or("未落实来源", |code| self.sources.get(code).map_or(code, String::as_str))
    }
}

/// What is wrong with the new entries of one project, once each; `funds` has them already. Entries that are less
/// than nothing break no upper bound, and what makes good what was wrong is not held against it.
///
/// # Errors
/// A year that the measure does not take.
pub fn breaches(new: &[&NewEntry], funds: &Funds) -> Result<Vec<Breach>> {
    let mut found: Vec<Breach> = Vec::new();
    let mut add = |rule: Rule, message: String| {
        let breach = Breach { rule, message };
        if !found.contains(&breach) {
            found.push(breach);
        }
    };
    for entry in new {
        let code = entry.project.as_str();
        let year = fiscal_year(entry.measure, entry.kind, entry.year, entry.occurred_on)?.map(Year::get);
        let is_more = entry.amount > Fen::ZERO;
        let source = entry.source.as_deref();
        let of_source = |place: &Place| place.source.as_deref() == source;
        let of_year = |place: &Place| place.year == year;
        match entry.measure {
            Measure::Paid if is_more => {
                let (paid, received) = (funds.sum(Measure::Paid, of_source), funds.sum(Measure::Received, of_source));
                if let Some(over) = over(paid, Some(received.unwrap_or(0))) {
                    add(Rule::PaidOverReceived, paid_words(code, funds.source(source), over, (received, paid)));
                }
                let is_fiscal = |place: &Place| place.source.as_deref().is_none_or(|code| !NOT_FISCAL.contains(&code));
                let paid = funds.sum(Measure::Paid, |place| of_year(place) && is_fiscal(place));
                if let Some(over) = over(paid, funds.sum(Measure::Budget, of_year)) {
                    add(Rule::PaidOverBudget, format!("{code} {}支付超过年度财政预算 {}", year_words(year), wan(over)));
                }
            }
            Measure::Received if !is_more => {
                let (paid, received) = (funds.sum(Measure::Paid, of_source), funds.sum(Measure::Received, of_source));
                if let Some(over) = over(paid, Some(received.unwrap_or(0))) {
                    add(Rule::PaidOverReceived, paid_words(code, funds.source(source), over, (received, paid)));
                }
            }
            Measure::Received => {
                let (received, plan) = (funds.sum(Measure::Received, of_year), funds.sum(Measure::Plan, of_year));
                if let Some(over) = over(received, plan) {
                    add(Rule::ReceivedOverPlan, format!("{code} {}到位超过年度计划 {}", year_words(year), wan(over)));
                }
            }
            Measure::Completed if is_more => {
                let (completed, plan) = (funds.sum(Measure::Completed, of_year), funds.sum(Measure::Plan, of_year));
                if let Some(over) = over(completed, plan) {
                    let words = format!("{code} {}完成超过年度计划 {}（超计划）", year_words(year), wan(over));
                    add(Rule::CompletedOverPlan, words);
                }
                let all = funds.sum(Measure::Completed, |_| true);
                if let Some(cost) = funds.cost
                    && let Some(over) = over(all, Some(i128::from(cost.amount.get())))
                {
                    let of =
                        if cost.is_approved { "批复概算" } else { "规划投资额（还没有批复概算）" };
                    let words = format!("{code} 累计完成超过{of} {}（超概）；先办概算调整，再记", wan(over));
                    add(Rule::CompletedOverCost, words);
                }
            }
            _ => {}
        }
        if entry.reason.is_empty() {
            let too_early = funds.first_year.filter(|first| entry.occurred_on.year().get() < *first);
            let moved = matches!(entry.measure, Measure::Received | Measure::Completed | Measure::Paid);
            if let (Some(first), true) = (too_early, moved) {
                let on = entry.occurred_on;
                add(Rule::BeforeProject, format!("{code} 从 {first} 年起建设，{on} 在这以前；确有其事请写明原因"));
            }
            let month = entry.occurred_on.month();
            let sum = funds.months.get(&(entry.measure, month)).copied().unwrap_or(0);
            if moved && !is_more && sum < 0 {
                let words = format!("{code} {month} {}合计为负（{}）；请写明原因", entry.measure.label(), wan(sum));
                add(Rule::NegativeMonth, words);
            }
        }
        let takes_out = entry.amount < Fen::ZERO && entry.kind.has_sides();
        if takes_out {
            let place = Place { measure: entry.measure, year, source: entry.source.clone() };
            let left = funds.places.get(&place).copied().unwrap_or(0);
            if left < 0 {
                let (at, label) = (funds.source(source), entry.measure.label());
                let words = format!("{code} {}{at}的{label}变成 {}：调出多于现有", year_words(year), wan(left));
                add(Rule::Overdrawn, words);
            }
        }
    }
    Ok(found)
}

fn over(sum: Option<i128>, limit: Option<i128>) -> Option<i128> {
    let (sum, limit) = (sum?, limit?);
    (sum > limit).then_some(sum - limit)
}

fn paid_words(code: &str, source: &str, over: i128, (received, paid): (Option<i128>, Option<i128>)) -> String {
    let (received, paid) = (wan(received.unwrap_or(0)), wan(paid.unwrap_or(0)));
    format!("{code} {source}：支付超过到位 {}（到位 {received}，支付 {paid}）", wan(over))
}

fn year_words(year: Option<i32>) -> String {
    year.map_or_else(|| "未分年的".to_owned(), |year| format!("{year} 年"))
}

fn wan(fen: i128) -> String {
    match i64::try_from(fen) {
        Ok(fen) => format!("{} 万元", Fen::new(fen).wan_words()),
        Err(_) => "超出可表示的金额".into(),
    }
}
