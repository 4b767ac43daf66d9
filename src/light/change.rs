//! 若没有新进展: when a light would change by itself.

use super::input::{Inputs, Moved, Run};
use super::judge::{Verdict, judge};
use super::rule::Params;
use super::{Light, judged_from};
use crate::period::{Day, Month};

/// How far ahead is looked: the plan's terms end with a year, and two years show what a year brings.
const MONTHS: usize = 24;

/// A light that would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The report month it would change in.
    pub month: Month,
    /// The first day it would be seen.
    pub from: Day,
    /// What it would be then.
    pub verdict: Verdict,
}

/// A project's inputs in a later month if nothing happens: reports come in and say that nothing was done,
/// nothing is planned, budgeted or moved, and a new year begins without a plan.
pub fn later(inputs: &Inputs, month: Month) -> Inputs {
    let mut inputs = inputs.clone();
    if month.first_day().year() != inputs.month.first_day().year() {
        inputs.run = Run::of_year(month);
        let Moved { investment, completed_all, received_all, paid_all, .. } = inputs.moved;
        inputs.moved = Moved { investment, completed_all, received_all, paid_all, ..Moved::default() };
    } else if let Some(plan) = inputs.moved.plan_to_come.take() {
        inputs.moved.plan = Some(plan);
    }
    inputs.month = month;
    inputs.cutoff = month.last_day();
    inputs
}

/// The first later month in which the light would be another; none within two years.
pub fn next(inputs: &Inputs, params: &Params, now: Light) -> Option<Change> {
    let mut month = inputs.month;
    (0..MONTHS).find_map(|_| {
        month = month.succ();
        let verdict = judge(&later(inputs, month), params);
        (verdict.light != now).then(|| Change { month, from: judged_from(month), verdict })
    })
}
