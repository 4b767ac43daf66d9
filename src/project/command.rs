//! Registering projects and saying things of them.

use serde_json::{Map, Value, json};

use super::{
    Attribute, Project, ProjectFact, ProjectState, Status, Withdrawal, check_code, check_not_future, check_value,
    check_years, store,
};
use crate::auth::{Action, Actor, authorise};
use crate::close::Kind as Lock;
use crate::close::command::{check_open, check_open_of};
use crate::db::{AnyConnection, Head, Tx};
use crate::document::command::cite;
use crate::document::{Citation, check_text};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::{Day, Precision};
use crate::subtotal::{self, Posting, Timeline};

/// Where a fact comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// A document with a number.
    pub document_id: Option<i64>,
    /// A line of the plan.
    pub line_id: Option<i64>,
}

/// Something said of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFact {
    /// Of what.
    pub attribute: Attribute,
    /// Its value, as the attribute's rule wants it.
    pub value: String,
    /// How sure it is.
    pub status: Status,
    /// Why it is thought so.
    pub basis: String,
    /// How confident an inference is.
    pub confidence: String,
    /// Where it is written.
    pub origin: Origin,
}

/// A project to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// Its code.
    pub code: String,
    /// 序号 in its document.
    pub no: i32,
    /// What is said of it from the start.
    pub facts: Vec<NewFact>,
    /// Where it is written.
    pub origin: Origin,
}

/// Adds a project to a command under way. It and its facts hold from `(day, precision)`.
pub fn add(
    recording: &mut Recording<'_, '_>,
    posting: &mut Posting,
    new: NewProject,
    from: (Day, Precision),
) -> Result<Project> {
    check_code(&new.code)?;
    check_not_future("registered_on", from.0, recording.today())?;
    let lead = new.facts.iter().find(|fact| fact.attribute == Attribute::LeadDepartment);
    check_open_of(recording, Lock::Reports, from.0, lead.map_or("", |fact| fact.value.as_str()))?;
    if store::find(recording.tx().conn(), &new.code)?.is_some() {
        return Err(Error::Conflict(format!("项目编号 {} 已经登记", new.code)));
    }
    let project = recording.add(|id, seq| Project {
        id,
        seq,
        code: new.code,
        no: new.no,
        registered_on: from.0.raw(),
        precision: from.1.word().into(),
        document_id: new.origin.document_id,
        line_id: new.origin.line_id,
    })?;
    for fact in &new.facts {
        check_fact(recording.tx().conn(), fact)?;
    }
    recording.add_all(new.facts, |id, seq, fact| row(id, seq, project.id, fact, from))?;
    let conn = recording.tx().conn();
    let timeline = subtotal::store::timeline(conn, project.id)?;
    posting.project(project.id, from.0, timeline)?;
    refresh(recording, &project)?;
    Ok(project)
}

/// Adds a fact about a known project to a command under way.
pub fn add_fact(
    recording: &mut Recording<'_, '_>,
    posting: &mut Posting,
    project: &Project,
    fact: NewFact,
    from: (Day, Precision),
) -> Result<ProjectFact> {
    check_fact(recording.tx().conn(), &fact)?;
    check_not_future("effective_on", from.0, recording.today())?;
    check_open(recording, Lock::Reports, from.0, project.id)?;
    if fact.attribute == Attribute::LeadDepartment {
        // What moves into a department's locked month changes that month.
        check_open_of(recording, Lock::Reports, from.0, &fact.value)?;
    }
    let old = subtotal::store::timeline(recording.tx().conn(), project.id)?;
    let fact = recording.add(|id, seq| row(id, seq, project.id, fact, from))?;
    settle(recording, posting, project, &old)?;
    Ok(fact)
}

/// 变更: one attribute of one project, from a day on, by a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The project.
    pub code: String,
    /// What changes.
    pub attribute: Attribute,
    /// To what.
    pub value: String,
    /// From when.
    pub effective_on: Day,
    /// By which document.
    pub document: Citation,
    /// Why, in a line; may be empty.
    pub reason: String,
}

