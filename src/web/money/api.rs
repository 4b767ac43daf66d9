//! `POST /api/v1/entries`, `/entries/{id}/reversal` and `/transfers`; `GET /api/v1/entries/{id}`.

use serde_json::{Value as Json, json};

use super::super::post::{Made, Submitted};
use super::super::state::State;
use super::entry::parse_id;
use super::typed::{self, ENTRY, Fields};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::{Names, entries_table, project_codes};
use crate::ledger::command::{Recorded, record_as, reverse, transfer};
use crate::ledger::{Entry, store};
use crate::project::store as projects;
use crate::report::asked::Asked;

/// Records an entry.
pub(in super::super) fn post(state: &State, submitted: &Submitted) -> Result<Made> {
    let known: Vec<&str> = ENTRY.iter().copied().chain(["document_date", "late", "paired"]).collect();
    let (typed, how) = Fields::of_json(&submitted.json, "", &known)
        .and_then(|fields| Ok((typed::entry(&fields)?, typed::how(&fields)?)))
        .map_err(|error| error.pointed())?;
    let made = submitted.make(state, move |tx, actor| {
        let done = record_as(tx, actor, typed.new, typed.document, how)?;
        made(tx.conn(), &done)
    });
    made.map_err(|error| error.pointed())
}

/// One entry.
pub(in super::super) fn one(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let id = asked.part("entry");
    let unknown = || Error::not_found("分录", id, "见 /api/v1/projects/{code}/entries");
    let entry = store::find(conn, parse_id(id)?)?.ok_or_else(unknown)?;
    let seen = entry.seq <= asked.known.seq && entry.occurred_on <= asked.as_of.raw();
    let state = projects::find_state_by_id(conn, entry.project_id, asked.as_of, asked.known.seq)?;
    match state.filter(|state| seen && asked.sees(state)) {
        Some(_) => told(conn, &entry),
        None => Err(unknown()),
    }
}

/// Takes an entry back.
pub(in super::super) fn post_reversal(state: &State, submitted: &Submitted) -> Result<Made> {
    let id = parse_id(submitted.part("entry"))?;
    let known = ["reason", "occurred_on", "document"];
    let (reversal, document) = Fields::of_json(&submitted.json, "", &known)
        .and_then(|fields| typed::reversal(id, &fields))
        .map_err(|error| error.pointed())?;
    let made = submitted.make(state, move |tx, actor| {
        let done = reverse(tx, actor, &reversal, document)?;
        made(tx.conn(), &done)
    });
    made.map_err(|error| error.pointed())
}

/// Moves money between projects.
pub(in super::super) fn post_transfer(state: &State, submitted: &Submitted) -> Result<Made> {
    let typed = typed::transfer_json(&submitted.json).map_err(|error| error.pointed())?;
    let made = submitted.make(state, move |tx, actor| {
        let (entries, head) = transfer(tx, actor, typed.new, typed.document)?;
        let told = entries.iter().map(|entry| told(tx.conn(), entry)).collect::<Result<Vec<_>>>()?;
        let body = json!({"seq": head.seq, "at": head.at.rfc3339(), "entries": told});
        let first = entries.first().map(|entry| entry.id).unwrap_or_default();
        Ok(Made::created(format!("/api/v1/entries/{first}"), body))
    });
    made.map_err(|error| error.pointed())
}

/// 201 with the entry, where it is, and its version: the number of the row that recorded it.
fn made(conn: &mut AnyConnection, done: &Recorded) -> Result<Made> {
    let (entry, head) = (&done.entry, &done.head);
    let mut body = told(conn, entry)?;
    body["at"] = json!(head.at.rfc3339());
    body["warnings"] = json!(done.warnings);
    let etag = Some(format!("\"{}\"", head.seq));
    Ok(Made { etag, ..Made::created(format!("/api/v1/entries/{}", entry.id), body) })
}

/// An entry as lists show it, with its id and number under the names of everything that is made.
fn told(conn: &mut AnyConnection, entry: &Entry) -> Result<Json> {
    let names = Names::load(conn)?;
    let one = std::slice::from_ref(entry);
    let codes = project_codes(conn, one)?;
    let Json::Array(mut rows) = entries_table(&names, &codes, one)?.to_json() else { return Ok(Json::Null) };
    let mut row = rows.pop().unwrap_or_default();
    row["id"] = json!(entry.id);
    row["seq"] = json!(entry.seq);
    Ok(row)
}
