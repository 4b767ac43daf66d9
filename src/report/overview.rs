//! `/`: what the plan asks for, in ten seconds and then in full.

use serde::Serialize;

use super::asked::Asked;
use super::chart::{self, BarInput, SpanInput, TimelineText, YearDay};
use super::chart::{BarChart, Timeline};
use super::frame::Tone;
use super::frame::{Banner, Frame, Headline, KeyFigure, Link};
use super::listing::{self, Layout, Listing, MAX_ROWS};
use super::table::Table;
use super::table::{Cell, Column, Group, Kind, Row};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::light::read::{self, View};
use crate::light::{Light, judged_month};
use crate::measure::Measure;
use crate::project::{Attribute, Hidden};
use crate::ratio::Ratio;
use crate::rollup::list::Order;
use crate::rollup::rows::ProjectRow;
use crate::rollup::{Dimension, Figures, Filter, NONE, Rollup, Sum};

/// The context of `overview.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// The surroundings.
    pub frame: Frame,
    /// The one figure of the plan.
    pub headline: Headline,
    /// What proves it.
    pub check: Check,
    /// The three or four figures a leader asks for next.
    pub key_figures: Vec<KeyFigure>,
    /// Cautions that hold for the whole page; among them 「32 项的体系、责任部门均为推定」.
    pub banners: Vec<Banner>,
    /// Share by system.
    pub share: BarChart,
    /// The projects under their systems.
    pub table: Table,
    /// Milestones by system; none while there is none.
    pub nodes: Option<Table>,
    /// How to see the demonstration, while nothing beyond the plan is recorded.
    pub first_run: Option<FirstRun>,
    /// The years of all projects.
    pub timeline: Timeline,
}

/// 「958,954 ＝ 32 行逐行相加，与附表总计一致 ✓ 查看证明」.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// The sentence.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// When and at which head it was checked, when it was not just now.
    pub run: Option<String>,
    /// The proofs.
    pub link: Link,
}

/// The card of a database that holds only the plan.
#[derive(Clone, Debug, Serialize)]
pub struct FirstRun {
    /// What is here and what is not.
    pub text: String,
    /// The command that serves the demonstration.
    pub command: String,
    /// What the command does and does not touch.
    pub note: String,
}

/// The sentence under every figure of the plan.
pub const CAVEAT: &str = "规划估算，含企业投资，不等于财政资金；规划未列年度计划和资金来源";

/// The overview at the page's day and instant.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Overview> {
    let by = [Dimension::Category];
    let all = asked.rollup(conn, &by, &asked.everything())?;
    let projects = usize::try_from(all.total.projects.unwrap_or(0)).unwrap_or(usize::MAX);
    if projects > MAX_ROWS {
        return build_large(conn, asked, &all);
    }
    let of_year = Filter { year: vec![Some(asked.as_of.year().get())], ..asked.everything() };
    let year = asked.rollup(conn, &by, &of_year)?;
    let listing = Listing::load(conn, asked, &asked.everything(), Order::REGISTERED)?;
    let whole = all.total.sum(Measure::Investment);
    let layout = Layout {
        id: "projects",
        caption: "重点工程，按体系分组",
        groups: Some((Dimension::Category, &all, &year)),
        total: (&all.total, &year.total),
        whole: (whole.fen > 0).then_some(whole),
        with_category: false,
        sorts: false,
    };
    let table = listing::table(asked, &listing, &layout);
    let frame = super::frame::Frame { formats: asked.formats(), ..asked.frame("总览", "/") };
    Ok(Overview {
        frame,
        headline: headline(asked, &all.total),
        check: check(conn, asked, &all.total)?,
        key_figures: key_figures(asked, &listing, whole),
        banners: inferred_banner(asked, &listing),
        share: share(asked, &all, whole),
        table,
        nodes: nodes(asked, &all),
        first_run: first_run(conn, asked, &all.total)?,
        timeline: timeline(asked, &listing, &all),
    })
}

fn headline(asked: &Asked, total: &Figures) -> Headline {
    let sum = total.sum(Measure::Investment);
    let also = (asked.unit != crate::money::Unit::Yi)
        .then(|| format!("约 {} 亿元", crate::money::Unit::Yi.render(crate::money::Fen::new(sum.fen))));
    Headline {
        label: format!("{} 项重点工程，规划投资额（估算）合计", total.projects.unwrap_or(0)),
        value: if sum.n == 0 { "—".into() } else { asked.money(sum.fen) },
        unit: asked.unit.label().into(),
        also,
        href: asked.link("/entries", &[("measure", "investment")]),
        caveat: CAVEAT.into(),
    }
}

