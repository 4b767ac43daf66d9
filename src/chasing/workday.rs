//! Working days: weekends, and what the State Council arranges for a year. Only reminders ask; the
//! day a report is due does not move.

use chrono::{Datelike, Weekday};

use crate::error::{Error, Result};
use crate::period::Day;

/// `seeds/calendar/holidays.csv`: days off that are no weekend, and weekends that are worked, by source.
const ARRANGED: &str = include_str!("../../seeds/calendar/holidays.csv");

/// What is arranged otherwise than the week has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    days: Vec<(Day, bool)>,
}

impl Calendar {
    /// What is compiled in.
    ///
    /// # Errors
    /// A line that cannot be read.
    pub fn arranged() -> Result<Calendar> {
        Calendar::parse(ARRANGED)
    }

    /// Reads `date,what,name,source`; `what` is `off` or `work`.
    ///
    /// # Errors
    /// Names the line.
    pub fn parse(text: &str) -> Result<Calendar> {
        let lines = text.trim_start_matches('\u{feff}').lines().enumerate().skip(1);
        let days = lines.filter(|(_, line)| !line.trim().is_empty()).map(|(at, line)| {
            let mut cells = line.split(',');
            let (date, what) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
            let refuse = |message: &str| Error::invalid(format!("holidays.csv 第 {} 行", at + 1), line, message);
            let day = Day::parse(date).map_err(|_| refuse("第一列要是日期，如 2026-10-01"))?;
            match what {
                "off" => Ok((day, false)),
                "work" => Ok((day, true)),
                _ => Err(refuse("第二列要是 off（放假）或 work（上班）")),
            }
        });
        Ok(Calendar { days: days.collect::<Result<_>>()? })
    }

    /// Whether anything is arranged for a day's year; otherwise only weekends are known.
    pub fn knows(&self, day: Day) -> bool {
        self.days.iter().any(|(arranged, _)| arranged.year() == day.year())
    }

    /// Whether people work on a day.
    pub fn is_worked(&self, day: Day) -> bool {
        let weekend = matches!(day.to_naive().weekday(), Weekday::Sat | Weekday::Sun);
        self.days.iter().find(|(arranged, _)| *arranged == day).map_or(!weekend, |(_, worked)| *worked)
    }

    /// The `n`th working day before a day.
    pub fn before(&self, day: Day, n: u32) -> Day {
        (0..n).fold(day, |day, _| {
            let mut earlier = day.pred();
            while !self.is_worked(earlier) {
                earlier = earlier.pred();
            }
            earlier
        })
    }
}
