//! `/lights`: the lights of a day, counted by system and listed with a sentence each.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Banner, Choice, FilterForm, Frame, Hidden, KeyFigure, Link, SearchBox, Tone};
use super::last::{Last, next_of};
use super::projects::select;
use super::section::Section;
use super::table::{Cell, Column, Group, Kind, Mark, MarkKind, Row, Table};
use crate::auth::Sight;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::exchange::{self, lights as files};
use crate::light::read::{self, Judged, View};
use crate::light::rule::PAPERS;
use crate::light::words::{levels, summary};
use crate::light::{Light, Part, judged_from, judged_until};
use crate::milestone::store::{self as milestones, Told};
use crate::project::{Attribute, ProjectState, store as registry};
use crate::rollup::NONE;
use crate::rollup::list::{self, Order};

/// The context of `lights.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Lights {
    /// The surroundings.
    pub frame: Frame,
    /// Which month is judged, from what.
    pub sentences: Vec<String>,
    /// Cautions.
    pub banners: Vec<Banner>,
    /// How many of each light.
    pub key_figures: Vec<KeyFigure>,
    /// The same by system; none where no light shines.
    pub counts: Option<Table>,
    /// Search and filters.
    pub form: FilterForm,
    /// Ways to group the rows.
    pub groupings: Vec<Choice>,
    /// The projects.
    pub table: Table,
    /// The rules, and what in them is our reading.
    pub rules: Section,
}

/// What is late: the words of the filter.
pub const LATE: [(&str, &str); 2] = [("start", "应开未开"), ("finish", "应竣未竣")];
/// The orders of the list; the first is the one without a parameter.
pub const SORTS: [(&str, &str); 3] = [("light", "灯色"), ("behind", "落后多少"), ("registered", "登记先后")];
/// The groupings of the list.
pub const GROUPS: [(&str, &str); 4] =
    [("none", "不分组"), ("light", "灯色"), ("category", "体系"), ("department", "责任部门")];

/// Projects a page shows; each has a long sentence.
const SHOWN: usize = 200;

/// The lights a page is about: those within its filter of projects.
pub(super) struct Picked {
    /// Which month, by which rules.
    pub view: View,
    /// Every project within the filter.
    pub judged: Vec<Judged>,
}

/// The lights of the projects asked for; none before lights shine anywhere.
pub(super) fn pick(conn: &mut AnyConnection, asked: &Asked) -> Result<(View, Option<Picked>)> {
    let view = View::at(conn, asked.as_of, &asked.known)?.seen_by(asked.filter.hidden);
    if !read::is_enabled(conn, &view)? {
        return Ok((view, None));
    }
    let mut judged = read::all(conn, &view, &asked.deadline)?;
    if !asked.filter.is_empty() {
        let ids = list::ids(conn, asked.view_of(&asked.filter), Order::REGISTERED)?;
        let within: HashSet<i64> = ids.into_iter().collect();
        judged.retain(|one| within.contains(&one.id));
    }
    let shines = judged.iter().any(|one| one.verdict.light != Light::Off);
    Ok((view.clone(), shines.then_some(Picked { view, judged })))
}

/// Those of the lights and the lateness asked for, in the order asked for.
pub(super) fn chosen<'p>(asked: &Asked, picked: &'p Picked) -> Result<Vec<&'p Judged>> {
    let wanted = asked.params.iter().filter(|(key, _)| key == "light").map(|(_, word)| Light::parse(word));
    let wanted = wanted.collect::<Result<Vec<_>>>()?;
    let late = asked.param("late").map(late_part);
    let fits = |one: &&Judged| {
        (wanted.is_empty() || wanted.contains(&one.light())) && late.is_none_or(|part| is_late(one, part))
    };
    let mut chosen: Vec<&Judged> = picked.judged.iter().filter(fits).collect();
    match asked.param("sort") {
        Some("registered") => {}
        Some("behind") => {
            chosen.sort_by_cached_key(|one| files::points(one).map_or(i128::MAX, |points| points.millionths()));
        }
        _ => chosen.sort_by_key(|one| one.light()),
    }
    Ok(chosen)
}

fn late_part(word: &str) -> Part {
    if word == "start" { Part::Start } else { Part::Finish }
}

