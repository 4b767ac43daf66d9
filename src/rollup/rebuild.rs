//! Making the kept subtotals again from the facts, project by project, as the commands did.

use std::collections::{BTreeMap, BTreeSet};

use super::store::{self, Known};
use crate::auth::{Action, Actor, authorise};
use crate::db::{AnyConnection, Tx};
use crate::error::Result;
use crate::measure::Counter;
use crate::period::{Day, Month};
use crate::project::Project;
use crate::subtotal::counter::{self, Fact};
use crate::subtotal::store::{
    Cells, add_balance, add_shifts, add_years, clear, list_year_sums, put_milestone, put_standing, set_version,
};
use crate::subtotal::{Changes, Sum, Timeline, slot};

/// Replaces every kept table. `progress` hears how many projects are done.
pub fn rebuild(tx: &mut Tx<'_>, actor: &Actor, progress: &mut dyn FnMut(u64)) -> Result<u64> {
    authorise(actor, Action::Rebuild)?;
    let (today, seq) = (tx.head().at.day(), tx.head().seq);
    let conn = tx.conn();
    clear(conn)?;
    let months = recorded_months(conn)?;
    let mut cells = Cells::default();
    let (mut after, mut done) = (0, 0);
    loop {
        let projects = store::list_projects(conn, after, 1_000)?;
        let Some(last) = projects.last() else { break };
        after = last.id;
        for project in &projects {
            replay(conn, project, &months, &mut cells)?;
            stand(conn, project, today, seq)?;
            done += 1;
        }
        progress(done);
    }
    cells.store(conn)?;
    set_version(conn)?;
    Ok(done)
}

/// The first journal number of each recorded month.
fn recorded_months(conn: &mut AnyConnection) -> Result<Vec<(i64, Month)>> {
    let mut months = Vec::new();
    let mut seq = 1;
    while let Some(row) = crate::journal::store::head_at(conn, seq)? {
        let month = row.at.month();
        months.push((seq, month));
        seq = crate::journal::store::seq_at(conn, month.succ().first_instant().pred())? + 1;
    }
    Ok(months)
}

fn month_of(months: &[(i64, Month)], seq: i64) -> Option<Month> {
    let after = months.partition_point(|(first, _)| *first <= seq);
    after.checked_sub(1).and_then(|at| months.get(at)).map(|(_, month)| *month)
}

/// Plays one project's facts in the order they were recorded.
fn replay(conn: &mut AnyConnection, project: &Project, months: &[(i64, Month)], cells: &mut Cells) -> Result<()> {
    let moves = store::list_category_facts(conn, project.id)?;
    let milestones = store::list_milestone_facts(conn, project.id)?;
    let mut entries: BTreeMap<i64, Vec<(Day, i32, Sum)>> = BTreeMap::new();
    for (seq, day, measure, sum) in store::list_entry_sums(conn, project.id)? {
        entries.entry(seq).or_default().push((day, measure, sum));
    }
    let mut turns: BTreeSet<i64> = entries.keys().copied().collect();
    turns.insert(project.seq);
    turns.extend(moves.iter().flat_map(Known::turns));
    turns.extend(milestones.iter().flat_map(|(_, facts)| facts).flat_map(Known::turns));

    let mut contents: Vec<(Day, i32, Sum)> = Vec::new();
    let mut timeline = Timeline::default();
    let mut counted: BTreeMap<i64, Vec<Fact>> = BTreeMap::new();
    for seq in turns {
        let mut changes = Changes::default();
        let next = Timeline::new(moves.iter().filter(|fact| fact.is_known(seq)).map(|fact| fact.value));
        if next != timeline {
            for (day, measure, sum) in &contents {
                changes.replace(&timeline, &next, *day, *measure, *sum)?;
            }
            timeline = next;
        }
        let mut new: Vec<(Day, i32, Sum)> = Vec::new();
        if seq == project.seq {
            new.push((Day::from_raw(project.registered_on)?, Counter::Project.code(), Sum { fen: 0, n: 1 }));
        }
        new.extend(entries.remove(&seq).unwrap_or_default());
        for (id, facts) in &milestones {
            let now: Vec<Fact> = facts.iter().filter(|fact| fact.is_known(seq)).map(|fact| fact.value).collect();
            let before = counted.insert(*id, now.clone()).unwrap_or_default();
            if before != now {
                new.extend(steps(&before, -1).chain(steps(&now, 1)));
            }
        }
        for (day, measure, sum) in &new {
            changes.place(&timeline, *day, *measure, *sum)?;
        }
        contents.extend(new);
        record(conn, seq, month_of(months, seq), &changes, cells)?;
    }
    Ok(())
}

fn steps(facts: &[Fact], sign: i64) -> impl Iterator<Item = (Day, i32, Sum)> {
    counter::steps(facts).into_iter().map(move |(day, counter, n)| (day, counter.code(), Sum { fen: 0, n: n * sign }))
}

fn record(
    conn: &mut AnyConnection,
    seq: i64,
    month: Option<Month>,
    changes: &Changes,
    cells: &mut Cells,
) -> Result<()> {
    if let Some(month) = month {
        for (step, sum) in changes.steps() {
            cells.add(month, step, *sum)?;
        }
    }
    add_shifts(conn, changes.steps().map(|(step, sum)| (seq, *step, *sum)))
}

/// What the registry says today, the balance of today, and each milestone's state of today.
fn stand(conn: &mut AnyConnection, project: &Project, today: Day, seq: i64) -> Result<()> {
    let state = crate::project::store::list_states(conn, today, seq, project.id - 1, 1)?.pop();
    let standing = state.as_ref().map(crate::project::command::standing).unwrap_or_default();
    put_standing(conn, project.id, &standing)?;
    let (mut balance, mut changes) = ([Sum::default(); 6], Changes::default());
    for (cell, measure, sum, latest) in list_year_sums(conn, project.id)? {
        if let Some(slot) = slot(&mut balance, measure) {
            *slot = slot.plus(sum)?;
        }
        changes.of_year(cell, measure, sum)?;
        changes.money_day(project.id, measure, latest);
    }
    add_years(conn, changes.years())?;
    add_balance(conn, project.id, &balance, changes.latest(project.id))?;
    for (milestone, facts) in crate::subtotal::store::list_milestones(conn, project.id)? {
        put_milestone(conn, milestone, project.id, counter::state_at(&facts, today))?;
    }
    Ok(())
}
