//! Claims, and how much is confirmed, counted by the database.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use super::{Claim, Known};
use crate::db::AnyConnection;
use crate::db::schema::{claim, project};
use crate::error::Result;
use crate::project::{Attribute, store};

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

/// So many projects led by a department whose attribute has a value of a status.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Count {
    /// The lead department's code as it stands now; empty: none.
    #[diesel(sql_type = Text)]
    pub department: String,
    /// `stated`, `inferred`, `confirmed`; empty: nothing is said.
    #[diesel(sql_type = Text)]
    pub status: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

/// How an attribute stands now, by lead department: read from one row a project, or for what is
/// said of few projects from its facts.
pub fn count(conn: &mut AnyConnection, attribute: Attribute) -> Result<Vec<Count>> {
    let column = match attribute {
        Attribute::Category => "category_status",
        Attribute::LeadDepartment => "department_status",
        Attribute::Nature => "nature_status",
        Attribute::SupportDepartments => "supports_status",
        _ => return count_facts(conn, attribute),
    };
    let sql =
        format!("SELECT department, {column} AS status, COUNT(*) AS n FROM project_now GROUP BY 1, 2 ORDER BY 1, 2");
    Ok(sql_query(sql).load(conn)?)
}

/// Nothing is dated later than it was recorded, so the last of what holds is what holds now.
fn count_facts(conn: &mut AnyConnection, attribute: Attribute) -> Result<Vec<Count>> {
    Ok(sql_query(
        "SELECT n.department AS department, COALESCE(f.status, '') AS status, COUNT(*) AS n FROM project_now n \
         LEFT JOIN project_fact f ON f.project_id = n.project_id AND f.attribute = $1 \
         AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.fact_id = f.id) \
         AND NOT EXISTS (SELECT 1 FROM project_fact g WHERE g.project_id = f.project_id AND g.attribute = f.attribute \
         AND (g.effective_on > f.effective_on OR (g.effective_on = f.effective_on AND g.id > f.id)) \
         AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.fact_id = g.id)) \
         GROUP BY 1, 2 ORDER BY 1, 2",
    )
    .bind::<Text, _>(attribute.word())
    .load(conn)?)
}

/// How many projects have neither their system nor their lead department in doubt, and how many
/// there are: 「20/32」.
pub fn count_settled(conn: &mut AnyConnection) -> Result<(i64, i64)> {
    let rows: Vec<Count> = sql_query(
        "SELECT '' AS department, CASE WHEN category_status IN ('confirmed', 'stated') \
         AND department_status IN ('confirmed', 'stated') THEN 'settled' ELSE '' END AS status, COUNT(*) AS n \
         FROM project_now GROUP BY 2",
    )
    .load(conn)?;
    let settled = rows.iter().filter(|row| row.status == "settled").map(|row| row.n).sum();
    Ok((settled, rows.iter().map(|row| row.n).sum()))
}
