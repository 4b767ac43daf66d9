//! The monthly reports' tables.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use super::content::of_year;
use super::course::{Course, Event, Step, course};
use super::figures::Figures;
use super::{
    ProblemAnswer, ProposalAnswer, ReportLine, ReportPhoto, ReportProblem, ReportStep, ReportVersion, ReviewWaiver,
    State,
};
use crate::clock::Instant;
use crate::db::AnyConnection;
use crate::db::schema::{
    journal, problem_answer, proposal_answer, publication, report_draft, report_line, report_photo, report_problem,
    report_step, report_version, review_waiver,
};
use crate::error::Result;
use crate::ledger::store as ledger;
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Month};
use crate::project::{Attribute, store as registry};
use crate::setting;

/// Ids of one query: below SQLite's limit of parameters with room.
const CHUNK: usize = 1_000;

/// Where the reports of a month stand: what lists, boards and lights ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// The day of the first submission that counts; see [`super::duty()`].
    pub first_submitted_on: Option<Day>,
    /// The state.
    pub state: State,
    /// The version that stands.
    pub version: Option<i64>,
    /// The journal row of the last event; 0 when there is none.
    pub seq: i64,
}

impl From<Course> for Standing {
    fn from(course: Course) -> Standing {
        let Course { state, first_submitted_on, version, seq, .. } = course;
        Standing { first_submitted_on, state, version, seq }
    }
}

/// Where the reports of `month` stand at the end of `as_of`, by what was recorded up to `seq`. Every
/// project asked for has an answer.
pub fn standings(
    conn: &mut AnyConnection,
    projects: &[i64],
    month: Month,
    as_of: Day,
    seq: i64,
) -> Result<BTreeMap<i64, Standing>> {
    let published = published_up_to(conn, month, seq)?;
    let mut all: BTreeMap<i64, Standing> = projects.iter().map(|id| (*id, Standing::default())).collect();
    for ids in projects.chunks(CHUNK) {
        for (project, events) in events_of(conn, ids, month, as_of, seq)? {
            all.insert(project, course(&events, published).into());
        }
    }
    Ok(all)
}

fn events_of(
    conn: &mut AnyConnection,
    projects: &[i64],
    month: Month,
    as_of: Day,
    seq: i64,
) -> Result<HashMap<i64, Vec<Event>>> {
    let versions: Vec<ReportVersion> = report_version::table
        .filter(report_version::month.eq(month.raw()).and(report_version::project_id.eq_any(projects)))
        .filter(report_version::submitted_on.le(as_of.raw()).and(report_version::seq.le(seq)))
        .select(ReportVersion::as_select())
        .load(conn)?;
    let steps: Vec<ReportStep> = report_step::table
        .filter(report_step::month.eq(month.raw()).and(report_step::project_id.eq_any(projects)))
        .filter(report_step::taken_on.le(as_of.raw()).and(report_step::seq.le(seq)))
        .select(ReportStep::as_select())
        .load(conn)?;
    let mut events: HashMap<i64, Vec<Event>> = HashMap::new();
    for version in &versions {
        events.entry(version.project_id).or_default().push(version.event()?);
    }
    for step in &steps {
        events.entry(step.project_id).or_default().push(step.event()?);
    }
    events.values_mut().for_each(|events| events.sort_by_key(|event| event.seq));
    Ok(events)
}

/// The journal row up to which the last publication of a month (or a later one) knows.
fn published_up_to(conn: &mut AnyConnection, month: Month, seq: i64) -> Result<Option<i64>> {
    Ok(publication::table
        .filter(publication::month.ge(month.raw()).and(publication::seq.le(seq)))
        .select(diesel::dsl::max(publication::known_seq))
        .first(conn)?)
}

/// Where one report stands.
pub fn course_of(conn: &mut AnyConnection, project: i64, month: Month, as_of: Day, seq: i64) -> Result<Course> {
    let published = published_up_to(conn, month, seq)?;
    let events = events_of(conn, &[project], month, as_of, seq)?.remove(&project).unwrap_or_default();
    Ok(course(&events, published))
}

/// A version with whoever submitted it and when, as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told<F> {
    /// The fact.
    pub fact: F,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Instant,
}

