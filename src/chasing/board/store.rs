//! Who owes a report.

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::Owed;
use crate::db::AnyConnection;
use crate::db::schema::{project, project_fact, withdrawal};
use crate::error::Result;
use crate::monthly::store::{is_quarterly, standings};
use crate::monthly::{duty, owes};
use crate::period::{Day, Month};
use crate::project::Attribute;

/// What decides whether a project owes a report, and what a reminder says of it.
const ASKED: [Attribute; 4] = [Attribute::Name, Attribute::LeadDepartment, Attribute::Stage, Attribute::ReportingFrom];

/// How every project stands with a month's report at the end of `as_of`, by what was recorded up to
/// `seq`, in order of registration. Only four attributes are read: ten thousand projects take a
/// fifth of what their whole registry would.
pub fn list_owed(conn: &mut AnyConnection, month: Month, as_of: Day, seq: i64) -> Result<Vec<Owed>> {
    let projects: Vec<(i64, String)> = project::table
        .filter(project::seq.le(seq).and(project::registered_on.le(as_of.raw())))
        .order(project::id)
        .select((project::id, project::code))
        .load(conn)?;
    let mut said: HashMap<(i64, String), String> = HashMap::with_capacity(ASKED.len() * projects.len());
    for (project, attribute, value) in facts(conn, as_of, seq)? {
        said.insert((project, attribute), value);
    }
    let ids: Vec<i64> = projects.iter().map(|(id, _)| *id).collect();
    let reports = standings(conn, &ids, month, as_of, seq)?;
    let quarterly = is_quarterly(conn, as_of, seq)?;
    let mut value = |id: i64, attribute: Attribute| said.remove(&(id, attribute.word().to_owned())).unwrap_or_default();
    Ok(projects
        .into_iter()
        .map(|(id, code)| {
            let stage = value(id, Attribute::Stage);
            let from = Month::parse(&value(id, Attribute::ReportingFrom)).ok();
            let from = from.filter(|_| owes(&stage, quarterly, month));
            let submitted = reports.get(&id).and_then(|standing| standing.first_submitted_on);
            let duty = duty(month, from, submitted, as_of);
            Owed { code, name: value(id, Attribute::Name), lead: value(id, Attribute::LeadDepartment), duty }
        })
        .collect())
}

/// The facts that decide, in an order in which the one that holds comes last.
fn facts(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<Vec<(i64, String, String)>> {
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.eq(project_fact::id).and(withdrawal::seq.le(seq)));
    Ok(project_fact::table
        .filter(project_fact::attribute.eq_any(ASKED.map(Attribute::word)))
        .filter(project_fact::effective_on.le(as_of.raw()).and(project_fact::seq.le(seq)))
        .filter(not(exists(withdrawn)))
        .order((project_fact::effective_on, project_fact::id))
        .select((project_fact::project_id, project_fact::attribute, project_fact::value))
        .load(conn)?)
}
