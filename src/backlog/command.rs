//! Loading a sheet: one command, one journal row, all of it or nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Change, Dated, MEASURES, Outcome, Paper, Planned, What, Wish, preview};
use crate::auth::{Action, Actor, authorise};
use crate::db::{Head, Tx};
use crate::document::Citation;
use crate::document::command::cite;
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::ledger::Kind;
use crate::ledger::command::{Late, NewEntry, add_all};
use crate::milestone::command::{self as milestones, Basis};
use crate::milestone::{self, FactKind};
use crate::money::Fen;
use crate::period::Day;
use crate::project::command::{self as registry, NewFact, Origin, close, detail};
use crate::project::store::find_state_by_id;
use crate::project::{Attribute, Status};
use crate::subtotal::Posting;

/// What loading gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The journal row; none: the sheet says what stands, and nothing was recorded.
    pub head: Option<Head>,
    /// What it changed.
    pub outcome: Outcome,
}

/// Records what a sheet changes. What stands already is not recorded again: the same sheet a second
/// time records nothing.
///
/// # Errors
/// Every bad cell; and what must be answered for (`accepts`), when it is not.
pub fn load(tx: &mut Tx<'_>, actor: &Actor, list: &[Wish], document: &Citation, accepts: bool) -> Result<Loaded> {
    authorise(actor, Action::LoadBacklog)?;
    if list.is_empty() {
        return Err(Error::invalid("表", "", "没有一行项目，没有什么可记"));
    }
    let today = tx.clock().now().max(tx.head().at.succ()).day();
    let seq = tx.head().seq;
    let outcome = preview(tx.conn(), list, today, seq)?;
    if outcome.count() == 0 {
        return Ok(Loaded { head: None, outcome });
    }
    let grave = outcome.grave();
    if !grave.is_empty() && !accepts {
        let message = format!("有 {} 处要核对单位：{}。核对无误后再确认", grave.len(), grave.join("；"));
        return Err(Error::Conflict(message));
    }
    let mut recording = Recording::begin(tx, actor, "backlog.load", &document.code)?;
    let mut posting = Posting::default();
    let sheet = cite(&mut recording, document)?;
    let mut entries = Vec::new();
    let mut warnings: Vec<String> = Vec::new();
    for row in &outcome.rows {
        for change in &row.changes {
            let document_id = match &change.paper {
                Paper::Sheet => sheet,
                Paper::Own(code, dated) => cite_own(&mut recording, code, *dated, &change.cell)?,
            };
            let told = apply(&mut recording, &mut posting, (row, change), document_id, &mut entries);
            told.map_err(|error| error.within(&change.cell))?;
        }
        warnings.extend(row.hints.iter().map(|hint| format!("{} {}", row.code, hint.text)));
    }
    let counted = told(&outcome, document, &warnings)?;
    add_all(&mut recording, &mut posting, entries, Late::Refused)?;
    let head = close(recording, &posting, counted)?;
    Ok(Loaded { head: Some(head), outcome })
}

fn cite_own(recording: &mut Recording<'_, '_>, code: &str, dated: Option<Dated>, cell: &str) -> Result<i64> {
    let citation = Citation { code: code.to_owned(), title: None, issuer: None, dated };
    cite(recording, &citation).map_err(|error| error.within(cell))
}

