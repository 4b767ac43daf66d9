//! `/milestones`: what is planned, forecast and met, as a list; see also [`super::portfolio`] and [`super::slips`].

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Banner, Choice, FilterForm, Frame, KeyFigure};
use super::frame::{Hidden, SearchBox};
use super::listing::MAX_ROWS;
use super::projects::select;
use super::table::Table;
use super::table::{Cell, Column, Kind, Mark, MarkKind, Row};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange::export::Names;
use crate::exchange::{self, Value};
use crate::measure::Counter;
use crate::milestone::{self, FactKind, Milestone, MilestoneFact, State, slip, state_at};
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
    /// List, bars, slip ledger.
    pub shows: Vec<Choice>,
    /// The milestones.
    pub table: Table,
}

/// The states of the filter.
pub const STATES: [(&str, &str); 4] =
    [("planned", "有计划"), ("due", "已到期"), ("met", "已完成"), ("late", "到期未完成")];

/// The windows of planned days that can be asked for.
pub const DUE: [(&str, &str); 4] =
    [("month", "本月应完成"), ("next_month", "下月应完成"), ("quarter", "本季度应完成"), ("year", "本年应完成")];

/// The ways to show milestones; the first is the page without a parameter.
pub const SHOWS: [(&str, &str); 3] = [("list", "列表"), ("gantt", "横道图"), ("slips", "变动台账")];

/// Whether a planned day falls within a window of [`DUE`], seen from a day.
pub fn is_due_in(window: &str, planned: Day, as_of: Day) -> bool {
    let quarter = |day: Day| (day.raw() / 100 % 100 - 1) / 3;
    match window {
        "month" => planned.month() == as_of.month(),
        "next_month" => planned.month() == as_of.month().succ(),
        "quarter" => planned.year() == as_of.year() && quarter(planned) == quarter(as_of),
        _ => planned.year() == as_of.year(),
    }
}

/// A milestone of the list: where it stands in the order, and where it is found.
pub(super) struct Item {
    order: (bool, Option<Day>),
    /// The project's id.
    pub project: i64,
    /// The milestone's id.
    pub milestone: i64,
}

/// A milestone as it is shown.
pub(super) struct Shown {
    /// Its project.
    pub project: ProjectState,
    /// The milestone.
    pub milestone: Milestone,
    /// Everything said of it.
    pub facts: Vec<MilestoneFact>,
    /// What stands.
    pub state: State,
}

/// The list at the page's day and instant.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Milestones> {
    let items = items(conn, asked)?;
    let shown = load(conn, asked, items.get(..MAX_ROWS.min(items.len())).unwrap_or_default())?;
    let names = Names::load(conn)?;
    let table = table(asked, &names, &shown, items.len())?;
    page(conn, asked, format!("{} 个节点", items.len()), table)
}

/// A page of milestones around a table.
pub(super) fn page(conn: &mut AnyConnection, asked: &Asked, outcome: String, table: Table) -> Result<Milestones> {
    let frame = Frame { formats: asked.formats(), ..asked.frame("节点", "/milestones") };
    Ok(Milestones {
        frame,
        form: form(conn, asked, outcome)?,
        key_figures: key_figures(conn, asked)?,
        banners: Vec::new(),
        shows: shows(asked),
        table,
    })
}

/// Planned, due, met, late, each leading to its list.
pub(super) fn key_figures(conn: &mut AnyConnection, asked: &Asked) -> Result<Vec<KeyFigure>> {
    let total = asked.rollup(conn, &[], &asked.everything())?.total.milestones.unwrap_or_default();
    if total == Default::default() {
        return Ok(Vec::new());
    }
    let counts = [total.planned, total.due, total.met, total.late];
    let figures = STATES.iter().zip(counts).map(|((state, label), value)| KeyFigure {
        value: format!("{value} 个"),
        label: (*label).into(),
        note: None,
        href: Some(asked.link("/milestones", &[("state", state)])),
    });
    Ok(figures.collect())
}

