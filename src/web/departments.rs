//! `/admin/departments` and `POST /api/v1/departments`: registering a department.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, web};
use serde::Deserialize;
use serde_json::json;

use super::get;
use super::post::{self, FORM, Made, Submitted};
use super::serve::{Face, serve};
use super::sign_in::once;
use super::state::State;
use super::viewer::Needs;
use crate::auth::Action;
use crate::document::Citation;
use crate::error::Result;
use crate::period::{Day, Precision};
use crate::project::department::NewDepartment;
use crate::project::department::command::register;
use crate::report::departments as report;
use crate::report::sign_in::page;

const OFFICE: Needs = Needs::May(Action::ChangeProject);

/// The pages.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/admin/departments",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, OFFICE, FORM, |conn, asked, state| {
                    once(state, "sections.html", &report::list(conn, asked)?)
                })
                .await
            }),
        )
        .route(
            "/admin/departments",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                post::form(request, payload, state, OFFICE, take, |_, asked, state, filled| {
                    once(state, "form.html", &page(asked, "登记部门", Vec::new(), report::form(asked, filled)))
                })
                .await
            }),
        );
}

/// The routes within `/api/v1`.
pub fn api_routes(config: &mut web::ServiceConfig) {
    config.route(
        "/departments",
        web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
            post::call(request, payload, state, OFFICE, |state, submitted| {
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
            })
            .await
        }),
    );
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

fn take(state: &State, submitted: &Submitted) -> Result<String> {
    let new = given(submitted.form()?)?;
    submitted.write(state, move |tx, actor| {
        let (_, head) = register(tx, actor, new)?;
        Ok(format!("/admin/departments?done={}", head.seq))
    })
}
