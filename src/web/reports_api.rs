//! Monthly reports over the API. A report's `version` is the journal row of its last event, a draft's
//! counts how often it was saved; `If-Match` takes the one of what is changed.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::answer::Body;
use super::get;
use super::nodes::seen;
use super::post::{self, Made, Submitted};
use super::query::Allowed;
use super::reports::which;
use super::serve::{Face, serve};
use super::state::State;
use super::viewer::Needs;
use crate::auth::{Action, Actor, Sight};
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

const READ: Needs = Needs::Account;
const FILE: Needs = Needs::May(Action::FileReport);
const REVIEW: Needs = Needs::May(Action::ReviewReport);
const APPROVE: Needs = Needs::May(Action::ApproveReport);

/// The routes of the API's reports.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/projects/{code}/reports", get().to(get_all))
        .route("/projects/{code}/reports", web::post().to(post_draft))
        .route("/projects/{code}/reports/{month}", get().to(get_one))
        .route("/projects/{code}/reports/{month}/submit", web::post().to(post_submit))
        .route("/projects/{code}/reports/{month}/withdraw", web::post().to(post_withdraw))
        .route("/projects/{code}/reports/{month}/open", web::post().to(post_open))
        .route("/projects/{code}/reports/{month}/pass", web::post().to(post_pass))
        .route("/projects/{code}/reports/{month}/return", web::post().to(post_return))
        .route("/projects/{code}/reports/{month}/approve", web::post().to(post_approve));
}

type At = Path<(String, String)>;

/// The project, for whoever may read its reports.
fn read(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<ProjectState> {
    if asked.reader.sight == Sight::Published {
        return Err(Error::Forbidden("月报不公开；公众看到的是发布的合计".into()));
    }
    let state = registry::find_state(conn, code, asked.as_of, asked.known.seq)?;
    state.filter(|state| asked.sees(state)).ok_or_else(|| asked.no_project(code))
}

async fn get_all(request: HttpRequest, state: Data<State>, code: Path<String>) -> HttpResponse {
    serve(request, state, Face::Api, READ, Allowed::VIEW, move |conn, asked, _| {
        let id = read(conn, asked, &code)?.project.id;
        let names = Names::load(conn)?;
        let mut items = Vec::new();
        for month in store::list_months(conn, id, asked.known.seq)? {
            items.push(one(conn, &names, (id, &code), month, (asked.as_of, asked.known.seq))?);
        }
        Ok(Body::json(&json!({"items": items, "next": null})))
    })
    .await
}

async fn get_one(request: HttpRequest, state: Data<State>, at: At) -> HttpResponse {
    serve(request, state, Face::Api, READ, Allowed::VIEW, move |conn, asked, _| {
        let (code, month) = (&at.0, Month::parse(&at.1)?);
        let project = read(conn, asked, code)?;
        let names = Names::load(conn)?;
        let id = project.project.id;
        let mut report = one(conn, &names, (id, code), month, (asked.as_of, asked.known.seq))?;
        if asked.is_whole && crate::report::monthly::may_file(asked, &project) {
            let draft = store::draft_of(conn, code, month)?;
            report["draft"] = draft.map_or(Json::Null, |draft| json!({"version": draft.version}));
        }
        // Drafts are not in the journal, so the answer is made each time.
        Ok(Body { lasts: false, ..Body::json(&report) })
    })
    .await
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

async fn post_draft(request: HttpRequest, payload: Payload, state: Data<State>, code: Path<String>) -> HttpResponse {
    let submit = move |state: &State, submitted: &Submitted| save(state, submitted, &code).map_err(Error::pointed);
    post::call(request, payload, state, FILE, submit).await
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

async fn post_submit(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let call = move |state: &State, submitted: &Submitted| -> Result<Made> {
        let body: SubmitBody = submitted.body()?;
        let report = which((&at.0, &at.1))?;
        let version = versioned(submitted, "草稿")?;
        let original = body.document.map(|code| Citation { code, title: None, issuer: None, dated: None });
        submitted.make(state, move |tx, actor| {
            let noted = monthly::submit_draft(tx, actor, &report, version, original.as_ref())?;
            made(tx, &report, &noted, StatusCode::CREATED)
        })
    };
    let submit = move |state: &State, submitted: &Submitted| call(state, submitted).map_err(Error::pointed);
    post::call(request, payload, state, FILE, submit).await
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

type Step = fn(&mut Tx<'_>, &Actor, &Which, Option<i64>, &str) -> Result<Noted>;

async fn decide(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
    at: At,
    (needs, step): (Needs, Step),
) -> HttpResponse {
    let call = move |state: &State, submitted: &Submitted| -> Result<Made> {
        let body: StepBody = submitted.body()?;
        let report = which((&at.0, &at.1))?;
        let version = versioned(submitted, "月报")?;
        submitted.make(state, move |tx, actor| {
            let noted = step(tx, actor, &report, Some(version), body.reason.as_deref().unwrap_or_default())?;
            made(tx, &report, &noted, StatusCode::OK)
        })
    };
    let submit = move |state: &State, submitted: &Submitted| call(state, submitted).map_err(Error::pointed);
    post::call(request, payload, state, needs, submit).await
}

async fn post_withdraw(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let step: Step = |tx, actor, which, seen, _| monthly::withdraw(tx, actor, which, seen);
    decide(request, payload, state, at, (FILE, step)).await
}

async fn post_open(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let step: Step = |tx, actor, which, seen, _| monthly::open(tx, actor, which, seen);
    decide(request, payload, state, at, (REVIEW, step)).await
}

async fn post_pass(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let step: Step = |tx, actor, which, seen, _| monthly::pass(tx, actor, which, seen);
    decide(request, payload, state, at, (REVIEW, step)).await
}

async fn post_return(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    decide(request, payload, state, at, (REVIEW, monthly::send_back)).await
}

async fn post_approve(request: HttpRequest, payload: Payload, state: Data<State>, at: At) -> HttpResponse {
    let step: Step = |tx, actor, which, seen, _| monthly::approve(tx, actor, which, seen);
    decide(request, payload, state, at, (APPROVE, step)).await
}
