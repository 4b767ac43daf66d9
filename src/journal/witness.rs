//! 每日公示末条: once a day the journal's head is given to someone outside, so that a chain rewritten
//! from the start would be seen: its head is not the one that was given away. What is said and when
//! it is due; how it is sent is `cli::witness`'s business.

use serde_json::{Value, json};

use crate::clock::Instant;
use crate::db::Head;
use crate::period::Day;

/// The first wait after a failure; it doubles from there.
const FIRST_WAIT_US: i64 = 5 * 60 * 1_000_000;
/// The longest wait: someone who mends the address sees it work within the hour.
const LONGEST_WAIT_US: i64 = 60 * 60 * 1_000_000;

/// What was sent so far to one address. Kept in memory: after a restart the head is sent once more,
/// which harms nobody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    last: Option<Day>,
    failures: u32,
    not_before: Option<Instant>,
}

impl Sent {
    /// Whether the head is to be sent now: once on every day, and after a failure not before its wait is over.
    pub fn is_due(&self, now: Instant, head: &Head) -> bool {
        head.seq > 0 && self.last != Some(now.day()) && self.not_before.is_none_or(|wait| now >= wait)
    }

    /// It was taken.
    #[must_use]
    pub fn succeeded(self, now: Instant) -> Sent {
        Sent { last: Some(now.day()), failures: 0, not_before: None }
    }

    /// It was not: the next attempt waits, twice as long each time.
    #[must_use]
    pub fn failed(self, now: Instant) -> Sent {
        let wait = FIRST_WAIT_US.saturating_mul(1_i64.checked_shl(self.failures.min(16)).unwrap_or(1));
        let until = now.micros().saturating_add(wait.min(LONGEST_WAIT_US));
        Sent { failures: self.failures.saturating_add(1), not_before: Some(Instant::from_micros(until)), ..self }
    }

    /// When it is tried again, for the log.
    pub fn not_before(&self) -> Option<Instant> {
        self.not_before
    }
}

/// What is posted.
pub fn body(head: &Head, title: &str, now: Instant) -> Value {
    json!({"register": title, "seq": head.seq, "at": head.at.rfc3339(), "hash": head.hash, "sent_at": now.rfc3339()})
}

/// What is mailed: subject and text.
pub fn letter(head: &Head, title: &str, now: Instant) -> (String, String) {
    let subject = format!("台账日志末条 {} {}", now.day(), head.seq);
    let text = format!(
        "{title}\n\n日志第 {} 条，{}\n哈希 {}\n\n请留存这封信。日后取得导出的日志时运行 taizhang verify 文件 --head {}，\n\
         日志里有这一条而且链条完整，就说明到这一条为止没有人改动过。\n",
        head.seq,
        head.at.rfc3339(),
        head.hash,
        head.hash
    );
    (subject, text)
}
