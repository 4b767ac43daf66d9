//! The registry's tables as they go out: projects, entries, milestones.

use std::collections::HashMap;

use super::{Table, Value};
use crate::db::{AnyConnection, Head};
use crate::error::Result;
use crate::ledger::{self, Entry, Kind};
use crate::measure::Measure;
use crate::milestone::store::Told;
use crate::milestone::{FactKind, KINDS, MilestoneFact};
use crate::money::Fen;
use crate::period::{Day, Precision};
use crate::project::{Attribute, NATURES, STAGES, store};
use crate::rollup::list::{self, Order, View};
use crate::rollup::rows::ProjectRow;
use crate::rollup::{Deadline, Filter};

/// When and as known when.
#[derive(Debug, Clone)]
pub struct Moment {
    /// 截至.
    pub as_of: Day,
    /// 按…时的记录.
    pub known: Head,
}

/// Codes and their names.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Systems by slug.
    pub categories: HashMap<String, String>,
    /// Departments by code.
    pub departments: HashMap<String, String>,
    /// Funding sources by id: (code, name).
    pub sources: HashMap<i64, (String, String)>,
    /// Documents by id: (code, title).
    pub documents: HashMap<i64, (String, String)>,
}

impl Names {
    /// All names.
    pub fn load(conn: &mut AnyConnection) -> Result<Names> {
        Ok(Names {
            categories: store::list_categories(conn)?.into_iter().map(|c| (c.slug, c.name)).collect(),
            departments: store::list_departments(conn)?.into_iter().map(|d| (d.code, d.name)).collect(),
            sources: store::list_sources(conn)?.into_iter().map(|s| (s.id, (s.code, s.name))).collect(),
            documents: crate::document::store::list(conn, i64::MAX)?
                .into_iter()
                .map(|d| (d.id, (d.code, d.title)))
                .collect(),
        })
    }

    /// A system's name.
    pub fn category<'a>(&'a self, slug: &'a str) -> &'a str {
        self.categories.get(slug).map_or(slug, String::as_str)
    }

    /// A department's name.
    pub fn department<'a>(&'a self, code: &'a str) -> &'a str {
        self.departments.get(code).map_or(code, String::as_str)
    }

    /// 协同部门 as people read them: codes as names, names as they stand.
    pub fn support(&self, value: &str) -> String {
        value.split('、').map(|part| self.department(part)).collect::<Vec<_>>().join("、")
    }

    /// An attribute's value as people read it.
    pub fn value(&self, attribute: Attribute, value: &str) -> String {
        match attribute {
            Attribute::Category => self.category(value).to_owned(),
            Attribute::LeadDepartment => self.department(value).to_owned(),
            Attribute::SupportDepartments => self.support(value),
            Attribute::Nature => word(&NATURES, value).to_owned(),
            Attribute::Stage => word(&STAGES, value).to_owned(),
            Attribute::ApprovedCost => {
                value.parse().map_or_else(|_| value.to_owned(), |fen| format!("{} 万元", Fen::new(fen).wan_words()))
            }
            Attribute::ResponsiblePerson => value.replacen("account:", "账户 ", 1),
            _ => value.to_owned(),
        }
    }
}

/// The word of a code in a fixed list; the code itself when it is not in it.
pub fn word<'a>(list: &'a [(&'a str, &'a str)], code: &'a str) -> &'a str {
    list.iter().find(|(known, _)| *known == code).map_or(code, |(_, label)| label)
}

/// `stated`, `inferred`, `confirmed`; nothing when nothing is said.
pub fn status_word(row: &ProjectRow, attribute: Attribute) -> &'static str {
    row.state.facts.get(&attribute).map_or("", |standing| standing.status.word())
}

/// The projects that fit the filter, in order of registration.
pub fn projects(conn: &mut AnyConnection, moment: &Moment, filter: &Filter, deadline: &Deadline) -> Result<Table> {
    let view = View { as_of: moment.as_of, known: &moment.known, filter, deadline };
    let ids = list::ids(conn, view, Order::REGISTERED)?;
    let mut all = projects_head();
    each_projects_table(conn, view, &ids, |table| {
        all.rows.extend(table.rows);
        Ok(())
    })?;
    Ok(all)
}

/// Projects read at once for a file.
const PROJECTS: usize = 1_000;

