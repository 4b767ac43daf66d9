//! `/admin/closes` and `/publications`: what is locked and what is published, on pages and over the API.

use actix_web::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::answer::Body;
use super::pages::{Form, files, page_or};
use super::post::{Made, Submitted};
use super::query::Allowed;
use super::sign_in::once;
use super::state::State;
use crate::approval::command::ask_reopen;
use crate::approval::store as requests;
use crate::auth::{Action, Actor};
use crate::close::command::{Closing, lock, preclose, settle, withdraw};
use crate::close::{Kind, LOCKED, PRECLOSED, REOPENED, store as closes};
use crate::db::{AnyConnection, Head, Tx};
use crate::error::{Error, Result};
use crate::exchange::rollup::head_json;
use crate::period::{Day, Month};
use crate::publication::command::publish;
use crate::publication::store as held;
use crate::report::asked::Asked;
use crate::report::closes::Deed;
use crate::report::form::Filled;
use crate::report::sign_in::page;
use crate::report::{closes as report, publications as published};

/// What narrows a published month: which publication, and whose entries.
pub(super) const MONTH: Allowed = Allowed { many: &[], one: &["publication", "category", "measure"] };

/// The form that locks, again.
pub(super) fn lock_form(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let form = report::lock_form(conn, asked, filled)?;
    once(state, "form.html", &page(asked, "锁定一个月", Vec::new(), form))
}

/// The form of 预结, 结账 or 撤销预结, again.
pub(super) fn finance_form(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let deed = Deed::parse(asked.part("deed"))?;
    let form = report::deed_form(conn, asked, deed, filled)?;
    once(state, "form.html", &page(asked, deed.label(), Vec::new(), form))
}

/// The form that publishes, again.
pub(super) fn publish_form(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let form = published::publish_form(asked, filled);
    once(state, "form.html", &page(asked, "发布一个月", Vec::new(), form))
}

/// `/publications`, as a page and as files. A page with a form is never kept.
pub(super) fn publications(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    page_or(asked, |format| match format {
        Form::Html => {
            let page = published::list(conn, asked)?;
            match asked.reader.may(Action::Publish) {
                true => once(state, "sections.html", &page),
                false => Ok(Body::html(state.view.render("sections.html", &page)?)),
            }
        }
        _ => files(asked, &published::export(conn, asked)?, format, "publications"),
    })
}

/// `/publications/{published}`.
pub(super) fn published_month(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    let page = published::one(conn, asked, asked.part("published"))?;
    Ok(Body::html(state.view.render("sections.html", &page)?))
}

