//! 公开信息: what public sources say of a project, by how far they can be believed.
//!
//! What an official or a first-hand media source says has happened is a milestone met. A reprint
//! is a lead (线索·待核实), and what a source says was planned is a statement (计划表述): both are
//! kept as they are said, count nowhere, and a lead is not shown to the public until it is
//! confirmed.

use serde_json::json;

use super::command::{Basis, NewFact, Noted, add_fact, set_up_one};
use super::{Clue, ClueAnswer, FactKind, store};
use crate::auth::{Action, Actor, authorise};
use crate::db::{Head, Tx};
use crate::document::command::cite;
use crate::document::{Citation, Document, check_text, store as documents};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::{Day, Precision};
use crate::project::command::{close, detail, get_state};
use crate::project::{Project, ProjectState};
use crate::subtotal::Posting;

/// How far a source can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// 官方发布.
    Official,
    /// 媒体首发.
    Media,
    /// 转载: whose original has not been seen.
    Reprint,
}

impl Quality {
    /// Every quality: its word, and its name on screen.
    pub const ALL: [(Quality, &'static str, &'static str); 3] = [
        (Quality::Official, "official", "官方发布"),
        (Quality::Media, "media", "媒体首发"),
        (Quality::Reprint, "reprint", "转载"),
    ];

    /// The word it is stored under.
    pub fn word(self) -> &'static str {
        Quality::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(_, word, _)| word)
    }

    /// The quality of a word.
    pub fn parse(word: &str) -> Option<Quality> {
        Quality::ALL.iter().find(|(_, known, _)| *known == word).map(|(quality, ..)| *quality)
    }
}

/// The name on screen of a stored quality.
pub fn quality_label(word: &str) -> &'static str {
    Quality::ALL.iter().find(|(_, known, _)| *known == word).map_or("", |(.., label)| label)
}

/// One thing a public source says of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The project's code.
    pub project: String,
    /// The milestone it is about; empty when it is none.
    pub milestone: String,
    /// Its name, for one of one's own.
    pub name: String,
    /// Whether it has happened; else it was planned.
    pub happened: bool,
    /// Of when, as far as it is known.
    pub on: (Day, Precision),
    /// In which words.
    pub text: String,
    /// What the source is cited by.
    pub source: String,
    /// Its title; empty when it is not known.
    pub source_title: String,
    /// Who published it; empty when it is not known.
    pub publisher: String,
    /// When, as far as it is known.
    pub published: Option<(Day, Precision)>,
    /// Where it stands.
    pub url: String,
    /// How far it can be believed.
    pub quality: Quality,
    /// What a reader must know.
    pub note: String,
}

impl Statement {
    /// Whether it is a milestone met; else it is kept as a clue.
    pub fn is_fact(&self) -> bool {
        self.happened && self.quality != Quality::Reprint && !self.milestone.is_empty()
    }
}

/// How a statement that counts nowhere stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// 线索·待核实.
    Lead,
    /// 计划表述.
    Planned,
    /// 已确认: a milestone fact cites it.
    Confirmed,
    /// 不采信.
    Dismissed,
}

/// How a clue stands: answered, or a lead when only reprinted, or what was planned.
pub fn standing(clue: &Clue, answer: Option<&ClueAnswer>) -> Standing {
    match answer {
        Some(answer) if answer.milestone_fact_id.is_some() => Standing::Confirmed,
        Some(_) => Standing::Dismissed,
        None if clue.source_quality == Quality::Reprint.word() => Standing::Lead,
        None => Standing::Planned,
    }
}

/// What an import brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Brought {
    /// Milestones met.
    pub facts: usize,
    /// Leads and statements of plans.
    pub clues: usize,
    /// Already there.
    pub known: usize,
    /// Published later than today: not taken in.
    pub later: usize,
}

/// Adds statements to a command under way. What is there already stays as it is.
pub fn take_in(recording: &mut Recording<'_, '_>, posting: &mut Posting, rows: &[Statement]) -> Result<Brought> {
    let mut brought = Brought::default();
    let today = recording.today();
    for row in rows {
        if row.published.is_some_and(|(day, precision)| precision.first_day_of(day) > today) {
            brought.later += 1;
            continue;
        }
        let (project, state) = get_state(recording, &row.project, today)?;
        let taken = match row.is_fact() {
            true => take_fact(recording, posting, row, (&project, &state))?,
            false => take_clue(recording, row, &project)?,
        };
        match (taken, row.is_fact()) {
            (false, _) => brought.known += 1,
            (true, true) => brought.facts += 1,
            (true, false) => brought.clues += 1,
        }
    }
    Ok(brought)
}

