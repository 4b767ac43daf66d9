//! Drafting, submitting, withdrawing, passing, returning and approving reports.

use serde_json::{Map, Value, json};

use super::content::{Content, warnings};
use super::course::{self, Course, Stage, Step};
use super::store::{self, DraftKey};
use super::typed::Typed;
use super::{
    ReportLine, ReportProblem, ReportStep, ReportVersion, State, check_department, check_month, document_code, duty,
    entry_day, is_estimate,
};
use crate::auth::{Action, Actor, Role, authorise, authorise_lead};
use crate::close::Kind as Lock;
use crate::close::command::check_open;
use crate::db::{Head, Tx};
use crate::document::command::cite;
use crate::document::{Citation, check_text};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::ledger::Kind;
use crate::ledger::command::{Late, NewEntry, add_all};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Month};
use crate::project::command::{Origin, close, detail, get_state};
use crate::project::{Attribute, Project, ProjectState, store as registry};
use crate::subtotal::Posting;

/// Which report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// The project's code.
    pub project: String,
    /// The 报告期.
    pub month: Month,
}

impl Which {
    /// What the journal calls it.
    pub fn subject(&self) -> String {
        format!("{}/{}", self.project, self.month)
    }
}

/// What is typed, and which version of the draft whoever types has seen (0: none).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    /// Which report.
    pub which: Which,
    /// What it says.
    pub typed: Typed,
    /// The version of the draft it was typed on; none: not checked.
    pub seen: Option<i64>,
}

/// What submitting or a step gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The journal row.
    pub head: Head,
    /// Where the report stands now.
    pub state: State,
    /// What to look at; recorded all the same.
    pub warnings: Vec<String>,
}

/// Keeps a draft: a department's for a project and month. It is not said yet, so the journal does
/// not hold it. The answer is its version.
///
/// # Errors
/// [`Error::Stale`] when somebody else saved since `seen`.
pub fn save(tx: &mut Tx<'_>, actor: &Actor, new: &NewReport) -> Result<i64> {
    authorise(actor, Action::FileReport)?;
    new.typed.check_draft()?;
    let (today, seq) = (tx.clock().today(), tx.head().seq);
    let (project, state) = find_state(tx, &new.which.project, today, seq)?;
    let lead = state.value(Attribute::LeadDepartment);
    authorise_lead(actor, Action::FileReport, lead)?;
    let month = new.which.month;
    if month.first_day() > today {
        let message = format!("报告期还没有开始（今天 {today}）；到 {} 再填", month.first_day());
        return Err(Error::invalid("month", month.to_string(), message));
    }
    course::check_submit(&store::course_of(tx.conn(), project.id, month, today, seq)?)?;
    let key = DraftKey { project: project.id, month, department: lead };
    let held = check_draft(tx, key, new.seen)?;
    let now = tx.clock().now();
    let content =
        serde_json::to_string(&new.typed).map_err(|cause| Error::internal("写不出草稿", cause.to_string()))?;
    let version = held + 1;
    let draft = store::Draft { version, content, actor: actor.name().to_owned(), at_us: now.micros() };
    store::put_draft(tx.conn(), key, &draft)?;
    Ok(version)
}

/// The project of a code as it stands, outside a command that is journalled.
fn find_state(tx: &mut Tx<'_>, code: &str, today: Day, seq: i64) -> Result<(Project, ProjectState)> {
    let state = registry::find_state(tx.conn(), code, today, seq)?
        .ok_or_else(|| Error::not_found("项目", code, "编号如 CY-01，见「项目」页"))?;
    Ok((state.project.clone(), state))
}

/// The version of the draft that is there; refused when it is another than was seen.
fn check_draft(tx: &mut Tx<'_>, key: DraftKey<'_>, seen: Option<i64>) -> Result<i64> {
    let held = store::find_draft(tx.conn(), key.project, key.month, key.department)?;
    let version = held.map_or(0, |draft| draft.version);
    match seen {
        Some(seen) if seen != version => {
            Err(Error::Stale("另一个人在此期间存过这份草稿；这一次没有存，两份内容都在下面，请看过再存".into()))
        }
        _ => Ok(version),
    }
}

