//! `/execution` 预算执行: the year's budget, what was received and paid of it by the end of a month, by system,
//! department, project or source, with what finance must look at first.

pub mod course;
mod tables;

use std::collections::HashSet;

use serde::Serialize;

use course::Course;

use super::asked::Asked;
use super::frame::{Choice, FilterForm, Frame, Hidden, KeyFigure, Link, SearchBox};
use super::lights::in_order;
use super::projects::select;
use super::section::Section;
use super::table::Table;
use crate::auth::Action;
use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange::export::Names;
use crate::exchange::{self, execution as files};
use crate::execution::{Executed, Standing, Step, course as months_of, due, is_apart, month_over, store};
use crate::light::read::{self, Judged, View};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::Month;
use crate::project::{ProjectState, store as registry};
use crate::rollup::NONE;
use crate::rollup::list::{self, Order};

/// The context of `execution.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Execution {
    /// The surroundings.
    pub frame: Frame,
    /// Which month, and how it is read.
    pub sentences: Vec<String>,
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
        let sources = registry::list_fiscal_codes(conn)?.into_iter().chain([NONE.to_owned()]).collect();
        Ok(Found { then, month, view, sources, fiscal, apart })
    }

    fn whole(&self) -> Result<Executed> {
        self.fiscal.iter().try_fold(Executed::default(), |sum, (_, one)| sum.plus(Executed::of(&one.inputs.moved)))
    }

    /// The entries of a measure of the year in some rows: of a project, or of all judged by fiscal rates.
    fn entries(&self, measure: Measure, rows: &[(&str, &str)]) -> String {
        self.entries_on(&self.then, measure, rows)
    }

    /// The same at another day.
    fn entries_on(&self, then: &Asked, measure: Measure, rows: &[(&str, &str)]) -> String {
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
        then.link("/entries", &params)
    }
}

/// The page.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Execution> {
    let found = Found::load(conn, asked)?;
    let names = Names::load(conn)?;
    let by = asked.param("by").unwrap_or("category");
    let exceptions = found.fiscal.iter().filter(|(standing, _)| standing.is_exception()).count();
    let mut shown = Vec::new();
    if by == "project" {
        shown.push(tables::projects(conn, &found, &names, "项目", SHOWN.min(found.fiscal.len()))?);
    } else {
        if exceptions > 0 {
            shown.push(tables::projects(conn, &found, &names, "先看这些", EXCEPTIONS.min(exceptions))?);
        }
        shown.push(match by {
            "source" => tables::sources(conn, &found, &names)?,
            _ => tables::groups(&found, &names, by)?,
        });
    }
    shown.extend(tables::apart(conn, &found)?);
    let steps = steps(conn, &found)?;
    let course = course::course(&found.then, &steps)?;
    shown.extend((!steps.is_empty()).then(|| tables::months(&found, &steps)));
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
        key_figures: key_figures(asked, &found, exceptions)?,
        form: form(conn, asked, format!("{} 项", found.fiscal.len() + found.apart))?,
        groupings: groupings.collect(),
        tables: shown,
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

/// The year month by month, as known now; nothing where nothing is recorded, or too much to read for it.
fn steps(conn: &mut AnyConnection, found: &Found) -> Result<Vec<Step>> {
    if found.fiscal.len() > FEW || found.whole()?.is_nothing() {
        return Ok(Vec::new());
    }
    let within: HashSet<i64> = found.fiscal.iter().map(|(_, one)| one.id).collect();
    let mut moves = store::list_moves(conn, found.month, found.then.known.seq)?;
    moves.retain(|moved| within.contains(&moved.project));
    months_of(found.month, &moves)
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
        "逐月的数按现在知道的算；月份结账以后补记的支付日期不变，单列在「其中后来补记」，减去它就是结账时的累计支付。",
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
