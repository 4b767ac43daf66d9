//! Setting up milestones and recording what becomes of them.

use serde_json::json;

use super::order::{self, Node, Said, Span, Surroundings};
use super::template::Template;
use super::{FactKind, Milestone, MilestoneFact, STANDARD, kind_label, store};
use crate::auth::{Action, Actor, authorise, authorise_lead};
use crate::close::Kind as Lock;
use crate::close::command::{check_open, locked_until};
use crate::db::{AnyConnection, Head, Tx};
use crate::document::command::cite;
use crate::document::{Citation, check_text};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::{Day, Precision};
use crate::project::command::{close, detail, get_state};
use crate::project::store::find_state_by_id;
use crate::project::{Attribute, Project, ProjectState, Withdrawal, check_not_future};
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
    /// The version of the milestone that whoever says it has seen: refused when more was said since.
    pub seen: Option<i64>,
}

/// A project's milestones from a template, in one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSet {
    /// The project's code.
    pub project: String,
    /// Which set.
    pub template: Template,
    /// The planned days known already, by milestone.
    pub planned: Vec<(String, (Day, Precision))>,
}

/// What was recorded, and what is odd about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The journal row.
    pub head: Head,
    /// What to look at; recorded all the same.
    pub warnings: Vec<String>,
}

/// Where something said of a milestone comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    /// A document with a number.
    pub document_id: Option<i64>,
    /// A public source.
    pub source_url: String,
    /// official, media or reprint.
    pub source_quality: String,
}

/// Sets up a milestone, with its planned day if there is one.
pub fn add(tx: &mut Tx<'_>, actor: &Actor, new: NewMilestone, document: Citation) -> Result<Noted> {
    authorise(actor, Action::RecordMilestone)?;
    let mut recording = Recording::begin(tx, actor, "milestone.add", format!("{}/{}", new.project, new.code))?;
    let (project, state) = own_project(&mut recording, actor, &new.project)?;
    let document_id = cite(&mut recording, &document)?;
    let milestone = set_up_one(&mut recording, &project, &new.code, new.name.as_deref(), Some(document_id))?;
    let mut posting = Posting::default();
    let mut warnings = Vec::new();
    if let Some(on) = new.planned {
        let basis = Basis { document_id: Some(document_id), ..Basis::default() };
        let fact = plan_of(&new.project, &new.code, on);
        warnings = add_fact(&mut recording, &mut posting, (&milestone, &state), fact, basis)?;
    }
    let told = detail([
        ("planned", json!(new.planned.map(|(day, _)| day.to_string()))),
        ("document", json!(document.code)),
        ("warnings", json!(warnings)),
    ]);
    Ok(Noted { head: close(recording, &posting, told)?, warnings })
}

/// Sets up what a template holds and the project does not have yet, with the planned days given.
pub fn set_up(tx: &mut Tx<'_>, actor: &Actor, new: NewSet, document: Citation) -> Result<Noted> {
    authorise(actor, Action::RecordMilestone)?;
    let mut recording = Recording::begin(tx, actor, "milestone.set_up", &new.project)?;
    let (project, state) = own_project(&mut recording, actor, &new.project)?;
    let nodes = new.template.nodes();
    if let Some((code, _)) = new.planned.iter().find(|(code, _)| !nodes.iter().any(|(known, _)| known == code)) {
        let known = nodes.iter().map(|(code, _)| *code).collect::<Vec<_>>().join("、");
        return Err(Error::invalid("planned", code, format!("这套节点里没有；可用 {known}")));
    }
    let mut lacking = Vec::new();
    for (code, name) in nodes {
        if store::find(recording.tx().conn(), project.id, code)?.is_none() {
            lacking.push((*code, *name));
        } else if let Some((code, _)) = new.planned.iter().find(|(known, _)| known == code) {
            let message = format!("{} 已有节点 {code}；它的计划另外记", new.project);
            return Err(Error::Conflict(message));
        }
    }
    if lacking.is_empty() {
        return Err(Error::Conflict(format!("{} 已经有这套节点的全部 {} 个", new.project, nodes.len())));
    }
    let document_id = cite(&mut recording, &document)?;
    let (mut posting, mut warnings) = (Posting::default(), Vec::new());
    for (code, name) in &lacking {
        let milestone = set_up_one(&mut recording, &project, code, Some(name), Some(document_id))?;
        if let Some((_, on)) = new.planned.iter().find(|(known, _)| known == code) {
            let basis = Basis { document_id: Some(document_id), ..Basis::default() };
            let fact = plan_of(&new.project, code, *on);
            let odd = add_fact(&mut recording, &mut posting, (&milestone, &state), fact, basis);
            warnings.extend(odd.map_err(|error| error.within(name))?.into_iter().map(|odd| format!("{name}：{odd}")));
        }
    }
    let codes: Vec<&str> = lacking.iter().map(|(code, _)| *code).collect();
    let told = detail([
        ("template", json!(new.template.word())),
        ("milestones", json!(codes)),
        (
            "planned",
            json!(new.planned.iter().map(|(code, (on, how))| json!([code, how.written(*on)])).collect::<Vec<_>>()),
        ),
        ("document", json!(document.code)),
        ("warnings", json!(warnings)),
    ]);
    Ok(Noted { head: close(recording, &posting, told)?, warnings })
}