/// 提交: a version for good, and the draft is let go. The office may file for a department from a
/// paper original (代报), which `original` names.
pub fn submit(tx: &mut Tx<'_>, actor: &Actor, new: &NewReport, original: Option<&Citation>) -> Result<Noted> {
    authorise(actor, Action::FileReport)?;
    let mut recording = Recording::begin(tx, actor, "report.submit", new.which.subject())?;
    let (today, seq, month) = (recording.today(), recording.seq(), new.which.month);
    let (project, state) = get_state(&mut recording, &new.which.project, today)?;
    let lead = state.value(Attribute::LeadDepartment).to_owned();
    authorise_lead(actor, Action::FileReport, &lead)?;
    check_department(&lead, state.is_inferred(Attribute::LeadDepartment))?;
    check_month(month, duty::reporting_from(&state), state.value(Attribute::Stage), today)?;
    check_open(&mut recording, Lock::Reports, month.last_day(), project.id)?;
    let by_office = is_by_office(actor, &lead, original)?;
    let now = store::course_of(recording.tx().conn(), project.id, month, today, seq)?;
    course::check_submit(&now)?;
    let key = DraftKey { project: project.id, month, department: &lead };
    check_draft(recording.tx(), key, new.seen)?;
    let figures = store::figures(recording.tx().conn(), project.id, month, seq)?;
    let content = new.typed.read(month, figures.base)?;
    let odd = warnings(&content, &figures)?;
    let waived = store::is_waived(recording.tx().conn(), &lead, today, seq)?;
    let document_id = original.map(|citation| cite(&mut recording, citation)).transpose()?;
    let number = store::list_versions(recording.tx().conn(), project.id, month, seq)?.len() + 1;
    let version = recording.add(|id, seq| ReportVersion {
        id,
        seq,
        project_id: project.id,
        month: month.raw(),
        number: i32::try_from(number).unwrap_or(i32::MAX),
        department: lead.clone(),
        submitted_on: today.raw(),
        skips_review: i32::from(waived || by_office),
        by_office: i32::from(by_office),
        is_nothing: i32::from(content.is_nothing),
        base_fen: figures.base.get(),
        completed_fen: content.completed.get(),
        reduction_reason: content.reduction_reason.clone(),
        correction_fen: content.correction.get(),
        correction_reason: content.correction_reason.clone(),
        progress: content.progress.clone(),
        percent: content.percent,
        next_work: content.next_work.clone(),
        forecast_fen: content.forecast.map(Fen::get),
        proposal_fen: content.proposal.map(Fen::get),
        judgement: content.judgement.clone(),
        judgement_reason: content.judgement_reason.clone(),
        document_id,
    })?;
    add_parts(&mut recording, &content, version.id)?;
    store::drop_draft(recording.tx().conn(), key)?;
    let told = told_version(&version, &content, &odd, original);
    let state = if version.skips_review != 0 { State::OfficeReview } else { State::DepartmentReview };
    Ok(Noted { head: recording.finish(told)?, state, warnings: odd })
}

/// 提交 of the draft that is kept, in the version that was seen.
///
/// # Errors
/// When there is no draft, or somebody saved another since.
pub fn submit_draft(
    tx: &mut Tx<'_>,
    actor: &Actor,
    which: &Which,
    seen: i64,
    original: Option<&Citation>,
) -> Result<Noted> {
    authorise(actor, Action::FileReport)?;
    let (today, seq) = (tx.clock().today(), tx.head().seq);
    let (_, state) = find_state(tx, &which.project, today, seq)?;
    authorise_lead(actor, Action::FileReport, state.value(Attribute::LeadDepartment))?;
    let draft = store::draft_of(tx.conn(), &which.project, which.month)?
        .ok_or_else(|| Error::Conflict("还没有存草稿，没有可以提交的".into()))?;
    let new = NewReport { which: which.clone(), typed: Typed::of_draft(&draft)?, seen: Some(seen) };
    submit(tx, actor, &new, original)
}

