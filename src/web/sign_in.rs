//! `/login`, `/logout` and the new password: the forms that change the session's cookie.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::answer::{self, Body};
use super::post::{self, Done, FORM, Submitted};
use super::query;
use super::serve::{Face, PATIENCE, block, identify};
use super::state::State;
use super::viewer::{self, Credential, Viewer};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::report::asked::Asked;
use crate::report::form::Filled;
use crate::report::sign_in as report;
use crate::rollup::Deadline;
use crate::signin::{self, Attempt, Signed};

/// The form of signing in, again.
pub(super) fn login(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    once(state, "login.html", &report::login(asked, filled))
}

/// The form of the second factor, again.
pub(super) fn code(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    once(state, "form.html", &report::code(asked, filled))
}

/// The form of signing out.
pub(super) fn logout(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    once(state, "form.html", &report::logout(asked, filled))
}

/// The form of a new password.
pub(super) fn password(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let must_change = asked.reader.actor.roles().is_empty();
    once(state, "form.html", &report::new_password(asked, must_change, filled))
}

/// A page with a form: it holds the session's own token, so no other session may be given it.
pub(super) fn once<C: serde::Serialize>(state: &State, template: &str, context: &C) -> Result<Body> {
    let body = state.view.render(template, context).map(Body::html)?;
    Ok(Body { lasts: false, ..body })
}

/// `/login`.
pub(super) async fn show_login(request: HttpRequest, state: Data<State>) -> HttpResponse {
    show_to_anyone(request, state, |asked, state| {
        once(state, "login.html", &report::login(asked, &Filled::from_address(asked)))
    })
    .await
}

/// `/login/code`.
pub(super) async fn show_code(request: HttpRequest, state: Data<State>) -> HttpResponse {
    show_to_anyone(request, state, |asked, state| {
        once(state, "form.html", &report::code(asked, &Filled::from_address(asked)))
    })
    .await
}

/// A form before signing in needs a cookie too, so that only our own page can send it.
async fn show_to_anyone<F>(request: HttpRequest, state: Data<State>, build: F) -> HttpResponse
where
    F: FnOnce(&Asked, &State) -> Result<Body> + Send + 'static,
{
    let decoded = query::decode(request.query_string()).and_then(|query| {
        FORM.check(query::PAGE_VIEW, &query.pairs)?;
        Ok(query.pairs)
    });
    let (pairs, viewer) = match (decoded, identify(&request, &state).await) {
        (Ok(pairs), Ok(viewer)) => (pairs, viewer),
        (Err(error), _) | (_, Err(error)) => return Face::Page.refuse(&state, &request, &error),
    };
    if viewer.is_signed_in() {
        let next = pairs.iter().find(|(key, _)| key == "next").map_or("/", |(_, next)| next.as_str());
        return post::see(&report::safe_next(next));
    }
    let (viewer, cookie) = match viewer.credential {
        Credential::Session(_) => (viewer, None),
        Credential::None | Credential::Token(_) => match viewer::fresh_token() {
            Ok(token) => (Viewer::public(Credential::Session(token.clone())), Some(viewer::cookie(&state, token))),
            Err(error) => return Face::Page.refuse(&state, &request, &error),
        },
    };
    let (worker, path) = (state.clone(), request.path().to_owned());
    let made = block(move || {
        let asked =
            worker.db.read(|conn| query::resolve(conn, &worker, &viewer, &path, &pairs, Deadline::within(PATIENCE)))?;
        build(&asked, &worker)
    })
    .await;
    match made {
        Err(error) => Face::Page.refuse(&state, &request, &error),
        Ok(body) => {
            let mut response = answer::send_once(&body);
            if let Some(cookie) = cookie {
                // A cookie of ours is plain ASCII: there is nothing to refuse.
                drop(response.add_cookie(&cookie));
            }
            response
        }
    }
}

/// The session's token as it was sent.
fn token(submitted: &Submitted) -> Option<&str> {
    match &submitted.viewer.credential {
        Credential::Session(token) => Some(token),
        Credential::None | Credential::Token(_) => None,
    }
}

/// The session of whoever sent a form, read again: what it does is checked against now.
pub(super) fn signed(state: &State, submitted: &Submitted) -> Result<Signed> {
    let found = state.signed(&submitted.viewer.credential)?;
    found.ok_or_else(|| Error::SignIn("登录已经结束，请重新登录".into()))
}

pub(super) fn enter(state: &State, submitted: &Submitted) -> Result<Done> {
    let attempt = Attempt {
        login: submitted.field("account").trim().to_owned(),
        password: submitted.field("password").to_owned(),
        address: submitted.address.to_string(),
        agent: submitted.agent.clone(),
        sent: token(submitted).map(str::to_owned),
    };
    let done = signin::sign_in(&state.db, &attempt, &state.limits);
    state.forget_head();
    let done = done?;
    let next = report::safe_next(submitted.field("next"));
    let to = match done.awaits_code {
        true => format!(
            "/login/code?next={}",
            percent_encoding::utf8_percent_encode(&next, percent_encoding::NON_ALPHANUMERIC)
        ),
        false => next,
    };
    Ok(Done::GoWith(to, Box::new(viewer::cookie(state, done.token))))
}

pub(super) fn second(state: &State, submitted: &Submitted) -> Result<Done> {
    let ticket = token(submitted).unwrap_or_default();
    let (address, code) = (submitted.address.to_string(), submitted.field("code"));
    let done = signin::give_code(&state.db, ticket, code, &address, &submitted.agent);
    state.forget_head();
    let next = report::safe_next(submitted.field("next"));
    Ok(Done::GoWith(next, Box::new(viewer::cookie(state, done?.token))))
}

pub(super) fn leave(state: &State, submitted: &Submitted) -> Result<Done> {
    if let Some(token) = token(submitted) {
        signin::sign_out(&state.db, token, &submitted.address.to_string())?;
        state.forget_head();
    }
    Ok(Done::GoCleared("/".into(), Box::new(viewer::no_cookie(state))))
}

pub(super) fn change(state: &State, submitted: &Submitted) -> Result<Done> {
    let signed = signed(state, submitted)?;
    let (current, new) = (submitted.field("current"), submitted.field("password"));
    report::check_same(new, submitted.field("again"))?;
    let token = signin::change_password(&state.db, &signed, current, new, &submitted.address.to_string())?;
    state.forget_head();
    let to = if signed.must_change { "/" } else { "/account/password" };
    Ok(Done::GoWith(to.into(), Box::new(viewer::cookie(state, token))))
}