/// The plan's own total beside the sum of its rows.
fn check(conn: &mut AnyConnection, asked: &Asked, total: &Figures) -> Result<Check> {
    let link = Link::new("查看证明", asked.link("/proof", &[]));
    let claims = crate::document::store::list_assertions(conn)?;
    let claim = claims.iter().find(|claim| claim.kind == "sum_fen");
    let plan = crate::ledger::store::sum_of_plan(conn, asked.as_of, asked.known.seq)?;
    let (text, holds) = match claim {
        Some(claim) if plan.n == 0 => {
            (format!("{}，附表总计 {}", asked.before_plan(), asked.money(claim.expected)), true)
        }
        Some(claim) if claim.expected == plan.fen => {
            (format!("{} ＝ {} 行逐行相加，与附表总计一致 ✓", asked.money(plan.fen), plan.n), true)
        }
        Some(claim) => (
            format!(
                "{} 行逐行相加为 {}，附表总计 {}，不一致",
                plan.n,
                asked.money(plan.fen),
                asked.money(claim.expected)
            ),
            false,
        ),
        None => (format!("{} 行逐行相加为 {}；规划没有写总计", plan.n, asked.money(plan.fen)), true),
    };
    let later = total.sum(Measure::Investment).fen.saturating_sub(plan.fen);
    let text = match later {
        // The plan's own claim is about all of it; an owner's total is of the own projects.
        _ if asked.filter.own.is_some() => format!("规划全部项目：{text}"),
        0 => text,
        later => format!("{text}；规划之后的文件另增减 {}", asked.money_words(later)),
    };
    Ok(Check { text, holds, run: None, link })
}

fn key_figures(asked: &Asked, listing: &Listing, whole: Sum) -> Vec<KeyFigure> {
    let investment = |row: &&ProjectRow| row.figures.sum(Measure::Investment).fen;
    let over: Vec<&ProjectRow> = listing.rows.iter().filter(|row| listing.is_term_over(row, asked.as_of)).collect();
    let mut figures = Vec::new();
    if !over.is_empty() {
        let ends: std::collections::BTreeSet<i32> =
            over.iter().filter_map(|row| row.state.year(Attribute::EndYear)).collect();
        let ends: Vec<String> = ends.iter().map(i32::to_string).collect();
        let params: Vec<(&str, &str)> = ends.iter().map(|year| ("end_year", year.as_str())).collect();
        figures.push(KeyFigure {
            value: format!("{} 项", over.len()),
            label: "规划年限已满，完成情况未填".into(),
            note: Some(asked.money_words(over.iter().map(investment).fold(0, i64::saturating_add))),
            href: Some(asked.link("/projects", &params)),
        });
    }
    let mut sizes: Vec<i64> = listing.rows.iter().map(|row| investment(&row)).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let top: i64 = sizes.iter().take(5).copied().fold(0, i64::saturating_add);
    if let Some(ratio) = Ratio::new(top, whole.fen).filter(|_| sizes.len() > 5) {
        figures.push(KeyFigure {
            value: ratio.percent(),
            label: "投资额最大的 5 项占".into(),
            note: Some(asked.money_words(top)),
            href: Some(asked.link("/projects", &[("sort", "-investment")])),
        });
    }
    figures.push(lights(asked, listing));
    figures
}

/// How many lights of each colour; before reports begin, that none shines.
fn lights(asked: &Asked, listing: &Listing) -> KeyFigure {
    // Of more projects than are shown, the page of lights counts.
    match (listing.lights().next(), listing.rows.len() == listing.count()) {
        (None, _) => KeyFigure {
            value: "尚未启用".into(),
            label: "月报".into(),
            note: Some("没有到期的月报，不亮灯".into()),
            href: None,
        },
        (Some(_), false) => elsewhere(asked),
        (Some(_), true) => counted(asked, listing),
    }
}

