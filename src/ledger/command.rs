//! Recording entries and reversing them.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::guard::Rules;
use super::transfer::{self, NewTransfer, check_lines, refuse_lone_side};
use super::{Entry, Kind, check_amount, fiscal_year, store};
use crate::auth::{Action, Actor, authorise, authorise_measure};
use crate::close::command::locked_until;
use crate::close::{Kind as Lock, refusal};
use crate::db::{AnyConnection, Head, Tx};
use crate::document::command::cite;
use crate::document::{Citation, check_text};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Month, Year};
use crate::project::command::{Origin, close, detail};
use crate::project::{self, check_not_future};
use crate::subtotal::Posting;

/// An entry to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The project's code.
    pub project: String,
    /// Of what.
    pub measure: Measure,
    /// Why.
    pub kind: Kind,
    /// Fiscal year; see [`fiscal_year`].
    pub year: Option<Year>,
    /// The funding source's code.
    pub source: Option<String>,
    /// Signed.
    pub amount: Fen,
    /// When it happened.
    pub occurred_on: Day,
    /// 原因, a word or a line.
    pub reason: String,
    /// Whether it contains an estimate.
    pub is_estimate: bool,
    /// A remark.
    pub note: String,
}

/// What recording gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The entry as stored.
    pub entry: Entry,
    /// The journal row that holds it.
    pub head: Head,
    /// What is odd about it and was recorded all the same.
    pub warnings: Vec<String>,
}

/// How an entry is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct How {
    /// What becomes of it in a locked month.
    pub late: Late,
    /// Whether a payment brings its receipt along.
    pub paired: Paired,
}

impl How {
    /// Refused in a locked month, without a receipt.
    pub const PLAIN: How = How { late: Late::Refused, paired: Paired::No };
}

/// 国库集中支付: money that never passes through the project's account is received as it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paired {
    /// The payment alone.
    No,
    /// With an equal receipt.
    Yes,
    /// With one when the office has set the source so.
    BySource,
}

/// Records one entry by a document.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, new: NewEntry, document: Citation) -> Result<Recorded> {
    authorise(actor, Action::RecordEntry)?;
    record_as(tx, actor, new, document, How::PLAIN)
}

/// What becomes of an entry that is dated in a locked month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It is refused.
    Refused,
    /// 补记: it keeps its own date and carries the month it was posted in; the month as it was locked and
    /// published is not touched, what is known of it now is.
    Posted,
}

/// Records one entry, and the receipt that a payment of the treasury brings along.
pub fn record_as(tx: &mut Tx<'_>, actor: &Actor, new: NewEntry, document: Citation, how: How) -> Result<Recorded> {
    authorise(actor, Action::RecordEntry)?;
    authorise_measure(actor, new.measure)?;
    refuse_lone_side(new.kind)?;
    let mut recording = Recording::begin(tx, actor, "entry.record", &new.project)?;
    refuse_alone(&mut recording, actor, &new)?;
    let mut posting = Posting::default();
    let origin = Origin { document_id: Some(cite(&mut recording, &document)?), line_id: None };
    let mut told = detail([
        ("measure", json!(new.measure.key())),
        ("amount", json!(new.amount.yuan())),
        ("occurred_on", json!(new.occurred_on.to_string())),
        ("document", json!(document.code)),
    ]);
    let rules = Rules::load(&mut recording, actor)?;
    let receipt = rules.receipt(&new, how.paired);
    if receipt.is_some() {
        authorise_measure(actor, Measure::Received)?;
        told.insert("paired".into(), json!(true));
    }
    // The receipt first: nothing is paid that is not there.
    let new: Vec<NewEntry> = receipt.into_iter().chain([new]).collect();
    let rows = new.iter().map(|new| (new.clone(), origin.clone())).collect();
    let mut added = add_all(&mut recording, &mut posting, rows, how.late)?;
    let warnings = rules.check(&mut recording, &new, &added)?;
    tell(&mut told, &warnings);
    let entry = added.pop().ok_or_else(|| Error::internal("没有记入分录", "add_all returned nothing"))?;
    if let Some(month) = entry.posted_month {
        told.insert("posted_month".into(), json!(Month::from_raw(month)?.to_string()));
    }
    let head = close(recording, &posting, told)?;
    Ok(Recorded { entry, head, warnings })
}

