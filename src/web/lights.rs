//! Lights: the page, the trial of another profile, the forms, and the API.

use serde_json::{Value as Json, json};

use super::answer::Body;
use super::pages::{Form, files, page_or};
use super::post::Submitted;
use super::query::Allowed;
use super::state::State;
use crate::auth::{Actor, Sight};
use crate::db::{AnyConnection, Tx};
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::exchange::lights as rows;
use crate::exchange::rollup::head_json;
use crate::light::command::{self, NewExemption, NewJudgement, NewMonths, read_curve};
use crate::light::read::{self, View};
use crate::light::{Light, Sayer};
use crate::period::{Day, Month, Year};
use crate::project::store as registry;
use crate::report::asked::Asked;
use crate::report::{light_trial, lights};

pub(super) const LIST: Allowed =
    Allowed { many: &["light", "category", "department"], one: &["late", "q", "sort", "group"] };
pub(super) const TRIAL: Allowed = Allowed { many: &["category", "department"], one: &["profile", "q"] };
pub(super) const ITEMS: Allowed =
    Allowed { many: &["light", "category", "department"], one: &["late", "q", "cursor", "limit"] };

/// The list.
pub(super) fn list(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    lights::check(asked)?;
    page_or(asked, |format| match format {
        Form::Html => state.view.render("lights.html", &lights::build(conn, asked)?).map(Body::html),
        _ => files(asked, &lights::export(conn, asked)?, format, "lights"),
    })
}

/// The trial of another profile.
pub(super) fn trial(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    page_or(asked, |format| match format {
        Form::Html => state.view.render("sections.html", &light_trial::build(conn, asked)?).map(Body::html),
        _ => files(asked, &light_trial::export(conn, asked)?, format, "lights-trial"),
    })
}

/// The lights asked for with their whole explanations, a page of them.
pub(super) fn items(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    lights::check(asked)?;
    let view = View::at(conn, asked.as_of, &asked.known)?;
    let ids = lights::ids(conn, asked)?;
    let limit = super::api::limit(asked)?;
    let start = match asked.param("cursor") {
        None => 0,
        Some(code) => {
            let found = registry::find(conn, code)?;
            let at = found.and_then(|project| ids.iter().position(|id| *id == project.id));
            at.ok_or_else(|| super::api::unknown_cursor(code))? + 1
        }
    };
    let rest = ids.get(start..).unwrap_or_default();
    let shown = read::few(conn, &view, rest.get(..limit.min(rest.len())).unwrap_or_default())?;
    let is_inner = asked.reader.sight != Sight::Published;
    let next = shown.last().filter(|_| rest.len() > limit).map(|(state, _)| state.project.code.clone());
    let items: Vec<Json> = shown.iter().map(|(state, judged)| rows::to_json(&view, state, judged, is_inner)).collect();
    Ok(json!({
        "items": items, "next": next, "head": head_json(&asked.known), "as_of": asked.as_of,
        "month": view.month.to_string(), "cutoff": view.cutoff, "profile": view.params.profile.code(),
    }))
}

/// What the form of a judgement holds.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    month: Option<String>,
    kind: Option<String>,
    light: Option<String>,
    reason: Option<String>,
    expires_on: Option<String>,
    document: Option<String>,
    document_title: Option<String>,
}

pub(super) fn say(state: &State, submitted: &Submitted) -> Result<String> {
    let code = submitted.part("project");
    let given: Said = submitted.form()?;
    let light = match given.light.as_deref() {
        Some("withdraw") => None,
        word => Some(Light::parse(word.unwrap_or_default())?),
    };
    let new = NewJudgement {
        project: code.to_owned(),
        month: Month::parse(&text(given.month))?,
        sayer: Sayer::parse(&text(given.kind))?,
        light,
        reason: text(given.reason),
        expires_on: day("expires_on", given.expires_on)?,
    };
    let document = citation(given.document, given.document_title);
    let document = (!document.code.is_empty()).then_some(document);
    write(state, submitted, code, move |tx, actor| {
        command::say(tx, actor, &new, document.as_ref()).map(|head| head.seq)
    })
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Leave {
    approver: Option<String>,
    reason: Option<String>,
    effective_on: Option<String>,
    expires_on: Option<String>,
    document: Option<String>,
    document_title: Option<String>,
}

pub(super) fn exempt(state: &State, submitted: &Submitted) -> Result<String> {
    let code = submitted.part("project");
    let given: Leave = submitted.form()?;
    let until = day("expires_on", given.expires_on)?;
    let new = NewExemption {
        project: code.to_owned(),
        effective_on: day("effective_on", given.effective_on)?,
        expires_on: until.ok_or_else(|| Error::invalid("expires_on", "", "要填：豁免到哪一天"))?,
        approver: text(given.approver),
        reason: text(given.reason),
    };
    let document = citation(given.document, given.document_title);
    write(state, submitted, code, move |tx, actor| command::exempt(tx, actor, &new, &document).map(|head| head.seq))
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Months {
    year: Option<String>,
    first_month: Option<String>,
    last_month: Option<String>,
    curve: Option<String>,
    effective_on: Option<String>,
    reason: Option<String>,
    document: Option<String>,
    document_title: Option<String>,
}

pub(super) fn set_months(state: &State, submitted: &Submitted) -> Result<String> {
    let code = submitted.part("project");
    let given: Months = submitted.form()?;
    let month = |field: &str, given: Option<String>| Month::parse(&text(given)).map_err(|error| error.of(field));
    let new = NewMonths {
        project: code.to_owned(),
        year: Year::parse(&text(given.year))?,
        first: month("first_month", given.first_month)?,
        last: month("last_month", given.last_month)?,
        curve: read_curve(&text(given.curve))?,
        effective_on: day("effective_on", given.effective_on)?,
        reason: text(given.reason),
    };
    let document = citation(given.document, given.document_title);
    write(state, submitted, code, move |tx, actor| command::set_months(tx, actor, &new, &document).map(|head| head.seq))
}

fn text(given: Option<String>) -> String {
    given.unwrap_or_default().trim().to_owned()
}

fn day(field: &str, given: Option<String>) -> Result<Option<Day>> {
    given.map(|text| Day::parse(text.trim()).map_err(|error| error.of(field))).transpose()
}

fn citation(code: Option<String>, title: Option<String>) -> Citation {
    Citation { code: text(code), title: title.map(|title| title.trim().to_owned()), issuer: None, dated: None }
}

fn write(
    state: &State,
    submitted: &Submitted,
    code: &str,
    command: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<i64> + Send + 'static,
) -> Result<String> {
    let code = code.to_owned();
    submitted.write(state, move |tx, actor| {
        let seq = command(tx, actor)?;
        Ok(format!("/projects/{code}?done={seq}#light"))
    })
}