fn month(text: Option<&str>) -> Result<Month> {
    Month::parse(text.unwrap_or_default().trim()).map_err(|error| error.of("month"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LockForm {
    month: Option<String>,
    department: Option<String>,
    reason: Option<String>,
}

/// Locks a month.
pub(super) fn take_lock(state: &State, submitted: &Submitted) -> Result<String> {
    let given: LockForm = submitted.form()?;
    let closing = Closing {
        kind: Kind::Reports,
        month: month(given.month.as_deref())?,
        department: given.department.unwrap_or_default(),
        reason: given.reason.unwrap_or_default().trim().to_owned(),
    };
    submitted.write(state, move |tx, actor| {
        let (_, head) = lock(tx, actor, &closing)?;
        Ok(format!("/admin/closes?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FinanceForm {
    month: Option<String>,
    department: Option<String>,
    closing: Option<String>,
    reason: Option<String>,
}

/// 预结, 结账 or 撤销预结.
pub(super) fn take_finance(state: &State, submitted: &Submitted) -> Result<String> {
    let deed = Deed::parse(submitted.part("deed"))?;
    let given: FinanceForm = submitted.form()?;
    let reason = given.reason.unwrap_or_default().trim().to_owned();
    let closing = match deed {
        Deed::Preclose => Closing {
            kind: Kind::Finance,
            month: month(given.month.as_deref())?,
            department: given.department.unwrap_or_default(),
            reason,
        },
        Deed::Settle | Deed::Withdraw => Closing::parse(given.closing.as_deref().unwrap_or_default(), reason)?,
    };
    submitted.write(state, move |tx, actor| {
        let (_, head) = deed_of(deed)(tx, actor, &closing)?;
        Ok(format!("/closes?done={}", head.seq))
    })
}

/// The command of a deed.
fn deed_of(deed: Deed) -> Step {
    match deed {
        Deed::Preclose => preclose,
        Deed::Settle => settle,
        Deed::Withdraw => withdraw,
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReopenForm {
    closing: Option<String>,
    reason: Option<String>,
}

/// Asks that a month be opened again.
pub(super) fn take_reopening(state: &State, submitted: &Submitted) -> Result<String> {
    let given: ReopenForm = submitted.form()?;
    let reason = given.reason.unwrap_or_default().trim().to_owned();
    let closing = Closing::parse(given.closing.as_deref().unwrap_or_default(), reason)?;
    submitted.write(state, move |tx, actor| {
        let (id, head) = ask_reopen(tx, actor, &closing)?;
        Ok(format!("/admin/approvals/{id}?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublishForm {
    month: Option<String>,
    note: Option<String>,
}

/// Publishes a month.
pub(super) fn take_publication(state: &State, submitted: &Submitted) -> Result<String> {
    let given: PublishForm = submitted.form()?;
    let month = month(given.month.as_deref())?;
    let note = given.note.unwrap_or_default().trim().to_owned();
    submitted.write(state, move |tx, actor| {
        let head = publish(tx, actor, month, &note)?;
        Ok(format!("/publications?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CloseBody {
    kind: String,
    month: String,
    department: Option<String>,
    state: Option<String>,
    reason: Option<String>,
}

impl CloseBody {
    fn closing(self) -> Result<Closing> {
        Ok(Closing {
            kind: Kind::parse(&self.kind)?,
            month: month(Some(&self.month))?,
            department: self.department.unwrap_or_default(),
            reason: self.reason.unwrap_or_default(),
        })
    }
}

/// Locking is done at once; opening again is asked for, whichever way it is said.
pub(super) fn post_close(state: &State, submitted: &Submitted) -> Result<Made> {
    close_or_ask(state, submitted).map_err(Error::pointed)
}

/// Asks that a month be opened again.
pub(super) fn post_reopening(state: &State, submitted: &Submitted) -> Result<Made> {
    let body: CloseBody = submitted.body()?;
    body.closing().and_then(|closing| ask(state, submitted, closing)).map_err(Error::pointed)
}

fn close_or_ask(state: &State, submitted: &Submitted) -> Result<Made> {
    let body: CloseBody = submitted.body()?;
    let word = body.state.clone().unwrap_or_else(|| LOCKED.to_owned());
    let closing = body.closing()?;
    match (closing.kind, word.as_str()) {
        (Kind::Reports, LOCKED) => closed(state, submitted, closing, LOCKED, lock),
        (Kind::Finance, PRECLOSED) => closed(state, submitted, closing, PRECLOSED, preclose),
        (Kind::Finance, LOCKED) => closed(state, submitted, closing, LOCKED, settle),
        (Kind::Finance, OPEN) => closed(state, submitted, closing, OPEN, withdraw),
        (_, REOPENED) => ask(state, submitted, closing),
        (Kind::Reports, other) => Err(Error::invalid("state", other, "可用 locked（锁定）、reopened（申请重新打开）")),
        (Kind::Finance, other) => {
            let allowed = "可用 preclosed（预结）、locked（结账）、open（撤销预结）、reopened（申请反结账）";
            Err(Error::invalid("state", other, allowed))
        }
    }
}

/// The word a program says to take 预结 back.
const OPEN: &str = "open";

type Step = fn(&mut Tx<'_>, &Actor, &Closing) -> Result<(i64, Head)>;

fn closed(state: &State, submitted: &Submitted, closing: Closing, word: &'static str, step: Step) -> Result<Made> {
    submitted.make(state, move |tx, actor| {
        let (id, head) = step(tx, actor, &closing)?;
        let body = json!({"id": id, "kind": closing.kind.word(), "month": closing.month.to_string(),
            "department": some(&closing.department), "state": word, "seq": head.seq, "at": head.at.rfc3339()});
        Ok(Made::created("/api/v1/closes".into(), body))
    })
}

fn ask(state: &State, submitted: &Submitted, closing: Closing) -> Result<Made> {
    submitted.make(state, move |tx, actor| {
        let (id, head) = ask_reopen(tx, actor, &closing)?;
        let told = requests::find(tx.conn(), id)?;
        let until = told.map(|told| Day::from_raw(told.request.expires_on)).transpose()?;
        let body = json!({"request": id, "kind": closing.kind.word(), "month": closing.month.to_string(),
            "department": some(&closing.department), "state": "waiting",
            "expires_on": until.map(|day| day.to_string()), "seq": head.seq, "at": head.at.rfc3339()});
        let location = Some(format!("/admin/approvals/{id}"));
        Ok(Made { status: StatusCode::ACCEPTED, location, etag: None, body })
    })
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// What was locked and opened again, newest first.
pub(super) fn list_closes(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let mut items = Vec::new();
    for (kind, word, _) in Kind::ALL {
        for row in closes::list(conn, kind, asked.known.seq)?.iter().rev() {
            items.push(json!({"id": row.id, "kind": word, "month": Month::from_raw(row.month)?.to_string(),
                "department": some(&row.department), "state": row.state, "reason": row.reason, "seq": row.seq}));
        }
    }
    Ok(json!({"items": items, "next": null, "head": head_json(&asked.known)}))
}

/// What was published, newest first.
pub(super) fn list_publications(conn: &mut AnyConnection, asked: &Asked) -> Result<Json> {
    let mut items = Vec::new();
    for row in held::list(conn)? {
        let month = row.month.map(Month::from_raw).transpose()?;
        items.push(json!({"id": row.id, "month": month.map(|month| month.to_string()),
            "as_of": Day::from_raw(row.as_of)?.to_string(), "known_seq": row.known_seq, "head": row.head_hash,
            "note": row.note, "seq": row.seq}));
    }
    Ok(json!({"items": items, "next": null, "head": head_json(&asked.known)}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicationBody {
    month: String,
    note: Option<String>,
}

/// Publishes a month.
pub(super) fn post_publication(state: &State, submitted: &Submitted) -> Result<Made> {
    let body: PublicationBody = submitted.body()?;
    let month = month(Some(&body.month)).map_err(Error::pointed)?;
    let note = body.note.unwrap_or_default();
    let made = submitted.make(state, move |tx, actor| {
        let head = publish(tx, actor, month, &note)?;
        let row = held::find_latest(tx.conn())?.ok_or_else(|| Error::internal("刚发布的不在", month.to_string()))?;
        let body = json!({"id": row.id, "month": month.to_string(), "as_of": month.last_day().to_string(),
            "known_seq": row.known_seq, "head": row.head_hash, "seq": head.seq, "at": head.at.rfc3339()});
        Ok(Made::created(format!("/publications/{month}"), body))
    });
    made.map_err(Error::pointed)
}