/// Records what is said of a milestone.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, new: NewFact, document: Citation) -> Result<Noted> {
    authorise(actor, Action::RecordMilestone)?;
    let mut recording = Recording::begin(tx, actor, "milestone.record", format!("{}/{}", new.project, new.milestone))?;
    let (project, state) = own_project(&mut recording, actor, &new.project)?;
    let milestone = store::find(recording.tx().conn(), project.id, &new.milestone)?
        .ok_or_else(|| Error::not_found("节点", &new.milestone, "先用 taizhang milestone add 设立"))?;
    let document_id = cite(&mut recording, &document)?;
    let mut posting = Posting::default();
    let told = [
        ("kind", json!(kind_label(new.kind))),
        ("on", json!(new.on.0.to_string())),
        ("precision", json!(new.on.1.word())),
        ("reason", json!(new.reason)),
        ("document", json!(document.code)),
    ];
    if let Some(seen) = new.seen {
        check_version(recording.tx().conn(), &milestone, seen)?;
    }
    let basis = Basis { document_id: Some(document_id), ..Basis::default() };
    let warnings = add_fact(&mut recording, &mut posting, (&milestone, &state), new, basis)?;
    let mut told = detail(told);
    told.insert("warnings".into(), json!(warnings));
    Ok(Noted { head: close(recording, &posting, told)?, warnings })
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
        check_open(&mut recording, Lock::Reports, Day::from_raw(fact.effective_on)?, milestone.project_id)?;
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

/// Refuses to add to what has changed since it was seen, and says what stands now.
fn check_version(conn: &mut AnyConnection, milestone: &Milestone, seen: i64) -> Result<()> {
    let version = store::version(conn, milestone)?;
    if version == seen {
        return Ok(());
    }
    let last = store::list_facts(conn, milestone.id)?.pop();
    let stands = match last {
        None => "没有记录".to_owned(),
        Some(fact) => {
            let kind = FactKind::from_code(fact.kind).map_or("", kind_label);
            format!("{kind} {}", Precision::parse(&fact.precision)?.render(Day::from_raw(fact.happens_on)?))
        }
    };
    let message =
        format!("{}在此期间已有新的记录：{stands}（日志 {version}）；这一次没有记入，请看过再定", milestone.name);
    Err(Error::Stale(message))
}

/// The project of a code, for whoever may write it.
fn own_project(recording: &mut Recording<'_, '_>, actor: &Actor, code: &str) -> Result<(Project, ProjectState)> {
    let today = recording.today();
    let (project, state) = get_state(recording, code, today)?;
    authorise_lead(actor, Action::RecordMilestone, state.value(Attribute::LeadDepartment))?;
    Ok((project, state))
}

fn plan_of(project: &str, code: &str, on: (Day, Precision)) -> NewFact {
    NewFact {
        project: project.into(),
        milestone: code.into(),
        kind: FactKind::Plan,
        on,
        effective_on: None,
        reason: String::new(),
        evidence: String::new(),
        seen: None,
    }
}

/// Adds a milestone to a command under way.
pub fn set_up_one(
    recording: &mut Recording<'_, '_>,
    project: &Project,
    code: &str,
    name: Option<&str>,
    document_id: Option<i64>,
) -> Result<Milestone> {
    let standard = STANDARD.iter().find(|(known, ..)| *known == code);
    let name = match (name, standard) {
        (Some(name), _) => name.to_owned(),
        (None, Some((_, name, _))) => (*name).to_owned(),
        (None, None) => {
            let message = format!("「{code}」不是标准节点，要写名称；标准节点 N1–N10、S1–S4");
            return Err(Error::invalid("name", "", message));
        }
    };
    check_text("code", code, 16)?;
    check_text("name", &name, 60)?;
    if store::find(recording.tx().conn(), project.id, code)?.is_some() {
        return Err(Error::Conflict(format!("{} 已有节点 {code}", project.code)));
    }
    let position = standard.map_or(200, |(.., position)| *position);
    recording.add(|id, seq| Milestone {
        id,
        seq,
        project_id: project.id,
        code: code.to_owned(),
        name,
        position,
        document_id,
        line_id: None,
    })
}

