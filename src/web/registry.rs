//! Writing the registry over the API: projects, what is said of them, withdrawals; and reading the
//! journal. A project's version is the journal row of its latest fact; `If-Match` takes only that.

use actix_web::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::post::{Made, Submitted};
use super::query::Allowed;
use super::state::State;
use crate::auth::{Action, Actor};
use crate::clock::Instant;
use crate::db::{AnyConnection, Head, Tx};
use crate::document::{Citation, store as documents};
use crate::error::{Error, Fault, Result};
use crate::exchange::rollup::head_json;
use crate::journal::store as journal;
use crate::milestone::command as milestones;
use crate::money::Fen;
use crate::period::{Day, Precision};
use crate::project::command::{Change, change, withdraw};
use crate::project::confirm::command::confirm_all;
use crate::project::confirm::{NewConfirmation, Reviewed};
use crate::project::{Attribute, store};
use crate::report::asked::Asked;
use crate::seed::ProjectRow;
use crate::seed::load::import_projects;

/// The journal, row after row.
pub(super) const AFTER: Allowed = Allowed { many: &[], one: &["after", "limit"] };

/// Puts one of the things that are said of a project.
pub(super) fn put(what: &'static str) -> impl Fn(&State, &Submitted) -> Result<Made> + Copy + Send + 'static {
    move |state, submitted| {
        let code = submitted.part("project").to_owned();
        let command = deed(submitted, &code, what)?;
        let version = submitted.version.clone();
        made(submitted, state, StatusCode::OK, move |tx, actor| {
            check_version(tx.conn(), &code, version.as_deref())?;
            let head = command.run(tx, actor)?;
            Ok(Answered { location: None, version: Some(head.seq), body: json!({"code": code, "seq": head.seq}) })
        })
    }
}

/// What a PUT does: the office's word on what was inferred, or a change of what is stated.
enum Deed {
    /// Each value with the field it came from.
    Confirm(Vec<Reviewed>, Vec<&'static str>),
    /// From a day, or from the document's.
    Change(Vec<Wanted>, Option<Day>),
}

/// A change whose day may be its document's.
struct Wanted {
    code: String,
    attribute: Attribute,
    value: String,
    document: Citation,
    reason: String,
}

impl Wanted {
    fn from(self, effective_on: Day) -> Change {
        let Wanted { code, attribute, value, document, reason } = self;
        Change { code, attribute, value, effective_on, document, reason }
    }
}

impl Deed {
    fn run(self, tx: &mut Tx<'_>, actor: &Actor) -> Result<Head> {
        match self {
            Deed::Confirm(list, fields) => {
                confirm_all(tx, actor, &list).map(|(_, head)| head).map_err(|error| pointed(error, &fields))
            }
            Deed::Change(wanted, given) => {
                let on = since(tx.conn(), wanted.first(), given)?;
                let mut changes: Vec<Change> = wanted.into_iter().map(|one| one.from(on)).collect();
                in_order(tx.conn(), &mut changes)?;
                let mut last = Err(Error::invalid("value", "", "没有要改的").pointed());
                for one in changes {
                    last = Ok(change(tx, actor, one).map_err(Error::pointed)?);
                }
                last
            }
        }
    }
}

/// The day given, else the document's, as it is held or as it is given now.
fn since(conn: &mut AnyConnection, first: Option<&Wanted>, given: Option<Day>) -> Result<Day> {
    let Some(first) = first else { return Err(Error::invalid("/value", "", "没有要改的")) };
    let held = documents::find_by_code(conn, &first.document.code)?.and_then(|held| held.dated_on);
    let dated = held.map(Day::from_raw).transpose()?.or(first.document.dated.map(|(day, _)| day));
    given
        .or(dated)
        .ok_or_else(|| Error::invalid("/effective_on", "", "要写自哪天起；不写时用文件的日期，而这份文件没有登记日期"))
}

/// The end comes before the start, so that moving both on never passes a state in which the start is
/// the later; moving both back the start comes first.
fn in_order(conn: &mut AnyConnection, changes: &mut [Change]) -> Result<()> {
    let [end, _] = changes else { return Ok(()) };
    let state = store::find_state(conn, &end.code, end.effective_on, i64::MAX)?;
    let start = state.and_then(|state| state.year(Attribute::StartYear));
    if start.zip(end.value.parse::<i32>().ok()).is_some_and(|(start, end)| end < start) {
        changes.reverse();
    }
    Ok(())
}

/// Faults of a list's lines, said of the fields that the lines were made of.
fn pointed(error: Error, fields: &[&str]) -> Error {
    let Error::Invalid(faults) = error else { return error };
    let of = |fault: &Fault| {
        let rest = fault.field.strip_prefix("第 ")?;
        let (line, column) = rest.split_once(" 行 ")?;
        let field = fields.get(line.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(if column == "confirmed_value" { format!("/{field}") } else { format!("/{column}") })
    };
    let faults = faults.into_iter().map(|fault| match of(&fault) {
        Some(field) => Fault { field, ..fault },
        None => fault,
    });
    Error::Invalid(faults.collect())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    value: String,
    document: String,
    document_title: Option<String>,
    document_date: Option<String>,
    effective_on: Option<String>,
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Departments {
    lead: Option<String>,
    support: Option<Vec<String>>,
    unit: Option<String>,
    person: Option<String>,
    document: String,
    document_title: Option<String>,
    document_date: Option<String>,
    effective_on: Option<String>,
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Years {
    start_year: Option<i32>,
    end_year: Option<i32>,
    document: String,
    document_title: Option<String>,
    document_date: Option<String>,
    effective_on: Option<String>,
    reason: Option<String>,
}

fn date(text: Option<String>, field: &str) -> Result<Option<(Day, Precision)>> {
    text.map(|text| Precision::parse_date(&text).map_err(|error| error.of(field))).transpose()
}

fn citation(code: String, title: Option<String>, dated: Option<String>) -> Result<Citation> {
    Ok(Citation { code, title, issuer: None, dated: date(dated, "/document_date")? })
}

fn deed(submitted: &Submitted, code: &str, what: &str) -> Result<Deed> {
    match what {
        "departments" => departments(submitted.body()?, code),
        "years" => years(submitted.body()?, code),
        _ => {
            let one: One = submitted.body()?;
            let attribute = Attribute::parse(what)?;
            let document = citation(one.document, one.document_title, one.document_date)?;
            let reason = one.reason.unwrap_or_default();
            let on = date(one.effective_on, "/effective_on")?;
            match attribute {
                Attribute::Category | Attribute::Nature => {
                    let value = (attribute, one.value, "value");
                    Ok(confirmations(code, vec![value], &document, on, &reason))
                }
                _ => {
                    let one = Wanted { code: code.to_owned(), attribute, value: one.value, document, reason };
                    Ok(Deed::Change(vec![one], on.map(|(day, _)| day)))
                }
            }
        }
    }
}

fn confirmations(
    code: &str,
    values: Vec<(Attribute, String, &'static str)>,
    document: &Citation,
    on: Option<(Day, Precision)>,
    reason: &str,
) -> Deed {
    let fields = values.iter().map(|(.., field)| *field).collect();
    let list = values.into_iter().zip(1..).map(|((attribute, value, _), line)| Reviewed {
        line,
        new: NewConfirmation {
            code: code.to_owned(),
            attribute,
            value,
            seen: None,
            effective_on: on,
            document: document.clone(),
            reason: reason.to_owned(),
        },
    });
    Deed::Confirm(list.collect(), fields)
}

fn departments(given: Departments, code: &str) -> Result<Deed> {
    let document = citation(given.document, given.document_title, given.document_date)?;
    let values: Vec<(Attribute, String, &'static str)> = [
        (Attribute::LeadDepartment, given.lead, "lead"),
        (Attribute::SupportDepartments, given.support.map(|codes| codes.join("、")), "support"),
        (Attribute::ResponsibleUnit, given.unit, "unit"),
        (Attribute::ResponsiblePerson, given.person, "person"),
    ]
    .into_iter()
    .filter_map(|(attribute, value, field)| Some((attribute, value?, field)))
    .collect();
    if values.is_empty() {
        return Err(Error::invalid("/lead", "", "lead、support、unit、person 至少给一项"));
    }
    let on = date(given.effective_on, "/effective_on")?;
    Ok(confirmations(code, values, &document, on, &given.reason.unwrap_or_default()))
}

fn years(given: Years, code: &str) -> Result<Deed> {
    let document = citation(given.document, given.document_title, given.document_date)?;
    let on = date(given.effective_on, "/effective_on")?.map(|(day, _)| day);
    let one = |attribute, year: i32| Wanted {
        code: code.to_owned(),
        attribute,
        value: year.to_string(),
        document: document.clone(),
        reason: given.reason.clone().unwrap_or_default(),
    };
    let changes: Vec<Wanted> = [(Attribute::EndYear, given.end_year), (Attribute::StartYear, given.start_year)]
        .into_iter()
        .filter_map(|(attribute, year)| Some(one(attribute, year?)))
        .collect();
    match (changes.is_empty(), given.start_year, given.end_year) {
        (true, ..) => Err(Error::invalid("/start_year", "", "start_year、end_year 至少给一项")),
        (_, Some(start), Some(end)) => crate::project::check_years(start, end)
            .map_err(|error| error.of("/end_year"))
            .map(|()| Deed::Change(changes, on)),
        _ => Ok(Deed::Change(changes, on)),
    }
}

/// Says which version is changed, or what is there now.
fn check_version(conn: &mut AnyConnection, code: &str, given: Option<&str>) -> Result<()> {
    let project = store::find(conn, code)?
        .ok_or_else(|| Error::not_found("项目", code, "编号如 CY-01，见 GET /api/v1/projects"))?;
    let now = store::version(conn, project.id, i64::MAX)?;
    match given {
        None => Err(Error::Unversioned(format!("要用 If-Match 写明改的是哪一版；{code} 现在是 \"{now}\""))),
        Some(version) if version == now.to_string() => Ok(()),
        Some(version) => {
            Err(Error::Stale(format!("{code} 已经变了：看到的是 \"{version}\"，现在是 \"{now}\"；请重新读取再改")))
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewProject {
    code: String,
    no: i32,
    name: String,
    content: String,
    start_year: i32,
    end_year: i32,
    /// Yuan, as text.
    amount: String,
    category: Option<String>,
    lead_department: Option<String>,
    effective_on: Option<String>,
    document: String,
    document_title: Option<String>,
    document_date: Option<String>,
}

pub(super) fn register(state: &State, submitted: &Submitted) -> Result<Made> {
    let new: NewProject = submitted.body()?;
    let document = citation(new.document, new.document_title, new.document_date)?;
    let on = date(new.effective_on, "/effective_on")?.map(|(day, _)| day);
    crate::project::check_years(new.start_year, new.end_year).map_err(|error| error.of("/end_year"))?;
    let stated = [("category", new.category), ("lead_department", new.lead_department)];
    let row = ProjectRow {
        code: new.code.clone(),
        no: new.no,
        name: new.name,
        content: new.content,
        start_year: new.start_year,
        end_year: new.end_year,
        amount: Fen::parse_yuan(&new.amount).map_err(|error| error.of("/amount"))?,
        line: None,
        stated: stated.into_iter().filter_map(|(word, value)| Some((word.to_owned(), value?))).collect(),
    };
    made(submitted, state, StatusCode::CREATED, move |tx, actor| {
        let head = import_projects(tx, actor, vec![row], on, document).map_err(Error::pointed)?;
        let location = Some(format!("/api/v1/projects/{}", new.code));
        Ok(Answered { location, version: Some(head.seq), body: json!({"code": new.code, "seq": head.seq}) })
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    seq: i64,
    reason: String,
    document: Option<String>,
}

/// Takes back what one journal row said, of a project or of a milestone.
pub(super) fn take_back(state: &State, submitted: &Submitted) -> Result<Made> {
    let given: Withdrawal = submitted.body()?;
    let document = given.document.map(|code| Citation { code, title: None, issuer: None, dated: None });
    made(submitted, state, StatusCode::CREATED, move |tx, actor| {
        let of_milestone = actor.may(Action::RecordMilestone) && is_of_milestone(tx.conn(), given.seq)?;
        let head = match of_milestone {
            true => milestones::withdraw(tx, actor, given.seq, &given.reason, document),
            false => withdraw(tx, actor, given.seq, &given.reason, document),
        }
        .map_err(Error::pointed)?;
        Ok(Answered { location: None, version: None, body: json!({"withdrawn": given.seq, "seq": head.seq}) })
    })
}

fn is_of_milestone(conn: &mut AnyConnection, seq: i64) -> Result<bool> {
    let row = journal::find(conn, seq)?;
    Ok(row.is_some_and(|row| row.action.starts_with("milestone.")))
}

/// What a write answers; kept as one text, so that the same call again gets the same.
struct Answered {
    location: Option<String>,
    version: Option<i64>,
    body: Json,
}

fn made(
    submitted: &Submitted,
    state: &State,
    status: StatusCode,
    command: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<Answered> + Send + 'static,
) -> Result<Made> {
    let kept = submitted.write(state, move |tx, actor| {
        let answered = command(tx, actor)?;
        Ok(json!({"location": answered.location, "version": answered.version, "body": answered.body}).to_string())
    })?;
    let kept: Json =
        serde_json::from_str(&kept).map_err(|cause| Error::internal("读不出留存的回答", cause.to_string()))?;
    Ok(Made {
        status,
        location: kept["location"].as_str().map(str::to_owned),
        etag: kept["version"].as_i64().map(|version| format!("\"{version}\"")),
        body: kept["body"].clone(),
    })
}

/// Rows a page of the journal.
const PAGE: i64 = 500;

/// The journal's rows.
pub(super) fn rows(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let number = |name: &str, least: i64, most: i64, otherwise: i64| match asked.param(name) {
        None => Ok(otherwise),
        Some(text) => match text.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(Error::invalid(name, text, format!("应为 {least} 至 {most} 的整数"))),
        },
    };
    let (after, limit) = (number("after", 0, i64::MAX, 0)?, number("limit", 1, PAGE, PAGE)?);
    let mut found = journal::list_after(conn, after, limit + 1)?;
    found.retain(|row| row.seq <= asked.known.seq);
    let more = i64::try_from(found.len()).is_ok_and(|n| n > limit);
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let next = if more { found.last().map(|row| row.seq) } else { None };
    let items = found.iter().map(|row| {
        json!({
            "seq": row.seq, "at_us": row.at_us, "at": Instant::from_micros(row.at_us).rfc3339(), "actor": row.actor,
            "action": row.action, "subject": row.subject, "payload": row.payload, "previous": row.previous,
            "hash": row.hash,
        })
    });
    let items: Vec<Json> = items.collect();
    Ok(json!({"items": items, "next": next, "head": head_json(&asked.known)}))
}
