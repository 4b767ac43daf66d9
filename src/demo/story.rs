//! What happens in the demonstration, day by day.

use super::figures::{percent, pick};
use super::monthly::Then;
use crate::auth::Actor;
use crate::db::Tx;
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::ledger::Kind;
use crate::ledger::command::{self as ledger, NewEntry, NewReversal};
use crate::light::command::{self as lights, NewJudgement, NewMonths};
use crate::measure::Measure;
use crate::milestone::FactKind;
use crate::milestone::command::{self as milestones, NewFact, NewMilestone};
use crate::milestone::template::Template;
use crate::money::Fen;
use crate::monthly::command::{self as monthly, NewReport, Which};
use crate::period::{Day, Month, Precision, Year};
use crate::project::Attribute;
use crate::project::command::{self as registry, Change};
use crate::project::confirm::Reviewed;
use crate::project::confirm::command::confirm_all;
use crate::publication::command::publish;
use crate::seed::{Inference, ProjectRow};

/// Something done on a day.
pub(super) struct Step {
    pub on: String,
    pub act: Act,
}

/// What is done.
pub(super) enum Act {
    Entries(Vec<NewEntry>, String),
    Mistake(NewEntry, String),
    Change(Change),
    Milestone(NewMilestone, String),
    Fact(NewFact, String),
    Publish(Month),
    Confirm(Vec<Reviewed>),
    Months(NewMonths, String),
    Say(NewJudgement, Option<String>),
    Report(Box<NewReport>),
    Then(Which, Then),
}

/// Does one step, as an operator would.
pub(super) fn play(tx: &mut Tx<'_>, act: Act) -> Result<()> {
    let actor = Actor::demonstration();
    match act {
        Act::Entries(entries, document) => ledger::import(tx, &actor, &document, entries, cite(&document)).map(drop),
        Act::Mistake(entry, document) => {
            let wrong = ledger::record(tx, &actor, entry, cite(&document))?.entry;
            let reversal = NewReversal { id: wrong.id, on: None, reason: "单位误作元，冲正".into() };
            ledger::reverse(tx, &actor, &reversal, None).map(drop)
        }
        Act::Change(change) => registry::change(tx, &actor, change).map(drop),
        Act::Milestone(new, document) => milestones::add(tx, &actor, new, cite(&document)).map(drop),
        Act::Fact(new, document) => milestones::record(tx, &actor, new, cite(&document)).map(drop),
        Act::Publish(month) => publish(tx, &actor, month, "样例月").map(drop),
        Act::Months(new, document) => lights::set_months(tx, &actor, &new, &cite(&document)).map(drop),
        Act::Say(new, document) => {
            let document = document.as_deref().map(cite);
            lights::say(tx, &actor, &new, document.as_ref()).map(drop)
        }
        Act::Confirm(list) => confirm_all(tx, &actor, &list).map(drop),
        Act::Report(new) => monthly::submit(tx, &actor, &new, None).map(drop),
        Act::Then(which, Then::Withdraw) => monthly::withdraw(tx, &actor, &which, None).map(drop),
        Act::Then(which, Then::Pass) => monthly::pass(tx, &actor, &which, None).map(drop),
        Act::Then(which, Then::Return(why)) => monthly::send_back(tx, &actor, &which, None, why).map(drop),
        Act::Then(which, Then::Approve) => monthly::approve(tx, &actor, &which, None).map(drop),
    }
}

pub(super) fn cite(number: &str) -> Citation {
    Citation {
        code: number.into(),
        title: Some(format!("演示用样例文件 {number}")),
        issuer: Some("样例".into()),
        dated: None,
    }
}

/// Everything, in order of day.
pub(super) fn steps(projects: &[ProjectRow], inferences: &[Inference]) -> Result<Vec<Step>> {
    let is_enterprise =
        |code: &str| inferences.iter().any(|i| i.project == code && i.attribute == "nature" && i.value == "enterprise");
    let mut steps = Vec::new();
    for year in 2023..=2025 {
        plans(&mut steps, projects, year, &is_enterprise)?;
        for (month, day) in [(6, "06-25"), (8, "08-25"), (12, "12-25")] {
            if (year, month) > (2025, 9) {
                continue;
            }
            reports(&mut steps, projects, year, month, day, &is_enterprise)?;
        }
    }
    for project in projects {
        nodes(&mut steps, project)?;
    }
    single(&mut steps)?;
    super::monthly::steps(&mut steps, projects, inferences)?;
    super::lights::steps(&mut steps)?;
    // What the demonstration's public sees: the last month that is over and reported.
    steps.push(Step { on: "2025-09-05".into(), act: Act::Publish(Month::parse("2025-08")?) });
    steps.sort_by(|a, b| a.on.cmp(&b.on));
    Ok(steps)
}

