//! What others answer to a report: the planner to a 计划建议数, the office to a problem; and whether a
//! department reviews its own at all.

use serde_json::json;

use super::{ProblemAnswer, ProposalAnswer, ReviewWaiver, State, store};
use crate::auth::{Action, Actor, authorise, authorise_lead, authorise_measure};
use crate::close::Kind as Lock;
use crate::close::command::check_open_of;
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
use crate::project::command::{Origin, close, detail};
use crate::project::{check_not_future, store as registry};
use crate::subtotal::Posting;

/// The planner takes up a 计划建议数: the year's plan becomes that, by a document.
pub fn accept(tx: &mut Tx<'_>, actor: &Actor, version: i64, document: &Citation) -> Result<Head> {
    authorise(actor, Action::RecordEntry)?;
    authorise_measure(actor, Measure::Plan)?;
    let mut recording = Recording::begin(tx, actor, "report.accept_proposal", format!("report_version:{version}"))?;
    let (month, project, proposed) = proposal(&mut recording, version)?;
    let seq = recording.seq();
    let plan = store::figures(recording.tx().conn(), project.id, month, seq)?.plan;
    let amount = proposed.checked_sub(plan.unwrap_or(Fen::ZERO))?;
    if plan.is_some() && amount == Fen::ZERO {
        return Err(Error::Conflict("年度计划已经是这个数，没有变化".into()));
    }
    let document_id = cite(&mut recording, document)?;
    let today = recording.today();
    let entry = NewEntry {
        project: project.code.clone(),
        measure: Measure::Plan,
        kind: if plan.is_some() { Kind::Adjustment } else { Kind::Original },
        year: Some(month.first_day().year()),
        source: None,
        amount,
        occurred_on: today,
        reason: format!("采纳 {month} 月报的计划建议数"),
        is_estimate: false,
        note: String::new(),
    };
    let mut posting = Posting::default();
    let origin = Origin { document_id: Some(document_id), line_id: None };
    let made = add_all(&mut recording, &mut posting, vec![(entry, origin)], Late::Refused)?;
    let entry_id = made.first().map(|entry| entry.id);
    recording.add(|id, seq| ProposalAnswer {
        id,
        seq,
        version_id: version,
        entry_id,
        reason: String::new(),
        document_id: Some(document_id),
    })?;
    let told = detail([
        ("project", json!(project.code)),
        ("month", json!(month.to_string())),
        ("before", json!(plan.map(Fen::yuan))),
        ("after", json!(proposed.yuan())),
        ("document", json!(document.code)),
    ]);
    close(recording, &posting, told)
}

/// The planner does not take it up, and says why.
pub fn decline(tx: &mut Tx<'_>, actor: &Actor, version: i64, reason: &str) -> Result<Head> {
    authorise(actor, Action::RecordEntry)?;
    authorise_measure(actor, Measure::Plan)?;
    check_text("reason", reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "report.decline_proposal", format!("report_version:{version}"))?;
    let (month, project, proposed) = proposal(&mut recording, version)?;
    recording.add(|id, seq| ProposalAnswer {
        id,
        seq,
        version_id: version,
        entry_id: None,
        reason: reason.to_owned(),
        document_id: None,
    })?;
    recording.finish(detail([
        ("project", json!(project.code)),
        ("month", json!(month.to_string())),
        ("proposed", json!(proposed.yuan())),
        ("reason", json!(reason)),
    ]))
}

/// A 计划建议数 that can be answered: of an approved report, not answered before.
fn proposal(recording: &mut Recording<'_, '_>, version: i64) -> Result<(Month, crate::project::Project, Fen)> {
    let (today, seq) = (recording.today(), recording.seq());
    let conn = recording.tx().conn();
    let missing = || Error::not_found("计划建议数", &version.to_string(), "从待办打开");
    let found = store::find_version(conn, version)?.ok_or_else(missing)?;
    let proposed = found.proposal_fen.map(Fen::new).ok_or_else(missing)?;
    let month = Month::from_raw(found.month)?;
    let project = registry::find_by_id(conn, found.project_id)?.ok_or_else(missing)?;
    if store::find_proposal_answer(conn, version)?.is_some() {
        return Err(Error::Conflict("这个计划建议数已经答复过".into()));
    }
    let now = store::course_of(conn, project.id, month, today, seq)?;
    match now.version == Some(version) && matches!(now.state, State::Approved | State::Published) {
        true => Ok((month, project, proposed)),
        false => Err(Error::Conflict("月报通过以后，计划部门再答复建议数".into())),
    }
}

/// 办结: the office settles a problem.
pub fn settle(tx: &mut Tx<'_>, actor: &Actor, problem: i64, note: &str) -> Result<Head> {
    authorise(actor, Action::ApproveReport)?;
    check_text("note", note, 500)?;
    let mut recording = Recording::begin(tx, actor, "report.settle_problem", format!("report_problem:{problem}"))?;
    let conn = recording.tx().conn();
    let found = store::find_problem(conn, problem)?
        .ok_or_else(|| Error::not_found("问题", &problem.to_string(), "从待办或月报打开"))?;
    if store::find_problem_answer(conn, problem)?.is_some() {
        return Err(Error::Conflict("这个问题已经办结".into()));
    }
    recording.add(|id, seq| ProblemAnswer { id, seq, problem_id: problem, note: note.to_owned() })?;
    let text: String = found.text.chars().filter(|c| !c.is_control()).take(100).collect();
    recording.finish(detail([("problem", json!(text)), ("note", json!(note))]))
}

/// 免内审: from a day on a department's reports go to the office without its own review, or no longer.
/// A department says so of itself; the office of any.
pub fn waive(
    tx: &mut Tx<'_>,
    actor: &Actor,
    department: &str,
    is_waived: bool,
    on: Option<Day>,
    reason: &str,
) -> Result<Head> {
    authorise(actor, Action::ReviewReport)?;
    check_text("reason", reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "report.waive_review", department)?;
    let (today, seq) = (recording.today(), recording.seq());
    let on = on.unwrap_or(today);
    check_not_future("effective_on", on, today)?;
    authorise_lead(actor, Action::ReviewReport, department)?;
    check_open_of(&mut recording, Lock::Reports, on, department)?;
    if registry::find_department(recording.tx().conn(), department)?.is_none() {
        return Err(Error::not_found("部门", department, "代码见部门页"));
    }
    if store::is_waived(recording.tx().conn(), department, on, seq)? == is_waived {
        let now = if is_waived { "已经免内审" } else { "本来就有内审" };
        return Err(Error::Conflict(format!("这个部门{now}，没有变化")));
    }
    recording.add(|id, seq| ReviewWaiver {
        id,
        seq,
        department: department.to_owned(),
        is_waived: i32::from(is_waived),
        effective_on: on.raw(),
        reason: reason.to_owned(),
    })?;
    recording.finish(detail([
        ("waived", json!(is_waived)),
        ("effective_on", json!(on.to_string())),
        ("reason", json!(reason)),
    ]))
}
