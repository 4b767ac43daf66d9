//! `taizhang milestone …`

use super::args::{
    Milestone, MilestoneAdd, MilestoneConfirm, MilestoneDismiss, MilestoneFact, MilestoneImport, MilestoneSet, Shared,
    Withdraw,
};
use super::entry::{bare, citation, date, day};
use super::{open, print};
use crate::auth::Actor;
use crate::db::Head;
use crate::error::{Error, Result};
use crate::milestone::command::{self, NewFact, NewMilestone, NewSet, Noted};
use crate::milestone::parse_kind;
use crate::milestone::public::{self, Confirmation};
use crate::milestone::template::Template;
use crate::seed;

pub(super) fn run(shared: &Shared, command: Milestone) -> Result<()> {
    let noted = match command {
        Milestone::Add(add) => set_up(shared, add)?,
        Milestone::Set(set) => set_up_all(shared, set)?,
        Milestone::Fact(fact) => record(shared, fact)?,
        Milestone::Confirm(confirm) => confirm_clue(shared, confirm)?,
        Milestone::Withdraw(withdraw) => plain(take_back(shared, withdraw)?),
        Milestone::Dismiss(dismiss) => plain(dismiss_clue(shared, dismiss)?),
        Milestone::Import(import) => return take_in(shared, &import),
    };
    for warning in &noted.warnings {
        print(&format!("请核对：{warning}\n"));
    }
    print(&format!("已记入，日志 {} {}\n", noted.head.seq, noted.head.at.rfc3339()));
    Ok(())
}

fn plain(head: Head) -> Noted {
    Noted { head, warnings: Vec::new() }
}

fn set_up(shared: &Shared, add: MilestoneAdd) -> Result<Noted> {
    let planned = add.planned.as_deref().map(|text| date("planned", text)).transpose()?;
    let new = NewMilestone { project: add.project, code: add.code, name: add.name, planned };
    let document = citation(add.document)?;
    open(shared)?.write(move |tx| command::add(tx, &Actor::operator(), new, document))
}

fn set_up_all(shared: &Shared, set: MilestoneSet) -> Result<Noted> {
    let planned = set.planned.iter().map(|text| match text.split_once('=') {
        Some((code, on)) => Ok((code.to_owned(), date("planned", on)?)),
        None => Err(Error::invalid("planned", text, "写成 节点=日期，如 N5=2025-03")),
    });
    let new = NewSet {
        project: set.project,
        template: Template::parse(&set.template)?,
        planned: planned.collect::<Result<_>>()?,
    };
    let document = citation(set.document)?;
    open(shared)?.write(move |tx| command::set_up(tx, &Actor::operator(), new, document))
}

fn record(shared: &Shared, fact: MilestoneFact) -> Result<Noted> {
    let new = NewFact {
        project: fact.project,
        milestone: fact.code,
        kind: parse_kind(&fact.kind)?,
        on: date("on", &fact.on)?,
        effective_on: fact.since.as_deref().map(|text| day("since", text)).transpose()?,
        reason: fact.reason,
        evidence: fact.evidence,
        seen: None,
    };
    let document = citation(fact.document)?;
    open(shared)?.write(move |tx| command::record(tx, &Actor::operator(), new, document))
}

fn take_back(shared: &Shared, withdraw: Withdraw) -> Result<Head> {
    let document = withdraw.document.map(bare);
    open(shared)?.write(move |tx| command::withdraw(tx, &Actor::operator(), withdraw.seq, &withdraw.reason, document))
}

fn confirm_clue(shared: &Shared, confirm: MilestoneConfirm) -> Result<Noted> {
    let new = Confirmation {
        clue: confirm.clue,
        milestone: confirm.code,
        name: confirm.name,
        on: confirm.on.as_deref().map(|text| date("on", text)).transpose()?,
        reason: confirm.reason,
    };
    let document = citation(confirm.document)?;
    open(shared)?.write(move |tx| public::confirm_clue(tx, &Actor::operator(), &new, document))
}

fn dismiss_clue(shared: &Shared, dismiss: MilestoneDismiss) -> Result<Head> {
    let document = dismiss.document.map(bare);
    open(shared)?.write(move |tx| public::dismiss_clue(tx, &Actor::operator(), dismiss.clue, &dismiss.reason, document))
}

fn take_in(shared: &Shared, import: &MilestoneImport) -> Result<()> {
    let rows = seed::read_statements(import.file.as_deref())?;
    let (head, brought) = open(shared)?.write(move |tx| public::import(tx, &Actor::operator(), &rows))?;
    print(&format!(
        "已登记：节点 {} 个，线索和计划表述 {} 条；已有 {} 条，发布日期晚于今天的 {} 条未登记；日志 {}\n",
        brought.facts, brought.clues, brought.known, brought.later, head.seq
    ));
    Ok(())
}
