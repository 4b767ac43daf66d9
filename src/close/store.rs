//! The table of locks.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{Close, Kind, Locks};
use crate::db::AnyConnection;
use crate::db::schema::{close, department, project_now};
use crate::error::Result;

/// Every lock and reopening of a kind by a journal row, in order.
pub fn list(conn: &mut AnyConnection, kind: Kind, seq: i64) -> Result<Vec<Close>> {
    Ok(close::table
        .filter(close::kind.eq(kind.word()).and(close::seq.le(seq)))
        .order(close::id)
        .select(Close::as_select())
        .load(conn)?)
}

/// What is locked of a kind, as known at a journal row.
pub fn locks(conn: &mut AnyConnection, kind: Kind, seq: i64) -> Result<Locks> {
    Locks::after(&list(conn, kind, seq)?)
}

/// The department that leads a project now; empty: none, or the project is new.
pub(super) fn lead_of(conn: &mut AnyConnection, project_id: i64) -> Result<String> {
    let lead: Option<String> = project_now::table
        .filter(project_now::project_id.eq(project_id))
        .select(project_now::department)
        .first(conn)
        .optional()?;
    Ok(lead.unwrap_or_default())
}

/// Whether there is a department of a code.
pub(super) fn has_department(conn: &mut AnyConnection, code: &str) -> Result<bool> {
    Ok(diesel::select(exists(department::table.filter(department::code.eq(code)))).get_result(conn)?)
}
