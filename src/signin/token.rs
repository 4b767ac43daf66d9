//! API tokens: for programs that act for a person, in one of the person's roles.

use super::attempt::event;
use super::session::Signed;
use super::store::{self, TokenRow};
use super::{DAY, Kind, MINUTE, log, secret};
use crate::account::{role_labels, store as accounts};
use crate::auth::{Action, Actor, Role, authorise};
use crate::clock::Instant;
use crate::db::{AnyConnection, Db};
use crate::document::check_text;
use crate::error::{Error, Result};

/// Says what it is, so that a scanner for secrets left in public finds it.
const PREFIX: &str = "tzt_";
/// No token lives longer than a year: a forgotten one ends by itself.
pub const MOST_DAYS: i64 = 366;
/// So many good tokens an account may have at once.
const MOST_TOKENS: usize = 20;

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// The one role it is limited to; one of the owner's.
    pub role: Role,
    /// For how many days.
    pub days: i64,
}

/// Makes a token for oneself. The text returned is shown this once.
///
/// # Errors
/// Refuses a role that is not held, and more than 366 days.
pub fn create_token(db: &Db, signed: &Signed, new: NewToken, address: &str) -> Result<(i64, String)> {
    authorise(&signed.actor, Action::OwnAccount)?;
    create(db, signed.account, new, address)
}

/// Makes a token for an account: the operator's way.
pub fn create_token_for(db: &Db, actor: &Actor, account_id: i64, new: NewToken) -> Result<(i64, String)> {
    authorise(actor, Action::ManageAccounts)?;
    create(db, account_id, new, "")
}

fn create(db: &Db, account_id: i64, new: NewToken, address: &str) -> Result<(i64, String)> {
    check_text("name", &new.name, 40)?;
    if !(1..=MOST_DAYS).contains(&new.days) {
        return Err(Error::invalid("days", new.days.to_string(), format!("有效期 1 至 {MOST_DAYS} 天")));
    }
    let token = format!("{PREFIX}{}", secret::new_token()?);
    let hash = secret::hash(&token);
    let address = address.to_owned();
    let id = db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        let standing = accounts::get_standing(conn, account_id, now.day())?;
        if standing.actor_as(new.role).is_none() {
            let held = role_labels(&standing.roles());
            return Err(Error::invalid("role", new.role.word(), format!("不是这个账户的角色；可用 {held}")));
        }
        let good = store::list_tokens(conn, Some(account_id))?.iter().filter(|row| is_good(row, now)).count();
        if good >= MOST_TOKENS {
            return Err(Error::Conflict(format!("已有 {good} 个有效的令牌；先撤销不用的")));
        }
        let id = store::next_token_id(conn)?;
        store::insert_token(
            conn,
            &TokenRow {
                id,
                account_id,
                name: new.name,
                hash,
                role: new.role.word().into(),
                created_at_us: now.micros(),
                expires_at_us: now.micros() + new.days * DAY,
                used_at_us: None,
                revoked_at_us: None,
            },
        )?;
        log::append(conn, now, &event(Kind::TokenCreated, Some(account_id), &address, &format!("令牌 {id}")))?;
        Ok(id)
    })?;
    Ok((id, token))
}

fn is_good(row: &TokenRow, now: Instant) -> bool {
    row.revoked_at_us.is_none() && now.micros() < row.expires_at_us
}

/// Who a token acts for, if it is good: its owner, in its one role, while the role is held.
pub fn find_token(conn: &mut AnyConnection, token: &str, now: Instant) -> Result<Option<Signed>> {
    if token.len() != PREFIX.len() + 43 || !token.starts_with(PREFIX) {
        return Ok(None);
    }
    let Some(row) = store::find_token(conn, &secret::hash(token))?.filter(|row| is_good(row, now)) else {
        return Ok(None);
    };
    let Some(standing) = accounts::find_standing(conn, row.account_id, now.day(), i64::MAX)? else { return Ok(None) };
    let Some(actor) = Role::parse(&row.role).ok().and_then(|role| standing.actor_as(role)) else { return Ok(None) };
    // A one-time password must be changed before anything else, tokens included.
    if store::find_credential(conn, row.account_id)?.is_none_or(|credential| credential.is_one_time != 0) {
        return Ok(None);
    }
    Ok(Some(Signed {
        account: row.account_id,
        session: format!("token:{}", row.id),
        actor,
        must_change: false,
        must_rotate: false,
        epoch: standing.epoch,
        created: Instant::from_micros(row.created_at_us),
        seen: Instant::from_micros(row.used_at_us.unwrap_or(0)),
        standing,
    }))
}

/// Notes that a token is in use; writes at most once a minute.
pub fn touch_token(db: &Db, signed: &Signed, now: Instant) -> Result<()> {
    let id = signed.session.strip_prefix("token:").and_then(|id| id.parse().ok());
    match id {
        Some(id) if now.micros() - signed.seen.micros() >= MINUTE => {
            db.write(move |tx| store::touch_token(tx.conn(), id, now))
        }
        _ => Ok(()),
    }
}

/// Tokens of an account, or (for those who look after accounts) of all.
pub fn list_tokens(conn: &mut AnyConnection, actor: &Actor, account_id: Option<i64>) -> Result<Vec<TokenRow>> {
    let is_own = account_id.is_some_and(|id| actor.name() == format!("account:{id}"));
    authorise(actor, if is_own { Action::OwnAccount } else { Action::ManageAccounts })?;
    store::list_tokens(conn, account_id)
}

/// Revokes a token of one's own, or (for those who look after accounts) of anyone. Another's is as
/// if it were not there.
pub fn revoke_token(db: &Db, actor: &Actor, id: i64, address: &str) -> Result<()> {
    authorise(actor, Action::OwnAccount)?;
    let (actor, address) = (actor.clone(), address.to_owned());
    db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        let may =
            |row: &TokenRow| actor.may(Action::ManageAccounts) || actor.name() == format!("account:{}", row.account_id);
        let Some(row) = store::find_token_by_id(conn, id)?.filter(may) else {
            return Err(Error::not_found("令牌", &id.to_string(), "可用 taizhang token list 或账户页查看"));
        };
        if row.revoked_at_us.is_some() {
            return Err(Error::Conflict("这个令牌已经撤销".into()));
        }
        store::revoke_token(conn, id, now)?;
        let detail = format!("令牌 {id}，由 {}", actor.name());
        log::append(conn, now, &event(Kind::TokenRevoked, Some(row.account_id), &address, &detail))
    })
}