fn tell(told: &mut Map<String, Value>, warnings: &[String]) {
    if !warnings.is_empty() {
        told.insert("warnings".into(), json!(warnings));
    }
}

/// Records many entries as one import: one journal row, their digest and sum.
pub fn import(
    tx: &mut Tx<'_>,
    actor: &Actor,
    subject: &str,
    new: Vec<NewEntry>,
    document: Citation,
) -> Result<(Vec<Entry>, Head)> {
    authorise(actor, Action::RecordEntry)?;
    if new.is_empty() {
        return Err(Error::invalid("entries", "", "没有一笔分录，没有什么可记"));
    }
    new.iter().try_for_each(|entry| authorise_measure(actor, entry.measure))?;
    new.iter().try_for_each(|entry| refuse_lone_side(entry.kind))?;
    let mut recording = Recording::begin(tx, actor, "entry.import", subject)?;
    new.iter().try_for_each(|entry| refuse_alone(&mut recording, actor, entry))?;
    let mut posting = Posting::default();
    let origin = Origin { document_id: Some(cite(&mut recording, &document)?), line_id: None };
    let rules = Rules::load(&mut recording, actor)?;
    let rows = new.iter().map(|new| (new.clone(), origin.clone())).collect();
    let entries = add_all(&mut recording, &mut posting, rows, Late::Refused)?;
    let mut told = detail([("count", json!(entries.len())), ("document", json!(document.code))]);
    tell(&mut told, &rules.check(&mut recording, &new, &entries)?);
    let head = close(recording, &posting, told)?;
    Ok((entries, head))
}

/// 调剂: every side of a transfer as one command, one journal row, by one document.
pub fn transfer(tx: &mut Tx<'_>, actor: &Actor, new: NewTransfer, document: Citation) -> Result<(Vec<Entry>, Head)> {
    authorise(actor, Action::RecordEntry)?;
    new.lines.iter().try_for_each(|line| authorise_measure(actor, line.measure))?;
    check_lines(&new.lines)?;
    check_text("reason", &new.reason, 500)?;
    let codes: BTreeSet<&str> = new.lines.iter().map(|line| line.project.as_str()).collect();
    let subject = codes.into_iter().collect::<Vec<_>>().join("、");
    let mut recording = Recording::begin(tx, actor, "entry.transfer", subject)?;
    let mut posting = Posting::default();
    let origin = Origin { document_id: Some(cite(&mut recording, &document)?), line_id: None };
    let mut told = detail([
        ("lines", new.lines.iter().map(told_line).collect()),
        ("occurred_on", json!(new.occurred_on.to_string())),
        ("reason", json!(new.reason)),
        ("document", json!(document.code)),
    ]);
    let sides = new.into_entries();
    sides.iter().try_for_each(|side| refuse_alone(&mut recording, actor, side))?;
    let rules = Rules::load(&mut recording, actor)?;
    let rows = sides.iter().map(|side| (side.clone(), origin.clone())).collect();
    let entries = add_all(&mut recording, &mut posting, rows, Late::Refused)?;
    tell(&mut told, &rules.check(&mut recording, &sides, &entries)?);
    let head = close(recording, &posting, told)?;
    Ok((entries, head))
}

fn told_line(line: &transfer::Line) -> Value {
    json!({
        "project": line.project,
        "measure": line.measure.key(),
        "year": line.year.map(Year::get),
        "source": line.source,
        "amount": line.amount.yuan(),
    })
}