/// The way to the lights where there are too many to count on this page.
fn elsewhere(asked: &Asked) -> KeyFigure {
    let label = format!("{} 报告期亮灯", judged_month(asked.as_of));
    KeyFigure { value: "看亮灯页".into(), label, note: None, href: Some(asked.link("/lights", &[])) }
}

fn counted(asked: &Asked, listing: &Listing) -> KeyFigure {
    let count = |light: Light| listing.lights().filter(|own| *own == light).count();
    let told = |lights: &[Light]| -> Vec<String> {
        lights.iter().map(|light| format!("{} {}", light.label(), count(*light))).collect()
    };
    let others = Light::ALL.iter().map(|(light, ..)| *light);
    let others = others.filter(|light| ![Light::Red, Light::Yellow, Light::Green, Light::Grey].contains(light));
    let others: Vec<Light> = others.filter(|light| count(*light) > 0).collect();
    // With those whose reports have not begun, so that the counts add up to the projects.
    let dark = listing.rows.len() - listing.lights().count();
    let dark = (dark > 0).then(|| format!("{} {dark}", Light::Off.label()));
    let rest = told(&[Light::Green, Light::Grey]).into_iter().chain(told(&others)).chain(dark);
    KeyFigure {
        value: told(&[Light::Red, Light::Yellow]).join(" · "),
        note: Some(rest.collect::<Vec<_>>().join(" · ")),
        ..elsewhere(asked)
    }
}

/// One banner instead of a mark on every row.
pub fn inferred_banner(asked: &Asked, listing: &Listing) -> Vec<Banner> {
    let all = listing.whole.projects;
    let text = match (listing.whole.inferred_categories, listing.whole.inferred_departments) {
        (0, 0) => return Vec::new(),
        (a, b) if asked.filter.hidden != Hidden::NOTHING => hidden_words(asked.filter.hidden, all, a, b),
        (a, 0) => format!("{a} 项的体系为推定·待确认：附表没有这一列"),
        (0, b) => format!("{b} 项的责任部门为推定·待确认：附表没有这一列"),
        (a, b) if a == b && a == all => format!("{a} 项的体系、责任部门均为推定·待确认：附表没有这两列"),
        (a, b) if a == b => format!("{all} 项中 {a} 项的体系、责任部门为推定·待确认：附表没有这两列"),
        (a, b) => format!("{a} 项的体系、{b} 项的责任部门为推定·待确认：附表没有这两列"),
    };
    vec![Banner { tone: Tone::Note, text, link: Some(Link::new("推定的依据", asked.link("/data", &[]))) }]
}

/// The same for a reader from whom some of it is hidden.
fn hidden_words(hidden: Hidden, all: i64, categories: i64, departments: i64) -> String {
    let said = |label: &str, n: i64, is_hidden: bool| match (n, is_hidden) {
        (0, _) => None,
        (n, true) if n == all => Some(format!("{all} 项的{label}均待确认，确认前不公开")),
        (n, true) => Some(format!("{all} 项中 {n} 项的{label}待确认，确认前不公开")),
        (n, false) if n == all => Some(format!("{all} 项的{label}均为推定·待确认")),
        (n, false) => Some(format!("{all} 项中 {n} 项的{label}为推定·待确认")),
    };
    let words = [said("体系", categories, hidden.categories), said("责任部门", departments, hidden.departments)];
    format!("{}：附表没有这些列", words.into_iter().flatten().collect::<Vec<_>>().join("；"))
}

fn share(asked: &Asked, all: &Rollup, whole: Sum) -> BarChart {
    let inputs = all.rows.iter().filter_map(|row| {
        let sum = row.figures.sum(Measure::Investment);
        let slug = row.keys.first()?;
        let path = if slug == NONE { "/projects".to_owned() } else { format!("/categories/{slug}") };
        let href = if slug == NONE { asked.link(&path, &[("category", NONE)]) } else { asked.link(&path, &[]) };
        (sum.n > 0).then(|| BarInput {
            label: format!(
                "{}　{} 项",
                row.labels.first().map_or("", String::as_str),
                row.figures.projects.unwrap_or(0)
            ),
            value: asked.money(sum.fen),
            share: Ratio::new(sum.fen, whole.fen).map(Ratio::percent),
            size: sum.fen,
            href,
        })
    });
    let inputs: Vec<BarInput> = inputs.collect();
    let most = inputs.iter().max_by_key(|input| input.size).map_or_else(String::new, |input| {
        format!(
            "，{}最多，占 {}",
            input.label.split('　').next().unwrap_or_default(),
            input.share.clone().unwrap_or_default()
        )
    });
    let summary = format!("各体系的规划投资额（估算）及占比{most}");
    chart::bars("share", "各体系的规划投资额（估算）", &summary, asked.unit.label(), inputs)
}

