//! The only place that asks the system for the time; everything else is told it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, NaiveDateTime, NaiveTime, TimeZone, Utc};

use crate::error::{Error, Result};
use crate::period::{Day, Month};

/// An instant: microseconds since the epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Asia/Shanghai has kept +08:00 without summer time since 1991.
const OFFSET_SECONDS: i32 = 8 * 3600;

fn shanghai() -> FixedOffset {
    FixedOffset::east_opt(OFFSET_SECONDS).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

impl Instant {
    /// So many microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Instant {
        Instant(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The first moment of a day.
    pub fn start_of(day: Day) -> Instant {
        let start = day.to_naive().and_time(NaiveTime::MIN);
        Instant(start.and_utc().timestamp_micros() - i64::from(OFFSET_SECONDS) * 1_000_000)
    }

    /// The last microsecond of a day.
    pub fn end_of(day: Day) -> Instant {
        Instant(Instant::start_of(day).0 + MICROS_PER_DAY - 1)
    }

    /// One microsecond later.
    pub fn succ(self) -> Instant {
        Instant(self.0.saturating_add(1))
    }

    /// One microsecond earlier.
    pub fn pred(self) -> Instant {
        Instant(self.0.saturating_sub(1))
    }

    fn local(self) -> DateTime<FixedOffset> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default().with_timezone(&shanghai())
    }

    /// The day it falls on.
    pub fn day(self) -> Day {
        Day::from_naive(self.local().date_naive())
    }

    /// The month it falls in.
    pub fn month(self) -> Month {
        self.day().month()
    }

    /// `2026-11-23T12:00:00.000000+08:00`, always six digits and +08:00.
    pub fn rfc3339(self) -> String {
        self.local().format("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string()
    }

    /// `2026-11-23 12:00:00`, for people.
    pub fn to_the_second(self) -> String {
        self.local().format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Reads RFC 3339; without an offset it is +08:00; a bare date is the end of that day.
    pub fn parse(text: &str) -> Result<Instant> {
        if let Ok(day) = Day::parse(text) {
            return Ok(Instant::end_of(day));
        }
        // In a URL a plus sign is a space.
        let text = text.replace(' ', "+");
        let refuse = || {
            Error::invalid(
                "instant",
                text.chars().take(60).collect::<String>(),
                "不是时刻；写成 2025-09-26T18:00:00+08:00 或 2025-09-26（当日末）",
            )
        };
        let instant = match DateTime::parse_from_rfc3339(&text) {
            Ok(instant) => instant.with_timezone(&Utc),
            Err(_) => {
                let local = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").map_err(|_| refuse())?;
                shanghai().from_local_datetime(&local).single().ok_or_else(refuse)?.with_timezone(&Utc)
            }
        };
        let instant = Instant(instant.timestamp_micros());
        match crate::period::YEARS.contains(&instant.day().year().get()) {
            true => Ok(instant),
            false => Err(refuse()),
        }
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Tells the time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's.
    System,
    /// Set by hand: tests and the demonstration's loader.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at the given instant until it is moved.
    pub fn set_at(instant: Instant) -> Clock {
        Clock::Set(Arc::new(AtomicI64::new(instant.0)))
    }

    /// Moves a set clock; the machine's clock is not ours to move.
    pub fn move_to(&self, instant: Instant) {
        if let Clock::Set(micros) = self {
            micros.store(instant.0, Ordering::SeqCst);
        }
    }

    /// Now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system")]
    pub fn now(&self) -> Instant {
        match self {
            Clock::System => Instant(Utc::now().timestamp_micros()),
            Clock::Set(micros) => Instant(micros.load(Ordering::SeqCst)),
        }
    }

    /// Today in Asia/Shanghai.
    pub fn today(&self) -> Day {
        self.now().day()
    }
}
