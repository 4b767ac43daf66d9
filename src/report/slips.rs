//! 变动台账: first plan, each later plan and forecast, and when it was met, with what each moved and why.

use super::asked::Asked;
use super::listing::MAX_ROWS;
use super::milestones::{self, Milestones, items, load, nothing, slip_cell};
use super::table::{Cell, Column, Group, Kind, Row, Table};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange;
use crate::milestone::store::Told;
use crate::milestone::{FactKind, Milestone, MilestoneFact, kind_label, slip};
use crate::project::{Attribute, store as registry};

/// Milestones a page shows; each has several lines.
const SHOWN: usize = 200;

/// The ledger of the milestones that are asked for.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Milestones> {
    let items = items(conn, asked)?;
    let mut groups = Vec::new();
    for item in load(conn, asked, items.get(..SHOWN.min(items.len())).unwrap_or_default())? {
        let code = &item.project.project.code;
        let href = asked.link(&format!("/projects/{code}"), &[]) + "#milestones";
        let head = Cell::link(format!("{} {}", item.milestone.name, item.project.value(Attribute::Name)), href);
        let mut cells = vec![head.with_note(format!("{code} · {}", item.milestone.code))];
        cells.resize_with(columns().len(), Cell::blank);
        groups.push(Group { head: Some(Row::from(cells)), rows: rows(&item.facts)? });
    }
    let mut notes = vec!["天数按日期可能的最后一天计：一个月份算到月底。正数为晚，负数为早。".to_owned()];
    if items.len() > SHOWN {
        notes.push(format!("共 {} 个节点，这里列前 {SHOWN} 个；用筛选缩小范围，或下载 CSV 看全部。", items.len()));
    }
    let empty = groups.is_empty().then(|| nothing(asked));
    let table = Table {
        id: "slips".into(),
        caption: "变动台账：首次计划、以后每次计划和预计、完成".into(),
        columns: columns(),
        groups,
        notes: if empty.is_some() { Vec::new() } else { notes },
        empty,
        ..Table::default()
    };
    milestones::page(conn, asked, format!("{} 个节点", items.len()), table)
}

/// The ledger as a file: all of it.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<exchange::Table> {
    let items = items(conn, asked)?;
    let mut table = exchange::milestones::slips_table(std::iter::empty())?;
    for items in items.chunks(MAX_ROWS) {
        asked.deadline.check()?;
        let mut told: Vec<(String, Told)> = Vec::with_capacity(items.len());
        let projects: Vec<i64> = items.iter().map(|item| item.project).collect();
        let codes = registry::list_codes_of(conn, &projects)?;
        for item in load(conn, asked, items)? {
            let code = codes.get(&item.milestone.project_id).cloned().unwrap_or_default();
            told.push((code, (item.milestone, item.facts)));
        }
        let rows = told.iter().map(|(code, told)| (code.clone(), told));
        table.rows.extend(exchange::milestones::slips_table(rows)?.rows);
    }
    Ok(table)
}

fn columns() -> Vec<Column> {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let days = |label: &str| Column { unit: Some("天".into()), ..column(label, Kind::Number, true) };
    vec![
        column("说法", Kind::Name, true),
        column("日期", Kind::Date, true),
        days("较首次计划"),
        Column { narrow: false, ..days("较上一次") },
        column("自", Kind::Date, false),
        column("原因、依据", Kind::Prose, false),
    ]
}

/// The lines of one milestone.
fn rows(facts: &[MilestoneFact]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut planned = 0;
    for (slip, fact) in slip::ledger(facts)? {
        let is_plan = slip.kind == FactKind::Plan;
        planned += i32::from(is_plan);
        let label = if is_plan && planned == 1 { "首次计划" } else { kind_label(slip.kind) };
        rows.push(Row::from(vec![
            Cell::text(label),
            Cell::text(slip.precision.render(slip.on)),
            slip_cell(slip.against_first),
            slip_cell(slip.against_previous),
            Cell::text(crate::period::Day::from_raw(fact.effective_on)?.to_string()),
            because(fact),
        ]));
    }
    Ok(rows)
}

/// Why, or by what it is shown.
pub(super) fn because(fact: &MilestoneFact) -> Cell {
    match (fact.reason.as_str(), fact.evidence.as_str()) {
        ("", "") => Cell::absent("未填"),
        ("", evidence) => Cell::text(evidence),
        (reason, "") => Cell::text(reason),
        (reason, evidence) => Cell::text(reason).with_note(evidence),
    }
}

fn head(milestone: &Milestone) -> Row {
    let mut cells = vec![Cell::text(milestone.name.as_str()).with_note(milestone.code.as_str())];
    cells.resize_with(columns().len(), Cell::blank);
    Row::from(cells)
}

fn around(groups: Vec<Group>) -> Table {
    Table {
        id: "slips".into(),
        caption: "变动台账".into(),
        columns: columns(),
        groups,
        notes: vec!["天数按日期可能的最后一天计；首次计划始终是比较的基准。".into()],
        ..Table::default()
    }
}

/// The ledger of one milestone.
pub(super) fn of_one(milestone: &Milestone, facts: &[MilestoneFact]) -> Result<Table> {
    Ok(around(vec![Group { head: Some(head(milestone)), rows: rows(facts)? }]))
}

/// The ledger of one project, for its page: the milestones of which more than one thing was said.
pub(super) fn of_project(told: &[Told]) -> Result<Option<Table>> {
    let more = told.iter().filter(|(_, facts)| facts.len() > 1);
    let groups = more.map(|(milestone, facts)| Ok(Group { head: Some(head(milestone)), rows: rows(facts)? }));
    let groups = groups.collect::<Result<Vec<_>>>()?;
    Ok((!groups.is_empty()).then(|| around(groups)))
}
