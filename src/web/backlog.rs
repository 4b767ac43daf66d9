//! `/backlog`: 存量补录. The sheet goes down filled in, comes back, is shown, and is recorded at once.

use actix_web::HttpRequest;
use actix_web::web::{Data, Payload, ServiceConfig, post};
use serde::Deserialize;

use super::account::shown;
use super::answer::Body;
use super::get;
use super::post::{self as sending, Done, Submitted};
use super::query::Allowed;
use super::serve::{Face, serve};
use super::sign_in::once;
use super::state::State;
use super::upload::{Sent, upload};
use super::viewer::Needs;
use crate::auth::Action;
use crate::backlog::{self, Wish, command};
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::exchange::sheet::{self, Grid};
use crate::exchange::{backlog as file, xlsx};
use crate::period::Precision;
use crate::report::backlog as report;
use crate::report::form::Filled;

const CHECK: Needs = Needs::May(Action::CheckBacklog);
const PAGE: Allowed = Allowed { many: &[], one: &["department"] };

/// The routes of 存量补录.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route(
            "/backlog",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, CHECK, PAGE, |conn, asked, state| match asked.format.as_deref() {
                    Some("xlsx") => {
                        let (known, of) = report::projects(conn, asked)?;
                        let book = file::book(conn, &known, &of, asked.today(), asked.latest.seq)?;
                        Ok(Body::xlsx(xlsx::write(&book)?, &format!("backlog-{}", asked.today())))
                    }
                    None | Some("html") => {
                        once(state, "sections.html", &report::page(conn, asked, &Filled::default())?)
                    }
                    Some(other) => Err(Error::invalid("format", other, "可用 html、xlsx")),
                })
                .await
            }),
        )
        .route(
            "/backlog/check",
            post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                upload(request, payload, state, CHECK, check, |conn, asked, state, filled| {
                    once(state, "sections.html", &report::page(conn, asked, filled)?)
                })
                .await
            }),
        )
        .route(
            "/backlog/load",
            post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                sending::form(request, payload, state, CHECK, load, |conn, asked, state, filled| {
                    match (filled.value("step"), filled.value("list")) {
                        // What is wrong with the document is mended where it was written.
                        (Some("done"), Some(list)) => {
                            let wishes = file::read(&Grid::from_text(list)?)?;
                            report::check_own(conn, asked, &wishes)?;
                            let outcome = backlog::preview(conn, &wishes, asked.today(), asked.latest.seq)?;
                            once(state, "sections.html", &report::preview(conn, asked, list, &outcome, filled)?)
                        }
                        _ => once(state, "sections.html", &report::page(conn, asked, filled)?),
                    }
                })
                .await
            }),
        );
}

/// A file: read before the database is asked for anything.
fn check(state: &State, submitted: &Submitted, sent: Option<Sent>) -> Result<Done> {
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
fn load(state: &State, submitted: &Submitted) -> Result<Done> {
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
