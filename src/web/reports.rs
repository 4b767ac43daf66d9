//! Monthly reports in the browser: the month's list, one report, its form, and what is decided.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, web};

use super::answer::Body;
use super::get;
use super::nodes::seen;
use super::pages::{Form, files, page_or};
use super::post::{self, Submitted};
use super::query::Allowed;
use super::serve::{Face, serve};
use super::sign_in::once;
use super::state::State;
use super::viewer::Needs;
use crate::auth::{Action, Actor};
use crate::db::{AnyConnection, Tx};
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::monthly::answer;
use crate::monthly::command::{self as monthly, NewReport, Noted, Which};
use crate::monthly::store;
use crate::monthly::typed::Typed;
use crate::period::Month;
use crate::report::asked::Asked;
use crate::report::form::{Filled, FormPage};
use crate::report::monthly::{form, list, one, path};
use crate::report::sign_in::page;

const READ: Needs = Needs::Account;
const FILE: Needs = Needs::May(Action::FileReport);
const REVIEW: Needs = Needs::May(Action::ReviewReport);
const APPROVE: Needs = Needs::May(Action::ApproveReport);
const PLAN: Needs = Needs::May(Action::RecordEntry);

const LIST: Allowed = Allowed { many: &["department"], one: &["month", "state"] };
const FORM: Allowed = Allowed { many: &[], one: &["check"] };

/// The routes of reports.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/reports", get().to(show_list))
        .route("/reports/{code}/{month}", get().to(show_one))
        .route("/reports/{code}/{month}/edit", get().to(show_edit))
        .route("/reports/{code}/{month}/edit", web::post().to(post_edit))
        .route("/reports/{code}/{month}/check", get().to(show_check))
        .route("/reports/{code}/{month}/submit", web::post().to(post_submit))
        .route("/reports/{code}/{month}/withdraw", web::post().to(post_withdraw))
        .route("/reports/{code}/{month}/open", web::post().to(post_open))
        .route("/reports/{code}/{month}/pass", web::post().to(post_pass))
        .route("/reports/{code}/{month}/return", web::post().to(post_return))
        .route("/reports/{code}/{month}/approve", web::post().to(post_approve))
        .route("/reports/problems/{id}/settle", web::post().to(post_settle))
        .route("/reports/proposals/{id}/accept", web::post().to(post_accept))
        .route("/reports/proposals/{id}/decline", web::post().to(post_decline));
}

type At = Path<(String, String)>;

async fn show_list(request: HttpRequest, state: Data<State>) -> HttpResponse {
    serve(request, state, Face::Page, READ, LIST, |conn, asked, state| {
        list::check_params(asked)?;
        page_or(asked, |format| match format {
            // Drafts are not in the journal, so the page is made each time.
            Form::Html => once(state, "reports.html", &list::build(conn, asked)?),
            _ => {
                let body = files(asked, &list::export(conn, asked)?, format, "reports")?;
                Ok(Body { lasts: false, ..body })
            }
        })
    })
    .await
}

async fn show_one(request: HttpRequest, state: Data<State>, at: At) -> HttpResponse {
    serve(request, state, Face::Page, READ, Allowed::VIEW, move |conn, asked, state| {
        once(state, "sections.html", &one::build(conn, asked, &at.0, &at.1)?)
    })
    .await
}

async fn show_edit(request: HttpRequest, state: Data<State>, at: At) -> HttpResponse {
    serve(request, state, Face::Page, FILE, FORM, move |conn, asked, state| {
        once(state, "form.html", &form::edit(conn, asked, &at.0, &at.1, &Filled::default())?)
    })
    .await
}

async fn show_check(request: HttpRequest, state: Data<State>, at: At) -> HttpResponse {
    serve(request, state, Face::Page, FILE, FORM, move |conn, asked, state| {
        once(state, "form.html", &form::check(conn, asked, &at.0, &at.1, &Filled::default())?)
    })
    .await
}

