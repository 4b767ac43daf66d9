//! One way to answer: every page and every API resource goes through [`serve`].

use std::time::Duration;

use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::answer::{self, Body};
use super::query::{self, Allowed};
use super::state::State;
use super::viewer::{self, Credential, Needs, Viewer};
use crate::db::{AnyConnection, Head};
use crate::error::{Error, Result};
use crate::report::asked::{Asked, Parts};
use crate::rollup::Deadline;
use crate::signin::{self, Kind};

/// How long an answer may be computed before it says that it cannot.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Whom an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// A person: refusals are pages.
    Page,
    /// A program: refusals are RFC 9457.
    Api,
}

impl Face {
    /// The parameters of its view.
    fn view(self) -> &'static [&'static str] {
        match self {
            Face::Page => query::PAGE_VIEW,
            Face::Api => query::API_VIEW,
        }
    }

    /// A refusal in this face's form.
    pub(super) fn refuse(self, state: &State, request: &HttpRequest, error: &Error) -> HttpResponse {
        match (self, error) {
            // A person who has not signed in is shown where, and comes back.
            (Face::Page, Error::SignIn(_)) => answer::to_sign_in(request),
            (Face::Page, _) => answer::page(state, request.path(), error),
            (Face::Api, _) => answer::problem(request.path(), error),
        }
    }
}

/// Answers one request: clean address, version, cache, snapshot, report.
pub(super) async fn serve<F>(
    request: HttpRequest,
    state: Data<State>,
    face: Face,
    needs: Needs,
    allowed: Allowed,
    build: F,
) -> HttpResponse
where
    F: FnOnce(&mut AnyConnection, &Asked, &State) -> Result<Body> + Send + 'static,
{
    let viewer = match identify(&request, &state).await {
        Ok(viewer) => viewer,
        Err(error) => return face.refuse(&state, &request, &error),
    };
    if viewer.must_rotate && face == Face::Page {
        return rotate(&request, state, viewer).await;
    }
    if viewer.must_change && face == Face::Page && !is_open_before_change(request.path()) {
        return super::post::see("/account/password");
    }
    if let Err(error) = needs.check(&viewer) {
        if viewer.is_signed_in() {
            note(&request, &state, Kind::Forbidden, viewer.account).await;
        }
        return face.refuse(&state, &request, &error);
    }
    let path = decoded_path(request.path());
    let (query, path) = match query::decode(request.query_string()).and_then(|query| Ok((query, path?))) {
        Ok(decoded) => decoded,
        Err(error) => return face.refuse(&state, &request, &error),
    };
    if let Err(error) = allowed.check(face.view(), &query.pairs) {
        return face.refuse(&state, &request, &error);
    }
    if !query.is_clean {
        return HttpResponse::SeeOther().insert_header((LOCATION, clean(request.path(), &query.pairs))).finish();
    }
    // With a public address other things are hidden from the public: not the same page.
    let reach = if state.has_address() { "public address" } else { "" };
    let address = format!("{path}?{}\n{}\n{reach}", request.query_string(), viewer.rights());
    let today = state.db.clock().today().raw();
    let known = match state.believed() {
        Some(head) => Ok(head),
        None => {
            block({
                let state = state.clone();
                move || state.head()
            })
            .await
        }
    };
    let head = match known {
        Ok(head) => head,
        Err(error) => return face.refuse(&state, &request, &error),
    };
    let etag = answer::etag(head.seq, &head.hash, today, &address);
    if answer::is_known(&request, &etag) {
        return answer::not_modified(&etag);
    }
    if let Some(body) = state.cached(head.seq, today, &address) {
        return answer::send(&body, &etag);
    }
    let worker = state.clone();
    // As it was sent, so that links back to this page are addresses too.
    let wanted = request.path().to_owned();
    let parts = parts(&request);
    let format = query.pairs.iter().find(|(key, _)| key == "format").map(|(_, value)| value.clone());
    let made = block(move || {
        worker.db.read(|conn| {
            let deadline = Deadline::within(PATIENCE);
            let mut asked = query::resolve(conn, &worker, &viewer, &wanted, &query.pairs, deadline)?;
            asked.format = format;
            asked.parts = parts;
            let body = build(conn, &asked, &worker)?;
            Ok((Head::find(conn)?, body))
        })
    })
    .await;
    match made {
        Ok((_, body)) if !body.lasts => answer::send_once(&body),
        Ok((head, body)) => {
            let etag = answer::etag(head.seq, &head.hash, today, &address);
            state.keep(head.seq, today, address, body.clone());
            answer::send(&body, &etag)
        }
        Err(error) => face.refuse(&state, &request, &error),
    }
}

