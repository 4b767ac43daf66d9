//! The publications' table.

use diesel::prelude::*;

use super::Publication;
use crate::db::AnyConnection;
use crate::db::schema::publication;
use crate::error::Result;

/// The last publication.
pub fn find_latest(conn: &mut AnyConnection) -> Result<Option<Publication>> {
    Ok(publication::table.order(publication::id.desc()).select(Publication::as_select()).first(conn).optional()?)
}

/// Every publication, newest first.
pub fn list(conn: &mut AnyConnection) -> Result<Vec<Publication>> {
    Ok(publication::table.order(publication::id.desc()).select(Publication::as_select()).load(conn)?)
}
