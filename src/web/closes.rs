//! `/admin/closes` and `/publications`: what is locked and what is published, on pages and over the API.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, web};
use serde::Deserialize;
use serde_json::json;

use super::answer::Body;
use super::get;
use super::post::{self, FORM, Made, Submitted};
use super::query::Allowed;
use super::serve::{Face, serve};
use super::sign_in::once;
use super::state::State;
use super::viewer::Needs;
use crate::approval::command::ask_reopen;
use crate::approval::{Kind as Second, store as requests};
use crate::auth::Action;
use crate::close::command::{Closing, lock};
use crate::close::{Kind, LOCKED, REOPENED, store as closes};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::rollup::head_json;
use crate::period::{Day, Month};
use crate::publication::command::publish;
use crate::publication::store as publications;
use crate::report::asked::Asked;
use crate::report::sign_in::page;
use crate::report::{approvals, closes as report, publications as published};

const CLOSES: Needs = Needs::May(Action::Close);
const PUBLISHES: Needs = Needs::May(Action::Publish);
const SECOND: Needs = Needs::May(Action::Approve);
const MONTH: Allowed = Allowed { many: &[], one: &["publication", "category", "measure"] };

/// The pages' routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route(
            "/admin/closes",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, CLOSES, FORM, |conn, asked, state| {
                    once(state, "sections.html", &report::list(conn, asked)?)
                })
                .await
            }),
        )
        .route(
            "/admin/closes",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                post::form(request, payload, state, CLOSES, take_lock, |conn, asked, state, filled| {
                    let form = report::lock_form(conn, asked, filled)?;
                    once(state, "form.html", &page(asked, "锁定一个月", Vec::new(), form))
                })
                .await
            }),
        )
        .route(
            "/admin/approvals/reopen_month",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                post::form(request, payload, state, SECOND, take_reopening, |conn, asked, state, filled| {
                    let kind = Second::ReopenMonth;
                    let form = approvals::ask_form(conn, asked, kind, filled)?;
                    once(state, "form.html", &page(asked, kind.row().label, Vec::new(), form))
                })
                .await
            }),
        )
        .route(
            "/publications",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, Needs::Nothing, FORM, |conn, asked, state| {
                    once(state, "sections.html", &published::list(conn, asked)?)
                })
                .await
            }),
        )
        .route(
            "/publications",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                post::form(request, payload, state, PUBLISHES, take_publication, |_, asked, state, filled| {
                    let form = published::publish_form(asked, filled);
                    once(state, "form.html", &page(asked, "发布一个月", Vec::new(), form))
                })
                .await
            }),
        )
        .route(
            "/publications/{month}",
            get().to(async |request: HttpRequest, state: Data<State>, month: Path<String>| {
                serve(request, state, Face::Page, Needs::Nothing, MONTH, move |conn, asked, state| {
                    Ok(Body::html(state.view.render("sections.html", &published::one(conn, asked, &month)?)?))
                })
                .await
            }),
        );
}

/// The routes within `/api/v1`.
pub(super) fn api_routes(config: &mut ServiceConfig) {
    config
        .route(
            "/closes",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Api, CLOSES, Allowed::VIEW, |conn, asked, _| list_closes(conn, asked)).await
            }),
        )
        .route(
            "/closes",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                post::call(request, payload, state, CLOSES, |state, submitted| {
                    post_close(state, submitted).map_err(Error::pointed)
                })
                .await
            }),
        )
        .route(
            "/closes/reopen",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                post::call(request, payload, state, SECOND, |state, submitted| {
                    let body: CloseBody = submitted.body()?;
                    post_reopening(state, submitted, body.closing()?).map_err(Error::pointed)
                })
                .await
            }),
        )
        .route(
            "/publications",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Api, Needs::Nothing, Allowed::VIEW, |conn, asked, _| {
                    list_publications(conn, asked)
                })
                .await
            }),
        )
        .route(
            "/publications",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                post::call(request, payload, state, PUBLISHES, |state, submitted| {
                    post_publication(state, submitted).map_err(Error::pointed)
                })
                .await
            }),
        );
}