/// Records a change of the registry: a rename, other years, another system, a cancellation.
pub fn change(tx: &mut Tx<'_>, actor: &Actor, change: Change) -> Result<Head> {
    authorise(actor, Action::ChangeProject)?;
    let mut recording = Recording::begin(tx, actor, "project.change", &change.code)?;
    let (project, before) = get_state(&mut recording, &change.code, change.effective_on)?;
    check_years_after(&before, change.attribute, &change.value)?;
    if !change.reason.is_empty() {
        check_text("reason", &change.reason, 500)?;
    }
    let document_id = cite(&mut recording, &change.document)?;
    let mut posting = Posting::default();
    let fact = NewFact {
        attribute: change.attribute,
        value: change.value.clone(),
        status: Status::Stated,
        basis: change.reason,
        confidence: String::new(),
        origin: Origin { document_id: Some(document_id), line_id: None },
    };
    add_fact(&mut recording, &mut posting, &project, fact, (change.effective_on, Precision::Day))?;
    let detail = detail([
        ("attribute", json!(change.attribute.word())),
        ("before", json!(before.value(change.attribute))),
        ("after", json!(change.value)),
        ("effective_on", json!(change.effective_on.to_string())),
        ("document", json!(change.document.code)),
    ]);
    close(recording, &posting, detail)
}

/// Takes back the registry facts that one journal row recorded.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, seq: i64, reason: &str, document: Option<Citation>) -> Result<Head> {
    authorise(actor, Action::ChangeProject)?;
    check_text("reason", reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "fact.withdraw", format!("seq:{seq}"))?;
    let facts = store::list_recorded(recording.tx().conn(), seq)?;
    if facts.is_empty() {
        return Err(Error::invalid("seq", seq.to_string(), "这一条日志没有可撤回的登记事实"));
    }
    // A plan is loaded in one row; taking it back whole is never a correction.
    if facts.iter().any(|fact| fact.line_id.is_some()) {
        return Err(Error::Conflict("规划原文载入的事实不能撤回；请另记一条变更".into()));
    }
    let document_id = document.as_ref().map(|citation| cite(&mut recording, citation)).transpose()?;
    let mut posting = Posting::default();
    for fact in &facts {
        if store::is_withdrawn(recording.tx().conn(), fact.id)? {
            return Err(Error::Conflict(format!("日志 {seq} 的事实已经撤回")));
        }
        let project = store::find_by_id(recording.tx().conn(), fact.project_id)?
            .ok_or_else(|| Error::internal("登记事实没有项目", fact.id.to_string()))?;
        check_open(&mut recording, Lock::Reports, Day::from_raw(fact.effective_on)?, project.id)?;
        let old = subtotal::store::timeline(recording.tx().conn(), project.id)?;
        recording.add(|id, seq| Withdrawal { id, seq, fact_id: fact.id, reason: reason.to_owned(), document_id })?;
        settle(&mut recording, &mut posting, &project, &old)?;
    }
    let taken: Vec<Value> =
        facts.iter().map(|fact| json!({"fact": fact.id, "attribute": fact.attribute, "value": fact.value})).collect();
    close(recording, &posting, detail([("withdrawn", json!(taken)), ("reason", json!(reason))]))
}

/// Ends a command: subtotals, then the journal row.
pub fn close(mut recording: Recording<'_, '_>, posting: &Posting, detail: Map<String, Value>) -> Result<Head> {
    let (seq, at) = (recording.seq(), recording.at());
    posting.apply(recording.tx(), seq, at);
    recording.finish(detail)
}

/// What a person reads in the journal, in this order.
pub fn detail<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The project of a code and what is said of it on a day, or a message that says what to do.
pub fn get_state(recording: &mut Recording<'_, '_>, code: &str, on: Day) -> Result<(Project, ProjectState)> {
    let seq = recording.seq();
    let conn = recording.tx().conn();
    let project =
        store::find(conn, code)?.ok_or_else(|| Error::not_found("项目", code, "编号如 CY-01；首页有全部编号"))?;
    let state = store::find_state(conn, code, on, seq)?.ok_or_else(|| {
        let since = Day::from_raw(project.registered_on).map_or_else(|_| String::new(), |day| day.to_string());
        Error::invalid("effective_on", on.to_string(), format!("早于项目 {code} 的登记日 {since}"))
    })?;
    Ok((project, state))
}

