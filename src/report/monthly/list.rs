//! `/reports`: the month's reports, by department, with where each stands.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{check_sight, duty_mark, may_file, path};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::exchange::{self, Value};
use crate::money::Fen;
use crate::monthly::store::{self, Standing};
use crate::monthly::{Count, Duty, ReportVersion, State, due_on, duty};
use crate::period::Month;
use crate::project::{Attribute, ProjectState, store as registry};
use crate::report::asked::Asked;
use crate::report::frame::{Banner, Choice, FilterForm, Frame, KeyFigure, Link, Tone};
use crate::report::listing::MAX_ROWS;
use crate::report::projects::select;
use crate::report::table::{Cell, Column, Group, Kind, Row, Table};
use crate::rollup::list::{self, Order};

/// The context of `reports.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Reports {
    /// The surroundings.
    pub frame: Frame,
    /// 应报、已报、报送率、及时率; empty while nothing is due.
    pub key_figures: Vec<KeyFigure>,
    /// Filters.
    pub form: FilterForm,
    /// The months around this one.
    pub months: Vec<Choice>,
    /// Cautions.
    pub banners: Vec<Banner>,
    /// The reports.
    pub table: Table,
}

/// What the filter of states knows beside [`State::ALL`].
pub const STATES: [(&str, &str); 9] = [
    ("missing", "到期未报"),
    ("draft", "有草稿"),
    ("unreported", "未报送"),
    ("department_review", "待部门审核"),
    ("office_review", "待办公室复核"),
    ("returned", "已退回"),
    ("withdrawn", "已撤回"),
    ("approved", "已通过"),
    ("published", "已发布"),
];

/// The month that is asked for: the page's own unless another is named.
///
/// # Errors
/// For a text that is no month.
pub fn month_of(asked: &Asked) -> Result<Month> {
    asked.param("month").map_or_else(|| Ok(asked.as_of.month()), Month::parse)
}

/// A project and its report.
pub(super) struct Line {
    pub state: ProjectState,
    pub standing: Standing,
    pub duty: Duty,
    is_drafted: bool,
    version: Option<ReportVersion>,
}

/// Projects whose reports are looked at in one go.
const CHUNK: usize = 1_000;

/// The reports of the month that fit the page's filter by department, in order of registration.
pub(super) fn lines_of(conn: &mut AnyConnection, asked: &Asked, month: Month) -> Result<Vec<Line>> {
    check_sight(asked)?;
    let ids = list::ids(conn, asked.view_of(&asked.filter), Order::REGISTERED)?;
    let (as_of, seq) = (asked.as_of, asked.known.seq);
    let quarterly = store::is_quarterly(conn, as_of, seq)?;
    let drafted = if asked.is_whole { store::list_drafted(conn, month)? } else { Vec::new() };
    let mut lines = Vec::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        asked.deadline.check()?;
        let standings = store::standings(conn, ids, month, as_of, seq)?;
        let versions: Vec<i64> = standings.values().filter_map(|standing| standing.version).collect();
        let versions = store::list_versions_of(conn, &versions)?;
        let mut versions: BTreeMap<i64, ReportVersion> = versions.into_iter().map(|v| (v.project_id, v)).collect();
        for state in registry::list_states_of(conn, as_of, seq, ids)? {
            let id = state.project.id;
            let standing = standings.get(&id).copied().unwrap_or_default();
            let duty = duty::duty_of(&state, quarterly, month, standing.first_submitted_on, as_of);
            let lead = state.value(Attribute::LeadDepartment);
            let is_drafted = standing.state.is_open()
                && drafted.iter().any(|(project, department)| *project == id && department == lead);
            lines.push(Line { version: versions.remove(&id), state, standing, duty, is_drafted });
        }
    }
    Ok(lines)
}

fn fits(line: &Line, wanted: Option<&str>) -> bool {
    match wanted {
        None => true,
        Some("missing") => line.duty == Duty::Missing,
        Some("draft") => line.is_drafted,
        Some("unreported") => line.standing.state == State::Unreported && line.duty != Duty::NotDue,
        Some(word) => line.standing.state.word() == word,
    }
}

/// The page.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Reports> {
    let month = month_of(asked)?;
    let names = Names::load(conn)?;
    let lines = lines_of(conn, asked, month)?;
    let count = Count::of(lines.iter().map(|line| line.duty));
    let shown: Vec<&Line> = lines.iter().filter(|line| fits(line, asked.param("state"))).collect();
    let from = lines.iter().filter_map(|line| duty::reporting_from(&line.state)).min();
    let mut frame = Frame { formats: asked.formats(), ..asked.frame(&format!("月报 {month}"), "/reports") };
    if asked.reader.may(crate::auth::Action::ReadAll) {
        let month = month.to_string();
        frame.actions.push(Link::new("报送情况", asked.link("/reports/board", &[("month", &month)])));
    }
    if asked.reader.may(crate::auth::Action::FileReport) {
        frame.actions.push(Link::new("部门月表（一起填）", format!("/monthly?month={month}")));
    }
    Ok(Reports {
        frame,
        key_figures: key_figures(asked, &count),
        form: form(asked, &names, &lines, shown.len()),
        months: months(asked, month, from),
        banners: banners(asked, month, from.is_some(), &count),
        table: table(asked, &names, month, &shown),
    })
}