fn timeline(asked: &Asked, listing: &Listing, all: &Rollup) -> Timeline {
    let groups = all.rows.iter().filter_map(|group| {
        let key = group.keys.first()?;
        let spans: Vec<SpanInput> = listing
            .rows
            .iter()
            .filter(|row| listing::group_key(row, Dimension::Category) == key)
            .filter_map(|row| {
                let (start, end) = (row.state.year(Attribute::StartYear)?, row.state.year(Attribute::EndYear)?);
                Some(SpanInput {
                    label: row.state.value(Attribute::Name).into(),
                    start: start.into(),
                    end: end.into(),
                    open: listing.is_term_over(row, asked.as_of),
                    href: asked.link(&format!("/projects/{}", row.state.project.code), &[]),
                })
            })
            .collect();
        (!spans.is_empty()).then(|| (group.labels.first().cloned().unwrap_or_default(), spans))
    });
    let groups: Vec<(String, Vec<SpanInput>)> = groups.collect();
    let open = listing.rows.iter().filter(|row| listing.is_term_over(row, asked.as_of)).count();
    let today = if asked.as_of >= asked.today() {
        format!("今天 {}", asked.as_of)
    } else {
        format!("截至 {}", asked.as_of)
    };
    let summary = format!("{} 项工程的规划年限；其中 {open} 项的年限已满而完成情况未填", listing.rows.len());
    let text = TimelineText {
        id: "years",
        title: "规划年限",
        summary: &summary,
        today: &today,
        twin: Link::new("重点工程表的「建设年限」列", "#projects"),
    };
    chart::timeline(text, YearDay::of(asked.as_of), groups)
}

/// Milestones by system: planned, due, met, late, each leading to its list.
fn nodes(asked: &Asked, all: &Rollup) -> Option<Table> {
    let total = all.total.milestones.filter(|total| *total != Default::default())?;
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let states = super::milestones::STATES;
    let columns = std::iter::once(column("体系", Kind::Name, true))
        .chain(states.iter().map(|(_, label)| column(label, Kind::Number, true)))
        .chain(std::iter::once(column("横道图", Kind::Text, false)));
    let cells = |head: Cell, counts: crate::rollup::Milestones, slug: Option<&str>| {
        let system: Vec<(&str, &str)> = slug.map(|slug| ("category", slug)).into_iter().collect();
        let values = [counts.planned, counts.due, counts.met, counts.late];
        let linked = states.iter().zip(values).map(|((state, _), value)| match value {
            0 => Cell::text("0"),
            value => {
                let params: Vec<(&str, &str)> = system.iter().copied().chain([("state", *state)]).collect();
                Cell::link(value.to_string(), asked.link("/milestones", &params))
            }
        });
        let bars: Vec<(&str, &str)> = system.iter().copied().chain([("show", "gantt")]).collect();
        let bars = Cell::link("看横道图", asked.link("/milestones", &bars));
        Row::from(std::iter::once(head).chain(linked).chain(std::iter::once(bars)).collect::<Vec<_>>())
    };
    let rows = all.rows.iter().map(|row| {
        let slug = row.keys.first().map_or(NONE, String::as_str);
        let name = row.labels.first().map_or("", String::as_str);
        let head = Cell::link(name, asked.link("/milestones", &[("category", slug)]));
        cells(head, row.figures.milestones.unwrap_or_default(), Some(slug))
    });
    let table = Table {
        id: "nodes".into(),
        caption: "节点，按体系".into(),
        columns: columns.collect(),
        total: Some(cells(Cell::text("合计"), total, None)),
        ..Table::default()
    };
    Some(table.with_rows(rows.collect()))
}

