//! What people do with their own account once they have signed in. Whatever changes how one signs in
//! wants the password again (ASVS 7.5.1), and ends the other sessions.

use super::attempt::{event, fail};
use super::session::{self, Signed, ended};
use super::store::{self, Credential};
use super::{Kind, log, password, secret, throttle, totp};
use crate::account::store as accounts;
use crate::clock::Instant;
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Result};

/// Changes one's password. Other sessions end; this one goes on with the token returned.
pub fn change_password(db: &Db, signed: &Signed, current: &str, new: &str, address: &str) -> Result<String> {
    let known = confirm(db, signed, current, address)?;
    if current == new {
        return Err(Error::invalid("password", "", "与现在的口令相同；换一个"));
    }
    let account = signed.account;
    let person = db.read(|conn| accounts::find_person(conn, account))?.ok_or_else(ended)?;
    password::check(new, &person)?;
    let hash = password::hash(new)?;
    replace_session(db, signed, known, address, move |conn, now, address| {
        store::put_password(conn, account, &hash, false, now)?;
        log::append(conn, now, &event(Kind::PasswordChanged, Some(account), address, ""))
    })
}

/// Begins to set up the second factor: the secret to be put into the telephone. It counts once a
/// code has shown that it is there.
pub fn begin_totp(db: &Db, signed: &Signed, current: &str, address: &str) -> Result<String> {
    confirm(db, signed, current, address)?;
    let account = signed.account;
    let secret = totp::new_secret()?;
    let pending = secret.clone();
    db.write(move |tx| {
        let conn = tx.conn();
        let credential = store::get_credential(conn, account)?;
        if credential.totp_secret.is_some() {
            return Err(Error::Conflict("动态口令已经启用；要换手机，先停用再启用".into()));
        }
        store::put_totp(conn, account, None, Some(&pending), 0)
    })?;
    Ok(secret)
}

/// Switches the second factor on with its first code. Returns the recovery codes, shown this once.
pub fn confirm_totp(db: &Db, signed: &Signed, code: &str, address: &str) -> Result<Vec<String>> {
    let codes = totp::new_recovery_codes()?;
    let hashes = hashes(&codes);
    let (account, session, code, address) =
        (signed.account, signed.session.clone(), code.to_owned(), address.to_owned());
    let is_on = db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        let key = throttle::code_key(account);
        let Some(pending) = store::get_credential(conn, account)?.totp_pending else {
            return Err(Error::Conflict("还没有开始设置动态口令；请先取得二维码".into()));
        };
        let step = match store::find_throttle(conn, &key)?.is_locked(now) {
            true => None,
            false => totp::check(&pending, &code, now, 0)?,
        };
        let Some(step) = step else {
            fail(conn, &key, &throttle::CODE, now)?;
            return Ok(false);
        };
        store::put_totp(conn, account, Some(&pending), None, step)?;
        store::put_recovery_codes(conn, account, &hashes)?;
        store::delete_sessions_but(conn, account, &session)?;
        log::append(conn, now, &event(Kind::TotpOn, Some(account), &address, ""))?;
        Ok(true)
    })?;
    match is_on {
        true => Ok(codes),
        false => Err(Error::invalid("code", "", "动态口令不对；核对手机的时间，用新的一组六位数再试")),
    }
}

/// Switches the second factor off.
pub fn disable_totp(db: &Db, signed: &Signed, current: &str, address: &str) -> Result<()> {
    confirm(db, signed, current, address)?;
    let (account, session, address) = (signed.account, signed.session.clone(), address.to_owned());
    db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        store::put_totp(conn, account, None, None, 0)?;
        store::put_recovery_codes(conn, account, &[])?;
        store::delete_sessions_but(conn, account, &session)?;
        log::append(conn, now, &event(Kind::TotpOff, Some(account), &address, ""))
    })
}

