//! The tables of signing in. Only one process writes at a time, so what is read within a write is
//! still true when it is written.

use diesel::dsl::{exists, max};
use diesel::prelude::*;

use super::log::{Ends, Row};
use super::throttle::State;
use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::db::schema::{
    account, api_token, credential, recovery_code, security_event, security_log, session, throttle,
};
use crate::error::{Error, Result};

/// What an account signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = credential)]
pub(super) struct Credential {
    pub account_id: i64,
    pub password_hash: String,
    pub is_one_time: i32,
    pub changed_at_us: i64,
    pub totp_secret: Option<String>,
    pub totp_pending: Option<String>,
    pub totp_last_step: i64,
}

pub(super) fn find_credential(conn: &mut AnyConnection, account_id: i64) -> Result<Option<Credential>> {
    Ok(credential::table
        .filter(credential::account_id.eq(account_id))
        .select(Credential::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn get_credential(conn: &mut AnyConnection, account_id: i64) -> Result<Credential> {
    find_credential(conn, account_id)?.ok_or_else(|| Error::internal("账户没有口令", account_id.to_string()))
}

/// Sets a password; the second factor stays.
pub(super) fn put_password(
    conn: &mut AnyConnection,
    account_id: i64,
    hash: &str,
    is_one_time: bool,
    now: Instant,
) -> Result<()> {
    let set = (
        credential::password_hash.eq(hash),
        credential::is_one_time.eq(i32::from(is_one_time)),
        credential::changed_at_us.eq(now.micros()),
    );
    let changed =
        diesel::update(credential::table.filter(credential::account_id.eq(account_id))).set(set).execute(conn)?;
    if changed == 0 {
        let new = Credential {
            account_id,
            password_hash: hash.to_owned(),
            is_one_time: i32::from(is_one_time),
            changed_at_us: now.micros(),
            totp_secret: None,
            totp_pending: None,
            totp_last_step: 0,
        };
        diesel::insert_into(credential::table).values(new).execute(conn)?;
    }
    Ok(())
}

/// Sets the second factor: the secret in use, the one being set up, and the last step seen.
pub(super) fn put_totp(
    conn: &mut AnyConnection,
    account_id: i64,
    secret: Option<&str>,
    pending: Option<&str>,
    last_step: i64,
) -> Result<()> {
    diesel::update(credential::table.filter(credential::account_id.eq(account_id)))
        .set((
            credential::totp_secret.eq(secret),
            credential::totp_pending.eq(pending),
            credential::totp_last_step.eq(last_step),
        ))
        .execute(conn)?;
    Ok(())
}

/// Replaces the recovery codes.
pub(super) fn put_recovery_codes(conn: &mut AnyConnection, account_id: i64, hashes: &[String]) -> Result<()> {
    diesel::delete(recovery_code::table.filter(recovery_code::account_id.eq(account_id))).execute(conn)?;
    for hash in hashes {
        diesel::insert_into(recovery_code::table)
            .values((recovery_code::hash.eq(hash), recovery_code::account_id.eq(account_id)))
            .execute(conn)?;
    }
    Ok(())
}

/// Uses up a recovery code; whether there was one.
pub(super) fn use_recovery_code(conn: &mut AnyConnection, account_id: i64, hash: &str) -> Result<bool> {
    let used = diesel::delete(
        recovery_code::table.filter(recovery_code::account_id.eq(account_id).and(recovery_code::hash.eq(hash))),
    )
    .execute(conn)?;
    Ok(used > 0)
}

/// How many recovery codes are left.
pub fn count_recovery_codes(conn: &mut AnyConnection, account_id: i64) -> Result<i64> {
    Ok(recovery_code::table.filter(recovery_code::account_id.eq(account_id)).count().get_result(conn)?)
}

/// Whether an account has a second factor.
pub fn has_totp(conn: &mut AnyConnection, account_id: i64) -> Result<bool> {
    let secret: Option<Option<String>> = credential::table
        .filter(credential::account_id.eq(account_id))
        .select(credential::totp_secret)
        .first(conn)
        .optional()?;
    Ok(secret.flatten().is_some())
}

/// A session as stored: never its token.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = session)]
pub struct SessionRow {
    /// The hash of the token: names the session, opens nothing.
    pub id_hash: String,
    /// Whose.
    pub account_id: i64,
    /// 1 while the second factor is still to come.
    pub awaits_code: i32,
    /// The account's epoch when the token was given.
    pub epoch: i64,
    /// Signed in.
    pub created_at_us: i64,
    /// Last used, to the minute.
    pub seen_at_us: i64,
    /// From where.
    pub address: String,
    /// With what.
    pub agent: String,
}

pub(super) fn find_session(conn: &mut AnyConnection, id_hash: &str) -> Result<Option<SessionRow>> {
    Ok(session::table.filter(session::id_hash.eq(id_hash)).select(SessionRow::as_select()).first(conn).optional()?)
}

pub(super) fn insert_session(conn: &mut AnyConnection, row: &SessionRow) -> Result<()> {
    diesel::insert_into(session::table).values(row).execute(conn)?;
    Ok(())
}

/// Ends a session; whether there was one.
pub(super) fn delete_session(conn: &mut AnyConnection, id_hash: &str) -> Result<bool> {
    Ok(diesel::delete(session::table.filter(session::id_hash.eq(id_hash))).execute(conn)? > 0)
}

/// Ends the sessions of an account but one; how many.
pub(super) fn delete_sessions_but(conn: &mut AnyConnection, account_id: i64, kept: &str) -> Result<usize> {
    Ok(diesel::delete(session::table.filter(session::account_id.eq(account_id).and(session::id_hash.ne(kept))))
        .execute(conn)?)
}

/// Forgets sessions of everyone that began before, or were last used before, an instant.
pub(super) fn delete_old_sessions(conn: &mut AnyConnection, begun_us: i64, used_us: i64) -> Result<()> {
    diesel::delete(session::table.filter(session::created_at_us.lt(begun_us).or(session::seen_at_us.lt(used_us))))
        .execute(conn)?;
    Ok(())
}

pub(super) fn touch_session(conn: &mut AnyConnection, id_hash: &str, now: Instant) -> Result<()> {
    diesel::update(session::table.filter(session::id_hash.eq(id_hash)))
        .set(session::seen_at_us.eq(now.micros()))
        .execute(conn)?;
    Ok(())
}

/// The sessions of an account, the last used first.
pub fn list_sessions(conn: &mut AnyConnection, account_id: i64) -> Result<Vec<SessionRow>> {
    Ok(session::table
        .filter(session::account_id.eq(account_id).and(session::awaits_code.eq(0)))
        .order((session::seen_at_us.desc(), session::id_hash))
        .select(SessionRow::as_select())
        .load(conn)?)
}

/// An API token as stored: never the token.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_token)]
pub struct TokenRow {
    /// Names it on the page and the command line.
    pub id: i64,
    /// Whose.
    pub account_id: i64,
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of the token.
    pub hash: String,
    /// The one role it is limited to.
    pub role: String,
    /// Made.
    pub created_at_us: i64,
    /// Good until.
    pub expires_at_us: i64,
    /// Last used, to the minute.
    pub used_at_us: Option<i64>,
    /// Revoked.
    pub revoked_at_us: Option<i64>,
}

pub(super) fn find_token(conn: &mut AnyConnection, hash: &str) -> Result<Option<TokenRow>> {
    Ok(api_token::table.filter(api_token::hash.eq(hash)).select(TokenRow::as_select()).first(conn).optional()?)
}

pub(super) fn find_token_by_id(conn: &mut AnyConnection, id: i64) -> Result<Option<TokenRow>> {
    Ok(api_token::table.filter(api_token::id.eq(id)).select(TokenRow::as_select()).first(conn).optional()?)
}

/// Tokens of an account, or of all, in the order they were made.
pub(super) fn list_tokens(conn: &mut AnyConnection, account_id: Option<i64>) -> Result<Vec<TokenRow>> {
    let all: Vec<TokenRow> = api_token::table.order(api_token::id).select(TokenRow::as_select()).load(conn)?;
    Ok(all.into_iter().filter(|row| account_id.is_none_or(|id| row.account_id == id)).collect())
}

/// The number of the next token.
pub(super) fn next_token_id(conn: &mut AnyConnection) -> Result<i64> {
    let last: Option<i64> = api_token::table.select(max(api_token::id)).first(conn)?;
    Ok(last.unwrap_or(0) + 1)
}

pub(super) fn insert_token(conn: &mut AnyConnection, row: &TokenRow) -> Result<()> {
    diesel::insert_into(api_token::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn touch_token(conn: &mut AnyConnection, id: i64, now: Instant) -> Result<()> {
    diesel::update(api_token::table.filter(api_token::id.eq(id)))
        .set(api_token::used_at_us.eq(now.micros()))
        .execute(conn)?;
    Ok(())
}

pub(super) fn revoke_token(conn: &mut AnyConnection, id: i64, now: Instant) -> Result<()> {
    diesel::update(api_token::table.filter(api_token::id.eq(id)))
        .set(api_token::revoked_at_us.eq(now.micros()))
        .execute(conn)?;
    Ok(())
}

/// What is counted for a key; nothing when it has no row.
pub(super) fn find_throttle(conn: &mut AnyConnection, key: &str) -> Result<State> {
    let row: Option<(i64, i64, i64)> = throttle::table
        .filter(throttle::key.eq(key))
        .select((throttle::failures, throttle::last_at_us, throttle::until_us))
        .first(conn)
        .optional()?;
    Ok(row.map_or_else(State::default, |(failures, last_us, until_us)| State { failures, last_us, until_us }))
}

pub(super) fn put_throttle(conn: &mut AnyConnection, key: &str, state: State) -> Result<()> {
    clear_throttle(conn, key)?;
    diesel::insert_into(throttle::table)
        .values((
            throttle::key.eq(key),
            throttle::failures.eq(state.failures),
            throttle::last_at_us.eq(state.last_us),
            throttle::until_us.eq(state.until_us),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn clear_throttle(conn: &mut AnyConnection, key: &str) -> Result<()> {
    diesel::delete(throttle::table.filter(throttle::key.eq(key))).execute(conn)?;
    Ok(())
}

/// Forgets what was last counted before an instant.
pub(super) fn forget_throttles(conn: &mut AnyConnection, before_us: i64) -> Result<()> {
    diesel::delete(throttle::table.filter(throttle::last_at_us.lt(before_us))).execute(conn)?;
    Ok(())
}

/// Whether an account has signed in from an address before, as far as the log goes back.
pub(super) fn has_signed_in_from(conn: &mut AnyConnection, account_id: i64, address: &str) -> Result<bool> {
    let before = security_event::table.filter(
        security_event::account_id
            .eq(account_id)
            .and(security_event::kind.eq(super::Kind::SignedIn.word()))
            .and(security_event::address.eq(address)),
    );
    Ok(diesel::select(exists(before)).get_result::<bool>(conn)?)
}

type EventRow = (i64, i64, String, Option<i64>, String, String, String, String);

fn row((seq, at_us, kind, account_id, address, detail, previous, hash): EventRow) -> Row {
    Row { seq, at_us, kind, account_id, address, detail, previous, hash }
}

/// Where the log begins and ends.
pub(super) fn find_ends(conn: &mut AnyConnection) -> Result<Ends> {
    let ends: (i64, i64, String, i64, i64, String) = security_log::table
        .select((
            security_log::dropped_seq,
            security_log::dropped_at_us,
            security_log::dropped_hash,
            security_log::last_seq,
            security_log::last_at_us,
            security_log::last_hash,
        ))
        .first(conn)?;
    Ok(Ends { dropped: (ends.0, ends.1, ends.2), last: (ends.3, ends.4, ends.5) })
}

pub(super) fn append_event(conn: &mut AnyConnection, row: &Row) -> Result<()> {
    diesel::insert_into(security_event::table)
        .values((
            security_event::seq.eq(row.seq),
            security_event::at_us.eq(row.at_us),
            security_event::kind.eq(&row.kind),
            security_event::account_id.eq(row.account_id),
            security_event::address.eq(&row.address),
            security_event::detail.eq(&row.detail),
            security_event::previous.eq(&row.previous),
            security_event::hash.eq(&row.hash),
        ))
        .execute(conn)?;
    diesel::update(security_log::table)
        .set((
            security_log::last_seq.eq(row.seq),
            security_log::last_at_us.eq(row.at_us),
            security_log::last_hash.eq(&row.hash),
        ))
        .execute(conn)?;
    Ok(())
}

pub(super) fn list_events_before(conn: &mut AnyConnection, before: i64, limit: i64) -> Result<Vec<Row>> {
    let rows: Vec<EventRow> = security_event::table
        .filter(security_event::seq.lt(before))
        .order(security_event::seq.desc())
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(row).collect())
}

pub(super) fn list_events_after(conn: &mut AnyConnection, after: i64, limit: i64) -> Result<Vec<Row>> {
    let rows: Vec<EventRow> = security_event::table
        .filter(security_event::seq.gt(after))
        .order(security_event::seq)
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(row).collect())
}

/// Lets the beginning of the log go, up to the last row before an instant; how many rows.
pub(super) fn drop_events_before(conn: &mut AnyConnection, before_us: i64) -> Result<i64> {
    let last: Option<(i64, i64, String)> = security_event::table
        .filter(security_event::at_us.lt(before_us))
        .order(security_event::seq.desc())
        .select((security_event::seq, security_event::at_us, security_event::hash))
        .first(conn)
        .optional()?;
    let Some((seq, at_us, hash)) = last else { return Ok(0) };
    diesel::update(security_log::table)
        .set((
            security_log::dropped_seq.eq(seq),
            security_log::dropped_at_us.eq(at_us),
            security_log::dropped_hash.eq(hash),
        ))
        .execute(conn)?;
    let dropped = diesel::delete(security_event::table.filter(security_event::seq.le(seq))).execute(conn)?;
    Ok(i64::try_from(dropped).unwrap_or(i64::MAX))
}

/// Whether there is an account of an id.
pub(super) fn has_account(conn: &mut AnyConnection, id: i64) -> Result<bool> {
    Ok(diesel::select(exists(account::table.filter(account::id.eq(id)))).get_result::<bool>(conn)?)
}