fn first_run(conn: &mut AnyConnection, asked: &Asked, total: &Figures) -> Result<Option<FirstRun>> {
    if asked.site.demo || crate::ledger::store::has_beyond_plan(conn, asked.latest.seq)? {
        return Ok(None);
    }
    let indicators = crate::indicator::store::list(conn, asked.latest.seq)?;
    let indicators: std::collections::BTreeSet<i32> = indicators.iter().map(|row| row.indicator_no).collect();
    Ok(Some(FirstRun {
        text: format!(
            "本库目前只有规划原文：{} 项重点工程、{} 项指标，没有进度和资金记录。看一个填满数据的样例月：",
            total.projects.unwrap_or(0),
            indicators.len()
        ),
        command: "cargo run --release -- serve --demo --listen 127.0.0.1:8081".into(),
        note: "另建数据库，不影响本库。".into(),
    }))
}

/// Above 500 projects: the systems, the ten largest of each, and a link to the rest.
fn build_large(conn: &mut AnyConnection, asked: &Asked, all: &Rollup) -> Result<Overview> {
    let whole = all.total.sum(Measure::Investment);
    let money =
        |measure| asked.decimals(all.rows.iter().map(|row| row.figures.sum(measure)).chain([all.total.sum(measure)]));
    let shown = [Measure::Investment, Measure::Completed, Measure::Paid].map(|measure| (measure, money(measure)));
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let unit = || Some(asked.unit.label().to_owned());
    let mut columns = vec![column("体系／工程", Kind::Name, true), column("项目数", Kind::Number, false)];
    columns.extend(shown.map(|(measure, _)| Column {
        unit: unit(),
        note: Some("累计".into()),
        ..column(measure.label(), Kind::Number, measure == Measure::Investment)
    }));
    let cells = |figures: &Figures, params: &[(&str, &str)]| {
        shown
            .map(|(measure, decimals)| {
                let params: Vec<(&str, &str)> = params.iter().copied().chain([("measure", measure.key())]).collect();
                asked.money_cell(figures.sum(measure), decimals, asked.link("/entries", &params), "尚无记录")
            })
            .to_vec()
    };
    let mut groups = Vec::new();
    for row in &all.rows {
        let slug = row.keys.first().map_or(NONE, String::as_str);
        let name = row.labels.first().map_or("", String::as_str);
        let mut head = vec![
            Cell::link(name, asked.link("/projects", &[("category", slug)])),
            Cell::text(row.figures.projects.unwrap_or(0).to_string()),
        ];
        head.extend(cells(&row.figures, &[("category", slug)]));
        let mut rows = Vec::new();
        if asked.is_whole && asked.filter.own.is_none() {
            for (code, name, figures) in crate::rollup::rows::largest(conn, asked.filter.hidden, slug, 10)? {
                let mut row = vec![Cell::link(name, asked.link(&format!("/projects/{code}"), &[])), Cell::blank()];
                row.extend(cells(&figures, &[("project", &code)]));
                rows.push(Row::from(row));
            }
        }
        groups.push(Group { head: Some(Row::from(head)), rows });
    }
    let mut total = vec![Cell::text("合计"), Cell::text(all.total.projects.unwrap_or(0).to_string())];
    total.extend(cells(&all.total, &[]));
    let note = if asked.filter.own.is_some() {
        "只列体系；本部门的全部项目见「项目」页。"
    } else if asked.is_whole {
        "每个体系列投资额最大的 10 项；全部项目见「项目」页。"
    } else {
        "历史时点只列体系；回到最新可看每个体系最大的 10 项。"
    };
    let table = Table {
        id: "projects".into(),
        caption: "重点工程，按体系".into(),
        columns,
        groups,
        total: Some(Row::from(total)),
        notes: vec![note.into()],
        ..Table::default()
    };
    let text = TimelineText {
        id: "years",
        title: "规划年限",
        summary: "",
        today: "",
        twin: Link::new("项目", asked.link("/projects", &[])),
    };
    let view = View::at(conn, asked.as_of, &asked.known)?;
    let lights = read::is_enabled(conn, &view)?.then(|| elsewhere(asked));
    let none = YearDay { year: i64::from(asked.as_of.year().get()), day: 1, days: 365 };
    Ok(Overview {
        frame: asked.frame("总览", "/"),
        headline: headline(asked, &all.total),
        check: check(conn, asked, &all.total)?,
        key_figures: lights.into_iter().collect(),
        banners: Vec::new(),
        share: share(asked, all, whole),
        table,
        nodes: nodes(asked, all),
        first_run: None,
        timeline: chart::timeline(text, none, Vec::new()),
    })
}
