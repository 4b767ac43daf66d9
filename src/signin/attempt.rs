//! Signing in: a name and a password, then a code where there is a second factor.
//!
//! Whatever is wrong – no such name, a wrong password, a disabled account, a lock – the answer is
//! one and the same, and one password was verified.

use super::store::{self, Credential};
use super::throttle::{self, Rule, State};
use super::{DAY, Event, Kind, Limits, log, password, secret, session, totp};
use crate::account::{Standing, store as accounts};
use crate::clock::Instant;
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Result};

/// What was typed, and where from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempt {
    /// The login.
    pub login: String,
    /// The password, exactly as typed.
    pub password: String,
    /// The reader's address (the proxy's word for it only where the proxy is trusted).
    pub address: String,
    /// How the browser describes itself.
    pub agent: String,
    /// The session token that came with the form, if any. It ends: a token known before signing in may
    /// be known to another (fixation).
    pub sent: Option<String>,
}

/// The way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Whose.
    pub account: i64,
    /// The new session's token, for the cookie. Never stored.
    pub token: String,
    /// The token is good for [`give_code`] only: the second factor is still to come.
    pub awaits_code: bool,
}

/// Signs in.
///
/// # Errors
/// [`Error::SignIn`] whatever is wrong; [`Error::TooMany`] when the address has tried too often.
pub fn sign_in(db: &Db, attempt: &Attempt, limits: &Limits) -> Result<SignedIn> {
    let now = db.clock().now();
    let login = attempt.login.to_lowercase();
    let address_key = throttle::address_key(&attempt.address);
    let (by_address, known) = db.read(|conn| {
        let state = store::find_throttle(conn, &address_key)?;
        Ok((state, find_known(conn, &login, now)?))
    })?;
    if by_address.is_locked(now) {
        let event = event(Kind::Throttled, None, &attempt.address, "地址");
        log::record(db, event)?;
        return Err(too_many(&by_address, now));
    }
    let stored = known.as_ref().map(|(_, credential)| credential.password_hash.clone());
    // What no password can be is not hashed, whoever it is said to be of.
    let is_right = password::could_be(&attempt.password) && password::verify(&attempt.password, stored.as_deref())?;
    let token = secret::new_token()?;
    let given = Given { attempt: attempt.clone(), login, stored, is_right, id_hash: secret::hash(&token) };
    let limits = *limits;
    let outcome = db.write(move |tx| {
        let now = tx.clock().now();
        given.settle(tx.conn(), now, &limits)
    })?;
    match outcome {
        Some((account, awaits_code)) => Ok(SignedIn { account, token, awaits_code }),
        None => Err(wrong()),
    }
}

fn find_known(conn: &mut AnyConnection, login: &str, now: Instant) -> Result<Option<(Standing, Credential)>> {
    let Some(id) = accounts::find_by_login(conn, login)? else { return Ok(None) };
    let standing = accounts::find_standing(conn, id, now.day(), i64::MAX)?;
    Ok(standing.zip(store::find_credential(conn, id)?))
}

/// What was found out before the write.
struct Given {
    attempt: Attempt,
    login: String,
    stored: Option<String>,
    is_right: bool,
    id_hash: String,
}

impl Given {
    /// Decides inside the write, where attempts come one after another: of a hundred at the same
    /// moment no more are looked at than of a hundred in a row. None: refused (and counted).
    fn settle(self, conn: &mut AnyConnection, now: Instant, limits: &Limits) -> Result<Option<(i64, bool)>> {
        let from = self.attempt.address.as_str();
        if let Some(sent) = &self.attempt.sent
            && let Some(row) = session::find_row(conn, sent)?
        {
            store::delete_session(conn, &row.id_hash)?;
        }
        let known = find_known(conn, &self.login, now)?;
        let account = known.as_ref().map(|(standing, _)| standing.id);
        let pair_key = throttle::pair_key(&self.login, from);
        let account_key = throttle::account_key(&self.login);
        let is_locked = store::find_throttle(conn, &pair_key)?.is_locked(now)
            || store::find_throttle(conn, &account_key)?.is_locked(now) && !is_home(conn, account, from)?;
        if is_locked {
            // Not counted again: waiting must help.
            log::append(conn, now, &event(Kind::Throttled, account, from, "账户"))?;
            return Ok(None);
        }
        // The password may have been changed since it was verified.
        let entered = known.filter(|(standing, credential)| {
            self.is_right && standing.is_active && self.stored.as_ref() == Some(&credential.password_hash)
        });
        let Some((standing, credential)) = entered else {
            fail(conn, &pair_key, &throttle::PAIR, now)?;
            fail(conn, &account_key, &throttle::ACCOUNT, now)?;
            fail(conn, &throttle::address_key(from), &throttle::ADDRESS, now)?;
            log::append(conn, now, &event(Kind::Refused, account, from, ""))?;
            return Ok(None);
        };
        // The address's count stays: else one's own account would be a way to start it anew.
        store::clear_throttle(conn, &pair_key)?;
        store::forget_throttles(conn, now.micros() - 2 * DAY)?;
        store::delete_old_sessions(conn, now.micros() - limits.absolute_us, now.micros() - limits.idle_us)?;
        let is_whole = credential.totp_secret.is_none();
        session::open(conn, &self.id_hash, &standing, (from, &self.attempt.agent), is_whole, now)?;
        if is_whole {
            log::append(conn, now, &event(Kind::SignedIn, account, from, "口令"))?;
        }
        Ok(Some((standing.id, !is_whole)))
    }
}

