//! The table of submissions: operational, not facts.

use diesel::prelude::*;

use super::Key;
use crate::db::AnyConnection;
use crate::db::schema::submission;
use crate::error::Result;

/// What was kept of a key.
#[derive(Queryable)]
pub(super) struct Held {
    pub(super) body_sha256: String,
    pub(super) answer: String,
}

pub(super) fn find(conn: &mut AnyConnection, key: &Key, oldest_us: i64) -> Result<Option<Held>> {
    Ok(submission::table
        .filter(submission::actor.eq(&key.actor))
        .filter(submission::route.eq(&key.route))
        .filter(submission::submission_key.eq(&key.key))
        .filter(submission::at_us.ge(oldest_us))
        .select((submission::body_sha256, submission::answer))
        .first(conn)
        .optional()?)
}

pub(super) fn insert(conn: &mut AnyConnection, key: &Key, answer: &str, at_us: i64) -> Result<()> {
    diesel::insert_into(submission::table)
        .values((
            submission::actor.eq(&key.actor),
            submission::route.eq(&key.route),
            submission::submission_key.eq(&key.key),
            submission::body_sha256.eq(&key.body_sha256),
            submission::answer.eq(answer),
            submission::at_us.eq(at_us),
        ))
        .execute(conn)?;
    Ok(())
}

/// Lets go of what nobody asks for any more.
pub(super) fn drop_before(conn: &mut AnyConnection, oldest_us: i64) -> Result<()> {
    diesel::delete(submission::table.filter(submission::at_us.lt(oldest_us))).execute(conn)?;
    Ok(())
}