/// Ten new recovery codes in place of the old, shown this once.
pub fn renew_recovery_codes(db: &Db, signed: &Signed, current: &str, address: &str) -> Result<Vec<String>> {
    confirm(db, signed, current, address)?;
    let codes = totp::new_recovery_codes()?;
    let hashes = hashes(&codes);
    let (account, address) = (signed.account, address.to_owned());
    db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        if store::get_credential(conn, account)?.totp_secret.is_none() {
            return Err(Error::Conflict("还没有启用动态口令，不需要恢复码".into()));
        }
        store::put_recovery_codes(conn, account, &hashes)?;
        log::append(conn, now, &event(Kind::CodesRenewed, Some(account), &address, ""))
    })?;
    Ok(codes)
}

fn hashes(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| secret::hash(&secret::plain(code))).collect()
}

/// Ends one of one's own sessions, named by its hash. Another's is as if it were not there.
pub fn end_session(db: &Db, signed: &Signed, id_hash: &str, address: &str) -> Result<()> {
    let (account, id_hash, address) = (signed.account, id_hash.to_owned(), address.to_owned());
    db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        let own = store::find_session(conn, &id_hash)?.filter(|row| row.account_id == account);
        let Some(own) = own else {
            return Err(Error::not_found("会话", &id_hash.chars().take(8).collect::<String>(), "可能已经结束"));
        };
        store::delete_session(conn, &own.id_hash)?;
        log::append(conn, now, &event(Kind::SessionEnded, Some(account), &address, "本人"))
    })
}

/// Ends all of one's sessions but this; how many.
pub fn end_other_sessions(db: &Db, signed: &Signed, address: &str) -> Result<usize> {
    let (account, session, address) = (signed.account, signed.session.clone(), address.to_owned());
    db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        let ended = store::delete_sessions_but(conn, account, &session)?;
        if ended > 0 {
            log::append(conn, now, &event(Kind::SessionEnded, Some(account), &address, "本人的其他会话"))?;
        }
        Ok(ended)
    })
}

/// The password again, on the caller's thread; wrong ones are counted like codes. Returns the hash it fits.
pub(super) fn confirm(db: &Db, signed: &Signed, current: &str, address: &str) -> Result<String> {
    let account = signed.account;
    let key = throttle::code_key(account);
    let now = db.clock().now();
    let (state, credential): (_, Credential) =
        db.read(|conn| Ok((store::find_throttle(conn, &key)?, store::get_credential(conn, account)?)))?;
    if state.is_locked(now) {
        let seconds = state.wait_seconds(now);
        return Err(Error::TooMany(format!("口令输错次数太多，请 {seconds} 秒后再试"), seconds));
    }
    if password::could_be(current) && password::verify(current, Some(&credential.password_hash))? {
        return Ok(credential.password_hash);
    }
    let address = address.to_owned();
    db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        fail(conn, &key, &throttle::CODE, now)?;
        log::append(conn, now, &event(Kind::Refused, Some(account), &address, "再次输入口令"))
    })?;
    Err(Error::invalid("current", "", "现在的口令不对"))
}

/// Does something that changes how one signs in: ends every session and opens this one anew.
fn replace_session(
    db: &Db,
    signed: &Signed,
    known: String,
    address: &str,
    change: impl FnOnce(&mut AnyConnection, Instant, &str) -> Result<()> + Send + 'static,
) -> Result<String> {
    let (signed, address) = (signed.clone(), address.to_owned());
    let token = secret::new_token()?;
    let id_hash = secret::hash(&token);
    db.write(move |tx| {
        let now = tx.clock().now();
        let conn = tx.conn();
        let old = store::find_session(conn, &signed.session)?.ok_or_else(ended)?;
        if store::get_credential(conn, signed.account)?.password_hash != known {
            return Err(Error::Conflict("口令刚刚在别处改过；请用新口令重新登录".into()));
        }
        store::delete_sessions_but(conn, signed.account, "")?;
        store::clear_throttle(conn, &throttle::code_key(signed.account))?;
        change(conn, now, &address)?;
        let standing = accounts::get_standing(conn, signed.account, now.day())?;
        session::open(conn, &id_hash, &standing, (&old.address, &old.agent), true, now)
    })?;
    Ok(token)
}
