//! `/reconciliation`: what units reported beside the ledger, and taking it into the ledger.

use serde::Deserialize;

use super::answer::Body;
use super::pages::{Form as Format, files, page_or};
use super::post::Submitted;
use super::query::Allowed;
use super::sign_in::once;
use super::state::State;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::reconciliation::command::confirm;
use crate::report::asked::Asked;
use crate::report::form::{Filled, Form};
use crate::report::reconciliation;
use crate::report::sign_in::page;

/// Which month, and of whom.
pub(super) const LIST: Allowed = Allowed { many: &["category", "department"], one: &["month", "q"] };

/// The page and its files. A page with forms is never kept.
pub(super) fn list(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    page_or(asked, |format| match format {
        Format::Html => once(state, "sections.html", &reconciliation::build(conn, asked)?),
        _ => files(asked, &reconciliation::export(conn, asked)?, format, "reconciliation"),
    })
}

/// The form again, with why it was refused.
pub(super) fn again(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let report = filled.value("report").unwrap_or_default().to_owned();
    let form = Form::new(asked, "confirm", "/reconciliation/confirm", "确认自报", filled).hiding("report", report);
    once(state, "form.html", &page(asked, "确认自报", Vec::new(), form))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmed {
    report: String,
}

/// Takes a report's money into the ledger.
pub(super) fn take(state: &State, submitted: &Submitted) -> Result<String> {
    let given: Confirmed = submitted.form()?;
    let wrong = || Error::invalid("report", given.report.clone(), "要写成月报版本的编号，见对账页");
    let version: i64 = given.report.parse().map_err(|_| wrong())?;
    submitted.write(state, move |tx, actor| {
        let (entries, head) = confirm(tx, actor, version)?;
        let month = entries.first().map_or(0, |entry| entry.occurred_on / 100);
        Ok(format!("/reconciliation?month={:04}-{:02}&done={}", month / 100, month % 100, head.seq))
    })
}
