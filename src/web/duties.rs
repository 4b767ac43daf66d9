//! `/reports/board`: who reported, who did not, and reminding them.

use serde::Deserialize;

use super::answer::Body;
use super::pages::{Form, files, page_or};
use super::post::Submitted;
use super::query::Allowed;
use super::sign_in::once;
use super::state::State;
use crate::chasing::MESSAGE;
use crate::chasing::board::store as owed;
use crate::chasing::command::{NewChase, chase, set_address};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::period::Month;
use crate::project::store as registry;
use crate::report::asked::Asked;
use crate::report::board as report;
use crate::report::form::Filled;
use crate::report::sign_in::page;

/// Which month's board.
pub(super) const BOARD: Allowed = Allowed { many: &[], one: &["month"] };

/// The board, as a page and as files.
pub(super) fn board(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    page_or(asked, |format| match format {
        Form::Html => once(state, "sections.html", &report::build(conn, asked)?),
        _ => files(asked, &report::export(conn, asked)?, format, "report-duties"),
    })
}

/// The form that notes a reminder, again.
pub(super) fn chase_form(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let lead = filled.value("department").unwrap_or_default().to_owned();
    let month = month(filled.value("month"))?;
    let owed = owed::list_owed(conn, month, asked.as_of, asked.known.seq)?;
    let name = registry::find_department(conn, &lead)?.map_or_else(|| lead.clone(), |d| d.name);
    let form = report::chase_form(asked, month, &lead, &name, &owed, filled);
    once(state, "form.html", &page(asked, "记下催报", Vec::new(), form))
}

/// The form of a department's address, again.
pub(super) fn address_form(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let form = report::address_form(conn, asked, filled)?;
    once(state, "form.html", &page(asked, "催报邮箱", Vec::new(), form))
}

fn month(text: Option<&str>) -> Result<Month> {
    Month::parse(text.unwrap_or_default()).map_err(|error| error.of("month"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChaseForm {
    month: Option<String>,
    department: Option<String>,
    text: Option<String>,
}

/// Notes a reminder. How many are missing is counted here, not taken from the form.
pub(super) fn take_chase(state: &State, submitted: &Submitted) -> Result<String> {
    let given: ChaseForm = submitted.form()?;
    let month = month(given.month.as_deref())?;
    let department = given.department.unwrap_or_default();
    let text = given.text.unwrap_or_default().trim().to_owned();
    submitted.write(state, move |tx, actor| {
        let today = tx.clock().today();
        if month.first_day() > today {
            return Err(Error::invalid("month", month.to_string(), "还没有开始，不用催"));
        }
        let all = owed::list_owed(tx.conn(), month, today, i64::MAX)?;
        let missing = all.iter().filter(|owed| owed.lead == department && owed.is_wanting()).count();
        let head = chase(tx, actor, NewChase { month, department, way: MESSAGE, missing, text })?;
        Ok(format!("/reports/board?month={month}&done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressForm {
    department: Option<String>,
    address: Option<String>,
}

/// Says where a department's reminders are mailed.
pub(super) fn take_address(state: &State, submitted: &Submitted) -> Result<String> {
    let given: AddressForm = submitted.form()?;
    let (department, address) = (given.department.unwrap_or_default(), given.address.unwrap_or_default());
    if department.is_empty() {
        return Err(Error::invalid("department", "", "请选部门"));
    }
    submitted.write(state, move |tx, actor| {
        let head = set_address(tx, actor, &department, address.trim())?;
        Ok(format!("/reports/board?done={}", head.seq))
    })
}