/// Adds entries to a command under way.
pub fn add_all(
    recording: &mut Recording<'_, '_>,
    posting: &mut Posting,
    new: Vec<(NewEntry, Origin)>,
    late: Late,
) -> Result<Vec<Entry>> {
    let mut sources: HashMap<String, i64> = HashMap::new();
    let mut projects: HashMap<String, i64> = HashMap::new();
    let mut rows = Vec::with_capacity(new.len());
    for (new, origin) in new {
        check(&new, recording.today())?;
        let project_id = match projects.get(&new.project) {
            Some(id) => *id,
            None => *projects.entry(new.project.clone()).or_insert(project_id(recording, &new.project)?),
        };
        let source_id = match &new.source {
            None => None,
            Some(code) => Some(match sources.get(code) {
                Some(id) => *id,
                None => *sources.entry(code.clone()).or_insert(source_id(recording, code)?),
            }),
        };
        let year = fiscal_year(new.measure, new.kind, new.year, new.occurred_on)?;
        let posted = posted_month(recording, new.measure, new.occurred_on, project_id, late)?;
        rows.push((new, origin, project_id, source_id, year, posted));
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let entries =
        recording.add_all_later(rows, |id, seq, (new, origin, project_id, source_id, year, posted)| Entry {
            id,
            seq,
            project_id,
            measure: new.measure.code(),
            kind: new.kind.code(),
            year: year.map(Year::get),
            source_id,
            amount_fen: new.amount.get(),
            occurred_on: new.occurred_on.raw(),
            posted_month: posted.map(Month::raw),
            reason_code: new.reason,
            is_estimate: i32::from(new.is_estimate),
            document_id: origin.document_id,
            line_id: origin.line_id,
            reverses_id: None,
            note: new.note,
        })?;
    post(recording, posting, &entries)?;
    Ok(entries)
}

/// What is to be reversed, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReversal {
    /// The entry that was wrong.
    pub id: i64,
    /// The day it is found; empty: today. Not later than today.
    pub on: Option<Day>,
    /// Why.
    pub reason: String,
}

/// 冲正: the same entry with the opposite sign, on the day it is found. Of a transfer every side is
/// reversed; the answer is the entry that reverses the one named.
pub fn reverse(tx: &mut Tx<'_>, actor: &Actor, new: &NewReversal, document: Option<Citation>) -> Result<Recorded> {
    authorise(actor, Action::RecordEntry)?;
    let mut recording = Recording::begin(tx, actor, "entry.reverse", format!("entry:{}", new.id))?;
    let permit = |measure| permit_alone(actor, measure);
    let entries = add_reversals(&mut recording, permit, std::slice::from_ref(new), document)?;
    let mut posting = Posting::default();
    post(&mut recording, &mut posting, &entries)?;
    let ids: Vec<i64> = entries.iter().filter_map(|entry| entry.reverses_id).collect();
    let rules = Rules::load(&mut recording, actor)?;
    let warnings = rules.check_back(&mut recording, &entries)?;
    let entry = entries
        .into_iter()
        .find(|entry| entry.reverses_id == Some(new.id))
        .ok_or_else(|| Error::internal("没有记入分录", "add_reversals returned nothing"))?;
    let mut told = detail([
        ("reverses", json!(new.id)),
        ("amount", json!(Fen::new(entry.amount_fen).yuan())),
        ("reason", json!(new.reason)),
    ]);
    if ids.len() > 1 {
        told.insert("transfer".into(), json!(ids));
    }
    tell(&mut told, &warnings);
    let head = close(recording, &posting, told)?;
    Ok(Recorded { entry, head, warnings })
}

/// Reverses many entries as one command: one journal row, their digest and sum.
pub fn reverse_all(
    tx: &mut Tx<'_>,
    actor: &Actor,
    subject: &str,
    new: &[NewReversal],
    document: Option<Citation>,
) -> Result<(Vec<Entry>, Head)> {
    authorise(actor, Action::RecordEntry)?;
    if new.is_empty() {
        return Err(Error::invalid("entries", "", "没有一笔分录，没有什么可冲正"));
    }
    let mut recording = Recording::begin(tx, actor, "entry.reverse_all", subject)?;
    let entries = add_reversals(&mut recording, |measure| permit_alone(actor, measure), new, document)?;
    let mut posting = Posting::default();
    post(&mut recording, &mut posting, &entries)?;
    let mut told = detail([("count", json!(entries.len()))]);
    let rules = Rules::load(&mut recording, actor)?;
    tell(&mut told, &rules.check_back(&mut recording, &entries)?);
    let head = close(recording, &posting, told)?;
    Ok((entries, head))
}

