//! As of now and known now: answered from rows kept of each project's present, never from entries.

pub(in crate::rollup) mod store;

use self::store::{Grouped, Within};
use super::{Deadline, Dimension, Figures, Filter, Groups, NONE, Scope};
use crate::db::AnyConnection;
use crate::error::Result;

/// The figures of every group.
pub(super) fn groups(conn: &mut AnyConnection, scope: &Scope, deadline: &Deadline) -> Result<Groups> {
    let sources: Vec<(i64, String)> =
        crate::project::store::list_sources(conn)?.into_iter().map(|source| (source.id, source.code)).collect();
    let mut groups = Groups::new();
    let Some(words) = &scope.filter.q else {
        add(&mut groups, scope, &sources, some(conn, scope, &sources, None)?)?;
        return Ok(groups);
    };
    let mut search = Search::new(words);
    while let Some(found) = search.next(conn, deadline)? {
        if !found.is_empty() {
            add(&mut groups, scope, &sources, some(conn, scope, &sources, Some(&found))?)?;
        }
    }
    Ok(groups)
}

/// The groups of some projects: all, or those in which the words were found.
fn some(conn: &mut AnyConnection, scope: &Scope, sources: &[(i64, String)], ids: Option<&[i64]>) -> Result<Grouped> {
    let by = [scope.by.first().copied(), scope.by.get(1).copied()];
    let within = Within { filter: &scope.filter, ids };
    if !scope.is_of_entries() {
        return store::of_projects(conn, by, within, scope.as_of);
    }
    let wanted = scope.filter.source.iter().map(|code| match code.as_str() {
        NONE => 0,
        code => sources.iter().find(|(_, known)| known == code).map_or(-1, |(id, _)| *id),
    });
    store::of_entries(conn, by, within, &wanted.collect::<Vec<_>>())
}

fn add(groups: &mut Groups, scope: &Scope, sources: &[(i64, String)], found: Grouped) -> Result<()> {
    let zero = if scope.is_of_entries() { Figures::default() } else { Figures::of_projects() };
    for ((k0, k1), figures) in found {
        let keys = scope.by.iter().zip([&k0, &k1]).map(|(by, text)| key(*by, text, sources)).collect();
        let slot = groups.entry(keys).or_insert(zero);
        *slot = slot.plus(&figures)?;
    }
    Ok(())
}

/// The key of a group from what stands in the current rows: nothing and 0 are the bucket.
fn key(by: Dimension, text: &str, sources: &[(i64, String)]) -> String {
    match (by, text) {
        (_, "" | "0") => NONE.to_owned(),
        (Dimension::Source, text) => {
            sources.iter().find(|(id, _)| id.to_string() == text).map_or(NONE, |(_, code)| code.as_str()).to_owned()
        }
        (_, text) => text.to_owned(),
    }
}

/// Projects of one look: what they cost in memory stays small, and a deadline is noticed.
const CHUNK: i64 = 2_000;

/// Looks for words in every project's code, name and content of today, chunk by chunk, and keeps
/// only the ids.
pub(super) struct Search<'a> {
    words: &'a str,
    after: Option<i64>,
}

impl<'a> Search<'a> {
    /// From the first project on.
    pub(super) fn new(words: &'a str) -> Search<'a> {
        Search { words, after: Some(0) }
    }

    /// Those of the next chunk that have the words; none once every project was looked at.
    pub(super) fn next(&mut self, conn: &mut AnyConnection, deadline: &Deadline) -> Result<Option<Vec<i64>>> {
        deadline.check()?;
        let Some(after) = self.after else { return Ok(None) };
        let texts = store::list_texts(conn, after, CHUNK)?;
        self.after = texts.last().map(|(id, ..)| *id);
        let found =
            texts.iter().filter(|(_, code, name, content)| super::filter::holds(code, name, content, self.words));
        Ok(self.after.map(|_| found.map(|(id, ..)| *id).collect()))
    }

    /// All of them, in order of registration.
    pub(super) fn all(conn: &mut AnyConnection, filter: &Filter, deadline: &Deadline) -> Result<Option<Vec<i64>>> {
        let Some(words) = &filter.q else { return Ok(None) };
        let (mut search, mut all) = (Search::new(words), Vec::new());
        while let Some(found) = search.next(conn, deadline)? {
            all.extend(found);
        }
        Ok(Some(all))
    }
}
