//! `/projects`: find, narrow, sort and group the projects.

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Banner, Choice, FilterForm, Frame};
use super::frame::{Hidden, Link, SearchBox, Select, SelectOption, Tone};
use super::listing::{self, Layout, Listing};
use super::table::Table;
use super::table::{Sort, SortState};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange::{Writer, export};
use crate::measure::Measure;
use crate::project::{NATURES, STAGES, store};
use crate::rollup::list::{self, Key, Order};
use crate::rollup::{Dimension, Filter, NONE, Rollup};

/// The context of `projects.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Projects {
    /// The surroundings.
    pub frame: Frame,
    /// Search and filters.
    pub form: FilterForm,
    /// Ways to group the rows.
    pub groupings: Vec<Choice>,
    /// Cautions on what is shown; 「为项目全额，不是该年投资」 under a filter by active year.
    pub banners: Vec<Banner>,
    /// The projects.
    pub table: Table,
}

/// A header's link: the same page in that order, then the other way round.
pub(super) fn sort_link(asked: &Asked, word: &str) -> Sort {
    let descending = format!("-{word}");
    let (state, next) = match asked.param("sort") {
        Some(given) if given == word => (SortState::Ascending, descending.as_str()),
        Some(given) if given == descending => (SortState::Descending, word),
        _ => (SortState::None, if matches!(word, "code" | "name" | "end_year") { word } else { descending.as_str() }),
    };
    Sort { href: asked.with("sort", Some(next)), state }
}

/// The groupings of the list, by their word in the URL.
pub const GROUPS: [(&str, &str, Option<Dimension>); 6] = [
    ("none", "不分组", None),
    ("category", "体系", Some(Dimension::Category)),
    ("department", "责任部门", Some(Dimension::Department)),
    ("nature", "投资性质", Some(Dimension::Nature)),
    ("start_year", "起始年", Some(Dimension::StartYear)),
    ("end_year", "终止年", Some(Dimension::EndYear)),
];

/// The words of `sort`.
pub const SORTS: [&str; 8] = ["code", "name", "start_year", "end_year", "investment", "plan", "completed", "paid"];

/// The list at the page's day and instant.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Projects> {
    let listing = Listing::load(conn, asked, &asked.filter, order(asked))?;
    let by = GROUPS.iter().find(|(word, ..)| Some(*word) == asked.param("group")).and_then(|(.., by)| *by);
    let dimensions: Vec<Dimension> = by.into_iter().collect();
    let of_year = Filter { year: vec![Some(asked.as_of.year().get())], ..asked.filter.clone() };
    let all: Rollup = asked.rollup(conn, &dimensions, &asked.filter)?;
    let year: Rollup = asked.rollup(conn, &dimensions, &of_year)?;
    let whole = all.total.sum(Measure::Investment);
    let layout = Layout {
        id: "projects",
        caption: "项目",
        groups: by.map(|by| (by, &all, &year)),
        total: (&all.total, &year.total),
        whole: (whole.fen > 0).then_some(whole),
        with_category: by != Some(Dimension::Category),
        sorts: true,
    };
    let mut table = listing::table(asked, &listing, &layout);
    if listing.rows.is_empty() {
        table.empty = Some(if asked.filter.is_empty() {
            "还没有登记项目。".into()
        } else {
            "没有同时符合这些条件的项目。去掉一个条件再试。".into()
        });
    }
    let registered = store::count(conn)?;
    let outcome =
        format!("{registered} 项中的 {} 项，规划投资额（估算）{}", listing.count(), asked.money_words(whole.fen));
    let mut banners = super::overview::inferred_banner(asked, &listing);
    if let Some(year) = asked.filter.active_in {
        banners.push(Banner {
            tone: Tone::Caution,
            text: format!("{year} 年在建设年限内的项目；金额为项目全额，不是该年投资"),
            link: None,
        });
    }
    let form = form(conn, asked, outcome)?;
    let groupings = GROUPS.iter().map(|(word, label, grouping)| Choice {
        label: (*label).into(),
        href: asked.with("group", (*word != "none").then_some(*word)),
        current: *grouping == by,
    });
    let frame = Frame { formats: asked.formats(), ..asked.frame("项目", "/projects") };
    Ok(Projects { frame, form, groupings: groupings.collect(), banners, table })
}

/// The list as a file, in the page's order: all of it, whatever a page shows.
pub fn export(conn: &mut AnyConnection, asked: &Asked, writer: &mut Writer) -> Result<()> {
    let ids = list::ids(conn, asked.view_of(&asked.filter), order(asked))?;
    export::each_projects_table(conn, asked.view_of(&asked.filter), &ids, |table| writer.add(&table))
}

/// The order that the address asks for; the parameter was checked.
fn order(asked: &Asked) -> Order {
    asked.param("sort").and_then(Order::parse).unwrap_or(Order { key: Key::Code, descending: false })
}

fn form(conn: &mut AnyConnection, asked: &Asked, outcome: String) -> Result<FilterForm> {
    let categories: Vec<(String, String)> =
        store::list_categories(conn)?.into_iter().map(|c| (c.slug, c.name)).collect();
    let departments = asked.departments(conn)?;
    let fixed =
        |words: &[(&str, &str)]| words.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned())).collect();
    let years: Vec<(String, String)> = (2022..=2035).map(|year| (year.to_string(), year.to_string())).collect();
    let selects = [
        ("category", "体系", categories),
        ("department", "责任部门", departments),
        ("nature", "投资性质", fixed(&NATURES)),
        ("stage", "阶段", fixed(&STAGES)),
        ("start_year", "起始年", years.clone()),
        ("end_year", "终止年", years.clone()),
        ("active_in", "建设年限含", years),
    ];
    let mut applied = Vec::new();
    let mut made = Vec::new();
    for (name, label, options) in selects {
        made.push(select(asked, name, label, &options));
        for (_, value) in asked.params.iter().filter(|(key, _)| key == name) {
            let word = options
                .iter()
                .find(|(key, _)| key == value)
                .map_or(if value == NONE { "待确认／未填" } else { value.as_str() }, |(_, label)| label);
            applied.push(Link::new(format!("{label}：{word}"), asked.without(name, value)));
        }
    }
    if let Some(words) = asked.param("q") {
        applied.push(Link::new(format!("含「{words}」"), asked.with("q", None)));
    }
    let kept =
        asked.params.iter().filter(|(key, _)| matches!(key.as_str(), "as_of" | "known_at" | "unit" | "sort" | "group"));
    Ok(FilterForm {
        action: "/projects".into(),
        search: Some(SearchBox::words(asked, "编号、名称、主要内容")),
        selects: made,
        keep: kept.map(|(name, value)| Hidden { name: name.clone(), value: value.clone() }).collect(),
        reset: (!applied.is_empty()).then(|| asked.bare()),
        applied,
        outcome,
    })
}

/// A select of one parameter; 「全部」 first.
pub fn select(asked: &Asked, name: &str, label: &str, options: &[(String, String)]) -> Select {
    let chosen = asked.param(name).unwrap_or_default();
    let all = SelectOption { value: String::new(), label: "全部".into(), selected: chosen.is_empty() };
    let options = options.iter().map(|(value, label)| SelectOption {
        value: value.clone(),
        label: label.clone(),
        selected: value == chosen,
    });
    Select { name: name.into(), label: label.into(), options: std::iter::once(all).chain(options).collect() }
}
