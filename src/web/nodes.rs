//! Milestones in the browser: each form's page and what it does, in one place.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, web};

use super::answer::Body;
use super::get;
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
use crate::milestone::command::{self, NewFact, NewMilestone, NewSet};
use crate::milestone::parse_kind;
use crate::milestone::public::{self, Confirmation};
use crate::milestone::template::Template;
use crate::period::{Day, Precision};
use crate::report::asked::Asked;
use crate::report::form::{Filled, FormPage};
use crate::report::node_form;

const RECORD: Needs = Needs::May(Action::RecordMilestone);
const CONFIRM: Needs = Needs::May(Action::Confirm);
const FORM: Allowed = Allowed { many: &[], one: &["template", "kind", "seq"] };

/// The routes of milestones' forms.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/projects/{code}/milestones/set", get().to(show_set))
        .route("/projects/{code}/milestones/set", web::post().to(post_set))
        .route("/projects/{code}/milestones/new", get().to(show_new))
        .route("/projects/{code}/milestones/new", web::post().to(post_new))
        .route("/milestones/{id}/record", get().to(show_record))
        .route("/milestones/{id}/record", web::post().to(post_record))
        .route("/milestones/{id}/withdraw", get().to(show_withdraw))
        .route("/milestones/{id}/withdraw", web::post().to(post_withdraw))
        .route("/clues/{id}/confirm", get().to(show_confirm))
        .route("/clues/{id}/confirm", web::post().to(post_confirm))
        .route("/clues/{id}/dismiss", get().to(show_dismiss))
        .route("/clues/{id}/dismiss", web::post().to(post_dismiss));
}

/// Shows a form.
async fn show<B>(request: HttpRequest, state: Data<State>, needs: Needs, build: B) -> HttpResponse
where
    B: FnOnce(&mut AnyConnection, &Asked, &Filled) -> Result<FormPage> + Send + 'static,
{
    serve(request, state, Face::Page, needs, FORM, move |conn, asked, state| {
        once(state, "form.html", &build(conn, asked, &Filled::default())?)
    })
    .await
}

