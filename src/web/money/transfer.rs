//! `/transfers/new`.

use actix_web::HttpRequest;
use actix_web::web::{Data, Payload, ServiceConfig, post};

use super::super::get;
use super::super::post::{self as sending, Submitted};
use super::super::serve::{Face, serve};
use super::super::state::State;
use super::entry::confirm_address;
use super::typed::{self, Fields, is_of_transfer};
use super::{RECORD, again, allowed, check_unmoved, html, rehearse};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::ledger::command::transfer;
use crate::report::asked::Asked;
use crate::report::form::{Filled, FormPage};
use crate::report::money::{self, amounts_of};

/// The names of a form's fields, rows included, as an address may hold them.
const TYPED: [&str; 111] = names();

const ROW_NAMES: [[&str; 5]; 20] = rows();

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route(
            "/transfers/new",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, RECORD, allowed(&TYPED), |conn, asked, state| {
                    let filled = Filled::from_address(asked);
                    match filled.value("step") {
                        Some("confirm") => html(state, "preview.html", &preview(conn, asked, &filled)?),
                        _ => html(state, "form.html", &money::transfer_form(conn, asked, &filled)?),
                    }
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
