//! Writing over the web: every form and every API write goes through [`form`] or [`call`].
//!
//! In this order: who asks, may they, is the body small enough, does it come from our own page,
//! then the command; a form that is refused is shown again with what was typed.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderName, HeaderValue, IF_MATCH, LOCATION, RETRY_AFTER};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::answer::{self, Body};
use super::query::{self, Allowed};
use super::serve::{Face, PATIENCE, block};
use super::state::State;
use super::viewer::{self, Credential, Needs, Viewer};
use crate::auth::Actor;
use crate::db::{AnyConnection, Tx};
use crate::error::{Error, Fault, Result};
use crate::journal::chain::hex;
use crate::report::asked::{Asked, Parts};
use crate::report::form::Filled;
use crate::rollup::Deadline;
use crate::signin::Kind;
use crate::submission;

/// The longest form or JSON body: a reviewed list of 2,000 projects fits. Files have a limit of
/// their own.
pub const MAX_BODY: usize = 1024 * 1024;

/// What was sent, by whom.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// Who sent it.
    pub viewer: Viewer,
    /// From where.
    pub address: std::net::IpAddr,
    /// With which browser.
    pub agent: String,
    /// To which path.
    pub path: String,
    /// What stands in the path where the table of routes has a name in braces.
    pub parts: Parts,
    /// The fields of a form, in order, without those of ours.
    pub pairs: Vec<(String, String)>,
    /// The body of an API call.
    pub json: Json,
    /// What makes a second sending harmless; none: it is not asked for.
    pub key: Option<String>,
    /// SHA-256 of the body: the same key with another is another sending.
    pub body_sha256: String,
    /// The version that is to be changed, as `If-Match` or the form's `version` field says.
    pub version: Option<String>,
}

impl Submitted {
    /// What is known before the body is read.
    pub(super) fn blank(request: &HttpRequest, state: &State, viewer: Viewer) -> Submitted {
        Submitted {
            address: viewer::address(request, state),
            agent: viewer::agent(request),
            path: request.path().to_owned(),
            parts: super::serve::parts(request),
            pairs: Vec::new(),
            json: Json::Null,
            key: header(request, "idempotency-key"),
            body_sha256: String::new(),
            version: header(request, IF_MATCH.as_str())
                .map(|tag| tag.trim_start_matches("W/").trim_matches('"').to_owned()),
            viewer,
        }
    }

    /// The actor of the command.
    pub fn actor(&self) -> &Actor {
        &self.viewer.actor
    }

    /// A part of the path; empty when it has none of that name.
    pub fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }

    /// What the form's own page asks, for a page that is made in answer to it.
    pub(super) fn asked(&self, conn: &mut AnyConnection, state: &State) -> Result<Asked> {
        let deadline = Deadline::within(PATIENCE);
        let asked = query::resolve(conn, state, &self.viewer, &self.path, &[], deadline)?;
        Ok(Asked { parts: self.parts.clone(), ..asked })
    }

    /// A form's field; empty when it was left so.
    pub fn field(&self, name: &str) -> &str {
        self.pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// The form's fields as a type: unknown fields are refused, empty ones are left out.
    ///
    /// # Errors
    /// Names the field that is not known or not of its type.
    pub fn form<T: DeserializeOwned>(&self) -> Result<T> {
        let filled = self.pairs.iter().filter(|(_, value)| !value.is_empty());
        let object: serde_json::Map<String, Json> =
            filled.map(|(key, value)| (key.clone(), Json::from(value.as_str()))).collect();
        if let Some((key, value)) = self.pairs.iter().enumerate().find_map(|(at, (key, value))| {
            self.pairs[..at].iter().any(|(other, _)| other == key).then_some((key, value))
        }) {
            return Err(Error::invalid(key, short(value), "只能给一次"));
        }
        serde_json::from_value(Json::Object(object)).map_err(|cause| explain(&cause))
    }

    /// The API call's body as a type: unknown fields are refused.
    ///
    /// # Errors
    /// Names what is wrong; fields are JSON pointers.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.json.clone()).map_err(|cause| explain(&cause).pointed())
    }

    /// Runs the command: once, however often the same thing is sent. What it answers is kept with
    /// it and given again.
    pub fn write(
        &self,
        state: &State,
        command: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<String> + Send + 'static,
    ) -> Result<String> {
        let actor = self.viewer.actor.clone();
        let key = match &self.key {
            None => None,
            Some(key) => Some(submission::Key::parse(&actor, &self.path, key, &self.body_sha256)?),
        };
        let answer = state.db.write(move |tx| submission::once(tx, key.as_ref(), |tx| command(tx, &actor)));
        state.forget_head();
        Ok(answer?.text)
    }

    /// The same for an API call: status, address and body are given again.
    pub fn make(
        &self,
        state: &State,
        command: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<Made> + Send + 'static,
    ) -> Result<Made> {
        let text = self.write(state, move |tx, actor| Ok(command(tx, actor)?.to_text()))?;
        Made::from_text(&text)
    }
}