fn again(
    build: impl FnOnce(&mut AnyConnection, &Asked, &Filled) -> Result<FormPage>,
) -> impl FnOnce(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> {
    move |conn, asked, state, filled| once(state, "form.html", &build(conn, asked, filled)?)
}

async fn show_set(request: HttpRequest, state: Data<State>, code: Path<String>) -> HttpResponse {
    show(request, state, RECORD, move |conn, asked, filled| node_form::set_up(conn, asked, &code, filled)).await
}

async fn post_set(request: HttpRequest, payload: Payload, state: Data<State>, code: Path<String>) -> HttpResponse {
    let own = code.clone();
    let submit = move |state: &State, submitted: &Submitted| set_up(state, submitted, own);
    let build = again(move |conn, asked, filled| node_form::set_up(conn, asked, &code, filled));
    post::form(request, payload, state, RECORD, submit, build).await
}

fn set_up(state: &State, submitted: &Submitted, project: String) -> Result<String> {
    only(submitted, &["template"], "planned_")?;
    let planned = submitted.pairs.iter().filter(|(_, value)| !value.is_empty());
    let planned = planned.filter_map(|(name, value)| Some((name, name.strip_prefix("planned_")?, value)));
    let planned = planned.map(|(name, code, value)| Ok((code.to_owned(), date(name, value)?)));
    let new = NewSet {
        project: project.clone(),
        template: Template::parse(submitted.field("template"))?,
        planned: planned.collect::<Result<_>>()?,
    };
    let document = document(submitted);
    write(state, submitted, project, move |tx, actor| Ok(command::set_up(tx, actor, new, document)?.head.seq))
}

async fn show_new(request: HttpRequest, state: Data<State>, code: Path<String>) -> HttpResponse {
    show(request, state, RECORD, move |conn, asked, filled| node_form::new(conn, asked, &code, filled)).await
}

async fn post_new(request: HttpRequest, payload: Payload, state: Data<State>, code: Path<String>) -> HttpResponse {
    let own = code.clone();
    let submit = move |state: &State, submitted: &Submitted| add(state, submitted, own);
    let build = again(move |conn, asked, filled| node_form::new(conn, asked, &code, filled));
    post::form(request, payload, state, RECORD, submit, build).await
}

fn add(state: &State, submitted: &Submitted, project: String) -> Result<String> {
    only(submitted, &["standard", "code", "name", "planned"], "")?;
    let code = match (submitted.field("standard"), submitted.field("code").trim()) {
        ("", "") => return Err(Error::invalid("code", "", "选一个标准节点，或写自定节点的代码")),
        ("", own) => own.to_owned(),
        (standard, _) => standard.to_owned(),
    };
    let new = NewMilestone {
        project: project.clone(),
        code,
        name: given(submitted, "name"),
        planned: given(submitted, "planned").map(|text| date("planned", &text)).transpose()?,
    };
    let document = document(submitted);
    write(state, submitted, project, move |tx, actor| Ok(command::add(tx, actor, new, document)?.head.seq))
}

async fn show_record(request: HttpRequest, state: Data<State>, id: Path<String>) -> HttpResponse {
    show(request, state, RECORD, move |conn, asked, filled| node_form::record(conn, asked, number(&id)?, filled)).await
}

async fn post_record(request: HttpRequest, payload: Payload, state: Data<State>, id: Path<String>) -> HttpResponse {
    let own = id.clone();
    let submit = move |state: &State, submitted: &Submitted| record(state, submitted, number(&own)?);
    let build = again(move |conn, asked, filled| node_form::record(conn, asked, number(&id)?, filled));
    post::form(request, payload, state, RECORD, submit, build).await
}

fn record(state: &State, submitted: &Submitted, id: i64) -> Result<String> {
    only(submitted, &["kind", "on", "reason", "evidence"], "")?;
    let (project, milestone) = state.db.read(|conn| node_form::place_of(conn, id))?;
    let new = NewFact {
        project: project.clone(),
        milestone,
        kind: parse_kind(submitted.field("kind"))?,
        on: date("on", submitted.field("on"))?,
        effective_on: None,
        reason: submitted.field("reason").trim().into(),
        evidence: submitted.field("evidence").trim().into(),
        seen: seen(submitted)?,
    };
    let document = document(submitted);
    write(state, submitted, project, move |tx, actor| Ok(command::record(tx, actor, new, document)?.head.seq))
}

async fn show_withdraw(request: HttpRequest, state: Data<State>, id: Path<String>) -> HttpResponse {
    show(request, state, RECORD, move |conn, asked, filled| node_form::withdraw(conn, asked, number(&id)?, filled))
        .await
}

async fn post_withdraw(request: HttpRequest, payload: Payload, state: Data<State>, id: Path<String>) -> HttpResponse {
    let own = id.clone();
    let submit = move |state: &State, submitted: &Submitted| withdraw(state, submitted, number(&own)?);
    let build = again(move |conn, asked, filled| node_form::withdraw(conn, asked, number(&id)?, filled));
    post::form(request, payload, state, RECORD, submit, build).await
}

fn withdraw(state: &State, submitted: &Submitted, id: i64) -> Result<String> {
    only(submitted, &["seq", "reason"], "")?;
    let (project, _) = state.db.read(|conn| node_form::place_of(conn, id))?;
    let text = submitted.field("seq");
    let seq: i64 = text.parse().map_err(|_| Error::invalid("seq", text, "要选一条"))?;
    let reason = submitted.field("reason").trim().to_owned();
    let document = given(submitted, "document").map(|_| document(submitted));
    write(state, submitted, project, move |tx, actor| Ok(command::withdraw(tx, actor, seq, &reason, document)?.seq))
}

async fn show_confirm(request: HttpRequest, state: Data<State>, id: Path<String>) -> HttpResponse {
    show(request, state, CONFIRM, move |conn, asked, filled| node_form::confirm(conn, asked, number(&id)?, filled))
        .await
}

async fn post_confirm(request: HttpRequest, payload: Payload, state: Data<State>, id: Path<String>) -> HttpResponse {
    let own = id.clone();
    let submit = move |state: &State, submitted: &Submitted| confirm(state, submitted, number(&own)?);
    let build = again(move |conn, asked, filled| node_form::confirm(conn, asked, number(&id)?, filled));
    post::form(request, payload, state, CONFIRM, submit, build).await
}

fn confirm(state: &State, submitted: &Submitted, id: i64) -> Result<String> {
    only(submitted, &["milestone", "on", "reason"], "")?;
    let project = state.db.read(|conn| node_form::project_of_clue(conn, id))?;
    let new = Confirmation {
        clue: id,
        milestone: given(submitted, "milestone"),
        name: None,
        on: Some(date("on", submitted.field("on"))?),
        reason: submitted.field("reason").trim().into(),
    };
    let document = document(submitted);
    write(state, submitted, project, move |tx, actor| Ok(public::confirm_clue(tx, actor, &new, document)?.head.seq))
}

async fn show_dismiss(request: HttpRequest, state: Data<State>, id: Path<String>) -> HttpResponse {
    show(request, state, CONFIRM, move |conn, asked, filled| node_form::dismiss(conn, asked, number(&id)?, filled))
        .await
}

async fn post_dismiss(request: HttpRequest, payload: Payload, state: Data<State>, id: Path<String>) -> HttpResponse {
    let own = id.clone();
    let submit = move |state: &State, submitted: &Submitted| dismiss(state, submitted, number(&own)?);
    let build = again(move |conn, asked, filled| node_form::dismiss(conn, asked, number(&id)?, filled));
    post::form(request, payload, state, CONFIRM, submit, build).await
}

fn dismiss(state: &State, submitted: &Submitted, id: i64) -> Result<String> {
    only(submitted, &["reason"], "")?;
    let project = state.db.read(|conn| node_form::project_of_clue(conn, id))?;
    let reason = submitted.field("reason").trim().to_owned();
    let document = given(submitted, "document").map(|_| document(submitted));
    write(state, submitted, project, move |tx, actor| Ok(public::dismiss_clue(tx, actor, id, &reason, document)?.seq))
}

/// Runs a command and leads back to the project.
fn write(
    state: &State,
    submitted: &Submitted,
    project: String,
    command: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<i64> + Send + 'static,
) -> Result<String> {
    submitted.write(state, move |tx, actor| {
        let seq = command(tx, actor)?;
        Ok(format!("/projects/{project}?done={seq}#milestones"))
    })
}

fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::not_found("节点", text, "从项目页打开"))
}

