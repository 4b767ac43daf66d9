//! The whole portfolio as bars: years and milestones of a hundred projects a page.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Choice, FilterForm, Frame, KeyFigure, Link};
use super::gantt::{self, Dated, Gantt, NodeInput, RowInput};
use super::milestones::{self, form, items, key_figures, shows};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::milestone::store::Told;
use crate::milestone::{self, FactKind, MilestoneFact, slip};
use crate::period::Day;
use crate::project::{Attribute, ProjectState, store as registry};
use crate::rollup::list::{self, Key, Order};
use crate::rollup::{Dimension, Filter, NONE};

/// Projects a page: what a printed page or two hold, and what answers at once at any size.
pub const PER_PAGE: usize = 100;

/// The groupings, by their word in the URL; the first is the page without a parameter.
pub const GROUPS: [(&str, &str, Dimension); 2] =
    [("category", "体系", Dimension::Category), ("department", "责任部门", Dimension::Department)];

/// The context of `gantt.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Portfolio {
    /// The surroundings.
    pub frame: Frame,
    /// Search and filters.
    pub form: FilterForm,
    /// Planned, due, met, late.
    pub key_figures: Vec<KeyFigure>,
    /// List, bars, slip ledger.
    pub shows: Vec<Choice>,
    /// Ways to group the rows.
    pub groupings: Vec<Choice>,
    /// The chart.
    pub gantt: Gantt,
    /// Instead of the chart, when no project fits.
    pub empty: Option<String>,
    /// The pages before and after: 「第 1–100 项，共 10,000 项」.
    pub pager: Pager,
}

/// Where a page stands among the others.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pager {
    /// Which of how many.
    pub words: String,
    /// The page before.
    pub previous: Option<Link>,
    /// The page after.
    pub next: Option<Link>,
}

/// The chart at the page's day and instant.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Portfolio> {
    let by = GROUPS.iter().find(|(word, ..)| Some(*word) == asked.param("group")).unwrap_or(&GROUPS[0]);
    let groups = groups(conn, asked, by.2)?;
    let total: usize = groups.iter().map(|group| group.count).sum();
    let page = page(asked, total)?;
    let shown = shown(conn, asked, by.2, groups, page * PER_PAGE)?;
    let ids: Vec<i64> = shown.iter().flat_map(|(_, ids)| ids).copied().collect();
    let mut rows = rows(conn, asked, &ids)?;
    let grouped = shown
        .into_iter()
        .map(|(group, ids)| {
            let heading = Link::new(group.label, group.href);
            (Some(heading), format!("{} 项", group.count), ids.iter().filter_map(|id| rows.remove(id)).collect())
        })
        .collect();
    let today = if asked.as_of >= asked.today() { "今天" } else { "截至" };
    let summary = format!("{total} 项工程的建设年限和节点：计划、预计、完成");
    let text = gantt::Text {
        id: "gantt",
        heading: "项目",
        summary: &summary,
        today: &format!("{today} {}", asked.as_of),
        twin: Link::new("节点列表", asked.with("show", None)),
    };
    let groupings = GROUPS.iter().map(|(word, label, grouping)| Choice {
        label: (*label).into(),
        href: asked.with("group", (*word != GROUPS[0].0).then_some(*word)),
        current: *grouping == by.2,
    });
    let frame = Frame { formats: asked.formats(), ..asked.frame("节点横道图", "/milestones") };
    Ok(Portfolio {
        frame,
        form: form(conn, asked, format!("{total} 项工程"))?,
        key_figures: key_figures(conn, asked)?,
        shows: shows(asked),
        groupings: groupings.collect(),
        gantt: gantt::lay_out(&text, asked.as_of, grouped),
        empty: (total == 0).then(|| milestones::nothing(asked)),
        pager: pager(asked, page, total),
    })
}

/// A group of projects, and its members when they had to be read to count them.
struct Group {
    key: String,
    label: String,
    href: String,
    count: usize,
    ids: Option<Vec<i64>>,
}

/// The groups in their order. How many there are of each the totals know, unless milestones of a
/// state are asked for: then the projects that have one are counted.
fn groups(conn: &mut AnyConnection, asked: &Asked, by: Dimension) -> Result<Vec<Group>> {
    let wanted: Option<HashSet<i64>> = match asked.param("state").or(asked.param("due")) {
        None => None,
        Some(_) => Some(items(conn, asked)?.into_iter().map(|item| item.project).collect()),
    };
    let mut groups = Vec::new();
    for row in asked.rollup(conn, &[by], &asked.filter)?.rows {
        let key = row.keys.first().map_or(NONE, String::as_str).to_owned();
        let path = if by == Dimension::Category { "/categories/" } else { "/departments/" };
        let href = match key.as_str() {
            NONE => asked.link("/projects", &[(by.word(), NONE)]),
            key => asked.link(&format!("{path}{key}"), &[]),
        };
        let ids = match &wanted {
            None => None,
            Some(wanted) => {
                let mut ids = members(conn, asked, by, &key)?;
                ids.retain(|id| wanted.contains(id));
                Some(ids)
            }
        };
        let count = match &ids {
            Some(ids) => ids.len(),
            None => usize::try_from(row.figures.projects.unwrap_or(0)).unwrap_or(0),
        };
        let label = row.labels.first().cloned().unwrap_or_default();
        groups.push(Group { key, label, href, count, ids });
    }
    groups.retain(|group| group.count > 0);
    Ok(groups)
}