/// What serde found, in words.
fn explain(cause: &serde_json::Error) -> Error {
    let text = cause.to_string();
    let quoted = text.split('`').nth(1).unwrap_or_default().to_owned();
    if text.starts_with("unknown field") {
        let allowed: Vec<&str> = text.split('`').skip(3).step_by(2).collect();
        return Error::invalid(quoted, "", format!("没有这一项；可用 {}", allowed.join("、")));
    }
    if text.starts_with("missing field") {
        return Error::invalid(quoted, "", "要填");
    }
    let found = text.split("invalid type: ").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
    Error::invalid("body", short(found), "类型不对：金额和日期写成文字，其余见接口文档")
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// What a form leads to.
pub enum Done {
    /// 303 to where the result is.
    Go(String),
    /// The same, with another cookie for the session.
    GoWith(String, Box<Cookie<'static>>),
    /// The same after signing out: what the browser kept of pages goes too.
    GoCleared(String, Box<Cookie<'static>>),
    /// A page that is shown this once: a password or a token that nobody can read again.
    Show(Body),
}

impl From<String> for Done {
    fn from(location: String) -> Done {
        Done::Go(location)
    }
}

impl Done {
    fn answer(self) -> HttpResponse {
        match self {
            Done::Go(location) => see(&location),
            Done::GoWith(location, cookie) => with_cookie(&location, &cookie),
            Done::GoCleared(location, cookie) => {
                let mut response = with_cookie(&location, &cookie);
                // Not "cookies": that would end sign-ins elsewhere on the same domain. Ours goes by itself.
                let cleared = HeaderValue::from_static("\"cache\"");
                response.headers_mut().insert(HeaderName::from_static("clear-site-data"), cleared);
                response
            }
            Done::Show(body) => answer::send_once(&body),
        }
    }
}

/// Answers a form. `submit` gives the address to go to; when it refuses, `show` makes the form
/// again from what was typed and what is wrong.
pub async fn form<S, W, D>(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
    needs: Needs,
    submit: S,
    show: W,
) -> HttpResponse
where
    S: FnOnce(&State, &Submitted) -> Result<D> + Send + 'static,
    W: FnOnce(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Send + 'static,
    D: Into<Done> + Send + 'static,
{
    match accept(&request, payload, &state, needs, Face::Page).await {
        Err(error) => Face::Page.refuse(&state, &request, &error),
        Ok(submitted) => finish(&request, &state, submitted, submit, show).await,
    }
}

/// What follows when everything before the command is in order.
pub(super) async fn finish<S, W, D>(
    request: &HttpRequest,
    state: &Data<State>,
    submitted: Submitted,
    submit: S,
    show: W,
) -> HttpResponse
where
    S: FnOnce(&State, &Submitted) -> Result<D> + Send + 'static,
    W: FnOnce(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Send + 'static,
    D: Into<Done> + Send + 'static,
{
    let worker = state.clone();
    let done = block(move || {
        Ok(match submit(&worker, &submitted) {
            Ok(done) => Ok(done.into()),
            Err(error) => Err(again(&worker, &submitted, error, show)),
        })
    })
    .await;
    match done {
        Ok(Ok(done)) => done.answer(),
        Ok(Err((error, Some(body)))) => {
            answer::logged(&error, request.path());
            let mut response = HttpResponse::build(answer::status(&error));
            if let Error::TooMany(_, seconds) = &error {
                response.insert_header((RETRY_AFTER, seconds.to_string()));
            }
            response.insert_header((CACHE_CONTROL, "no-store")).content_type(body.content_type).body(body.bytes)
        }
        Ok(Err((error, None))) | Err(error) => Face::Page.refuse(state, request, &error),
    }
}

/// 303 to where the result is.
pub fn see(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, location)).insert_header((CACHE_CONTROL, "no-store")).finish()
}

fn with_cookie(location: &str, cookie: &Cookie<'static>) -> HttpResponse {
    let mut response = see(location);
    // A cookie of ours is plain ASCII: there is nothing to refuse.
    drop(response.add_cookie(cookie));
    response
}

/// The form again, when what is wrong can be mended there.
fn again<W>(state: &State, submitted: &Submitted, error: Error, show: W) -> (Error, Option<Body>)
where
    W: FnOnce(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body>,
{
    // Whoever failed to sign in is where one signs in already.
    let is_elsewhere = matches!(error, Error::SignIn(_)) && !submitted.path.starts_with("/login");
    if is_elsewhere || matches!(error, Error::Internal { .. } | Error::Unavailable(_)) {
        return (error, None);
    }
    let filled = Filled { values: submitted.pairs.clone(), error: Some(error.clone()) };
    let made = state.db.read(|conn| {
        let asked = submitted.asked(conn, state)?;
        show(conn, &asked, state, &filled)
    });
    match made {
        Ok(body) => (error, Some(body)),
        // The page itself is out of reach: the refusal says why.
        Err(_) => (error, None),
    }
}

/// An API write's answer.
#[derive(Debug, Clone)]
pub struct Made {
    /// 200 or 201.
    pub status: StatusCode,
    /// Where what was made is, for 201.
    pub location: Option<String>,
    /// Its version, for later changes.
    pub etag: Option<String>,
    /// The body.
    pub body: Json,
}

impl Made {
    /// 201 with an address.
    pub fn created(location: String, body: Json) -> Made {
        Made { status: StatusCode::CREATED, location: Some(location), etag: None, body }
    }

    fn to_text(&self) -> String {
        json!({"status": self.status.as_u16(), "location": self.location, "etag": self.etag, "body": self.body})
            .to_string()
    }

    fn from_text(text: &str) -> Result<Made> {
        let broken = |cause: String| Error::internal("读不出上次的答复", cause);
        let mut kept: Json = serde_json::from_str(text).map_err(|cause| broken(cause.to_string()))?;
        let status = kept["status"].as_u64().and_then(|code| u16::try_from(code).ok());
        let status = status.and_then(|code| StatusCode::from_u16(code).ok()).ok_or_else(|| broken(text.to_owned()))?;
        let word = |value: &Json| value.as_str().map(str::to_owned);
        Ok(Made { status, location: word(&kept["location"]), etag: word(&kept["etag"]), body: kept["body"].take() })
    }
}

/// Answers an API write.
pub async fn call<S>(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
    needs: Needs,
    submit: S,
) -> HttpResponse
where
    S: FnOnce(&State, &Submitted) -> Result<Made> + Send + 'static,
{
    let made = match accept(&request, payload, &state, needs, Face::Api).await {
        Err(error) => Err(error),
        Ok(submitted) => {
            let worker = state.clone();
            block(move || submit(&worker, &submitted)).await
        }
    };
    match made {
        Err(error) => Face::Api.refuse(&state, &request, &error),
        Ok(made) => {
            let mut response = HttpResponse::build(made.status);
            response.insert_header((CACHE_CONTROL, "no-store"));
            if let Some(location) = made.location {
                response.insert_header((LOCATION, location));
            }
            if let Some(etag) = made.etag {
                response.insert_header((ETAG, etag));
            }
            response.content_type("application/json; charset=utf-8").body(made.body.to_string())
        }
    }
}

/// Who asks, and that they may.
pub(super) async fn admit(request: &HttpRequest, state: &Data<State>, needs: Needs) -> Result<Viewer> {
    let viewer = super::serve::identify(request, state).await?;
    if viewer.must_change && !super::serve::is_open_before_change(request.path()) {
        return Err(Error::Forbidden("请先改掉一次性口令，再做别的事".into()));
    }
    if let Err(error) = needs.check(&viewer) {
        if viewer.is_signed_in() {
            super::serve::note(request, state, Kind::Forbidden, viewer.account).await;
        }
        return Err(error);
    }
    Ok(viewer)
}

/// That a form comes from our own page; programs with a token bring no form.
pub(super) async fn check_ours(
    request: &HttpRequest,
    state: &Data<State>,
    viewer: &Viewer,
    csrf: Option<&str>,
) -> Result<()> {
    if !matches!(viewer.credential, Credential::Token(_))
        && let Err(error) = viewer::check_csrf(request, viewer, csrf)
    {
        super::serve::note(request, state, Kind::Forged, viewer.account).await;
        return Err(error);
    }
    Ok(())
}

/// Everything that comes before the command.
async fn accept(
    request: &HttpRequest,
    payload: Payload,
    state: &Data<State>,
    needs: Needs,
    face: Face,
) -> Result<Submitted> {
    let viewer = admit(request, state, needs).await?;
    let bytes = payload
        .to_bytes_limited(MAX_BODY)
        .await
        .map_err(|_| Error::TooLarge(format!("一次最多 {} KB；大的表请分批，或从导入页上传", MAX_BODY / 1024)))?
        .map_err(|cause| Error::invalid("body", "", format!("没有收全：{cause}")))?;
    let mut submitted =
        Submitted { body_sha256: hex(&Sha256::digest(&bytes)), ..Submitted::blank(request, state, viewer) };
    let csrf = match face {
        Face::Page => read_form(request, &bytes, &mut submitted)?,
        Face::Api => {
            submitted.json = read_json(request, &bytes)?;
            header(request, "x-csrf-token")
        }
    };
    check_ours(request, state, &submitted.viewer, csrf.as_deref()).await?;
    if let Some(key) = &submitted.key {
        submission::Key::parse(submitted.actor(), &submitted.path, key, &submitted.body_sha256)?;
    }
    Ok(submitted)
}

fn header(request: &HttpRequest, name: &str) -> Option<String> {
    request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Reads the fields; ours are taken out: the CSRF token is given back.
fn read_form(request: &HttpRequest, bytes: &[u8], submitted: &mut Submitted) -> Result<Option<String>> {
    let kind = header(request, "content-type").unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") && !bytes.is_empty() {
        return Err(Error::Unsupported("表单要以 application/x-www-form-urlencoded 提交".into()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Error::invalid("body", "", "不是 UTF-8"))?;
    let mut csrf = None;
    for (key, value) in query::decode_form(text)? {
        match key.as_str() {
            "csrf_token" => csrf = Some(value),
            "submission_key" => submitted.key = Some(value).filter(|key| !key.is_empty()),
            "version" => submitted.version = Some(value).filter(|version| !version.is_empty()),
            _ => submitted.pairs.push((key, value)),
        }
    }
    Ok(csrf)
}

fn read_json(request: &HttpRequest, bytes: &[u8]) -> Result<Json> {
    let kind = header(request, "content-type").unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(Error::Unsupported("接口只收 application/json".into()));
    }
    serde_json::from_slice(bytes).map_err(|cause| {
        let fault = Fault {
            field: String::new(),
            value: String::new(),
            message: format!("不是 JSON：第 {} 行第 {} 列", cause.line(), cause.column()),
        };
        Error::Invalid(vec![fault])
    })
}

/// What a form page allows in its address: nothing but the view, and what fills it in.
pub const FORM: Allowed = Allowed {
    many: &[],
    one: &[
        "next",
        "project",
        "measure",
        "milestone",
        "entry",
        "document",
        "account",
        "step",
        "attribute",
        "key",
        "template",
        "kind",
        "seq",
    ],
};
