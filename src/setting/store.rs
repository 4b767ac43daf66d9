//! The settings' table.

use diesel::prelude::*;

use super::Setting;
use crate::db::AnyConnection;
use crate::db::schema::setting;
use crate::error::Result;
use crate::period::Day;

/// What was last set by a day and a journal row.
pub fn find(conn: &mut AnyConnection, name: &str, as_of: Day, seq: i64) -> Result<Option<Setting>> {
    Ok(setting::table
        .filter(setting::name.eq(name).and(setting::effective_on.le(as_of.raw())).and(setting::seq.le(seq)))
        .order((setting::effective_on.desc(), setting::id.desc()))
        .select(Setting::as_select())
        .first(conn)
        .optional()?)
}

/// Everything set by a journal row, newest first.
pub fn list(conn: &mut AnyConnection, seq: i64) -> Result<Vec<Setting>> {
    Ok(setting::table.filter(setting::seq.le(seq)).order(setting::id.desc()).select(Setting::as_select()).load(conn)?)
}