fn told<F>(rows: Vec<(F, String, i64)>) -> Vec<Told<F>> {
    rows.into_iter().map(|(fact, by, at)| Told { fact, by, at: Instant::from_micros(at) }).collect()
}

/// Whether projects in 前期 report each quarter, on a day.
pub fn is_quarterly(conn: &mut AnyConnection, on: Day, seq: i64) -> Result<bool> {
    Ok(setting::get(conn, setting::PREPARATION_REPORTS, on, seq)? == "quarterly")
}

/// The versions of a report, oldest first.
pub fn list_versions(
    conn: &mut AnyConnection,
    project: i64,
    month: Month,
    seq: i64,
) -> Result<Vec<Told<ReportVersion>>> {
    let rows = report_version::table
        .inner_join(journal::table.on(journal::seq.eq(report_version::seq)))
        .filter(report_version::project_id.eq(project).and(report_version::month.eq(month.raw())))
        .filter(report_version::seq.le(seq))
        .order(report_version::id)
        .select((ReportVersion::as_select(), journal::actor, journal::at_us))
        .load(conn)?;
    Ok(told(rows))
}

/// What became of them, oldest first.
pub fn list_steps(conn: &mut AnyConnection, project: i64, month: Month, seq: i64) -> Result<Vec<Told<ReportStep>>> {
    let rows = report_step::table
        .inner_join(journal::table.on(journal::seq.eq(report_step::seq)))
        .filter(report_step::project_id.eq(project).and(report_step::month.eq(month.raw())))
        .filter(report_step::seq.le(seq))
        .order(report_step::id)
        .select((ReportStep::as_select(), journal::actor, journal::at_us))
        .load(conn)?;
    Ok(told(rows))
}

/// The version of an id.
pub fn find_version(conn: &mut AnyConnection, id: i64) -> Result<Option<ReportVersion>> {
    Ok(report_version::table
        .filter(report_version::id.eq(id))
        .select(ReportVersion::as_select())
        .first(conn)
        .optional()?)
}

/// Who submitted a version.
pub fn submitted_by(conn: &mut AnyConnection, version: &ReportVersion) -> Result<String> {
    Ok(journal::table.filter(journal::seq.eq(version.seq)).select(journal::actor).first(conn)?)
}

