//! Days, months, years and how exactly a date is known. All in Asia/Shanghai.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use crate::clock::Instant;
use crate::error::{Error, Result};

/// Before the plan's first mention and after its horizon with room to spare: a year outside is
/// a slip of the keys.
pub const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// A calendar day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The last day there is: nothing recorded lies after it.
    pub const LAST: Day = Day(21_001_231);

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Result<Day> {
        let shown: String = text.chars().take(40).collect();
        let refuse = |message: &str| Error::invalid("date", shown.clone(), message);
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, b)| if at == 4 || at == 7 { *b == b'-' } else { b.is_ascii_digit() });
        if !shaped {
            return Err(refuse("不是日期；写成 2025-09-26"));
        }
        let part =
            |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<i32>().ok()).unwrap_or(0);
        let (year, month, day) = (part(0..4), part(5..7), part(8..10));
        if !YEARS.contains(&year) {
            return Err(refuse("年份应在 1990 至 2100 之间"));
        }
        Day::from_raw(year * 10_000 + month * 100 + day).map_err(|_| refuse("没有这一天"))
    }

    /// The day stored as `yyyymmdd`.
    pub fn from_raw(raw: i32) -> Result<Day> {
        let part = |n: i32| u32::try_from(n).unwrap_or(0);
        match NaiveDate::from_ymd_opt(raw / 10_000, part(raw / 100 % 100), part(raw % 100)) {
            Some(_) => Ok(Day(raw)),
            None => Err(Error::internal("库里的日期无效", raw.to_string())),
        }
    }

    pub(crate) fn from_naive(date: NaiveDate) -> Day {
        let small = |n: u32| i32::try_from(n).unwrap_or(0);
        Day(date.year() * 10_000 + small(date.month()) * 100 + small(date.day()))
    }

    /// `yyyymmdd`, as stored.
    pub fn raw(self) -> i32 {
        self.0
    }

    /// The day as chrono has it.
    pub fn to_naive(self) -> NaiveDate {
        let part = |n: i32| u32::try_from(n).unwrap_or(1);
        NaiveDate::from_ymd_opt(self.0 / 10_000, part(self.0 / 100 % 100), part(self.0 % 100)).unwrap_or_default()
    }

    /// Its month.
    pub fn month(self) -> Month {
        Month(self.0 / 100)
    }

    /// Its year.
    pub fn year(self) -> Year {
        Year(self.0 / 10_000)
    }

    /// The first day of its month.
    pub fn first_of_month(self) -> Day {
        Day(self.0 / 100 * 100 + 1)
    }

    /// The day after.
    pub fn succ(self) -> Day {
        self.to_naive().succ_opt().map_or(self, Day::from_naive)
    }

    /// The day before.
    pub fn pred(self) -> Day {
        self.to_naive().pred_opt().map_or(self, Day::from_naive)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0 / 10_000, self.0 / 100 % 100, self.0 % 100)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// Reads `YYYY-MM`.
    pub fn parse(text: &str) -> Result<Month> {
        Day::parse(&format!("{text}-01"))
            .map(Day::month)
            .map_err(|_| Error::invalid("month", text, "不是月份；写成 2025-09，年份在 1990 至 2100 之间"))
    }

    /// The month stored as `yyyymm`.
    pub fn from_raw(raw: i32) -> Result<Month> {
        let first = raw.checked_mul(100).and_then(|month| month.checked_add(1));
        Day::from_raw(first.unwrap_or(0)).map(Day::month)
    }

    /// `yyyymm`, as stored.
    pub fn raw(self) -> i32 {
        self.0
    }

    /// The first day.
    pub fn first_day(self) -> Day {
        Day(self.0 * 100 + 1)
    }

    /// The last day.
    pub fn last_day(self) -> Day {
        self.succ().first_day().pred()
    }

    /// The month before.
    pub fn pred(self) -> Month {
        if self.0 % 100 == 1 { Month(self.0 - 89) } else { Month(self.0 - 1) }
    }

    /// The month after.
    pub fn succ(self) -> Month {
        if self.0 % 100 == 12 { Month(self.0 + 89) } else { Month(self.0 + 1) }
    }

    /// Its first moment.
    pub fn first_instant(self) -> Instant {
        Instant::start_of(self.first_day())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 100, self.0 % 100)
    }
}

/// A calendar year, which is also the fiscal year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Year(i32);

