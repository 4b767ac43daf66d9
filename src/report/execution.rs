//! `/execution` 预算执行: the year's budget, what was received and paid of it by the end of a month, by system,
//! department, project or source, with what finance must look at first.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::asked::Asked;
use super::course::{self, Course};
use super::frame::{Banner, Choice, FilterForm, Frame, Hidden, KeyFigure, Link, SearchBox};
use super::lights::{in_order, mark};
use super::projects::select;
use super::section::Section;
use super::table::{Cell, Column, Kind, Row, Table};
use crate::auth::Action;
use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange::export::Names;
use crate::exchange::{self, execution as files};
use crate::execution::{Executed, Standing, Step, course as months_of, due, is_apart, month_over, store};
use crate::light::gap::Tau;
use crate::light::read::{self, Judged, View};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::Month;
use crate::project::{Attribute, NOT_FISCAL, ProjectState, store as registry};
use crate::rollup::list::{self, Order};
use crate::rollup::{Dimension, Figures, Filter, NONE};
use crate::subtotal::Sum;

/// The context of `execution.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Execution {
    /// The surroundings.
    pub frame: Frame,
    /// Which month, and how it is read.
    pub sentences: Vec<String>,
    /// Cautions.
    pub banners: Vec<Banner>,
    /// The whole.
    pub key_figures: Vec<KeyFigure>,
    /// Search and filters.
    pub form: FilterForm,
    /// Ways to group the rows.
    pub groupings: Vec<Choice>,
    /// What is to be looked at, then the rows, then what stands apart, then the months.
    pub tables: Vec<Table>,
    /// The year as a drawing; its table is the last.
    pub course: Option<Course>,
    /// How a figure is read.
    pub terms: Section,
}

/// What rows are; the first is the one without a parameter.
pub const BY: [(&str, &str); 4] =
    [("category", "体系"), ("department", "责任部门"), ("source", "资金来源"), ("project", "项目")];

/// Projects a page lists.
const SHOWN: usize = 500;
/// Exceptions a page lists before the rest.
const EXCEPTIONS: usize = 8;
/// Above so many projects the months are not laid side by side: each entry of the year is read for it.
const FEW: usize = 2_000;

/// The page's question at the end of the month it is about, and what it found.
struct Found {
    /// The same question at the month's last day.
    then: Asked,
    month: Month,
    view: View,
    /// The codes of fiscal sources, and of none.
    sources: Vec<String>,
    /// Judged by fiscal rates, the worst first.
    fiscal: Vec<(Standing, Judged)>,
    /// How many are built with enterprises' money.
    apart: usize,
}

/// The natures of projects that are judged by fiscal rates.
const FISCAL: [&str; 3] = ["government", "mixed", NONE];

impl Found {
    fn load(conn: &mut AnyConnection, asked: &Asked) -> Result<Found> {
        let month = month_over(asked.as_of);
        let then = asked.on(month.last_day());
        let view = View::at(conn, then.as_of, &then.known)?.seen_by(then.filter.hidden);
        let mut judged = read::all(conn, &view, &then.deadline)?;
        if !then.filter.is_empty() {
            let ids = list::ids(conn, then.view_of(&then.filter), Order::REGISTERED)?;
            let within: HashSet<i64> = ids.into_iter().collect();
            judged.retain(|one| within.contains(&one.id));
        }
        let all = judged.len();
        judged.retain(|one| !is_apart(&one.inputs));
        let apart = all - judged.len();
        let standing = |one: Judged| (Standing::of(&one.inputs, &view.params), one);
        let mut fiscal: Vec<(Standing, Judged)> = judged.into_iter().map(standing).collect();
        fiscal.sort_by_key(|(standing, one)| (standing.rank(), one.id));
        let sources = fiscal_codes(conn)?;
        Ok(Found { then, month, view, sources, fiscal, apart })
    }

