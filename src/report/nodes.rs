//! 节点 of one project, on its page: bars, table, slip ledger, and what public sources say.

use serde::Serialize;

use super::asked::Asked;
use super::frame::Link;
use super::gantt::{self, Gantt, RowInput};
use super::node_form;
use super::portfolio::node;
use super::public::{self, PublicInfo};
use super::slips;
use super::table::{Cell, Column, Kind, Row, Table};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::milestone::order::{Node, Span};
use crate::milestone::store::Told;
use crate::milestone::{FactKind, slip, state_at};
use crate::period::Day;
use crate::project::{Attribute, ProjectState, store};
use crate::rollup::list;
use crate::rollup::rows::counted;

/// Everything a project's page says of its milestones.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Nodes {
    /// Years and milestones as bars; none without a milestone.
    pub gantt: Option<Gantt>,
    /// The milestones.
    pub table: Table,
    /// How late the project is against the plan's own year.
    pub yardstick: Option<String>,
    /// What was said more than once.
    pub slips: Option<Table>,
    /// What public sources say.
    pub public: PublicInfo,
    /// What the reader can do.
    pub links: Vec<Link>,
}

/// The milestones of a project at the page's day and instant.
pub fn build(conn: &mut AnyConnection, asked: &Asked, state: &ProjectState, told: &[Told]) -> Result<Nodes> {
    Ok(Nodes {
        gantt: bars(asked, state, told)?,
        table: match node_form::may_record(asked, state) {
            true => with_deeds(table(asked, told)?, told),
            false => table(asked, told)?,
        },
        yardstick: yardstick(conn, asked, state, told)?,
        slips: slips::of_project(told)?,
        public: public::build(conn, asked, state.project.id, told)?,
        links: node_form::links(asked, state),
    })
}

fn bars(asked: &Asked, state: &ProjectState, told: &[Told]) -> Result<Option<Gantt>> {
    if told.iter().all(|(_, facts)| facts.is_empty()) {
        return Ok(None);
    }
    let years = state.year(Attribute::StartYear).zip(state.year(Attribute::EndYear));
    let open = list::is_term_over(state, list::is_done(told, asked.as_of)?, asked.as_of);
    let mut rows = vec![RowInput {
        label: "建设年限".into(),
        note: years.map_or_else(|| "未填".into(), |(start, end)| format!("{start}–{end}")),
        href: String::new(),
        years,
        open,
        nodes: Vec::new(),
    }];
    for (milestone, facts) in told.iter().filter(|(_, facts)| !facts.is_empty()) {
        rows.push(RowInput {
            label: milestone.name.clone(),
            note: milestone.code.clone(),
            href: String::new(),
            years: None,
            open: false,
            nodes: vec![node(&milestone.name, facts, asked.as_of, "#milestone-list".into())?],
        });
    }
    let today = if asked.as_of >= asked.today() { "今天" } else { "截至" };
    let summary = format!("{}的建设年限和节点", state.value(Attribute::Name));
    let text = gantt::Text {
        id: "gantt",
        heading: "节点",
        summary: &summary,
        today: &format!("{today} {}", asked.as_of),
        twin: Link::new("下面的节点表", "#milestone-list"),
    };
    Ok(Some(gantt::lay_out(&text, asked.as_of, vec![(None, String::new(), rows)])))
}

/// The milestones with what stands of each.
pub(super) fn table(asked: &Asked, told: &[Told]) -> Result<Table> {
    if told.is_empty() {
        let empty = "还没有节点记录。规划没有列节点；由责任部门填报后在这里出现。";
        return Ok(Table { empty: Some(empty.into()), ..Table::default() });
    }
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("节点", Kind::Name, true),
        column("计划", Kind::Date, true),
        column("预计", Kind::Date, false),
        column("实际", Kind::Date, true),
        column("状态", Kind::Status, true),
        column("依据", Kind::Prose, false),
    ];
    let mut rows = Vec::new();
    for (milestone, facts) in told {
        let counted = facts.iter().map(counted).collect::<Result<Vec<_>>>()?;
        let state = state_at(&counted, asked.as_of);
        let cell = |kind: FactKind, missing: &str| super::milestones::on(facts, kind, missing);
        let met = if state.met_on.is_some() { cell(FactKind::Met, "未到")? } else { Cell::absent("未到") };
        let mark = super::milestones::mark(state, asked.as_of);
        let last = facts.last();
        let because =
            last.map_or("", |fact| if fact.reason.is_empty() { fact.evidence.as_str() } else { fact.reason.as_str() });
        rows.push(Row::from(vec![
            Cell::text(milestone.name.as_str()).with_note(milestone.code.as_str()),
            cell(FactKind::Plan, "未填")?,
            cell(FactKind::Forecast, "未填")?,
            met,
            Cell::mark(mark),
            if because.is_empty() { Cell::absent("未填") } else { Cell::text(because) },
        ]));
    }
    Ok(Table { id: "milestone-list".into(), caption: "节点".into(), columns, ..Table::default() }.with_rows(rows))
}

/// The same table with what can be done to each milestone.
fn with_deeds(mut table: Table, told: &[Told]) -> Table {
    for (row, (milestone, _)) in table.groups.iter_mut().flat_map(|group| &mut group.rows).zip(told) {
        if let Some(name) = row.cells.first_mut() {
            name.more = Some(Link::new("记进展", format!("/milestones/{}/record", milestone.id)));
        }
    }
    table
}

/// The milestones that end a project's work, the most telling first.
const FINISH: [&str; 3] = ["N8", "S3", "N9"];

/// Months after the plan's own last year: an extension approved later does not take them away.
fn yardstick(conn: &mut AnyConnection, asked: &Asked, state: &ProjectState, told: &[Told]) -> Result<Option<String>> {
    let history = store::list_history(conn, state.project.id, asked.known.seq)?;
    let ends = history.iter().filter(|(fact, withdrawn)| !withdrawn && fact.attribute == Attribute::EndYear.word());
    let first = ends.min_by_key(|(fact, _)| (fact.effective_on, fact.id)).and_then(|(fact, _)| fact.value.parse().ok());
    let (Some(planned), Some(now)) = (first, state.year(Attribute::EndYear)) else { return Ok(None) };
    let mut sentences = Vec::new();
    if now != planned {
        sentences.push(format!("建设年限已由 {planned} 年底改为 {now} 年底；延期仍按规划的 {planned} 年底计"));
    }
    let node = FINISH.iter().find_map(|code| told.iter().find(|(milestone, _)| milestone.code == *code));
    if let Some((milestone, facts)) = node {
        sentences.extend(lateness(asked.as_of, planned, &milestone.name, &Node::at("", "", facts, asked.as_of)?));
    }
    Ok((!sentences.is_empty()).then(|| format!("{}。", sentences.join("；"))))
}

/// How late a finish is: as met, as expected, or so far.
fn lateness(as_of: Day, planned: i32, name: &str, node: &Node) -> Option<String> {
    let written = |span: &Span| span.precision.render(span.last);
    let (how, day) = match (&node.met, &node.forecast, &node.planned) {
        (Some(met), ..) => (format!("完成 {}", written(met)), met.last),
        (None, Some(forecast), _) if forecast.last >= as_of => (format!("预计 {}", written(forecast)), forecast.last),
        (None, _, Some(plan)) if plan.last >= as_of => (format!("计划 {}", written(plan)), plan.last),
        _ => (format!("到 {as_of} 尚未完成"), as_of),
    };
    let months = slip::months_after(planned, day);
    (months > 0).then(|| format!("{name}{how}，较规划（{planned} 年底）延期 {months} 个月"))
}