/// The versions of some ids, in order of id.
pub fn list_versions_of(conn: &mut AnyConnection, ids: &[i64]) -> Result<Vec<ReportVersion>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<ReportVersion> = report_version::table
            .filter(report_version::id.eq_any(ids))
            .order(report_version::id)
            .select(ReportVersion::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// What a version says of money by source.
pub fn list_lines(conn: &mut AnyConnection, version: i64) -> Result<Vec<ReportLine>> {
    Ok(report_line::table
        .filter(report_line::version_id.eq(version))
        .order(report_line::id)
        .select(ReportLine::as_select())
        .load(conn)?)
}

/// What a version says is in the way, with 办结.
pub fn list_problems(conn: &mut AnyConnection, version: i64) -> Result<Vec<(ReportProblem, Option<ProblemAnswer>)>> {
    Ok(report_problem::table
        .left_join(problem_answer::table.on(problem_answer::problem_id.eq(report_problem::id)))
        .filter(report_problem::version_id.eq(version))
        .order(report_problem::id)
        .select((ReportProblem::as_select(), Option::<ProblemAnswer>::as_select()))
        .load(conn)?)
}

/// The last month of which each of these projects has an approved report, by a day and a journal row.
pub fn last_approved(conn: &mut AnyConnection, ids: &[i64], as_of: Day, seq: i64) -> Result<HashMap<i64, Month>> {
    let mut last = HashMap::new();
    for ids in ids.chunks(500) {
        let rows: Vec<(i64, Option<i32>)> = report_step::table
            .filter(report_step::project_id.eq_any(ids.to_vec()).and(report_step::step.eq(Step::Approve.word())))
            .filter(report_step::taken_on.le(as_of.raw()).and(report_step::seq.le(seq)))
            .group_by(report_step::project_id)
            .select((report_step::project_id, diesel::dsl::max(report_step::month)))
            .load(conn)?;
        last.extend(months_of(rows)?);
    }
    Ok(last)
}

/// The photos of a project and month, in order, by a day and a journal row.
pub fn list_photos(
    conn: &mut AnyConnection,
    project: i64,
    month: Month,
    (as_of, seq): (Day, i64),
) -> Result<Vec<ReportPhoto>> {
    Ok(report_photo::table
        .filter(report_photo::project_id.eq(project).and(report_photo::month.eq(month.raw())))
        .filter(report_photo::added_on.le(as_of.raw()).and(report_photo::seq.le(seq)))
        .order(report_photo::id)
        .select(ReportPhoto::as_select())
        .load(conn)?)
}

/// The last month of which each of these projects has a photo, by a day and a journal row.
pub fn last_photographed(conn: &mut AnyConnection, ids: &[i64], as_of: Day, seq: i64) -> Result<HashMap<i64, Month>> {
    let mut last = HashMap::new();
    for ids in ids.chunks(500) {
        let rows: Vec<(i64, Option<i32>)> = report_photo::table
            .filter(report_photo::project_id.eq_any(ids.to_vec()))
            .filter(report_photo::added_on.le(as_of.raw()).and(report_photo::seq.le(seq)))
            .group_by(report_photo::project_id)
            .select((report_photo::project_id, diesel::dsl::max(report_photo::month)))
            .load(conn)?;
        last.extend(months_of(rows)?);
    }
    Ok(last)
}

/// The months beside ids, of those that have one.
fn months_of(rows: Vec<(i64, Option<i32>)>) -> Result<Vec<(i64, Month)>> {
    rows.into_iter().filter_map(|(id, month)| Some(Month::from_raw(month?).map(|month| (id, month)))).collect()
}

/// The months a project has reported, latest first.
pub fn list_months(conn: &mut AnyConnection, project: i64, seq: i64) -> Result<Vec<Month>> {
    let months: Vec<i32> = report_version::table
        .filter(report_version::project_id.eq(project).and(report_version::seq.le(seq)))
        .select(report_version::month)
        .distinct()
        .order(report_version::month.desc())
        .load(conn)?;
    months.into_iter().map(Month::from_raw).collect()
}

/// The money a report of `month` builds on, by what was recorded up to `seq`.
pub fn figures(conn: &mut AnyConnection, project: i64, month: Month, seq: i64) -> Result<Figures> {
    let mut sum = |measure, years, days| -> Result<Option<Fen>> {
        let sum = ledger::sum_of(conn, project, measure, years, days, seq)?;
        Ok((sum.n > 0).then_some(Fen::new(sum.fen)))
    };
    let year = month.first_day().year().get();
    let (first, last) = (month.first_day().raw(), month.last_day().raw());
    let always = (0, i32::MAX);
    let investment = sum(Measure::Investment, always, always)?;
    let plan = sum(Measure::Plan, (year, year), always)?;
    let before_year = sum(Measure::Completed, (0, year - 1), always)?.unwrap_or(Fen::ZERO);
    let recorded = sum(Measure::Completed, (year, year), (0, first - 1))?.unwrap_or(Fen::ZERO);
    let elsewhere = sum(Measure::Completed, (year, year), (first, last))?;
    let pending = pending(conn, project, month, seq)?;
    let base = pending.iter().try_fold(recorded, |sum, (_, fen)| sum.checked_add(*fen))?;
    Ok(Figures { investment, plan, before_year, base, pending, elsewhere })
}

/// What submitted reports of earlier months of the year say that are not approved yet.
fn pending(conn: &mut AnyConnection, project: i64, month: Month, seq: i64) -> Result<Vec<(Month, Fen)>> {
    let first = month.first_day().year().get() * 100 + 1;
    let versions: Vec<ReportVersion> = report_version::table
        .filter(report_version::project_id.eq(project).and(report_version::seq.le(seq)))
        .filter(report_version::month.ge(first).and(report_version::month.lt(month.raw())))
        .order((report_version::month, report_version::id))
        .select(ReportVersion::as_select())
        .load(conn)?;
    let mut months: Vec<i32> = versions.iter().map(|version| version.month).collect();
    months.dedup();
    let mut pending = Vec::new();
    for raw in months {
        let earlier = Month::from_raw(raw)?;
        let now = course_of(conn, project, earlier, Day::LAST, seq)?;
        let is_waiting = matches!(now.state, State::DepartmentReview | State::OfficeReview | State::Returned);
        let version = versions.iter().find(|version| is_waiting && Some(version.id) == now.version);
        if let Some(version) = version {
            let correction = of_year(earlier, Fen::new(version.correction_fen));
            let fen = Fen::new(version.completed_fen).checked_add(correction)?;
            pending.push((earlier, fen));
        }
    }
    Ok(pending)
}

/// Whether 免内审 is in force for a department on a day.
pub fn is_waived(conn: &mut AnyConnection, department: &str, on: Day, seq: i64) -> Result<bool> {
    let found: Option<ReviewWaiver> = review_waiver::table
        .filter(review_waiver::department.eq(department))
        .filter(review_waiver::effective_on.le(on.raw()).and(review_waiver::seq.le(seq)))
        .order((review_waiver::effective_on.desc(), review_waiver::id.desc()))
        .select(ReviewWaiver::as_select())
        .first(conn)
        .optional()?;
    Ok(found.is_some_and(|waiver| waiver.is_waived != 0))
}

/// A draft as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Draft {
    /// Moves on whenever it is saved.
    pub version: i64,
    /// [`super::typed::Typed`] as JSON.
    pub content: String,
    /// Who saved it last.
    pub actor: String,
    /// When.
    pub at_us: i64,
}

