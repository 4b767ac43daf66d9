//! `/journal`: office and leader read who did what.

use super::answer::Body;
use super::pages::{Form, files};
use super::query::Allowed;
use super::state::State;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::report::asked::Asked;
use crate::report::journal;

/// What the journal is searched by.
pub(super) const SEARCH: Allowed =
    Allowed { many: &[], one: &["actor", "action", "subject", "since", "until", "before"] };

/// `/journal`.
pub(super) fn list(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    match asked.format.as_deref() {
        None | Some("html") => state.view.render("journal.html", &journal::build(conn, asked)?).map(Body::html),
        Some("csv") => files(asked, &journal::export(conn, asked)?, Form::Csv, "journal"),
        Some("json") => files(asked, &journal::export(conn, asked)?, Form::Json, "journal"),
        Some("jsonl") => Ok(Body {
            content_type: "application/jsonl; charset=utf-8",
            file_name: Some(format!("journal-{}.jsonl", asked.known.seq)),
            bytes: journal::chain(conn, asked)?.into_bytes().into(),
            lasts: true,
        }),
        Some(other) => Err(Error::invalid("format", other, "可用 html、csv、json、jsonl")),
    }
}

/// `/journal/{row}`.
pub(super) fn one(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    state.view.render("sections.html", &journal::one(conn, asked, asked.part("row"))?).map(Body::html)
}