/// Whether a start or a finish is yellow or red.
fn is_late(judged: &Judged, part: Part) -> bool {
    judged.verdict.part(part).is_some_and(|found| matches!(found.light, Light::Red | Light::Yellow))
}

/// The ids of the projects asked for, in order.
pub fn ids(conn: &mut AnyConnection, asked: &Asked) -> Result<Vec<i64>> {
    let (_, Some(picked)) = pick(conn, asked)? else { return Ok(Vec::new()) };
    Ok(chosen(asked, &picked)?.into_iter().map(|one| one.id).collect())
}

/// The page.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Lights> {
    let (view, picked) = pick(conn, asked)?;
    let names = Names::load(conn)?;
    let frame = Frame { formats: asked.formats(), ..asked.frame("亮灯", "/lights") };
    let groupings = GROUPS.iter().map(|(word, label)| Choice {
        label: (*label).into(),
        href: asked.with("group", (*word != "none").then_some(*word)),
        current: asked.param("group").unwrap_or("none") == *word,
    });
    let groupings: Vec<Choice> = groupings.collect();
    let Some(picked) = picked else {
        return Ok(Lights {
            frame,
            sentences: vec![not_enabled(&view)],
            banners: Vec::new(),
            key_figures: Vec::new(),
            counts: None,
            form: form(conn, asked, "月报尚未启用".into())?,
            groupings: Vec::new(),
            table: Table {
                id: "lights".into(), empty: Some("月报尚未启用，不亮灯。".into()), ..Table::default()
            },
            rules: rules(asked, &view),
        });
    };
    let slugs: Vec<String> = registry::list_categories(conn)?.into_iter().map(|category| category.slug).collect();
    let chosen = chosen(asked, &picked)?;
    let table = list_table(conn, asked, &picked.view, &names, &chosen)?;
    Ok(Lights {
        frame,
        sentences: vec![judged_words(&view)],
        banners: banners(asked),
        key_figures: key_figures(asked, &picked),
        counts: Some(counts(asked, &slugs, &names, &picked)),
        form: form(conn, asked, format!("{} 项中的 {} 项", picked.judged.len(), chosen.len()))?,
        groupings,
        table,
        rules: rules(asked, &view),
    })
}

/// The list as a file: all of it, in the page's order.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<exchange::Table> {
    let mut table = files::table();
    let (_, Some(picked)) = pick(conn, asked)? else { return Ok(table) };
    let names = Names::load(conn)?;
    let ids: Vec<i64> = chosen(asked, &picked)?.into_iter().map(|one| one.id).collect();
    for ids in ids.chunks(1_000) {
        asked.deadline.check()?;
        let shown = in_order(read::few(conn, &picked.view, ids)?, ids);
        table.rows.extend(shown.iter().map(|(state, judged)| files::row(&picked.view, &names, state, judged)));
    }
    Ok(table)
}

/// What was read of some projects, in the order of their ids given.
pub(super) fn in_order(found: Vec<(ProjectState, Judged)>, ids: &[i64]) -> Vec<(ProjectState, Judged)> {
    let mut found: HashMap<i64, (ProjectState, Judged)> = found.into_iter().map(|one| (one.1.id, one)).collect();
    ids.iter().filter_map(|id| found.remove(id)).collect()
}

fn not_enabled(view: &View) -> String {
    format!("月报尚未启用：{} 还没有项目到报送启用月。启用以前没有月报到期，不亮灯，也没有「未报送」。", view.month)
}

/// 「判的是 2025-09 报告期…」.
pub(super) fn judged_words(view: &View) -> String {
    let paper = view.params.profile.paper();
    format!(
        "{} 这一天判的是 {} 报告期（这个月从 {} 判到 {}），数据截至 {}；方案 {}（{}，第 {} 版）。",
        view.as_of,
        view.month,
        judged_from(view.month),
        judged_until(view.month),
        view.cutoff,
        paper.code,
        paper.source,
        paper.version
    )
}

fn banners(asked: &Asked) -> Vec<Banner> {
    let is_public = asked.reader.sight == Sight::Published;
    let text = "公众看到的是已发布报告期的灯；人工认定只写结果。";
    is_public.then(|| Banner { tone: Tone::Note, text: text.into(), link: None }).into_iter().collect()
}