/// Which report an address names.
pub(super) fn which((code, month): (&str, &str)) -> Result<Which> {
    Ok(Which { project: code.to_owned(), month: Month::parse(month)? })
}

async fn post_edit(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let own = at.clone();
    let submit = move |state: &State, submitted: &Submitted| save(state, submitted, (&own.0, &own.1));
    post::form(request, payload, state, FILE, submit, move |conn, asked, state, filled| {
        once(state, "form.html", &form::edit(conn, asked, &at.0, &at.1, filled)?)
    })
    .await
}

/// Keeps the draft. What cannot be submitted yet is kept all the same, and told when it is checked.
fn save(state: &State, submitted: &Submitted, at: (&str, &str)) -> Result<String> {
    let report = which(at)?;
    let typed = Typed::of_pairs(&submitted.pairs)?;
    let href = path(&report.project, report.month);
    let to = match submitted.field("step") {
        "save" => href,
        _ => format!("{href}/check"),
    };
    let new = NewReport { which: report, typed, seen: Some(seen(submitted)?.unwrap_or(0)) };
    submitted.write(state, move |tx, actor| {
        monthly::save(tx, actor, &new)?;
        Ok(to)
    })
}

async fn post_submit(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let own = at.clone();
    let submit = move |state: &State, submitted: &Submitted| submit_draft(state, submitted, (&own.0, &own.1));
    post::form(request, payload, state, FILE, submit, move |conn, asked, state, filled| {
        once(state, "form.html", &form::check(conn, asked, &at.0, &at.1, filled)?)
    })
    .await
}

/// Submits the draft whose version was seen.
fn submit_draft(state: &State, submitted: &Submitted, at: (&str, &str)) -> Result<String> {
    only(submitted, &["document"])?;
    let report = which(at)?;
    let version = seen(submitted)?.unwrap_or(0);
    let document = submitted.field("document").trim();
    let original = (!document.is_empty()).then(|| cited(document, ""));
    submitted.write(state, move |tx, actor| {
        let noted = monthly::submit_draft(tx, actor, &report, version, original.as_ref())?;
        Ok(format!("{}?done={}", path(&report.project, report.month), noted.head.seq))
    })
}

fn cited(code: &str, title: &str) -> Citation {
    Citation { code: code.into(), title: (!title.is_empty()).then(|| title.to_owned()), issuer: None, dated: None }
}

/// A step of a report: what it runs, given the version that was seen and the reason.
type Step = fn(&mut Tx<'_>, &Actor, &Which, Option<i64>, &str) -> Result<Noted>;

async fn decide(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
    at: At,
    (needs, word, step): (Needs, &'static str, Step),
) -> HttpResponse {
    let own = at.clone();
    let submit = move |state: &State, submitted: &Submitted| -> Result<String> {
        only(submitted, if word == "return" { &["reason"] } else { &[] })?;
        let report = which((&own.0, &own.1))?;
        let (version, reason) = (seen(submitted)?, submitted.field("reason").trim().to_owned());
        submitted.write(state, move |tx, actor| {
            let noted = step(tx, actor, &report, version, &reason)?;
            Ok(format!("{}?done={}", path(&report.project, report.month), noted.head.seq))
        })
    };
    post::form(request, payload, state, needs, submit, move |conn, asked, state, filled| {
        once(state, "form.html", &form::again(conn, asked, (&at.0, &at.1, word), filled)?)
    })
    .await
}

async fn post_withdraw(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let step: Step = |tx, actor, which, seen, _| monthly::withdraw(tx, actor, which, seen);
    decide(request, payload, state, at, (FILE, "withdraw", step)).await
}

async fn post_open(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let step: Step = |tx, actor, which, seen, _| monthly::open(tx, actor, which, seen);
    decide(request, payload, state, at, (REVIEW, "open", step)).await
}

async fn post_pass(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let step: Step = |tx, actor, which, seen, _| monthly::pass(tx, actor, which, seen);
    decide(request, payload, state, at, (REVIEW, "pass", step)).await
}

async fn post_return(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    decide(request, payload, state, at, (REVIEW, "return", monthly::send_back)).await
}

async fn post_approve(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let step: Step = |tx, actor, which, seen, _| monthly::approve(tx, actor, which, seen);
    decide(request, payload, state, at, (APPROVE, "approve", step)).await
}

/// Fields of nobody's form are refused.
fn only(submitted: &Submitted, known: &[&str]) -> Result<()> {
    match submitted.pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(Error::invalid(name.chars().take(40).collect::<String>(), "", "没有这一项")),
        None => Ok(()),
    }
}

fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::not_found("月报", text, "从待办或月报打开"))
}

