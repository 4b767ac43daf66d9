//! The registry's tables.

use std::collections::{BTreeMap, HashMap};

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{Attribute, Category, Department, Project, ProjectFact, ProjectState, Source, Standing, Status};
use crate::db::AnyConnection;
use crate::db::schema::{category, department, project, project_fact, source, withdrawal};
use crate::error::Result;
use crate::period::Day;

/// The systems, in the plan's order.
pub fn list_categories(conn: &mut AnyConnection) -> Result<Vec<Category>> {
    Ok(category::table.order((category::position, category::id)).select(Category::as_select()).load(conn)?)
}

/// The departments, in the order they were recorded.
pub fn list_departments(conn: &mut AnyConnection) -> Result<Vec<Department>> {
    Ok(department::table.order(department::id).select(Department::as_select()).load(conn)?)
}

/// The funding sources, in order.
pub fn list_sources(conn: &mut AnyConnection) -> Result<Vec<Source>> {
    Ok(source::table.order((source::position, source::id)).select(Source::as_select()).load(conn)?)
}

/// The system of a slug.
pub fn find_category(conn: &mut AnyConnection, slug: &str) -> Result<Option<Category>> {
    Ok(category::table.filter(category::slug.eq(slug)).select(Category::as_select()).first(conn).optional()?)
}

/// The department of a code.
pub fn find_department(conn: &mut AnyConnection, code: &str) -> Result<Option<Department>> {
    Ok(department::table.filter(department::code.eq(code)).select(Department::as_select()).first(conn).optional()?)
}

/// The funding source of a code.
pub fn find_source(conn: &mut AnyConnection, code: &str) -> Result<Option<Source>> {
    Ok(source::table.filter(source::code.eq(code)).select(Source::as_select()).first(conn).optional()?)
}

/// The project of a code.
pub fn find(conn: &mut AnyConnection, code: &str) -> Result<Option<Project>> {
    Ok(project::table.filter(project::code.eq(code)).select(Project::as_select()).first(conn).optional()?)
}

/// How many projects there are, whenever registered.
pub fn count(conn: &mut AnyConnection) -> Result<i64> {
    Ok(project::table.count().get_result(conn)?)
}

/// The greatest id of a project; 0 when there is none.
pub fn last_id(conn: &mut AnyConnection) -> Result<i64> {
    Ok(project::table.select(diesel::dsl::max(project::id)).first::<Option<i64>>(conn)?.unwrap_or(0))
}

/// The registry at (`as_of`, `seq`): projects after `after_id` in order of id, at most `limit`.
pub fn list_states(
    conn: &mut AnyConnection,
    as_of: Day,
    seq: i64,
    after_id: i64,
    limit: i64,
) -> Result<Vec<ProjectState>> {
    let projects: Vec<Project> = project::table
        .filter(project::id.gt(after_id).and(project::seq.le(seq)).and(project::registered_on.le(as_of.raw())))
        .order(project::id)
        .limit(limit)
        .select(Project::as_select())
        .load(conn)?;
    let (Some(first), Some(last)) = (projects.first(), projects.last()) else { return Ok(Vec::new()) };
    let facts = list_facts(conn, as_of, seq, Of::Span(first.id, last.id))?;
    to_states(projects, facts)
}

/// The registry at (`as_of`, `seq`) of these projects, in order of id.
pub fn list_states_of(conn: &mut AnyConnection, as_of: Day, seq: i64, ids: &[i64]) -> Result<Vec<ProjectState>> {
    let projects: Vec<Project> = project::table
        .filter(project::id.eq_any(ids))
        .filter(project::seq.le(seq).and(project::registered_on.le(as_of.raw())))
        .order(project::id)
        .select(Project::as_select())
        .load(conn)?;
    let facts = list_facts(conn, as_of, seq, Of::These(ids))?;
    to_states(projects, facts)
}

