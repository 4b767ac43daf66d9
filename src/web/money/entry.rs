//! `/entries/new` and `/entries/{id}/reversal`.

use super::super::answer::Body;
use super::super::post::{Done, Submitted};
use super::super::state::State;
use super::typed::{self, BESIDE, ENTRY, Fields};
use super::{again, check_unmoved, html, rehearse, show, warned};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::ledger::command::{record_as, reverse};
use crate::ledger::{Entry, Kind, store};
use crate::report::asked::Asked;
use crate::report::form::{Filled, FormPage};
use crate::report::money::{self, amount_of, amounts_back};

/// The form of an entry, or its preview when what it says has moved.
pub(in super::super) fn page(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    again(conn, asked, state, filled, money::entry_form, preview)
}

/// The page of a reversal.
pub(in super::super) fn reversal(
    conn: &mut AnyConnection,
    asked: &Asked,
    state: &State,
    filled: &Filled,
) -> Result<Body> {
    html(state, "preview.html", &reversal_page(conn, asked, asked.part("entry"), filled)?)
}

fn is_of_entry(name: &str) -> bool {
    ENTRY.contains(&name) || BESIDE.contains(&name)
}

/// First every rule is asked and the preview shown; confirmed, it is recorded.
pub(in super::super) fn submit(state: &State, submitted: &Submitted) -> Result<Done> {
    let fields = Fields::of_pairs(&submitted.pairs, is_of_entry)?;
    match fields.get("step") {
        Some("edit") => return show(state, submitted, "form.html", money::entry_form),
        Some("confirm") => {}
        _ => {
            let typed = typed::entry(&fields)?;
            let how = typed::how(&fields)?;
            let odd = rehearse(state, submitted, move |tx, actor| {
                Ok(record_as(tx, actor, typed.new, typed.document, how)?.warnings)
            })?;
            return show(state, submitted, "preview.html", |conn, asked, filled| {
                Ok(warned(preview(conn, asked, filled)?, odd))
            });
        }
    }
    let typed = typed::entry(&fields)?;
    let seen = fields.get("seen").unwrap_or_default().to_owned();
    let how = typed::how(&fields)?;
    let address = submitted.write(state, move |tx, actor| {
        check_unmoved(tx, &[amount_of(&typed.new)], &seen)?;
        let project = typed.new.project.clone();
        let done = record_as(tx, actor, typed.new, typed.document, how)?;
        Ok(format!("/projects/{project}?done={}", done.head.seq))
    })?;
    Ok(Done::Go(address))
}

fn preview(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<FormPage> {
    let typed = typed::entry(&Fields::of_pairs(&filled.values, is_of_entry)?)?;
    money::entry_preview(conn, asked, &typed, filled)
}

/// The number of an entry in an address.
pub(super) fn parse_id(id: &str) -> Result<i64> {
    id.parse().map_err(|_| unknown(id))
}

fn unknown(id: &str) -> Error {
    Error::not_found("分录", id, "编号是数字，见「分录」页")
}

/// An entry and, of a transfer, its other sides.
fn sides(conn: &mut AnyConnection, id: i64) -> Result<(Entry, Vec<Entry>)> {
    let entry = store::find(conn, id)?.ok_or_else(|| unknown(&id.to_string()))?;
    let sides = match Kind::from_code(entry.kind).is_some_and(Kind::has_sides) {
        true => store::list_sides(conn, &entry)?,
        false => vec![entry.clone()],
    };
    Ok((entry, sides))
}

fn reversal_page(conn: &mut AnyConnection, asked: &Asked, id: &str, filled: &Filled) -> Result<FormPage> {
    let (entry, sides) = sides(conn, parse_id(id)?)?;
    // What cannot be taken back is said before anything is filled in.
    if let Some(already) = store::find_reversal(conn, entry.id)? {
        return Err(Error::Conflict(format!("分录 {id} 已由分录 {} 冲正", already.id)));
    }
    if entry.kind == Kind::Reversal.code() {
        return Err(Error::Conflict(format!("分录 {id} 本身是冲正，不能再冲正；请记一笔新的")));
    }
    money::reversal_form(conn, asked, &entry, &sides, filled)
}

/// Takes an entry back.
pub(in super::super) fn take_back(state: &State, submitted: &Submitted) -> Result<String> {
    let fields =
        Fields::of_pairs(&submitted.pairs, |name| ["reason", "occurred_on", "document", "seen"].contains(&name))?;
    let (reversal, document) = typed::reversal(parse_id(submitted.part("entry"))?, &fields)?;
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
