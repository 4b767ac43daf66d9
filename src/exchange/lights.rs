//! Lights as rows of a file and as the API states them.

use serde_json::{Value as Json, json};

use super::export::Names;
use super::table::{Table, Value};
use crate::light::gap::Exact;
use crate::light::read::{Judged, View};
use crate::light::words::{Input, change_words, hints, inputs_of, sentence, summary, threshold};
use crate::light::{Light, Part, Whole, Why, change, consistency};
use crate::project::{Attribute, ProjectState};

/// An empty table of lights.
pub fn table() -> Table {
    Table::new(&[
        ("project", "项目"),
        ("project_name", "工程名称"),
        ("category", "体系"),
        ("lead_department_name", "责任部门"),
        ("department_status", "责任部门状态"),
        ("month", "报告期"),
        ("profile", "方案"),
        ("light", "亮灯"),
        ("computed_light", "系统判定"),
        ("office_light", "人工认定"),
        ("incomplete", "数据不全"),
        ("progress", "进度"),
        ("start", "开工"),
        ("finish", "竣工"),
        ("payment", "支付"),
        ("points", "序时差（百分点）"),
        ("start_late_months", "应开未开（月）"),
        ("finish_late_months", "逾期未竣工（月）"),
        ("explanation", "说明"),
    ])
}

/// One project's light as a row of [`table`].
pub fn row(view: &View, names: &Names, state: &ProjectState, judged: &Judged) -> Vec<Value> {
    let text = |text: &str| Value::from(text);
    let department = state.value(Attribute::LeadDepartment);
    let status = state.facts.get(&Attribute::LeadDepartment).map_or("", |standing| standing.status.word());
    let part = |part: Part| text(judged.verdict.part(part).map_or("", |found| found.light.word()));
    vec![
        text(&state.project.code),
        text(state.value(Attribute::Name)),
        text(state.value(Attribute::Category)),
        text(names.department(department)),
        text(status),
        Value::Text(view.month.to_string()),
        text(view.params.profile.code()),
        text(judged.light().word()),
        text(judged.verdict.light.word()),
        text(judged.changed().map_or("", |row| row.light.as_str())),
        Value::from(judged.verdict.is_incomplete().then_some(1)),
        part(Part::Progress),
        part(Part::Start),
        part(Part::Finish),
        part(Part::Payment),
        points(judged).map_or(Value::Null, |points| Value::Text(points.plain())),
        late(judged, Part::Start),
        late(judged, Part::Finish),
        Value::Text(summary(&judged.inputs, &view.params, &judged.verdict, view.as_of)),
    ]
}

/// 序时差 of a project that is judged by it, in percentage points.
pub fn points(judged: &Judged) -> Option<Exact> {
    match judged.verdict.part(Part::Progress)?.why {
        Why::Gap(gap) | Why::Floor(gap) | Why::NothingDue(gap) => Some(gap.points()),
        _ => None,
    }
}

fn late(judged: &Judged, part: Part) -> Value {
    Value::from(late_months(judged, part).map(i64::from))
}

/// How many months late a start or a finish is, with leave or without; none when it is not.
pub fn late_months(judged: &Judged, part: Part) -> Option<i32> {
    match judged.verdict.part(part)?.why {
        Why::Late(_, months) | Why::Exempt(_, months) => Some(months),
        _ => None,
    }
}

/// One project's light with its whole explanation. `is_inner`: with what only people of the register see.
pub fn to_json(view: &View, state: &ProjectState, judged: &Judged, is_inner: bool) -> Json {
    let (inputs, params, verdict) = (&judged.inputs, &view.params, &judged.verdict);
    let input = |input: Input| json!({"label": input.label, "value": input.value});
    let parts: Vec<Json> = verdict
        .parts
        .iter()
        .map(|found| {
            json!({
                "part": found.part.word(),
                "rule": found.part.rule(),
                "light": found.light.word(),
                "inputs": inputs_of(inputs, params, found.part).into_iter().map(input).collect::<Vec<_>>(),
                "threshold": threshold(params, found.part),
                "sentence": sentence(inputs, params, found),
            })
        })
        .collect();
    let said: Vec<Json> = judged
        .said
        .iter()
        .filter(|row| is_inner || row.kind == "office")
        .map(|row| {
            let reason = if is_inner { json!(row.reason) } else { Json::Null };
            json!({"kind": row.kind, "light": row.light, "reason": reason, "seq": row.seq})
        })
        .collect();
    let shines = matches!(verdict.light, Light::Red | Light::Yellow | Light::Green | Light::Grey | Light::None);
    let next = if shines { change::next(inputs, params, verdict.light) } else { None };
    json!({
        "project": state.project.code,
        "name": state.value(Attribute::Name),
        "month": view.month.to_string(),
        "profile": params.profile.code(),
        "profile_version": params.profile.paper().version,
        "light": judged.light().word(),
        "computed_light": verdict.light.word(),
        "rule": if verdict.whole == Whole::Parts { "R6" } else { "R0" },
        "incomplete": verdict.is_incomplete(),
        "sentence": summary(inputs, params, verdict, view.as_of),
        "parts": parts,
        "hints": hints(inputs, params),
        "warnings": consistency::warnings(inputs),
        "said": said,
        "if_nothing_happens": next.as_ref().map(|change| json!({
            "month": change.month.to_string(),
            "from": change.from,
            "light": change.verdict.light.word(),
            "sentence": change_words(inputs, params, Some(change)),
        })),
    })
}

/// A light and what it was under another profile: a row of a trial.
pub fn trial_table() -> Table {
    Table::new(&[
        ("project", "项目"),
        ("project_name", "工程名称"),
        ("light", "现在的系统判定"),
        ("trial_light", "试算"),
        ("explanation", "试算说明"),
    ])
}

/// A row of [`trial_table`].
pub fn trial_row(trial: &View, state: &ProjectState, judged: &Judged) -> Vec<Value> {
    let verdict = crate::light::judge(&judged.inputs, &trial.params);
    vec![
        Value::from(state.project.code.as_str()),
        Value::from(state.value(Attribute::Name)),
        Value::from(judged.verdict.light.word()),
        Value::from(verdict.light.word()),
        Value::Text(summary(&judged.inputs, &trial.params, &verdict, trial.as_of)),
    ]
}