fn key_figures(asked: &Asked, count: &Count) -> Vec<KeyFigure> {
    let (Some(reported), Some(in_time)) = (count.reported_rate(), count.in_time_rate()) else { return Vec::new() };
    let figure = |label: &str, value: String, note: Option<String>, href: Option<String>| KeyFigure {
        label: label.into(),
        value,
        note,
        href,
    };
    let missing = (count.missing > 0).then(|| asked.with("state", Some("missing")));
    vec![
        figure("应报送", format!("{} 项", count.due), None, None),
        figure("已报送", format!("{} 项", count.reported), Some(format!("报送率 {}", reported.percent())), None),
        figure("及时报送", format!("{} 项", count.in_time), Some(format!("及时率 {}", in_time.percent())), None),
        figure("到期未报", format!("{} 项", count.missing), None, missing),
    ]
}

fn banners(asked: &Asked, month: Month, begun: bool, count: &Count) -> Vec<Banner> {
    let note = |text: String| Banner { tone: Tone::Note, text, link: None };
    if !begun {
        return vec![note("月报尚未启用：项目设了报送启用月以后，从那个月起要报。".into())];
    }
    if month.first_day() > asked.as_of {
        return vec![note(format!("{month} 还没有开始。"))];
    }
    match count.due {
        0 => vec![note(format!("{month} 没有要报的项目。"))],
        _ => vec![note(format!("{month} 的月报应于 {} 24:00 前报送；退回的仍算已报送。", due_on(month)))],
    }
}

/// This month, the two before and the one after: those that have begun, and no earlier than reports did.
fn months(asked: &Asked, month: Month, from: Option<Month>) -> Vec<Choice> {
    let around = [month.pred().pred(), month.pred(), month, month.succ()];
    let begun = around.into_iter().filter(|other| {
        let is_reported = from.is_some_and(|from| from <= *other) && other.first_day() <= asked.reader.last_day;
        is_reported || *other == month
    });
    begun
        .map(|other| Choice {
            label: other.to_string(),
            href: asked.with("month", Some(&other.to_string())),
            current: other == month,
        })
        .collect()
}

fn form(asked: &Asked, names: &Names, lines: &[Line], shown: usize) -> FilterForm {
    let mut departments: Vec<(String, String)> =
        names.departments.iter().map(|(code, name)| (code.clone(), name.clone())).collect();
    departments.sort();
    let states: Vec<(String, String)> =
        STATES.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned())).collect();
    let keep =
        asked.param("month").map(|month| crate::report::frame::Hidden { name: "month".into(), value: month.into() });
    FilterForm {
        action: asked.path.clone(),
        selects: vec![select(asked, "department", "责任部门", &departments), select(asked, "state", "状态", &states)],
        keep: asked.hidden().into_iter().chain(keep).collect(),
        applied: applied(asked, names),
        outcome: format!("{} 项中的 {shown} 项", lines.len()),
        ..FilterForm::default()
    }
}

fn applied(asked: &Asked, names: &Names) -> Vec<Link> {
    let department =
        asked.param("department").map(|code| Link::new(names.department(code), asked.with("department", None)));
    let state = asked.param("state").and_then(|word| {
        STATES.iter().find(|(known, _)| *known == word).map(|(_, label)| Link::new(*label, asked.with("state", None)))
    });
    department.into_iter().chain(state).collect()
}

fn columns(asked: &Asked) -> Vec<Column> {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    vec![
        column("项目", Kind::Name, true),
        column("状态", Kind::Status, true),
        column("报送", Kind::Status, true),
        column("首次报送", Kind::Date, false),
        Column { unit: Some(asked.unit.label().into()), ..column("本月完成投资", Kind::Number, false) },
        column("形象进度", Kind::Prose, false),
    ]
}

