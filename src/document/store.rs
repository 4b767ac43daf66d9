//! Reading documents, lines, assertions and findings.

use diesel::prelude::*;

use super::{Assertion, Document, Finding, PlanLine};
use crate::db::AnyConnection;
use crate::db::schema::{assertion, document, finding, plan_line};
use crate::error::Result;

/// The document of a code.
pub fn find_by_code(conn: &mut AnyConnection, code: &str) -> Result<Option<Document>> {
    Ok(document::table.filter(document::code.eq(code)).select(Document::as_select()).first(conn).optional()?)
}

/// The document of an id.
pub fn find(conn: &mut AnyConnection, id: i64) -> Result<Option<Document>> {
    Ok(document::table.filter(document::id.eq(id)).select(Document::as_select()).first(conn).optional()?)
}

/// Documents recorded by `seq`.
pub fn list(conn: &mut AnyConnection, seq: i64) -> Result<Vec<Document>> {
    Ok(document::table.filter(document::seq.le(seq)).order(document::id).select(Document::as_select()).load(conn)?)
}

/// The line of a code.
pub fn find_line(conn: &mut AnyConnection, code: &str) -> Result<Option<PlanLine>> {
    Ok(plan_line::table.filter(plan_line::code.eq(code)).select(PlanLine::as_select()).first(conn).optional()?)
}

/// All lines, in the order they were loaded.
pub fn list_lines(conn: &mut AnyConnection) -> Result<Vec<PlanLine>> {
    Ok(plan_line::table.order(plan_line::id).select(PlanLine::as_select()).load(conn)?)
}

/// All assertions.
pub fn list_assertions(conn: &mut AnyConnection) -> Result<Vec<Assertion>> {
    Ok(assertion::table.order(assertion::id).select(Assertion::as_select()).load(conn)?)
}

/// Findings recorded by `seq`, all of them.
pub fn list_findings(conn: &mut AnyConnection, seq: i64) -> Result<Vec<Finding>> {
    Ok(finding::table.filter(finding::seq.le(seq)).order(finding::id).select(Finding::as_select()).load(conn)?)
}

/// Findings about one subject.
pub fn list_findings_of(conn: &mut AnyConnection, kind: &str, code: &str) -> Result<Vec<Finding>> {
    Ok(finding::table
        .filter(finding::subject_kind.eq(kind).and(finding::subject_code.eq(code)))
        .order(finding::id)
        .select(Finding::as_select())
        .load(conn)?)
}

/// The line of an id.
pub fn find_line_by_id(conn: &mut AnyConnection, id: i64) -> Result<Option<PlanLine>> {
    Ok(plan_line::table.filter(plan_line::id.eq(id)).select(PlanLine::as_select()).first(conn).optional()?)
}
