//! 冲正规划投资额: an entry of an investment that was wrong is taken back by two people, like any
//! other change of what shares and totals rest on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::investment::{effect, system};
use super::{Basis, Kind, Request, store};
use crate::document::{Citation, check_text};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::ledger::command::{NewReversal, reverse_approved, to_reverse};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::Day;
use crate::project::{check_not_future, store as registry};
use crate::subtotal::Posting;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// The entry that was wrong.
    pub entry: i64,
    /// The day it is found; empty: the day it is approved.
    pub on: Option<Day>,
    /// By which document; empty: the wrong entry's own.
    pub document: Option<Citation>,
    /// Why.
    pub reason: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    entry: i64,
    on: Option<i32>,
    document: Option<String>,
    dated: Option<(i32, String)>,
    /// What stood when it was asked; what stands when it is approved must be the same.
    before_fen: i64,
}

impl Reversal {
    /// What can be checked without the register.
    pub(super) fn check(&self) -> Result<()> {
        check_text("reason", &self.reason, 500)?;
        match &self.document {
            Some(document) => check_text("document", &document.code, crate::document::MAX_TEXT),
            None => Ok(()),
        }
    }
}

/// The request of a reversal: before, after, effect on the system and the whole.
pub(super) fn foresee(recording: &mut Recording<'_, '_>, wanted: &Reversal) -> Result<Request> {
    let today = recording.today();
    if let Some(on) = wanted.on {
        check_not_future("occurred_on", on, today)?;
    }
    let sides = to_reverse(recording, wanted.entry)?;
    let (mut before, mut after, mut by_system) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut before_fen = 0_i64;
    for wrong in &sides {
        check_measure(wrong.measure)?;
        let unknown = || Error::internal("分录所属的项目不在", wrong.project_id.to_string());
        let state = registry::find_state_by_id(recording.tx().conn(), wrong.project_id, today, i64::MAX)?
            .ok_or_else(unknown)?;
        let held = store::investment(recording.tx().conn(), wrong.project_id)?;
        let by = Fen::new(wrong.amount_fen).checked_neg()?;
        let then = Fen::new(held.fen).checked_add(by)?;
        let code = &state.project.code;
        if then < Fen::ZERO {
            let message = format!("冲正后 {code} 为 {} 万元，不能为负", then.wan_exact());
            return Err(Error::invalid("entry", wanted.entry.to_string(), message));
        }
        before.push(format!("{code} {} 万元", Fen::new(held.fen).wan_exact()));
        after.push(format!("{code} {} 万元（冲正分录 {}）", then.wan_exact(), wrong.id));
        let moved = by_system.entry(system(&state)).or_insert(Fen::ZERO);
        *moved = moved.checked_add(by)?;
        before_fen = Fen::new(before_fen).checked_add(Fen::new(held.fen))?.get();
    }
    let payload = Payload {
        entry: wanted.entry,
        on: wanted.on.map(Day::raw),
        document: wanted.document.as_ref().map(|document| document.code.clone()),
        dated: wanted
            .document
            .as_ref()
            .and_then(|document| document.dated)
            .map(|(day, precision)| (day.raw(), precision.word().to_owned())),
        before_fen,
    };
    Ok(Request {
        id: 0,
        seq: 0,
        kind: Kind::ReverseInvestment.row().word.into(),
        subject: format!("entry:{}", wanted.entry),
        payload: serde_json::to_string(&payload)
            .map_err(|error| Error::internal("写不出申请的内容", error.to_string()))?,
        before: before.join("；"),
        after: after.join("；"),
        effect: effect(recording, today, &by_system)?,
        reason: wanted.reason.clone(),
        expires_on: super::expiry(recording)?.raw(),
    })
}

fn check_measure(code: i32) -> Result<()> {
    match Measure::from_code(code) {
        Some(Measure::Investment) => Ok(()),
        measure => {
            let label = measure.map_or("", Measure::label);
            Err(Error::Conflict(format!("这一笔是{label}，不用两个人：请直接在分录页冲正")))
        }
    }
}

fn read(request: &Request) -> Result<Payload> {
    serde_json::from_str(&request.payload).map_err(|error| Error::internal("读不出申请的内容", error.to_string()))
}

impl Payload {
    fn document(&self) -> Result<Option<Citation>> {
        let dated = super::dated(self.dated.clone())?;
        Ok(self.document.clone().map(|code| Citation { code, title: None, issuer: None, dated }))
    }
}

/// By which document, and from which day.
pub(super) fn basis(request: &Request) -> Result<Basis> {
    let payload = read(request)?;
    let days = payload.on.map(Day::from_raw).transpose()?.into_iter().collect();
    Ok(Basis { document: payload.document()?, days })
}

/// Records the reversal of an approved request.
///
/// # Errors
/// Refuses when the investment has changed since, or the entry was reversed meanwhile.
pub(super) fn carry_out(recording: &mut Recording<'_, '_>, posting: &mut Posting, request: &Request) -> Result<()> {
    let payload = read(request)?;
    let mut now = Fen::ZERO;
    for wrong in to_reverse(recording, payload.entry)? {
        now = now.checked_add(Fen::new(store::investment(recording.tx().conn(), wrong.project_id)?.fen))?;
    }
    if now.get() != payload.before_fen {
        return Err(Error::Conflict(format!(
            "规划投资额在申请之后已改为 {} 万元，与申请时不同；请按现在的数重新申请",
            now.wan_exact()
        )));
    }
    let document = payload.document()?;
    let on = payload.on.map(Day::from_raw).transpose()?;
    let new = NewReversal { id: payload.entry, on, reason: request.reason.clone() };
    reverse_approved(recording, posting, &new, document)
}
