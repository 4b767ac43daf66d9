//! The facts played again, by definition rather than by steps: what stands where on every day,
//! as known after every journal row.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::db::{AnyConnection, Fact};
use crate::error::Result;
use crate::ledger::{Entry, store as ledger};
use crate::milestone::{Milestone, MilestoneFact};
use crate::period::Day;
use crate::project::{Category, Project, ProjectFact, Withdrawal};

/// (fen, entries).
pub(super) type Pair = (i64, i64);
/// (seq, day, system, measure or counter).
pub(super) type ShiftKey = (i64, i32, i64, i32);

/// (fiscal year, project, source).
pub(super) type YearKey = (i32, i64, i64);

/// What the facts say should be kept.
#[derive(Default)]
pub(super) struct Replayed {
    /// Every change of every step.
    pub shifts: HashMap<ShiftKey, Pair>,
    /// Today's balance of each project by measure.
    pub balances: HashMap<i64, [Pair; 6]>,
    /// The same by (fiscal year, project, source), 0 for none.
    pub years: HashMap<YearKey, [Pair; 6]>,
    /// The last day of each project's received, completed or paid money.
    pub latest: HashMap<i64, i32>,
    /// What is said of each project today: attribute → (value, status).
    pub standings: HashMap<i64, HashMap<String, (String, String)>>,
    /// Today's state of each milestone: (project, planned, forecast, met).
    pub milestones: HashMap<i64, (i64, Option<i32>, Option<i32>, Option<i32>)>,
    /// Sums of all entries by measure, and by (measure, year), (measure, source).
    pub totals: [Pair; 6],
    /// Of the totals, by fiscal year.
    pub by_year: HashMap<(usize, Option<i32>), Pair>,
    /// Of the totals, by source.
    pub by_source: HashMap<(usize, Option<i64>), Pair>,
    /// Entries read.
    pub entries: u64,
}

/// A fact with the rows that recorded and withdrew it.
struct Dated<T> {
    id: i64,
    seq: i64,
    gone: Option<i64>,
    on: i32,
    value: T,
}

impl<T> Dated<T> {
    fn stands_at(&self, seq: i64) -> bool {
        self.seq <= seq && self.gone.is_none_or(|gone| gone > seq)
    }
}

/// A milestone's facts: (kind, day).
type Told = Vec<Dated<(i32, i32)>>;

pub(super) fn replay(conn: &mut AnyConnection, today: Day, progress: &mut dyn FnMut(&str)) -> Result<Replayed> {
    let gone: HashMap<i64, i64> = all::<Withdrawal>(conn)?.into_iter().map(|row| (row.fact_id, row.seq)).collect();
    let slugs: HashMap<String, i64> = all::<Category>(conn)?.into_iter().map(|row| (row.slug, row.id)).collect();
    let mut said: HashMap<i64, Vec<ProjectFact>> = HashMap::new();
    each::<ProjectFact>(conn, |row| said.entry(row.project_id).or_default().push(row))?;
    let owners: HashMap<i64, i64> = all::<Milestone>(conn)?.into_iter().map(|row| (row.id, row.project_id)).collect();
    let mut told: HashMap<i64, BTreeMap<i64, Told>> = HashMap::new();
    each::<MilestoneFact>(conn, |row| {
        let Some(project) = owners.get(&row.milestone_id) else { return };
        let fact = Dated {
            id: row.id,
            seq: row.seq,
            gone: gone.get(&row.id).copied(),
            on: row.effective_on,
            value: (row.kind, row.happens_on),
        };
        told.entry(*project).or_default().entry(row.milestone_id).or_default().push(fact);
    })?;
    let mut out = Replayed::default();
    for (at, project) in all::<Project>(conn)?.into_iter().enumerate() {
        let facts = said.remove(&project.id).unwrap_or_default();
        stand(&mut out, &project, &facts, &gone, today);
        let systems: Vec<Dated<i64>> = facts
            .iter()
            .filter(|fact| fact.attribute == "category")
            .map(|fact| Dated {
                id: fact.id,
                seq: fact.seq,
                gone: gone.get(&fact.id).copied(),
                on: fact.effective_on,
                value: slugs.get(&fact.value).copied().unwrap_or(0),
            })
            .collect();
        let milestones = told.remove(&project.id).unwrap_or_default();
        let entries = entries_of(conn, project.id)?;
        count(&mut out, &project, &entries);
        milestones_today(&mut out, &project, &milestones, today);
        play(&mut out, &project, &entries, &systems, &milestones)?;
        if at % 500 == 499 {
            progress(&format!("逐笔重算合计：{} 项", at + 1));
        }
    }
    out.shifts.retain(|_, pair| *pair != (0, 0));
    Ok(out)
}

