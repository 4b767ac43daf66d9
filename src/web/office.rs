//! `/admin/approvals` and `/admin/settings`: what needs two, and what the office sets.

use serde::Deserialize;

use super::answer::Body;
use super::post::Submitted;
use super::query::Allowed;
use super::sign_in::once;
use super::state::State;
use crate::approval::command::{approve, ask_investment, ask_office, cancel, refuse};
use crate::approval::investment::{Adjustment, Change};
use crate::approval::{Answer, Kind};
use crate::db::AnyConnection;
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::money::Fen;
use crate::period::{Day, Precision};
use crate::report::asked::Asked;
use crate::report::form::Filled;
use crate::report::sign_in::page;
use crate::report::{approvals, settings};
use crate::setting::command::{NewSetting, set};
use crate::setting::known;

/// Requests, page by page.
pub(super) const PAGED: Allowed = Allowed { many: &[], one: &["before"] };

/// `/admin/approvals/{request}`.
pub(super) fn request(conn: &mut AnyConnection, asked: &Asked, state: &State) -> Result<Body> {
    once(state, "sections.html", &approvals::one(conn, asked, asked.part("request"))?)
}

/// The form that asks for what needs two.
pub(super) fn ask(
    kind: Kind,
) -> impl Fn(&mut AnyConnection, &Asked, &State, &Filled) -> Result<Body> + Copy + Send + 'static {
    move |conn, asked, state, filled| {
        let form = approvals::ask_form(conn, asked, kind, filled)?;
        let why = vec![format!("要两个人：{}。", kind.row().why)];
        once(state, "form.html", &page(asked, kind.row().label, why, form))
    }
}

/// The form of an answer, again.
pub(super) fn answer(_: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let (number, answer) = answered(asked.part("request"), asked.part("answer"))?;
    let form = approvals::answer_form(asked, number, answer, filled);
    once(state, "form.html", &page(asked, "复核", Vec::new(), form))
}

/// The form of a setting, again.
pub(super) fn setting(conn: &mut AnyConnection, asked: &Asked, state: &State, filled: &Filled) -> Result<Body> {
    let setting = known(asked.part("setting"))?;
    let form = settings::form(conn, asked, setting, filled)?;
    once(state, "form.html", &page(asked, setting.label, vec![format!("{}。", setting.why)], form))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Investment {
    project: Option<String>,
    wan: Option<String>,
    occurred_on: Option<String>,
    document: Option<String>,
    document_date: Option<String>,
    reason: Option<String>,
}

/// Asks for another investment.
pub(super) fn take_investment(state: &State, submitted: &Submitted) -> Result<String> {
    let given: Investment = submitted.form()?;
    let dated = given.document_date.map(|text| Precision::parse_date(&text).map_err(|error| error.of("document_date")));
    let one = Adjustment {
        project: given.project.unwrap_or_default().trim().to_owned(),
        amount: Fen::parse_wan(given.wan.as_deref().unwrap_or_default()).map_err(|error| error.of("wan"))?,
        occurred_on: Day::parse(given.occurred_on.as_deref().unwrap_or_default())
            .map_err(|error| error.of("occurred_on"))?,
        note: String::new(),
    };
    let document = Citation {
        code: given.document.unwrap_or_default().trim().to_owned(),
        title: None,
        issuer: None,
        dated: dated.transpose()?,
    };
    let change =
        Change { adjustments: vec![one], document, reason: given.reason.unwrap_or_default().trim().to_owned() };
    submitted.write(state, move |tx, actor| {
        let (id, head) = ask_investment(tx, actor, &change)?;
        Ok(format!("/admin/approvals/{id}?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Office {
    account: Option<String>,
    reason: Option<String>,
}

/// Asks that somebody become the office.
pub(super) fn take_office(state: &State, submitted: &Submitted) -> Result<String> {
    let given: Office = submitted.form()?;
    let text = given.account.unwrap_or_default();
    let account: i64 = text.parse().map_err(|_| Error::invalid("account", &text, "请选一个账户"))?;
    let reason = given.reason.unwrap_or_default().trim().to_owned();
    submitted.write(state, move |tx, actor| {
        let (id, head) = ask_office(tx, actor, account, &reason)?;
        Ok(format!("/admin/approvals/{id}?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    reason: Option<String>,
}

fn answered(id: &str, word: &str) -> Result<(i64, Answer)> {
    let found = approvals::ANSWERS.iter().find(|(_, known, _)| *known == word).map(|(answer, ..)| *answer);
    id.parse().ok().zip(found).ok_or_else(|| Error::not_found("操作", &format!("{id}/{word}"), "从申请的页面里提交"))
}

/// The second person's answer.
pub(super) fn take_answer(state: &State, submitted: &Submitted) -> Result<String> {
    let (id, answer) = answered(submitted.part("request"), submitted.part("answer"))?;
    let given: Answered = submitted.form()?;
    let reason = given.reason.unwrap_or_default().trim().to_owned();
    submitted.write(state, move |tx, actor| {
        let head = match answer {
            Answer::Approved => approve(tx, actor, id, &reason),
            Answer::Refused => refuse(tx, actor, id, &reason),
            Answer::Cancelled => cancel(tx, actor, id, &reason),
        }?;
        Ok(format!("/admin/approvals/{id}?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingForm {
    value: Option<String>,
    effective_on: Option<String>,
    reason: Option<String>,
}

/// Sets a setting.
pub(super) fn take_setting(state: &State, submitted: &Submitted) -> Result<String> {
    let given: SettingForm = submitted.form()?;
    let on = given.effective_on.map(|text| Day::parse(&text).map_err(|error| error.of("effective_on"))).transpose()?;
    let new = NewSetting {
        name: submitted.part("setting").to_owned(),
        value: given.value.unwrap_or_default().trim().to_owned(),
        effective_on: on,
        reason: given.reason.unwrap_or_default().trim().to_owned(),
    };
    submitted.write(state, move |tx, actor| {
        let head = set(tx, actor, new).map_err(|error| match error {
            // The field of the form is `value`; what it sets is in the address.
            Error::Invalid(faults) => Error::Invalid(
                faults
                    .into_iter()
                    .map(|fault| match known(&fault.field) {
                        Ok(_) => crate::error::Fault { field: "value".into(), ..fault },
                        Err(_) => fault,
                    })
                    .collect(),
            ),
            other => other,
        })?;
        Ok(format!("/admin/settings?done={}", head.seq))
    })
}
