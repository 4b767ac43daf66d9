//! `/lines/{id}`: a line of a document, verbatim, and every figure that rests on it.

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Fact, FindingNote, Frame, Link};
use super::ledger_table::document_path;
use super::table::Table;
use super::table::{Cell, Column, Kind, Row};
use crate::db::AnyConnection;
use crate::document::{PlanLine, store as documents};
use crate::error::{Error, Result};
use crate::ledger;
use crate::measure::Measure;
use crate::project::{Attribute, store as registry};

/// The context of `line.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The surroundings.
    pub frame: Frame,
    /// 「附表1 第 8 行」.
    pub name: String,
    /// The line's words, exactly.
    pub text: String,
    /// The column headings of its table with the line's cells, when it is a row of one.
    pub cells: Vec<Fact>,
    /// Document, section, row, SHA-256.
    pub facts: Vec<Fact>,
    /// The figures and facts that rest on it.
    pub figures: Table,
    /// Oddities of the line.
    pub findings: Vec<FindingNote>,
    /// The line before it.
    pub previous: Option<Link>,
    /// The line after it.
    pub next: Option<Link>,
}

/// The headings of the plan's two tables.
const HEADINGS: [(&str, &[&str]); 2] = [
    ("附表1", &["序号", "工程名称", "主要内容", "建设年限", "投资额（万元）"]),
    (
        "表1",
        &[
            "领域",
            "任务",
            "序号",
            "指标名称",
            "单位",
            "指标值",
            "基准年（2022年）",
            "近期（2025年）",
            "远期（2035年）",
            "指标属性",
        ],
    ),
];