/// The entries that reversing this one takes back: itself, or every side of its transfer. Whether
/// somebody may is another question.
///
/// # Errors
/// An entry that is not there, is itself a reversal, or is reversed already.
pub fn to_reverse(recording: &mut Recording<'_, '_>, id: i64) -> Result<Vec<Entry>> {
    let sides = sides_of(recording, id)?;
    sides.iter().try_for_each(|wrong| check_reversible(recording, wrong))?;
    Ok(sides)
}

/// Reverses what two people have agreed on, within the command of the second (see `approval`).
pub fn reverse_approved(
    recording: &mut Recording<'_, '_>,
    posting: &mut Posting,
    new: &NewReversal,
    document: Option<Citation>,
) -> Result<()> {
    let entries = add_reversals(recording, |_| Ok(()), std::slice::from_ref(new), document)?;
    post(recording, posting, &entries)
}

fn add_reversals(
    recording: &mut Recording<'_, '_>,
    permit: impl Fn(Measure) -> Result<()>,
    new: &[NewReversal],
    document: Option<Citation>,
) -> Result<Vec<Entry>> {
    let document_id = document.as_ref().map(|citation| cite(recording, citation)).transpose()?;
    let today = recording.today();
    let (mut named, mut taken) = (HashSet::new(), HashSet::new());
    let mut rows = Vec::with_capacity(new.len());
    for reversal in new {
        check_text("reason", &reversal.reason, 500)?;
        if !named.insert(reversal.id) {
            return Err(Error::Conflict(format!("分录 {} 在这一批里出现两次，只能冲正一次", reversal.id)));
        }
        let on = reversal.on.unwrap_or(today);
        check_not_future("on", on, today)?;
        for wrong in sides_of(recording, reversal.id)? {
            let measure = measure_of(&wrong)?;
            permit(measure)?;
            check_reversible(recording, &wrong)?;
            check_found(on, &wrong)?;
            posted_month(recording, measure, on, wrong.project_id, Late::Refused)?;
            if taken.insert(wrong.id) {
                let amount = Fen::new(wrong.amount_fen).checked_neg()?;
                rows.push((wrong, on, reversal.reason.clone(), amount));
            }
        }
    }
    recording.add_all_later(rows, |id, seq, (wrong, on, reason_code, amount): (Entry, Day, String, Fen)| Entry {
        id,
        seq,
        kind: Kind::Reversal.code(),
        amount_fen: amount.get(),
        occurred_on: on.raw(),
        posted_month: None,
        reason_code,
        document_id: document_id.or(wrong.document_id),
        reverses_id: Some(wrong.id),
        note: String::new(),
        ..wrong
    })
}

/// The entry of an id, and with it the other sides of its transfer: half a transfer taken back
/// would leave money from nowhere.
fn sides_of(recording: &mut Recording<'_, '_>, id: i64) -> Result<Vec<Entry>> {
    let conn = recording.tx().conn();
    let wrong = store::find(conn, id)?.ok_or_else(|| Error::not_found("分录", &id.to_string(), "编号见「分录」页"))?;
    match Kind::from_code(wrong.kind).is_some_and(Kind::has_sides) {
        true => store::list_sides(conn, &wrong),
        false => Ok(vec![wrong]),
    }
}

fn measure_of(entry: &Entry) -> Result<Measure> {
    Measure::from_code(entry.measure).ok_or_else(|| Error::internal("分录的口径无效", entry.measure.to_string()))
}

/// Whether one person may take back an entry of a measure.
fn permit_alone(actor: &Actor, measure: Measure) -> Result<()> {
    authorise_measure(actor, measure)?;
    match measure == Measure::Investment && actor.is_account() {
        true => Err(Error::Conflict(TWO_PERSONS.into())),
        false => Ok(()),
    }
}

fn check_reversible(recording: &mut Recording<'_, '_>, wrong: &Entry) -> Result<()> {
    let id = wrong.id;
    if wrong.kind == Kind::Reversal.code() {
        return Err(Error::Conflict(format!("分录 {id} 本身是冲正，不能再冲正；请记一笔新的")));
    }
    match store::find_reversal(recording.tx().conn(), id)? {
        Some(already) => Err(Error::Conflict(format!("分录 {id} 已由分录 {} 冲正", already.id))),
        None => Ok(()),
    }
}

