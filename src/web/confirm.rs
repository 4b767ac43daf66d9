//! `/admin/confirmations` and `/projects/{code}/claim`: departments answer, the office confirms.

use serde::Deserialize;

use super::account::shown;
use super::answer::Body;
use super::pages::{Form, files};
use super::post::{Done, Submitted};
use super::query::Allowed;
use super::sign_in::once;
use super::state::State;
use crate::db::{AnyConnection, Head};
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::exchange::confirmations;
use crate::period::Precision;
use crate::project::Attribute;
use crate::project::confirm::command::{claim, confirm, confirm_all, preview};
use crate::project::confirm::{NewClaim, NewConfirmation};
use crate::report::asked::Asked;
use crate::report::confirmations as report;
use crate::report::form::Filled;

/// The list, page by page.
pub(super) const LIST: Allowed = Allowed { many: &[], one: &["after", "attribute"] };

/// `/admin/confirmations/list`: the form, or the file to fill in.
pub(super) fn list(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    match asked.format.as_deref() {
        Some("csv") => {
            let table = confirmations::table(conn, asked.today(), asked.known.seq)?;
            files(asked, &table, Form::Csv, "confirmations")
        }
        None | Some("html") => list_form(conn, asked, state, &Filled::default()),
        Some(other) => Err(Error::invalid("format", other, "可用 html、csv")),
    }
}

/// The form of the list.
pub(super) fn list_form(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    once(state, "form.html", &report::list_form(asked, filled))
}

/// `/admin/confirmations/{project}`.
pub(super) fn one(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    once(state, "sections.html", &report::one(conn, asked, asked.part("project"))?)
}

/// The form of one attribute, again.
pub(super) fn again(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let (code, word) = (asked.part("project"), asked.part("attribute"));
    once(state, "form.html", &report::refused(conn, asked, code, word, filled)?)
}

/// The form of a department's answer.
pub(super) fn claim_form(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    once(state, "form.html", &report::claim_form(conn, asked, asked.part("project"), filled)?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    confirmed_value: Option<String>,
    document: Option<String>,
    document_date: Option<String>,
    effective_on: Option<String>,
    reason: Option<String>,
}

fn date(text: Option<String>, field: &str) -> Result<Option<(crate::period::Day, Precision)>> {
    text.map(|text| Precision::parse_date(text.trim()).map_err(|error| error.of(field))).transpose()
}

/// Confirms one attribute of one project.
pub(super) fn take_one(state: &State, submitted: &Submitted) -> Result<String> {
    let (code, word) = (submitted.part("project").to_owned(), submitted.part("attribute"));
    let one: One = submitted.form()?;
    let new = NewConfirmation {
        code: code.clone(),
        attribute: Attribute::parse(word)?,
        value: one.confirmed_value.unwrap_or_default().trim().to_owned(),
        seen: None,
        effective_on: date(one.effective_on, "effective_on")?,
        document: Citation {
            code: one.document.unwrap_or_default().trim().to_owned(),
            title: None,
            issuer: None,
            dated: date(one.document_date, "document_date")?,
        },
        reason: one.reason.unwrap_or_default().trim().to_owned(),
    };
    submitted.write(state, move |tx, actor| {
        let (_, head) = confirm(tx, actor, &new)?;
        Ok(format!("/admin/confirmations/{code}?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    list: Option<String>,
    step: Option<String>,
}

/// First what each line would do; then, from that page, all of it at once.
pub(super) fn take_list(state: &State, submitted: &Submitted) -> Result<Done> {
    let given: List = submitted.form()?;
    let text = given.list.unwrap_or_default();
    let list = confirmations::read(&text)?;
    if given.step.as_deref() == Some("done") {
        let location = submitted.write(state, move |tx, actor| {
            let (_, head) = confirm_all(tx, actor, &list)?;
            Ok(format!("/admin/confirmations?done={}", head.seq))
        })?;
        return Ok(location.into());
    }
    shown(state, submitted, "sections.html", |conn, asked| {
        let seq = Head::find(conn)?.seq;
        let outcomes = preview(conn, &list, asked.today(), seq)?;
        report::preview(conn, asked, &text, &outcomes)
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claimed {
    department: Option<String>,
    answer: Option<String>,
    suggested: Option<String>,
    reason: Option<String>,
}

/// A department's answer.
pub(super) fn take_claim(state: &State, submitted: &Submitted) -> Result<String> {
    let code = submitted.part("project").to_owned();
    let given: Claimed = submitted.form()?;
    let accepts = match given.answer.as_deref() {
        Some("accept") => true,
        Some("object") => false,
        other => {
            return Err(Error::invalid("answer", other.unwrap_or_default(), "可用 accept（认领）、object（异议）"));
        }
    };
    let new = NewClaim {
        project: code.clone(),
        department: given.department.unwrap_or_default(),
        accepts,
        suggested: given.suggested,
        reason: given.reason.unwrap_or_default().trim().to_owned(),
    };
    submitted.write(state, move |tx, actor| {
        let head = claim(tx, actor, new)?;
        Ok(format!("/projects/{code}?done={}", head.seq))
    })
}
