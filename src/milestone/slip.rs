//! 变动台账: the first plan, each later plan and forecast, and the day it was met, with how many days each slipped.

use super::{FactKind, MilestoneFact};
use crate::error::{Error, Result};
use crate::period::{Day, Precision};

/// One thing said of a milestone, and how far it moved. Days count between the last days that the
/// dates can be: a month is as late as its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// What is said.
    pub kind: FactKind,
    /// The last day it can be.
    pub on: Day,
    /// How exactly it is known.
    pub precision: Precision,
    /// Days after the first plan; none without one, of the first plan itself, and of a reopening.
    pub against_first: Option<i64>,
    /// Days after what was said before; likewise.
    pub against_previous: Option<i64>,
}

/// How each fact of a milestone moved it, in the order they were said, which is that of recording:
/// what was met long ago may be entered before the plan it is measured against.
/// 1. the first plan is the yardstick for good: later plans do not replace it;
/// 2. every other plan, forecast and the day it was met is measured against it, and against the
///    date said before;
/// 3. a reopening has no slip; what is said after it is measured as before.
pub fn ledger(facts: &[MilestoneFact]) -> Result<Vec<(Slip, &MilestoneFact)>> {
    let mut said: Vec<&MilestoneFact> = facts.iter().collect();
    said.sort_by_key(|fact| fact.id);
    let first = said.iter().find(|fact| fact.kind == FactKind::Plan.code());
    let first = first.map(|fact| Ok::<_, Error>((fact.id, Day::from_raw(fact.happens_on)?))).transpose()?;
    let mut previous: Option<Day> = None;
    let mut slips = Vec::with_capacity(said.len());
    for fact in said {
        let kind =
            FactKind::from_code(fact.kind).ok_or_else(|| Error::internal("节点事实种类无效", fact.kind.to_string()))?;
        let (on, precision) = (Day::from_raw(fact.happens_on)?, Precision::parse(&fact.precision)?);
        let measured = kind != FactKind::Reopened;
        let yardstick = first.filter(|(id, _)| measured && *id != fact.id).map(|(_, day)| day);
        let against_first = yardstick.map(|day| days(day, on));
        let against_previous = previous.filter(|_| measured).map(|day| days(day, on));
        slips.push((Slip { kind, on, precision, against_first, against_previous }, fact));
        if measured {
            previous = Some(on);
        }
    }
    Ok(slips)
}

/// Days from one day to another; negative when the other is earlier.
pub fn days(from: Day, to: Day) -> i64 {
    to.to_naive().signed_duration_since(from.to_naive()).num_days()
}

/// 「晚 31 天」「早 5 天」「不变」.
pub fn words(days: i64) -> String {
    match days {
        0 => "不变".into(),
        late if late > 0 => format!("晚 {late} 天"),
        early => format!("早 {} 天", early.saturating_neg()),
    }
}

/// Whole months begun after the end of a planned year: the yardstick of a project is the plan's
/// own end year, whatever extension is approved later.
pub fn months_after(end_year: i32, day: Day) -> i32 {
    let month = day.year().get() * 12 + day.month().raw() % 100;
    (month - (end_year * 12 + 12)).max(0)
}
