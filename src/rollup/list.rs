//! Lists of projects: which are on a list, in what order, and what is true of all of them, without
//! holding more than is shown.
//!
//! As of now the current rows are asked. At another date or instant the registry is read chunk by
//! chunk, and of each project only its id and what it is sorted by is kept. Either way what a page
//! shows of a project is then read for the projects on the page alone.

use std::collections::{HashMap, HashSet};

use super::current::Search;
use super::current::store::{self as current, Within};
use super::rows::{CHUNK, ProjectRow, count, counted, each_state, fits};
use super::store::{Money, has_money, money_of};
use super::{Deadline, Figures, Filter, Milestones, Sum, fold, is_now};
use crate::db::{AnyConnection, Head};
use crate::error::Result;
use crate::measure::Measure;
use crate::milestone::{self, state_at, store::Told};
use crate::period::Day;
use crate::project::{Attribute, ProjectState, store as registry};

/// Milestones that end a project: once one is met, completion is recorded.
pub const COMPLETION: [&str; 5] = ["N8", "N9", "N10", "S3", "S4"];

/// Which projects, at which date, as known when.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// 截至.
    pub as_of: Day,
    /// 按…时的记录.
    pub known: &'a Head,
    /// Which projects; what it says of entries is not looked at.
    pub filter: &'a Filter,
    /// When to give up.
    pub deadline: &'a Deadline,
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The order of registration.
    Registered,
    /// 编号.
    Code,
    /// 工程名称, character by character.
    Name,
    /// First year; 未填 is the least.
    StartYear,
    /// Last year; 未填 is the least.
    EndYear,
    /// A measure's sum of all years; no record is the same as zero here.
    Sum(Measure),
}

/// The order of a list; equal projects stand in order of registration either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub key: Key,
    /// Largest first.
    pub descending: bool,
}

impl Order {
    /// As they were registered.
    pub const REGISTERED: Order = Order { key: Key::Registered, descending: false };

    /// Of a word as addresses have it, `-` in front for descending; none when it is no word of ours.
    pub fn parse(word: &str) -> Option<Order> {
        let (descending, key) = word.strip_prefix('-').map_or((false, word), |key| (true, key));
        let key = match key {
            "code" => Key::Code,
            "name" => Key::Name,
            "start_year" => Key::StartYear,
            "end_year" => Key::EndYear,
            measure => Key::Sum(Measure::parse(measure).ok()?),
        };
        Some(Order { key, descending })
    }
}

/// Projects whose planned term is over and of which nothing says how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TermOver {
    /// How many.
    pub projects: i64,
    /// Their 规划投资额 together, in fen.
    pub fen: i64,
}

/// What is true of all projects of a list, shown or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Whole {
    /// How many.
    pub projects: i64,
    /// Of how many the system is only inferred.
    pub inferred_categories: i64,
    /// Of how many the lead department is only inferred.
    pub inferred_departments: i64,
    /// Those whose term is over.
    pub over: TermOver,
}

/// The first projects of a list, and what is true of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// Ids in order, at most as many as were asked for.
    pub ids: Vec<i64>,
    /// Of all.
    pub whole: Whole,
}

/// Whether the term is over and nothing says how it ended; `done`: completion is recorded.
pub fn is_term_over(state: &ProjectState, done: bool, as_of: Day) -> bool {
    let ended = state.year(Attribute::EndYear).is_some_and(|year| year < as_of.year().get());
    ended && matches!(state.value(Attribute::Stage), "" | "construction") && !done
}