/// The lights that have a figure also when no project has them.
const FIGURES: [Light; 5] = [Light::Red, Light::Yellow, Light::Green, Light::Grey, Light::Done];

fn key_figures(asked: &Asked, picked: &Picked) -> Vec<KeyFigure> {
    let count = |light| picked.judged.iter().filter(|one| one.light() == light).count();
    let figure = |label: &str, value: usize, params: &[(&str, &str)]| KeyFigure {
        value: format!("{value} 项"),
        label: label.into(),
        note: None,
        href: (value > 0).then(|| asked.link("/lights", &[&kept(asked)[..], params].concat())),
    };
    let lights = FIGURES.map(|light| figure(light.label(), count(light), &[("light", light.word())]));
    let late = LATE.map(|(word, label)| {
        let value = picked.judged.iter().filter(|one| is_late(one, late_part(word))).count();
        figure(label, value, &[("late", word)])
    });
    // What has no figure of its own still counts: the lights add up to the projects.
    let rest = Light::ALL.iter().map(|(light, ..)| *light).filter(|light| !FIGURES.contains(light));
    let rest = rest.filter(|light| count(*light) > 0);
    let rest = rest.map(|light| figure(light.label(), count(light), &[("light", light.word())]));
    lights.into_iter().chain(rest).chain(late).collect()
}