/// A form of one answer, shown again by itself when it is refused.
fn again(
    title: &'static str,
    build: impl FnOnce(&Asked, &Filled) -> crate::report::form::Form,
) -> impl FnOnce(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> {
    move |_, asked, state, filled| {
        let shown: FormPage = page(asked, title, Vec::new(), build(asked, filled));
        once(state, "form.html", &shown)
    }
}

async fn post_settle(request: HttpRequest, payload: Payload, state: Data<State>, id: Path<String>) -> HttpResponse {
    let own = id.clone();
    let submit = move |state: &State, submitted: &Submitted| -> Result<String> {
        only(submitted, &["note", "back"])?;
        let (problem, note) = (number(&own)?, submitted.field("note").trim().to_owned());
        let back = crate::report::sign_in::safe_next(submitted.field("back"));
        submitted.write(state, move |tx, actor| {
            let head = answer::settle(tx, actor, problem, &note)?;
            Ok(format!("{back}?done={}#problems", head.seq))
        })
    };
    let shown = again("办结问题", move |asked, filled| {
        let back = filled.value("back").unwrap_or("/todo").to_owned();
        form::settle(asked, id.parse().unwrap_or(0), ("这个问题", &back), filled)
    });
    post::form(request, payload, state, APPROVE, submit, shown).await
}

async fn post_accept(request: HttpRequest, payload: Payload, state: Data<State>, id: Path<String>) -> HttpResponse {
    let own = id.clone();
    let submit = move |state: &State, submitted: &Submitted| -> Result<String> {
        only(submitted, &["document", "document_title"])?;
        let version = number(&own)?;
        let document = cited(submitted.field("document").trim(), submitted.field("document_title").trim());
        answered(state, submitted, version, move |tx, actor| answer::accept(tx, actor, version, &document))
    };
    let shown =
        again("采纳计划建议数", move |asked, filled| form::accept(asked, id.parse().unwrap_or(0), filled));
    post::form(request, payload, state, PLAN, submit, shown).await
}

async fn post_decline(request: HttpRequest, payload: Payload, state: Data<State>, id: Path<String>) -> HttpResponse {
    let own = id.clone();
    let submit = move |state: &State, submitted: &Submitted| -> Result<String> {
        only(submitted, &["reason"])?;
        let (version, reason) = (number(&own)?, submitted.field("reason").trim().to_owned());
        answered(state, submitted, version, move |tx, actor| answer::decline(tx, actor, version, &reason))
    };
    let shown =
        again("不采纳计划建议数", move |asked, filled| form::decline(asked, id.parse().unwrap_or(0), filled));
    post::form(request, payload, state, PLAN, submit, shown).await
}

/// Runs an answer to a version and leads to its report.
fn answered(
    state: &State,
    submitted: &Submitted,
    version: i64,
    command: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<crate::db::Head> + Send + 'static,
) -> Result<String> {
    submitted.write(state, move |tx, actor| {
        let head = command(tx, actor)?;
        let place = store::place_of(tx.conn(), version)?;
        let (code, month) = place.ok_or_else(|| Error::internal("月报没有项目", version.to_string()))?;
        Ok(format!("{}?done={}#proposal", path(&code, month), head.seq))
    })
}