/// A line's page.
pub fn build(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<Line> {
    let hint = "行号如 FB1-08（附表1 第 8 行）；从「数据说明」页进入规划文件可看全部";
    let line = documents::find_line(conn, code)?.ok_or_else(|| Error::not_found("规划行", code, hint))?;
    let document = documents::find(conn, line.document_id)?;
    let name = name(&line);
    let fact = |label: &str, value: &str| Fact { label: label.into(), value: value.into(), ..Fact::default() };
    let mut facts = Vec::new();
    if let Some(document) = &document {
        facts.push(Fact {
            href: Some(asked.link(&document_path(&document.code), &[])),
            ..fact("文件", &document.title)
        });
        facts.push(fact("部分", &line.section));
        facts.push(fact("文件 SHA-256", &document.sha256));
    }
    let lines = documents::list_lines(conn)?;
    let at = lines.iter().position(|other| other.id == line.id);
    let neighbour = |at: Option<usize>| {
        at.and_then(|at| lines.get(at))
            .map(|other| Link::new(self::name(other), asked.link(&format!("/lines/{}", other.code), &[])))
    };
    let mut frame = asked.frame(&name, "/data");
    frame.crumbs.push(Link::new("数据说明", asked.link("/data", &[])));
    Ok(Line {
        frame,
        text: line.text.replace('\t', "　"),
        cells: cells(&line),
        facts,
        figures: figures(conn, asked, &line)?,
        findings: findings(conn, asked, &line)?,
        previous: neighbour(at.and_then(|at| at.checked_sub(1))),
        next: neighbour(at.map(|at| at + 1)),
        name,
    })
}

/// 「附表1 第 8 行」.
pub fn name(line: &PlanLine) -> String {
    match line.row_no {
        Some(row) => format!("{} 第 {row} 行", line.section),
        None if line.text.starts_with("总 计") => format!("{} 总计", line.section),
        None => line.section.clone(),
    }
}

fn cells(line: &PlanLine) -> Vec<Fact> {
    let Some((_, headings)) = HEADINGS.iter().find(|(section, _)| *section == line.section) else { return Vec::new() };
    let own: Vec<&str> = line.text.split('\t').collect();
    // A row whose cells were shifted in the source is shown as it stands, without headings.
    if line.row_no.is_none()
        || own.len() != headings.len()
        || own.first().is_some_and(|first| line.section == "表1" && first.parse::<i32>().is_ok())
    {
        return Vec::new();
    }
    let cell = |(heading, value): (&&str, &&str)| Fact {
        label: (*heading).into(),
        value: if value.is_empty() { "（同上行）".into() } else { (*value).into() },
        absent: value.is_empty(),
        ..Fact::default()
    };
    headings.iter().zip(&own).map(cell).collect()
}

/// Every figure and fact that rests on the line.
fn figures(conn: &mut AnyConnection, asked: &Asked, line: &PlanLine) -> Result<Table> {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns =
        vec![column("项目或指标", Kind::Name, true), column("事项", Kind::Text, true), column("值", Kind::Text, true)];
    let mut rows = Vec::new();
    let wanted = ledger::store::Wanted { line_id: Some(line.id), ..Default::default() };
    let entries = ledger::store::list(conn, &wanted, asked.as_of, asked.known.seq, 0, 1_000)?;
    let mut facts = registry::list_by_line(conn, line.id, asked.known.seq)?;
    facts.retain(|fact| !asked.filter.hidden.is_fact(fact));
    let projects = entries.iter().map(|entry| entry.project_id).chain(facts.iter().map(|fact| fact.project_id));
    let codes = registry::list_codes_of(conn, &projects.collect::<Vec<_>>())?;
    let project_cell = |id: i64| {
        let code = codes.get(&id).map_or("", String::as_str);
        Cell::link(code, asked.link(&format!("/projects/{code}"), &[]))
    };
    for entry in entries {
        let code = codes.get(&entry.project_id).cloned().unwrap_or_default();
        let href = asked.link("/entries", &[("project", &code), ("measure", "investment")]);
        let measure = Measure::from_code(entry.measure).map_or("", Measure::label);
        rows.push(Row::from(vec![
            project_cell(entry.project_id),
            Cell::text(measure),
            Cell::link(asked.money_words(entry.amount_fen), href),
        ]));
    }
    for fact in facts {
        let label = Attribute::parse(&fact.attribute).map_or("", Attribute::label);
        rows.push(Row::from(vec![project_cell(fact.project_id), Cell::text(label), Cell::text(fact.value)]));
    }
    for indicator in crate::indicator::store::list_by_line(conn, line.id)? {
        let title =
            Cell::link(format!("指标 {} {}", indicator.code, indicator.display_name), asked.link("/indicators", &[]));
        rows.push(Row::from(vec![title.clone(), Cell::text("2025 年目标"), Cell::text(indicator.target_2025)]));
        rows.push(Row::from(vec![title, Cell::text("2035 年目标"), Cell::text(indicator.target_2035)]));
    }
    for claim in documents::list_assertions(conn)?.into_iter().filter(|claim| claim.line_id == line.id) {
        let value = if claim.kind == "count" { claim.expected.to_string() } else { asked.money_words(claim.expected) };
        let what = if claim.kind == "count" { "规划自称的个数" } else { "规划自称的合计" };
        rows.push(Row::from(vec![
            Cell::text(claim.section),
            Cell::text(what).with_note(claim.note),
            Cell::link(value, asked.link("/proof", &[])),
        ]));
    }
    let empty = rows.is_empty().then(|| "没有数以这一行为据。".to_owned());
    Ok(Table {
        id: "figures".into(), caption: "以这一行为据的数和事项".into(), columns, empty, ..Table::default()
    }
    .with_rows(rows))
}

fn findings(conn: &mut AnyConnection, asked: &Asked, line: &PlanLine) -> Result<Vec<FindingNote>> {
    let all = documents::list_findings(conn, asked.known.seq)?;
    let own = all.into_iter().filter(|finding| finding.line_id == Some(line.id));
    Ok(own
        .map(|finding| FindingNote {
            subject: (finding.subject_kind == "project").then(|| {
                Link::new(finding.subject_code.clone(), asked.link(&format!("/projects/{}", finding.subject_code), &[]))
            }),
            text: finding.text,
            handling: finding.handling,
        })
        .collect())
}