/// Whether the office files for a department: then a paper original is named.
fn is_by_office(actor: &Actor, lead: &str, original: Option<&Citation>) -> Result<bool> {
    let own = actor.roles().contains(&Role::Reporter) && actor.departments().iter().any(|code| code == lead);
    let by_office = actor.roles().contains(&Role::Office) && !own;
    match (by_office, original) {
        (true, None) => Err(Error::invalid("document", "", "代报要写纸质原件的文号或名称")),
        (false, Some(_)) => Err(Error::invalid("document", "", "本部门自己报送，不用写原件；只有办公室代报时才写")),
        _ => Ok(by_office),
    }
}

fn add_parts(recording: &mut Recording<'_, '_>, content: &Content, version_id: i64) -> Result<()> {
    let mut lines = Vec::with_capacity(content.lines.len());
    let sources = registry::list_sources(recording.tx().conn())?;
    for line in &content.lines {
        let source_id = match &line.source {
            None => None,
            Some(code) => {
                Some(sources.iter().find(|source| source.code == *code).map(|source| source.id).ok_or_else(|| {
                    let known =
                        sources.iter().map(|source| format!("{}（{}）", source.code, source.name)).collect::<Vec<_>>();
                    Error::invalid("source", code, format!("没有这个资金来源；可用 {}", known.join("、")))
                })?)
            }
        };
        lines.push((line.measure, source_id, line.amount));
    }
    recording.add_all(lines, |id, seq, (measure, source_id, amount)| ReportLine {
        id,
        seq,
        version_id,
        measure: measure.code(),
        source_id,
        amount_fen: amount.get(),
    })?;
    recording.add_all(content.problems.iter(), |id, seq, problem| ReportProblem {
        id,
        seq,
        version_id,
        text: problem.text.clone(),
        counterpart: problem.counterpart.clone(),
        due_on: problem.due_on.map(Day::raw),
    })?;
    Ok(())
}

fn told_version(
    version: &ReportVersion,
    content: &Content,
    odd: &[String],
    original: Option<&Citation>,
) -> Map<String, Value> {
    let mut told = detail([
        ("version", json!(version.number)),
        ("completed", json!(content.completed.yuan())),
        ("nothing", json!(content.is_nothing)),
        ("correction", json!(content.correction.yuan())),
        ("problems", json!(content.problems.len())),
        ("warnings", json!(odd)),
    ]);
    if let Some(original) = original {
        told.insert("by_office".into(), json!(original.code));
    }
    told
}

/// A report under way in a command: whose, where it stands, which version.
struct Standing {
    project: Project,
    lead: String,
    course: Course,
    version: ReportVersion,
}

/// The report and the version that stands.
fn standing(
    recording: &mut Recording<'_, '_>,
    (actor, action): (&Actor, Action),
    which: &Which,
    seen: Option<i64>,
) -> Result<Standing> {
    let (today, seq) = (recording.today(), recording.seq());
    let (project, state) = get_state(recording, &which.project, today)?;
    // Before anything is told of it.
    authorise_lead(actor, action, state.value(Attribute::LeadDepartment))?;
    check_open(recording, Lock::Reports, which.month.last_day(), project.id)?;
    let course = store::course_of(recording.tx().conn(), project.id, which.month, today, seq)?;
    let version = match course.version {
        Some(id) => store::find_version(recording.tx().conn(), id)?,
        None => None,
    };
    let version = version.ok_or_else(|| {
        Error::Conflict(format!(
            "{} {} 的月报{}，还没有可以办理的提交",
            project.code,
            which.month,
            course.state.label()
        ))
    })?;
    course::check_seen(&course, seen)?;
    Ok(Standing { project, lead: state.value(Attribute::LeadDepartment).to_owned(), course, version })
}

fn add_step(
    recording: &mut Recording<'_, '_>,
    report: &Standing,
    (step, stage): (Step, Stage),
    reason: &str,
) -> Result<ReportStep> {
    let today = recording.today();
    recording.add(|id, seq| ReportStep {
        id,
        seq,
        project_id: report.project.id,
        month: report.version.month,
        version_id: report.version.id,
        step: step.word().into(),
        stage: stage.word().into(),
        taken_on: today.raw(),
        reason: reason.to_owned(),
    })
}

