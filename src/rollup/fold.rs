//! The exact way for every question: the registry at (as of, known at), then the entries chunk by chunk.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::rows::{each_state, fits, fits_unregistered, key, milestones_by_project};
use super::store::{ChunkRow, Grain, entry_bounds, sum_chunk};
use super::{Dimension, Figures, Filter, Groups, NONE, Scope, Sum};
use crate::db::{AnyConnection, Head};
use crate::error::{Error, Result};
use crate::period::Day;
use crate::project::{Attribute, ProjectState};

/// When to give up, in time for the reader to be told why.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Option<(Instant, Duration)>);

impl Deadline {
    /// This long from now.
    pub fn within(limit: Duration) -> Deadline {
        Deadline(Some((Instant::now() + limit, limit)))
    }

    /// Never: the command line waits.
    pub fn none() -> Deadline {
        Deadline(None)
    }

    /// # Errors
    /// [`Error::Deadline`] once the time is up.
    pub fn check(&self) -> Result<()> {
        match self.0 {
            Some((until, limit)) if Instant::now() > until => Err(Error::Deadline(format!(
                "这个口径要逐笔累加，{} 秒内没有算完，已停止（没有给出不完整的数）。可改为按体系汇总、查今天的数据，或在命令行用 taizhang rollup",
                limit.as_secs()
            ))),
            _ => Ok(()),
        }
    }
}

/// Entry ids a chunk: about 0.1 s of work, so that a deadline is noticed.
const CHUNK: i64 = 200_000;

/// The figures of every group, from the entries themselves.
pub(super) fn fold(conn: &mut AnyConnection, scope: &Scope, deadline: &Deadline) -> Result<Groups> {
    let projects = group_projects(conn, scope, deadline)?;
    let of_entries = scope.is_of_entries();
    let mut groups = Groups::new();
    if !of_entries {
        for keys in projects.registered.values().flatten() {
            let figures = groups.entry(keys.clone()).or_insert_with(Figures::of_projects);
            figures.projects = figures.projects.map(|n| n + 1);
        }
        for (project, counts) in milestones_by_project(conn, scope.as_of, &scope.known, deadline)? {
            let Some(keys) = projects.keys_of(project) else { continue };
            let figures = groups.entry(keys.clone()).or_insert_with(Figures::of_projects);
            figures.milestones = figures.milestones.map(|sum| sum.plus(counts));
        }
    }
    let sources: HashMap<i64, String> =
        crate::project::store::list_sources(conn)?.into_iter().map(|source| (source.id, source.code)).collect();
    let grain = Grain {
        project: projects.matter,
        year: scope.by.contains(&Dimension::Year) || !scope.filter.year.is_empty(),
        source: scope.by.contains(&Dimension::Source) || !scope.filter.source.is_empty(),
    };
    each_chunk(conn, grain, scope.as_of, &scope.known, deadline, |row| {
        let source = row.source_id.and_then(|id| sources.get(&id)).map_or(NONE, String::as_str);
        if !counts_entry(&scope.filter, row, source) {
            return Ok(());
        }
        let Some(own) = projects.keys_of(row.project_id) else { return Ok(()) };
        let keys = scope
            .by
            .iter()
            .zip(own)
            .map(|(by, own)| match by {
                Dimension::Year => row.year.map_or_else(|| NONE.to_owned(), |year| year.to_string()),
                Dimension::Source => source.to_owned(),
                _ => own.clone(),
            })
            .collect();
        let figures =
            groups.entry(keys).or_insert_with(|| if of_entries { Figures::default() } else { Figures::of_projects() });
        super::add(figures, row.measure, Sum { fen: row.fen, n: row.n })
    })?;
    Ok(groups)
}