    fn whole(&self) -> Result<Executed> {
        self.fiscal.iter().try_fold(Executed::default(), |sum, (_, one)| sum.plus(Executed::of(&one.inputs.moved)))
    }

    /// The entries of a measure of the year in some rows: of a project, or of all judged by fiscal rates.
    fn entries(&self, measure: Measure, rows: &[(&str, &str)]) -> String {
        let year = (self.month.raw() / 100).to_string();
        let given = |name: &str| rows.iter().any(|(own, _)| *own == name);
        let mut params: Vec<(&str, &str)> = rows.to_vec();
        params.extend(kept(&self.then).into_iter().filter(|(name, _)| !given(name)));
        if !given("project") {
            params.extend(FISCAL.map(|nature| ("nature", nature)));
        }
        if measure == Measure::Paid && !given("source") {
            params.extend(self.sources.iter().map(|code| ("source", code.as_str())));
        }
        params.extend([("measure", measure.key()), ("year", year.as_str())]);
        self.then.link("/entries", &params)
    }

    fn heading(&self, label: &str, kind: Kind, narrow: bool, unit: &str) -> Column {
        let note = format!("{} 年，至 {}", self.month.raw() / 100, self.month.last_day());
        let unit = (!unit.is_empty()).then(|| unit.to_owned());
        Column { label: label.into(), kind, narrow, unit, note: Some(note), ..Column::default() }
    }

    /// Budget, received, paid, 执行率 and gap.
    fn figure_columns(&self, is_narrow: bool) -> Vec<Column> {
        let unit = self.then.unit.label();
        vec![
            self.heading("年度财政预算", Kind::Number, false, unit),
            self.heading("到位资金", Kind::Number, false, unit),
            self.heading("支付（财政资金）", Kind::Number, is_narrow, unit),
            Column { label: "预算执行率".into(), kind: Kind::Number, narrow: true, ..Column::default() },
            Column {
                label: "序时差".into(),
                kind: Kind::Number,
                unit: Some("百分点".into()),
                narrow: true,
                ..Column::default()
            },
        ]
    }

    fn figure_cells(&self, of: &Executed, due: Tau, decimals: u32, rows: &[(&str, &str)]) -> Vec<Cell> {
        let asked = &self.then;
        let money = |amount: Option<Fen>, measure: Measure, why: &str| match amount {
            None => Cell::absent(why),
            Some(fen) => Cell::link(asked.unit.render_with(fen, decimals), self.entries(measure, rows)),
        };
        let mut cells = vec![
            money(of.budget, Measure::Budget, "未下达"),
            money(of.received, Measure::Received, "未填报"),
            money(of.paid, Measure::Paid, "未填报"),
        ];
        match of.gap(due) {
            None => cells.extend([Cell::absent("不适用"), Cell::absent("不适用")]),
            Some(gap) => {
                cells.extend([Cell::text(format!("{}%", gap.rate().unsigned(1))), Cell::text(gap.points().signed(&[]))])
            }
        }
        cells
    }

    /// The decimals that the money of a table needs.
    fn decimals<'e>(&self, all: impl Iterator<Item = &'e Executed>) -> u32 {
        let amounts: Vec<Fen> = all.flat_map(|one| [one.budget, one.received, one.paid]).flatten().collect();
        self.then.unit.column_decimals(&amounts)
    }
}

/// The codes of fiscal sources, and the word for none: what a link to fiscal payments is narrowed by.
pub(super) fn fiscal_codes(conn: &mut AnyConnection) -> Result<Vec<String>> {
    let codes = registry::list_sources(conn)?.into_iter().map(|source| source.code);
    Ok(codes.filter(|code| !NOT_FISCAL.contains(&code.as_str())).chain([NONE.to_owned()]).collect())
}

