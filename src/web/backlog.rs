//! `/backlog`: 存量补录. The sheet goes down filled in, comes back, is shown, and is recorded at once.

use serde::Deserialize;

use super::account::shown;
use super::answer::Body;
use super::post::{Done, Submitted};
use super::query::Allowed;
use super::sign_in::once;
use super::state::State;
use super::upload::Sent;
use crate::backlog::{self, Wish, command};
use crate::db::AnyConnection;
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::exchange::sheet::{self, Grid};
use crate::exchange::{backlog as file, xlsx};
use crate::period::Precision;
use crate::report::asked::Asked;
use crate::report::backlog as report;
use crate::report::form::Filled;

pub(super) const PAGE: Allowed = Allowed { many: &[], one: &["department"] };

/// The page, or the sheet itself.
pub(super) fn page(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    match asked.format.as_deref() {
        Some("xlsx") => {
            let (known, of) = report::projects(conn, asked)?;
            let book = file::book(conn, &known, &of, asked.today(), asked.latest.seq)?;
            Ok(Body::xlsx(xlsx::write(&book)?, &format!("backlog-{}", asked.today())))
        }
        None | Some("html") => show(conn, asked, state, &Filled::default()),
        Some(other) => Err(Error::invalid("format", other, "可用 html、xlsx")),
    }
}

/// The page with what was typed. What is wrong with the document is mended where it was written:
/// under the preview.
pub(super) fn show(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    if let (Some("done"), Some(list)) = (filled.value("step"), filled.value("list")) {
        let wishes = file::read(&Grid::from_text(list)?)?;
        report::check_own(conn, asked, &wishes)?;
        let outcome = backlog::preview(conn, &wishes, asked.today(), asked.latest.seq)?;
        return once(state, "sections.html", &report::preview(conn, asked, list, &outcome, filled)?);
    }
    once(state, "sections.html", &report::page(conn, asked, filled)?)
}

/// A file: read before the database is asked for anything.
pub(super) fn check(state: &State, submitted: &Submitted, sent: Option<Sent>) -> Result<Done> {
    let sent = sent.ok_or_else(|| Error::invalid("file", "", "请选择填好的表"))?;
    look(state, submitted, &sheet::read(&sent.name, &sent.bytes)?)
}

/// What the sheet would change.
fn look(state: &State, submitted: &Submitted, grid: &Grid) -> Result<Done> {
    let list = file::read(grid)?;
    let carried = file::carried(grid)?;
    shown(state, submitted, "sections.html", |conn, asked| {
        report::check_own(conn, asked, &list)?;
        let outcome = backlog::preview(conn, &list, asked.today(), asked.latest.seq)?;
        report::preview(conn, asked, &carried, &outcome, &Filled::default())
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    list: Option<String>,
    step: Option<String>,
    document: Option<String>,
    document_title: Option<String>,
    document_issuer: Option<String>,
    document_date: Option<String>,
    accepts: Option<String>,
}

/// A pasted block is shown; from there all of it is recorded.
pub(super) fn load(state: &State, submitted: &Submitted) -> Result<Done> {
    let given: Given = submitted.form()?;
    let text = given.list.unwrap_or_default();
    if text.is_empty() {
        return Err(Error::invalid("list", "", "请粘贴整张表，连同列名一行"));
    }
    let grid = Grid::from_text(&text)?;
    if given.step.as_deref() != Some("done") {
        return look(state, submitted, &grid);
    }
    let list: Vec<Wish> = file::read(&grid)?;
    let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let dated = trimmed(given.document_date);
    let document = Citation {
        code: trimmed(given.document).unwrap_or_default(),
        title: trimmed(given.document_title),
        issuer: trimmed(given.document_issuer),
        dated: dated.map(|text| Precision::parse_date(&text).map_err(|error| error.of("document_date"))).transpose()?,
    };
    let accepts = given.accepts.as_deref() == Some("yes");
    let location = submitted.write(state, move |tx, actor| {
        let loaded = command::load(tx, actor, &list, &document, accepts)?;
        Ok(match loaded.head {
            Some(head) => format!("/backlog?done={}", head.seq),
            None => "/backlog".into(),
        })
    })?;
    Ok(location.into())
}
