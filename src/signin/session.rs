//! Sessions: a random token with the reader, its hash with us.

use super::store::{self, SessionRow};
use super::{Event, Kind, Limits, MINUTE, log, secret};
use crate::account::{Standing, store as accounts};
use crate::auth::Actor;
use crate::clock::Instant;
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Result};

/// So many sessions an account may have at once (a desk, a laptop, a telephone, and slips): one more
/// ends the one unused for longest.
pub const MOST_SESSIONS: usize = 10;
/// The second factor must come within five minutes of the password.
pub(super) const AWAITED_US: i64 = 5 * MINUTE;
/// `seen_at` is written no more often: reading pages writes next to nothing.
const TOUCHED_US: i64 = MINUTE;
/// Longer descriptions of a browser are cut.
const MOST_AGENT: usize = 160;

/// Someone who has signed in, or shown a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The account.
    pub account: i64,
    /// Names the session (the hash of its token) or the API token (`token:ID`).
    pub session: String,
    /// How the account stands today.
    pub standing: Standing,
    /// Who it is in commands. Without any role while the password must be changed: whoever forgets to
    /// look at `must_change` gives nothing away.
    pub actor: Actor,
    /// Nothing but changing the password and signing out is allowed.
    pub must_change: bool,
    /// Rights have changed since the token was given: give another with [`rotate`].
    pub must_rotate: bool,
    /// Moves on with rights; part of what a cached page depends on.
    pub epoch: i64,
    /// Signed in.
    pub created: Instant,
    /// Last used, to the minute.
    pub seen: Instant,
}

/// Who a session's token belongs to, if it is still good.
pub fn find_session(conn: &mut AnyConnection, token: &str, now: Instant, limits: &Limits) -> Result<Option<Signed>> {
    let Some(row) = find_row(conn, token)?.filter(|row| row.awaits_code == 0) else { return Ok(None) };
    let is_over =
        now.micros() - row.created_at_us > limits.absolute_us || now.micros() - row.seen_at_us > limits.idle_us;
    if is_over {
        return Ok(None);
    }
    let Some(standing) = accounts::find_standing(conn, row.account_id, now.day(), i64::MAX)? else { return Ok(None) };
    let Some(credential) = store::find_credential(conn, row.account_id)? else { return Ok(None) };
    if !standing.is_active {
        return Ok(None);
    }
    let must_change =
        credential.is_one_time != 0 || limits.is_too_old(Instant::from_micros(credential.changed_at_us), now);
    let actor = if must_change { Actor::account(row.account_id, Vec::new(), Vec::new()) } else { standing.actor() };
    Ok(Some(Signed {
        account: row.account_id,
        session: row.id_hash,
        actor,
        must_change,
        must_rotate: row.epoch != standing.epoch,
        epoch: standing.epoch,
        created: Instant::from_micros(row.created_at_us),
        seen: Instant::from_micros(row.seen_at_us),
        standing,
    }))
}

/// Whether a session is still there. Who it is, and whether it has grown too old, [`find_session`] says.
pub fn is_open(conn: &mut AnyConnection, token: &str) -> Result<bool> {
    Ok(find_row(conn, token)?.is_some_and(|row| row.awaits_code == 0))
}

pub(super) fn find_row(conn: &mut AnyConnection, token: &str) -> Result<Option<SessionRow>> {
    // Anything else was never given out; it need not be hashed, however long.
    if token.len() != 43 {
        return Ok(None);
    }
    store::find_session(conn, &secret::hash(token))
}

/// Notes that a session is in use; writes at most once a minute.
pub fn touch(db: &Db, signed: &Signed, now: Instant) -> Result<()> {
    if now.micros() - signed.seen.micros() < TOUCHED_US {
        return Ok(());
    }
    let id_hash = signed.session.clone();
    db.write(move |tx| store::touch_session(tx.conn(), &id_hash, now))
}

/// Gives a session another token, because rights have changed; the old one is good no more. Its age stays.
pub fn rotate(db: &Db, signed: &Signed) -> Result<String> {
    let signed = signed.clone();
    let token = secret::new_token()?;
    let id_hash = secret::hash(&token);
    db.write(move |tx| {
        let conn = tx.conn();
        let old = store::find_session(conn, &signed.session)?.ok_or_else(ended)?;
        let standing = accounts::get_standing(conn, old.account_id, signed.seen.day())?;
        store::delete_session(conn, &old.id_hash)?;
        store::insert_session(conn, &SessionRow { id_hash, epoch: standing.epoch, ..old })
    })?;
    Ok(token)
}

pub(super) fn ended() -> Error {
    Error::SignIn("登录已经结束，请重新登录".into())
}

/// Opens a session within a write under way. `is_whole`: no second factor is awaited.
pub(super) fn open(
    conn: &mut AnyConnection,
    id_hash: &str,
    standing: &Standing,
    from: (&str, &str),
    is_whole: bool,
    now: Instant,
) -> Result<()> {
    let (address, agent) = from;
    let others = store::list_sessions(conn, standing.id)?;
    for old in others.iter().skip(MOST_SESSIONS - 1) {
        store::delete_session(conn, &old.id_hash)?;
    }
    let row = SessionRow {
        id_hash: id_hash.to_owned(),
        account_id: standing.id,
        awaits_code: i32::from(!is_whole),
        epoch: standing.epoch,
        created_at_us: now.micros(),
        seen_at_us: now.micros(),
        address: address.to_owned(),
        agent: agent.chars().filter(|c| !c.is_control()).take(MOST_AGENT).collect(),
    };
    store::insert_session(conn, &row)
}

/// Ends a session by its token. A token of none is no error: whoever signs out twice is out.
pub fn sign_out(db: &Db, token: &str, address: &str) -> Result<()> {
    let (token, address) = (token.to_owned(), address.to_owned());
    db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        let Some(row) = find_row(conn, &token)? else { return Ok(()) };
        store::delete_session(conn, &row.id_hash)?;
        let event = Event { kind: Kind::SignedOut, account_id: Some(row.account_id), address, detail: String::new() };
        log::append(conn, now, &event)
    })
}
