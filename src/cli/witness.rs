//! Sending the journal's head to someone outside, from a thread of its own: it never holds up a page.

use std::time::Duration;

use crate::config::Witness;
use crate::db::{Db, Head};
use crate::document::store;
use crate::error::{Error, Result};
use crate::journal::witness::{Sent, body, letter};
use crate::mail::{PostBox, mailbox};

/// How often the thread looks whether a new day has begun.
const LOOKS: Duration = Duration::from_secs(30);
/// A receiver that does not answer within this is tried again later.
const PATIENCE: Duration = Duration::from_secs(20);

/// One way to give the head away.
enum Way {
    Post(String),
    Mail(Box<(PostBox, String)>),
}

/// Begins to send; does nothing when nothing is configured.
///
/// # Errors
/// An address that cannot be used is refused at once, not found out at night.
pub(super) fn begin(db: &Db, witness: &Witness) -> Result<()> {
    let mut ways = Vec::new();
    if let Some(url) = &witness.url {
        ways.push((Way::Post(url.clone()), Sent::default()));
    }
    if let Some(mail) = &witness.mail {
        let post = PostBox::open(&mail.post)?;
        mailbox("witness_mail", &mail.to)?;
        ways.push((Way::Mail(Box::new((post, mail.to.clone()))), Sent::default()));
    }
    if ways.is_empty() {
        return Ok(());
    }
    let db = db.clone();
    std::thread::spawn(move || {
        loop {
            for (way, sent) in &mut ways {
                *sent = look(&db, way, *sent);
            }
            std::thread::sleep(LOOKS);
        }
    });
    Ok(())
}

/// Sends when it is due. A failure is logged and tried again: whoever reads pages never waits for it.
fn look(db: &Db, way: &Way, sent: Sent) -> Sent {
    let now = db.clock().now();
    let outcome =
        db.read(|conn| Ok((Head::find(conn)?, store::list(conn, 1)?.into_iter().next()))).and_then(|(head, plan)| {
            match sent.is_due(now, &head) {
                false => Ok(None),
                true => {
                    let title = plan.map_or_else(String::new, |plan| plan.title);
                    send(way, &head, &title, now).map(|()| Some(head))
                }
            }
        });
    match outcome {
        Ok(None) => sent,
        Ok(Some(head)) => {
            tracing::info!(seq = head.seq, hash = %head.hash, to = %way.shown(), "日志末条已送出");
            sent.succeeded(now)
        }
        Err(error) => {
            let sent = sent.failed(now);
            let again = sent.not_before().map_or_else(String::new, |at| at.to_the_second());
            tracing::warn!(to = %way.shown(), again, "日志末条没有送出：{error}");
            sent
        }
    }
}

impl Way {
    /// Where to, without passwords.
    fn shown(&self) -> &str {
        match self {
            Way::Post(url) => url.split('?').next().unwrap_or_default(),
            Way::Mail(mail) => &mail.1,
        }
    }
}

fn send(way: &Way, head: &Head, title: &str, now: crate::clock::Instant) -> Result<()> {
    match way {
        Way::Post(url) => {
            let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().new_agent();
            let text = body(head, title, now).to_string();
            let answer = agent.post(url).header("content-type", "application/json").send(text.as_str());
            answer.map(drop).map_err(|error| Error::Unavailable(error.to_string()))
        }
        Way::Mail(mail) => {
            let (subject, text) = letter(head, title, now);
            mail.0.send(&mail.1, &subject, text)
        }
    }
}
