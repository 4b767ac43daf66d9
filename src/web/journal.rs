//! `/journal`: office and leader read who did what.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, web};

use super::answer::Body;
use super::get;
use super::pages::{Form, files};
use super::query::Allowed;
use super::serve::{Face, serve};
use super::state::State;
use super::viewer::Needs;
use crate::auth::Action;
use crate::error::Error;
use crate::report::journal;

const READ: Needs = Needs::May(Action::ReadJournal);
const JOURNAL: Allowed = Allowed { many: &[], one: &["actor", "action", "subject", "since", "until", "before"] };

/// The journal's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/journal",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, READ, JOURNAL, |conn, asked, state| match asked.format.as_deref() {
                    None | Some("html") => {
                        state.view.render("journal.html", &journal::build(conn, asked)?).map(Body::html)
                    }
                    Some("csv") => files(asked, &journal::export(conn, asked)?, Form::Csv, "journal"),
                    Some("json") => files(asked, &journal::export(conn, asked)?, Form::Json, "journal"),
                    Some("jsonl") => Ok(Body {
                        content_type: "application/jsonl; charset=utf-8",
                        file_name: Some(format!("journal-{}.jsonl", asked.known.seq)),
                        bytes: journal::chain(conn, asked)?.into_bytes().into(),
                        lasts: true,
                    }),
                    Some(other) => Err(Error::invalid("format", other, "可用 html、csv、json、jsonl")),
                })
                .await
            }),
        )
        .route(
            "/journal/{seq}",
            get().to(async |request: HttpRequest, state: Data<State>, seq: Path<String>| {
                serve(request, state, Face::Page, READ, Allowed::VIEW, move |conn, asked, state| {
                    state.view.render("sections.html", &journal::one(conn, asked, &seq)?).map(Body::html)
                })
                .await
            }),
        );
}