/// Whether these milestones record completion.
pub fn is_done(milestones: &[Told], as_of: Day) -> Result<bool> {
    let ending = milestones.iter().filter(|(milestone, _)| COMPLETION.contains(&milestone.code.as_str()));
    for (_, facts) in ending {
        let facts = facts.iter().map(counted).collect::<Result<Vec<_>>>()?;
        if state_at(&facts, as_of).met_on.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The first `limit` projects of a list in their order, and what is true of all of it.
pub fn survey(conn: &mut AnyConnection, view: View<'_>, order: Order, limit: usize) -> Result<Survey> {
    if !is_now(conn, view.as_of, view.known)? {
        return survey_then(conn, view, order, limit);
    }
    let Some(found) = Search::all(conn, view.filter, view.deadline)? else {
        let within = Within { filter: view.filter, ids: None };
        let ids = current::list_ids(conn, within, order, 0, Some(limit))?;
        return Ok(Survey { ids, whole: current::whole(conn, within, view.as_of)? });
    };
    let mut whole = Whole::default();
    for ids in found.chunks(usize::try_from(CHUNK).unwrap_or(1)) {
        view.deadline.check()?;
        whole = whole.plus(current::whole(conn, Within { filter: view.filter, ids: Some(ids) }, view.as_of)?);
    }
    let mut ids = among(conn, view.filter, order, found)?;
    ids.truncate(limit);
    Ok(Survey { ids, whole })
}

/// Every project of a list in its order.
pub fn ids(conn: &mut AnyConnection, view: View<'_>, order: Order) -> Result<Vec<i64>> {
    if !is_now(conn, view.as_of, view.known)? {
        return Ok(survey_then(conn, view, order, usize::MAX)?.ids);
    }
    match Search::all(conn, view.filter, view.deadline)? {
        None => current::list_ids(conn, Within { filter: view.filter, ids: None }, order, 0, None),
        Some(found) => among(conn, view.filter, order, found),
    }
}

/// Those in which the words were found, in the list's order.
fn among(conn: &mut AnyConnection, filter: &Filter, order: Order, found: Vec<i64>) -> Result<Vec<i64>> {
    let found: HashSet<i64> = found.into_iter().collect();
    let mut ids = current::list_ids(conn, Within { filter, ids: None }, order, 0, None)?;
    ids.retain(|id| found.contains(id));
    Ok(ids)
}

/// The next projects after one, in order of registration, at most `limit`.
pub fn ids_after(conn: &mut AnyConnection, view: View<'_>, after: i64, limit: usize) -> Result<Vec<i64>> {
    if view.filter.q.is_none() && is_now(conn, view.as_of, view.known)? {
        let within = Within { filter: view.filter, ids: None };
        return current::list_ids(conn, within, Order::REGISTERED, after, Some(limit));
    }
    let (mut ids, mut after) = (Vec::new(), after);
    while ids.len() < limit {
        view.deadline.check()?;
        let states = registry::list_states(conn, view.as_of, view.known.seq, after, CHUNK)?;
        let Some(last) = states.last() else { break };
        after = last.project.id;
        ids.extend(states.iter().filter(|state| fits(view.filter, state)).map(|state| state.project.id));
    }
    ids.truncate(limit);
    Ok(ids)
}

impl Whole {
    fn plus(self, other: Whole) -> Whole {
        Whole {
            projects: self.projects + other.projects,
            inferred_categories: self.inferred_categories + other.inferred_categories,
            inferred_departments: self.inferred_departments + other.inferred_departments,
            over: TermOver {
                projects: self.over.projects + other.over.projects,
                fen: self.over.fen.saturating_add(other.over.fen),
            },
        }
    }
}

/// What a project of the past is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SortedBy {
    Nothing,
    Text(String),
    Year(Option<i32>),
    Fen(i64),
}

/// The same from the registry of then: of each project its id and what it is sorted by is kept.
fn survey_then(conn: &mut AnyConnection, view: View<'_>, order: Order, limit: usize) -> Result<Survey> {
    let mut whole = Whole::default();
    let (mut listed, mut over): (Vec<(SortedBy, i64)>, Vec<i64>) = (Vec::new(), Vec::new());
    let mut after = 0;
    loop {
        view.deadline.check()?;
        let states = registry::list_states(conn, view.as_of, view.known.seq, after, CHUNK)?;
        let Some(last) = states.last().map(|state| state.project.id) else { break };
        let mut milestones = told_by_project(conn, view, after, last)?;
        after = last;
        for state in states.iter().filter(|state| fits(view.filter, state)) {
            let id = state.project.id;
            whole.projects += 1;
            whole.inferred_categories += i64::from(state.is_inferred(Attribute::Category));
            whole.inferred_departments += i64::from(state.is_inferred(Attribute::LeadDepartment));
            let done = is_done(&milestones.remove(&id).unwrap_or_default(), view.as_of)?;
            if is_term_over(state, done, view.as_of) {
                over.push(id);
            }
            listed.push((sorted_by(state, order.key), id));
        }
    }
    if let Key::Sum(measure) = order.key {
        let sums = fold::project_sums(conn, view.as_of, view.known, &Filter::default(), view.deadline)?;
        for (by, id) in &mut listed {
            let sums = sums.get(id).copied().unwrap_or_default();
            *by = SortedBy::Fen(Figures { sums, ..Figures::default() }.sum(measure).fen);
        }
    }
    whole.over = TermOver { projects: over.len().try_into().unwrap_or(i64::MAX), fen: investment(conn, view, &over)? };
    listed.sort_by(|(a, _), (b, _)| if order.descending { b.cmp(a) } else { a.cmp(b) });
    Ok(Survey { ids: listed.into_iter().take(limit).map(|(_, id)| id).collect(), whole })
}

fn sorted_by(state: &ProjectState, key: Key) -> SortedBy {
    match key {
        Key::Registered | Key::Sum(_) => SortedBy::Nothing,
        Key::Code => SortedBy::Text(state.project.code.clone()),
        Key::Name => SortedBy::Text(state.value(Attribute::Name).to_owned()),
        Key::StartYear => SortedBy::Year(state.year(Attribute::StartYear)),
        Key::EndYear => SortedBy::Year(state.year(Attribute::EndYear)),
    }
}

/// 规划投资额 of some projects together, from their entries.
fn investment(conn: &mut AnyConnection, view: View<'_>, ids: &[i64]) -> Result<i64> {
    let mut fen = 0_i64;
    for ids in ids.chunks(ENTRIES_OF) {
        view.deadline.check()?;
        for money in money_of(conn, ids, view.as_of, view.known.seq)?.into_values() {
            fen = fen.saturating_add(Figures { sums: money.sums, ..Figures::default() }.sum(Measure::Investment).fen);
        }
    }
    Ok(fen)
}

/// Projects whose entries are summed by one statement: about 0.1 s of work, so that a deadline is noticed.
const ENTRIES_OF: usize = 500;

fn told_by_project(conn: &mut AnyConnection, view: View<'_>, after: i64, last: i64) -> Result<HashMap<i64, Vec<Told>>> {
    let mut milestones: HashMap<i64, Vec<Told>> = HashMap::new();
    for told in milestone::store::list(conn, after, last, view.as_of, view.known.seq)? {
        milestones.entry(told.0.project_id).or_default().push(told);
    }
    Ok(milestones)
}

/// A project as a list shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What the registry says, and the figures of all years.
    pub row: ProjectRow,
    /// The sums of the fiscal year of the view's day.
    pub year: [Sum; 6],
    /// The last day of received, completed or paid money.
    pub latest: Option<Day>,
    /// Its milestones, in their order.
    pub milestones: Vec<Told>,
}

