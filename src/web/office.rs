//! `/admin/approvals` and `/admin/settings`: what needs two, and what the office sets.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::get;
use super::post::{self, FORM, Submitted};
use super::query::Allowed;
use super::serve::{Face, serve};
use super::sign_in::once;
use super::state::State;
use super::viewer::Needs;
use crate::approval::command::{approve, ask_investment, ask_office, ask_reversal, cancel, refuse};
use crate::approval::investment::{Adjustment, Change};
use crate::approval::reversal::Reversal;
use crate::approval::{Answer, Kind};
use crate::auth::Action;
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::money::Fen;
use crate::period::{Day, Precision};
use crate::report::form::Filled;
use crate::report::sign_in::page;
use crate::report::{approvals, settings};
use crate::setting::command::{NewSetting, set};
use crate::setting::known;

const SECOND: Needs = Needs::May(Action::Approve);
const SETS: Needs = Needs::May(Action::Set);
const PAGED: Allowed = Allowed { many: &[], one: &["before", "entry"] };

/// The routes of both.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route(
            "/admin/approvals",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, SECOND, PAGED, |conn, asked, state| {
                    once(state, "sections.html", &approvals::list(conn, asked)?)
                })
                .await
            }),
        )
        .route(
            "/admin/approvals/change_investment",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                ask(request, payload, state, Kind::ChangeInvestment, take_investment).await
            }),
        )
        .route(
            "/admin/approvals/reverse_investment",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                ask(request, payload, state, Kind::ReverseInvestment, take_reversal).await
            }),
        )
        .route(
            "/admin/approvals/grant_office",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>| {
                ask(request, payload, state, Kind::GrantOffice, take_office).await
            }),
        )
        .route(
            "/admin/approvals/{id}",
            get().to(async |request: HttpRequest, state: Data<State>, id: Path<String>| {
                serve(request, state, Face::Page, SECOND, FORM, move |conn, asked, state| {
                    once(state, "sections.html", &approvals::one(conn, asked, &id)?)
                })
                .await
            }),
        )
        .route("/admin/approvals/{id}/{answer}", web::post().to(answer))
        .route(
            "/admin/settings",
            get().to(async |request: HttpRequest, state: Data<State>| {
                serve(request, state, Face::Page, SETS, FORM, |conn, asked, state| {
                    once(state, "sections.html", &settings::list(conn, asked)?)
                })
                .await
            }),
        )
        .route(
            "/admin/settings/{name}",
            web::post().to(async |request: HttpRequest, payload: Payload, state: Data<State>, name: Path<String>| {
                let own = name.clone();
                let submit = move |state: &State, submitted: &Submitted| take_setting(state, submitted, &own);
                post::form(request, payload, state, SETS, submit, move |conn, asked, state, filled| {
                    let setting = known(&name)?;
                    let form = settings::form(conn, asked, setting, filled)?;
                    once(state, "form.html", &page(asked, setting.label, vec![format!("{}。", setting.why)], form))
                })
                .await
            }),
        );
}

type Taken = fn(&State, &Submitted) -> Result<String>;

async fn ask(request: HttpRequest, payload: Payload, state: Data<State>, kind: Kind, take: Taken) -> HttpResponse {
    post::form(request, payload, state, SECOND, take, move |conn, asked, state, filled: &Filled| {
        let form = approvals::ask_form(conn, asked, kind, filled)?;
        once(state, "form.html", &page(asked, kind.row().label, vec![format!("要两个人：{}。", kind.row().why)], form))
    })
    .await
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

fn take_investment(state: &State, submitted: &Submitted) -> Result<String> {
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
struct ReversalForm {
    entry: Option<String>,
    occurred_on: Option<String>,
    document: Option<String>,
    document_date: Option<String>,
    reason: Option<String>,
}

fn take_reversal(state: &State, submitted: &Submitted) -> Result<String> {
    let given: ReversalForm = submitted.form()?;
    let text = given.entry.unwrap_or_default();
    let entry = text.trim().parse().map_err(|_| Error::invalid("entry", &text, "写分录编号，是一个整数"))?;
    let on = given.occurred_on.map(|text| Day::parse(&text).map_err(|error| error.of("occurred_on"))).transpose()?;
    let dated = given.document_date.map(|text| Precision::parse_date(&text).map_err(|error| error.of("document_date")));
    let dated = dated.transpose()?;
    let code = Some(given.document.unwrap_or_default().trim().to_owned()).filter(|code| !code.is_empty());
    let wanted = Reversal {
        entry,
        on,
        document: code.map(|code| Citation { code, title: None, issuer: None, dated }),
        reason: given.reason.unwrap_or_default().trim().to_owned(),
    };
    submitted.write(state, move |tx, actor| {
        let (id, head) = ask_reversal(tx, actor, &wanted)?;
        Ok(format!("/admin/approvals/{id}?done={}", head.seq))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Office {
    account: Option<String>,
    reason: Option<String>,
}

fn take_office(state: &State, submitted: &Submitted) -> Result<String> {
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

async fn answer(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
    path: Path<(String, String)>,
) -> HttpResponse {
    let (id, word) = path.into_inner();
    let found = approvals::ANSWERS.iter().find(|(_, known, _)| *known == word).map(|(answer, ..)| *answer);
    let (Ok(number), Some(answer)) = (id.parse::<i64>(), found) else {
        let error = Error::not_found("操作", &format!("{id}/{word}"), "从申请的页面里提交");
        return Face::Page.refuse(&state, &request, &error);
    };
    let submit = move |state: &State, submitted: &Submitted| take_answer(state, submitted, number, answer);
    post::form(request, payload, state, SECOND, submit, move |_, asked, state, filled| {
        let form = approvals::answer_form(asked, number, answer, filled);
        once(state, "form.html", &page(asked, "复核", Vec::new(), form))
    })
    .await
}

fn take_answer(state: &State, submitted: &Submitted, id: i64, answer: Answer) -> Result<String> {
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

fn take_setting(state: &State, submitted: &Submitted, name: &str) -> Result<String> {
    let given: SettingForm = submitted.form()?;
    let on = given.effective_on.map(|text| Day::parse(&text).map_err(|error| error.of("effective_on"))).transpose()?;
    let new = NewSetting {
        name: name.to_owned(),
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
