//! The reminders, and where they are mailed.

use diesel::prelude::*;

use super::{Chase, MAIL};
use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::db::schema::{chase, journal, mailbox};
use crate::error::Result;
use crate::period::Month;

/// The reminders of a month by a journal row, newest first.
pub fn list_chases(conn: &mut AnyConnection, month: Month, seq: i64) -> Result<Vec<Chase>> {
    Ok(chase::table
        .filter(chase::month.eq(month.raw()).and(chase::seq.le(seq)))
        .order(chase::id.desc())
        .select(Chase::as_select())
        .load(conn)?)
}

/// The departments that this program has written to about a month since an instant.
pub fn list_mailed_since(conn: &mut AnyConnection, month: Month, since: Instant) -> Result<Vec<String>> {
    Ok(chase::table
        .inner_join(journal::table.on(journal::seq.eq(chase::seq)))
        .filter(chase::month.eq(month.raw()).and(chase::way.eq(MAIL)))
        .filter(journal::at_us.ge(since.micros()))
        .select(chase::department)
        .load(conn)?)
}

/// Where a department's reminders are mailed; empty: nowhere.
pub fn address(conn: &mut AnyConnection, department: &str) -> Result<String> {
    let found: Option<String> =
        mailbox::table.filter(mailbox::department.eq(department)).select(mailbox::address).first(conn).optional()?;
    Ok(found.unwrap_or_default())
}

/// The departments that have one.
pub fn list_addresses(conn: &mut AnyConnection) -> Result<Vec<(String, String)>> {
    Ok(mailbox::table.order(mailbox::department).select((mailbox::department, mailbox::address)).load(conn)?)
}

/// Puts down, or takes away, where a department's reminders are mailed.
pub(super) fn put_address(conn: &mut AnyConnection, department: &str, address: &str) -> Result<()> {
    diesel::delete(mailbox::table.filter(mailbox::department.eq(department))).execute(conn)?;
    if !address.is_empty() {
        let row = (mailbox::department.eq(department), mailbox::address.eq(address));
        diesel::insert_into(mailbox::table).values(row).execute(conn)?;
    }
    Ok(())
}