fn table(asked: &Asked, names: &Names, month: Month, shown: &[&Line]) -> Table {
    let sums = shown.iter().filter_map(|line| line.version.as_ref()).map(|v| Fen::new(v.completed_fen));
    let decimals = asked.unit.column_decimals(&sums.collect::<Vec<_>>());
    let mut groups: Vec<(String, Vec<Row>)> = Vec::new();
    for line in shown.iter().take(MAX_ROWS) {
        let lead = line.state.value(Attribute::LeadDepartment).to_owned();
        let row = row(asked, month, line, decimals);
        match groups.iter_mut().find(|(code, _)| *code == lead) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((lead, vec![row])),
        }
    }
    let groups: Vec<Group> = groups
        .into_iter()
        .map(|(lead, rows)| {
            let name = if lead.is_empty() { "责任部门待确认" } else { names.department(&lead) };
            let mut cells = vec![Cell::text(name).with_note(format!("{} 项", rows.len()))];
            cells.resize_with(columns(asked).len(), Cell::blank);
            Group { head: Some(Row::from(cells)), rows }
        })
        .collect();
    let notes = (shown.len() > MAX_ROWS)
        .then(|| format!("共 {} 项，这里列前 {MAX_ROWS} 项；用筛选缩小范围，或下载 CSV 看全部。", shown.len()));
    Table {
        id: "reports".into(),
        caption: format!("{month} 月报，按责任部门"),
        columns: columns(asked),
        empty: groups.is_empty().then(|| "没有符合条件的月报。".into()),
        groups,
        notes: notes.into_iter().collect(),
        ..Table::default()
    }
}

fn row(asked: &Asked, month: Month, line: &Line, decimals: u32) -> Row {
    let code = &line.state.project.code;
    let href = path(code, month);
    let name = Cell::link(line.state.value(Attribute::Name), href.clone()).with_note(code.as_str());
    let writes = may_file(asked, &line.state) && line.standing.state.is_open() && line.duty != Duty::NotDue;
    let own = asked.reader.actor.departments().iter().any(|code| code == line.state.value(Attribute::LeadDepartment));
    let word = if own { "填报" } else { "代报" };
    let name = if writes { name.with_more(Link::new(word, format!("{href}/edit"))) } else { name };
    let state = match line.is_drafted {
        true => Cell::mark(super::mark(line.standing.state)).with_note("有草稿"),
        false => Cell::mark(super::mark(line.standing.state)),
    };
    let on = line.standing.first_submitted_on;
    let version = line.version.as_ref().filter(|_| line.standing.version.is_some());
    Row::from(vec![
        name,
        if line.duty == Duty::NotDue && line.standing.state == State::Unreported {
            Cell::absent("不用报")
        } else {
            state
        },
        Cell::mark(duty_mark(line.duty)),
        on.map_or_else(|| Cell::absent("未报送"), |day| Cell::text(day.to_string())),
        match version {
            None => Cell::absent("未报送"),
            Some(version) if version.is_nothing != 0 => Cell::text("0").with_note("本月无投资"),
            Some(version) => Cell::text(asked.unit.render_with(Fen::new(version.completed_fen), decimals)),
        },
        match version.map(|version| version.progress.as_str()) {
            None => Cell::absent("未报送"),
            Some("") => Cell::absent("未填"),
            Some(progress) => Cell::text(progress.chars().take(80).collect::<String>()),
        },
    ])
}

/// The list as a file: all of it.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<exchange::Table> {
    let month = month_of(asked)?;
    let mut table = exchange::Table::new(&[
        ("project", "项目"),
        ("department", "责任部门"),
        ("month", "报告期"),
        ("state", "状态"),
        ("duty", "报送"),
        ("first_submitted_on", "首次报送"),
        ("completed", "本月完成投资"),
        ("nothing", "本月无投资"),
        ("percent", "形象进度（%）"),
        ("progress", "形象进度"),
    ]);
    for line in lines_of(conn, asked, month)?.iter().filter(|line| fits(line, asked.param("state"))) {
        let version = line.version.as_ref();
        table.rows.push(vec![
            Value::from(line.state.project.code.as_str()),
            Value::from(line.state.value(Attribute::LeadDepartment)),
            Value::Text(month.to_string()),
            Value::from(line.standing.state.word()),
            Value::from(line.duty.label()),
            line.standing.first_submitted_on.map_or(Value::Null, |day| Value::Text(day.to_string())),
            version.map_or(Value::Null, |version| Value::Money(Fen::new(version.completed_fen))),
            version.map_or(Value::Null, |version| Value::Number(version.is_nothing.into())),
            version.and_then(|version| version.percent).map_or(Value::Null, |percent| Value::Number(percent.into())),
            version.map_or(Value::Null, |version| Value::from(version.progress.as_str())),
        ]);
    }
    Ok(table)
}

/// Refuses a state that is none of [`STATES`].
///
/// # Errors
/// With the words that are.
pub fn check_params(asked: &Asked) -> Result<()> {
    month_of(asked)?;
    match asked.param("state") {
        Some(word) if !STATES.iter().any(|(known, _)| *known == word) => {
            let known = STATES.map(|(word, label)| format!("{word}（{label}）")).join("、");
            Err(Error::invalid("state", word, format!("可用 {known}")))
        }
        _ => Ok(()),
    }
}