/// Some projects in the order given, as this view's reader sees them; those not registered at that
/// date and instant are left out.
pub fn load(conn: &mut AnyConnection, view: View<'_>, ids: &[i64]) -> Result<Vec<Shown>> {
    let View { as_of, known, filter, .. } = view;
    let mut states: HashMap<i64, ProjectState> = registry::list_states_of(conn, as_of, known.seq, ids)?
        .into_iter()
        .map(|state| (state.project.id, filter.hidden.shown(state)))
        .collect();
    let mut milestones: HashMap<i64, Vec<Told>> = HashMap::new();
    for told in milestone::store::list_of(conn, ids, as_of, known.seq)? {
        milestones.entry(told.0.project_id).or_default().push(told);
    }
    let mut money = match is_now(conn, as_of, known)? {
        true => money_now(conn, ids, as_of)?,
        false => money_of(conn, ids, as_of, known.seq)?,
    };
    let mut shown = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(state) = states.remove(id) else { continue };
        let (milestones, money) = (milestones.remove(id).unwrap_or_default(), money.remove(id).unwrap_or_default());
        let mut counts = Milestones::default();
        for (_, facts) in &milestones {
            counts = counts.plus(count(facts, as_of)?);
        }
        let figures = Figures { projects: Some(1), sums: money.sums, milestones: Some(counts) };
        shown.push(Shown { row: ProjectRow { state, figures }, year: money.year, latest: money.latest, milestones });
    }
    Ok(shown)
}

