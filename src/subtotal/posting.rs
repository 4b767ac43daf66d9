//! What a command collects while it records facts, to be added to the subtotals at its end.

use std::collections::HashMap;

use super::counter::{self, Fact};
use super::{Cell, Changes, Sum, Timeline, store};
use crate::clock::Instant;
use crate::db::{AnyConnection, Tx};
use crate::error::Result;
use crate::measure::Counter;
use crate::period::Day;

/// The changes of one command. Facts are stored first, then posted, then [`Posting::apply`].
#[derive(Debug, Default)]
pub struct Posting {
    changes: Changes,
    timelines: HashMap<i64, Timeline>,
}

impl Posting {
    /// A project that appears on `day`, with the systems it stands in.
    pub fn project(&mut self, project: i64, day: Day, timeline: Timeline) -> Result<()> {
        self.changes.place(&timeline, day, Counter::Project.code(), Sum { fen: 0, n: 1 })?;
        self.timelines.insert(project, timeline);
        Ok(())
    }

    /// An entry: where it stands, the day it happened, its measure's code and its amount.
    pub fn entry(&mut self, tx: &mut Tx<'_>, cell: Cell, day: Day, measure: i32, fen: i64) -> Result<()> {
        let (sum, project) = (Sum { fen, n: 1 }, cell.project);
        let timeline = match self.timelines.entry(project) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(slot) => slot.insert(recall_timeline(tx, project)?),
        };
        self.changes.place(timeline, day, measure, sum)?;
        self.changes.of_year(cell, measure, sum)?;
        self.changes.money_day(project, measure, day);
        self.changes.balance(project, measure, sum)
    }

    /// The facts of one milestone, before and after the command.
    pub fn milestone(&mut self, conn: &mut AnyConnection, project: i64, before: &[Fact], after: &[Fact]) -> Result<()> {
        let timeline = match self.timelines.get(&project) {
            Some(known) => known.clone(),
            None => store::timeline(conn, project)?,
        };
        for (facts, sign) in [(before, -1), (after, 1)] {
            for (day, counter, n) in counter::steps(facts) {
                self.changes.place(&timeline, day, counter.code(), Sum { fen: 0, n: n * sign })?;
            }
        }
        self.timelines.insert(project, timeline);
        Ok(())
    }

    /// A project whose systems were `old` and now are what its stored facts say: everything
    /// it has moves along.
    pub fn reclassify(&mut self, tx: &mut Tx<'_>, project: i64, registered_on: Day, old: &Timeline) -> Result<()> {
        let new = store::timeline(tx.conn(), project)?;
        if *old != new {
            for (day, measure, sum) in contents(tx.conn(), project, registered_on)? {
                self.changes.replace(old, &new, day, measure, sum)?;
            }
        }
        tx.remember(TIMELINE, &project.to_string(), new.clone());
        self.timelines.insert(project, new);
        Ok(())
    }

    /// Adds everything to the kept tables, at the commit or when they are read.
    pub fn apply(&self, tx: &mut Tx<'_>, seq: i64, at: Instant) {
        tx.later(store::Applied::new(seq, at, &self.changes));
    }
}

/// The kind under which the writer remembers timelines. Whoever changes one says so in
/// [`Posting::reclassify`].
const TIMELINE: &str = "timeline";

fn recall_timeline(tx: &mut Tx<'_>, project: i64) -> Result<Timeline> {
    let load = |conn: &mut AnyConnection| store::timeline(conn, project).map(Some);
    Ok(tx.recall(TIMELINE, &project.to_string(), load)?.unwrap_or_default())
}

/// Everything a project carries: itself, its entries by day, its milestones' steps.
fn contents(conn: &mut AnyConnection, project: i64, registered_on: Day) -> Result<Vec<(Day, i32, Sum)>> {
    let mut contents = vec![(registered_on, Counter::Project.code(), Sum { fen: 0, n: 1 })];
    contents.extend(store::list_day_sums(conn, project)?);
    for (_, facts) in store::list_milestones(conn, project)? {
        contents.extend(
            counter::steps(&facts).into_iter().map(|(day, counter, n)| (day, counter.code(), Sum { fen: 0, n })),
        );
    }
    Ok(contents)
}
