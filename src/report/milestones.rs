//! `/milestones`: what is planned, forecast and met.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::asked::Asked;
use super::frame::SearchBox;
use super::frame::{Banner, FilterForm, Frame, KeyFigure};
use super::listing::MAX_ROWS;
use super::projects::select;
use super::table::Table;
use super::table::{Cell, Column, Kind, Mark, MarkKind, Row};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange::export::Names;
use crate::measure::Counter;
use crate::milestone::{self, FactKind, Milestone, MilestoneFact, State, state_at};
use crate::period::{Day, Precision};
use crate::project::{Attribute, ProjectState, store as registry};
use crate::rollup::list::{self, Order};
use crate::rollup::rows::counted;

/// The context of `milestones.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Milestones {
    /// The surroundings.
    pub frame: Frame,
    /// Search and filters.
    pub form: FilterForm,
    /// Planned, due, met, late; empty while there is none.
    pub key_figures: Vec<KeyFigure>,
    /// Cautions.
    pub banners: Vec<Banner>,
    /// The milestones.
    pub table: Table,
}

/// The states of the filter.
pub const STATES: [(&str, &str); 4] =
    [("planned", "有计划"), ("due", "已到期"), ("met", "已完成"), ("late", "到期未完成")];

/// A milestone of the list: where it stands in the order, and where it is found.
struct Item {
    order: (bool, Option<Day>),
    project: i64,
    milestone: i64,
}

/// A milestone as it is shown.
struct Shown {
    project: ProjectState,
    milestone: Milestone,
    facts: Vec<MilestoneFact>,
    state: State,
}

/// The list at the page's day and instant.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Milestones> {
    let items = items(conn, asked)?;
    let shown = load(conn, asked, items.get(..MAX_ROWS.min(items.len())).unwrap_or_default())?;
    let names = Names::load(conn)?;
    let total = asked.rollup(conn, &[], &asked.everything())?.total.milestones.unwrap_or_default();
    let key = |value: i64, label: &str, state: &str| KeyFigure {
        value: format!("{value} 个"),
        label: label.into(),
        note: None,
        href: Some(asked.link("/milestones", &[("state", state)])),
    };
    let figures = vec![
        key(total.planned, "有计划", "planned"),
        key(total.due, "已到期", "due"),
        key(total.met, "已完成", "met"),
        key(total.late, "到期未完成", "late"),
    ];
    let categories: Vec<(String, String)> =
        registry::list_categories(conn)?.into_iter().map(|c| (c.slug, c.name)).collect();
    let departments: Vec<(String, String)> =
        registry::list_departments(conn)?.into_iter().map(|d| (d.code, d.name)).collect();
    let states = STATES.map(|(word, label)| (word.to_owned(), label.to_owned()));
    let filtered = !asked.filter.is_empty() || asked.param("state").is_some();
    let frame = Frame { formats: asked.formats(), ..asked.frame("节点", "/milestones") };
    Ok(Milestones {
        frame,
        form: FilterForm {
            action: "/milestones".into(),
            search: Some(SearchBox {
                name: "q".into(),
                label: "搜索".into(),
                value: asked.param("q").unwrap_or_default().into(),
                hint: "项目编号、名称、内容".into(),
            }),
            selects: vec![
                select(asked, "category", "体系", &categories),
                select(asked, "department", "责任部门", &departments),
                select(asked, "state", "状态", &states),
            ],
            keep: asked.hidden(),
            applied: Vec::new(),
            reset: filtered.then(|| asked.bare()),
            outcome: format!("{} 个节点", items.len()),
        },
        key_figures: if total == Default::default() { Vec::new() } else { figures },
        banners: Vec::new(),
        table: table(asked, &names, &shown, items.len(), filtered)?,
    })
}

/// Everything said of the listed milestones, as a table for files, project by project.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<crate::exchange::Table> {
    let items = items(conn, asked)?;
    let listed: HashSet<i64> = items.iter().map(|item| item.milestone).collect();
    let mut projects: Vec<i64> = items.into_iter().map(|item| item.project).collect();
    projects.sort_unstable();
    projects.dedup();
    let mut table = crate::exchange::export::milestones_table(conn, &[])?;
    for projects in projects.chunks(MAX_ROWS) {
        asked.deadline.check()?;
        let mut told = milestone::store::list_of(conn, projects, asked.as_of, asked.known.seq)?;
        told.retain(|(milestone, _)| listed.contains(&milestone.id));
        table.rows.extend(crate::exchange::export::milestones_table(conn, &told)?.rows);
    }
    Ok(table)
}

/// Projects whose milestones are read at once.
const CHUNK: i64 = 2_000;

/// The milestones of the list in its order. Of each only what it is sorted by is kept.
fn items(conn: &mut AnyConnection, asked: &Asked) -> Result<Vec<Item>> {
    // At an earlier date a milestone may be told of whose project is not registered yet.
    let within: Option<HashSet<i64>> = match asked.filter.is_empty() && asked.is_whole {
        true => None,
        false => Some(list::ids(conn, asked.view_of(&asked.filter), Order::REGISTERED)?.into_iter().collect()),
    };
    let wanted = asked.param("state");
    let last = registry::last_id(conn)?;
    let (mut items, mut after) = (Vec::new(), 0);
    while after < last {
        asked.deadline.check()?;
        for (milestone, facts) in milestone::store::list(conn, after, after + CHUNK, asked.as_of, asked.known.seq)? {
            if within.as_ref().is_some_and(|within| !within.contains(&milestone.project_id)) {
                continue;
            }
            let short = facts.iter().map(counted).collect::<Result<Vec<_>>>()?;
            let state = state_at(&short, asked.as_of);
            let counts = |counter| state.counts(counter, asked.as_of);
            let fits = match wanted {
                Some("planned") => counts(Counter::MilestonePlanned),
                Some("due") => counts(Counter::MilestoneDue),
                Some("met") => counts(Counter::MilestoneMet),
                Some("late") => counts(Counter::MilestoneLate),
                _ => true,
            };
            if fits {
                let order = (state.met_on.is_some(), state.planned_on.or(state.forecast_on));
                items.push(Item { order, project: milestone.project_id, milestone: milestone.id });
            }
        }
        after += CHUNK;
    }
    items.sort_by_key(|item| item.order);
    Ok(items)
}

