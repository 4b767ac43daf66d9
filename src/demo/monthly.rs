//! The reports of September: 27 of 32 came, in every state, one of them returned with its reason.

use super::figures::{percent, pick};
use super::story::{Act, Step, cite, is_active, moved, planned};
use crate::error::Result;
use crate::money::Fen;
use crate::monthly::command::{NewReport, Which};
use crate::monthly::typed::{Typed, TypedLine, TypedProblem};
use crate::period::{Day, Month};
use crate::project::Attribute;
use crate::project::command::Change;
use crate::project::confirm::{NewConfirmation, Reviewed};
use crate::seed::{Inference, ProjectRow};

/// Those that did not come: the two nobody has heard of in 2025, two that forgot, one that was taken back.
const SILENT: [i32; 4] = [12, 20, 16, 27];
const TAKEN_BACK: i32 = 9;
const SENT_BACK: i32 = 25;

/// What becomes of a report after it is submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// 撤回.
    Withdraw,
    /// 部门审核通过.
    Pass,
    /// 退回, with why.
    Return(&'static str),
    /// 办公室复核通过.
    Approve,
}

/// From the departments' confirmation to the last approval before the demonstration's today.
pub(super) fn steps(steps: &mut Vec<Step>, projects: &[ProjectRow], inferences: &[Inference]) -> Result<()> {
    steps.push(Step { on: "2025-08-01".into(), act: Act::Confirm(leads(inferences)) });
    for project in projects {
        let change = Change {
            code: project.code.clone(),
            attribute: Attribute::ReportingFrom,
            value: if project.no == 3 { "2025-08" } else { "2025-09" }.into(),
            effective_on: Day::parse("2025-08-01")?,
            document: cite("样例〔2025〕9号"),
            reason: String::new(),
        };
        steps.push(Step { on: "2025-08-01".into(), act: Act::Change(change) });
    }
    // One that has reported before, so that the demonstration's public month holds a report.
    let first = projects.iter().filter(|project| project.no == 3);
    for project in first {
        file(steps, project, "2025-08", "2025-08-24")?;
        then(steps, project, "2025-08", "2025-08-25", Then::Pass)?;
        then(steps, project, "2025-08", "2025-08-29", Then::Approve)?;
    }
    for project in projects.iter().filter(|project| !SILENT.contains(&project.no)) {
        september(steps, project)?;
    }
    Ok(())
}

/// Every lead department that the plan does not name, as the departments agreed.
fn leads(inferences: &[Inference]) -> Vec<Reviewed> {
    let of_lead = inferences.iter().filter(|inference| inference.attribute == Attribute::LeadDepartment.word());
    of_lead
        .zip(1..)
        .map(|(inference, line)| Reviewed {
            line,
            new: NewConfirmation {
                code: inference.project.clone(),
                attribute: Attribute::LeadDepartment,
                value: inference.value.clone(),
                seen: None,
                effective_on: None,
                document: cite("样例〔2025〕10号"),
                reason: String::new(),
            },
        })
        .collect()
}

fn september(steps: &mut Vec<Step>, project: &ProjectRow) -> Result<()> {
    let month = "2025-09";
    let on = format!("2025-09-{}", pick(project.no, 31, 18, 22));
    file(steps, project, month, &on)?;
    match project.no {
        TAKEN_BACK => then(steps, project, month, &on, Then::Withdraw),
        SENT_BACK => then(steps, project, month, "2025-09-24", Then::Return("到位资金大于年度计划，请核对后重报")),
        // These wait for the departments' reviewers.
        14 | 24 | 29 | 31 => Ok(()),
        13 => {
            then(steps, project, month, "2025-09-23", Then::Pass)?;
            then(steps, project, month, "2025-09-25", Then::Return("缺形象进度照片，请补"))
        }
        // These wait for the office.
        1 | 7 | 17 | 22 | 28 => then(steps, project, month, "2025-09-24", Then::Pass),
        _ => {
            then(steps, project, month, "2025-09-23", Then::Pass)?;
            then(steps, project, month, "2025-09-25", Then::Approve)
        }
    }
}

fn then(steps: &mut Vec<Step>, project: &ProjectRow, month: &str, on: &str, then: Then) -> Result<()> {
    let which = Which { project: project.code.clone(), month: Month::parse(month)? };
    steps.push(Step { on: on.into(), act: Act::Then(which, then) });
    Ok(())
}

fn file(steps: &mut Vec<Step>, project: &ProjectRow, month: &str, on: &str) -> Result<()> {
    let which = Which { project: project.code.clone(), month: Month::parse(month)? };
    let typed = typed(project, month)?;
    steps.push(Step { on: on.into(), act: Act::Report(Box::new(NewReport { which, typed, seen: None })) });
    Ok(())
}

/// 到位 and 支付 of the year to the end of a month: what the ledger has, and this month's. The one that is
/// sent back tells more received than its year's plan.
fn to_date(project: &ProjectRow, month: &str, completed: Fen) -> Result<(Fen, Fen)> {
    let (mut received, mut paid) = (completed, percent(completed, 60)?);
    let before = [6, 8].into_iter().filter(|before| format!("2025-{before:02}").as_str() < month);
    for before in before.filter(|_| is_active(project, 2025)) {
        let moved = moved(project, 2025, before)?;
        (received, paid) = (received.checked_add(moved.received)?, paid.checked_add(moved.paid)?);
    }
    let received = if project.no == SENT_BACK { percent(planned(project, 2025)?, 112)? } else { received };
    Ok((received, paid))
}

/// What a report says: a few percent of the estimate, words that fit every project, a problem here and there.
fn typed(project: &ProjectRow, month: &str) -> Result<Typed> {
    // Nothing is built where nothing is planned, nor once it is done.
    let is_nothing = project.end_year == 2024 && project.no % 2 == 1 || project.no == 32;
    if is_nothing {
        let progress = "本月无新增工作量".to_owned();
        return Ok(Typed { is_nothing, progress, ..Typed::default() });
    }
    let completed = percent(project.amount, pick(project.no, 32, 1, 3))?;
    let (received, paid) = to_date(project, month, completed)?;
    let words =
        ["按计划推进，完成本月工程量", "主体施工，管线迁改同步进行", "方案深化，招标文件已报审", "绿化、铺装收尾"];
    let at = usize::try_from(project.no).unwrap_or(0) % words.len();
    let problem = |text: &str, counterpart: &str, due_on: &str| TypedProblem {
        text: text.into(),
        counterpart: counterpart.into(),
        due_on: due_on.into(),
    };
    let problems = match project.no {
        24 => vec![problem("征地未完成，需属地乡协调", "属地乡", "2025-10-15")],
        8 => vec![problem("管线迁改滞后，需区城市管理委协调", "区城市管理委", "2025-09-20")],
        _ => Vec::new(),
    };
    // The four that enterprises seem to build.
    let source = if [16, 17, 22, 23].contains(&project.no) { "S1" } else { "D1" };
    let judgement = match project.no % 7 {
        0 => "yellow",
        5 => "red",
        _ => "green",
    };
    Ok(Typed {
        completed: completed.wan_exact(),
        lines: vec![TypedLine { source: source.into(), received: received.wan_exact(), paid: paid.wan_exact() }],
        progress: words.get(at).copied().unwrap_or_default().into(),
        problems,
        next_work: "继续按计划组织实施".into(),
        proposal: if project.no == 2 { percent(project.amount, 40)?.wan_exact() } else { String::new() },
        judgement: judgement.into(),
        judgement_reason: if judgement == "red" { "汛期影响施工".into() } else { String::new() },
        ..Typed::default()
    })
}
