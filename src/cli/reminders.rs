//! Sending reminders by mail, from a thread of its own: no page waits for it.

use std::time::Duration;

use crate::chasing::letters::round;
use crate::chasing::workday::Calendar;
use crate::config::Post;
use crate::db::Db;
use crate::error::Result;
use crate::journal::witness::Sent;
use crate::mail::PostBox;

/// How often the thread looks whether a letter is due.
const LOOKS: Duration = Duration::from_secs(60);

/// Begins to send; does nothing when no mail server is configured.
///
/// # Errors
/// An address that cannot be used is refused at once, not found out on the day.
pub(super) fn begin(db: &Db, post: Option<&Post>) -> Result<()> {
    let Some(post) = post else { return Ok(()) };
    let (post, calendar, db) = (PostBox::open(post)?, Calendar::arranged()?, db.clone());
    std::thread::spawn(move || {
        let mut sent = Sent::default();
        loop {
            let now = db.clock().now();
            if sent.not_before().is_none_or(|wait| now >= wait) {
                match round(&db, &post, &calendar) {
                    Ok(0) => {}
                    Ok(_) => sent = Sent::default(),
                    Err(error) => {
                        sent = sent.failed(now);
                        tracing::warn!("催报邮件没有寄出，稍后再试：{error}");
                    }
                }
            }
            std::thread::sleep(LOOKS);
        }
    });
    Ok(())
}