/// The sums of each project, of the entries the filter lets through.
pub(super) fn project_sums(
    conn: &mut AnyConnection,
    as_of: Day,
    known: &Head,
    filter: &Filter,
    deadline: &Deadline,
) -> Result<HashMap<i64, [Sum; 6]>> {
    let sources: HashMap<i64, String> =
        crate::project::store::list_sources(conn)?.into_iter().map(|source| (source.id, source.code)).collect();
    let grain = Grain { project: true, year: !filter.year.is_empty(), source: !filter.source.is_empty() };
    let mut sums: HashMap<i64, [Sum; 6]> = HashMap::new();
    each_chunk(conn, grain, as_of, known, deadline, |row| {
        let source = row.source_id.and_then(|id| sources.get(&id)).map_or(NONE, String::as_str);
        if counts_entry(filter, row, source) {
            let slots = sums.entry(row.project_id).or_default();
            if let Some(slot) = usize::try_from(row.measure - 1).ok().and_then(|at| slots.get_mut(at)) {
                *slot = slot.plus(Sum { fen: row.fen, n: row.n })?;
            }
        }
        Ok(())
    })?;
    Ok(sums)
}

fn counts_entry(filter: &Filter, row: &ChunkRow, source: &str) -> bool {
    (filter.year.is_empty() || filter.year.contains(&row.year))
        && (filter.source.is_empty() || filter.source.iter().any(|wanted| wanted == source))
}

fn each_chunk(
    conn: &mut AnyConnection,
    grain: Grain,
    as_of: Day,
    known: &Head,
    deadline: &Deadline,
    mut each: impl FnMut(&ChunkRow) -> Result<()>,
) -> Result<()> {
    let (first, last) = entry_bounds(conn)?;
    let mut after = first - 1;
    while after < last {
        deadline.check()?;
        sum_chunk(conn, grain, (after, after + CHUNK), as_of, known.seq)?.iter().try_for_each(&mut each)?;
        after += CHUNK;
    }
    Ok(())
}

/// Which keys each project has at that date (year and source left empty).
struct Grouped {
    /// The projects registered by then; none for those the filter leaves out.
    registered: HashMap<i64, Option<Vec<String>>>,
    /// Whether the question looks at projects at all.
    matter: bool,
    /// The keys of what was recorded of a project before its registration: nothing was said of
    /// it yet, so it stands where nothing is classified.
    unregistered: Option<Vec<String>>,
}

impl Grouped {
    fn keys_of(&self, project: i64) -> Option<&Vec<String>> {
        match self.registered.get(&project) {
            Some(keys) if self.matter => keys.as_ref(),
            _ => self.unregistered.as_ref(),
        }
    }
}

fn group_projects(conn: &mut AnyConnection, scope: &Scope, deadline: &Deadline) -> Result<Grouped> {
    let attributes: Vec<Option<Attribute>> = scope.by.iter().map(|by| attribute(*by)).collect();
    let of_projects = Filter { year: Vec::new(), source: Vec::new(), ..scope.filter.clone() };
    let matter = !of_projects.is_empty() || attributes.iter().any(Option::is_some);
    let keys = |state: &ProjectState| -> Vec<String> {
        attributes.iter().map(|a| a.map_or_else(|| NONE.to_owned(), |a| key(scope.filter.hidden, state, a))).collect()
    };
    let mut registered = HashMap::new();
    if matter || !scope.by.iter().any(|by| by.is_of_entries()) {
        each_state(conn, scope.as_of, &scope.known, deadline, |states| {
            registered
                .extend(states.iter().map(|state| (state.project.id, fits(&of_projects, state).then(|| keys(state)))));
            Ok(())
        })?;
    }
    let unregistered = fits_unregistered(&of_projects).then(|| attributes.iter().map(|_| NONE.to_owned()).collect());
    Ok(Grouped { registered, matter, unregistered })
}

fn attribute(by: Dimension) -> Option<Attribute> {
    match by {
        Dimension::Category => Some(Attribute::Category),
        Dimension::Department => Some(Attribute::LeadDepartment),
        Dimension::Nature => Some(Attribute::Nature),
        Dimension::Stage => Some(Attribute::Stage),
        Dimension::StartYear => Some(Attribute::StartYear),
        Dimension::EndYear => Some(Attribute::EndYear),
        Dimension::Year | Dimension::Source => None,
    }
}