fn told_step(report: &Standing, step: Step, stage: Stage, reason: &str) -> Map<String, Value> {
    detail([
        ("version", json!(report.version.number)),
        ("step", json!(step.label())),
        ("stage", json!(stage.label())),
        ("reason", json!(reason)),
    ])
}

/// 撤回: the department takes its report back before the next step begins; what it said becomes the draft.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, which: &Which, seen: Option<i64>) -> Result<Noted> {
    authorise(actor, Action::FileReport)?;
    let mut recording = Recording::begin(tx, actor, "report.withdraw", which.subject())?;
    let report = standing(&mut recording, (actor, Action::FileReport), which, seen)?;
    let own = actor.departments().contains(&report.lead) || actor.roles().contains(&Role::Operator);
    if !own && report.version.by_office == 0 {
        return Err(Error::Forbidden("部门报的月报由部门撤回；办公室可以退回".into()));
    }
    course::check_withdraw(&report.course)?;
    let stage = report.course.state.stage().unwrap_or(Stage::Department);
    add_step(&mut recording, &report, (Step::Withdraw, stage), "")?;
    let told = told_step(&report, Step::Withdraw, stage, "");
    Ok(Noted { head: recording.finish(told)?, state: State::Withdrawn, warnings: Vec::new() })
}

/// The stage a report waits at, for whoever may decide there.
fn decide(recording: &mut Recording<'_, '_>, actor: &Actor, report: &Standing) -> Result<Stage> {
    let Some(stage) = report.course.state.stage() else {
        return Err(Error::Conflict(format!("月报{}，现在没有要审核的", report.course.state.label())));
    };
    let by = store::submitted_by(recording.tx().conn(), &report.version)?;
    course::check_reviewer(stage, &report.lead, &by, actor)?;
    Ok(stage)
}

/// 开始审核: from here on the department cannot withdraw.
pub fn open(tx: &mut Tx<'_>, actor: &Actor, which: &Which, seen: Option<i64>) -> Result<Noted> {
    authorise(actor, Action::ReviewReport)?;
    let mut recording = Recording::begin(tx, actor, "report.open", which.subject())?;
    let report = standing(&mut recording, (actor, Action::ReviewReport), which, seen)?;
    let stage = decide(&mut recording, actor, &report)?;
    if report.course.is_opened {
        return Err(Error::Conflict("审核已经开始，不用再点".into()));
    }
    add_step(&mut recording, &report, (Step::Open, stage), "")?;
    let told = told_step(&report, Step::Open, stage, "");
    Ok(Noted { head: recording.finish(told)?, state: report.course.state, warnings: Vec::new() })
}

/// 通过 by the departmental reviewer: it goes to the office.
pub fn pass(tx: &mut Tx<'_>, actor: &Actor, which: &Which, seen: Option<i64>) -> Result<Noted> {
    authorise(actor, Action::ReviewReport)?;
    let mut recording = Recording::begin(tx, actor, "report.pass", which.subject())?;
    let report = standing(&mut recording, (actor, Action::ReviewReport), which, seen)?;
    let stage = decide(&mut recording, actor, &report)?;
    if stage != Stage::Department {
        return Err(Error::Conflict(format!("月报{}，部门审核已经过了", report.course.state.label())));
    }
    add_step(&mut recording, &report, (Step::Pass, stage), "")?;
    let told = told_step(&report, Step::Pass, stage, "");
    Ok(Noted { head: recording.finish(told)?, state: State::OfficeReview, warnings: Vec::new() })
}

