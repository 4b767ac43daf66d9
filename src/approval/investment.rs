//! 调整规划投资额: what is asked, what it would change, and how it is carried out.

use serde::{Deserialize, Serialize};

use super::{Basis, Kind, Request, store};
use crate::db::Head;
use crate::document::command::cite;
use crate::document::{Citation, check_text};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::ledger::Kind as EntryKind;
use crate::ledger::check_amount;
use crate::ledger::command::{Late, NewEntry, add_all};
use crate::measure::Measure;
use crate::money::{Fen, Unit};
use crate::period::Day;
use crate::project::command::{Origin, get_state};
use crate::project::{Attribute, ProjectState, check_not_future};
use crate::rollup::{self, Deadline, Dimension, Filter, NONE, Rollup, Scope};
use crate::subtotal::Posting;

/// One project's adjustment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// The project's code.
    pub project: String,
    /// By how much, signed.
    pub amount: Fen,
    /// From when.
    pub occurred_on: Day,
    /// A remark; may be empty.
    pub note: String,
}

/// Adjustments by one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is adjusted.
    pub adjustments: Vec<Adjustment>,
    /// By which document.
    pub document: Citation,
    /// Why.
    pub reason: String,
}

impl Change {
    /// What can be checked without the register.
    pub(super) fn check(&self) -> Result<()> {
        if self.adjustments.is_empty() {
            return Err(Error::invalid("adjustments", "", "没有一项调整"));
        }
        check_text("reason", &self.reason, 500)?;
        check_text("document", &self.document.code, crate::document::MAX_TEXT)
    }

    /// What the request is about: the project, or how many.
    pub fn subject(&self) -> String {
        match self.adjustments.as_slice() {
            [one] => one.project.clone(),
            many => format!("{} 项", many.len()),
        }
    }
}

/// The stored form: whole fen and digits, so that approving carries out exactly what was asked.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    adjustments: Vec<Stored>,
    document: String,
    title: Option<String>,
    issuer: Option<String>,
    dated: Option<(i32, String)>,
}