fn take_clue(recording: &mut Recording<'_, '_>, row: &Statement, project: &Project) -> Result<bool> {
    let seq = recording.seq();
    let held = store::list_clues(recording.tx().conn(), Some(project.id), seq)?;
    if held.iter().any(|(clue, _)| clue.text == row.text && clue.source_code == row.source) {
        return Ok(false);
    }
    let (on, precision) = row.on;
    recording.add(|id, seq| Clue {
        id,
        seq,
        project_id: project.id,
        milestone_code: row.milestone.clone(),
        milestone_name: row.name.clone(),
        claim: if row.happened { "actual".into() } else { "planned".into() },
        happens_on: precision.last_day_of(on).raw(),
        precision: precision.word().into(),
        text: row.text.clone(),
        source_code: row.source.clone(),
        source_title: row.source_title.clone(),
        publisher: row.publisher.clone(),
        published_on: row.published.map(|(day, _)| day.raw()),
        published_precision: row.published.map_or_else(String::new, |(_, precision)| precision.word().into()),
        source_url: row.url.clone(),
        source_quality: row.quality.word().into(),
        note: row.note.clone(),
    })?;
    Ok(true)
}

fn take_fact(
    recording: &mut Recording<'_, '_>,
    posting: &mut Posting,
    row: &Statement,
    (project, state): (&Project, &ProjectState),
) -> Result<bool> {
    let document_id = source_document(recording, row)?;
    let name = (!row.name.is_empty()).then_some(row.name.as_str());
    let milestone = match store::find(recording.tx().conn(), project.id, &row.milestone)? {
        Some(held) => held,
        None => set_up_one(recording, project, &row.milestone, name, Some(document_id))?,
    };
    let (today, seq) = (recording.today(), recording.seq());
    let told = store::list(recording.tx().conn(), project.id - 1, project.id, today, seq)?;
    let said = told.iter().filter(|(held, _)| held.id == milestone.id).flat_map(|(_, facts)| facts);
    if said.into_iter().any(|fact| fact.kind == FactKind::Met.code()) {
        return Ok(false);
    }
    let evidence = if row.note.is_empty() { row.text.clone() } else { format!("{}（{}）", row.text, row.note) };
    let fact = NewFact {
        project: row.project.clone(),
        milestone: row.milestone.clone(),
        kind: FactKind::Met,
        on: row.on,
        effective_on: None,
        reason: String::new(),
        evidence,
        seen: None,
    };
    let basis = Basis {
        document_id: Some(document_id),
        source_url: row.url.clone(),
        source_quality: row.quality.word().into(),
    };
    add_fact(recording, posting, (&milestone, state), fact, basis)?;
    Ok(true)
}

/// The source as a document. A title that is not known is said not to be known.
fn source_document(recording: &mut Recording<'_, '_>, row: &Statement) -> Result<i64> {
    if let Some(held) = documents::find_by_code(recording.tx().conn(), &row.source)? {
        return Ok(held.id);
    }
    let title = match row.source_title.as_str() {
        "" => format!("{} 公开报道（题名未录）", row.publisher),
        title => title.to_owned(),
    };
    let document = recording.add(|id, seq| Document {
        id,
        seq,
        code: row.source.clone(),
        title,
        issuer: row.publisher.clone(),
        number: String::new(),
        dated_on: row.published.map(|(day, _)| day.raw()),
        precision: row.published.map_or_else(String::new, |(_, precision)| precision.word().into()),
        sha256: String::new(),
        note: format!("公开信息，来源：{}", row.url),
    })?;
    Ok(document.id)
}

/// Takes public statements into a register that is already in use.
pub fn import(tx: &mut Tx<'_>, actor: &Actor, rows: &[Statement]) -> Result<(Head, Brought)> {
    authorise(actor, Action::Confirm)?;
    let mut recording = Recording::begin(tx, actor, "milestone.import", "公开信息")?;
    let mut posting = Posting::default();
    let brought = take_in(&mut recording, &mut posting, rows)?;
    if brought.facts + brought.clues == 0 {
        return Err(Error::Conflict(format!(
            "没有新的公开信息：{} 条都已登记，{} 条的发布日期晚于今天",
            brought.known, brought.later
        )));
    }
    let told = detail([
        ("milestones", json!(brought.facts)),
        ("clues", json!(brought.clues)),
        ("known", json!(brought.known)),
        ("later", json!(brought.later)),
    ]);
    Ok((close(recording, &posting, told)?, brought))
}

/// What is confirmed of a clue: what it says, or what its original turned out to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// The clue's number.
    pub clue: i64,
    /// The milestone; the clue's own when not given.
    pub milestone: Option<String>,
    /// Its name, for one of one's own.
    pub name: Option<String>,
    /// Of when; as the clue says when not given.
    pub on: Option<(Day, Precision)>,
    /// Why it can be believed.
    pub reason: String,
}