fn each<F: Fact>(conn: &mut AnyConnection, mut take: impl FnMut(F)) -> Result<()> {
    let mut after = i64::MIN;
    loop {
        let rows = F::list_after(conn, after, 20_000)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id();
        rows.into_iter().for_each(&mut take);
    }
}

fn all<F: Fact>(conn: &mut AnyConnection) -> Result<Vec<F>> {
    let mut rows = Vec::new();
    each(conn, |row| rows.push(row))?;
    Ok(rows)
}

fn entries_of(conn: &mut AnyConnection, project: i64) -> Result<Vec<Entry>> {
    let wanted = ledger::Wanted { project_id: Some(project), ..Default::default() };
    ledger::list(conn, &wanted, Day::from_raw(99_991_231)?, i64::MAX, i64::MIN, i64::MAX)
}

fn count(out: &mut Replayed, project: &Project, entries: &[Entry]) {
    for entry in entries {
        let slot = usize::try_from(entry.measure - 1).unwrap_or(0).min(5);
        let add = |pair: &mut Pair| *pair = (pair.0 + entry.amount_fen, pair.1 + 1);
        add(&mut out.balances.entry(project.id).or_default()[slot]);
        let year = (entry.year.unwrap_or(0), project.id, entry.source_id.unwrap_or(0));
        add(&mut out.years.entry(year).or_default()[slot]);
        if slot >= 3 {
            let latest = out.latest.entry(project.id).or_default();
            *latest = entry.occurred_on.max(*latest);
        }
        add(&mut out.totals[slot]);
        add(out.by_year.entry((slot, entry.year)).or_default());
        add(out.by_source.entry((slot, entry.source_id)).or_default());
        out.entries += 1;
    }
}

/// What is said of a project today: of each attribute the latest (effective day, id).
fn stand(out: &mut Replayed, project: &Project, facts: &[ProjectFact], gone: &HashMap<i64, i64>, today: Day) {
    let mut latest: HashMap<&str, &ProjectFact> = HashMap::new();
    for fact in facts.iter().filter(|fact| !gone.contains_key(&fact.id) && fact.effective_on <= today.raw()) {
        let slot = latest.entry(fact.attribute.as_str()).or_insert(fact);
        if (fact.effective_on, fact.id) >= (slot.effective_on, slot.id) {
            *slot = fact;
        }
    }
    let standing = latest
        .into_iter()
        .map(|(attribute, fact)| (attribute.to_owned(), (fact.value.clone(), fact.status.clone())))
        .collect();
    out.standings.insert(project.id, standing);
    out.balances.entry(project.id).or_default();
}

fn milestones_today(out: &mut Replayed, project: &Project, milestones: &BTreeMap<i64, Told>, today: Day) {
    for (id, facts) in milestones {
        let (planned, forecast, met) = state(facts, i64::MAX - 1, today.raw());
        if [planned, forecast, met].iter().any(Option::is_some) {
            out.milestones.insert(*id, (project.id, planned, forecast, met));
        }
    }
}

/// Planned, forecast and met day at `on`, as known after row `seq`.
fn state(facts: &Told, seq: i64, on: i32) -> (Option<i32>, Option<i32>, Option<i32>) {
    let mut known: Vec<&Dated<(i32, i32)>> = facts.iter().filter(|fact| fact.stands_at(seq) && fact.on <= on).collect();
    known.sort_by_key(|fact| (fact.on, fact.id));
    let last = |kinds: &[i32]| known.iter().rev().find(|fact| kinds.contains(&fact.value.0)).map(|fact| fact.value);
    let met = last(&[3, 4]).and_then(|(kind, day)| (kind == 3).then_some(day));
    (last(&[1]).map(|(_, day)| day), last(&[2]).map(|(_, day)| day), met)
}

/// The system at the end of `on`, as known after row `seq`.
fn system(systems: &[Dated<i64>], seq: i64, on: i32) -> i64 {
    let standing = systems.iter().filter(|fact| fact.stands_at(seq) && fact.on <= on);
    standing.max_by_key(|fact| (fact.on, fact.id)).map_or(0, |fact| fact.value)
}

/// What a project carries on each day: (day, measure) → increase.
type Carried = BTreeMap<(i32, i32), Pair>;

