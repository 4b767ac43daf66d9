//! Loading a plan: one command, one journal row, all or nothing.

use std::collections::HashMap;

use serde_json::json;

use super::{Plan, ProjectRow};
use crate::auth::{Action, Actor, authorise};
use crate::db::{Head, Tx};
use crate::document::command::cite;
use crate::document::{Assertion, Citation, Document, Finding, PlanLine};
use crate::error::{Error, Result};
use crate::indicator::Indicator;
use crate::journal::Recording;
use crate::ledger::Kind;
use crate::ledger::command::{Late, NewEntry, add_all};
use crate::measure::Measure;
use crate::milestone::public;
use crate::money::Fen;
use crate::period::{Day, Precision};
use crate::project::command::{self as registry, NewFact, NewProject, Origin, close, detail};
use crate::project::{Attribute, Category, Department, Source, Status};
use crate::subtotal::Posting;

/// Loads a plan into an empty database. Its facts are true from the date on its cover.
pub fn load(tx: &mut Tx<'_>, actor: &Actor, plan: Plan) -> Result<Head> {
    authorise(actor, Action::LoadPlan)?;
    if tx.head().seq > 0 {
        return Err(Error::Conflict("数据库里已有记录，不能再载入规划；新增项目用 taizhang project import".into()));
    }
    let mut recording = Recording::begin(tx, actor, "plan.load", &plan.document.code)?;
    let mut told = detail([
        ("title", json!(plan.document.title)),
        ("projects", json!(plan.projects.len())),
        ("indicators", json!(plan.indicators.len())),
        ("inferences", json!(plan.inferences.len())),
        ("findings", json!(plan.findings.len())),
    ]);
    let lines = provenance(&mut recording, &plan)?;
    reference(&mut recording, &plan)?;
    let mut posting = Posting::default();
    let from = plan.document.dated;
    for project in &plan.projects {
        let line_id = line_of(&lines, project.line.as_deref())?;
        let origin = Origin { document_id: None, line_id };
        let mut facts = stated_facts(project, &origin)?;
        for inference in plan.inferences.iter().filter(|inference| inference.project == project.code) {
            facts.push(NewFact {
                attribute: Attribute::parse(&inference.attribute)?,
                value: inference.value.clone(),
                status: Status::Inferred,
                basis: inference.basis.clone(),
                confidence: inference.confidence.clone(),
                origin: Origin::default(),
            });
        }
        registry::add(
            &mut recording,
            &mut posting,
            NewProject { code: project.code.clone(), no: project.no, facts, origin },
            from,
        )?;
    }
    let entries = plan
        .projects
        .iter()
        .map(|project| {
            Ok((
                estimate(project, from.0),
                Origin { document_id: None, line_id: line_of(&lines, project.line.as_deref())? },
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    add_all(&mut recording, &mut posting, entries, Late::Refused)?;
    indicators(&mut recording, &plan, &lines)?;
    let brought = public::take_in(&mut recording, &mut posting, &plan.statements)?;
    told.insert("public".into(), json!({"facts": brought.facts, "clues": brought.clues, "later": brought.later}));
    close(recording, &posting, told)
}

/// Registers projects of a later document, with their estimates.
pub fn import_projects(
    tx: &mut Tx<'_>,
    actor: &Actor,
    rows: Vec<ProjectRow>,
    on: Option<Day>,
    document: Citation,
) -> Result<Head> {
    authorise(actor, Action::ChangeProject)?;
    if rows.is_empty() {
        return Err(Error::invalid("projects", "", "没有一个项目，没有什么可登记"));
    }
    let mut recording = Recording::begin(tx, actor, "project.import", &document.code)?;
    let on = on.unwrap_or_else(|| recording.today());
    let document_id = Some(cite(&mut recording, &document)?);
    let origin = Origin { document_id, line_id: None };
    let mut posting = Posting::default();
    for row in &rows {
        if row.amount < Fen::ZERO {
            return Err(
                Error::invalid("wan", row.amount.wan_exact(), "估算不能为负；填写不小于 0 的万元数").within(&row.code)
            );
        }
        let facts = stated_facts(row, &origin)?;
        let new = NewProject { code: row.code.clone(), no: row.no, facts, origin: origin.clone() };
        registry::add(&mut recording, &mut posting, new, (on, Precision::Day))
            .map_err(|error| error.within(&row.code))?;
    }
    add_all(
        &mut recording,
        &mut posting,
        rows.iter().map(|row| (estimate(row, on), origin.clone())).collect(),
        Late::Refused,
    )?;
    let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).take(20).collect();
    let told = detail([("count", json!(rows.len())), ("first", json!(codes)), ("document", json!(document.code))]);
    close(recording, &posting, told)
}

fn stated_facts(row: &ProjectRow, origin: &Origin) -> Result<Vec<NewFact>> {
    let own = [
        (Attribute::Name, row.name.clone()),
        (Attribute::Content, row.content.clone()),
        (Attribute::StartYear, row.start_year.to_string()),
        (Attribute::EndYear, row.end_year.to_string()),
    ];
    let more = row
        .stated
        .iter()
        .map(|(attribute, value)| Ok((Attribute::parse(attribute)?, value.clone())))
        .collect::<Result<Vec<_>>>()?;
    Ok(own
        .into_iter()
        .chain(more)
        .map(|(attribute, value)| NewFact {
            attribute,
            value,
            status: Status::Stated,
            basis: String::new(),
            confidence: String::new(),
            origin: origin.clone(),
        })
        .collect())
}

fn estimate(row: &ProjectRow, on: Day) -> NewEntry {
    NewEntry {
        project: row.code.clone(),
        measure: Measure::Investment,
        kind: Kind::Original,
        year: None,
        source: None,
        amount: row.amount,
        occurred_on: on,
        reason: String::new(),
        is_estimate: true,
        note: String::new(),
    }
}

fn line_of(lines: &HashMap<String, i64>, code: Option<&str>) -> Result<Option<i64>> {
    match code {
        None => Ok(None),
        Some(code) => lines.get(code).map(|id| Some(*id)).ok_or_else(|| Error::internal("规划行缺失", code)),
    }
}

/// The document, its lines, what it claims and what is odd; gives the lines' ids.
fn provenance(recording: &mut Recording<'_, '_>, plan: &Plan) -> Result<HashMap<String, i64>> {
    let source = &plan.document;
    let document = recording.add(|id, seq| Document {
        id,
        seq,
        code: source.code.clone(),
        title: source.title.clone(),
        issuer: source.issuer.clone(),
        number: source.number.clone(),
        dated_on: Some(source.dated.0.raw()),
        precision: source.dated.1.word().into(),
        sha256: source.sha256.clone(),
        note: String::new(),
    })?;
    let lines = recording.add_all(plan.lines.clone(), |id, seq, line| PlanLine {
        id,
        seq,
        code: line.code,
        document_id: document.id,
        section: line.section,
        row_no: line.row_no,
        text: line.text,
    })?;
    let lines: HashMap<String, i64> = lines.into_iter().map(|line| (line.code, line.id)).collect();
    let id_of = |code: &str| lines.get(code).copied().unwrap_or_default();
    recording.add_all(plan.assertions.clone(), |id, seq, claim| Assertion {
        id,
        seq,
        line_id: id_of(&claim.line),
        section: claim.section,
        kind: claim.kind,
        expected: claim.expected,
        note: claim.note,
    })?;
    recording.add_all(plan.findings.clone(), |id, seq, remark| Finding {
        id,
        seq,
        subject_kind: remark.subject_kind,
        subject_code: remark.subject,
        line_id: remark.line.as_deref().map(id_of),
        text: remark.text,
        handling: remark.handling,
    })?;
    Ok(lines)
}

fn reference(recording: &mut Recording<'_, '_>, plan: &Plan) -> Result<()> {
    recording.add_all(plan.categories.clone(), |id, seq, c| Category {
        id,
        seq,
        slug: c.slug,
        name: c.name,
        position: c.position,
    })?;
    recording.add_all(plan.departments.clone(), |id, seq, d| Department {
        id,
        seq,
        code: d.code,
        name: d.name,
        note: d.note,
    })?;
    recording.add_all(plan.sources.clone(), |id, seq, s| Source {
        id,
        seq,
        code: s.code,
        name: s.name,
        position: s.position,
        note: s.note,
    })?;
    Ok(())
}

fn indicators(recording: &mut Recording<'_, '_>, plan: &Plan, lines: &HashMap<String, i64>) -> Result<()> {
    recording.add_all(plan.indicators.clone(), |id, seq, row| {
        let mut texts = row.texts.into_iter();
        let mut next = || texts.next().unwrap_or_default();
        Indicator {
            id,
            seq,
            code: row.code,
            indicator_no: row.indicator_no,
            sub_no: row.sub_no,
            domain: next(),
            task: next(),
            name: next(),
            sub_name: next(),
            display_name: next(),
            unit: next(),
            criterion: next(),
            baseline_2022: next(),
            target_2025: next(),
            target_2035: next(),
            attribute: next(),
            type_2025: next(),
            op_2025: next(),
            value_2025: next(),
            type_2035: next(),
            op_2035: next(),
            value_2035: next(),
            baseline_value: next(),
            rule: next(),
            line_id: lines.get(&row.line).copied().unwrap_or_default(),
        }
    })?;
    Ok(())
}