fn money_now(conn: &mut AnyConnection, ids: &[i64], as_of: Day) -> Result<HashMap<i64, Money>> {
    let mut money = HashMap::new();
    for (id, (sums, latest)) in current::balances(conn, ids)? {
        let latest = if latest > 0 { Some(Day::from_raw(latest)?) } else { None };
        money.insert(id, Money { sums, year: [Sum::default(); 6], latest });
    }
    for (id, sums) in current::list_year(conn, ids, as_of.year().get())? {
        let of = money.entry(id).or_default();
        for (mine, theirs) in of.year.iter_mut().zip(sums) {
            *mine = mine.plus(theirs)?;
        }
    }
    Ok(money)
}

/// Whether any project at all has a milestone to come, and whether money was recorded for any:
/// a column that no project can fill is not shown.
pub fn has_next_and_money(conn: &mut AnyConnection, as_of: Day, known: &Head) -> Result<(bool, bool)> {
    if is_now(conn, as_of, known)? {
        return Ok((current::has_next(conn)?, current::has_money(conn)?));
    }
    let (mut after, last) = (0, registry::last_id(conn)?);
    let mut has_next = false;
    while after < last && !has_next {
        for (_, facts) in milestone::store::list(conn, after, after + CHUNK, as_of, known.seq)? {
            let facts = facts.iter().map(counted).collect::<Result<Vec<_>>>()?;
            let state = state_at(&facts, as_of);
            has_next |= state.met_on.is_none() && (state.planned_on.is_some() || state.forecast_on.is_some());
        }
        after += CHUNK;
    }
    Ok((has_next, has_money(conn, as_of, known.seq)?))
}

/// Of each of these attributes how many projects have it inferred, have it confirmed, have it
/// stated by a document, and say nothing of it.
pub fn count_statuses<const N: usize>(
    conn: &mut AnyConnection,
    view: View<'_>,
    attributes: &[Attribute; N],
) -> Result<[[i64; 4]; N]> {
    let place = |status: &str| match status {
        "inferred" => 0,
        "confirmed" => 1,
        "" => 3,
        _ => 2,
    };
    let mut counts = [[0; 4]; N];
    if is_now(conn, view.as_of, view.known)? {
        for (attribute, counts) in attributes.iter().zip(&mut counts) {
            for (status, projects) in
                current::count_statuses(conn, Within { filter: view.filter, ids: None }, *attribute)?
            {
                counts[place(&status)] += projects;
            }
        }
        return Ok(counts);
    }
    each_state(conn, view.as_of, view.known, view.deadline, |states| {
        for state in states.iter().filter(|state| fits(view.filter, state)) {
            for (attribute, counts) in attributes.iter().zip(&mut counts) {
                let status = state.facts.get(attribute).map_or("", |standing| standing.status.word());
                counts[place(status)] += 1;
            }
        }
        Ok(())
    })?;
    Ok(counts)
}