/// Adds a fact to a command under way, and tells what is odd about it.
pub fn add_fact(
    recording: &mut Recording<'_, '_>,
    posting: &mut Posting,
    (milestone, state): (&Milestone, &ProjectState),
    new: NewFact,
    basis: Basis,
) -> Result<Vec<String>> {
    let today = recording.today();
    let (day, precision) = new.on;
    let happened = matches!(new.kind, FactKind::Met | FactKind::Reopened);
    if happened {
        check_not_future("on", precision.first_day_of(day), today)?;
    }
    let happens_on = match happened {
        // A month still running: it happened by today at the latest.
        true => precision.last_day_of(day).min(today),
        false => precision.last_day_of(day),
    };
    let (effective_on, late) = effective_from(recording, milestone, &new, if happened { happens_on } else { today })?;
    check_not_future("effective_on", effective_on, today)?;
    for (field, text) in [("reason", &new.reason), ("evidence", &new.evidence)] {
        if !text.is_empty() {
            check_text(field, text, 500)?;
        }
    }
    let said = Said { kind: new.kind, span: Span::of(happens_on, precision), reason: &new.reason };
    let mut warnings = judge(recording, milestone, state, said, effective_on)?;
    warnings.extend(late);
    let before = counted(recording, milestone)?;
    recording.add(|id, seq| MilestoneFact {
        id,
        seq,
        milestone_id: milestone.id,
        kind: new.kind.code(),
        happens_on: happens_on.raw(),
        precision: precision.word().into(),
        effective_on: effective_on.raw(),
        reason: new.reason.clone(),
        evidence: new.evidence.clone(),
        document_id: basis.document_id,
        line_id: None,
        source_url: basis.source_url.clone(),
        source_quality: basis.source_quality.clone(),
    })?;
    let after = counted(recording, milestone)?;
    let conn = recording.tx().conn();
    posting.milestone(conn, milestone.project_id, &before, &after)?;
    put_milestone(conn, milestone.id, milestone.project_id, super::state_at(&after, today))?;
    Ok(warnings)
}

/// From when a fact holds, and what is odd about that. What happened in a locked month keeps its own
/// day and counts from the first day that is open; a day somebody names is taken or refused.
fn effective_from(
    recording: &mut Recording<'_, '_>,
    milestone: &Milestone,
    new: &NewFact,
    own: Day,
) -> Result<(Day, Option<String>)> {
    let project = milestone.project_id;
    if let Some(named) = new.effective_on {
        return check_open(recording, Lock::Reports, named, project).map(|()| (named, None));
    }
    match locked_until(recording, Lock::Reports, project)? {
        Some(until) if own.month() <= until => {
            let first = until.last_day().succ();
            Ok((first, Some(format!("{until} 及以前各月已锁定：{own} 的日期不变，自 {first} 起计入"))))
        }
        _ => Ok((own, None)),
    }
}

/// Refuses what cannot be, in the order of the project's other milestones; tells what is odd.
fn judge(
    recording: &mut Recording<'_, '_>,
    milestone: &Milestone,
    state: &ProjectState,
    said: Said<'_>,
    effective_on: Day,
) -> Result<Vec<String>> {
    let (today, seq, project) = (recording.today(), recording.seq(), milestone.project_id);
    let told = store::list(recording.tx().conn(), project - 1, project, today, seq)?;
    let (own, others): (Vec<_>, Vec<_>) = told.into_iter().partition(|(other, _)| other.id == milestone.id);
    let own = own.into_iter().next().map_or_else(Vec::new, |(_, facts)| facts);
    let node = Node::at(&milestone.code, &milestone.name, &own, effective_on)?;
    let others: Vec<Node> =
        others.iter().map(|(other, facts)| Node::at(&other.code, &other.name, facts, today)).collect::<Result<_>>()?;
    order::check(&node, &others, said)?;
    let around = Surroundings {
        start_year: state.year(Attribute::StartYear),
        end_year: state.year(Attribute::EndYear),
        stage: state.value(Attribute::Stage).to_owned(),
    };
    Ok(order::warnings(&node, &others, said, &around, today))
}

fn counted(recording: &mut Recording<'_, '_>, milestone: &Milestone) -> Result<Vec<Fact>> {
    let all = crate::subtotal::store::list_milestones(recording.tx().conn(), milestone.project_id)?;
    Ok(all.into_iter().find(|(id, _)| *id == milestone.id).map(|(_, facts)| facts).unwrap_or_default())
}