/// The ways to show what is asked for, with its filters kept.
pub(super) fn shows(asked: &Asked) -> Vec<Choice> {
    let current = asked.param("show").unwrap_or("list");
    let choice = |(word, label): &(&str, &str)| Choice {
        label: (*label).into(),
        href: asked.with("show", (*word != "list").then_some(*word)),
        current: *word == current,
    };
    SHOWS.iter().map(choice).collect()
}

/// Search and filters, the same whichever way milestones are shown.
pub(super) fn form(conn: &mut AnyConnection, asked: &Asked, outcome: String) -> Result<FilterForm> {
    let categories: Vec<(String, String)> =
        registry::list_categories(conn)?.into_iter().map(|c| (c.slug, c.name)).collect();
    let departments = asked.departments(conn)?;
    let words = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned())).collect()
    };
    let mut keep = asked.hidden();
    keep.extend(
        ["show", "group"]
            .iter()
            .filter_map(|name| asked.param(name).map(|value| Hidden { name: (*name).into(), value: value.into() })),
    );
    Ok(FilterForm {
        action: "/milestones".into(),
        search: Some(SearchBox::words(asked, "项目编号、名称、内容")),
        selects: vec![
            select(asked, "category", "体系", &categories),
            select(asked, "department", "责任部门", &departments),
            select(asked, "state", "状态", &words(&STATES)),
            select(asked, "due", "计划日期", &words(&DUE)),
        ],
        keep,
        applied: Vec::new(),
        reset: is_filtered(asked).then(|| {
            let kept: Vec<(&str, &str)> =
                ["show", "group"].iter().filter_map(|name| Some((*name, asked.param(name)?))).collect();
            asked.link("/milestones", &kept)
        }),
        outcome,
    })
}

/// Whether anything narrows the list.
pub(super) fn is_filtered(asked: &Asked) -> bool {
    ["category", "department", "q", "state", "due"].iter().any(|name| asked.param(name).is_some())
}

/// What is said where nothing is listed.
pub(super) fn nothing(asked: &Asked) -> String {
    match is_filtered(asked) {
        true => "没有符合的节点。去掉一个条件再试。".into(),
        false => "还没有节点记录。规划没有列节点；由责任部门填报后在这里出现。".into(),
    }
}

/// The list as a file: a row for each milestone, in the page's order, all of them.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<exchange::Table> {
    let names = Names::load(conn)?;
    let mut table = exchange::Table::new(&[
        ("project", "项目"),
        ("project_name", "工程名称"),
        ("milestone", "节点"),
        ("name", "名称"),
        ("lead_department_name", "责任部门"),
        ("department_status", "责任部门状态"),
        ("planned", "计划"),
        ("forecast", "预计"),
        ("met", "实际"),
        ("days_after_first_plan", "较首次计划（天）"),
        ("state", "状态"),
    ]);
    for items in items(conn, asked)?.chunks(MAX_ROWS) {
        asked.deadline.check()?;
        for item in load(conn, asked, items)? {
            table.rows.push(export_row(asked, &names, &item)?);
        }
    }
    Ok(table)
}

fn export_row(asked: &Asked, names: &Names, item: &Shown) -> Result<Vec<Value>> {
    let date = |kind| -> Result<Value> {
        let fact = last_of(&item.facts, kind);
        let written = fact.map(|fact| {
            Ok::<_, crate::error::Error>(Precision::parse(&fact.precision)?.written(Day::from_raw(fact.happens_on)?))
        });
        Ok(written.transpose()?.map_or(Value::Null, Value::Text))
    };
    let department = item.project.value(Attribute::LeadDepartment);
    let status = item.project.facts.get(&Attribute::LeadDepartment).map_or("", |standing| standing.status.word());
    Ok(vec![
        Value::Text(item.project.project.code.clone()),
        Value::from(item.project.value(Attribute::Name)),
        Value::from(item.milestone.code.as_str()),
        Value::from(item.milestone.name.as_str()),
        Value::from(names.department(department)),
        Value::from(status),
        date(FactKind::Plan)?,
        date(FactKind::Forecast)?,
        if item.state.met_on.is_some() { date(FactKind::Met)? } else { Value::Null },
        Value::from(slipped(&item.facts)?),
        Value::Text(mark(item.state, asked.as_of).text),
    ])
}