/// Turns a clue into a milestone fact that cites it and the document that confirms it: what has
/// happened is met; what was planned is the plan, or a forecast when there is a plan already.
pub fn confirm_clue(tx: &mut Tx<'_>, actor: &Actor, new: &Confirmation, document: Citation) -> Result<Noted> {
    authorise(actor, Action::Confirm)?;
    check_text("reason", &new.reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "milestone.confirm_clue", format!("clue:{}", new.clue))?;
    let clue = get_open_clue(&mut recording, new.clue)?;
    let (project, state) = clue_project(&mut recording, &clue)?;
    let code = new.milestone.clone().unwrap_or_else(|| clue.milestone_code.clone());
    if code.is_empty() {
        return Err(Error::invalid("milestone", "", "这条公开信息没有对应的节点；写明它确认的是哪个节点"));
    }
    let document_id = Some(cite(&mut recording, &document)?);
    let name = new.name.clone().or_else(|| Some(clue.milestone_name.clone()).filter(|name| !name.is_empty()));
    let milestone = match store::find(recording.tx().conn(), project.id, &code)? {
        Some(held) => held,
        None => set_up_one(&mut recording, &project, &code, name.as_deref(), document_id)?,
    };
    let on = match new.on {
        Some(on) => on,
        None => (Day::from_raw(clue.happens_on)?, Precision::parse(&clue.precision)?),
    };
    let fact = NewFact {
        project: project.code.clone(),
        milestone: code,
        kind: kind_of(&mut recording, &clue, &milestone)?,
        on,
        effective_on: None,
        reason: new.reason.clone(),
        evidence: clue.text.chars().take(500).collect(),
        seen: None,
    };
    let kind = fact.kind;
    let basis = Basis { document_id, source_url: clue.source_url.clone(), source_quality: clue.source_quality.clone() };
    let mut posting = Posting::default();
    let warnings = add_fact(&mut recording, &mut posting, (&milestone, &state), fact, basis)?;
    let seq = recording.seq();
    let fact_id = store::list_recorded(recording.tx().conn(), seq)?.last().map(|fact| fact.id);
    recording.add(|id, seq| ClueAnswer {
        id,
        seq,
        clue_id: clue.id,
        milestone_fact_id: fact_id,
        reason: new.reason.clone(),
        document_id,
    })?;
    let told = detail([
        ("project", json!(project.code)),
        ("milestone", json!(milestone.code)),
        ("kind", json!(super::kind_label(kind))),
        ("on", json!(on.1.written(on.0))),
        ("reason", json!(new.reason)),
        ("document", json!(document.code)),
        ("warnings", json!(warnings)),
    ]);
    Ok(Noted { head: close(recording, &posting, told)?, warnings })
}

fn kind_of(recording: &mut Recording<'_, '_>, clue: &Clue, milestone: &super::Milestone) -> Result<FactKind> {
    if clue.claim == "actual" {
        return Ok(FactKind::Met);
    }
    let (today, seq, project) = (recording.today(), recording.seq(), milestone.project_id);
    let told = store::list(recording.tx().conn(), project - 1, project, today, seq)?;
    let mut facts = told.iter().filter(|(held, _)| held.id == milestone.id).flat_map(|(_, facts)| facts);
    let has_plan = facts.any(|fact| fact.kind == FactKind::Plan.code());
    Ok(if has_plan { FactKind::Forecast } else { FactKind::Plan })
}

/// 不采信: a clue that is not to be believed, with the reason.
pub fn dismiss_clue(
    tx: &mut Tx<'_>,
    actor: &Actor,
    clue: i64,
    reason: &str,
    document: Option<Citation>,
) -> Result<Head> {
    authorise(actor, Action::Confirm)?;
    check_text("reason", reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "milestone.dismiss_clue", format!("clue:{clue}"))?;
    let clue = get_open_clue(&mut recording, clue)?;
    let document_id = document.as_ref().map(|citation| cite(&mut recording, citation)).transpose()?;
    recording.add(|id, seq| ClueAnswer {
        id,
        seq,
        clue_id: clue.id,
        milestone_fact_id: None,
        reason: reason.to_owned(),
        document_id,
    })?;
    close(recording, &Posting::default(), detail([("reason", json!(reason))]))
}

fn get_open_clue(recording: &mut Recording<'_, '_>, id: i64) -> Result<Clue> {
    let conn = recording.tx().conn();
    let clue = store::find_clue(conn, id)?
        .ok_or_else(|| Error::not_found("公开信息", &id.to_string(), "编号见 taizhang export clues"))?;
    match store::find_answer(conn, id)? {
        None => Ok(clue),
        Some(answer) if answer.milestone_fact_id.is_some() => Err(Error::Conflict(format!("公开信息 {id} 已经确认"))),
        Some(_) => Err(Error::Conflict(format!("公开信息 {id} 已定为不采信"))),
    }
}

fn clue_project(recording: &mut Recording<'_, '_>, clue: &Clue) -> Result<(Project, ProjectState)> {
    let project = crate::project::store::find_by_id(recording.tx().conn(), clue.project_id)?
        .ok_or_else(|| Error::internal("公开信息没有项目", clue.id.to_string()))?;
    let today = recording.today();
    get_state(recording, &project.code, today)
}