/// 退回 with a reason, from whichever step it is at: the department mends it and submits again.
pub fn send_back(tx: &mut Tx<'_>, actor: &Actor, which: &Which, seen: Option<i64>, reason: &str) -> Result<Noted> {
    authorise(actor, Action::ReviewReport)?;
    check_text("reason", reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "report.return", which.subject())?;
    let report = standing(&mut recording, (actor, Action::ReviewReport), which, seen)?;
    let stage = decide(&mut recording, actor, &report)?;
    add_step(&mut recording, &report, (Step::Return, stage), reason)?;
    let told = told_step(&report, Step::Return, stage, reason);
    Ok(Noted { head: recording.finish(told)?, state: State::Returned, warnings: Vec::new() })
}

/// 通过 by the office: 完成投资 becomes entries in the same command, under a document that is the
/// report itself.
pub fn approve(tx: &mut Tx<'_>, actor: &Actor, which: &Which, seen: Option<i64>) -> Result<Noted> {
    authorise(actor, Action::ApproveReport)?;
    let mut recording = Recording::begin(tx, actor, "report.approve", which.subject())?;
    let report = standing(&mut recording, (actor, Action::ApproveReport), which, seen)?;
    let stage = decide(&mut recording, actor, &report)?;
    if stage != Stage::Office {
        return Err(Error::Conflict("月报还在部门审核，办公室要等部门审核通过".into()));
    }
    let issuer = registry::find_department(recording.tx().conn(), &report.version.department)?;
    let citation = Citation {
        code: document_code(&report.project.code, which.month),
        title: Some(format!("{} {} 月报（第 {} 版）", report.project.code, which.month, report.version.number)),
        issuer: issuer.map(|department| department.name),
        dated: None,
    };
    let origin = Origin { document_id: Some(cite(&mut recording, &citation)?), line_id: None };
    add_step(&mut recording, &report, (Step::Approve, stage), "")?;
    let (own, corrected) = entries(which, &report.version, recording.today())?;
    let mut posting = Posting::default();
    let mut made = add_all(&mut recording, &mut posting, vec![(own, origin.clone())], Late::Refused)?;
    let corrected = corrected.into_iter().map(|entry| (entry, origin.clone())).collect();
    made.extend(add_all(&mut recording, &mut posting, corrected, Late::Posted)?);
    let mut told = told_step(&report, Step::Approve, stage, "");
    told.insert("completed".into(), json!(Fen::new(report.version.completed_fen).yuan()));
    told.insert("entries".into(), json!(made.iter().map(|entry| entry.id).collect::<Vec<_>>()));
    Ok(Noted { head: close(recording, &posting, told)?, state: State::Approved, warnings: Vec::new() })
}

/// The entries of an approved version:
/// 1. the month's 完成投资, also when it is zero, for 本月无投资 is something said; dated the month's
///    last day or the day of approval, and an estimate when it was submitted before the month was over;
/// 2. what corrects last month, dated as last month's own. Last month is locked as a rule by then.
fn entries(which: &Which, version: &ReportVersion, today: Day) -> Result<(NewEntry, Option<NewEntry>)> {
    let submitted_on = Day::from_raw(version.submitted_on)?;
    let completed = Fen::new(version.completed_fen);
    let falls = completed < Fen::ZERO;
    let reason = match (version.is_nothing != 0, falls) {
        (true, _) => "本月无投资".to_owned(),
        (false, true) => format!("冲减：{}", version.reduction_reason),
        (false, false) => String::new(),
    };
    let entry = |amount, on: Day, reason, kind, is_estimate, note: String| NewEntry {
        project: which.project.clone(),
        measure: Measure::Completed,
        kind,
        year: Some(on.year()),
        source: None,
        amount,
        occurred_on: on,
        reason,
        is_estimate,
        note,
    };
    let kind = if falls { Kind::Adjustment } else { Kind::Original };
    let on = entry_day(which.month, today);
    let note = format!("{} 月报", which.month);
    let own = entry(completed, on, reason, kind, is_estimate(which.month, submitted_on), note);
    let correction = Fen::new(version.correction_fen);
    let corrected = (correction != Fen::ZERO).then(|| {
        let last = which.month.pred();
        let reason = version.correction_reason.clone();
        let note = format!("{} 月报更正 {last}", which.month);
        entry(correction, entry_day(last, today), reason, Kind::Adjustment, false, note)
    });
    Ok((own, corrected))
}
