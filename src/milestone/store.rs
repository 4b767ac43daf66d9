//! The milestones' tables.

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{Clue, ClueAnswer, Milestone, MilestoneFact};
use crate::db::AnyConnection;
use crate::db::schema::{clue, clue_answer, milestone, milestone_fact, withdrawal};
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

/// The milestones that one journal row set up or said something of, in their order.
pub fn list_touched(conn: &mut AnyConnection, seq: i64) -> Result<Vec<Milestone>> {
    let said =
        milestone_fact::table.filter(milestone_fact::milestone_id.eq(milestone::id).and(milestone_fact::seq.eq(seq)));
    Ok(milestone::table
        .filter(milestone::seq.eq(seq).or(exists(said)))
        .order((milestone::position, milestone::id))
        .select(Milestone::as_select())
        .load(conn)?)
}

/// Everything ever said of a milestone and not withdrawn, in order of recording.
pub fn list_facts(conn: &mut AnyConnection, milestone_id: i64) -> Result<Vec<MilestoneFact>> {
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.eq(milestone_fact::id));
    Ok(milestone_fact::table
        .filter(milestone_fact::milestone_id.eq(milestone_id))
        .filter(not(exists(withdrawn)))
        .order(milestone_fact::id)
        .select(MilestoneFact::as_select())
        .load(conn)?)
}

/// The journal row that said the last thing of a milestone, a withdrawal included.
pub fn version(conn: &mut AnyConnection, milestone: &Milestone) -> Result<i64> {
    let said: Option<i64> = milestone_fact::table
        .filter(milestone_fact::milestone_id.eq(milestone.id))
        .order(milestone_fact::id.desc())
        .select(milestone_fact::seq)
        .first(conn)
        .optional()?;
    let taken: Option<i64> = withdrawal::table
        .inner_join(milestone_fact::table.on(milestone_fact::id.eq(withdrawal::fact_id)))
        .filter(milestone_fact::milestone_id.eq(milestone.id))
        .order(withdrawal::id.desc())
        .select(withdrawal::seq)
        .first(conn)
        .optional()?;
    Ok(milestone.seq.max(said.unwrap_or(0)).max(taken.unwrap_or(0)))
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

/// A clue, and what became of it by then.
pub type ClueTold = (Clue, Option<ClueAnswer>);

/// The clues about one project, or about all, recorded by `seq`, in order of their date.
pub fn list_clues(conn: &mut AnyConnection, project: Option<i64>, seq: i64) -> Result<Vec<ClueTold>> {
    let mut query = clue::table.filter(clue::seq.le(seq)).into_boxed();
    if let Some(project) = project {
        query = query.filter(clue::project_id.eq(project));
    }
    let clues: Vec<Clue> =
        query.order((clue::project_id, clue::happens_on, clue::id)).select(Clue::as_select()).load(conn)?;
    // What was confirmed by a fact that was withdrawn since is not confirmed.
    let withdrawn = withdrawal::table
        .filter(withdrawal::fact_id.nullable().eq(clue_answer::milestone_fact_id).and(withdrawal::seq.le(seq)));
    let answers: Vec<ClueAnswer> = clue_answer::table
        .filter(clue_answer::seq.le(seq).and(not(exists(withdrawn))))
        .order(clue_answer::id)
        .select(ClueAnswer::as_select())
        .load(conn)?;
    let mut answers: HashMap<i64, ClueAnswer> = answers.into_iter().map(|answer| (answer.clue_id, answer)).collect();
    Ok(clues.into_iter().map(|clue| (answers.remove(&clue.id), clue)).map(|(answer, clue)| (clue, answer)).collect())
}

/// The clue of an id.
pub fn find_clue(conn: &mut AnyConnection, id: i64) -> Result<Option<Clue>> {
    Ok(clue::table.filter(clue::id.eq(id)).select(Clue::as_select()).first(conn).optional()?)
}

/// What became of a clue; nothing once the fact that confirmed it is withdrawn.
pub fn find_answer(conn: &mut AnyConnection, clue_id: i64) -> Result<Option<ClueAnswer>> {
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.nullable().eq(clue_answer::milestone_fact_id));
    Ok(clue_answer::table
        .filter(clue_answer::clue_id.eq(clue_id).and(not(exists(withdrawn))))
        .order(clue_answer::id.desc())
        .select(ClueAnswer::as_select())
        .first(conn)
        .optional()?)
}
