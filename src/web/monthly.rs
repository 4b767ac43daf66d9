//! `/monthly`: 部门月表, a month's reports of a department together.

use super::account::shown;
use super::answer::Body;
use super::post::{Done, Submitted};
use super::query::Allowed;
use super::sign_in::once;
use super::state::State;
use super::upload::Sent;
use crate::db::AnyConnection;
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::exchange::monthly_sheet::{self as file, Line};
use crate::exchange::sheet::{self, Grid};
use crate::exchange::xlsx;
use crate::monthly::command::{NewReport, Which, submit};
use crate::monthly::due_on;
use crate::period::Month;
use crate::project::store as registry;
use crate::report::asked::Asked;
use crate::report::form::Filled;
use crate::report::monthly::sheet as report;

pub(super) const PAGE: Allowed = Allowed { many: &[], one: &["month", "department"] };

/// The page, or the sheet itself.
pub(super) fn page(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    match asked.format.as_deref() {
        Some("xlsx") => download(conn, asked),
        None | Some("html") => {
            let month = report::month_of(asked)?;
            once(state, "sections.html", &report::page(conn, asked, month, &Filled::default())?)
        }
        Some(other) => Err(Error::invalid("format", other, "可用 html、xlsx")),
    }
}

fn download(conn: &mut AnyConnection, asked: &Asked) -> Result<Body> {
    let month = report::month_of(asked)?;
    let (list, of) = report::shown(conn, asked, month)?;
    let sources = registry::list_sources(conn)?;
    let book = file::book(&list, month, &of, asked.today(), due_on(month), &sources);
    let body = Body::xlsx(xlsx::write(&book)?, &format!("monthly-{month}"));
    // Drafts are not in the journal, so the file is made each time.
    Ok(Body { lasts: false, ..body })
}

/// The page again with what was typed; of a submission that was refused, the preview.
pub(super) fn again(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let month = filled.value("month").map_or_else(|| report::month_of(asked), Month::parse)?;
    if let (Some("done"), Some(list)) = (filled.value("step"), filled.value("list")) {
        let lines = file::read(&Grid::from_text(list)?)?;
        return once(state, "sections.html", &report::preview(conn, asked, month, &lines, filled)?);
    }
    once(state, "sections.html", &report::page(conn, asked, month, filled)?)
}

/// A file: read before the database is asked for anything.
pub(super) fn check(state: &State, submitted: &Submitted, sent: Option<Sent>) -> Result<Done> {
    let sent = sent.ok_or_else(|| Error::invalid("file", "", "请选择填好的表"))?;
    let lines = file::read(&sheet::read(&sent.name, &sent.bytes)?)?;
    look(state, submitted, &lines)
}

/// What would be submitted.
fn look(state: &State, submitted: &Submitted, lines: &[Line]) -> Result<Done> {
    let month = Month::parse(submitted.field("month"))?;
    shown(state, submitted, "sections.html", |conn, asked| {
        report::preview(conn, asked, month, lines, &Filled::default())
    })
}

/// A block or lines are shown; from there all reports are submitted, or none.
pub(super) fn take(state: &State, submitted: &Submitted) -> Result<Done> {
    if submitted.field("lines") == "yes" {
        return look(state, submitted, &report::typed_lines(&submitted.pairs)?);
    }
    let known = ["month", "list", "step", "document"];
    if let Some((name, _)) = submitted.pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        return Err(Error::invalid(name.chars().take(40).collect::<String>(), "", "没有这一项"));
    }
    let lines = file::read(&Grid::from_text(submitted.field("list"))?)?;
    if submitted.field("step") != "done" {
        return look(state, submitted, &lines);
    }
    let month = Month::parse(submitted.field("month"))?;
    let original = submitted.field("document").trim();
    let original =
        (!original.is_empty()).then(|| Citation { code: original.to_owned(), title: None, issuer: None, dated: None });
    let location = submitted.write(state, move |tx, actor| {
        let mut last = 0;
        let (today, seq) = (tx.clock().today(), tx.head().seq);
        for mut line in lines {
            report::complete(tx.conn(), month, &mut line, (today, seq))?;
            let which = Which { project: line.code.value.clone(), month };
            let new = NewReport { which, typed: line.typed.clone(), seen: None };
            // One command a report; what refuses one undoes them all, for they share the transaction.
            let noted = submit(tx, actor, &new, original.as_ref()).map_err(|error| report::placed(&line, error))?;
            last = noted.head.seq;
        }
        Ok(format!("/reports?month={month}&done={last}"))
    })?;
    Ok(location.into())
}
