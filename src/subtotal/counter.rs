//! Counting milestones: planned, due, met, late, at any date.

use crate::measure::Counter;
use crate::period::Day;

/// What a milestone fact says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactKind {
    /// 计划: the date it is planned for.
    Plan,
    /// 预计: the date it is now expected.
    Forecast,
    /// 完成: it was met.
    Met,
    /// 重开: found not to be met after all.
    Reopened,
}

impl FactKind {
    /// The code stored in `milestone_fact.kind`.
    pub fn code(self) -> i32 {
        match self {
            FactKind::Plan => 1,
            FactKind::Forecast => 2,
            FactKind::Met => 3,
            FactKind::Reopened => 4,
        }
    }

    /// The kind of a stored code.
    pub fn from_code(code: i32) -> Option<FactKind> {
        [FactKind::Plan, FactKind::Forecast, FactKind::Met, FactKind::Reopened]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// A milestone fact as far as counting needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// What it says.
    pub kind: FactKind,
    /// The (last possible) day it speaks of.
    pub happens_on: Day,
    /// From when it holds.
    pub effective_on: Day,
}

/// A milestone at a date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// The planned day then in force.
    pub planned_on: Option<Day>,
    /// The forecast then in force.
    pub forecast_on: Option<Day>,
    /// The day it was met, unless reopened since.
    pub met_on: Option<Day>,
}

impl State {
    /// Whether each counter counts this milestone at `on`:
    /// 1. planned: it has a planned day;
    /// 2. due: that day has come;
    /// 3. met: it was met by then;
    /// 4. late: the planned day is past and it is not met.
    pub fn counts(&self, counter: Counter, on: Day) -> bool {
        match counter {
            Counter::Project => false,
            Counter::MilestonePlanned => self.planned_on.is_some(),
            Counter::MilestoneDue => self.planned_on.is_some_and(|planned| planned <= on),
            Counter::MilestoneMet => self.met_on.is_some(),
            Counter::MilestoneLate => self.met_on.is_none() && self.planned_on.is_some_and(|planned| planned < on),
        }
    }
}

/// The counters of milestones.
pub const COUNTERS: [Counter; 4] =
    [Counter::MilestonePlanned, Counter::MilestoneDue, Counter::MilestoneMet, Counter::MilestoneLate];

/// The state at `on`, from the facts in order of (effective day, seq).
pub fn state_at(facts: &[Fact], on: Day) -> State {
    let mut state = State::default();
    for fact in facts.iter().filter(|fact| fact.effective_on <= on) {
        match fact.kind {
            FactKind::Plan => state.planned_on = Some(fact.happens_on),
            FactKind::Forecast => state.forecast_on = Some(fact.happens_on),
            FactKind::Met => state.met_on = Some(fact.happens_on),
            FactKind::Reopened => state.met_on = None,
        }
    }
    state
}

/// The days on which a counter of this milestone goes up (+1) or down (−1).
pub fn steps(facts: &[Fact]) -> Vec<(Day, Counter, i64)> {
    let mut days: Vec<Day> =
        facts.iter().flat_map(|fact| [fact.effective_on, fact.happens_on, fact.happens_on.succ()]).collect();
    days.sort_unstable();
    days.dedup();
    let mut steps = Vec::new();
    for counter in COUNTERS {
        let mut before = false;
        for &day in &days {
            let now = state_at(facts, day).counts(counter, day);
            if now != before {
                steps.push((day, counter, if now { 1 } else { -1 }));
                before = now;
            }
        }
    }
    steps
}