/// The filters of projects, without those of lights: what a count's link keeps.
fn kept(asked: &Asked) -> Vec<(&str, &str)> {
    let names = ["category", "department", "q"];
    let own = asked.params.iter().filter(|(key, _)| names.contains(&key.as_str()));
    own.map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// A light as text, shape and colour.
pub(super) fn mark(light: Light) -> Mark {
    let kind = match light {
        Light::Red => MarkKind::Bad,
        Light::Yellow => MarkKind::Caution,
        Light::Green => MarkKind::Good,
        Light::Grey | Light::Off => MarkKind::Open,
        Light::Done => MarkKind::Confirmed,
        Light::None | Light::Suspended | Light::Cancelled => MarkKind::Plain,
    };
    Mark::new(kind, light.label())
}

/// The lights by system, each number leading to its projects; the columns that are empty are left out.
fn counts(asked: &Asked, slugs: &[String], names: &Names, picked: &Picked) -> Table {
    let mut by: BTreeMap<&str, HashMap<Light, usize>> = BTreeMap::new();
    let mut total: HashMap<Light, usize> = HashMap::new();
    for one in &picked.judged {
        let slug = if one.category.is_empty() { NONE } else { one.category.as_str() };
        *by.entry(slug).or_default().entry(one.light()).or_default() += 1;
        *total.entry(one.light()).or_default() += 1;
    }
    let shown: Vec<Light> =
        Light::ALL.iter().map(|(light, ..)| *light).filter(|light| total.contains_key(light)).collect();
    let column = |label: &str, kind| Column { label: label.into(), kind, narrow: true, ..Column::default() };
    let mut columns = vec![column("体系", Kind::Name)];
    columns.extend(shown.iter().map(|light| column(light.label(), Kind::Number)));
    columns.push(column("合计", Kind::Number));
    let row = |head: Cell, of: &HashMap<Light, usize>, slug: Option<&str>| {
        let mut cells = vec![head];
        // A number's link keeps what the page was narrowed by: it leads to what was counted.
        let mut base = kept(asked);
        if let Some(slug) = slug {
            base.retain(|(name, _)| *name != "category");
            base.push(("category", slug));
        }
        let linked = |value: usize, more: &[(&str, &str)]| match value {
            0 => Cell::text("0"),
            value => Cell::link(value.to_string(), asked.link("/lights", &[&base[..], more].concat())),
        };
        cells.extend(shown.iter().map(|light| linked(of.get(light).copied().unwrap_or(0), &[("light", light.word())])));
        cells.push(linked(of.values().sum(), &[]));
        Row::from(cells)
    };
    let order: Vec<&str> = slugs.iter().map(String::as_str).chain([NONE]).collect();
    let rows = order.iter().filter_map(|slug| {
        let of = by.get(slug)?;
        let label = if *slug == NONE { "待确认" } else { names.category(slug) };
        Some(row(Cell::link(label, asked.link("/lights", &[("category", slug)])), of, Some(slug)))
    });
    let rows: Vec<Row> = rows.collect();
    Table {
        id: "light-counts".into(),
        caption: format!("亮灯，按体系，{} 报告期", picked.view.month),
        columns,
        total: Some(row(Cell::text("合计"), &total, None)),
        ..Table::default()
    }
    .with_rows(rows)
}

fn list_table(
    conn: &mut AnyConnection,
    asked: &Asked,
    view: &View,
    names: &Names,
    chosen: &[&Judged],
) -> Result<Table> {
    let ids: Vec<i64> = chosen.iter().take(SHOWN).map(|one| one.id).collect();
    let shown = in_order(read::few(conn, view, &ids)?, &ids);
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("工程名称", Kind::Name, true),
        column("责任部门", Kind::Text, false),
        column("亮灯", Kind::Status, true),
        Column { unit: Some("百分点".into()), ..column("序时差", Kind::Number, false) },
        column("下一节点", Kind::Text, false),
        column("上次月报", Kind::Date, false),
        column("说明", Kind::Prose, false),
    ];
    let width = columns.len();
    let mut told: HashMap<i64, Vec<Told>> = HashMap::new();
    for one in milestones::list_of(conn, &ids, view.as_of, view.known.seq)? {
        told.entry(one.0.project_id).or_default().push(one);
    }
    let last = Last::of(conn, asked, &ids)?;
    let mut groups: Vec<(String, Group)> = Vec::new();
    for (state, judged) in &shown {
        let key = group_of(asked, names, judged);
        let next = told.get(&judged.id).map(|told| next_of(told, view.as_of)).transpose()?.flatten();
        let last = last.cell(asked, judged.id, &state.project.code);
        let row = list_row(asked, view, names, (state, judged), next, last);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.rows.push(row),
            None => {
                let head = (!key.is_empty()).then(|| {
                    let mut cells = vec![Cell::text(key.as_str())];
                    cells.resize_with(width, Cell::blank);
                    Row::from(cells)
                });
                groups.push((key, Group { head, rows: vec![row] }));
            }
        }
    }
    let mut notes = Vec::new();
    if chosen.len() > shown.len() {
        notes.push(format!("共 {} 项，这里列前 {} 项；用筛选缩小范围，或下载 CSV 看全部。", chosen.len(), shown.len()));
    }
    Ok(Table {
        id: "lights".into(),
        caption: format!("亮灯，{} 报告期", view.month),
        columns,
        groups: groups.into_iter().map(|(_, group)| group).collect(),
        notes,
        empty: shown.is_empty().then(|| "没有符合的项目。去掉一个条件再试。".into()),
        ..Table::default()
    })
}

fn group_of(asked: &Asked, names: &Names, judged: &Judged) -> String {
    match asked.param("group") {
        Some("light") => judged.light().label().into(),
        Some("category") => named(&judged.category, |slug| names.category(slug)),
        Some("department") => named(&judged.department, |code| names.department(code)),
        _ => String::new(),
    }
}

fn named<'n>(key: &'n str, name: impl Fn(&'n str) -> &'n str) -> String {
    if key.is_empty() { "待确认".into() } else { name(key).to_owned() }
}

fn list_row(
    asked: &Asked,
    view: &View,
    names: &Names,
    (state, judged): (&ProjectState, &Judged),
    next: Option<(String, String)>,
    last: Cell,
) -> Row {
    let code = &state.project.code;
    let project = asked.link(&format!("/projects/{code}"), &[]);
    let href = format!("{project}#light");
    let department = state.value(Attribute::LeadDepartment);
    let thresholds = view.params.schedule.points();
    let explained = summary(&judged.inputs, &view.params, &judged.verdict, view.as_of);
    let explained = match judged.changed() {
        None => Cell::text(explained),
        Some(_) => Cell::text(explained).with_note(format!(
            "人工认定{}；系统判定{}",
            judged.light().label(),
            judged.verdict.light.label()
        )),
    };
    let lamp = Cell::mark(mark(judged.light()));
    Row::from(vec![
        Cell::link(state.value(Attribute::Name), href).with_note(code.as_str()),
        match department {
            "" => Cell::absent("待确认"),
            code => Cell::link(names.department(code), asked.link(&format!("/departments/{code}"), &[])),
        },
        if judged.changed().is_some() { lamp.with_note("人工认定") } else { lamp },
        files::points(judged).map_or_else(|| Cell::absent("不判"), |points| Cell::text(points.signed(&thresholds))),
        match next {
            Some((name, on)) => Cell::link(name, format!("{project}#milestones")).with_note(on),
            None => Cell::absent("未填"),
        },
        last,
        explained,
    ])
}

