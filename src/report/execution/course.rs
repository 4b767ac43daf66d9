//! The drawing of a year's money month by month: what was paid and received so far against the straight line of the
//! budget. Whole numbers in, finished coordinates out: x in twelfths of the year, y downwards in thousandths of the
//! height. Lengths are drawn from exact amounts and never read back as figures: the figures stand in the table below.

use serde::Serialize;

use crate::error::Result;
use crate::execution::Step;
use crate::money::Fen;
use crate::ratio::Ratio;
use crate::report::asked::Asked;

/// The height in units of the drawing.
const HEIGHT: i64 = 1_000;
/// A month in units of the drawing.
const MONTH: i64 = 100;

/// The drawing.
#[derive(Clone, Debug, Serialize)]
pub struct Course {
    /// The id of its title.
    pub id: String,
    /// The heading.
    pub title: String,
    /// The whole drawing in one sentence, for those who cannot see it.
    pub summary: String,
    /// The lines, each with its name.
    pub lines: Vec<Line>,
    /// The amount at the top.
    pub top: String,
}

/// A line from month to month.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// 「累计支付」.
    pub label: String,
    /// The style sheet's word: due, received, paid.
    pub word: String,
    /// 「0,1000 100,880 …」.
    pub points: String,
}

/// The drawing of a year's steps; none without a budget above zero.
///
/// # Errors
/// The year's straight line beyond what an amount can hold.
pub fn course(asked: &Asked, steps: &[Step]) -> Result<Option<Course>> {
    let Some(last) = steps.last() else { return Ok(None) };
    let Some(budget) = last.executed.budget.filter(|budget| *budget > Fen::ZERO) else { return Ok(None) };
    let amounts = steps.iter().flat_map(|step| [step.executed.received, step.executed.paid]).flatten();
    let top = amounts.chain([budget]).max().unwrap_or(budget);
    let y = |amount: Fen| HEIGHT - Ratio::new(amount.get(), top.get()).map_or(0, |ratio| ratio.of(HEIGHT));
    let at = |month: i32, amount: Fen| format!("{},{}", i64::from(month % 100) * MONTH, y(amount));
    let moved = |of: fn(&Step) -> Option<Fen>| {
        let points = steps.iter().map(|step| at(step.month.raw(), of(step).unwrap_or(Fen::ZERO)));
        std::iter::once(format!("0,{HEIGHT}")).chain(points).collect::<Vec<_>>().join(" ")
    };
    let line = |label: &str, word: &str, points: String| Line { label: label.into(), word: word.into(), points };
    let paid = last.executed.paid.unwrap_or(Fen::ZERO);
    Ok(Some(Course {
        id: "course".into(),
        title: "累计支付与序时".into(),
        summary: format!(
            "{} 年到 {} 月底，年度财政预算 {}，累计支付 {}；序时线从年初的 0 直到年末的全部预算。",
            last.month.raw() / 100,
            last.month.raw() % 100,
            asked.money_words(budget.get()),
            asked.money_words(paid.get())
        ),
        lines: vec![
            line("序时（预算×月份÷12）", "due", format!("0,{HEIGHT} {},{}", 12 * MONTH, y(budget))),
            line("累计到位", "received", moved(|step| step.executed.received)),
            line("累计支付（财政资金）", "paid", moved(|step| step.executed.paid)),
        ],
        top: asked.money_words(top.get()),
    }))
}
