//! Claiming and confirming.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    Claim, Faults, Known, NewClaim, NewConfirmation, Outcome, Reviewed, Step, check_claim, decide, resolve, store,
};
use crate::auth::{Action, Actor, authorise};
use crate::close::{Kind as Lock, refusal};
use crate::db::{AnyConnection, Head, Tx};
use crate::document::command::cite;
use crate::document::{check_text, store as documents};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::{Day, Precision};
use crate::project::command::{NewFact, Origin, add_fact, close, detail, get_state};
use crate::project::department::{is_among, supported_by};
use crate::project::{Attribute, ProjectState, Status, check_value};
use crate::subtotal::Posting;

/// A department answers for a project that it is thought to lead or support.
pub fn claim(tx: &mut Tx<'_>, actor: &Actor, new: NewClaim) -> Result<Head> {
    authorise(actor, Action::Claim)?;
    check_claim(&new)?;
    let mut recording = Recording::begin(tx, actor, "project.claim", &new.project)?;
    let today = recording.today();
    let (project, state) = get_state(&mut recording, &new.project, today)?;
    if !actor.departments().contains(&new.department) {
        return Err(Error::Forbidden("只能替自己所在的部门认领或提出异议".into()));
    }
    let known = store::known(recording.tx().conn())?;
    let lead = state.value(Attribute::LeadDepartment);
    // The same as who sees the project: codes and names, some of them with a remark in brackets.
    let supports = state.value(Attribute::SupportDepartments);
    let own = known.departments.iter().find(|(code, _)| *code == new.department);
    let is_supporter = supports.split('、').any(|part| part == new.department)
        || own.is_some_and(|(_, name)| is_among(supports, &supported_by(name)));
    if !lead.is_empty() && lead != new.department && !is_supporter {
        return Err(Error::Forbidden("这个项目现在不由本部门牵头或协同，不能替它答复".into()));
    }
    let suggested = match &new.suggested {
        Some(text) => resolve(Attribute::LeadDepartment, text, &known).map_err(|error| error.of("suggested"))?,
        None => String::new(),
    };
    let answer = if new.accepts { "accept" } else { "object" };
    recording.add(|id, seq| Claim {
        id,
        seq,
        project_id: project.id,
        department: new.department.clone(),
        answer: answer.into(),
        suggested: suggested.clone(),
        reason: new.reason.clone(),
    })?;
    recording.finish(detail([
        ("department", json!(new.department)),
        ("answer", json!(answer)),
        ("suggested", json!(suggested)),
        ("reason", json!(new.reason)),
    ]))
}

/// The office confirms one value by a document.
pub fn confirm(tx: &mut Tx<'_>, actor: &Actor, new: &NewConfirmation) -> Result<(Outcome, Head)> {
    authorise(actor, Action::Confirm)?;
    let mut recording = Recording::begin(tx, actor, "project.confirm", &new.code)?;
    let (today, seq) = (recording.today(), recording.seq());
    let known = store::known(recording.tx().conn())?;
    let outcome = foresee(recording.tx().conn(), &known, new, today, seq)?;
    if outcome.step == Step::Unchanged {
        let message = format!("{} 的{}已经确认为这个值，没有变化", new.code, new.attribute.label());
        return Err(Error::Conflict(message));
    }
    let mut posting = Posting::default();
    apply(&mut recording, &mut posting, new, &outcome)?;
    let told = detail([
        ("attribute", json!(new.attribute.word())),
        ("before", json!(outcome.before)),
        ("before_status", json!(outcome.before_status.map_or("", Status::word))),
        ("after", json!(outcome.after)),
        ("effective_on", json!(outcome.from.1.written(outcome.from.0))),
        ("document", json!(new.document.code)),
        ("reason", json!(new.reason)),
    ]);
    Ok((outcome, close(recording, &posting, told)?))
}

/// At most this many changes of a list are told in its journal row; the facts hold all of them.
const TOLD: usize = 200;

/// The office confirms a reviewed list: all of it, or nothing. Lines that change nothing are passed over.
pub fn confirm_all(tx: &mut Tx<'_>, actor: &Actor, list: &[Reviewed]) -> Result<(Vec<Outcome>, Head)> {
    authorise(actor, Action::Confirm)?;
    let subject = list.first().map_or("", |first| first.new.document.code.as_str());
    let mut recording = Recording::begin(tx, actor, "project.confirm_all", subject)?;
    let (today, seq) = (recording.today(), recording.seq());
    let outcomes = preview(recording.tx().conn(), list, today, seq)?;
    let changed = || list.iter().zip(&outcomes).filter(|(_, outcome)| outcome.step != Step::Unchanged);
    if changed().next().is_none() {
        return Err(Error::Conflict("清单里没有一行会改变什么：都已经确认为这些值".into()));
    }
    let mut posting = Posting::default();
    for (reviewed, outcome) in changed() {
        apply(&mut recording, &mut posting, &reviewed.new, outcome)?;
    }
    let changes: Vec<Value> = changed()
        .take(TOLD)
        .map(|(_, o)| {
            json!({"project": o.code, "attribute": o.attribute.word(), "before": o.before, "after": o.after,
                   "effective_on": o.from.1.written(o.from.0)})
        })
        .collect();
    let mut documents: Vec<&str> = changed().map(|(reviewed, _)| reviewed.new.document.code.as_str()).collect();
    documents.sort_unstable();
    documents.dedup();
    let told = detail([
        ("count", json!(changed().count())),
        ("document", json!(documents.join("、"))),
        ("changes", json!(changes)),
    ]);
    let head = close(recording, &posting, told)?;
    Ok((outcomes, head))
}