/// After every row that touched the project: the value in each system on each day, before and
/// after that row; the difference of the differences is what the row must have kept.
fn play(
    out: &mut Replayed,
    project: &Project,
    entries: &[Entry],
    systems: &[Dated<i64>],
    milestones: &BTreeMap<i64, Told>,
) -> Result<()> {
    let mut turns: BTreeSet<i64> = entries.iter().map(|entry| entry.seq).collect();
    turns.insert(project.seq);
    turns.extend(systems.iter().flat_map(|fact| [Some(fact.seq), fact.gone]).flatten());
    turns.extend(milestones.values().flatten().flat_map(|fact| [Some(fact.seq), fact.gone]).flatten());
    let mut by_seq: HashMap<i64, Vec<&Entry>> = HashMap::new();
    entries.iter().for_each(|entry| by_seq.entry(entry.seq).or_default().push(entry));
    let mut carried = Carried::new();
    let mut before_counts: BTreeMap<(i32, i32), i64> = BTreeMap::new();
    let mut previous = i64::MIN;
    for seq in turns {
        let mut fresh = Carried::new();
        if seq == project.seq {
            fresh.insert((project.registered_on, 11), (0, 1));
        }
        for entry in by_seq.remove(&seq).unwrap_or_default() {
            let slot = fresh.entry((entry.occurred_on, entry.measure)).or_default();
            *slot = (slot.0 + entry.amount_fen, slot.1 + 1);
        }
        let counts = counts(milestones, seq)?;
        for key in counts.keys().chain(before_counts.keys()).copied().collect::<BTreeSet<_>>() {
            let change = counts.get(&key).unwrap_or(&0) - before_counts.get(&key).unwrap_or(&0);
            if change != 0 {
                let slot = fresh.entry(key).or_default();
                slot.1 += change;
            }
        }
        before_counts = counts;
        let moved = systems.iter().any(|fact| fact.seq == seq || fact.gone == Some(seq));
        if moved {
            spread(out, seq, &carried, systems, previous, -1);
            add(&mut carried, &fresh);
            spread(out, seq, &carried, systems, seq, 1);
        } else {
            spread(out, seq, &fresh, systems, seq, 1);
            add(&mut carried, &fresh);
        }
        previous = seq;
    }
    Ok(())
}

fn add(carried: &mut Carried, fresh: &Carried) {
    for (key, pair) in fresh {
        let slot = carried.entry(*key).or_default();
        *slot = (slot.0 + pair.0, slot.1 + pair.1);
    }
}

/// Walks the days on which anything changes and notes how the value in each system steps.
fn spread(out: &mut Replayed, seq: i64, carried: &Carried, systems: &[Dated<i64>], known: i64, sign: i64) {
    let mut by_measure: BTreeMap<i32, BTreeMap<i32, Pair>> = BTreeMap::new();
    for ((day, measure), pair) in carried {
        by_measure.entry(*measure).or_default().insert(*day, *pair);
    }
    let boundaries: BTreeSet<i32> = systems.iter().filter(|fact| fact.stands_at(known)).map(|fact| fact.on).collect();
    for (measure, increases) in by_measure {
        let days: BTreeSet<i32> = increases.keys().copied().chain(boundaries.iter().copied()).collect();
        let (mut balance, mut stood): (Pair, i64) = ((0, 0), 0);
        for day in days {
            let before = balance;
            if let Some(pair) = increases.get(&day) {
                balance = (balance.0 + pair.0, balance.1 + pair.1);
            }
            let stands = system(systems, known, day);
            let mut step = |member: i64, fen: i64, n: i64| {
                let slot = out.shifts.entry((seq, day, member, measure)).or_default();
                *slot = (slot.0 + sign * fen, slot.1 + sign * n);
            };
            if stands == stood {
                step(stands, balance.0 - before.0, balance.1 - before.1);
            } else {
                step(stood, -before.0, -before.1);
                step(stands, balance.0, balance.1);
            }
            stood = stands;
        }
    }
}

/// How the counters of all milestones step, as known after row `seq`: (day, counter) → change.
fn counts(milestones: &BTreeMap<i64, Told>, seq: i64) -> Result<BTreeMap<(i32, i32), i64>> {
    let mut counts: BTreeMap<(i32, i32), i64> = BTreeMap::new();
    for facts in milestones.values() {
        let mut days = BTreeSet::new();
        for fact in facts.iter().filter(|fact| fact.stands_at(seq)) {
            let planned = Day::from_raw(fact.value.1)?;
            days.extend([fact.on, planned.raw(), planned.succ().raw()]);
        }
        let mut before = [false; 4];
        for day in days {
            let (planned, _, met) = state(facts, seq, day);
            let now = [
                planned.is_some(),
                planned.is_some_and(|on| on <= day),
                met.is_some(),
                met.is_none() && planned.is_some_and(|on| on < day),
            ];
            for (at, (was, is)) in (12..).zip(before.iter().zip(now)) {
                if *was != is {
                    *counts.entry((day, at)).or_default() += if is { 1 } else { -1 };
                }
            }
            before = now;
        }
    }
    counts.retain(|_, change| *change != 0);
    Ok(counts)
}