fn to_states(projects: Vec<Project>, facts: Vec<ProjectFact>) -> Result<Vec<ProjectState>> {
    let mut by_project: HashMap<i64, BTreeMap<Attribute, Standing>> = HashMap::new();
    for fact in facts {
        let standing = Standing { status: Status::parse(&fact.status)?, fact };
        by_project
            .entry(standing.fact.project_id)
            .or_default()
            .insert(Attribute::parse(&standing.fact.attribute)?, standing);
    }
    Ok(projects
        .into_iter()
        .map(|project| ProjectState { facts: by_project.remove(&project.id).unwrap_or_default(), project })
        .collect())
}

/// One project at (`as_of`, `seq`), if it was registered by then.
pub fn find_state(conn: &mut AnyConnection, code: &str, as_of: Day, seq: i64) -> Result<Option<ProjectState>> {
    let Some(found) = find(conn, code)? else { return Ok(None) };
    find_state_by_id(conn, found.id, as_of, seq)
}

/// The same, of an id.
pub fn find_state_by_id(conn: &mut AnyConnection, id: i64, as_of: Day, seq: i64) -> Result<Option<ProjectState>> {
    Ok(list_states(conn, as_of, seq, id - 1, 1)?.pop().filter(|state| state.project.id == id))
}

/// The codes of the sources that are fiscal; see [`super::NOT_FISCAL`].
pub fn list_fiscal_codes(conn: &mut AnyConnection) -> Result<Vec<String>> {
    let codes = list_sources(conn)?.into_iter().map(|source| source.code);
    Ok(codes.filter(|code| !super::NOT_FISCAL.contains(&code.as_str())).collect())
}

/// The projects of which an attribute was ever said to be this; of some it may be something else by now.
pub fn list_ever(conn: &mut AnyConnection, attribute: Attribute, value: &str) -> Result<Vec<i64>> {
    Ok(project_fact::table
        .filter(project_fact::attribute.eq(attribute.word()).and(project_fact::value.eq(value)))
        .select(project_fact::project_id)
        .distinct()
        .order(project_fact::project_id)
        .load(conn)?)
}

/// Whose facts.
#[derive(Debug, Clone, Copy)]
enum Of<'a> {
    /// From the first id to the last.
    Span(i64, i64),
    These(&'a [i64]),
}

/// Facts in force or overtaken, not withdrawn; of one attribute the winner comes last.
fn list_facts(conn: &mut AnyConnection, as_of: Day, seq: i64, of: Of<'_>) -> Result<Vec<ProjectFact>> {
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.eq(project_fact::id).and(withdrawal::seq.le(seq)));
    let query = project_fact::table
        .filter(project_fact::effective_on.le(as_of.raw()))
        .filter(project_fact::seq.le(seq))
        .filter(not(exists(withdrawn)))
        .order((project_fact::project_id, project_fact::attribute, project_fact::effective_on, project_fact::id))
        .select(ProjectFact::as_select())
        .into_boxed();
    Ok(match of {
        Of::Span(first, last) => query.filter(project_fact::project_id.between(first, last)).load(conn)?,
        Of::These(ids) => query.filter(project_fact::project_id.eq_any(ids)).load(conn)?,
    })
}

/// A project's version by a journal row: the row of its latest fact, withdrawals among them.
pub fn version(conn: &mut AnyConnection, project_id: i64, seq: i64) -> Result<i64> {
    let said: Option<i64> = project_fact::table
        .filter(project_fact::project_id.eq(project_id).and(project_fact::seq.le(seq)))
        .order(project_fact::seq.desc())
        .select(project_fact::seq)
        .first(conn)
        .optional()?;
    let taken: Option<i64> = withdrawal::table
        .inner_join(project_fact::table.on(project_fact::id.eq(withdrawal::fact_id)))
        .filter(project_fact::project_id.eq(project_id).and(withdrawal::seq.le(seq)))
        .order(withdrawal::seq.desc())
        .select(withdrawal::seq)
        .first(conn)
        .optional()?;
    let registered: i64 = project::table.filter(project::id.eq(project_id)).select(project::seq).first(conn)?;
    Ok(registered.max(said.unwrap_or(0)).max(taken.unwrap_or(0)))
}