fn month(text: Option<&str>) -> Result<Month> {
    Month::parse(text.unwrap_or_default().trim()).map_err(|error| error.of("month"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LockForm {
    month: Option<String>,
    department: Option<String>,
    reason: Option<String>,
}

fn take_lock(state: &State, submitted: &Submitted) -> Result<String> {
    let given: LockForm = submitted.form()?;
    let closing = Closing {
        kind: Kind::Reports,
        month: month(given.month.as_deref())?,
        department: given.department.unwrap_or_default(),
        reason: given.reason.unwrap_or_default().trim().to_owned(),
    };
    submitted.write(state, move |tx, actor| {
        let (_, head) = lock(tx, actor, &closing)?;
        Ok(format!("/admin/closes?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReopenForm {
    closing: Option<String>,
    reason: Option<String>,
}

fn take_reopening(state: &State, submitted: &Submitted) -> Result<String> {
    let given: ReopenForm = submitted.form()?;
    let reason = given.reason.unwrap_or_default().trim().to_owned();
    let closing = Closing::parse(given.closing.as_deref().unwrap_or_default(), reason)?;
    submitted.write(state, move |tx, actor| {
        let (id, head) = ask_reopen(tx, actor, &closing)?;
        Ok(format!("/admin/approvals/{id}?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublishForm {
    month: Option<String>,
    note: Option<String>,
}

fn take_publication(state: &State, submitted: &Submitted) -> Result<String> {
    let given: PublishForm = submitted.form()?;
    let month = month(given.month.as_deref())?;
    let note = given.note.unwrap_or_default().trim().to_owned();
    submitted.write(state, move |tx, actor| {
        let head = publish(tx, actor, month, &note)?;
        Ok(format!("/publications?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CloseBody {
    kind: String,
    month: String,
    department: Option<String>,
    state: Option<String>,
    reason: Option<String>,
}

impl CloseBody {
    fn closing(self) -> Result<Closing> {
        Ok(Closing {
            kind: Kind::parse(&self.kind)?,
            month: month(Some(&self.month))?,
            department: self.department.unwrap_or_default(),
            reason: self.reason.unwrap_or_default(),
        })
    }
}

/// Locking is done at once; opening again is asked for, whichever way it is said.
fn post_close(state: &State, submitted: &Submitted) -> Result<Made> {
    let body: CloseBody = submitted.body()?;
    match body.state.as_deref().unwrap_or(LOCKED) {
        LOCKED => {}
        REOPENED => return post_reopening(state, submitted, body.closing()?),
        other => return Err(Error::invalid("state", other, "可用 locked（锁定）、reopened（申请重新打开）")),
    }
    let closing = body.closing()?;
    submitted.make(state, move |tx, actor| {
        let (id, head) = lock(tx, actor, &closing)?;
        let body = json!({"id": id, "kind": closing.kind.word(), "month": closing.month.to_string(),
            "department": some(&closing.department), "state": LOCKED, "seq": head.seq, "at": head.at.rfc3339()});
        Ok(Made::created("/api/v1/closes".into(), body))
    })
}

fn post_reopening(state: &State, submitted: &Submitted, closing: Closing) -> Result<Made> {
    submitted.make(state, move |tx, actor| {
        let (id, head) = ask_reopen(tx, actor, &closing)?;
        let told = requests::find(tx.conn(), id)?;
        let until = told.map(|told| Day::from_raw(told.request.expires_on)).transpose()?;
        let body = json!({"request": id, "kind": closing.kind.word(), "month": closing.month.to_string(),
            "department": some(&closing.department), "state": "waiting",
            "expires_on": until.map(|day| day.to_string()), "seq": head.seq, "at": head.at.rfc3339()});
        let location = Some(format!("/admin/approvals/{id}"));
        Ok(Made { status: StatusCode::ACCEPTED, location, etag: None, body })
    })
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn list_closes(conn: &mut AnyConnection, asked: &Asked) -> Result<Body> {
    let mut items = Vec::new();
    for (kind, word, _) in Kind::ALL {
        for row in closes::list(conn, kind, asked.known.seq)?.iter().rev() {
            items.push(json!({"id": row.id, "kind": word, "month": Month::from_raw(row.month)?.to_string(),
                "department": some(&row.department), "state": row.state, "reason": row.reason, "seq": row.seq}));
        }
    }
    Ok(Body::json(&json!({"items": items, "next": null, "head": head_json(&asked.known)})))
}

fn list_publications(conn: &mut AnyConnection, asked: &Asked) -> Result<Body> {
    let mut items = Vec::new();
    for row in publications::list(conn)? {
        let month = row.month.map(Month::from_raw).transpose()?;
        items.push(json!({"id": row.id, "month": month.map(|month| month.to_string()),
            "as_of": Day::from_raw(row.as_of)?.to_string(), "known_seq": row.known_seq, "head": row.head_hash,
            "note": row.note, "seq": row.seq}));
    }
    Ok(Body::json(&json!({"items": items, "next": null, "head": head_json(&asked.known)})))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicationBody {
    month: String,
    note: Option<String>,
}

fn post_publication(state: &State, submitted: &Submitted) -> Result<Made> {
    let body: PublicationBody = submitted.body()?;
    let month = month(Some(&body.month))?;
    let note = body.note.unwrap_or_default();
    submitted.make(state, move |tx, actor| {
        let head = publish(tx, actor, month, &note)?;
        let row =
            publications::find_latest(tx.conn())?.ok_or_else(|| Error::internal("刚发布的不在", month.to_string()))?;
        let body = json!({"id": row.id, "month": month.to_string(), "as_of": month.last_day().to_string(),
            "known_seq": row.known_seq, "head": row.head_hash, "seq": head.seq, "at": head.at.rfc3339()});
        Ok(Made::created(format!("/publications/{month}"), body))
    })
}
