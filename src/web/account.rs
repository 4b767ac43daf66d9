//! `/account`: what people do with their own account.

use super::answer::Body;
use super::post::{Done, Submitted};
use super::sign_in::{once, signed};
use super::state::State;
use crate::account::Standing;
use crate::auth::Role;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::report::asked::Asked;
use crate::report::form::Filled;
use crate::report::own_account::{self as report, Own};
use crate::report::sign_in::page;
use crate::signin::{self, NewToken, Signed};

/// What a form of the page does, by whoever is signed in.
type Deed = fn(&State, &Submitted, &Signed) -> Result<Done>;

/// Does it in the session as it is now.
pub(super) fn done(deed: Deed) -> impl Fn(&State, &Submitted) -> Result<Done> + Copy + Send + 'static {
    move |state, submitted| {
        let signed = signed(state, submitted)?;
        let done = deed(state, submitted, &signed);
        state.forget_head();
        done
    }
}

/// One of the page's forms again, when it was refused.
pub(super) fn again(
    which: Own,
) -> impl Fn(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Copy + Send + 'static {
    move |conn, asked, state, filled| {
        let standing = report::standing(conn, asked)?;
        let form = report::form(asked, which, &standing, filled);
        once(state, "form.html", &page(asked, "我的账户", Vec::new(), form))
    }
}

/// A page that is made from the answer of a form.
pub(super) fn shown<C: serde::Serialize>(
    state: &State,
    submitted: &Submitted,
    template: &str,
    build: impl FnOnce(&mut AnyConnection, &Asked) -> Result<C>,
) -> Result<Done> {
    let body = state.db.read(|conn| {
        let asked = submitted.asked(conn, state)?;
        let context = build(conn, &asked)?;
        once(state, template, &context)
    })?;
    Ok(Done::Show(body))
}

fn back() -> Done {
    Done::Go("/account".into())
}

fn from(submitted: &Submitted) -> String {
    submitted.address.to_string()
}

pub(super) fn end_session(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    match submitted.field("session") {
        "others" => signin::end_other_sessions(&state.db, signed, &from(submitted)).map(drop)?,
        one => signin::end_session(&state.db, signed, one, &from(submitted))?,
    }
    Ok(back())
}

pub(super) fn begin_totp(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    let secret = signin::begin_totp(&state.db, signed, submitted.field("current"), &from(submitted))?;
    let standing: Standing = signed.standing.clone();
    shown(state, submitted, "sections.html", |_, asked| report::totp_secret(asked, &standing, &secret))
}

pub(super) fn confirm_totp(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    let codes = signin::confirm_totp(&state.db, signed, submitted.field("code"), &from(submitted))?;
    show_codes(state, submitted, codes)
}

pub(super) fn renew_codes(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    let codes = signin::renew_recovery_codes(&state.db, signed, submitted.field("current"), &from(submitted))?;
    show_codes(state, submitted, codes)
}

fn show_codes(state: &State, submitted: &Submitted, codes: Vec<String>) -> Result<Done> {
    shown(state, submitted, "sections.html", |_, asked| {
        Ok(report::shown_once(asked, "恢复码", "十个恢复码，手机不在时各用一次", codes, "/account"))
    })
}

pub(super) fn disable_totp(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    signin::disable_totp(&state.db, signed, submitted.field("current"), &from(submitted))?;
    Ok(back())
}

pub(super) fn create_token(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    let days = submitted.field("days");
    let new = NewToken {
        name: submitted.field("name").trim().to_owned(),
        role: Role::parse(submitted.field("role"))?,
        days: days.parse().map_err(|_| Error::invalid("days", days, "写成天数，如 90"))?,
    };
    let (id, token) = signin::create_token(&state.db, signed, new, &from(submitted))?;
    shown(state, submitted, "sections.html", |_, asked| {
        Ok(report::shown_once(asked, "接口令牌", &format!("令牌 {id}"), vec![token], "/account"))
    })
}

pub(super) fn revoke_token(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    let text = submitted.field("token");
    let id = text.parse().map_err(|_| Error::invalid("token", text, "写成令牌的编号"))?;
    signin::revoke_token(&state.db, &signed.actor, id, &from(submitted))?;
    Ok(back())
}
