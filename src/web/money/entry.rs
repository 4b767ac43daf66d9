//! `/entries/new` and `/entries/{id}/reversal`.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path, Payload, ServiceConfig, post};

use super::super::get;
use super::super::post::{self as sending, Submitted};
use super::super::serve::{Face, serve};
use super::super::state::State;
use super::typed::{self, BESIDE, ENTRY, Fields};
use super::{RECORD, again, allowed, check_unmoved, html, rehearse};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::ledger::command::{record, reverse};
use crate::ledger::{Entry, Kind, store};
use crate::report::asked::Asked;
use crate::report::form::{Filled, FormPage};
use crate::report::money::{self, amount_of, amounts_back};

const TYPED: [&str; 16] = [
    "project", "measure", "kind", "year", "source", "amount", "unit", "occurred_on", "reason", "is_estimate", "note",
    "document", "document_title", "document_issuer", "document_date", "step",
];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route(
            "/entries/new",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, RECORD, allowed(&TYPED), |conn, asked, state| {
                    let filled = Filled::from_address(asked);
                    match filled.value("step") {
                        Some("confirm") => html(state, "preview.html", &preview(conn, asked, &filled)?),
                        _ => html(state, "form.html", &money::entry_form(conn, asked, &filled)?),
                    }
                })
                .await
            }),
        )
        .route(
            "/entries/new",
            post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                sending::form(request, payload, state, RECORD, submit, |conn, asked, state, filled| {
                    again(conn, asked, state, filled, money::entry_form, preview)
                })
                .await
            }),
        )
        .route(
            "/entries/{id}/reversal",
            get().to(async |request: HttpRequest, state: Data<State>, id: Path<String>| {
                serve(request, state, Face::Page, RECORD, allowed(&["reason"]), move |conn, asked, state| {
                    let page = reversal_page(conn, asked, &id, &Filled::from_address(asked))?;
                    html(state, "preview.html", &page)
                })
                .await
            }),
        )
        .route(
            "/entries/{id}/reversal",
            post().to(async |request: HttpRequest, payload: Payload, state: Data<State>, id: Path<String>| {
                let shown = id.clone();
                let submit = move |state: &State, submitted: &Submitted| take_back(state, submitted, &id);
                sending::form(request, payload, state, RECORD, submit, move |conn, asked, state, filled| {
                    html(state, "preview.html", &reversal_page(conn, asked, &shown, filled)?)
                })
                .await
            }),
        );
}

fn is_of_entry(name: &str) -> bool {
    ENTRY.contains(&name) || BESIDE.contains(&name)
}

/// First step: every rule is asked, then the preview's address. Second: it is recorded.
fn submit(state: &State, submitted: &Submitted) -> Result<String> {
    let fields = Fields::of_pairs(&submitted.pairs, is_of_entry)?;
    let typed = typed::entry(&fields)?;
    if fields.get("step") != Some("confirm") {
        rehearse(state, submitted, move |tx, actor| record(tx, actor, typed.new, typed.document).map(drop))?;
        return Ok(confirm_address("/entries/new", submitted));
    }
    let seen = fields.get("seen").unwrap_or_default().to_owned();
    submitted.write(state, move |tx, actor| {
        check_unmoved(tx, &[amount_of(&typed.new)], &seen)?;
        let project = typed.new.project.clone();
        let done = record(tx, actor, typed.new, typed.document)?;
        Ok(format!("/projects/{project}?done={}", done.head.seq))
    })
}

/// The address of the preview: everything typed is in it, so that going back loses nothing.
pub(super) fn confirm_address(path: &str, submitted: &Submitted) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let typed = submitted.pairs.iter().filter(|(name, value)| name != "step" && name != "seen" && !value.is_empty());
    let pairs: Vec<String> =
        typed.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))).collect();
    format!("{path}?step=confirm&{}", pairs.join("&"))
}

fn preview(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<FormPage> {
    let typed = typed::entry(&Fields::of_pairs(&filled.values, is_of_entry)?)?;
    money::entry_preview(conn, asked, &typed, filled)
}

fn parse_id(id: &str) -> Result<i64> {
    id.parse().map_err(|_| unknown(id))
}

fn unknown(id: &str) -> Error {
    Error::not_found("分录", id, "编号是数字，见「分录」页")
}

/// An entry and, of a transfer, its other sides.
pub(super) fn sides(conn: &mut AnyConnection, id: i64) -> Result<(Entry, Vec<Entry>)> {
    let entry = store::find(conn, id)?.ok_or_else(|| unknown(&id.to_string()))?;
    let sides = match entry.kind == Kind::Transfer.code() {
        true => store::list_sides(conn, &entry)?,
        false => vec![entry.clone()],
    };
    Ok((entry, sides))
}

fn reversal_page(conn: &mut AnyConnection, asked: &Asked, id: &str, filled: &Filled) -> Result<FormPage> {
    let (entry, sides) = sides(conn, parse_id(id)?)?;
    money::reversal_form(conn, asked, &entry, &sides, filled)
}

fn take_back(state: &State, submitted: &Submitted, id: &str) -> Result<String> {
    let fields =
        Fields::of_pairs(&submitted.pairs, |name| ["reason", "occurred_on", "document", "seen"].contains(&name))?;
    let (reversal, document) = typed::reversal(parse_id(id)?, &fields)?;
    let seen = fields.get("seen").unwrap_or_default().to_owned();
    submitted.write(state, move |tx, actor| {
        let (_, sides) = sides(tx.conn(), reversal.id)?;
        let amounts = amounts_back(tx.conn(), &sides)?;
        let project = amounts.first().map(|amount| amount.project.clone()).unwrap_or_default();
        // What stands reversed already is refused as that, not as something that moved.
        if store::find_reversal(tx.conn(), reversal.id)?.is_none() {
            check_unmoved(tx, &amounts, &seen)?;
        }
        let done = reverse(tx, actor, &reversal, document)?;
        Ok(format!("/projects/{project}?done={}", done.head.seq))
    })
}