/// Calls `each` with tables of some of these projects at a time, in their order.
pub fn each_projects_table(
    conn: &mut AnyConnection,
    view: View<'_>,
    ids: &[i64],
    mut each: impl FnMut(Table) -> Result<()>,
) -> Result<()> {
    let names = Names::load(conn)?;
    for ids in ids.chunks(PROJECTS) {
        view.deadline.check()?;
        let rows: Vec<ProjectRow> = list::load(conn, view, ids)?.into_iter().map(|shown| shown.row).collect();
        each(projects_table(&names, &rows))?;
    }
    Ok(())
}

/// A table of projects without rows.
pub fn projects_head() -> Table {
    let mut columns = vec![
        ("code", "编号"),
        ("no", "序号"),
        ("name", "工程名称"),
        ("category", "体系代码"),
        ("category_name", "体系"),
        ("category_status", "体系状态"),
        ("lead_department", "责任部门代码"),
        ("lead_department_name", "责任部门"),
        ("department_status", "责任部门状态"),
        ("nature", "投资性质"),
        ("nature_status", "投资性质状态"),
        ("stage", "阶段"),
        ("start_year", "起始年"),
        ("end_year", "终止年"),
    ];
    columns.extend(Measure::ALL.map(|measure| (measure.key(), measure.label())));
    columns.extend([
        ("milestones_planned", "有计划节点"),
        ("milestones_due", "到期节点"),
        ("milestones_met", "完成节点"),
        ("milestones_late", "到期未完成"),
        ("content", "主要内容"),
    ]);
    Table::new(&columns)
}

/// Projects already listed, as a table.
fn projects_table(names: &Names, rows: &[ProjectRow]) -> Table {
    let rows = rows
        .iter()
        .map(|row| {
            let value = |attribute| row.state.value(attribute);
            let year = |attribute| Value::from(row.state.year(attribute).map(i64::from));
            let mut cells: Vec<Value> = vec![
                Value::Text(row.state.project.code.clone()),
                Value::Number(i64::from(row.state.project.no)),
                Value::from(value(Attribute::Name)),
                Value::from(value(Attribute::Category)),
                Value::from(names.category(value(Attribute::Category))),
                Value::from(status_word(row, Attribute::Category)),
                Value::from(value(Attribute::LeadDepartment)),
                Value::from(names.department(value(Attribute::LeadDepartment))),
                Value::from(status_word(row, Attribute::LeadDepartment)),
                Value::from(word(&NATURES, value(Attribute::Nature))),
                Value::from(status_word(row, Attribute::Nature)),
                Value::from(word(&STAGES, value(Attribute::Stage))),
                year(Attribute::StartYear),
                year(Attribute::EndYear),
            ];
            cells.extend(row.figures.sums.iter().map(|sum| Value::from(*sum)));
            let counts = row.figures.milestones.unwrap_or_default();
            cells.extend([counts.planned, counts.due, counts.met, counts.late].map(Value::Number));
            cells.push(Value::from(value(Attribute::Content)));
            cells
        })
        .collect();
    Table { rows, ..projects_head() }
}

/// Entries a chunk of an export.
const CHUNK: i64 = 10_000;

/// Every entry that is wanted, in order of recording.
pub fn entries(conn: &mut AnyConnection, moment: &Moment, wanted: &ledger::store::Wanted) -> Result<Table> {
    let mut all = entries_head();
    each_entries(conn, moment, wanted, |names, codes, entries| {
        all.rows.extend(entries_table(names, codes, entries)?.rows);
        Ok(())
    })?;
    Ok(all)
}

/// Calls `each` with some of the entries that are wanted at a time, in order of recording, with the names and the
/// codes of their projects: a file of any length is written in the memory of a few thousand.
pub fn each_entries(
    conn: &mut AnyConnection,
    moment: &Moment,
    wanted: &ledger::store::Wanted,
    mut each: impl FnMut(&Names, &HashMap<i64, String>, &[Entry]) -> Result<()>,
) -> Result<()> {
    let names = Names::load(conn)?;
    let mut after = 0;
    loop {
        let chunk = ledger::store::list(conn, wanted, moment.as_of, moment.known.seq, after, CHUNK)?;
        let Some(last) = chunk.last() else { return Ok(()) };
        after = last.id;
        let codes = project_codes(conn, &chunk)?;
        each(&names, &codes, &chunk)?;
    }
}