/// What stands in the address where its row has names in braces, decoded.
pub(super) fn parts(request: &HttpRequest) -> Parts {
    let decoded = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    request.match_info().iter().map(|(name, value)| (name.to_owned(), decoded(value))).collect()
}

/// Rights have changed: the session goes on with another token, and the reader comes back with it.
async fn rotate(request: &HttpRequest, state: Data<State>, viewer: Viewer) -> HttpResponse {
    let worker = state.clone();
    let given = block(move || {
        let token = match worker.signed(&viewer.credential)? {
            Some(signed) => Some(signin::rotate(&worker.db, &signed)?),
            None => None,
        };
        worker.forget_head();
        Ok(token)
    })
    .await;
    match given {
        Err(error) => Face::Page.refuse(&state, request, &error),
        Ok(token) => {
            let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
            let mut response = super::post::see(here);
            let cookie = token.map_or_else(|| viewer::no_cookie(&state), |token| viewer::cookie(&state, token));
            // A cookie of ours is plain ASCII: there is nothing to refuse.
            drop(response.add_cookie(&cookie));
            response
        }
    }
}

/// Who asks. A session or a token that is not (or no longer) there is nobody's: a page is then
/// the public's, the API refuses.
pub(super) async fn identify(request: &HttpRequest, state: &Data<State>) -> Result<Viewer> {
    let credential = viewer::credential(request, state);
    if credential == Credential::None {
        return Ok(Viewer::public(credential));
    }
    if let Some(viewer) = state.recent_viewer(&credential) {
        return Ok(viewer);
    }
    let worker = state.clone();
    let found = block(move || worker.viewer(credential)).await;
    if matches!(found, Err(Error::SignIn(_))) {
        note(request, state, Kind::TokenRefused, None).await;
    }
    found
}

/// Logs a refusal at the door.
pub(super) async fn note(request: &HttpRequest, state: &Data<State>, kind: Kind, account: Option<i64>) {
    let (worker, address, path) = (state.clone(), viewer::address(request, state), request.path().to_owned());
    let done = block(move || {
        worker.note(kind, account, address, &path);
        Ok(())
    })
    .await;
    if let Err(cause) = done {
        tracing::error!(cause = ?cause, "the security log could not be written");
    }
}

/// What someone with a one-time password may open: changing it, and leaving.
pub(super) fn is_open_before_change(path: &str) -> bool {
    matches!(path, "/account/password" | "/logout" | "/login") || path.starts_with("/static/")
}

/// Work that waits for the database runs here and nowhere else.
pub(super) async fn block<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match web::block(work).await {
        Ok(answer) => answer,
        Err(error) => Err(Error::internal("后台任务中断", error.to_string())),
    }
}

fn decoded_path(path: &str) -> Result<String> {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8();
    let decoded = decoded
        .map_err(|_| Error::invalid("path", path.chars().take(60).collect::<String>(), "不是 UTF-8 的百分号编码"))?;
    match decoded.chars().any(char::is_control) {
        true => Err(Error::invalid("path", path.chars().take(60).collect::<String>(), "含控制字符")),
        false => Ok(decoded.into_owned()),
    }
}

fn clean(path: &str, pairs: &[(String, String)]) -> String {
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let query: Vec<String> = pairs.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}