/// A field that was filled.
fn given(submitted: &Submitted, name: &str) -> Option<String> {
    Some(submitted.field(name).trim().to_owned()).filter(|text| !text.is_empty())
}

/// Fields of nobody's form are refused, so that nothing is said that the form did not ask.
fn only(submitted: &Submitted, known: &[&str], prefix: &str) -> Result<()> {
    let document = ["document", "document_title", "document_issuer"];
    let is_known = |name: &str| {
        known.contains(&name) || document.contains(&name) || (!prefix.is_empty() && name.starts_with(prefix))
    };
    match submitted.pairs.iter().find(|(name, _)| !is_known(name)) {
        Some((name, _)) => Err(Error::invalid(name.chars().take(40).collect::<String>(), "", "没有这一项")),
        None => Ok(()),
    }
}

fn date(field: &str, text: &str) -> Result<(Day, Precision)> {
    Precision::parse_date(text.trim()).map_err(|error| error.of(field))
}

/// The version of what is changed, when the form or the caller says one.
pub(super) fn seen(submitted: &Submitted) -> Result<Option<i64>> {
    let read = |text: &String| text.parse().map_err(|_| Error::Stale("版本不对；请重新打开再记".into()));
    submitted.version.as_ref().filter(|text| !text.is_empty()).map(read).transpose()
}

fn document(submitted: &Submitted) -> Citation {
    Citation {
        code: submitted.field("document").trim().into(),
        title: given(submitted, "document_title"),
        issuer: given(submitted, "document_issuer"),
        dated: None,
    }
}