fn apply(
    recording: &mut Recording<'_, '_>,
    posting: &mut Posting,
    (row, change): (&Planned, &Change),
    document_id: i64,
    entries: &mut Vec<(NewEntry, Origin)>,
) -> Result<()> {
    let origin = Origin { document_id: Some(document_id), line_id: None };
    match &change.what {
        What::Fact { attribute, after, from, .. } => {
            let project = crate::project::store::find_by_id(recording.tx().conn(), row.project)?
                .ok_or_else(|| Error::internal("项目不见了", row.code.clone()))?;
            // The office says so by a document: what was inferred is settled with it.
            let status = if *attribute == Attribute::Nature { Status::Confirmed } else { Status::Stated };
            let fact = NewFact {
                attribute: *attribute,
                value: after.clone(),
                status,
                basis: REASON.into(),
                confidence: String::new(),
                origin,
            };
            registry::add_fact(recording, posting, &project, fact, *from)?;
        }
        What::Met { milestone, on } => met(recording, posting, row, milestone, *on, document_id)?,
        What::Opening { measure, year, amount, on, .. } => {
            let entry = NewEntry {
                project: row.code.clone(),
                measure: *measure,
                kind: Kind::Opening,
                year: *year,
                source: None,
                amount: *amount,
                occurred_on: *on,
                reason: REASON.into(),
                is_estimate: false,
                note: String::new(),
            };
            entries.push((entry, origin));
        }
    }
    Ok(())
}

const REASON: &str = "存量补录";

fn met(
    recording: &mut Recording<'_, '_>,
    posting: &mut Posting,
    row: &Planned,
    code: &str,
    on: Dated,
    document_id: i64,
) -> Result<()> {
    let (today, seq) = (recording.today(), recording.seq());
    let missing = || Error::internal("项目不见了", row.code.clone());
    let state = find_state_by_id(recording.tx().conn(), row.project, today, seq)?.ok_or_else(missing)?;
    let held = milestone::store::find(recording.tx().conn(), row.project, code)?;
    let node = match held {
        Some(held) => held,
        None => milestones::set_up_one(recording, &state.project, code, None, Some(document_id))?,
    };
    let fact = milestones::NewFact {
        project: row.code.clone(),
        milestone: code.to_owned(),
        kind: FactKind::Met,
        on,
        effective_on: None,
        reason: String::new(),
        evidence: String::new(),
        seen: None,
    };
    let basis = Basis { document_id: Some(document_id), ..Basis::default() };
    milestones::add_fact(recording, posting, (&node, &state), fact, basis)?;
    Ok(())
}

/// What a person reads in the journal: how many projects, facts, milestones, openings, and what the
/// openings come to.
fn told(outcome: &Outcome, document: &Citation, warnings: &[String]) -> Result<Map<String, Value>> {
    let changes = || outcome.rows.iter().flat_map(|row| &row.changes);
    let count = |fits: fn(&What) -> bool| changes().filter(|change| fits(&change.what)).count();
    let mut sums: BTreeMap<&str, Fen> = BTreeMap::new();
    let mut days: Vec<Day> = Vec::new();
    for change in changes() {
        if let What::Opening { measure, amount, on, .. } = &change.what {
            let sum = sums.entry(measure.key()).or_default();
            *sum = sum.checked_add(*amount)?;
            days.push(*on);
        }
    }
    let sums: Map<String, Value> = MEASURES
        .iter()
        .filter_map(|measure| sums.get(measure.key()).map(|sum| (measure.key().to_owned(), json!(sum.yuan()))))
        .collect();
    let codes: Vec<&str> =
        outcome.rows.iter().filter(|row| !row.changes.is_empty()).map(|row| row.code.as_str()).collect();
    let mut told = detail([
        ("count", json!(outcome.count())),
        ("projects", json!(codes.len())),
        ("first", json!(codes.iter().take(20).collect::<Vec<_>>())),
        ("registry", json!(count(|what| matches!(what, What::Fact { .. })))),
        ("milestones", json!(count(|what| matches!(what, What::Met { .. })))),
        ("openings", json!(count(|what| matches!(what, What::Opening { .. })))),
        ("sums", Value::Object(sums)),
        ("document", json!(document.code)),
    ]);
    if let Some(last) = days.iter().max() {
        told.insert("up_to".into(), json!(last.to_string()));
    }
    if !warnings.is_empty() {
        told.insert("warnings".into(), json!(warnings));
    }
    Ok(told)
}