/// The draft of a department for a project and month.
pub fn find_draft(conn: &mut AnyConnection, project: i64, month: Month, department: &str) -> Result<Option<Draft>> {
    Ok(report_draft::table
        .filter(report_draft::project_id.eq(project).and(report_draft::month.eq(month.raw())))
        .filter(report_draft::department.eq(department))
        .select((report_draft::version, report_draft::content, report_draft::actor, report_draft::at_us))
        .first(conn)
        .optional()?)
}

/// The draft of the department that leads a project now.
pub fn draft_of(conn: &mut AnyConnection, code: &str, month: Month) -> Result<Option<Draft>> {
    let Some(state) = registry::find_state(conn, code, Day::LAST, i64::MAX)? else { return Ok(None) };
    find_draft(conn, state.project.id, month, state.value(Attribute::LeadDepartment))
}

/// The project and month of a version.
pub fn place_of(conn: &mut AnyConnection, version: i64) -> Result<Option<(String, Month)>> {
    let Some(found) = find_version(conn, version)? else { return Ok(None) };
    let Some(project) = registry::find_by_id(conn, found.project_id)? else { return Ok(None) };
    Ok(Some((project.code, Month::from_raw(found.month)?)))
}

/// Reports that were submitted and are not approved, with where each stands.
pub fn list_waiting(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<Vec<(i64, Month, State)>> {
    let approved = report_step::table
        .filter(report_step::project_id.eq(report_version::project_id))
        .filter(report_step::month.eq(report_version::month).and(report_step::step.eq("approve")))
        .filter(report_step::seq.le(seq));
    let open: Vec<(i32, i64)> = report_version::table
        .filter(report_version::seq.le(seq).and(diesel::dsl::not(diesel::dsl::exists(approved))))
        .select((report_version::month, report_version::project_id))
        .distinct()
        .order((report_version::month, report_version::project_id))
        .load(conn)?;
    let mut by_month: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for (month, project) in open {
        by_month.entry(month).or_default().push(project);
    }
    let mut waiting = Vec::new();
    for (raw, projects) in by_month {
        let month = Month::from_raw(raw)?;
        for (project, standing) in standings(conn, &projects, month, as_of, seq)? {
            waiting.push((project, month, standing.state));
        }
    }
    Ok(waiting)
}

/// The projects that have a draft of a month, with the department's code.
pub fn list_drafted(conn: &mut AnyConnection, month: Month) -> Result<Vec<(i64, String)>> {
    Ok(report_draft::table
        .filter(report_draft::month.eq(month.raw()))
        .order(report_draft::project_id)
        .select((report_draft::project_id, report_draft::department))
        .load(conn)?)
}

/// Whose draft of what.
#[derive(Debug, Clone, Copy)]
pub(super) struct DraftKey<'a> {
    pub project: i64,
    pub month: Month,
    pub department: &'a str,
}

