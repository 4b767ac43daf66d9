//! The duties board: who owes a month's report, and in which words they are reminded.

pub mod store;

use std::collections::BTreeMap;

use super::workday::Calendar;
use crate::monthly::{Count, Duty, due_on};
use crate::period::{Day, Month};

/// Working days before the due day on which departments are reminded.
pub const DAYS_BEFORE: u32 = 3;

/// Projects named in a reminder; a messenger folds away longer ones.
const NAMED: usize = 50;

/// A project and how it stands with a month's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its lead department's code; empty: 待确认.
    pub lead: String,
    /// Whether and how it was reported.
    pub duty: Duty,
}

impl Owed {
    /// Whether a report is still wanted.
    pub fn is_wanting(&self) -> bool {
        matches!(self.duty, Duty::Due | Duty::Missing)
    }
}

/// The day departments are reminded on: so many working days before the due day, which itself does
/// not move.
pub fn reminder_day(month: Month, calendar: &Calendar) -> Day {
    calendar.before(due_on(month), DAYS_BEFORE)
}

/// The counts of each lead department; the empty one has none named.
pub fn by_department(all: &[Owed]) -> BTreeMap<&str, Count> {
    let mut duties: BTreeMap<&str, Vec<Duty>> = BTreeMap::new();
    for owed in all {
        duties.entry(owed.lead.as_str()).or_default().push(owed.duty);
    }
    duties.into_iter().map(|(lead, duties)| (lead, Count::of(duties))).filter(|(_, count)| count.due > 0).collect()
}

/// The words of a reminder, plain enough for any messenger.
pub fn words(department: &str, month: Month, wanting: &[&Owed], today: Day) -> String {
    let due = due_on(month);
    let mut lines = vec![match today <= due {
        true => format!(
            "【月报提醒】{department}：{} 月报请于 {due} 24 时前报送，截至 {today} 还有 {} 项没有报送：",
            month,
            wanting.len()
        ),
        false => format!(
            "【月报催报】{department}：{} 月报应于 {due} 24 时前报送，截至 {today} 仍有 {} 项未报送：",
            month,
            wanting.len()
        ),
    }];
    lines.extend(
        wanting.iter().take(NAMED).enumerate().map(|(at, owed)| format!("{}. {} {}", at + 1, owed.code, owed.name)),
    );
    if wanting.len() > NAMED {
        lines.push(format!("……共 {} 项，其余见台账", wanting.len()));
    }
    lines.push("请在台账报送；本月确无投资的，也请报“本月无投资”。".into());
    lines.push("领导小组办公室".into());
    lines.join("\n")
}
