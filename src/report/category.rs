//! `/categories/{slug}`: one system (体系) and its projects.

use serde::Serialize;

use super::asked::Asked;
use super::chart::BarChart;
use super::chart::{self, BarInput};
use super::frame::Link;
use super::frame::Tone;
use super::frame::{Banner, Choice, Frame, Headline, KeyFigure};
use super::listing::{self, Layout, Listing};
use super::table::Table;
use super::table::{Cell, Column, Kind, Row};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::project::{Attribute, store};
use crate::ratio::Ratio;
use crate::rollup::list::Order;
use crate::rollup::{Filter, Sum};

/// The context of `category.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Category {
    /// The surroundings.
    pub frame: Frame,
    /// The system's name.
    pub name: String,
    /// All systems, this one current.
    pub siblings: Vec<Choice>,
    /// What its projects add up to.
    pub headline: Headline,
    /// Further figures.
    pub key_figures: Vec<KeyFigure>,
    /// Cautions: its membership is inferred.
    pub banners: Vec<Banner>,
    /// Its projects by size.
    pub sizes: BarChart,
    /// Its projects.
    pub table: Table,
    /// Why each project is counted here: code, name, confidence, reasoning.
    pub basis: Table,
}

/// A system's page.
pub fn build(conn: &mut AnyConnection, asked: &Asked, slug: &str) -> Result<Category> {
    let systems = store::list_categories(conn)?;
    let slugs =
        systems.iter().map(|system| format!("{}（{}）", system.slug, system.name)).collect::<Vec<_>>().join("、");
    let found = systems.iter().find(|system| system.slug == slug);
    let name = found
        .map(|system| system.name.clone())
        .ok_or_else(|| Error::not_found("体系", slug, &format!("可用 {slugs}")))?;
    let filter = Filter { category: vec![slug.to_owned()], ..asked.everything() };
    let listing = Listing::load(conn, asked, &filter, Order::REGISTERED)?;
    let whole = asked.rollup(conn, &[], &asked.everything())?.total.sum(Measure::Investment);
    let siblings = systems.iter().map(|system| Choice {
        label: system.name.clone(),
        href: asked.link(&format!("/categories/{}", system.slug), &[]),
        current: system.slug == slug,
    });
    let mut frame = Frame { formats: asked.formats(), ..asked.frame(&name, "/projects") };
    frame.crumbs.push(Link::new("体系", asked.link("/", &[]) + "#projects"));
    let inferred = listing.whole.inferred_categories;
    let banner = Banner {
        tone: Tone::Note,
        text: format!("{inferred} 项归入本体系为推定·待确认：附表没有体系一列"),
        link: Some(Link::new("依据", "#reasons")),
    };
    let own = own(conn, asked, &listing, &filter, "本体系的项目")?;
    Ok(Category {
        siblings: siblings.collect(),
        headline: headline(
            asked,
            &own.total,
            whole,
            &format!("{} 项，规划投资额（估算）合计", listing.count()),
            &[("category", slug)],
        ),
        key_figures: term_over(asked, &listing, ("category", slug)),
        banners: if inferred > 0 { vec![banner] } else { Vec::new() },
        sizes: sizes(asked, &listing, own.total),
        table: own.table,
        basis: basis(asked, &listing),
        name,
        frame,
    })
}

/// The projects of a page and what they add up to.
pub(super) struct Own {
    pub(super) table: Table,
    pub(super) total: Sum,
}

pub(super) fn own(
    conn: &mut AnyConnection,
    asked: &Asked,
    listing: &Listing,
    filter: &Filter,
    caption: &str,
) -> Result<Own> {
    let of_year = Filter { year: vec![Some(asked.as_of.year().get())], ..filter.clone() };
    let all = asked.rollup(conn, &[], filter)?.total;
    let year = asked.rollup(conn, &[], &of_year)?.total;
    let total = all.sum(Measure::Investment);
    let layout = Layout {
        id: "projects",
        caption,
        groups: None,
        total: (&all, &year),
        whole: (total.fen > 0).then_some(total),
        with_category: false,
        sorts: false,
    };
    let mut table = listing::table(asked, listing, &layout);
    if listing.rows.is_empty() {
        table.empty = Some("这一时点没有项目。".into());
    }
    Ok(Own { table, total })
}

pub(super) fn headline(asked: &Asked, sum: &Sum, whole: Sum, label: &str, params: &[(&str, &str)]) -> Headline {
    let params: Vec<(&str, &str)> = params.iter().copied().chain([("measure", "investment")]).collect();
    Headline {
        label: label.into(),
        value: if sum.n == 0 { "—".into() } else { asked.money(sum.fen) },
        unit: asked.unit.label().into(),
        also: Ratio::new(sum.fen, whole.fen).filter(|_| sum.n > 0).map(|ratio| format!("占全部的 {}", ratio.percent())),
        href: asked.link("/entries", &params),
        caveat: super::overview::CAVEAT.into(),
    }
}

pub(super) fn term_over(asked: &Asked, listing: &Listing, param: (&str, &str)) -> Vec<KeyFigure> {
    let over = listing.whole.over;
    if over.projects == 0 {
        return Vec::new();
    }
    vec![KeyFigure {
        value: format!("{} 项", over.projects),
        label: "规划年限已满，完成情况未填".into(),
        note: Some(asked.money_words(over.fen)),
        href: Some(asked.link("/projects", &[param, ("sort", "end_year")])),
    }]
}

pub(super) fn sizes(asked: &Asked, listing: &Listing, total: Sum) -> BarChart {
    let inputs = listing.rows.iter().filter_map(|row| {
        let sum = row.figures.sum(Measure::Investment);
        (sum.n > 0).then(|| BarInput {
            label: row.state.value(Attribute::Name).into(),
            value: asked.money(sum.fen),
            share: Ratio::new(sum.fen, total.fen).map(Ratio::percent),
            size: sum.fen,
            href: asked.link(&format!("/projects/{}", row.state.project.code), &[]),
        })
    });
    let summary = "各项目的规划投资额（估算），从大到小";
    chart::bars("sizes", "各项目的规划投资额（估算）", summary, asked.unit.label(), inputs.collect())
}

fn basis(asked: &Asked, listing: &Listing) -> Table {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let rows = listing.rows.iter().filter_map(|row| {
        let fact = &row.state.facts.get(&Attribute::Category)?.fact;
        let code = &row.state.project.code;
        Some(Row::from(vec![
            Cell::text(code.as_str()),
            Cell::link(row.state.value(Attribute::Name), asked.link(&format!("/projects/{code}"), &[])),
            if fact.confidence.is_empty() { Cell::absent("不适用") } else { Cell::text(fact.confidence.as_str()) },
            if fact.basis.is_empty() { Cell::absent("见文件") } else { Cell::text(fact.basis.as_str()) },
        ]))
    });
    let columns = vec![
        column("编号", Kind::Code, false),
        column("工程名称", Kind::Name, true),
        column("把握", Kind::Status, true),
        column("依据", Kind::Prose, true),
    ];
    let left_out = listing.count().saturating_sub(listing.rows.len());
    let notes =
        (left_out > 0).then(|| format!("列前 {} 项；其余 {left_out} 项的依据见各项目的页面。", listing::MAX_ROWS));
    let caption = "归入本体系的依据".into();
    Table { id: "reasons".into(), caption, columns, notes: notes.into_iter().collect(), ..Table::default() }
        .with_rows(rows.collect())
}