/// Days from the first plan to what was said last.
fn slipped(facts: &[MilestoneFact]) -> Result<Option<i64>> {
    let said = slip::ledger(facts)?;
    let met = said.iter().rev().find(|(slip, _)| slip.kind == FactKind::Met);
    Ok(met.or(said.last()).and_then(|(slip, _)| slip.against_first))
}

/// Projects whose milestones are read at once.
const CHUNK: i64 = 2_000;

/// The milestones of the list in its order. Of each only what it is sorted by is kept.
pub(super) fn items(conn: &mut AnyConnection, asked: &Asked) -> Result<Vec<Item>> {
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
            let due = asked
                .param("due")
                .is_none_or(|window| state.planned_on.is_some_and(|planned| is_due_in(window, planned, asked.as_of)));
            if fits && due {
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
pub(super) fn load(conn: &mut AnyConnection, asked: &Asked, items: &[Item]) -> Result<Vec<Shown>> {
    let mut projects: Vec<i64> = items.iter().map(|item| item.project).collect();
    projects.sort_unstable();
    projects.dedup();
    let states: HashMap<i64, ProjectState> = registry::list_states_of(conn, asked.as_of, asked.known.seq, &projects)?
        .into_iter()
        .map(|state| (state.project.id, asked.filter.hidden.shown(state)))
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

fn table(asked: &Asked, names: &Names, shown: &[Shown], count: usize) -> Result<Table> {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("节点", Kind::Name, true),
        column("项目", Kind::Text, true),
        column("责任部门", Kind::Text, false),
        column("计划", Kind::Date, true),
        column("预计", Kind::Date, false),
        column("实际", Kind::Date, false),
        Column { unit: Some("天".into()), ..column("较首次计划", Kind::Number, false) },
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
            slip_cell(slipped(&item.facts)?),
            Cell::mark(mark(item.state, asked.as_of)),
        ]));
    }
    let empty = rows.is_empty().then(|| nothing(asked));
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

/// Days of slip: 「+31」 is later, 「−5」 earlier.
pub(super) fn slip_cell(days: Option<i64>) -> Cell {
    match days {
        None => Cell::absent("不适用"),
        Some(0) => Cell::text("0"),
        Some(late) if late > 0 => Cell::text(format!("+{late}")),
        Some(early) => Cell::text(format!("−{}", early.saturating_neg())),
    }
}

fn last_of(facts: &[MilestoneFact], kind: FactKind) -> Option<&MilestoneFact> {
    facts.iter().rev().find(|fact| fact.kind == kind.code())
}

/// The last date of a kind that was said.
pub fn on(facts: &[MilestoneFact], kind: FactKind, missing: &str) -> Result<Cell> {
    match last_of(facts, kind) {
        None => Ok(Cell::absent(missing)),
        Some(fact) => Ok(Cell::text(Precision::parse(&fact.precision)?.render(Day::from_raw(fact.happens_on)?))),
    }
}

/// A milestone's state in words and shape.
pub fn mark(state: State, as_of: Day) -> Mark {
    let briefly = |mark: Mark, short: String| Mark { short: Some(short), ..mark };
    match (state.planned_on, state.forecast_on, state.met_on) {
        (Some(planned), _, Some(met)) if met <= planned => Mark::new(MarkKind::Good, "按期完成"),
        (Some(planned), _, Some(met)) => {
            let late = slip::days(planned, met);
            briefly(Mark::new(MarkKind::Good, format!("已完成，晚 {late} 天")), format!("晚 {late} 天"))
        }
        (_, _, Some(_)) => Mark::new(MarkKind::Good, "已完成"),
        (Some(planned), _, None) if planned < as_of => {
            let past = slip::days(planned, as_of);
            briefly(Mark::new(MarkKind::Caution, format!("到期未完成，已过 {past} 天")), format!("过 {past} 天"))
        }
        (Some(planned), Some(forecast), None) if forecast > planned => {
            let late = slip::days(planned, forecast);
            briefly(Mark::new(MarkKind::Caution, format!("预计晚 {late} 天")), format!("预计晚 {late} 天"))
        }
        (None, None, None) => Mark::new(MarkKind::Open, "未定日期"),
        _ => Mark::new(MarkKind::Open, "未到期"),
    }
}
