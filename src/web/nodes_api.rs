//! Milestones over the API: one milestone, setting up, saying what becomes of one.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::nodes::seen;
use super::post::{Made, Submitted};
use super::state::State;
use crate::db::{AnyConnection, Tx};
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::exchange::milestones::one_json;
use crate::milestone::command::{self, NewFact, NewMilestone, NewSet, Noted};
use crate::milestone::template::Template;
use crate::milestone::{parse_kind, store};
use crate::period::{Day, Precision};
use crate::project::store as registry;
use crate::report::asked::Asked;

/// A milestone at the asked day and instant.
pub(super) fn one(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let id = asked.part("milestone");
    let missing = || Error::not_found("节点", id, "编号见 /api/v1/projects/{code}/milestones 的 milestone_id");
    let number: i64 = id.parse().map_err(|_| missing())?;
    let milestone = store::find_by_id(conn, number)?.ok_or_else(missing)?;
    let state = registry::find_state_by_id(conn, milestone.project_id, asked.as_of, asked.known.seq)?;
    if !state.is_some_and(|state| asked.sees(&state)) {
        return Err(missing());
    }
    let project = milestone.project_id;
    let told = store::list(conn, project - 1, project, asked.as_of, asked.known.seq)?;
    let (milestone, facts) = told.into_iter().find(|(held, _)| held.id == number).ok_or_else(missing)?;
    one_json(conn, &milestone, &facts, asked.as_of)
}

/// A body that sets up one milestone, or a set of them from a template.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBody {
    code: Option<String>,
    name: Option<String>,
    planned: Option<Planned>,
    template: Option<String>,
    document: String,
    document_title: Option<String>,
    document_issuer: Option<String>,
}

/// The planned day of one milestone, or of each of a set.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Planned {
    One(String),
    Each(BTreeMap<String, String>),
}

/// What is said of a milestone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FactBody {
    kind: String,
    on: String,
    effective_on: Option<String>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    evidence: String,
    document: String,
    document_title: Option<String>,
    document_issuer: Option<String>,
}

fn citation(code: String, title: Option<String>, issuer: Option<String>) -> Citation {
    Citation { code, title, issuer, dated: None }
}

fn date(field: &str, text: &str) -> Result<(Day, Precision)> {
    Precision::parse_date(text).map_err(|error| error.of(field))
}

/// Sets up one milestone, or a set of them.
pub(super) fn post_milestone(state: &State, submitted: &Submitted) -> Result<Made> {
    set_up(state, submitted, submitted.part("project").to_owned()).map_err(Error::pointed)
}

fn set_up(state: &State, submitted: &Submitted, project: String) -> Result<Made> {
    let body: NewBody = submitted.body()?;
    let document = citation(body.document, body.document_title, body.document_issuer);
    match (body.template, body.planned) {
        (Some(word), planned) => {
            let planned = match planned {
                None => BTreeMap::new(),
                Some(Planned::Each(each)) => each,
                Some(Planned::One(text)) => {
                    return Err(Error::invalid("planned", text, "一套节点的计划日期写成 {\"N5\":\"2025-03\"}"));
                }
            };
            let dated = planned.iter().map(|(code, on)| Ok((code.clone(), date(&format!("planned/{code}"), on)?)));
            let new = NewSet { project, template: Template::parse(&word)?, planned: dated.collect::<Result<_>>()? };
            make(state, submitted, move |tx, actor| command::set_up(tx, actor, new, document))
        }
        (None, planned) => {
            let planned = match planned {
                None => None,
                Some(Planned::One(text)) => Some(date("planned", &text)?),
                Some(Planned::Each(_)) => {
                    return Err(Error::invalid("planned", "", "一个节点的计划日期写成文字，如 2025-03"));
                }
            };
            let code =
                body.code.ok_or_else(|| Error::invalid("code", "", "要填：节点的代码；或用 template 设立一套"))?;
            let new = NewMilestone { project, code, name: body.name, planned };
            make(state, submitted, move |tx, actor| command::add(tx, actor, new, document))
        }
    }
}

/// Says what becomes of one.
pub(super) fn post_fact(state: &State, submitted: &Submitted) -> Result<Made> {
    say(state, submitted, submitted.part("milestone")).map_err(Error::pointed)
}

fn say(state: &State, submitted: &Submitted, id: &str) -> Result<Made> {
    let body: FactBody = submitted.body()?;
    let missing = || Error::not_found("节点", id, "编号见 /api/v1/projects/{code}/milestones 的 milestone_id");
    let number: i64 = id.parse().map_err(|_| missing())?;
    let place = state.db.read(|conn| {
        let milestone = store::find_by_id(conn, number)?.ok_or_else(missing)?;
        let project = registry::find_by_id(conn, milestone.project_id)?.ok_or_else(missing)?;
        Ok((project.code, milestone.code))
    })?;
    let version = seen(submitted)?;
    let version = version.ok_or_else(|| Error::Unversioned("要写 If-Match：节点的 version".into()))?;
    let effective_on = body.effective_on.as_deref().map(Day::parse).transpose();
    let new = NewFact {
        project: place.0,
        milestone: place.1,
        kind: parse_kind(&body.kind)?,
        on: date("on", &body.on)?,
        effective_on: effective_on.map_err(|error| error.of("effective_on"))?,
        reason: body.reason,
        evidence: body.evidence,
        seen: Some(version),
    };
    let document = citation(body.document, body.document_title, body.document_issuer);
    make(state, submitted, move |tx, actor| command::record(tx, actor, new, document))
}

/// Runs a command and answers with the milestones it touched. The answer is kept as text with the
/// command, so that the same call sent again is given the same.
fn make(
    state: &State,
    submitted: &Submitted,
    command: impl FnOnce(&mut Tx<'_>, &crate::auth::Actor) -> Result<Noted> + Send + 'static,
) -> Result<Made> {
    let text = submitted.write(state, move |tx, actor| {
        let noted = command(tx, actor)?;
        Ok(touched(tx, &noted)?.to_string())
    })?;
    let body: Json = serde_json::from_str(&text).map_err(|cause| Error::internal("读不出答复", cause.to_string()))?;
    let first = &body["milestones"][0];
    let location = first["id"].as_i64().map(|id| format!("/api/v1/milestones/{id}"));
    let etag = first["version"].as_i64().map(|version| format!("\"{version}\""));
    Ok(Made { status: StatusCode::CREATED, location, etag, body })
}

/// The milestones that a journal row set up or said something of.
fn touched(tx: &mut Tx<'_>, noted: &Noted) -> Result<Json> {
    let (seq, today) = (noted.head.seq, noted.head.at.day());
    let conn = tx.conn();
    let mut milestones = Vec::new();
    for milestone in store::list_touched(conn, seq)? {
        let facts = store::list_facts(conn, milestone.id)?;
        milestones.push(one_json(conn, &milestone, &facts, today)?);
    }
    Ok(json!({"seq": seq, "at": noted.head.at.rfc3339(), "warnings": noted.warnings, "milestones": milestones}))
}
