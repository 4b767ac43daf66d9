//! Claims, and how much is confirmed, counted by the database.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Text};

use super::{CONFIRMABLE, Claim, Known};
use crate::db::AnyConnection;
use crate::db::schema::{claim, project};
use crate::error::Result;
use crate::period::Day;
use crate::project::store;

/// The names values can be given by.
pub fn known(conn: &mut AnyConnection) -> Result<Known> {
    Ok(Known {
        categories: store::list_categories(conn)?.into_iter().map(|c| (c.slug, c.name)).collect(),
        departments: store::list_departments(conn)?.into_iter().map(|d| (d.code, d.name)).collect(),
    })
}

/// What departments said of a project by a journal row, newest first.
pub fn list_claims(conn: &mut AnyConnection, project_id: i64, seq: i64) -> Result<Vec<Claim>> {
    Ok(claim::table
        .filter(claim::project_id.eq(project_id).and(claim::seq.le(seq)))
        .order(claim::id.desc())
        .select(Claim::as_select())
        .load(conn)?)
}

/// Everything departments said by a journal row, with the project's code, newest first.
pub fn list_all_claims(conn: &mut AnyConnection, seq: i64, limit: i64) -> Result<Vec<(Claim, String)>> {
    Ok(claim::table
        .inner_join(project::table.on(project::id.eq(claim::project_id)))
        .filter(claim::seq.le(seq))
        .order(claim::id.desc())
        .limit(limit)
        .select((Claim::as_select(), project::code))
        .load(conn)?)
}

/// So many projects whose attribute has a value of a status.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Count {
    /// The attribute's word.
    #[diesel(sql_type = Text)]
    pub attribute: String,
    /// `stated`, `inferred` or `confirmed`.
    #[diesel(sql_type = Text)]
    pub status: String,
    /// The lead department's code as it stands now; empty: none, or not grouped.
    #[diesel(sql_type = Text)]
    pub department: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

/// The fact in force of each project and attribute, as of $1, known at $2: no later one holds.
const IN_FORCE: &str = "f.effective_on <= $1 AND f.seq <= $2 \
    AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.fact_id = f.id AND w.seq <= $2) \
    AND NOT EXISTS (SELECT 1 FROM project_fact g WHERE g.project_id = f.project_id AND g.attribute = f.attribute \
        AND g.effective_on <= $1 AND g.seq <= $2 \
        AND (g.effective_on > f.effective_on OR (g.effective_on = f.effective_on AND g.id > f.id)) \
        AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.fact_id = g.id AND w.seq <= $2))";

fn words() -> String {
    CONFIRMABLE.map(|attribute| format!("'{}'", attribute.word())).join(", ")
}

/// How many projects have each attribute in each status.
pub fn count_by_status(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<Vec<Count>> {
    let sql = format!(
        "SELECT f.attribute AS attribute, f.status AS status, '' AS department, COUNT(*) AS n FROM project_fact f \
         WHERE f.attribute IN ({}) AND {IN_FORCE} GROUP BY 1, 2 ORDER BY 1, 2",
        words()
    );
    Ok(sql_query(sql).bind::<Integer, _>(as_of.raw()).bind::<BigInt, _>(seq).load(conn)?)
}

/// The same, by the lead department as it stands now.
pub fn count_by_department(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<Vec<Count>> {
    let sql = format!(
        "SELECT f.attribute AS attribute, f.status AS status, n.department AS department, COUNT(*) AS n \
         FROM project_fact f JOIN project_now n ON n.project_id = f.project_id \
         WHERE f.attribute IN ({}) AND {IN_FORCE} GROUP BY 1, 2, 3 ORDER BY 3, 1, 2",
        words()
    );
    Ok(sql_query(sql).bind::<Integer, _>(as_of.raw()).bind::<BigInt, _>(seq).load(conn)?)
}

#[derive(QueryableByName)]
struct Total {
    #[diesel(sql_type = Text)]
    department: String,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many projects each department leads now; empty: none.
pub fn count_projects(conn: &mut AnyConnection) -> Result<Vec<(String, i64)>> {
    let rows: Vec<Total> =
        sql_query("SELECT department, COUNT(*) AS n FROM project_now GROUP BY 1 ORDER BY 1").load(conn)?;
    Ok(rows.into_iter().map(|row| (row.department, row.n)).collect())
}

/// How many projects were registered by a day and a journal row.
pub fn count_registered(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<i64> {
    Ok(project::table
        .filter(project::registered_on.le(as_of.raw()).and(project::seq.le(seq)))
        .count()
        .get_result(conn)?)
}

/// How many projects have neither their system nor their lead department in doubt: 「20/32」.
pub fn count_settled(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<i64> {
    let sql = format!(
        "SELECT '' AS department, COUNT(*) AS n FROM (SELECT f.project_id FROM project_fact f \
         WHERE f.attribute IN ('category', 'lead_department') AND f.status IN ('confirmed', 'stated') AND {IN_FORCE} \
         GROUP BY f.project_id HAVING COUNT(*) = 2) AS settled"
    );
    let rows: Vec<Total> = sql_query(sql).bind::<Integer, _>(as_of.raw()).bind::<BigInt, _>(seq).load(conn)?;
    Ok(rows.first().map_or(0, |row| row.n))
}
