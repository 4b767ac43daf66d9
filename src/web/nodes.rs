//! Milestones in the browser: each form's page and what it does, in one place.

use super::answer::Body;
use super::post::Submitted;
use super::sign_in::once;
use super::state::State;
use crate::auth::Actor;
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

/// The page of a form on a project's address.
pub(super) fn of_project(
    build: fn(&mut AnyConnection, &Asked, &str, &Filled) -> Result<FormPage>,
) -> impl Fn(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Copy + Send + 'static {
    move |conn, asked, state, filled| once(state, "form.html", &build(conn, asked, asked.part("project"), filled)?)
}

/// The page of a form on the address of something numbered.
pub(super) fn numbered(
    part: &'static str,
    build: fn(&mut AnyConnection, &Asked, i64, &Filled) -> Result<FormPage>,
) -> impl Fn(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Copy + Send + 'static {
    move |conn, asked, state, filled| once(state, "form.html", &build(conn, asked, number(asked.part(part))?, filled)?)
}

/// Sets up a whole set.
pub(super) fn set_up(state: &State, submitted: &Submitted) -> Result<String> {
    let project = submitted.part("project").to_owned();
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

/// Sets up one.
pub(super) fn add(state: &State, submitted: &Submitted) -> Result<String> {
    let project = submitted.part("project").to_owned();
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

/// Says what becomes of one.
pub(super) fn record(state: &State, submitted: &Submitted) -> Result<String> {
    let id = number(submitted.part("milestone"))?;
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

/// Takes back what was said.
pub(super) fn withdraw(state: &State, submitted: &Submitted) -> Result<String> {
    let id = number(submitted.part("milestone"))?;
    only(submitted, &["seq", "reason"], "")?;
    let (project, _) = state.db.read(|conn| node_form::place_of(conn, id))?;
    let text = submitted.field("seq");
    let seq: i64 = text.parse().map_err(|_| Error::invalid("seq", text, "要选一条"))?;
    let reason = submitted.field("reason").trim().to_owned();
    let document = given(submitted, "document").map(|_| document(submitted));
    write(state, submitted, project, move |tx, actor| Ok(command::withdraw(tx, actor, seq, &reason, document)?.seq))
}

/// Confirms what a public source says.
pub(super) fn confirm(state: &State, submitted: &Submitted) -> Result<String> {
    let id = number(submitted.part("clue"))?;
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

/// Sets it aside.
pub(super) fn dismiss(state: &State, submitted: &Submitted) -> Result<String> {
    let id = number(submitted.part("clue"))?;
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
