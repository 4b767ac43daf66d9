//! Setting up milestones and recording what becomes of them.

use serde_json::json;

use super::{FactKind, Milestone, MilestoneFact, STANDARD, kind_label, store};
use crate::auth::{Action, Actor, authorise, authorise_lead};
use crate::db::{Head, Tx};
use crate::document::command::cite;
use crate::document::{Citation, check_text};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::{Day, Precision};
use crate::project::command::{close, detail, get_state};
use crate::project::store::find_state_by_id;
use crate::project::{Attribute, Withdrawal, check_not_future};
use crate::subtotal::counter::Fact;
use crate::subtotal::{Posting, store::put_milestone};

/// A milestone to be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMilestone {
    /// The project's code.
    pub project: String,
    /// N1–N10, S1–S4, or one's own.
    pub code: String,
    /// Its name; the standard one when not given.
    pub name: Option<String>,
    /// The day it is planned for, as far as it is known.
    pub planned: Option<(Day, Precision)>,
}

/// Something said of a milestone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFact {
    /// The project's code.
    pub project: String,
    /// The milestone's code.
    pub milestone: String,
    /// What is said.
    pub kind: FactKind,
    /// The day spoken of, as far as it is known.
    pub on: (Day, Precision),
    /// From when it holds; a met fact holds from its day, others from today when not given.
    pub effective_on: Option<Day>,
    /// Why a date moved.
    pub reason: String,
    /// What shows it.
    pub evidence: String,
}

/// Sets up a milestone, with its planned day if there is one.
pub fn add(tx: &mut Tx<'_>, actor: &Actor, new: NewMilestone, document: Citation) -> Result<Head> {
    authorise(actor, Action::RecordMilestone)?;
    let mut recording = Recording::begin(tx, actor, "milestone.add", format!("{}/{}", new.project, new.code))?;
    let today = recording.today();
    let (project, state) = get_state(&mut recording, &new.project, today)?;
    authorise_lead(actor, Action::RecordMilestone, state.value(Attribute::LeadDepartment))?;
    let standard = STANDARD.iter().find(|(code, ..)| *code == new.code);
    let name = match (&new.name, standard) {
        (Some(name), _) => name.clone(),
        (None, Some((_, name, _))) => (*name).to_owned(),
        (None, None) => {
            return Err(Error::invalid(
                "name",
                "",
                format!("「{}」不是标准节点，要写名称；标准节点 N1–N10、S1–S4", new.code),
            ));
        }
    };
    check_text("code", &new.code, 16)?;
    check_text("name", &name, 60)?;
    if store::find(recording.tx().conn(), project.id, &new.code)?.is_some() {
        return Err(Error::Conflict(format!("{} 已有节点 {}", new.project, new.code)));
    }
    let document_id = Some(cite(&mut recording, &document)?);
    let position = standard.map_or(200, |(.., position)| *position);
    let milestone = recording.add(|id, seq| Milestone {
        id,
        seq,
        project_id: project.id,
        code: new.code.clone(),
        name,
        position,
        document_id,
        line_id: None,
    })?;
    let mut posting = Posting::default();
    if let Some(on) = new.planned {
        let fact = NewFact {
            project: new.project,
            milestone: new.code,
            kind: FactKind::Plan,
            on,
            effective_on: None,
            reason: String::new(),
            evidence: String::new(),
        };
        add_fact(&mut recording, &mut posting, &milestone, fact, document_id)?;
    }
    let told =
        detail([("planned", json!(new.planned.map(|(day, _)| day.to_string()))), ("document", json!(document.code))]);
    close(recording, &posting, told)
}

/// Records what is said of a milestone.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, new: NewFact, document: Citation) -> Result<Head> {
    authorise(actor, Action::RecordMilestone)?;
    let mut recording = Recording::begin(tx, actor, "milestone.record", format!("{}/{}", new.project, new.milestone))?;
    let today = recording.today();
    let (project, state) = get_state(&mut recording, &new.project, today)?;
    authorise_lead(actor, Action::RecordMilestone, state.value(Attribute::LeadDepartment))?;
    let milestone = store::find(recording.tx().conn(), project.id, &new.milestone)?
        .ok_or_else(|| Error::not_found("节点", &new.milestone, "先用 taizhang milestone add 设立"))?;
    let document_id = Some(cite(&mut recording, &document)?);
    let mut posting = Posting::default();
    let told = detail([
        ("kind", json!(kind_label(new.kind))),
        ("on", json!(new.on.0.to_string())),
        ("precision", json!(new.on.1.word())),
        ("reason", json!(new.reason)),
        ("document", json!(document.code)),
    ]);
    add_fact(&mut recording, &mut posting, &milestone, new, document_id)?;
    close(recording, &posting, told)
}

