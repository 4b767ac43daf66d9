//! `/transfers/new`.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::answer::Body;
use super::super::post::{Done, Submitted};
use super::super::state::State;
use super::typed::{self, Fields, is_of_transfer};
use super::{again, check_unmoved, rehearse, show, warned};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::journal::store::find;
use crate::ledger::command::transfer;
use crate::report::asked::Asked;
use crate::report::form::{Filled, FormPage};
use crate::report::money::{self, amounts_of};

/// The form of a transfer, or its preview when what it says has moved.
pub(in super::super) fn page(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    again(conn, asked, state, filled, money::transfer_form, preview)
}

/// First every rule is asked and the preview shown; confirmed, all of it is recorded.
pub(in super::super) fn submit(state: &State, submitted: &Submitted) -> Result<Done> {
    let fields = Fields::of_pairs(&submitted.pairs, is_of_transfer)?;
    match fields.get("step") {
        Some("edit") => return show(state, submitted, "form.html", money::transfer_form),
        Some("more") => return show(state, submitted, "form.html", money::transfer_form_longer),
        Some("confirm") => {}
        _ => {
            let typed = typed::transfer_rows(&fields)?;
            let odd = rehearse(state, submitted, move |tx, actor| {
                let (_, head) = transfer(tx, actor, typed.new, typed.document)?;
                find(tx.conn(), head.seq)?.map_or_else(|| Ok(Vec::new()), |row| row.warnings())
            })?;
            return show(state, submitted, "preview.html", |conn, asked, filled| {
                Ok(warned(preview(conn, asked, filled)?, odd))
            });
        }
    }
    let typed = typed::transfer_rows(&fields)?;
    let seen = fields.get("seen").unwrap_or_default().to_owned();
    // The rows just recorded, among those of their document.
    let code = utf8_percent_encode(&typed.document.code, NON_ALPHANUMERIC).to_string();
    let address = submitted.write(state, move |tx, actor| {
        check_unmoved(tx, &amounts_of(&typed.new.lines), &seen)?;
        let (_, head) = transfer(tx, actor, typed.new, typed.document)?;
        Ok(format!("/entries?document={code}&done={}", head.seq))
    })?;
    Ok(Done::Go(address))
}

fn preview(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<FormPage> {
    let typed = typed::transfer_rows(&Fields::of_pairs(&filled.values, is_of_transfer)?)?;
    money::transfer_preview(conn, asked, &typed, filled)
}
