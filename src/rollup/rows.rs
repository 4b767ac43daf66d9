//! Each project with its figures: what a table of projects lists, and what groups are made of.

use std::collections::HashMap;

use super::filter::holds;
use super::fold::Deadline;
use super::{Figures, Filter, Milestones, NONE, current, store};
use crate::db::{AnyConnection, Head};
use crate::error::Result;
use crate::milestone::{self, state_at};
use crate::period::Day;
use crate::project::department::is_among;
use crate::project::{Attribute, Hidden, ProjectState};
use crate::subtotal::counter::{COUNTERS, Fact, FactKind};

/// A project at (as of, known at), with its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRow {
    /// What the registry says.
    pub state: ProjectState,
    /// Its money and milestones.
    pub figures: Figures,
}

/// Projects a chunk: what a page of the registry costs in memory stays small.
pub(super) const CHUNK: i64 = 2_000;

/// Calls `each` with the registry chunk by chunk.
pub fn each_state(
    conn: &mut AnyConnection,
    as_of: Day,
    known: &Head,
    deadline: &Deadline,
    mut each: impl FnMut(Vec<ProjectState>) -> Result<()>,
) -> Result<()> {
    let mut after = 0;
    loop {
        deadline.check()?;
        let states = crate::project::store::list_states(conn, as_of, known.seq, after, CHUNK)?;
        let Some(last) = states.last() else { return Ok(()) };
        after = last.project.id;
        each(states)?;
    }
}

/// The milestones of each project, counted at (`as_of`, `known`).
pub(super) fn milestones_by_project(
    conn: &mut AnyConnection,
    as_of: Day,
    known: &Head,
    deadline: &Deadline,
) -> Result<HashMap<i64, Milestones>> {
    let mut counts: HashMap<i64, Milestones> = HashMap::new();
    let last = crate::project::store::last_id(conn)?;
    let mut after = 0;
    while after < last {
        deadline.check()?;
        for (milestone, facts) in milestone::store::list(conn, after, after + CHUNK, as_of, known.seq)? {
            let slot = counts.entry(milestone.project_id).or_default();
            *slot = slot.plus(count(&facts, as_of)?);
        }
        after += CHUNK;
    }
    Ok(counts)
}

/// A stored milestone fact as far as counting needs it.
pub fn counted(fact: &milestone::MilestoneFact) -> Result<Fact> {
    Ok(Fact {
        kind: FactKind::from_code(fact.kind)
            .ok_or_else(|| crate::error::Error::internal("节点事实种类无效", fact.kind.to_string()))?,
        happens_on: Day::from_raw(fact.happens_on)?,
        effective_on: Day::from_raw(fact.effective_on)?,
    })
}

/// Whether a project is within the filter's project attributes.
pub fn fits(filter: &Filter, state: &ProjectState) -> bool {
    let one_of =
        |wanted: &[String], attribute| wanted.is_empty() || wanted.contains(&key(filter.hidden, state, attribute));
    let year_of = |wanted: &[i32], attribute| {
        wanted.is_empty() || state.year(attribute).is_some_and(|year| wanted.contains(&year))
    };
    one_of(&filter.category, Attribute::Category)
        && one_of(&filter.department, Attribute::LeadDepartment)
        && one_of(&filter.nature, Attribute::Nature)
        && one_of(&filter.stage, Attribute::Stage)
        && year_of(&filter.start_year, Attribute::StartYear)
        && year_of(&filter.end_year, Attribute::EndYear)
        && filter.active_in.is_none_or(|year| is_active(state, year))
        && (filter.supports.is_empty()
            || is_among(filter.hidden.value(state, Attribute::SupportDepartments), &filter.supports))
        && filter.own.as_ref().is_none_or(|own| own.holds(state))
        && filter.q.as_deref().is_none_or(|words| {
            holds(&state.project.code, state.value(Attribute::Name), state.value(Attribute::Content), words)
        })
}

/// Whether a project of which nothing is said yet is within the filter.
pub(super) fn fits_unregistered(filter: &Filter) -> bool {
    let unsaid = |wanted: &[String]| wanted.is_empty() || wanted.iter().any(|key| key == NONE);
    [&filter.category, &filter.department, &filter.nature, &filter.stage].into_iter().all(|wanted| unsaid(wanted))
        && filter.start_year.is_empty()
        && filter.end_year.is_empty()
        && filter.active_in.is_none()
        && filter.supports.is_empty()
        && filter.own.is_none()
        && filter.q.is_none()
}

/// The key a project has in a dimension of its own; [`NONE`] when nothing is said, or nothing that
/// the reader is shown.
pub(super) fn key(hidden: Hidden, state: &ProjectState, attribute: Attribute) -> String {
    match hidden.value(state, attribute) {
        "" => NONE.to_owned(),
        value => value.to_owned(),
    }
}

fn is_active(state: &ProjectState, year: i32) -> bool {
    match (state.year(Attribute::StartYear), state.year(Attribute::EndYear)) {
        (Some(start), Some(end)) => start <= year && year <= end,
        _ => false,
    }
}

/// The projects of a system with the largest investment, today: code, name, figures.
pub fn largest(
    conn: &mut AnyConnection,
    hidden: Hidden,
    category: &str,
    limit: i64,
) -> Result<Vec<(String, String, Figures)>> {
    current::store::list_largest(conn, hidden, category, limit)
}

/// One project with its figures, from its own entries and milestones; whatever of it is hidden from
/// some is in it.
pub fn find(conn: &mut AnyConnection, as_of: Day, known: &Head, code: &str) -> Result<Option<ProjectRow>> {
    let Some(state) = crate::project::store::find_state(conn, code, as_of, known.seq)? else { return Ok(None) };
    let id = state.project.id;
    let sums = store::project_sums(conn, id, as_of, known.seq)?;
    let mut milestones = Milestones::default();
    for (_, facts) in milestone::store::list(conn, id - 1, id, as_of, known.seq)? {
        milestones = milestones.plus(count(&facts, as_of)?);
    }
    Ok(Some(ProjectRow { state, figures: Figures { projects: Some(1), sums, milestones: Some(milestones) } }))
}

/// How one milestone counts.
pub(super) fn count(facts: &[milestone::MilestoneFact], as_of: Day) -> Result<Milestones> {
    let facts = facts.iter().map(counted).collect::<Result<Vec<_>>>()?;
    let state = state_at(&facts, as_of);
    let [planned, due, met, late] = COUNTERS.map(|counter| i64::from(state.counts(counter, as_of)));
    Ok(Milestones { planned, due, met, late })
}