fn row(id: i64, seq: i64, project_id: i64, fact: NewFact, (day, precision): (Day, Precision)) -> ProjectFact {
    ProjectFact {
        id,
        seq,
        project_id,
        attribute: fact.attribute.word().into(),
        effective_on: day.raw(),
        precision: precision.word().into(),
        value: fact.value,
        status: fact.status.word().into(),
        basis: fact.basis,
        confidence: fact.confidence,
        document_id: fact.origin.document_id,
        line_id: fact.origin.line_id,
    }
}

fn check_fact(conn: &mut AnyConnection, fact: &NewFact) -> Result<()> {
    check_value(fact.attribute, &fact.value)?;
    let (known, allowed) = match fact.attribute {
        Attribute::Category => (
            store::find_category(conn, &fact.value)?.is_some(),
            store::list_categories(conn)?.into_iter().map(|c| format!("{}（{}）", c.slug, c.name)).collect::<Vec<_>>(),
        ),
        Attribute::LeadDepartment => (
            store::find_department(conn, &fact.value)?.is_some(),
            store::list_departments(conn)?.into_iter().map(|d| format!("{}（{}）", d.code, d.name)).collect(),
        ),
        _ => return Ok(()),
    };
    match known {
        true => Ok(()),
        false => {
            Err(Error::invalid(fact.attribute.word(), &fact.value, format!("没有登记；可用 {}", allowed.join("、"))))
        }
    }
}

fn check_years_after(before: &ProjectState, attribute: Attribute, value: &str) -> Result<()> {
    let Ok(year) = value.parse::<i32>() else { return Ok(()) };
    match attribute {
        Attribute::StartYear => check_years(year, before.year(Attribute::EndYear).unwrap_or(year)),
        Attribute::EndYear => check_years(before.year(Attribute::StartYear).unwrap_or(year), year),
        _ => Ok(()),
    }
}

/// After the facts of a project changed: its balance moves along, its standing of today is kept.
fn settle(recording: &mut Recording<'_, '_>, posting: &mut Posting, project: &Project, old: &Timeline) -> Result<()> {
    let registered_on = Day::from_raw(project.registered_on)?;
    posting.reclassify(recording.tx(), project.id, registered_on, old)?;
    refresh(recording, project)
}

fn refresh(recording: &mut Recording<'_, '_>, project: &Project) -> Result<()> {
    let (today, seq) = (recording.today(), recording.seq());
    let conn = recording.tx().conn();
    let state = store::list_states(conn, today, seq, project.id - 1, 1)?.pop();
    let standing = state.map(|state| standing(&state)).unwrap_or_default();
    subtotal::store::put_standing(conn, project.id, &standing)
}

/// What the kept row of today holds of a project's state.
pub fn standing(state: &ProjectState) -> subtotal::store::Standing {
    subtotal::store::Standing {
        category: state.value(Attribute::Category).to_owned(),
        department: state.value(Attribute::LeadDepartment).to_owned(),
        nature: state.value(Attribute::Nature).to_owned(),
        stage: state.value(Attribute::Stage).to_owned(),
        start_year: state.year(Attribute::StartYear).unwrap_or(0),
        end_year: state.year(Attribute::EndYear).unwrap_or(0),
        name: state.value(Attribute::Name).to_owned(),
        supports: state.value(Attribute::SupportDepartments).to_owned(),
        statuses: STATUSES.map(|attribute| state.facts.get(&attribute).map_or("", |standing| standing.status.word())),
    }
}

/// The attributes whose status is kept, in the order of [`subtotal::store::Standing::statuses`].
const STATUSES: [Attribute; 4] =
    [Attribute::Category, Attribute::LeadDepartment, Attribute::Nature, Attribute::SupportDepartments];