/// What is shown of some milestones, in their order.
fn load(conn: &mut AnyConnection, asked: &Asked, items: &[Item]) -> Result<Vec<Shown>> {
    let mut projects: Vec<i64> = items.iter().map(|item| item.project).collect();
    projects.sort_unstable();
    projects.dedup();
    let states: HashMap<i64, ProjectState> = registry::list_states_of(conn, asked.as_of, asked.known.seq, &projects)?
        .into_iter()
        .map(|state| (state.project.id, state))
        .collect();
    let mut told: HashMap<i64, (Milestone, Vec<MilestoneFact>)> =
        milestone::store::list_of(conn, &projects, asked.as_of, asked.known.seq)?
            .into_iter()
            .map(|told| (told.0.id, told))
            .collect();
    let mut shown = Vec::with_capacity(items.len());
    for item in items {
        let (Some(project), Some((milestone, facts))) = (states.get(&item.project), told.remove(&item.milestone))
        else {
            continue;
        };
        let short = facts.iter().map(counted).collect::<Result<Vec<_>>>()?;
        let state = state_at(&short, asked.as_of);
        shown.push(Shown { project: project.clone(), milestone, facts, state });
    }
    Ok(shown)
}

fn table(asked: &Asked, names: &Names, shown: &[Shown], count: usize, filtered: bool) -> Result<Table> {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("节点", Kind::Name, true),
        column("项目", Kind::Text, true),
        column("责任部门", Kind::Text, false),
        column("计划", Kind::Date, true),
        column("预计", Kind::Date, false),
        column("实际", Kind::Date, false),
        column("状态", Kind::Status, true),
    ];
    let mut rows = Vec::new();
    for item in shown {
        let code = &item.project.project.code;
        let department = item.project.value(Attribute::LeadDepartment);
        rows.push(Row::from(vec![
            Cell::text(item.milestone.name.as_str()).with_note(item.milestone.code.as_str()),
            Cell::link(
                item.project.value(Attribute::Name),
                asked.link(&format!("/projects/{code}"), &[]) + "#milestones",
            )
            .with_note(code.as_str()),
            if department.is_empty() {
                Cell::absent("待确认")
            } else {
                Cell::link(names.department(department), asked.link(&format!("/departments/{department}"), &[]))
            },
            on(&item.facts, FactKind::Plan, "未填")?,
            on(&item.facts, FactKind::Forecast, "未填")?,
            if item.state.met_on.is_some() {
                on(&item.facts, FactKind::Met, "未到")?
            } else {
                Cell::absent("未到")
            },
            Cell::mark(mark(item.state, asked.as_of)),
        ]));
    }
    let empty = rows.is_empty().then(|| match filtered {
        true => "没有符合的节点。去掉一个条件再试。".to_owned(),
        false => "还没有节点记录。规划没有列节点；由责任部门填报后在这里出现。".to_owned(),
    });
    let mut notes = Vec::new();
    if count > MAX_ROWS {
        notes.push(format!("共 {count} 个，这里列前 {MAX_ROWS} 个；用筛选缩小范围，或下载 CSV 看全部。"));
    }
    Ok(Table {
        id: "milestone-list".into(),
        caption: "节点，未完成的在前，按计划日期".into(),
        columns,
        notes,
        empty,
        ..Table::default()
    }
    .with_rows(rows))
}

/// The last date of a kind that was said.
pub fn on(facts: &[MilestoneFact], kind: FactKind, missing: &str) -> Result<Cell> {
    match facts.iter().rev().find(|fact| fact.kind == kind.code()) {
        None => Ok(Cell::absent(missing)),
        Some(fact) => Ok(Cell::text(Precision::parse(&fact.precision)?.render(Day::from_raw(fact.happens_on)?))),
    }
}

/// A milestone's state in words and shape.
pub fn mark(state: State, as_of: Day) -> Mark {
    let days = |from: Day, to: Day| to.to_naive().signed_duration_since(from.to_naive()).num_days();
    match (state.planned_on, state.forecast_on, state.met_on) {
        (Some(planned), _, Some(met)) if met <= planned => Mark::new(MarkKind::Good, "按期完成"),
        (Some(planned), _, Some(met)) => Mark::new(MarkKind::Good, format!("已完成，晚 {} 天", days(planned, met))),
        (_, _, Some(_)) => Mark::new(MarkKind::Good, "已完成"),
        (Some(planned), _, None) if planned < as_of => {
            Mark::new(MarkKind::Caution, format!("到期未完成，已过 {} 天", days(planned, as_of)))
        }
        (Some(planned), Some(forecast), None) if forecast > planned => {
            Mark::new(MarkKind::Caution, format!("预计晚 {} 天", days(planned, forecast)))
        }
        (None, None, None) => Mark::new(MarkKind::Open, "未定日期"),
        _ => Mark::new(MarkKind::Open, "未到期"),
    }
}