/// What a reviewed list would do, line by line; every bad line is told.
pub fn preview(conn: &mut AnyConnection, list: &[Reviewed], today: Day, seq: i64) -> Result<Vec<Outcome>> {
    if list.is_empty() {
        return Err(Error::invalid("list", "", "没有一行要确认；在“确认值”一列填值，空着的行不处理"));
    }
    let known = store::known(conn)?;
    let (mut faults, mut outcomes) = (Faults::default(), Vec::with_capacity(list.len()));
    let mut seen: HashMap<(&str, Attribute), u64> = HashMap::new();
    for reviewed in list {
        let (line, new) = (reviewed.line, &reviewed.new);
        if let Some(first) = seen.insert((&new.code, new.attribute), line) {
            let message = format!("与第 {first} 行是同一项目的同一项");
            faults.add(line, Error::invalid("attribute", new.attribute.word(), message))?;
            continue;
        }
        match foresee(conn, &known, new, today, seq) {
            Ok(outcome) => outcomes.push(outcome),
            Err(error) => faults.add(line, error)?,
        }
    }
    faults.into_result().map(|()| outcomes)
}

/// What one confirmation would do.
pub fn foresee(
    conn: &mut AnyConnection,
    known: &Known,
    new: &NewConfirmation,
    today: Day,
    seq: i64,
) -> Result<Outcome> {
    let state = crate::project::store::find_state(conn, &new.code, today, seq)?
        .ok_or_else(|| Error::not_found("项目", &new.code, "编号如 CY-01，见「项目」页"))?;
    super::check_confirmable(new.attribute)?;
    let after = resolve(new.attribute, &new.value, known).map_err(|error| error.of("confirmed_value"))?;
    check_value(new.attribute, &after)?;
    if !new.reason.is_empty() {
        check_text("reason", &new.reason, 500)?;
    }
    let before = state.value(new.attribute).to_owned();
    if let Some(seen) = new.seen.as_deref().filter(|seen| *seen != before) {
        let message = format!("清单导出后已经变了，现在是“{before}”；请重新导出清单");
        return Err(Error::invalid("inferred_value", seen, message));
    }
    let standing = state.facts.get(&new.attribute);
    let is_same = standing.is_some() && resolve(new.attribute, &before, known).is_ok_and(|before| before == after);
    let dated = document_date(conn, new)?;
    let (step, from) = decide(standing, is_same, new.effective_on, dated, today)?;
    let from = first_open(conn, &state, step, from, seq)?;
    let registered = Day::from_raw(state.project.registered_on)?;
    if from.0 < registered {
        let message = format!("早于项目 {} 的登记日 {registered}", new.code);
        return Err(Error::invalid("effective_on", from.0.to_string(), message));
    }
    Ok(Outcome {
        code: new.code.clone(),
        name: state.value(Attribute::Name).to_owned(),
        attribute: new.attribute,
        before,
        before_status: standing.map(|standing| standing.status),
        after,
        from,
        step,
    })
}

/// From when a confirmation holds where its own day is locked: confirming the value in force says
/// nothing new of that month, so it holds from the first day that is open. Another value is refused.
fn first_open(
    conn: &mut AnyConnection,
    state: &ProjectState,
    step: Step,
    from: (Day, Precision),
    seq: i64,
) -> Result<(Day, Precision)> {
    let locks = crate::close::store::locks(conn, Lock::Reports, seq)?;
    match locks.until(state.value(Attribute::LeadDepartment)) {
        Some(until) if from.0.month() <= until && step == Step::Same => Ok((until.last_day().succ(), Precision::Day)),
        Some(until) if from.0.month() <= until && step == Step::New => Err(refusal(Lock::Reports, from.0, until)),
        _ => Ok(from),
    }
}

/// The date of the document a confirmation rests on, as given or as held.
fn document_date(conn: &mut AnyConnection, new: &NewConfirmation) -> Result<Option<(Day, Precision)>> {
    check_text("document", &new.document.code, crate::document::MAX_TEXT)?;
    let held = documents::find_by_code(conn, &new.document.code)?;
    match held.and_then(|held| Some((held.dated_on?, held.precision))) {
        Some((raw, precision)) => Ok(Some((Day::from_raw(raw)?, Precision::parse(&precision)?))),
        None => Ok(new.document.dated),
    }
}

fn apply(
    recording: &mut Recording<'_, '_>,
    posting: &mut Posting,
    new: &NewConfirmation,
    outcome: &Outcome,
) -> Result<()> {
    let document_id = cite(recording, &new.document)?;
    let project = crate::project::store::find(recording.tx().conn(), &new.code)?
        .ok_or_else(|| Error::not_found("项目", &new.code, "编号如 CY-01"))?;
    let fact = NewFact {
        attribute: new.attribute,
        value: outcome.after.clone(),
        status: Status::Confirmed,
        basis: new.reason.clone(),
        confidence: String::new(),
        origin: Origin { document_id: Some(document_id), line_id: None },
    };
    add_fact(recording, posting, &project, fact, outcome.from).map(drop)
}
