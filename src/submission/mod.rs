//! 提交: the same form or request sent twice does its work once.
//!
//! Whoever sends names the sending by a key of their own. What was answered is kept with the key in
//! the commit of the command itself, so that there is never one without the other; the second
//! sending gets that answer. Two at the same moment take turns at the one writer (on PostgreSQL at
//! the lock of the head row), so the second sees what the first left.

mod store;

use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Error, Result};

/// A key, in the reach of one actor and one route, with the body it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    actor: String,
    route: String,
    key: String,
    body_sha256: String,
}

/// What a client answers later is asked again within days; a form left open over a holiday too.
const KEPT_DAYS: i64 = 30;
const DAY_US: i64 = 86_400_000_000;

/// A random key in any usual writing fits: a UUID, base64, hexadecimal.
const MAX_KEY: usize = 128;

impl Key {
    /// Of visible ASCII characters, 1 to 128 of them. `route` is the address it was sent to: the
    /// same key elsewhere is another sending. `body_sha256` is that of everything that was sent.
    ///
    /// # Errors
    /// Says what a key looks like.
    pub fn parse(actor: &Actor, route: &str, key: &str, body_sha256: &str) -> Result<Key> {
        if !(1..=MAX_KEY).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let shown: String = key.chars().take(40).filter(|c| !c.is_control()).collect();
            let message = format!("写成 1 至 {MAX_KEY} 个可见的 ASCII 字符，不含空格");
            return Err(Error::invalid("Idempotency-Key", shown, message));
        }
        Ok(Key { actor: actor.name().into(), route: route.into(), key: key.into(), body_sha256: body_sha256.into() })
    }
}

/// An answer, and whether it was given before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What the command answered, as text.
    pub text: String,
    /// Whether an earlier sending did the work.
    pub is_replayed: bool,
}

/// Runs a command once for a key. Without a key it simply runs.
///
/// The command authorises itself; a refusal is not kept, so that what was mended can be sent again
/// under the same key.
///
/// # Errors
/// [`Error::Conflict`] when the key came with another body before.
pub fn once(tx: &mut Tx<'_>, key: Option<&Key>, command: impl FnOnce(&mut Tx<'_>) -> Result<String>) -> Result<Answer> {
    let Some(key) = key else { return Ok(Answer { text: command(tx)?, is_replayed: false }) };
    let now = tx.clock().now().micros();
    let oldest = now - KEPT_DAYS * DAY_US;
    if let Some(held) = store::find(tx.conn(), key, oldest)? {
        return match held.body_sha256 == key.body_sha256 {
            true => Ok(Answer { text: held.answer, is_replayed: true }),
            false => Err(Error::Conflict(
                "这个提交编号（Idempotency-Key）已经用于另一份内容，没有再记。要记新的内容，请换一个编号或重新打开表单"
                    .into(),
            )),
        };
    }
    let text = command(tx)?;
    store::drop_before(tx.conn(), oldest)?;
    store::insert(tx.conn(), key, &text, now)?;
    Ok(Answer { text, is_replayed: false })
}