pub(super) fn is_active(project: &ProjectRow, year: i32) -> bool {
    project.start_year <= year && year <= project.end_year && !(year == 2023 && project.no % 3 == 0)
}

/// The year's plan: a share of the estimate over the years left.
pub(super) fn planned(project: &ProjectRow, year: i32) -> Result<Fen> {
    let years = i64::from(project.end_year - project.start_year + 1);
    percent(project.amount, pick(project.no, 11 + u64::from(year.unsigned_abs()), 70, 110) / years.max(1))
}

fn entry(
    project: &ProjectRow,
    measure: Measure,
    year: i32,
    amount: Fen,
    on: &str,
    source: Option<&str>,
) -> Result<NewEntry> {
    Ok(NewEntry {
        project: project.code.clone(),
        measure,
        kind: Kind::Original,
        year: Some(Year::parse(&year.to_string())?),
        source: source.map(str::to_owned),
        amount,
        occurred_on: Day::parse(on)?,
        reason: String::new(),
        is_estimate: measure == Measure::Completed,
        note: String::new(),
    })
}

/// 年度计划投资 and 年度财政预算, by one document each year.
fn plans(
    steps: &mut Vec<Step>,
    projects: &[ProjectRow],
    year: i32,
    is_enterprise: &dyn Fn(&str) -> bool,
) -> Result<()> {
    let on = if year == 2023 { "2023-08-10".to_owned() } else { format!("{year}-03-05") };
    let mut entries = Vec::new();
    for project in projects.iter().filter(|project| is_active(project, year)) {
        let amount = planned(project, year)?;
        let enterprise = is_enterprise(&project.code);
        entries.push(entry(project, Measure::Plan, year, amount, &on, Some(if enterprise { "S1" } else { "D1" }))?);
        if !enterprise && year == 2025 {
            entries.push(entry(project, Measure::Budget, year, percent(amount, 80)?, &on, Some("D1"))?);
        }
    }
    steps.push(Step { on, act: Act::Entries(entries, format!("样例〔{year}〕1号")) });
    Ok(())
}

/// What a project moves in a month.
pub(super) struct Moved {
    pub(super) completed: Fen,
    pub(super) received: Fen,
    pub(super) paid: Fen,
}

/// A share of the year's plan, most of it received, less of it paid.
pub(super) fn moved(project: &ProjectRow, year: i32, month: i32) -> Result<Moved> {
    let purpose = u64::from((year * 100 + month).unsigned_abs());
    let completed = percent(planned(project, year)?, pick(project.no, purpose, 18, 46))?;
    let paid = percent(completed, pick(project.no, purpose + 7, 55, 90))?;
    Ok(Moved { completed, received: percent(completed, 92)?, paid })
}

/// 完成投资, 到位资金 and 支付资金, each month's share of the year's plan.
fn reports(
    steps: &mut Vec<Step>,
    projects: &[ProjectRow],
    year: i32,
    month: i32,
    day: &str,
    is_enterprise: &dyn Fn(&str) -> bool,
) -> Result<()> {
    let on = format!("{year}-{day}");
    let mut entries = Vec::new();
    // Two projects have not been heard of in 2025: their cells stay empty.
    if year < 2025 && month == 8 {
        return Ok(());
    }
    for project in
        projects.iter().filter(|project| is_active(project, year) && !(year == 2025 && [12, 20].contains(&project.no)))
    {
        let moved = moved(project, year, month)?;
        let source = if is_enterprise(&project.code) { "S1" } else { "D1" };
        entries.push(entry(project, Measure::Completed, year, moved.completed, &on, None)?);
        if year == 2025 {
            entries.push(entry(project, Measure::Received, year, moved.received, &on, Some(source))?);
            entries.push(entry(project, Measure::Paid, year, moved.paid, &on, Some(source))?);
        }
    }
    steps.push(Step { on, act: Act::Entries(entries, format!("样例〔{year}〕{}号", 10 + month)) });
    Ok(())
}

