//! Who asks: from a cookie or a token to a [`Viewer`].

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{AUTHORIZATION, HOST, ORIGIN, USER_AGENT};
use sha2::{Digest, Sha256};

use super::state::State;
use crate::auth::{Action, Actor, Sight};
use crate::error::{Error, Result};
use crate::journal::chain::hex;
use crate::signin::Signed;

/// How somebody showed who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Nothing was shown.
    None,
    /// A session's cookie.
    Session(String),
    /// An API token.
    Token(String),
}

/// Whoever asks, for as long as one request.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Roles, departments and the name the journal keeps.
    pub actor: Actor,
    /// The account; none for the public.
    pub account: Option<i64>,
    /// The session's key in the database, for those signed in by cookie.
    pub session: Option<String>,
    /// The name on screen.
    pub name: String,
    /// Whether a one-time password must be changed before anything else.
    pub must_change: bool,
    /// Whether rights have changed since the session's token was given: another is due.
    pub must_rotate: bool,
    /// What was shown.
    pub credential: Credential,
}

impl Viewer {
    /// A reader who has not signed in.
    pub fn public(credential: Credential) -> Viewer {
        Viewer {
            actor: Actor::public(),
            account: None,
            session: None,
            name: String::new(),
            must_change: false,
            must_rotate: false,
            credential,
        }
    }

    /// Someone who has signed in or shown a token.
    pub fn signed(signed: Signed, credential: Credential) -> Viewer {
        let is_session = matches!(credential, Credential::Session(_));
        Viewer {
            name: signed.standing.shown().to_owned(),
            actor: signed.actor,
            account: Some(signed.account),
            session: is_session.then_some(signed.session),
            must_change: signed.must_change,
            must_rotate: signed.must_rotate,
            credential,
        }
    }

    /// Whether somebody has signed in.
    pub fn is_signed_in(&self) -> bool {
        self.account.is_some()
    }

    /// What pages may be shared by: all readers with these rights see the same bytes.
    pub fn rights(&self) -> String {
        match self.account {
            None => "public".into(),
            Some(id) => format!("{id} {} {:?} {:?}", self.name, self.actor.roles(), self.actor.departments()),
        }
    }

    /// What forms must bring along: only a page of ours can know it.
    pub fn csrf(&self) -> String {
        match &self.credential {
            Credential::Session(token) => csrf_of(token),
            Credential::None | Credential::Token(_) => String::new(),
        }
    }

    /// What of the register is seen.
    pub fn sight(&self) -> Sight {
        self.actor.sight()
    }
}

/// What a form of the holder of `token` must bring along.
pub fn csrf_of(token: &str) -> String {
    hex(&Sha256::digest(format!("taizhang csrf\n{token}")))
}

/// What the request shows. A token in the header is believed before a cookie.
pub fn credential(request: &HttpRequest, state: &State) -> Credential {
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(token) = bearer.and_then(|value| value.strip_prefix("Bearer ")) {
        return Credential::Token(token.trim().to_owned());
    }
    match request.cookie(state.cookie_name()) {
        Some(cookie) => Credential::Session(cookie.value().to_owned()),
        None => Credential::None,
    }
}

/// The session's cookie. With https it is bound to this host and never sent in the clear.
pub fn cookie(state: &State, token: String) -> Cookie<'static> {
    Cookie::build(state.cookie_name(), token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.is_https())
        .finish()
}

/// A cookie that takes the session's away.
pub fn no_cookie(state: &State) -> Cookie<'static> {
    let mut cookie = cookie(state, String::new());
    cookie.make_removal();
    cookie
}

/// A fresh random token: 256 bits, in hex.
///
/// # Errors
/// When the system has no randomness to give.
pub fn fresh_token() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|cause| Error::internal("取随机数", cause.to_string()))?;
    Ok(hex(&bytes))
}

/// A form is taken only from our own pages: its token is the session's, and a browser that says
/// where it comes from says our host.
pub fn check_csrf(request: &HttpRequest, viewer: &Viewer, given: Option<&str>) -> Result<()> {
    let refuse = || Err(Error::Forbidden("这一页放得太久，或不是从本站打开的；请重新打开页面再提交".into()));
    let expected = viewer.csrf();
    let is_same = given.is_some_and(|given| {
        !expected.is_empty() && bool::from(subtle::ConstantTimeEq::ct_eq(given.as_bytes(), expected.as_bytes()))
    });
    if !is_same {
        return refuse();
    }
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) if origin != "null" && origin.split("://").nth(1) != Some(host) => refuse(),
        _ => Ok(()),
    }
}

/// Where the request comes from. What a proxy says is believed only of proxies that are trusted.
pub fn address(request: &HttpRequest, state: &State) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |address| address.ip());
    if !state.is_proxy(peer) {
        return peer;
    }
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok()).unwrap_or_default();
    // From the right: each proxy appends whom it heard; the first that is none of ours is the client.
    let hops = forwarded.rsplit(',').filter_map(|hop| hop.trim().parse::<IpAddr>().ok());
    hops.take(16).find(|hop| !state.is_proxy(*hop)).unwrap_or(peer)
}

/// The browser, as the list of sessions shows it.
pub fn agent(request: &HttpRequest) -> String {
    let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Who may open a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Everyone.
    Nothing,
    /// Whoever has signed in, even with a one-time password.
    Account,
    /// Whoever may do this.
    May(Action),
}

impl Needs {
    /// Whether the viewer may, or what to do.
    ///
    /// # Errors
    /// [`Error::SignIn`] for those who have not signed in, [`Error::Forbidden`] for others.
    pub fn check(self, viewer: &Viewer) -> Result<()> {
        let may = match self {
            Needs::Nothing => true,
            Needs::Account => viewer.is_signed_in(),
            Needs::May(action) => viewer.actor.may(action),
        };
        if may {
            return Ok(());
        }
        match viewer.is_signed_in() {
            true => Err(Error::Forbidden("您的角色不能打开这一页".into())),
            false => Err(Error::SignIn("这一页要登录后才能打开".into())),
        }
    }
}
