//! The publications' table.

use diesel::prelude::*;

use super::Publication;
use crate::db::AnyConnection;
use crate::db::schema::publication;
use crate::error::Result;
use crate::period::Month;

/// The last publication.
pub fn find_latest(conn: &mut AnyConnection) -> Result<Option<Publication>> {
    Ok(publication::table.order(publication::id.desc()).select(Publication::as_select()).first(conn).optional()?)
}

/// The publications of a month, newest first.
pub fn list_of(conn: &mut AnyConnection, month: Month) -> Result<Vec<Publication>> {
    Ok(publication::table
        .filter(publication::month.eq(month.raw()))
        .order(publication::id.desc())
        .select(Publication::as_select())
        .load(conn)?)
}

/// Every publication, newest first.
pub fn list(conn: &mut AnyConnection) -> Result<Vec<Publication>> {
    Ok(publication::table.order(publication::id.desc()).select(Publication::as_select()).load(conn)?)
}
