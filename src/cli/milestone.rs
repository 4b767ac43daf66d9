//! `taizhang milestone …`

use super::args::{Milestone, MilestoneAdd, MilestoneFact, Shared, Withdraw};
use super::entry::{bare, citation, date, day};
use super::{open, print};
use crate::auth::Actor;
use crate::error::Result;
use crate::milestone::command::{self, NewFact, NewMilestone};
use crate::milestone::parse_kind;

pub(super) fn run(shared: &Shared, command: Milestone) -> Result<()> {
    let head = match command {
        Milestone::Add(add) => set_up(shared, add)?,
        Milestone::Fact(fact) => record(shared, fact)?,
        Milestone::Withdraw(withdraw) => take_back(shared, withdraw)?,
    };
    print(&format!("已记入，日志 {} {}\n", head.seq, head.at.rfc3339()));
    Ok(())
}

fn set_up(shared: &Shared, add: MilestoneAdd) -> Result<crate::db::Head> {
    let planned = add.planned.as_deref().map(|text| date("planned", text)).transpose()?;
    let new = NewMilestone { project: add.project, code: add.code, name: add.name, planned };
    let document = citation(add.document)?;
    open(shared)?.write(move |tx| command::add(tx, &Actor::operator(), new, document))
}

fn record(shared: &Shared, fact: MilestoneFact) -> Result<crate::db::Head> {
    let new = NewFact {
        project: fact.project,
        milestone: fact.code,
        kind: parse_kind(&fact.kind)?,
        on: date("on", &fact.on)?,
        effective_on: fact.since.as_deref().map(|text| day("since", text)).transpose()?,
        reason: fact.reason,
        evidence: fact.evidence,
    };
    let document = citation(fact.document)?;
    open(shared)?.write(move |tx| command::record(tx, &Actor::operator(), new, document))
}

fn take_back(shared: &Shared, withdraw: Withdraw) -> Result<crate::db::Head> {
    let document = withdraw.document.map(bare);
    open(shared)?.write(move |tx| command::withdraw(tx, &Actor::operator(), withdraw.seq, &withdraw.reason, document))
}
