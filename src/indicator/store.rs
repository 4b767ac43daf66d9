//! The indicators' table.

use diesel::prelude::*;

use super::Indicator;
use crate::db::AnyConnection;
use crate::db::schema::indicator;
use crate::error::Result;

/// All sub-indicators in the plan's order, as recorded by `seq`.
pub fn list(conn: &mut AnyConnection, seq: i64) -> Result<Vec<Indicator>> {
    Ok(indicator::table
        .filter(indicator::seq.le(seq))
        .order(indicator::id)
        .select(Indicator::as_select())
        .load(conn)?)
}

/// Indicators of one plan line.
pub fn list_by_line(conn: &mut AnyConnection, line_id: i64) -> Result<Vec<Indicator>> {
    Ok(indicator::table
        .filter(indicator::line_id.eq(line_id))
        .order(indicator::id)
        .select(Indicator::as_select())
        .load(conn)?)
}
