//! `/admin/departments` and `POST /api/v1/departments`: registering a department.

use serde::Deserialize;
use serde_json::json;

use super::answer::Body;
use super::post::{Made, Submitted};
use super::sign_in::once;
use super::state::State;
use crate::db::AnyConnection;
use crate::document::Citation;
use crate::error::Result;
use crate::period::{Day, Precision};
use crate::project::department::NewDepartment;
use crate::project::department::command::register;
use crate::report::asked::Asked;
use crate::report::departments as report;
use crate::report::form::Filled;
use crate::report::sign_in::page;

/// The form, again.
pub(super) fn form(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    once(state, "form.html", &page(asked, "登记部门", Vec::new(), report::form(asked, filled)))
}

/// Registers a department for a program.
pub(super) fn post(state: &State, submitted: &Submitted) -> Result<Made> {
    let new = given(submitted.body()?).map_err(|error| error.pointed())?;
    let made = submitted.make(state, move |tx, actor| {
        let (held, head) = register(tx, actor, new)?;
        let body = json!({
            "code": held.code, "name": held.name, "note": held.note,
            "id": held.id, "seq": head.seq, "at": head.at.rfc3339(),
        });
        Ok(Made::created(format!("/departments/{}", held.code), body))
    });
    made.map_err(|error| error.pointed())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    code: Option<String>,
    name: Option<String>,
    effective_on: Option<String>,
    document: Option<String>,
    document_date: Option<String>,
    document_title: Option<String>,
    document_issuer: Option<String>,
    reason: Option<String>,
}

fn given(given: Given) -> Result<NewDepartment> {
    let trimmed = |text: Option<String>| text.unwrap_or_default().trim().to_owned();
    let on = given.effective_on.map(|text| Day::parse(&text).map_err(|error| error.of("effective_on"))).transpose()?;
    let dated = given.document_date.map(|text| Precision::parse_date(&text).map_err(|error| error.of("document_date")));
    let dated = dated.transpose()?;
    let code = Some(trimmed(given.document)).filter(|code| !code.is_empty());
    let document =
        code.map(|code| Citation { code, title: given.document_title, issuer: given.document_issuer, dated });
    Ok(NewDepartment {
        code: trimmed(given.code),
        name: trimmed(given.name),
        effective_on: on,
        document,
        reason: trimmed(given.reason),
    })
}

/// Registers a department for the office.
pub(super) fn take(state: &State, submitted: &Submitted) -> Result<String> {
    let new = given(submitted.form()?)?;
    submitted.write(state, move |tx, actor| {
        let (_, head) = register(tx, actor, new)?;
        Ok(format!("/admin/departments?done={}", head.seq))
    })
}
