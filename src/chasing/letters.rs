//! 邮件催报: departments are written to three working days before a report is due, and once more
//! when the day is over.

use super::board::{Owed, reminder_day, words};
use super::command::{NewChase, chase};
use super::workday::Calendar;
use super::{MAIL, board, store};
use crate::auth::Actor;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::mail::PostBox;
use crate::monthly::due_on;
use crate::period::{Day, Month};
use crate::project::store as registry;

/// Letters are sent in office hours: one that comes at night is read past.
const FROM_HOUR: i64 = 9;
/// Days after the due day on which the second letter still makes sense.
const AFTER: usize = 3;

const HOUR_US: i64 = 3_600_000_000;

/// The days on which a month's letters are sent, each once: before the due day, and after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// From the reminder day to the due day.
    Before(Day),
    /// From the day after it.
    After(Day),
}

/// Which letter is due at an instant, with the first day it could be sent.
pub fn turn(month: Month, now: Instant, calendar: &Calendar) -> Option<Turn> {
    let (today, due) = (now.day(), due_on(month));
    if now.micros() < Instant::start_of(today).micros() + FROM_HOUR * HOUR_US {
        return None;
    }
    let (first, after) = (reminder_day(month, calendar), due.succ());
    let last = (0..AFTER).fold(due, |day, _| day.succ());
    match today {
        day if day >= first && day <= due => Some(Turn::Before(first)),
        day if day >= after && day <= last => Some(Turn::After(after)),
        _ => None,
    }
}

/// A letter to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom, addresses with commas.
    pub to: String,
    /// 主题.
    pub subject: String,
    /// What is kept of it.
    pub chase: NewChase,
}

/// Whom to write to now: departments with an address and a report that is wanted, not written to in
/// this turn yet.
pub fn due(db: &Db, calendar: &Calendar) -> Result<Vec<Letter>> {
    let now = db.clock().now();
    let month = now.month();
    let Some(turn) = turn(month, now, calendar) else { return Ok(Vec::new()) };
    let (Turn::Before(since) | Turn::After(since)) = turn;
    db.read(|conn| {
        let addresses = store::list_addresses(conn)?;
        if addresses.is_empty() {
            return Ok(Vec::new());
        }
        let owed = board::store::list_owed(conn, month, now.day(), i64::MAX)?;
        let mailed = store::list_mailed_since(conn, month, Instant::start_of(since))?;
        let mut letters = Vec::new();
        for (department, to) in addresses {
            let wanting: Vec<&Owed> = owed.iter().filter(|o| o.lead == department && o.is_wanting()).collect();
            if wanting.is_empty() || mailed.contains(&department) {
                continue;
            }
            let name = registry::find_department(conn, &department)?.map_or_else(|| department.clone(), |d| d.name);
            let text = words(&name, month, &wanting, now.day());
            let subject = text.lines().next().unwrap_or_default().trim_end_matches('：').to_owned();
            let chase = NewChase { month, department, way: MAIL, missing: wanting.len(), text };
            letters.push(Letter { to, subject, chase });
        }
        Ok(letters)
    })
}

/// Sends what is due; each letter that was taken is noted. The first failure ends the round: what
/// was not sent is due again. Gives how many were sent.
///
/// # Errors
/// What the mail server said.
pub fn round(db: &Db, post: &PostBox, calendar: &Calendar) -> Result<usize> {
    let letters = due(db, calendar)?;
    let count = letters.len();
    for letter in letters {
        post.send(&letter.to, &letter.subject, letter.chase.text.clone())?;
        tracing::info!(department = %letter.chase.department, missing = letter.chase.missing, "催报邮件已寄出");
        db.write(move |tx| chase(tx, &Actor::reminders(), letter.chase))?;
    }
    Ok(count)
}