impl Year {
    /// Reads four digits.
    pub fn parse(text: &str) -> Result<Year> {
        let refuse = || {
            Error::invalid(
                "year",
                text.chars().take(20).collect::<String>(),
                "不是年份；写四位数字，在 1990 至 2100 之间",
            )
        };
        if text.len() != 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse());
        }
        text.parse().ok().filter(|year| YEARS.contains(year)).map(Year).ok_or_else(refuse)
    }

    /// The number.
    pub fn get(self) -> i32 {
        self.0
    }

    /// The last day.
    pub fn last_day(self) -> Day {
        Day(self.0 * 10_000 + 1231)
    }
}

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How exactly a date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// To the day.
    Day,
    /// To the month.
    Month,
    /// To the quarter.
    Quarter,
    /// To the year.
    Year,
}

impl Precision {
    /// The word stored and used in files.
    pub fn word(self) -> &'static str {
        match self {
            Precision::Day => "day",
            Precision::Month => "month",
            Precision::Quarter => "quarter",
            Precision::Year => "year",
        }
    }

    /// The precision of a word.
    pub fn parse(word: &str) -> Result<Precision> {
        [Precision::Day, Precision::Month, Precision::Quarter, Precision::Year]
            .into_iter()
            .find(|precision| precision.word() == word)
            .ok_or_else(|| Error::invalid("precision", word, "可用 day、month、quarter、year"))
    }

    /// Reads a date known as far as it is written: `2025-09-26`, `2025-09`, `2025Q3`, `2025`.
    pub fn parse_date(text: &str) -> Result<(Day, Precision)> {
        let refuse = |_| {
            Error::invalid(
                "date",
                text.chars().take(40).collect::<String>(),
                "不是日期；写成 2025-09-26、2025-09、2025Q3 或 2025",
            )
        };
        if let Some((year, quarter)) = text.split_once('Q') {
            let first = match quarter {
                "1" => 1,
                "2" => 4,
                "3" => 7,
                "4" => 10,
                _ => return Err(refuse(())),
            };
            let year = Year::parse(year).map_err(|_| refuse(()))?;
            return Ok((Day(year.get() * 10_000 + first * 100 + 1), Precision::Quarter));
        }
        match text.len() {
            4 => {
                Year::parse(text).map(|year| (Day(year.get() * 10_000 + 101), Precision::Year)).map_err(|_| refuse(()))
            }
            7 => Month::parse(text).map(|month| (month.first_day(), Precision::Month)).map_err(|_| refuse(())),
            _ => Day::parse(text).map(|day| (day, Precision::Day)),
        }
    }

    /// The first day that a date of this precision can be.
    pub fn first_day_of(self, day: Day) -> Day {
        match self {
            Precision::Day => day,
            Precision::Month => day.first_of_month(),
            Precision::Quarter => {
                let into_quarter = (day.month().raw() % 100 - 1) % 3;
                Day((day.month().raw() - into_quarter) * 100 + 1)
            }
            Precision::Year => Day(day.year().get() * 10_000 + 101),
        }
    }

    /// The last day that a date of this precision can be.
    pub fn last_day_of(self, day: Day) -> Day {
        match self {
            Precision::Day => day,
            Precision::Month => day.month().last_day(),
            Precision::Quarter => {
                let month = day.month();
                let to_end = 2 - (month.raw() % 100 - 1) % 3;
                (0..to_end).fold(month, |month, _| month.succ()).last_day()
            }
            Precision::Year => day.year().last_day(),
        }
    }

    /// The date as [`Precision::parse_date`] reads it, for files: `2025-09-26`, `2025-09`, `2025Q3`, `2025`.
    pub fn written(self, day: Day) -> String {
        match self {
            Precision::Day => day.to_string(),
            Precision::Month => day.month().to_string(),
            Precision::Quarter => format!("{}Q{}", day.year(), (day.month().raw() % 100 - 1) / 3 + 1),
            Precision::Year => day.year().to_string(),
        }
    }

    /// The date as it is known: `2025-09-26`, `2025-09`, `2025年三季度`, `2025年`.
    pub fn render(self, day: Day) -> String {
        match self {
            Precision::Day => day.to_string(),
            Precision::Month => day.month().to_string(),
            Precision::Quarter => format!(
                "{}年{}季度",
                day.year(),
                ["一", "二", "三", "四"][((day.raw() / 100 % 100 - 1) / 3) as usize % 4]
            ),
            Precision::Year => format!("{}年", day.year()),
        }
    }
}
