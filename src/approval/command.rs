//! Asking, and answering as the second person.

use serde_json::json;

use super::investment::{self, Change};
use super::reversal::{self, Reversal};
use super::{Answer, Kind, Request, RequestAnswer, Told, check_answer, check_ask, office, reopen, store};
use crate::auth::{Action, Actor, authorise};
use crate::close::command::Closing;
use crate::db::{Head, Tx};
use crate::document::check_text;
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::project::command::{close, detail};
use crate::subtotal::Posting;

/// Asks for an adjustment of investments that are on the register. Gives the request's id.
pub fn ask_investment(tx: &mut Tx<'_>, actor: &Actor, change: &Change) -> Result<(i64, Head)> {
    authorise(actor, Action::Approve)?;
    change.check()?;
    check_ask(Kind::ChangeInvestment, actor)?;
    let mut recording = Recording::begin(tx, actor, "request.ask", change.subject())?;
    let new = investment::foresee(&mut recording, change)?;
    ask(recording, new, &change.document.code)
}

/// Asks that an entry of an investment be reversed. Gives the request's id.
pub fn ask_reversal(tx: &mut Tx<'_>, actor: &Actor, wanted: &Reversal) -> Result<(i64, Head)> {
    authorise(actor, Action::Approve)?;
    wanted.check()?;
    check_ask(Kind::ReverseInvestment, actor)?;
    let mut recording = Recording::begin(tx, actor, "request.ask", format!("entry:{}", wanted.entry))?;
    let new = reversal::foresee(&mut recording, wanted)?;
    ask(recording, new, wanted.document.as_ref().map_or("", |document| &document.code))
}

/// Asks that an account be given the role of the office. Gives the request's id.
pub fn ask_office(tx: &mut Tx<'_>, actor: &Actor, account: i64, reason: &str) -> Result<(i64, Head)> {
    authorise(actor, Action::Approve)?;
    let mut recording = Recording::begin(tx, actor, "request.ask", format!("account:{account}"))?;
    let new = office::foresee(&mut recording, account, reason)?;
    check_ask(Kind::GrantOffice, actor)?;
    ask(recording, new, "")
}

/// Asks that a locked month be opened again. Gives the request's id.
pub fn ask_reopen(tx: &mut Tx<'_>, actor: &Actor, closing: &Closing) -> Result<(i64, Head)> {
    authorise(actor, Action::Approve)?;
    let mut recording = Recording::begin(tx, actor, "request.ask", closing.subject())?;
    let new = reopen::foresee(&mut recording, closing)?;
    check_ask(reopen::kind_of(closing.kind), actor)?;
    ask(recording, new, "")
}

fn ask(mut recording: Recording<'_, '_>, new: Request, document: &str) -> Result<(i64, Head)> {
    let request = recording.add(|id, seq| Request { id, seq, ..new })?;
    let told = detail([
        ("request", json!(request.id)),
        ("kind", json!(request.kind)),
        ("before", json!(request.before)),
        ("after", json!(request.after)),
        ("effect", json!(request.effect)),
        ("reason", json!(request.reason)),
        ("document", json!(document)),
    ]);
    Ok((request.id, recording.finish(told)?))
}

/// The second person lets it happen: it is carried out in this very command.
pub fn approve(tx: &mut Tx<'_>, actor: &Actor, id: i64, reason: &str) -> Result<Head> {
    authorise(actor, Action::Approve)?;
    answer(
        Recording::begin(tx, actor, "request.approve", format!("request:{id}"))?,
        actor,
        id,
        Answer::Approved,
        reason,
    )
}

/// The second person does not agree.
pub fn refuse(tx: &mut Tx<'_>, actor: &Actor, id: i64, reason: &str) -> Result<Head> {
    authorise(actor, Action::Approve)?;
    answer(Recording::begin(tx, actor, "request.refuse", format!("request:{id}"))?, actor, id, Answer::Refused, reason)
}

/// Whoever asked takes it back.
pub fn cancel(tx: &mut Tx<'_>, actor: &Actor, id: i64, reason: &str) -> Result<Head> {
    authorise(actor, Action::Approve)?;
    answer(
        Recording::begin(tx, actor, "request.cancel", format!("request:{id}"))?,
        actor,
        id,
        Answer::Cancelled,
        reason,
    )
}

fn answer(mut recording: Recording<'_, '_>, actor: &Actor, id: i64, answer: Answer, reason: &str) -> Result<Head> {
    // To agree needs no words; anything else does.
    if answer == Answer::Refused || !reason.is_empty() {
        check_text("reason", reason, 500)?;
    }
    let told = store::find(recording.tx().conn(), id)?
        .ok_or_else(|| Error::not_found("申请", &id.to_string(), "编号见「双人复核」页"))?;
    let kind = Kind::parse(&told.request.kind)?;
    let today = recording.today();
    check_answer(kind, &told, actor, answer, today)?;
    recording.add(|own, seq| RequestAnswer {
        id: own,
        seq,
        request_id: id,
        answer: answer.word().into(),
        reason: reason.to_owned(),
    })?;
    let mut posting = Posting::default();
    if answer == Answer::Approved {
        carry_out(kind, &mut recording, &mut posting, &told)?;
    }
    let detail = detail([
        ("kind", json!(told.request.kind)),
        ("subject", json!(told.request.subject)),
        ("requested_by", json!(told.asked_by)),
        ("requested_seq", json!(told.request.seq)),
        ("answer", json!(answer.word())),
        ("before", json!(told.request.before)),
        ("after", json!(if answer == Answer::Approved { &told.request.after } else { &told.request.before })),
        ("reason", json!(reason)),
    ]);
    close(recording, &posting, detail)
}

/// What approving does, by kind.
fn carry_out(kind: Kind, recording: &mut Recording<'_, '_>, posting: &mut Posting, told: &Told) -> Result<()> {
    match kind {
        Kind::GrantOffice => office::carry_out(recording, &told.request),
        Kind::ChangeInvestment => investment::carry_out(recording, posting, &told.request),
        Kind::ReverseInvestment => reversal::carry_out(recording, posting, &told.request),
        Kind::ReopenMonth | Kind::ReopenFinance => reopen::carry_out(recording, &told.request),
    }
}