fn form(conn: &mut AnyConnection, asked: &Asked, outcome: String) -> Result<FilterForm> {
    let categories: Vec<(String, String)> =
        registry::list_categories(conn)?.into_iter().map(|c| (c.slug, c.name)).collect();
    let departments = asked.departments(conn)?;
    let words = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned())).collect()
    };
    let lights: Vec<(String, String)> =
        Light::ALL.iter().map(|(_, word, label)| ((*word).to_owned(), (*label).to_owned())).collect();
    let mut keep = asked.hidden();
    keep.extend(asked.param("group").map(|value| Hidden { name: "group".into(), value: value.into() }));
    let narrowed = ["light", "category", "department", "late", "q", "sort"];
    Ok(FilterForm {
        action: "/lights".into(),
        search: Some(SearchBox::words(asked, "项目编号、名称、内容")),
        selects: vec![
            select(asked, "light", "亮灯", &lights),
            select(asked, "late", "应办未办", &words(&LATE)),
            select(asked, "category", "体系", &categories),
            select(asked, "department", "责任部门", &departments),
            select(asked, "sort", "排序", &words(&SORTS)),
        ],
        keep,
        applied: Vec::new(),
        reset: narrowed.iter().any(|name| asked.param(name).is_some()).then(|| asked.link("/lights", &[])),
        outcome,
    })
}

/// The rules in force, what in them is our reading, and a trial of each other profile.
fn rules(asked: &Asked, view: &View) -> Section {
    let own = view.params.profile;
    let paper = own.paper();
    let mut sentences = vec![
        format!("{}：{}。", paper.code, paper.says),
        format!("现在的阈值：{}。判定用没有舍入的值。", levels(view.params.schedule)),
        "总灯取进度、开工、竣工、支付中最差的一个；有红黄照亮并写「数据不全」，没有红黄而有一项不能判为灰灯；到期未报送的一律灰灯，不沿用上月的灯。".into(),
        "每月 25 日 24 时前报送，从 26 日起判当月，以前判上月；参数按报告期末的设定，事后改参数不改以前的灯。".into(),
        "年度计划以报告月开始前下达的为准，当月首次下达的当月起算；财政资金支付不含企业自筹、贷款、社会资本等来源。［设］".into(),
    ];
    sentences.extend(paper.readings.iter().map(|reading| format!("本台账的理解：{reading}。")));
    sentences.push("标［设］的是本台账的选择，不是任何机关的规定；①–④ 是对公布文字的理解，由办公室选用确认。".into());
    let links = PAPERS.iter().filter(|other| other.profile != own).map(|other| {
        Link::new(
            format!("试算 {}（{}）", other.code, other.source),
            asked.link("/lights/trial", &[("profile", other.code)]),
        )
    });
    Section { sentences, links: links.collect(), ..Section::new("rules", "规则与理解") }
}

/// Whether a parameter's word is one of ours.
///
/// # Errors
/// Names the words that are.
pub fn check(asked: &Asked) -> Result<()> {
    for (name, words) in [("late", &LATE[..]), ("sort", &SORTS[..]), ("group", &GROUPS[..])] {
        if let Some(word) = asked.param(name)
            && !words.iter().any(|(known, _)| *known == word)
        {
            let allowed: Vec<String> = words.iter().map(|(word, label)| format!("{word}（{label}）")).collect();
            return Err(Error::invalid(name, word, format!("可用 {}", allowed.join("、"))));
        }
    }
    asked.params.iter().filter(|(key, _)| key == "light").try_for_each(|(_, word)| Light::parse(word).map(drop))
}