impl Payload {
    fn into_document(self) -> Result<Citation> {
        Ok(Citation { code: self.document, title: self.title, issuer: self.issuer, dated: super::dated(self.dated)? })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    project: String,
    fen: i64,
    on: i32,
    note: String,
    /// What stood when it was asked; what stands when it is approved must be the same.
    before_fen: i64,
}

/// The request of a change: before, after, effect on the systems and the whole.
pub(super) fn foresee(recording: &mut Recording<'_, '_>, change: &Change) -> Result<Request> {
    let today = recording.today();
    let (mut stored, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
    let mut by_system: std::collections::BTreeMap<String, Fen> = std::collections::BTreeMap::new();
    for one in &change.adjustments {
        check(one, today)?;
        let (project, state) = get_state(recording, &one.project, today)?;
        let held = store::investment(recording.tx().conn(), project.id)?;
        let now = Fen::new(held.fen);
        let then = now.checked_add(one.amount)?;
        if then < Fen::ZERO {
            let message = format!("调整后为 {} 万元，不能为负", then.wan_exact());
            return Err(Error::invalid("amount", one.amount.wan_exact(), message).within(&one.project));
        }
        if stored.iter().any(|other: &Stored| other.project == one.project) {
            return Err(Error::invalid("project", &one.project, "写了两次；合成一笔"));
        }
        before.push(format!("{} {} 万元", one.project, now.wan_exact()));
        after.push(format!("{} {} 万元", one.project, then.wan_exact()));
        let moved = by_system.entry(system(&state)).or_insert(Fen::ZERO);
        *moved = moved.checked_add(one.amount)?;
        stored.push(Stored {
            project: one.project.clone(),
            fen: one.amount.get(),
            on: one.occurred_on.raw(),
            note: one.note.clone(),
            before_fen: held.fen,
        });
    }
    let payload = Payload {
        adjustments: stored,
        document: change.document.code.clone(),
        title: change.document.title.clone(),
        issuer: change.document.issuer.clone(),
        dated: change.document.dated.map(|(day, precision)| (day.raw(), precision.word().to_owned())),
    };
    Ok(Request {
        id: 0,
        seq: 0,
        kind: Kind::ChangeInvestment.row().word.into(),
        subject: change.subject(),
        payload: serde_json::to_string(&payload)
            .map_err(|error| Error::internal("写不出申请的内容", error.to_string()))?,
        before: listed(&before),
        after: listed(&after),
        effect: effect(recording, today, &by_system)?,
        reason: change.reason.clone(),
        expires_on: super::expiry(recording)?.raw(),
    })
}

fn check(one: &Adjustment, today: Day) -> Result<()> {
    check_amount(one.amount)?;
    check_not_future("occurred_on", one.occurred_on, today)?;
    if one.amount == Fen::ZERO {
        return Err(Error::invalid("amount", "0", "调整额不能为 0").within(&one.project));
    }
    if one.note.is_empty() { Ok(()) } else { check_text("note", &one.note, 500) }
}

/// The key of a project's system in totals.
pub(super) fn system(state: &ProjectState) -> String {
    match state.value(Attribute::Category) {
        "" => NONE.to_owned(),
        slug => slug.to_owned(),
    }
}

fn listed(lines: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = lines.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("；");
    if lines.len() > SHOWN { format!("{shown} 等 {} 项", lines.len()) } else { shown }
}

/// 「生态环境保障 283,900 → 284,400 万元；全部 958,954 → 959,454 万元」.
pub(super) fn effect(
    recording: &mut Recording<'_, '_>,
    today: Day,
    by_system: &std::collections::BTreeMap<String, Fen>,
) -> Result<String> {
    let known: Head = recording.tx().head().clone();
    let conn = recording.tx().conn();
    let scope = Scope { as_of: today, known, by: vec![Dimension::Category], filter: Filter::default() };
    let now: Rollup = rollup::rollup(conn, &scope, &Deadline::none())?;
    let moves = |label: &str, before: i64, by: Fen| -> Result<String> {
        let before = Fen::new(before);
        let after = before.checked_add(by)?;
        Ok(format!("{label} {} → {} 万元", Unit::Wan.render(before), Unit::Wan.render(after)))
    };
    let mut lines = Vec::new();
    for row in &now.rows {
        if let Some(by) = row.keys.first().and_then(|key| by_system.get(key)) {
            let label = row.labels.first().map_or("", String::as_str);
            lines.push(moves(label, row.figures.sum(Measure::Investment).fen, *by)?);
        }
    }
    let all = by_system.values().try_fold(Fen::ZERO, |sum, by| sum.checked_add(*by))?;
    lines.push(moves("全部", now.total.sum(Measure::Investment).fen, all)?);
    Ok(lines.join("；"))
}

fn read(request: &Request) -> Result<Payload> {
    serde_json::from_str(&request.payload).map_err(|error| Error::internal("读不出申请的内容", error.to_string()))
}

/// By which document, and from which days.
pub(super) fn basis(request: &Request) -> Result<Basis> {
    let payload = read(request)?;
    let days = payload.adjustments.iter().map(|one| Day::from_raw(one.on)).collect::<Result<_>>()?;
    Ok(Basis { document: Some(payload.into_document()?), days })
}

/// Records the adjustments of an approved request.
///
/// # Errors
/// Refuses when an investment has changed since: what was approved is no longer what would happen.
pub(super) fn carry_out(recording: &mut Recording<'_, '_>, posting: &mut Posting, request: &Request) -> Result<()> {
    let mut payload = read(request)?;
    let adjustments = std::mem::take(&mut payload.adjustments);
    let document = payload.into_document()?;
    let origin = Origin { document_id: Some(cite(recording, &document)?), line_id: None };
    let today = recording.today();
    let mut entries = Vec::with_capacity(adjustments.len());
    for one in adjustments {
        let (project, _) = get_state(recording, &one.project, today)?;
        let held = store::investment(recording.tx().conn(), project.id)?;
        if held.fen != one.before_fen {
            return Err(Error::Conflict(format!(
                "{} 的规划投资额在申请之后已改为 {} 万元，与申请时不同；请按现在的数重新申请",
                one.project,
                Fen::new(held.fen).wan_exact()
            )));
        }
        let entry = NewEntry {
            project: one.project,
            measure: Measure::Investment,
            kind: EntryKind::Adjustment,
            year: None,
            source: None,
            amount: Fen::new(one.fen),
            occurred_on: Day::from_raw(one.on)?,
            reason: request.reason.clone(),
            is_estimate: false,
            note: one.note,
        };
        entries.push((entry, origin.clone()));
    }
    add_all(recording, posting, entries, Late::Refused).map(drop)
}
