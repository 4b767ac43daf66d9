//! What the office and the operator do with others' ways of signing in. Nobody chooses a password
//! for another: one is made, shown once, and must be changed (ASVS 6.4.1, 6.4.6).

use super::attempt::event;
use super::{Kind, log, password, store, throttle};
use crate::account::command::{self, Created, NewAccount};
use crate::auth::{Action, Actor, authorise};
use crate::db::Db;
use crate::error::{Error, Result};

/// A one-time password: shown once, kept as a hash only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// For whom.
    pub account: i64,
    /// What to hand over.
    pub password: String,
}

/// Opens an account with a one-time password.
pub fn create_account(db: &Db, actor: &Actor, new: NewAccount, address: &str) -> Result<Issued> {
    authorise(actor, Action::ManageAccounts)?;
    let password = password::one_time()?;
    let created = create_with(db, actor, new, password::hash(&password)?, true, address)?;
    Ok(Issued { account: created.id, password })
}

/// Opens an account with a password that is already hashed, in one write.
pub(super) fn create_with(
    db: &Db,
    actor: &Actor,
    new: NewAccount,
    hash: String,
    is_one_time: bool,
    address: &str,
) -> Result<Created> {
    let (actor, address) = (actor.clone(), address.to_owned());
    db.write(move |tx| {
        let created = command::create(tx, &actor, new)?;
        let now = tx.clock().now();
        let conn = tx.conn();
        store::put_password(conn, created.id, &hash, is_one_time, now)?;
        if is_one_time {
            let by = format!("由 {}", actor.name());
            log::append(conn, now, &event(Kind::PasswordReset, Some(created.id), &address, &by))?;
        }
        Ok(created)
    })
}

/// Makes a new one-time password for someone who cannot sign in, and ends their sessions. The second
/// factor stays, unless the telephone is lost too (`without_totp`).
pub fn reset_password(db: &Db, actor: &Actor, account: i64, without_totp: bool, address: &str) -> Result<Issued> {
    authorise(actor, Action::ManageAccounts)?;
    let password = password::one_time()?;
    let hash = password::hash(&password)?;
    let (actor, address) = (actor.clone(), address.to_owned());
    db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        if !store::has_account(conn, account)? {
            return Err(Error::not_found("账户", &account.to_string(), "可用 taizhang user list 查看"));
        }
        command::note_reset(tx, &actor, account, without_totp)?;
        let conn = tx.conn();
        store::put_password(conn, account, &hash, true, now)?;
        store::delete_sessions_but(conn, account, "")?;
        store::clear_throttle(conn, &throttle::code_key(account))?;
        let by = format!("由 {}", actor.name());
        log::append(conn, now, &event(Kind::PasswordReset, Some(account), &address, &by))?;
        if without_totp && store::has_totp(conn, account)? {
            store::put_totp(conn, account, None, None, 0)?;
            store::put_recovery_codes(conn, account, &[])?;
            log::append(conn, now, &event(Kind::TotpOff, Some(account), &address, &by))?;
        }
        Ok(())
    })?;
    Ok(Issued { account, password })
}

/// Ends every session of an account; how many.
pub fn end_sessions_of(db: &Db, actor: &Actor, account: i64, address: &str) -> Result<usize> {
    authorise(actor, Action::ManageAccounts)?;
    let (actor, address) = (actor.clone(), address.to_owned());
    db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        let ended = store::delete_sessions_but(conn, account, "")?;
        let by = format!("由 {}", actor.name());
        log::append(conn, now, &event(Kind::SessionEnded, Some(account), &address, &by))?;
        Ok(ended)
    })
}