/// Everything ever said of a project by `seq`, with what was withdrawn by then marked.
pub fn list_history(conn: &mut AnyConnection, project_id: i64, seq: i64) -> Result<Vec<(ProjectFact, bool)>> {
    let facts: Vec<ProjectFact> = project_fact::table
        .filter(project_fact::project_id.eq(project_id).and(project_fact::seq.le(seq)))
        .order((project_fact::effective_on, project_fact::id))
        .select(ProjectFact::as_select())
        .load(conn)?;
    let gone: Vec<i64> = withdrawal::table
        .inner_join(project_fact::table.on(project_fact::id.eq(withdrawal::fact_id)))
        .filter(project_fact::project_id.eq(project_id).and(withdrawal::seq.le(seq)))
        .select(withdrawal::fact_id)
        .load(conn)?;
    Ok(facts
        .into_iter()
        .map(|fact| {
            let withdrawn = gone.contains(&fact.id);
            (fact, withdrawn)
        })
        .collect())
}

/// The registry facts that one journal row recorded.
pub fn list_recorded(conn: &mut AnyConnection, seq: i64) -> Result<Vec<ProjectFact>> {
    Ok(project_fact::table
        .filter(project_fact::seq.eq(seq))
        .order(project_fact::id)
        .select(ProjectFact::as_select())
        .load(conn)?)
}

/// What facts that are more than inferred say of who leads and who supports, each value once.
pub fn list_named_departments(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<Vec<String>> {
    let attributes = [Attribute::LeadDepartment.word(), Attribute::SupportDepartments.word()];
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.eq(project_fact::id).and(withdrawal::seq.le(seq)));
    Ok(project_fact::table
        .filter(project_fact::attribute.eq_any(attributes).and(project_fact::status.ne(Status::Inferred.word())))
        .filter(project_fact::effective_on.le(as_of.raw()).and(project_fact::seq.le(seq)))
        .filter(not(exists(withdrawn)))
        .select(project_fact::value)
        .distinct()
        .order(project_fact::value)
        .load(conn)?)
}

/// Facts that rest on a plan line.
pub fn list_by_line(conn: &mut AnyConnection, line_id: i64, seq: i64) -> Result<Vec<ProjectFact>> {
    Ok(project_fact::table
        .filter(project_fact::line_id.eq(line_id).and(project_fact::seq.le(seq)))
        .order(project_fact::id)
        .select(ProjectFact::as_select())
        .load(conn)?)
}

/// The project whose row a plan line is.
pub fn find_by_line(conn: &mut AnyConnection, line_id: i64) -> Result<Option<Project>> {
    Ok(project::table.filter(project::line_id.eq(line_id)).select(Project::as_select()).first(conn).optional()?)
}

/// Whether a fact was withdrawn by now.
pub fn is_withdrawn(conn: &mut AnyConnection, fact_id: i64) -> Result<bool> {
    Ok(diesel::select(exists(withdrawal::table.filter(withdrawal::fact_id.eq(fact_id)))).get_result::<bool>(conn)?)
}

/// The project of an id.
pub fn find_by_id(conn: &mut AnyConnection, id: i64) -> Result<Option<Project>> {
    Ok(project::table.filter(project::id.eq(id)).select(Project::as_select()).first(conn).optional()?)
}

/// The codes of some projects, by id; however many, all of them, or one a thousand times.
pub fn list_codes_of(conn: &mut AnyConnection, ids: &[i64]) -> Result<HashMap<i64, String>> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut codes = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(1_000) {
        let rows: Vec<(i64, String)> =
            project::table.filter(project::id.eq_any(ids)).select((project::id, project::code)).load(conn)?;
        codes.extend(rows);
    }
    Ok(codes)
}

/// The id of the project registered before this one.
pub fn find_id_before(conn: &mut AnyConnection, id: i64) -> Result<Option<i64>> {
    Ok(project::table
        .filter(project::id.lt(id))
        .order(project::id.desc())
        .select(project::id)
        .first(conn)
        .optional()?)
}
