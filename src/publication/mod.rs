//! 发布: what the public sees stands still at a day and a row of the journal until the office
//! publishes again. Nothing is locked by it and nothing later is lost: it is seen beside.

pub mod command;
pub mod store;

use crate::db::{AnyConnection, GENESIS, Head, fact};
use crate::error::{Error, Result};
use crate::journal;
use crate::period::{Day, Month};

fact! {
    /// A month published: the register as of its end, as known at a row of the journal.
    publication Publication {
        /// yyyymm; none when not of a month.
        month: Option<i32>,
        as_of: i32,
        known_seq: i64,
        /// The hash of that row: what is published can be told from what is not.
        head_hash: String,
        note: String,
    }
}

/// What the public sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The last month published; none while only the plan is.
    pub month: Option<Month>,
    /// The latest day the public sees; none: today, for the plan's figures have one date.
    pub as_of: Option<Day>,
    /// The row of the journal it is known at.
    pub known: Head,
}

/// What was published last. Loading the plan is the first publication.
///
/// # Errors
/// A publication whose journal row is gone is a fault.
pub fn latest(conn: &mut AnyConnection) -> Result<Published> {
    let Some(row) = store::find_latest(conn)? else {
        let known = journal::store::head_at(conn, 1)?.unwrap_or_else(nothing);
        return Ok(Published { month: None, as_of: None, known });
    };
    let known = journal::store::head_at(conn, row.known_seq)?
        .ok_or_else(|| Error::internal("发布所指的日志不在", row.known_seq.to_string()))?;
    let month = row.month.map(Month::from_raw).transpose()?;
    Ok(Published { month, as_of: Some(Day::from_raw(row.as_of)?), known })
}

/// The head the public's `known_at` is capped at.
pub fn public_head(conn: &mut AnyConnection) -> Result<Head> {
    latest(conn).map(|published| published.known)
}

fn nothing() -> Head {
    Head { seq: 0, at: crate::clock::Instant::from_micros(0), hash: GENESIS.into() }
}

/// Whether a month may be published: over, not before the plan, not before what is published already.
pub fn check_month(month: Month, today: Day, since: Option<Month>) -> Result<()> {
    let refuse = |message: String| Err(Error::invalid("month", month.to_string(), message));
    if month.last_day() > today {
        return refuse(format!("还没有过完（今天 {today}）；月末之后再发布"));
    }
    match since {
        Some(last) if month < last => {
            refuse(format!("早于已经发布的 {last}；要更正以前的月份，请再发布一次 {last}，页面会并列两次的数"))
        }
        _ => Ok(()),
    }
}