/// The codes of the entries' projects, by id.
pub fn project_codes(conn: &mut AnyConnection, entries: &[Entry]) -> Result<HashMap<i64, String>> {
    let projects: Vec<i64> = entries.iter().map(|entry| entry.project_id).collect();
    store::list_codes_of(conn, &projects)
}

/// A table of entries without rows.
pub fn entries_head() -> Table {
    Table::new(&[
        ("entry", "分录"),
        ("project", "项目"),
        ("measure", "口径"),
        ("kind", "种类"),
        ("year", "年度"),
        ("source", "资金来源"),
        ("amount", "金额"),
        ("occurred_on", "日期"),
        ("is_estimate", "含预计"),
        ("reason", "原因"),
        ("document", "文件"),
        ("reverses", "冲正分录"),
        ("note", "备注"),
        ("seq", "日志"),
    ])
}

/// Entries already listed, as a table.
pub fn entries_table(names: &Names, codes: &HashMap<i64, String>, entries: &[Entry]) -> Result<Table> {
    let mut table = entries_head();
    for entry in entries {
        let document = entry.document_id.and_then(|id| names.documents.get(&id)).map_or("", |(code, _)| code);
        table.rows.push(vec![
            Value::Number(entry.id),
            Value::from(codes.get(&entry.project_id).map_or("", String::as_str)),
            Value::from(Measure::from_code(entry.measure).map_or("", Measure::key)),
            Value::from(Kind::from_code(entry.kind).map_or("", Kind::word)),
            Value::from(entry.year.map(i64::from)),
            Value::from(entry.source_id.and_then(|id| names.sources.get(&id)).map_or("", |(code, _)| code)),
            Value::Money(Fen::new(entry.amount_fen)),
            Value::Text(Day::from_raw(entry.occurred_on)?.to_string()),
            Value::Number(i64::from(entry.is_estimate)),
            Value::from(entry.reason_code.as_str()),
            Value::from(document),
            Value::from(entry.reverses_id),
            Value::from(entry.note.as_str()),
            Value::Number(entry.seq),
        ]);
    }
    Ok(table)
}

/// Everything said of the milestones of every project.
pub fn milestones(conn: &mut AnyConnection, moment: &Moment) -> Result<Table> {
    let told = crate::milestone::store::list(conn, 0, i64::MAX, moment.as_of, moment.known.seq)?;
    milestones_table(conn, &told)
}

/// What is said of some milestones, as a table.
pub fn milestones_table(conn: &mut AnyConnection, told: &[Told]) -> Result<Table> {
    let mut projects: Vec<i64> = told.iter().map(|(milestone, _)| milestone.project_id).collect();
    projects.dedup();
    let codes = store::list_codes_of(conn, &projects)?;
    let names = Names::load(conn)?;
    let mut table = Table::new(&[
        ("project", "项目"),
        ("milestone", "节点"),
        ("name", "名称"),
        ("kind", "种类"),
        ("on", "日期"),
        ("precision", "精度"),
        ("effective_on", "自"),
        ("reason", "原因"),
        ("evidence", "依据"),
        ("document", "文件"),
        ("seq", "日志"),
        ("milestone_id", "节点编号"),
    ]);
    for (milestone, facts) in told {
        for fact in facts {
            let document = fact.document_id.and_then(|id| names.documents.get(&id)).map_or("", |(code, _)| code);
            table.rows.push(vec![
                Value::from(codes.get(&milestone.project_id).map_or("", String::as_str)),
                Value::from(milestone.code.as_str()),
                Value::from(milestone.name.as_str()),
                Value::from(kind_word(fact)),
                Value::Text(Precision::parse(&fact.precision)?.written(Day::from_raw(fact.happens_on)?)),
                Value::from(fact.precision.as_str()),
                Value::Text(Day::from_raw(fact.effective_on)?.to_string()),
                Value::from(fact.reason.as_str()),
                Value::from(fact.evidence.as_str()),
                Value::from(document),
                Value::Number(fact.seq),
                Value::Number(milestone.id),
            ]);
        }
    }
    Ok(table)
}

fn kind_word(fact: &MilestoneFact) -> &'static str {
    let kind = FactKind::from_code(fact.kind);
    KINDS.iter().find(|(known, ..)| Some(*known) == kind).map_or("", |(_, word, _)| word)
}
