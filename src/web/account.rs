//! `/account`: what people do with their own account.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, web};

use super::get;
use super::post::{self, Done, FORM, Submitted};
use super::query;
use super::serve::{Face, PATIENCE, serve};
use super::sign_in::{once, signed};
use super::state::State;
use super::viewer::Needs;
use crate::account::Standing;
use crate::auth::{Action, Role};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::report::asked::Asked;
use crate::report::own_account::{self as report, Own};
use crate::report::sign_in::page;
use crate::rollup::Deadline;
use crate::signin::{self, NewToken, Signed};

const OWN: Needs = Needs::May(Action::OwnAccount);

/// The routes of one's own account.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/account",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, OWN, FORM, |conn, asked, state| {
                    once(state, "sections.html", &report::build(conn, asked)?)
                })
                .await
            }),
        )
        .route(
            "/account/sessions/end",
            web::post()
                .to(async |r: HttpRequest, p: Payload, s: Data<State>| own(r, p, s, Own::Totp, end_session).await),
        )
        .route(
            "/account/totp",
            web::post()
                .to(async |r: HttpRequest, p: Payload, s: Data<State>| own(r, p, s, Own::Totp, begin_totp).await),
        )
        .route(
            "/account/totp/confirm",
            web::post()
                .to(async |r: HttpRequest, p: Payload, s: Data<State>| own(r, p, s, Own::TotpCode, confirm_totp).await),
        )
        .route(
            "/account/totp/off",
            web::post()
                .to(async |r: HttpRequest, p: Payload, s: Data<State>| own(r, p, s, Own::TotpOff, disable_totp).await),
        )
        .route(
            "/account/codes",
            web::post()
                .to(async |r: HttpRequest, p: Payload, s: Data<State>| own(r, p, s, Own::Codes, renew_codes).await),
        )
        .route(
            "/account/tokens",
            web::post()
                .to(async |r: HttpRequest, p: Payload, s: Data<State>| own(r, p, s, Own::Token, create_token).await),
        )
        .route(
            "/account/tokens/revoke",
            web::post()
                .to(async |r: HttpRequest, p: Payload, s: Data<State>| own(r, p, s, Own::Token, revoke_token).await),
        );
}

/// What a form of the page does, by whoever is signed in.
type Deed = fn(&State, &Submitted, &Signed) -> Result<Done>;

async fn own(request: HttpRequest, payload: Payload, state: Data<State>, which: Own, deed: Deed) -> HttpResponse {
    let submit = move |state: &State, submitted: &Submitted| {
        let signed = signed(state, submitted)?;
        let done = deed(state, submitted, &signed);
        state.forget_head();
        done
    };
    post::form(request, payload, state, OWN, submit, move |conn, asked, state, filled| {
        let standing = report::standing(conn, asked)?;
        let form = report::form(asked, which, &standing, filled);
        once(state, "form.html", &page(asked, "我的账户", Vec::new(), form))
    })
    .await
}

/// A page that is made from the answer of a form.
pub(super) fn shown<C: serde::Serialize>(
    state: &State,
    submitted: &Submitted,
    template: &str,
    build: impl FnOnce(&mut AnyConnection, &Asked) -> Result<C>,
) -> Result<Done> {
    let body = state.db.read(|conn| {
        let deadline = Deadline::within(PATIENCE);
        let asked = query::resolve(conn, state, &submitted.viewer, &submitted.path, &[], deadline)?;
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

fn end_session(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    match submitted.field("session") {
        "others" => signin::end_other_sessions(&state.db, signed, &from(submitted)).map(drop)?,
        one => signin::end_session(&state.db, signed, one, &from(submitted))?,
    }
    Ok(back())
}

fn begin_totp(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    let secret = signin::begin_totp(&state.db, signed, submitted.field("current"), &from(submitted))?;
    let standing: Standing = signed.standing.clone();
    shown(state, submitted, "sections.html", |_, asked| report::totp_secret(asked, &standing, &secret))
}

fn confirm_totp(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    let codes = signin::confirm_totp(&state.db, signed, submitted.field("code"), &from(submitted))?;
    show_codes(state, submitted, codes)
}

fn renew_codes(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    let codes = signin::renew_recovery_codes(&state.db, signed, submitted.field("current"), &from(submitted))?;
    show_codes(state, submitted, codes)
}

fn show_codes(state: &State, submitted: &Submitted, codes: Vec<String>) -> Result<Done> {
    shown(state, submitted, "sections.html", |_, asked| {
        Ok(report::shown_once(asked, "恢复码", "十个恢复码，手机不在时各用一次", codes, "/account"))
    })
}

fn disable_totp(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    signin::disable_totp(&state.db, signed, submitted.field("current"), &from(submitted))?;
    Ok(back())
}

fn create_token(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
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

fn revoke_token(state: &State, submitted: &Submitted, signed: &Signed) -> Result<Done> {
    let text = submitted.field("token");
    let id = text.parse().map_err(|_| Error::invalid("token", text, "写成令牌的编号"))?;
    signin::revoke_token(&state.db, &signed.actor, id, &from(submitted))?;
    Ok(back())
}
