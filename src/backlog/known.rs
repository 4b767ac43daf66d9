//! How projects stand, as far as a row of the sheet speaks of it.

use std::collections::HashMap;

use super::{Dated, MEASURES, Sums, Works, approved_of};
use crate::db::AnyConnection;
use crate::document::store as documents;
use crate::error::Result;
use crate::ledger;
use crate::measure::Measure;
use crate::milestone;
use crate::milestone::order::Node;
use crate::money::Fen;
use crate::period::{Day, Precision};
use crate::project::{Attribute, ProjectState, store};

/// A project as the register knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What the registry says.
    pub state: ProjectState,
    /// Its milestones.
    pub nodes: Vec<Node>,
    /// The plan's estimate with its approved adjustments.
    pub estimate: Option<Fen>,
    /// 批复概算.
    pub approved: Option<Fen>,
    /// Its 文号.
    pub approved_by: Option<String>,
    /// From when it holds.
    pub approved_on: Option<Dated>,
    /// The day of the last entry of the three measures.
    pub up_to: Option<Day>,
    /// What they come to.
    pub sums: Sums,
}

impl Known {
    /// Whether it is built or done, as far as its milestones tell.
    pub fn works(&self) -> Option<Works> {
        let has = |codes: &[&str]| self.nodes.iter().any(|node| codes.contains(&node.code.as_str()));
        match () {
            () if has(&["N5", "N8"]) => Some(Works::Construction),
            () if has(&["S1", "S2", "S3", "S4"]) => Some(Works::Study),
            () if self.nodes.iter().any(|node| node.code.starts_with('N')) => Some(Works::Construction),
            () => None,
        }
    }

    /// When one of its milestones was met.
    pub fn met(&self, milestone: &str) -> Option<Dated> {
        let node = self.nodes.iter().find(|node| node.code == milestone)?;
        node.met.map(|met| (met.last, met.precision))
    }

    /// Start and finish.
    pub fn begun_and_ended(&self) -> [Option<Dated>; 2] {
        self.works().map_or([None, None], |works| works.nodes().map(|node| self.met(node)))
    }

    /// When start and finish are planned.
    pub fn planned(&self) -> [Option<Dated>; 2] {
        let planned = |code: &str| {
            let node = self.nodes.iter().find(|node| node.code == code)?;
            node.planned.map(|span| (span.last, span.precision))
        };
        self.works().map_or([None, None], |works| works.nodes().map(planned))
    }

    /// 前期手续: the standard milestones before the start, each with the day it was met or 「未办」.
    pub fn preliminaries(&self) -> String {
        let first = self.nodes.iter().filter(|node| ["N1", "N2", "N3", "N4"].contains(&node.code.as_str()));
        let told = first.map(|node| match node.met {
            Some(met) => format!("{} {}", node.name, met.precision.written(met.last)),
            None => format!("{} 未办", node.name),
        });
        told.collect::<Vec<_>>().join("；")
    }

    /// Since when it is registered, as exactly as that is known.
    pub fn registered(&self) -> Result<Dated> {
        let project = &self.state.project;
        Ok((Day::from_raw(project.registered_on)?, Precision::parse(&project.precision)?))
    }
}

/// Projects asked for at once.
const CHUNK: i64 = 1_000;

/// Every project at (`as_of`, `seq`) that fits, in order of registration.
pub fn list_known(
    conn: &mut AnyConnection,
    as_of: Day,
    seq: i64,
    fits: impl Fn(&ProjectState) -> bool,
) -> Result<Vec<Known>> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let states = store::list_states(conn, as_of, seq, after, CHUNK)?;
        let Some(last) = states.last() else { return Ok(all) };
        after = last.project.id;
        let states = states.into_iter().filter(|state| fits(state)).collect();
        all.extend(of_states(conn, as_of, seq, states)?);
    }
}

/// These projects at (`as_of`, `seq`), by id.
pub fn list_known_of(conn: &mut AnyConnection, as_of: Day, seq: i64, ids: &[i64]) -> Result<HashMap<i64, Known>> {
    let mut all = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(usize::try_from(CHUNK).unwrap_or(1)) {
        let states = store::list_states_of(conn, as_of, seq, ids)?;
        all.extend(of_states(conn, as_of, seq, states)?.into_iter().map(|known| (known.state.project.id, known)));
    }
    Ok(all)
}

/// What the three measures of these projects come to up to a day.
pub(super) fn sums_of(
    conn: &mut AnyConnection,
    ids: &[i64],
    up_to: Day,
    seq: i64,
) -> Result<HashMap<i64, (Sums, Option<Day>)>> {
    let mut all: HashMap<i64, (Sums, Option<Day>)> = HashMap::new();
    for balance in ledger::store::list_balances(conn, ids, up_to, seq)? {
        let Some(at) = MEASURES.iter().position(|measure| measure.code() == balance.measure) else { continue };
        let (sums, last) = all.entry(balance.project_id).or_default();
        sums.insert((at, balance.year), balance.sum);
        *last = (*last).max(Some(Day::from_raw(balance.last_on)?));
    }
    Ok(all)
}

fn of_states(conn: &mut AnyConnection, as_of: Day, seq: i64, states: Vec<ProjectState>) -> Result<Vec<Known>> {
    let ids: Vec<i64> = states.iter().map(|state| state.project.id).collect();
    let mut nodes: HashMap<i64, Vec<Node>> = HashMap::new();
    for (own, facts) in milestone::store::list_of(conn, &ids, as_of, seq)? {
        nodes.entry(own.project_id).or_default().push(Node::at(&own.code, &own.name, &facts, as_of)?);
    }
    let mut sums = sums_of(conn, &ids, as_of, seq)?;
    let mut estimates: HashMap<i64, Fen> = HashMap::new();
    for balance in ledger::store::list_balances(conn, &ids, as_of, seq)? {
        if balance.measure == Measure::Investment.code() {
            let own = estimates.entry(balance.project_id).or_default();
            *own = own.checked_add(Fen::new(balance.sum.fen))?;
        }
    }
    let mut all = Vec::with_capacity(states.len());
    for state in states {
        let id = state.project.id;
        let fact = state.facts.get(&Attribute::ApprovedCost).map(|standing| standing.fact.clone());
        let document = match fact.as_ref().and_then(|fact| fact.document_id) {
            Some(id) => documents::find(conn, id)?,
            None => None,
        };
        let approved_on = match &fact {
            Some(fact) => Some((Day::from_raw(fact.effective_on)?, Precision::parse(&fact.precision)?)),
            None => None,
        };
        let (sums, up_to) = sums.remove(&id).unwrap_or_default();
        all.push(Known {
            approved: approved_of(state.value(Attribute::ApprovedCost))?,
            approved_by: document.map(|document| document.code),
            approved_on,
            nodes: nodes.remove(&id).unwrap_or_default(),
            estimate: estimates.remove(&id),
            up_to,
            sums,
            state,
        });
    }
    Ok(all)
}
