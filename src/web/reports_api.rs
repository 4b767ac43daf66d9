//! Monthly reports over the API. A report's `version` is the journal row of its last event, a draft's
//! counts how often it was saved; `If-Match` takes the one of what is changed.

use actix_web::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::answer::Body;
use super::nodes::seen;
use super::post::{Made, Submitted};
use super::reports::{Step, which};
use super::state::State;
use crate::auth::Sight;
use crate::db::{AnyConnection, Tx};
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::exchange::reports::one;
use crate::money::Fen;
use crate::monthly::command::{self as monthly, NewReport, Noted, Which};
use crate::monthly::store;
use crate::monthly::typed::{Typed, TypedLine, TypedProblem};
use crate::period::{Day, Month};
use crate::project::ProjectState;
use crate::project::store as registry;
use crate::report::asked::Asked;

/// The project, for whoever may read its reports.
fn read(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<ProjectState> {
    if asked.reader.sight == Sight::Published {
        return Err(Error::Forbidden("月报不公开；公众看到的是发布的合计".into()));
    }
    let state = registry::find_state(conn, code, asked.as_of, asked.known.seq)?;
    state.filter(|state| asked.sees(state)).ok_or_else(|| asked.no_project(code))
}

/// Every report of a project, latest first.
pub(super) fn all(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let code = asked.part("project");
    let id = read(conn, asked, code)?.project.id;
    let names = Names::load(conn)?;
    let mut items = Vec::new();
    for month in store::list_months(conn, id, asked.known.seq)? {
        items.push(one(conn, &names, (id, code), month, (asked.as_of, asked.known.seq))?);
    }
    Ok(json!({"items": items, "next": null}))
}

/// One report. Drafts are not in the journal, so the answer is made each time.
pub(super) fn of_month(conn: &mut AnyConnection, asked: &Asked, _: &State) -> Result<Body> {
    let (code, month) = (asked.part("project"), Month::parse(asked.part("month"))?);
    let project = read(conn, asked, code)?;
    let names = Names::load(conn)?;
    let mut report = one(conn, &names, (project.project.id, code), month, (asked.as_of, asked.known.seq))?;
    if asked.is_whole && crate::report::monthly::may_file(asked, &project) {
        let draft = store::draft_of(conn, code, month)?;
        report["draft"] = draft.map_or(Json::Null, |draft| json!({"version": draft.version}));
    }
    Ok(Body { lasts: false, ..Body::json(&report) })
}

/// A report as it is sent: amounts in yuan, as text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportBody {
    month: String,
    #[serde(default)]
    nothing: bool,
    completed: Option<String>,
    cumulative: Option<String>,
    #[serde(default)]
    reduction_reason: String,
    correction: Option<String>,
    #[serde(default)]
    correction_reason: String,
    #[serde(default)]
    lines: Vec<LineBody>,
    #[serde(default)]
    progress: String,
    percent: Option<i32>,
    #[serde(default)]
    problems: Vec<ProblemBody>,
    #[serde(default)]
    next_work: String,
    forecast: Option<String>,
    proposal: Option<String>,
    #[serde(default)]
    judgement: String,
    #[serde(default)]
    judgement_reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineBody {
    #[serde(default)]
    source: String,
    received: Option<String>,
    paid: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProblemBody {
    text: String,
    #[serde(default)]
    counterpart: String,
    #[serde(default)]
    due_on: String,
}

/// Yuan as the draft keeps it; exact either way.
fn wan(field: &str, text: Option<String>) -> Result<String> {
    text.map_or_else(|| Ok(String::new()), |text| Fen::parse_yuan(&text).map(Fen::wan_exact))
        .map_err(|error| error.of(field))
}

impl ReportBody {
    fn typed(self) -> Result<Typed> {
        let mut lines = Vec::with_capacity(self.lines.len());
        for (at, line) in self.lines.into_iter().enumerate() {
            lines.push(TypedLine {
                source: line.source,
                received: wan(&format!("lines/{at}/received"), line.received)?,
                paid: wan(&format!("lines/{at}/paid"), line.paid)?,
            });
        }
        let problems = self.problems.into_iter().map(|problem| TypedProblem {
            text: problem.text,
            counterpart: problem.counterpart,
            due_on: problem.due_on,
        });
        Ok(Typed {
            is_nothing: self.nothing,
            completed: wan("completed", self.completed)?,
            cumulative: wan("cumulative", self.cumulative)?,
            is_reduction: !self.reduction_reason.is_empty(),
            reduction_reason: self.reduction_reason,
            correction: wan("correction", self.correction)?,
            correction_reason: self.correction_reason,
            lines,
            progress: self.progress,
            percent: self.percent.map_or_else(String::new, |percent| percent.to_string()),
            problems: problems.collect(),
            next_work: self.next_work,
            forecast: wan("forecast", self.forecast)?,
            proposal: wan("proposal", self.proposal)?,
            judgement: self.judgement,
            judgement_reason: self.judgement_reason,
        })
    }
}

/// Keeps a draft.
pub(super) fn draft(state: &State, submitted: &Submitted) -> Result<Made> {
    save(state, submitted, submitted.part("project")).map_err(Error::pointed)
}

/// Keeps a draft. One that is there already is replaced only by whoever has seen it.
fn save(state: &State, submitted: &Submitted, code: &str) -> Result<Made> {
    let body: ReportBody = submitted.body()?;
    let month = Month::parse(&body.month)?;
    let version = seen(submitted)?;
    let which = Which { project: code.to_owned(), month };
    let typed = body.typed()?;
    submitted.make(state, move |tx, actor| {
        let held = store::draft_of(tx.conn(), &which.project, month)?.map(|draft| draft.version);
        if held.is_some() && version.is_none() {
            return Err(Error::Unversioned("已有草稿：要写 If-Match，草稿的 version".into()));
        }
        let new = NewReport { which: which.clone(), typed, seen: Some(version.unwrap_or(0)) };
        let version = monthly::save(tx, actor, &new)?;
        let body = json!({"project": which.project, "month": month.to_string(), "draft": {"version": version}});
        let location = format!("/api/v1/projects/{}/reports/{month}", which.project);
        Ok(Made { etag: Some(format!("\"{version}\"")), ..Made::created(location, body) })
    })
}

fn versioned(submitted: &Submitted, what: &str) -> Result<i64> {
    seen(submitted)?.ok_or_else(|| Error::Unversioned(format!("要写 If-Match：{what}的 version")))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubmitBody {
    /// 代报: the paper original.
    document: Option<String>,
}

/// Submits the draft whose version was seen.
pub(super) fn submit(state: &State, submitted: &Submitted) -> Result<Made> {
    let call = || -> Result<Made> {
        let body: SubmitBody = submitted.body()?;
        let report = which(submitted)?;
        let version = versioned(submitted, "草稿")?;
        let original = body.document.map(|code| Citation { code, title: None, issuer: None, dated: None });
        submitted.make(state, move |tx, actor| {
            let noted = monthly::submit_draft(tx, actor, &report, version, original.as_ref())?;
            made(tx, &report, &noted, StatusCode::CREATED)
        })
    };
    call().map_err(Error::pointed)
}

/// The report after what was done, with its version.
fn made(tx: &mut Tx<'_>, which: &Which, noted: &Noted, status: StatusCode) -> Result<Made> {
    let conn = tx.conn();
    let names = Names::load(conn)?;
    let project = registry::find(conn, &which.project)?
        .ok_or_else(|| Error::not_found("项目", &which.project, "编号如 CY-01"))?;
    let mut body = one(conn, &names, (project.id, &which.project), which.month, (Day::LAST, noted.head.seq))?;
    body["seq"] = json!(noted.head.seq);
    body["warnings"] = json!(noted.warnings);
    let location = format!("/api/v1/projects/{}/reports/{}", which.project, which.month);
    Ok(Made { status, location: Some(location), etag: Some(format!("\"{}\"", noted.head.seq)), body })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepBody {
    reason: Option<String>,
}

/// Takes a step.
pub(super) fn step(run: Step) -> impl Fn(&State, &Submitted) -> Result<Made> + Copy + Send + 'static {
    move |state, submitted| {
        let call = || -> Result<Made> {
            let body: StepBody = submitted.body()?;
            let report = which(submitted)?;
            let version = versioned(submitted, "月报")?;
            submitted.make(state, move |tx, actor| {
                let noted = run(tx, actor, &report, Some(version), body.reason.as_deref().unwrap_or_default())?;
                made(tx, &report, &noted, StatusCode::OK)
            })
        };
        call().map_err(Error::pointed)
    }
}
