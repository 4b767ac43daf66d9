//! 报送义务: what is due when, and what counts as reported. Pure rules.

use crate::period::{Day, Month};
use crate::project::{Attribute, ProjectState};
use crate::ratio::Ratio;

/// The day of the month by whose end a report is due (朝政办发〔2026〕2 号: 每月 25 日前). Holidays do
/// not move it.
pub const DUE_DAY: i32 = 25;

/// The last day on which a month's report is in time.
pub fn due_on(month: Month) -> Day {
    // The 25th exists in every month.
    Day::from_raw(month.raw() * 100 + DUE_DAY).unwrap_or_else(|_| month.last_day())
}

/// How a project stands with a month's report on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Nothing is owed: not started, not a month of this project, or not begun.
    NotDue,
    /// Owed, and there is still time.
    Due,
    /// 已报送.
    Reported {
        /// 及时: by the due day.
        in_time: bool,
    },
    /// 未报送: owed, and the due day is over.
    Missing,
}

impl Duty {
    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Duty::NotDue => "不用报",
            Duty::Due => "待报送",
            Duty::Reported { in_time: true } => "已报送",
            Duty::Reported { in_time: false } => "逾期报送",
            Duty::Missing => "未报送",
        }
    }
}

/// 1. Nothing is due before 报送启用月, nor in a month that has not begun at the end of `at`.
/// 2. What was submitted by `at` is reported, in time by the end of the 25th; a report that was
///    returned stays reported, so `submitted_on` is the first submission.
/// 3. Otherwise there is time until the end of the 25th, and from the 26th on it is missing.
pub fn duty(month: Month, reporting_from: Option<Month>, submitted_on: Option<Day>, at: Day) -> Duty {
    let owed = reporting_from.is_some_and(|from| from <= month) && month.first_day() <= at;
    match submitted_on {
        _ if !owed => Duty::NotDue,
        Some(on) if on <= at => Duty::Reported { in_time: on <= due_on(month) },
        _ if at <= due_on(month) => Duty::Due,
        _ => Duty::Missing,
    }
}

/// 报送启用月 of a project.
pub fn reporting_from(state: &ProjectState) -> Option<Month> {
    Month::parse(state.value(Attribute::ReportingFrom)).ok()
}

/// The same for a project as it stands: a cancelled one owes nothing; in 前期 it owes the last month
/// of each quarter where the setting says so.
pub fn duty_of(state: &ProjectState, quarterly: bool, month: Month, submitted_on: Option<Day>, at: Day) -> Duty {
    let from = reporting_from(state).filter(|_| owes(state.value(Attribute::Stage), quarterly, month));
    duty(month, from, submitted_on, at)
}

/// Whether a project in a stage owes a report of that month at all.
fn owes(stage: &str, quarterly: bool, month: Month) -> bool {
    match stage {
        "cancelled" => false,
        "preparation" | "reserve" if quarterly => month.raw() % 100 % 3 == 0,
        _ => true,
    }
}

/// How many reports of a month were due, came, came in time, did not come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// 应报送.
    pub due: i64,
    /// 已报送.
    pub reported: i64,
    /// 及时报送.
    pub in_time: i64,
    /// 未报送, the due day over.
    pub missing: i64,
}

impl Count {
    /// Counts duties. What is still to come is due and not missing.
    pub fn of(duties: impl IntoIterator<Item = Duty>) -> Count {
        duties.into_iter().fold(Count::default(), |count, duty| match duty {
            Duty::NotDue => count,
            Duty::Due => Count { due: count.due + 1, ..count },
            Duty::Missing => Count { due: count.due + 1, missing: count.missing + 1, ..count },
            Duty::Reported { in_time } => Count {
                due: count.due + 1,
                reported: count.reported + 1,
                in_time: count.in_time + i64::from(in_time),
                ..count
            },
        })
    }

    /// 报送率; none when nothing was due.
    pub fn reported_rate(&self) -> Option<Ratio> {
        Ratio::new(self.reported, self.due)
    }

    /// 及时率; none when nothing was due.
    pub fn in_time_rate(&self) -> Option<Ratio> {
        Ratio::new(self.in_time, self.due)
    }
}
