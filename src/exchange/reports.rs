//! Monthly reports as programs read them. Money in yuan, as text; what was not said is null.

use serde_json::{Value as Json, json};

use super::export::Names;
use crate::db::AnyConnection;
use crate::error::Result;
use crate::measure::Measure;
use crate::money::Fen;
use crate::monthly::fields::Whole;
use crate::monthly::store::{self, Told};
use crate::monthly::{ReportStep, due_on};
use crate::period::{Day, Month};

/// One report: where it stands, every version, every step.
pub fn one(
    conn: &mut AnyConnection,
    names: &Names,
    (id, code): (i64, &str),
    month: Month,
    (as_of, seq): (Day, i64),
) -> Result<Json> {
    let course = store::course_of(conn, id, month, as_of, seq)?;
    let mut versions = Vec::new();
    for told in store::list_versions(conn, id, month, seq)? {
        if told.fact.submitted_on <= as_of.raw() {
            let lines = store::list_lines(conn, told.fact.id)?;
            let problems = store::list_problems(conn, told.fact.id)?;
            let by = (told.by.clone(), told.at.rfc3339());
            versions.push(version(names, &Whole { version: told.fact, lines, problems }, by)?);
        }
    }
    let steps = store::list_steps(conn, id, month, seq)?;
    let steps: Vec<Json> = steps.iter().filter(|told| told.fact.taken_on <= as_of.raw()).map(step).collect();
    Ok(json!({
        "project": code,
        "month": month.to_string(),
        "state": course.state.word(),
        "due_on": due_on(month).to_string(),
        "first_submitted_on": course.first_submitted_on.map(|day| day.to_string()),
        "in_time": course.first_submitted_on.map(|day| day <= due_on(month)),
        "version": course.seq,
        "versions": versions,
        "steps": steps,
    }))
}

fn yuan(fen: i64) -> String {
    Fen::new(fen).yuan()
}

fn version(names: &Names, whole: &Whole, (by, at): (String, String)) -> Result<Json> {
    let version = &whole.version;
    let lines: Vec<Json> = whole
        .lines
        .iter()
        .map(|line| {
            let source = line.source_id.and_then(|id| names.sources.get(&id)).map(|(code, _)| code.as_str());
            let measure = Measure::from_code(line.measure).map_or("", Measure::key);
            json!({"measure": measure, "source": source, "amount": yuan(line.amount_fen)})
        })
        .collect();
    let mut problems = Vec::new();
    for (problem, answer) in &whole.problems {
        let due_on = problem.due_on.map(Day::from_raw).transpose()?;
        problems.push(json!({
            "id": problem.id,
            "text": problem.text,
            "counterpart": problem.counterpart,
            "due_on": due_on.map(|day| day.to_string()),
            "settled": answer.as_ref().map(|answer| answer.note.as_str()),
        }));
    }
    Ok(json!({
        "id": version.id,
        "number": version.number,
        "submitted_by": by,
        "submitted_at": at,
        "by_office": version.by_office != 0,
        "nothing": version.is_nothing != 0,
        "base": yuan(version.base_fen),
        "completed": yuan(version.completed_fen),
        "reduction_reason": version.reduction_reason,
        "correction": yuan(version.correction_fen),
        "correction_reason": version.correction_reason,
        "progress": version.progress,
        "percent": version.percent,
        "lines": lines,
        "problems": problems,
        "next_work": version.next_work,
        "forecast": version.forecast_fen.map(yuan),
        "proposal": version.proposal_fen.map(yuan),
        "judgement": version.judgement,
        "judgement_reason": version.judgement_reason,
    }))
}

fn step(told: &Told<ReportStep>) -> Json {
    json!({
        "step": told.fact.step,
        "stage": told.fact.stage,
        "by": told.by,
        "at": told.at.rfc3339(),
        "reason": told.fact.reason,
    })
}
