//! The tables of attachments and their bytes, and who cites a document.

use std::collections::BTreeSet;

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Attachment, Standing};
use crate::db::schema::{attachment, blob, plan_line, project_now};
use crate::db::{AnyConnection, Statement};
use crate::error::Result;

/// The attachment of an id.
pub fn find(conn: &mut AnyConnection, id: i64) -> Result<Option<Attachment>> {
    Ok(attachment::table.filter(attachment::id.eq(id)).select(Attachment::as_select()).first(conn).optional()?)
}

/// The attachment of a document with the same bytes.
pub fn find_same(conn: &mut AnyConnection, document_id: i64, sha256: &str) -> Result<Option<Attachment>> {
    Ok(attachment::table
        .filter(attachment::document_id.eq(document_id).and(attachment::sha256.eq(sha256)))
        .select(Attachment::as_select())
        .first(conn)
        .optional()?)
}

/// The attachments of a document recorded by `seq`, oldest first.
pub fn list_of(conn: &mut AnyConnection, document_id: i64, seq: i64) -> Result<Vec<Attachment>> {
    Ok(attachment::table
        .filter(attachment::document_id.eq(document_id).and(attachment::seq.le(seq)))
        .order(attachment::id)
        .select(Attachment::as_select())
        .load(conn)?)
}

/// Bytes by their SHA-256.
pub fn find_bytes(conn: &mut AnyConnection, sha256: &str) -> Result<Option<Vec<u8>>> {
    Ok(blob::table.filter(blob::sha256.eq(sha256)).select(blob::bytes).first(conn).optional()?)
}

/// Keeps bytes under their SHA-256, once. Writers take turns, so that looking first is safe.
pub(super) fn put_blob(conn: &mut AnyConnection, sha256: &str, bytes: &[u8]) -> Result<()> {
    let held = diesel::select(exists(blob::table.filter(blob::sha256.eq(sha256)))).get_result::<bool>(conn)?;
    if !held {
        diesel::insert_into(blob::table).values((blob::sha256.eq(sha256), blob::bytes.eq(bytes))).execute(conn)?;
    }
    Ok(())
}

/// How many bytes all attachments come to.
pub fn sum_of_sizes(conn: &mut AnyConnection) -> Result<i64> {
    #[derive(QueryableByName)]
    struct SizeRow {
        #[diesel(sql_type = BigInt)]
        size: i64,
    }
    let row: SizeRow =
        diesel::sql_query("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS size FROM attachment").get_result(conn)?;
    Ok(row.size)
}

/// Facts that cite documents: the table, and the project each is about. A test holds this list
/// against the schema: a new table that cites documents must say whom it makes a reader.
pub const CITING: [(&str, &str); 13] = [
    ("project", "SELECT id AS project_id, seq FROM project WHERE document_id = ? AND seq <= ?"),
    ("project_fact", "SELECT project_id, seq FROM project_fact WHERE document_id = ? AND seq <= ?"),
    ("entry", "SELECT project_id, seq FROM entry WHERE document_id = ? AND seq <= ?"),
    ("milestone", "SELECT project_id, seq FROM milestone WHERE document_id = ? AND seq <= ?"),
    (
        "milestone_fact",
        "SELECT m.project_id, f.seq FROM milestone_fact f JOIN milestone m ON m.id = f.milestone_id \
         WHERE f.document_id = ? AND f.seq <= ?",
    ),
    (
        "withdrawal",
        "SELECT COALESCE(p.project_id, m.project_id, 0) AS project_id, w.seq FROM withdrawal w \
         LEFT JOIN project_fact p ON p.id = w.fact_id \
         LEFT JOIN milestone_fact f ON f.id = w.fact_id LEFT JOIN milestone m ON m.id = f.milestone_id \
         WHERE w.document_id = ? AND w.seq <= ?",
    ),
    (
        "clue_answer",
        "SELECT c.project_id, a.seq FROM clue_answer a JOIN clue c ON c.id = a.clue_id \
         WHERE a.document_id = ? AND a.seq <= ?",
    ),
    ("plan_months", "SELECT project_id, seq FROM plan_months WHERE document_id = ? AND seq <= ?"),
    ("exemption", "SELECT project_id, seq FROM exemption WHERE document_id = ? AND seq <= ?"),
    // What people say of a light is not the public's: its evidence is cited after every publication.
    (
        "light_judgement",
        "SELECT project_id, CAST(9223372036854775807 AS BIGINT) AS seq FROM light_judgement \
         WHERE document_id = ? AND seq <= ?",
    ),
    // The paper original of a report is never published: it is cited after every publication.
    (
        "report_version",
        "SELECT project_id, CAST(9223372036854775807 AS BIGINT) AS seq FROM report_version \
         WHERE document_id = ? AND seq <= ?",
    ),
    // Nor are the photos of a report.
    (
        "report_photo",
        "SELECT project_id, CAST(9223372036854775807 AS BIGINT) AS seq FROM report_photo \
         WHERE document_id = ? AND seq <= ?",
    ),
    (
        "proposal_answer",
        "SELECT v.project_id, a.seq FROM proposal_answer a JOIN report_version v ON v.id = a.version_id \
         WHERE a.document_id = ? AND a.seq <= ?",
    ),
];

#[derive(QueryableByName)]
struct CitedRow {
    #[diesel(sql_type = BigInt)]
    project_id: i64,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// The projects that facts citing a document by `seq` are about, each with the first such row.
fn list_cited(conn: &mut AnyConnection, document_id: i64, seq: i64) -> Result<Vec<(i64, i64)>> {
    let union = CITING.map(|(_, query)| query).join(" UNION ALL ");
    let numbers = CITING.iter().flat_map(|_| [document_id, seq]).collect();
    let query = format!(
        "SELECT project_id, CAST(MIN(seq) AS BIGINT) AS seq FROM ({union}) c GROUP BY project_id ORDER BY project_id"
    );
    let rows: Vec<CitedRow> = match conn {
        AnyConnection::Sqlite(conn) => Statement::new(query, numbers).load(conn)?,
        AnyConnection::Pg(conn) => Statement::new(query, numbers).load(conn)?,
    };
    Ok(rows.into_iter().map(|row| (row.project_id, row.seq)).collect())
}

/// What decides who may read an attachment, as known at `seq`.
pub fn standing(conn: &mut AnyConnection, held: &Attachment, seq: i64) -> Result<Standing> {
    let is_plan = diesel::select(exists(plan_line::table.filter(plan_line::document_id.eq(held.document_id))))
        .get_result::<bool>(conn)?;
    Ok(Standing { attached: held.seq, is_plan, cited: list_cited(conn, held.document_id, seq)? })
}

/// The codes of the departments that lead a project which cites the document, as things stand now.
pub(super) fn list_citing_leads(conn: &mut AnyConnection, document_id: i64) -> Result<Vec<String>> {
    let projects: Vec<i64> = list_cited(conn, document_id, i64::MAX)?.into_iter().map(|(project, _)| project).collect();
    let mut leads = BTreeSet::new();
    for chunk in projects.chunks(500) {
        let found: Vec<String> = project_now::table
            .filter(project_now::project_id.eq_any(chunk.to_vec()))
            .select(project_now::department)
            .distinct()
            .load(conn)?;
        leads.extend(found);
    }
    leads.remove("");
    Ok(leads.into_iter().collect())
}