/// The milestones of a project: planned in 2023, then met, put off, or past and not met.
fn nodes(steps: &mut Vec<Step>, project: &ProjectRow) -> Result<()> {
    let (first, middle, last) = match project.no {
        2 | 4 | 5 | 6 | 10 | 11 | 12 | 32 => ("S1", "S2", "S3"),
        21 | 27 | 28 => ("N5", "N6", "N8"),
        _ => ("N5", "N7", "N8"),
    };
    let template = if first == "S1" { Template::Study } else { Template::Construction };
    let template = if middle == "N6" { Template::Package } else { template };
    let month = |year: i32, month: i64| format!("{year}-{month:02}");
    let (begin, end) = (pick(project.no, 3, 9, 12), pick(project.no, 4, 5, 12));
    let start = month(project.start_year.max(2023), begin);
    let finish = month(project.end_year.max(2024), end);
    let half = month(project.end_year.max(2024), (end - 3).max(1));
    for (code, planned) in [(first, &start), (middle, &half), (last, &finish)] {
        let name = template.nodes().iter().find(|(known, _)| *known == code).map(|(_, name)| (*name).to_owned());
        let new = NewMilestone {
            project: project.code.clone(),
            code: code.into(),
            name,
            planned: Some(Precision::parse_date(planned)?),
        };
        steps.push(Step { on: "2023-08-15".into(), act: Act::Milestone(new, "样例〔2023〕2号".into()) });
    }
    let mut say = |milestone: &str, kind, at: &str, on: &str, reason: &str| -> Result<()> {
        let fact = NewFact {
            project: project.code.clone(),
            milestone: milestone.into(),
            kind,
            on: Precision::parse_date(on)?,
            effective_on: None,
            reason: reason.into(),
            evidence: if kind == FactKind::Met { "样例验收单".into() } else { String::new() },
            seen: None,
        };
        steps.push(Step { on: at.into(), act: Act::Fact(fact, format!("样例〔{}〕3号", &at[..4])) });
        Ok(())
    };
    // CY-08 is to begin late in 2025; a third of the others began as planned.
    if project.start_year < 2025 {
        let late = format!("2024-{:02}-20", pick(project.no, 5, 1, 6));
        let begun = if project.no % 3 == 0 { format!("{start}-20") } else { late };
        say(first, FactKind::Met, &begun, &begun, "")?;
    }
    let finished = project.end_year == 2024 && project.no % 2 == 1;
    let done = format!("2024-{:02}-18", pick(project.no, 6, 9, 12));
    if finished {
        say(middle, FactKind::Met, "2024-08-10", "2024-08-10", "")?;
        say(last, FactKind::Met, &done, &done, "")?;
    } else if project.end_year <= 2025 {
        match project.no % 4 {
            0 => say(last, FactKind::Plan, "2025-03-20", "2026-06", "批准顺延：设计变更")?,
            1 => say(middle, FactKind::Met, "2025-07-15", "2025-07-15", "")?,
            2 => {
                say(last, FactKind::Forecast, "2025-04-25", "2025-12", "征地未完成，工期顺延")?;
                say(last, FactKind::Forecast, "2025-08-25", "2026-03", "汛期停工，再顺延一个季度")?;
            }
            _ => say(middle, FactKind::Forecast, "2025-06-20", "2025-11", "管线迁改滞后")?,
        }
    }
    if finished {
        steps.push(stage(project, "completion", &done)?);
    } else if project.start_year < 2025 && project.no % 5 != 0 {
        steps.push(stage(project, "construction", "2024-07-01")?);
    }
    Ok(())
}

fn stage(project: &ProjectRow, word: &str, on: &str) -> Result<Step> {
    let change = Change {
        code: project.code.clone(),
        attribute: Attribute::Stage,
        value: word.into(),
        effective_on: Day::parse(on)?,
        document: cite("样例〔2024〕5号"),
        reason: String::new(),
    };
    Ok(Step { on: on.into(), act: Act::Change(change) })
}

/// A reclassification, a wrong entry with its reversal, and a fact recorded late.
fn single(steps: &mut Vec<Step>) -> Result<()> {
    let change = Change {
        code: "CY-09".into(),
        attribute: Attribute::Category,
        value: "space".into(),
        effective_on: Day::parse("2025-07-01")?,
        document: cite("样例〔2025〕6号"),
        reason: "第三章第四节属生态空间，改归类".into(),
    };
    steps.push(Step { on: "2025-07-10".into(), act: Act::Change(change) });
    let one = |measure, wan: &str, on: &str, note: &str| -> Result<NewEntry> {
        Ok(NewEntry {
            project: "CY-24".into(),
            measure,
            kind: Kind::Original,
            year: Some(Year::parse("2025").map_err(|error| Error::internal("演示", error.to_string()))?),
            source: Some("D1".into()),
            amount: Fen::parse_wan(wan)?,
            occurred_on: Day::parse(on)?,
            reason: String::new(),
            is_estimate: false,
            note: note.into(),
        })
    };
    steps.push(Step {
        on: "2025-07-28".into(),
        act: Act::Mistake(one(Measure::Paid, "1250000", "2025-07-25", "")?, "样例〔2025〕7号".into()),
    });
    steps.push(Step {
        on: "2025-09-15".into(),
        act: Act::Entries(
            vec![one(Measure::Paid, "125", "2025-07-25", "7 月的支付，9 月补记")?],
            "样例〔2025〕8号".into(),
        ),
    });
    Ok(())
}