/// Keeps a draft in place of what was there.
pub(super) fn put_draft(conn: &mut AnyConnection, key: DraftKey<'_>, draft: &Draft) -> Result<()> {
    drop_draft(conn, key)?;
    diesel::insert_into(report_draft::table)
        .values((
            report_draft::project_id.eq(key.project),
            report_draft::month.eq(key.month.raw()),
            report_draft::department.eq(key.department),
            report_draft::version.eq(draft.version),
            report_draft::content.eq(&draft.content),
            report_draft::actor.eq(&draft.actor),
            report_draft::at_us.eq(draft.at_us),
        ))
        .execute(conn)?;
    Ok(())
}

/// Lets go of a draft: it was submitted.
pub(super) fn drop_draft(conn: &mut AnyConnection, key: DraftKey<'_>) -> Result<()> {
    diesel::delete(
        report_draft::table
            .filter(report_draft::project_id.eq(key.project).and(report_draft::month.eq(key.month.raw())))
            .filter(report_draft::department.eq(key.department)),
    )
    .execute(conn)?;
    Ok(())
}

/// The problem of an id.
pub fn find_problem(conn: &mut AnyConnection, id: i64) -> Result<Option<ReportProblem>> {
    Ok(report_problem::table
        .filter(report_problem::id.eq(id))
        .select(ReportProblem::as_select())
        .first(conn)
        .optional()?)
}

/// Whether a problem is answered.
pub fn find_problem_answer(conn: &mut AnyConnection, problem: i64) -> Result<Option<ProblemAnswer>> {
    Ok(problem_answer::table
        .filter(problem_answer::problem_id.eq(problem))
        .select(ProblemAnswer::as_select())
        .first(conn)
        .optional()?)
}

/// How a 计划建议数 was answered.
pub fn find_proposal_answer(conn: &mut AnyConnection, version: i64) -> Result<Option<ProposalAnswer>> {
    Ok(proposal_answer::table
        .filter(proposal_answer::version_id.eq(version))
        .select(ProposalAnswer::as_select())
        .first(conn)
        .optional()?)
}

/// Problems nobody has settled, of the last report of each project, oldest due first.
pub fn list_open_problems(conn: &mut AnyConnection, seq: i64) -> Result<Vec<(ReportProblem, ReportVersion)>> {
    let rows: Vec<(ReportProblem, ReportVersion)> = report_problem::table
        .inner_join(report_version::table.on(report_version::id.eq(report_problem::version_id)))
        .left_join(problem_answer::table.on(problem_answer::problem_id.eq(report_problem::id)))
        .filter(problem_answer::id.is_null().and(report_problem::seq.le(seq)))
        .order((report_problem::due_on, report_problem::id))
        .select((ReportProblem::as_select(), ReportVersion::as_select()))
        .load(conn)?;
    let mut standing: HashMap<i64, Option<i64>> = HashMap::new();
    let mut open = Vec::new();
    for (problem, version) in rows {
        let last = match standing.get(&version.project_id) {
            Some(last) => *last,
            None => {
                let last = last_version(conn, version.project_id, seq)?.map(|version| version.id);
                *standing.entry(version.project_id).or_insert(last)
            }
        };
        if last == Some(version.id) {
            open.push((problem, version));
        }
    }
    Ok(open)
}

/// The version that stands of the last month a project reported.
pub fn last_version(conn: &mut AnyConnection, project: i64, seq: i64) -> Result<Option<ReportVersion>> {
    for month in list_months(conn, project, seq)? {
        let now = course_of(conn, project, month, Day::LAST, seq)?;
        if let Some(id) = now.version {
            return find_version(conn, id);
        }
    }
    Ok(None)
}

/// 计划建议数 of approved or waiting reports that the planner has not answered.
pub fn list_open_proposals(conn: &mut AnyConnection, seq: i64) -> Result<Vec<ReportVersion>> {
    let rows: Vec<ReportVersion> = report_version::table
        .left_join(proposal_answer::table.on(proposal_answer::version_id.eq(report_version::id)))
        .filter(report_version::proposal_fen.is_not_null().and(proposal_answer::id.is_null()))
        .filter(report_version::seq.le(seq))
        .order(report_version::id)
        .select(ReportVersion::as_select())
        .load(conn)?;
    let mut open = Vec::new();
    for version in rows {
        let month = Month::from_raw(version.month)?;
        let now = course_of(conn, version.project_id, month, Day::LAST, seq)?;
        if now.version == Some(version.id) && matches!(now.state, State::Approved | State::Published) {
            open.push(version);
        }
    }
    Ok(open)
}