/// The page.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Execution> {
    let found = Found::load(conn, asked)?;
    let names = Names::load(conn)?;
    let by = asked.param("by").unwrap_or("category");
    let exceptions = found.fiscal.iter().filter(|(standing, _)| standing.is_exception()).count();
    let mut tables = Vec::new();
    if by == "project" {
        tables.push(projects(conn, &found, &names, "项目", SHOWN.min(found.fiscal.len()))?);
    } else {
        if exceptions > 0 {
            tables.push(projects(conn, &found, &names, "先看这些", EXCEPTIONS.min(exceptions))?);
        }
        tables.push(match by {
            "source" => sources(conn, &found, &names)?,
            _ => groups(&found, &names, by)?,
        });
    }
    tables.extend(apart(conn, &found)?);
    let steps = steps(conn, &found)?;
    let course = course::course(&found.then, &steps)?;
    tables.extend((!steps.is_empty()).then(|| months(&found, &steps)));
    let groupings = BY.iter().map(|(word, label)| Choice {
        label: (*label).into(),
        href: asked.with("by", (*word != "category").then_some(*word)),
        current: by == *word,
    });
    let mut frame = Frame { formats: asked.formats(), ..asked.frame("预算执行", "/execution") };
    if asked.reader.may(Action::ReadAll) {
        frame.actions.push(Link::new("对账", asked.link("/reconciliation", &[])));
        frame.actions.push(Link::new("财政结账", asked.link("/closes", &[])));
    }
    Ok(Execution {
        frame,
        sentences: vec![sentence(&found)],
        banners: Vec::new(),
        key_figures: key_figures(asked, &found, exceptions)?,
        form: form(conn, asked, format!("{} 项", found.fiscal.len() + found.apart))?,
        groupings: groupings.collect(),
        tables,
        course,
        terms: terms(),
    })
}

fn sentence(found: &Found) -> String {
    let month = found.month;
    format!(
        "{} 年，截至 {}（最近一个过完的月份，不看进行中的月份）；序时进度 {} 个月÷12＝{}%。",
        month.raw() / 100,
        month.last_day(),
        month.raw() % 100,
        due(month).percent().unsigned(1)
    )
}

fn key_figures(asked: &Asked, found: &Found, exceptions: usize) -> Result<Vec<KeyFigure>> {
    let whole = found.whole()?;
    let figure =
        |label: &str, value: String, href: Option<String>| KeyFigure { value, label: label.into(), note: None, href };
    let money = |label: &str, amount: Option<Fen>, measure: Measure| match amount {
        None => figure(label, "尚无记录".into(), None),
        Some(fen) => figure(label, asked.money_words(fen.get()), Some(found.entries(measure, &[]))),
    };
    let gap = whole.gap(due(found.month));
    let rate = gap.map_or_else(|| "不适用".into(), |gap| format!("{}%", gap.rate().unsigned(1)));
    let points = gap.map_or_else(|| "不适用".into(), |gap| format!("{} 个百分点", gap.points().signed(&[])));
    let way = (exceptions > 0).then(|| asked.with("by", Some("project")));
    Ok(vec![
        money("年度财政预算", whole.budget, Measure::Budget),
        money("支付（财政资金）", whole.paid, Measure::Paid),
        figure("预算执行率", rate, None),
        figure("序时差", points, None),
        figure("要先看的项目", format!("{exceptions} 项"), way),
    ])
}