/// The projects of one group, by their code.
fn members(conn: &mut AnyConnection, asked: &Asked, by: Dimension, key: &str) -> Result<Vec<i64>> {
    let mut filter: Filter = asked.filter.clone();
    match by {
        Dimension::Category => filter.category = vec![key.to_owned()],
        _ => filter.department = vec![key.to_owned()],
    }
    list::ids(conn, asked.view_of(&filter), Order { key: Key::Code, descending: false })
}

/// What of the groups stands on the page that begins at `skip`: only those groups are read.
fn shown(
    conn: &mut AnyConnection,
    asked: &Asked,
    by: Dimension,
    groups: Vec<Group>,
    mut skip: usize,
) -> Result<Vec<(Group, Vec<i64>)>> {
    let mut room = PER_PAGE;
    let mut shown = Vec::new();
    for mut group in groups {
        if skip >= group.count {
            skip -= group.count;
            continue;
        }
        if room == 0 {
            break;
        }
        let ids = match group.ids.take() {
            Some(ids) => ids,
            None => members(conn, asked, by, &group.key)?,
        };
        let own: Vec<i64> = ids.into_iter().skip(skip).take(room).collect();
        skip = 0;
        room -= own.len();
        shown.push((group, own));
    }
    Ok(shown)
}

/// The rows of some projects.
fn rows(conn: &mut AnyConnection, asked: &Asked, ids: &[i64]) -> Result<HashMap<i64, RowInput>> {
    let mut told: HashMap<i64, Vec<Told>> = HashMap::new();
    for one in milestone::store::list_of(conn, ids, asked.as_of, asked.known.seq)? {
        told.entry(one.0.project_id).or_default().push(one);
    }
    let mut rows = HashMap::new();
    for state in registry::list_states_of(conn, asked.as_of, asked.known.seq, ids)? {
        let id = state.project.id;
        rows.insert(id, row(asked, &state, &told.remove(&id).unwrap_or_default())?);
    }
    Ok(rows)
}

fn row(asked: &Asked, state: &ProjectState, told: &[Told]) -> Result<RowInput> {
    let code = &state.project.code;
    let href = asked.link(&format!("/projects/{code}"), &[]);
    let years = state.year(Attribute::StartYear).zip(state.year(Attribute::EndYear));
    let done = list::is_done(told, asked.as_of)?;
    let nodes =
        told.iter().map(|(milestone, facts)| node(&milestone.name, facts, asked.as_of, format!("{href}#milestones")));
    Ok(RowInput {
        label: state.value(Attribute::Name).into(),
        note: match years {
            Some((start, end)) => format!("{code} · {start}–{end}"),
            None => code.clone(),
        },
        years,
        open: list::is_term_over(state, done, asked.as_of),
        nodes: nodes.collect::<Result<_>>()?,
        href,
    })
}

/// A milestone to draw, from everything said of it by a day.
pub(super) fn node(name: &str, facts: &[MilestoneFact], as_of: Day, href: String) -> Result<NodeInput> {
    let state = milestone::order::Node::at("", name, facts, as_of)?;
    let dated = |span: Option<milestone::order::Span>| {
        span.map(|span| Dated { day: span.last, words: span.precision.render(span.last) })
    };
    let said = slip::ledger(facts)?;
    let first = said.iter().find(|(slip, _)| slip.kind == FactKind::Plan);
    Ok(NodeInput {
        name: name.into(),
        href,
        first_plan: first.map(|(slip, _)| slip.on),
        planned: dated(state.planned),
        forecast: dated(state.forecast),
        met: dated(state.met),
    })
}

/// The page asked for, from 0.
fn page(asked: &Asked, total: usize) -> Result<usize> {
    let pages = total.div_ceil(PER_PAGE).max(1);
    match asked.param("page") {
        None => Ok(0),
        Some(text) => match text.parse::<usize>() {
            Ok(page) if (1..=pages).contains(&page) => Ok(page - 1),
            _ => {
                let shown: String = text.chars().take(20).collect();
                Err(Error::invalid("page", shown, format!("共 {pages} 页；应为 1 至 {pages} 的整数")))
            }
        },
    }
}

fn pager(asked: &Asked, page: usize, total: usize) -> Pager {
    let link = |page: usize, words: &str| {
        let number = (page + 1).to_string();
        Link::new(words, asked.with("page", (page > 0).then_some(number.as_str())))
    };
    let (from, to) = (page * PER_PAGE + 1, ((page + 1) * PER_PAGE).min(total));
    if total <= PER_PAGE {
        return Pager::default();
    }
    Pager {
        words: format!("第 {from}–{to} 项，共 {total} 项"),
        previous: (page > 0).then(|| link(page - 1, "上一页")),
        next: (to < total).then(|| link(page + 1, "下一页")),
    }
}
