//! The milestones' tables.

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{Milestone, MilestoneFact};
use crate::db::AnyConnection;
use crate::db::schema::{milestone, milestone_fact, withdrawal};
use crate::error::Result;
use crate::period::Day;

/// A project's milestone of a code.
pub fn find(conn: &mut AnyConnection, project_id: i64, code: &str) -> Result<Option<Milestone>> {
    Ok(milestone::table
        .filter(milestone::project_id.eq(project_id).and(milestone::code.eq(code)))
        .select(Milestone::as_select())
        .first(conn)
        .optional()?)
}

/// The milestone of an id.
pub fn find_by_id(conn: &mut AnyConnection, id: i64) -> Result<Option<Milestone>> {
    Ok(milestone::table.filter(milestone::id.eq(id)).select(Milestone::as_select()).first(conn).optional()?)
}

/// The milestone facts that one journal row recorded.
pub fn list_recorded(conn: &mut AnyConnection, seq: i64) -> Result<Vec<MilestoneFact>> {
    Ok(milestone_fact::table
        .filter(milestone_fact::seq.eq(seq))
        .order(milestone_fact::id)
        .select(MilestoneFact::as_select())
        .load(conn)?)
}

/// A milestone with everything said of it by then, in order of (effective day, id).
pub type Told = (Milestone, Vec<MilestoneFact>);

/// The milestones of the projects in `after < id ≤ last` at (`as_of`, `seq`).
pub fn list(conn: &mut AnyConnection, after: i64, last: i64, as_of: Day, seq: i64) -> Result<Vec<Told>> {
    let milestones: Vec<Milestone> = milestone::table
        .filter(milestone::project_id.gt(after).and(milestone::project_id.le(last)).and(milestone::seq.le(seq)))
        .order((milestone::project_id, milestone::position, milestone::id))
        .select(Milestone::as_select())
        .load(conn)?;
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.eq(milestone_fact::id).and(withdrawal::seq.le(seq)));
    let facts: Vec<MilestoneFact> = milestone_fact::table
        .inner_join(milestone::table.on(milestone::id.eq(milestone_fact::milestone_id)))
        .filter(milestone::project_id.gt(after).and(milestone::project_id.le(last)))
        .filter(milestone_fact::effective_on.le(as_of.raw()).and(milestone_fact::seq.le(seq)))
        .filter(not(exists(withdrawn)))
        .order((milestone_fact::effective_on, milestone_fact::id))
        .select(MilestoneFact::as_select())
        .load(conn)?;
    Ok(to_told(milestones, facts))
}

/// The milestones of these projects at (`as_of`, `seq`).
pub fn list_of(conn: &mut AnyConnection, projects: &[i64], as_of: Day, seq: i64) -> Result<Vec<Told>> {
    let milestones: Vec<Milestone> = milestone::table
        .filter(milestone::project_id.eq_any(projects).and(milestone::seq.le(seq)))
        .order((milestone::project_id, milestone::position, milestone::id))
        .select(Milestone::as_select())
        .load(conn)?;
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.eq(milestone_fact::id).and(withdrawal::seq.le(seq)));
    let facts: Vec<MilestoneFact> = milestone_fact::table
        .inner_join(milestone::table.on(milestone::id.eq(milestone_fact::milestone_id)))
        .filter(milestone::project_id.eq_any(projects))
        .filter(milestone_fact::effective_on.le(as_of.raw()).and(milestone_fact::seq.le(seq)))
        .filter(not(exists(withdrawn)))
        .order((milestone_fact::effective_on, milestone_fact::id))
        .select(MilestoneFact::as_select())
        .load(conn)?;
    Ok(to_told(milestones, facts))
}

fn to_told(milestones: Vec<Milestone>, facts: Vec<MilestoneFact>) -> Vec<Told> {
    let mut told: HashMap<i64, Vec<MilestoneFact>> = HashMap::new();
    for fact in facts {
        told.entry(fact.milestone_id).or_default().push(fact);
    }
    milestones.into_iter().map(|m| (told.remove(&m.id).unwrap_or_default(), m)).map(|(facts, m)| (m, facts)).collect()
}