/// Whether the person has come from this address before.
fn is_home(conn: &mut AnyConnection, account: Option<i64>, address: &str) -> Result<bool> {
    match account {
        Some(id) => store::has_signed_in_from(conn, id, address),
        None => Ok(false),
    }
}

pub(super) fn fail(conn: &mut AnyConnection, key: &str, rule: &Rule, now: Instant) -> Result<()> {
    let state = store::find_throttle(conn, key)?.after_failure(rule, now);
    store::put_throttle(conn, key, state)
}

/// The second step: a code of the telephone or a recovery code, with the token of the first.
///
/// # Errors
/// [`Error::SignIn`] when the code is wrong or the first step too long ago.
pub fn give_code(db: &Db, ticket: &str, code: &str, address: &str, agent: &str) -> Result<SignedIn> {
    let token = secret::new_token()?;
    let id_hash = secret::hash(&token);
    let (ticket, code) = (ticket.to_owned(), code.chars().take(64).collect::<String>());
    let (address, agent) = (address.to_owned(), agent.to_owned());
    let account = db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        let Some(row) = session::find_row(conn, &ticket)?.filter(|row| row.awaits_code != 0) else {
            return Ok(None);
        };
        let standing = accounts::get_standing(conn, row.account_id, now.day())?;
        if now.micros() - row.created_at_us > session::AWAITED_US || !standing.is_active {
            store::delete_session(conn, &row.id_hash)?;
            return Ok(None);
        }
        let key = throttle::code_key(row.account_id);
        let is_locked = store::find_throttle(conn, &key)?.is_locked(now);
        let by = if is_locked { None } else { accept(conn, row.account_id, &code, now)? };
        let Some(by) = by else {
            if !is_locked {
                fail(conn, &key, &throttle::CODE, now)?;
            }
            log::append(conn, now, &event(Kind::CodeRefused, Some(row.account_id), &address, ""))?;
            return Ok(None);
        };
        store::clear_throttle(conn, &key)?;
        store::delete_session(conn, &row.id_hash)?;
        session::open(conn, &id_hash, &standing, (&address, &agent), true, now)?;
        if by == Kind::RecoveryUsed {
            let left = store::count_recovery_codes(conn, row.account_id)?;
            log::append(conn, now, &event(by, Some(row.account_id), &address, &format!("还剩 {left} 个")))?;
        }
        log::append(conn, now, &event(Kind::SignedIn, Some(row.account_id), &address, "口令和动态口令"))?;
        Ok(Some(row.account_id))
    })?;
    match account {
        Some(account) => Ok(SignedIn { account, token, awaits_code: false }),
        None => Err(Error::SignIn(
            "动态口令或恢复码不对，或已经用过；请用新的一个。隔了五分钟以上或试得太多，请从口令重新登录".into(),
        )),
    }
}

/// Takes a code if it is right, and uses it up: which kind it was.
fn accept(conn: &mut AnyConnection, account_id: i64, code: &str, now: Instant) -> Result<Option<Kind>> {
    let credential = store::get_credential(conn, account_id)?;
    let Some(secret) = credential.totp_secret else { return Ok(None) };
    if let Some(step) = totp::check(&secret, code, now, credential.totp_last_step)? {
        store::put_totp(conn, account_id, Some(&secret), credential.totp_pending.as_deref(), step)?;
        return Ok(Some(Kind::SignedIn));
    }
    let used = store::use_recovery_code(conn, account_id, &secret::hash(&secret::plain(code)))?;
    Ok(used.then_some(Kind::RecoveryUsed))
}

pub(super) fn event(kind: Kind, account_id: Option<i64>, address: &str, detail: &str) -> Event {
    Event { kind, account_id, address: address.to_owned(), detail: detail.to_owned() }
}

fn wrong() -> Error {
    Error::SignIn("账号或口令不对。连续输错几次后要等一会儿才能再试，最长 15 分钟；忘了口令请找办公室".into())
}

fn too_many(state: &State, now: Instant) -> Error {
    let seconds = state.wait_seconds(now);
    Error::TooMany(format!("这个地址登录失败次数太多，请 {seconds} 秒后再试"), seconds)
}
