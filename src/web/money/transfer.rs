//! `/transfers/new`.

use actix_web::HttpRequest;
use actix_web::web::{Data, Payload, ServiceConfig, post};

use super::super::get;
use super::super::post::{self as sending, Done, FORM, Submitted};
use super::super::serve::{Face, serve};
use super::super::state::State;
use super::typed::{self, Fields, is_of_transfer};
use super::{RECORD, again, check_unmoved, html, rehearse, show};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::ledger::command::transfer;
use crate::report::asked::Asked;
use crate::report::form::{Filled, FormPage};
use crate::report::money::{self, amounts_of};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route(
            "/transfers/new",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, RECORD, FORM, |conn, asked, state| {
                    html(state, "form.html", &money::transfer_form(conn, asked, &Filled::from_address(asked))?)
                })
                .await
            }),
        )
        .route(
            "/transfers/new",
            post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                sending::form(request, payload, state, RECORD, submit, |conn, asked, state, filled| {
                    again(conn, asked, state, filled, money::transfer_form, preview)
                })
                .await
            }),
        );
}

/// First every rule is asked and the preview shown; confirmed, all of it is recorded.
fn submit(state: &State, submitted: &Submitted) -> Result<Done> {
    let fields = Fields::of_pairs(&submitted.pairs, is_of_transfer)?;
    match fields.get("step") {
        Some("edit") => return show(state, submitted, "form.html", money::transfer_form),
        Some("more") => return show(state, submitted, "form.html", money::transfer_form_longer),
        Some("confirm") => {}
        _ => {
            let typed = typed::transfer_rows(&fields)?;
            rehearse(state, submitted, move |tx, actor| transfer(tx, actor, typed.new, typed.document).map(drop))?;
            return show(state, submitted, "preview.html", preview);
        }
    }
    let typed = typed::transfer_rows(&fields)?;
    let seen = fields.get("seen").unwrap_or_default().to_owned();
    let address = submitted.write(state, move |tx, actor| {
        check_unmoved(tx, &amounts_of(&typed.new.lines), &seen)?;
        let (_, head) = transfer(tx, actor, typed.new, typed.document)?;
        Ok(format!("/entries?done={}", head.seq))
    })?;
    Ok(Done::Go(address))
}

fn preview(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<FormPage> {
    let typed = typed::transfer_rows(&Fields::of_pairs(&filled.values, is_of_transfer)?)?;
    money::transfer_preview(conn, asked, &typed, filled)
}