/// Takes back what one journal row said of milestones.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, seq: i64, reason: &str, document: Option<Citation>) -> Result<Head> {
    authorise(actor, Action::RecordMilestone)?;
    check_text("reason", reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "milestone.withdraw", format!("seq:{seq}"))?;
    let facts = store::list_recorded(recording.tx().conn(), seq)?;
    if facts.is_empty() {
        return Err(Error::invalid("seq", seq.to_string(), "这一条日志没有可撤回的节点记录"));
    }
    let document_id = document.as_ref().map(|citation| cite(&mut recording, citation)).transpose()?;
    let today = recording.today();
    let mut posting = Posting::default();
    for fact in &facts {
        if crate::project::store::is_withdrawn(recording.tx().conn(), fact.id)? {
            return Err(Error::Conflict(format!("日志 {seq} 的节点记录已经撤回")));
        }
        let milestone = store::find_by_id(recording.tx().conn(), fact.milestone_id)?
            .ok_or_else(|| Error::internal("节点记录没有节点", fact.id.to_string()))?;
        let seq = recording.seq();
        let state = find_state_by_id(recording.tx().conn(), milestone.project_id, today, seq)?;
        let lead = state.as_ref().map_or("", |state| state.value(Attribute::LeadDepartment));
        authorise_lead(actor, Action::RecordMilestone, lead)?;
        let before = counted(&mut recording, &milestone)?;
        recording.add(|id, seq| Withdrawal { id, seq, fact_id: fact.id, reason: reason.to_owned(), document_id })?;
        let after = counted(&mut recording, &milestone)?;
        let conn = recording.tx().conn();
        posting.milestone(conn, milestone.project_id, &before, &after)?;
        put_milestone(conn, milestone.id, milestone.project_id, super::state_at(&after, today))?;
    }
    let taken: Vec<serde_json::Value> = facts
        .iter()
        .filter_map(|fact| Some(json!({"fact": fact.id, "kind": kind_label(super::FactKind::from_code(fact.kind)?)})))
        .collect();
    close(recording, &posting, detail([("withdrawn", json!(taken)), ("reason", json!(reason))]))
}

fn add_fact(
    recording: &mut Recording<'_, '_>,
    posting: &mut Posting,
    milestone: &Milestone,
    new: NewFact,
    document_id: Option<i64>,
) -> Result<()> {
    let today = recording.today();
    let (day, precision) = new.on;
    let happened = matches!(new.kind, FactKind::Met | FactKind::Reopened);
    if happened {
        check_not_future("on", day, today)?;
    }
    let happens_on = match happened {
        // A month still running: it happened by today at the latest.
        true => precision.last_day_of(day).min(today),
        false => precision.last_day_of(day),
    };
    let effective_on = new.effective_on.unwrap_or(if happened { happens_on } else { today });
    check_not_future("effective_on", effective_on, today)?;
    for (field, text) in [("reason", &new.reason), ("evidence", &new.evidence)] {
        if !text.is_empty() {
            check_text(field, text, 500)?;
        }
    }
    let before = counted(recording, milestone)?;
    check_order(new.kind, &before, effective_on)?;
    recording.add(|id, seq| MilestoneFact {
        id,
        seq,
        milestone_id: milestone.id,
        kind: new.kind.code(),
        happens_on: happens_on.raw(),
        precision: precision.word().into(),
        effective_on: effective_on.raw(),
        reason: new.reason,
        evidence: new.evidence,
        document_id,
        line_id: None,
        source_url: String::new(),
        source_quality: String::new(),
    })?;
    let after = counted(recording, milestone)?;
    let conn = recording.tx().conn();
    posting.milestone(conn, milestone.project_id, &before, &after)?;
    put_milestone(conn, milestone.id, milestone.project_id, super::state_at(&after, today))
}

/// Only what was met can be reopened; what is met is not met again.
fn check_order(kind: FactKind, before: &[Fact], on: Day) -> Result<()> {
    let met = super::state_at(before, on).met_on;
    match (kind, met) {
        (FactKind::Reopened, None) => Err(Error::Conflict("节点尚未完成，不能重开".into())),
        (FactKind::Met, Some(day)) => Err(Error::Conflict(format!("节点已于 {day} 完成；如有误，先重开"))),
        _ => Ok(()),
    }
}

fn counted(recording: &mut Recording<'_, '_>, milestone: &Milestone) -> Result<Vec<Fact>> {
    let all = crate::subtotal::store::list_milestones(recording.tx().conn(), milestone.project_id)?;
    Ok(all.into_iter().find(|(id, _)| *id == milestone.id).map(|(_, facts)| facts).unwrap_or_default())
}