/// A mistake is found on its day or later: between the two days less than nothing would stand.
fn check_found(on: Day, wrong: &Entry) -> Result<()> {
    let occurred = Day::from_raw(wrong.occurred_on)?;
    match on < occurred {
        true => {
            let allowed = format!("不早于原分录 {} 的日期 {occurred}", wrong.id);
            Err(Error::invalid("on", on.to_string(), allowed))
        }
        false => Ok(()),
    }
}

/// The month an entry is posted in when its own is locked; none when it is open.
fn posted_month(
    recording: &mut Recording<'_, '_>,
    measure: Measure,
    day: Day,
    project_id: i64,
    late: Late,
) -> Result<Option<Month>> {
    let lock = Lock::of(measure);
    match (locked_until(recording, lock, project_id)?, late) {
        (Some(until), Late::Refused) if day.month() <= until => {
            let how = "。后来才知道的金额可以“补记”：日期不变，记在本月";
            Err(Error::Conflict(format!("{}{how}", refusal(lock, day, until))))
        }
        (Some(until), Late::Posted) if day.month() <= until => Ok(Some(recording.today().month())),
        _ => Ok(None),
    }
}

const TWO_PERSONS: &str = "规划投资额已在册，改动要两个人：请提出调整或冲正的申请（双人复核），由另一人同意后记入";

/// An investment that is on the register is changed by two people (see `approval`); the first one
/// of a project is recorded like any entry. Whoever runs the program on its machine is not held to it.
fn refuse_alone(recording: &mut Recording<'_, '_>, actor: &Actor, new: &NewEntry) -> Result<()> {
    if new.measure != Measure::Investment || !actor.is_account() {
        return Ok(());
    }
    let id = project_id(recording, &new.project)?;
    match store::has_measure(recording.tx().conn(), id, Measure::Investment)? {
        true => Err(Error::Conflict(TWO_PERSONS.into())),
        false => Ok(()),
    }
}

fn check(new: &NewEntry, today: Day) -> Result<()> {
    check_amount(new.amount)?;
    if new.kind == Kind::Reversal {
        return Err(Error::invalid("kind", new.kind.word(), "冲正要指明冲哪一笔；用 taizhang entry reverse 分录编号"));
    }
    check_not_future("occurred_on", new.occurred_on, today)?;
    for (field, text) in [("reason", &new.reason), ("note", &new.note)] {
        if !text.is_empty() {
            check_text(field, text, 500)?;
        }
    }
    Ok(())
}

fn post(recording: &mut Recording<'_, '_>, posting: &mut Posting, entries: &[Entry]) -> Result<()> {
    for entry in entries {
        let day = Day::from_raw(entry.occurred_on)?;
        posting.entry(recording.tx(), entry.cell(), day, entry.measure, entry.amount_fen)?;
    }
    recording.sum::<Entry>(entries.iter().map(|entry| Fen::new(entry.amount_fen)))
}

fn project_id(recording: &mut Recording<'_, '_>, code: &str) -> Result<i64> {
    recording
        .tx()
        .recall("project", code, |conn| Ok(project::store::find(conn, code)?.map(|project| project.id)))?
        .ok_or_else(|| Error::not_found("项目", code, "编号如 CY-01，见首页"))
}

fn source_id(recording: &mut Recording<'_, '_>, code: &str) -> Result<i64> {
    let find = |conn: &mut AnyConnection| Ok(project::store::find_source(conn, code)?.map(|source| source.id));
    if let Some(id) = recording.tx().recall("source", code, find)? {
        return Ok(id);
    }
    let allowed = project::store::list_sources(recording.tx().conn())?
        .into_iter()
        .map(|s| format!("{}（{}）", s.code, s.name))
        .collect::<Vec<_>>();
    Err(Error::invalid("source", code, format!("没有这个资金来源；可用 {}", allowed.join("、"))))
}