/// The filters of projects that links keep.
fn kept(asked: &Asked) -> Vec<(&str, &str)> {
    let own = asked.params.iter().filter(|(name, _)| ["category", "department", "q"].contains(&name.as_str()));
    own.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The first so many projects, the worst first.
fn projects(conn: &mut AnyConnection, found: &Found, names: &Names, caption: &str, most: usize) -> Result<Table> {
    let asked = &found.then;
    let picked = found.fiscal.get(..most).unwrap_or_default();
    let ids: Vec<i64> = picked.iter().map(|(_, one)| one.id).collect();
    let shown = in_order(read::few(conn, &found.view, &ids)?, &ids);
    let executed: Vec<Executed> = picked.iter().map(|(_, one)| Executed::of(&one.inputs.moved)).collect();
    let decimals = found.decimals(executed.iter());
    let mut columns = vec![
        Column { label: "工程名称".into(), kind: Kind::Name, narrow: true, ..Column::default() },
        Column { label: "责任部门".into(), kind: Kind::Text, ..Column::default() },
    ];
    // A phone has room for a name and how far behind it is.
    columns.extend(found.figure_columns(false));
    columns.push(Column { label: "支付灯".into(), kind: Kind::Status, narrow: true, ..Column::default() });
    let rows = shown.iter().zip(picked).zip(&executed).map(|(((state, judged), (standing, _)), of)| {
        let code = state.project.code.as_str();
        let mut cells = vec![
            Cell::link(state.value(Attribute::Name), asked.link(&format!("/projects/{code}"), &[])).with_note(code),
            match state.value(Attribute::LeadDepartment) {
                "" => Cell::absent("待确认"),
                lead => Cell::link(names.department(lead), asked.link(&format!("/departments/{lead}"), &[])),
            },
        ];
        let due = judged.inputs.due(&found.view.params);
        cells.extend(found.figure_cells(of, due, decimals, &[("project", code)]));
        cells.push(match standing {
            Standing::Judged(light, _) => Cell::mark(mark(*light)),
            other => Cell::text(other.words()),
        });
        Row::from(cells)
    });
    let rows: Vec<Row> = rows.collect();
    let mut notes = Vec::new();
    let exceptions = found.fiscal.iter().filter(|(standing, _)| standing.is_exception()).count();
    if most == EXCEPTIONS && most < exceptions {
        notes.push(format!("要先看的共 {exceptions} 项，这里列前 {most} 项；按项目看全部。"));
    }
    if most < found.fiscal.len() && most == SHOWN {
        notes.push(format!("共 {} 项，这里列前 {most} 项；用筛选缩小范围，或下载 CSV 看全部。", found.fiscal.len()));
    }
    Ok(Table {
        id: "projects".into(),
        caption: format!("{caption}，异常的在前"),
        empty: rows.is_empty().then(|| "没有符合的项目。去掉一个条件再试。".into()),
        columns,
        notes,
        ..Table::default()
    }
    .with_rows(rows))
}

/// A row a system or a department, those furthest behind first.
fn groups(found: &Found, names: &Names, by: &str) -> Result<Table> {
    let mut sums: BTreeMap<&str, (Executed, usize)> = BTreeMap::new();
    for (standing, one) in &found.fiscal {
        let key = if by == "department" { one.department.as_str() } else { one.category.as_str() };
        let (sum, exceptions) = sums.entry(if key.is_empty() { NONE } else { key }).or_default();
        *sum = sum.plus(Executed::of(&one.inputs.moved))?;
        *exceptions += usize::from(standing.is_exception());
    }
    let mut sums: Vec<(&str, (Executed, usize))> = sums.into_iter().collect();
    let behind = |of: &Executed| of.gap(due(found.month)).map_or(i128::MAX, |gap| gap.points().millionths());
    sums.sort_by_key(|(_, (of, _))| behind(of));
    let label = BY.iter().find(|(word, _)| *word == by).map_or("", |(_, label)| label);
    let mut columns = vec![
        Column { label: label.into(), kind: Kind::Name, narrow: true, ..Column::default() },
        Column { label: "项目".into(), kind: Kind::Number, unit: Some("项".into()), ..Column::default() },
    ];
    columns.extend(found.figure_columns(true));
    columns.push(Column {
        label: "要先看的".into(), kind: Kind::Number, unit: Some("项".into()), ..Column::default()
    });
    let decimals = found.decimals(sums.iter().map(|(_, (of, _))| of));
    let asked = &found.then;
    let row = |head: Cell, key: Option<&str>, of: &Executed, exceptions: usize| {
        let own: Vec<(&str, &str)> = key.map(|key| (by, key)).into_iter().collect();
        let listed = [&own[..], &[("by", "project")]].concat();
        let mut cells = vec![head, Cell::link(of.projects.to_string(), asked.link("/execution", &listed))];
        cells.extend(found.figure_cells(of, due(found.month), decimals, &own));
        cells.push(match exceptions {
            0 => Cell::text("0"),
            n => Cell::link(n.to_string(), asked.link("/execution", &listed)),
        });
        Row::from(cells)
    };
    let rows: Vec<Row> = sums
        .iter()
        .map(|(key, (of, exceptions))| {
            let head = match (*key, by) {
                (NONE, _) => Cell::text("待确认"),
                (code, "department") => {
                    Cell::link(names.department(code), asked.link(&format!("/departments/{code}"), &[]))
                }
                (slug, _) => Cell::link(names.category(slug), asked.link(&format!("/categories/{slug}"), &[])),
            };
            row(head, Some(key), of, *exceptions)
        })
        .collect();
    let exceptions = sums.iter().map(|(_, (_, exceptions))| exceptions).sum();
    Ok(Table {
        id: "execution".into(),
        caption: format!("预算执行，按{label}，落后的在前"),
        empty: rows.is_empty().then(|| "没有符合的项目。去掉一个条件再试。".into()),
        total: Some(row(Cell::text("合计"), None, &found.whole()?, exceptions)),
        columns,
        ..Table::default()
    }
    .with_rows(rows))
}

fn amount(figures: &Figures, measure: Measure) -> Option<Fen> {
    let sum: Sum = figures.sum(measure);
    (sum.n > 0).then(|| Fen::new(sum.fen))
}

/// What was asked for of the projects judged by fiscal rates, or of those that stand apart.
fn filter(found: &Found, natures: &[&str]) -> Filter {
    Filter {
        year: vec![Some(found.month.raw() / 100)],
        nature: natures.iter().map(|nature| (*nature).to_owned()).collect(),
        ..found.then.filter.clone()
    }
}

/// A row a fiscal source. A budget is often issued without one.
fn sources(conn: &mut AnyConnection, found: &Found, names: &Names) -> Result<Table> {
    let mut filter = filter(found, &FISCAL);
    filter.source = found.sources.clone();
    let made = found.then.rollup(conn, &[Dimension::Source], &filter)?;
    let executed = |figures: &Figures| Executed {
        projects: 0,
        budget: amount(figures, Measure::Budget),
        received: amount(figures, Measure::Received),
        paid: amount(figures, Measure::Paid),
    };
    let mut columns =
        vec![Column { label: "资金来源".into(), kind: Kind::Name, narrow: true, ..Column::default() }];
    columns.extend(found.figure_columns(true));
    let all: Vec<(String, Executed)> = made
        .rows
        .iter()
        .map(|row| (row.keys.first().cloned().unwrap_or_default(), executed(&row.figures)))
        .filter(|(_, of)| *of != Executed::default())
        .collect();
    let decimals = found.decimals(all.iter().map(|(_, of)| of));
    let rows: Vec<Row> = all
        .iter()
        .map(|(code, of)| {
            let name =
                names.sources.values().find(|(known, _)| known == code).map_or("未落实", |(_, name)| name.as_str());
            let mut cells = vec![Cell::text(name).with_note(if code == NONE { "" } else { code.as_str() })];
            cells.extend(found.figure_cells(of, due(found.month), decimals, &[("source", code.as_str())]));
            Row::from(cells)
        })
        .collect();
    let codes: Vec<(&str, &str)> = found.sources.iter().map(|code| ("source", code.as_str())).collect();
    let mut total = vec![Cell::text("合计")];
    total.extend(found.figure_cells(&executed(&made.total), due(found.month), decimals, &codes));
    Ok(Table {
        id: "execution".into(),
        caption: "预算执行，按资金来源".into(),
        empty: rows.is_empty().then(|| "还没有财政资金的预算、到位和支付。".into()),
        total: Some(Row::from(total)),
        columns,
        ..Table::default()
    }
    .with_rows(rows))
}

/// Projects built with enterprises' money: what moved, without a fiscal rate.
fn apart(conn: &mut AnyConnection, found: &Found) -> Result<Option<Table>> {
    if found.apart == 0 {
        return Ok(None);
    }
    let asked = &found.then;
    let made = asked.rollup(conn, &[Dimension::Category], &filter(found, &["enterprise"]))?;
    let measures = [Measure::Plan, Measure::Received, Measure::Completed, Measure::Paid];
    let sums = made.rows.iter().flat_map(|row| measures.map(|measure| row.figures.sum(measure)));
    let decimals = asked.decimals(sums.chain(measures.map(|measure| made.total.sum(measure))));
    let year = (found.month.raw() / 100).to_string();
    let cells = |figures: &Figures, key: Option<&str>| {
        measures.map(|measure| {
            let mut params: Vec<(&str, &str)> = key.map(|key| ("category", key)).into_iter().collect();
            params.extend(kept(asked).into_iter().filter(|(name, _)| key.is_none() || *name != "category"));
            params.extend([("nature", "enterprise"), ("measure", measure.key()), ("year", year.as_str())]);
            asked.money_cell(figures.sum(measure), decimals, asked.link("/entries", &params), "尚无记录")
        })
    };
    let mut columns = vec![Column { label: "体系".into(), kind: Kind::Name, narrow: true, ..Column::default() }];
    columns.extend(
        measures
            .map(|measure| found.heading(measure.label(), Kind::Number, measure == Measure::Paid, asked.unit.label())),
    );
    let rows = made.rows.iter().filter(|row| row.figures.sums.iter().any(|sum| sum.n > 0)).map(|row| {
        let label = row.labels.first().map_or("", String::as_str);
        let mut all = vec![Cell::text(label)];
        all.extend(cells(&row.figures, row.keys.first().map(String::as_str)));
        Row::from(all)
    });
    let rows: Vec<Row> = rows.collect();
    let mut total = vec![Cell::text("合计")];
    total.extend(cells(&made.total, None));
    Ok(Some(
        Table {
            id: "apart".into(),
            caption: format!("投资性质为企业的 {} 项：不按财政资金的执行率评价", found.apart),
            empty: rows.is_empty().then(|| "这一年还没有它们的资金记录。".into()),
            total: (!rows.is_empty()).then(|| Row::from(total)),
            columns,
            ..Table::default()
        }
        .with_rows(rows),
    ))
}

/// The year month by month, as known now; nothing where nothing is recorded, or too much to read for it.
fn steps(conn: &mut AnyConnection, found: &Found) -> Result<Vec<Step>> {
    if found.fiscal.len() > FEW || found.whole()? == (Executed { projects: found.fiscal.len(), ..Executed::default() })
    {
        return Ok(Vec::new());
    }
    let within: HashSet<i64> = found.fiscal.iter().map(|(_, one)| one.id).collect();
    let mut moves = store::list_moves(conn, found.month, found.then.known.seq)?;
    moves.retain(|moved| within.contains(&moved.project));
    months_of(found.month, &moves)
}

/// The months as a table, with what was posted after each was closed.
fn months(found: &Found, steps: &[Step]) -> Table {
    let asked = &found.then;
    let decimals = found.decimals(steps.iter().map(|step| &step.executed));
    let money = |amount: Option<Fen>| match amount {
        None => Cell::absent("尚无记录"),
        Some(fen) => Cell::text(asked.unit.render_with(fen, decimals)),
    };
    let number = |label: &str, narrow: bool, unit: &str| Column {
        label: label.into(),
        kind: Kind::Number,
        narrow,
        unit: (!unit.is_empty()).then(|| unit.to_owned()),
        ..Column::default()
    };
    let unit = asked.unit.label();
    let columns = vec![
        Column { label: "截至".into(), kind: Kind::Date, narrow: true, ..Column::default() },
        number("年度财政预算", false, unit),
        number("累计到位", false, unit),
        number("累计支付（财政资金）", true, unit),
        number("其中结账后补记", false, unit),
        number("预算执行率", true, ""),
        number("序时进度", false, ""),
        number("序时差", true, "百分点"),
    ];
    let rows = steps.iter().map(|step: &Step| {
        let gap = step.executed.gap(due(step.month));
        let last = step.month.last_day().to_string();
        Row::from(vec![
            Cell::link(step.month.to_string(), asked.on(step.month.last_day()).link("/execution", &kept(asked)))
                .with_short(last.get(5..7).map_or_else(String::new, |month| format!("{month} 月"))),
            money(step.executed.budget),
            money(step.executed.received),
            money(step.executed.paid),
            match step.posted_later {
                Fen::ZERO => Cell::absent("没有"),
                fen => Cell::text(asked.unit.render_with(fen, decimals)),
            },
            gap.map_or_else(|| Cell::absent("不适用"), |gap| Cell::text(format!("{}%", gap.rate().unsigned(1)))),
            Cell::text(format!("{}%", due(step.month).percent().unsigned(1))),
            gap.map_or_else(|| Cell::absent("不适用"), |gap| Cell::text(gap.points().signed(&[]))),
        ])
    });
    Table { id: "months".into(), caption: "逐月，按现在知道的".into(), columns, ..Table::default() }
        .with_rows(rows.collect())
}

fn form(conn: &mut AnyConnection, asked: &Asked, outcome: String) -> Result<FilterForm> {
    let categories: Vec<(String, String)> =
        registry::list_categories(conn)?.into_iter().map(|category| (category.slug, category.name)).collect();
    let departments = asked.departments(conn)?;
    let mut keep = asked.hidden();
    keep.extend(asked.param("by").map(|value| Hidden { name: "by".into(), value: value.into() }));
    let narrowed = ["category", "department", "q"];
    Ok(FilterForm {
        action: "/execution".into(),
        search: Some(SearchBox::words(asked, "项目编号、名称、内容")),
        selects: vec![
            select(asked, "category", "体系", &categories),
            select(asked, "department", "责任部门", &departments),
        ],
        keep,
        applied: Vec::new(),
        reset: narrowed.iter().any(|name| asked.param(name).is_some()).then(|| asked.link("/execution", &[])),
        outcome,
    })
}

fn terms() -> Section {
    let sentences = [
        "预算执行率＝本年财政资金支付÷年度财政预算；合计按总额相除，不取各行比率的平均。",
        "财政资金支付不含企业自筹、贷款、社会资本和其他来源；没有写来源的先按财政资金算。［设］",
        "序时进度＝月份÷12；项目定了年度计划首末月的，项目一行按首末月算，体系、部门和合计仍按月份÷12。",
        "支付灯按亮灯规则 R4 判；支付大于到位的是数据错误，不亮灯。",
        "投资性质为企业的项目单列，不按财政资金的执行率评价；投资性质待确认的先在这里列。",
        "逐月的数按现在知道的算；结账以后补记的日期不变，单列在「其中结账后补记」，减去它就是结账时的数。",
    ];
    Section { sentences: sentences.map(str::to_owned).to_vec(), ..Section::new("terms", "怎么算的") }
}

/// Every project judged by fiscal rates, as a file: in the page's order.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<exchange::Table> {
    let found = Found::load(conn, asked)?;
    let names = Names::load(conn)?;
    let mut table = files::table();
    for picked in found.fiscal.chunks(1_000) {
        found.then.deadline.check()?;
        let ids: Vec<i64> = picked.iter().map(|(_, one)| one.id).collect();
        let shown: Vec<(ProjectState, Judged)> = in_order(read::few(conn, &found.view, &ids)?, &ids);
        let rows = shown.iter().zip(picked).map(|((state, judged), (standing, _))| {
            files::row(found.month, &found.view, &names, (state, judged), *standing)
        });
        table.rows.extend(rows);
    }
    Ok(table)
}
