//! The table of projects that the overview, the list, a system and a department share.

use std::collections::{HashMap, HashSet};

use super::asked::Asked;
use super::last::{Last, next_of};
use super::table::{Cell, Column, Group, Kind, Mark, MarkKind, Row, Table};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange::export::Names;
use crate::light::read::{self, View};
use crate::light::{Light, judged_month};
use crate::measure::Measure;
use crate::period::Day;
use crate::project::{Attribute, STAGES};
use crate::ratio::Ratio;
use crate::rollup::list::{self, Order, Shown, Whole};
use crate::rollup::rows::ProjectRow;
use crate::rollup::{Dimension, Figures, Filter, NONE, Rollup, Sum};

/// A table of more rows than this is cut and says so: a page stays under a megabyte.
pub const MAX_ROWS: usize = 500;

/// The projects of a page with everything a row shows, and what is true of all of the list.
pub struct Listing {
    /// The projects shown, at most [`MAX_ROWS`], with figures of all years.
    pub rows: Vec<ProjectRow>,
    /// Of all projects of the list, shown or not.
    pub whole: Whole,
    /// Names by code.
    pub names: Names,
    /// Figures of the fiscal year of `as_of`, by project shown.
    year: HashMap<i64, Figures>,
    /// The next milestone of each project shown: name and day.
    next: HashMap<i64, (String, String)>,
    /// Projects shown whose completion is recorded.
    done: HashSet<i64>,
    /// The light of each project shown whose reports have begun.
    lights: HashMap<i64, Light>,
    /// The months of the last approved report and of the last photo, by project shown.
    reported: Last,
    /// The last day money was recorded for, by project shown.
    latest: HashMap<i64, Day>,
    /// Whether any project at all has a next milestone, and a last day of money.
    has_next: bool,
    has_latest: bool,
}

impl Listing {
    /// The projects that fit the filter at the page's day and instant, in this order.
    pub fn load(conn: &mut AnyConnection, asked: &Asked, filter: &Filter, order: Order) -> Result<Listing> {
        let survey = list::survey(conn, asked.view_of(filter), order, MAX_ROWS)?;
        let (has_next, has_latest) = list::has_next_and_money(conn, asked.as_of, &asked.known)?;
        let lights = lights(conn, asked, &survey.ids)?;
        let mut listing = Listing {
            rows: Vec::with_capacity(survey.ids.len()),
            whole: survey.whole,
            names: Names::load(conn)?,
            year: HashMap::new(),
            next: HashMap::new(),
            done: HashSet::new(),
            reported: if lights.is_empty() { Last::default() } else { Last::of(conn, asked, &survey.ids)? },
            lights,
            latest: HashMap::new(),
            has_next,
            has_latest,
        };
        for shown in list::load(conn, asked.view_of(filter), &survey.ids)? {
            listing.add(shown, asked.as_of)?;
        }
        Ok(listing)
    }

    fn add(&mut self, shown: Shown, as_of: Day) -> Result<()> {
        let id = shown.row.state.project.id;
        if list::is_done(&shown.milestones, as_of)? {
            self.done.insert(id);
        }
        self.next.extend(next_of(&shown.milestones, as_of)?.map(|next| (id, next)));
        self.year.insert(id, Figures { sums: shown.year, ..Figures::default() });
        self.latest.extend(shown.latest.map(|day| (id, day)));
        self.rows.push(shown.row);
        Ok(())
    }

    /// How many projects the list has, shown or not.
    pub fn count(&self) -> usize {
        usize::try_from(self.whole.projects).unwrap_or(usize::MAX)
    }

    /// The lights that shine, of the projects shown.
    pub fn lights(&self) -> impl Iterator<Item = Light> + '_ {
        self.lights.values().copied()
    }

    /// Whether the planned term is over and nothing says how it ended.
    pub fn is_term_over(&self, row: &ProjectRow, as_of: Day) -> bool {
        list::is_term_over(&row.state, self.done.contains(&row.state.project.id), as_of)
    }

    /// The state of a project in a mark.
    pub fn status(&self, row: &ProjectRow, as_of: Day) -> Cell {
        if self.is_term_over(row, as_of) {
            return Cell::mark(Mark::term_over());
        }
        match row.state.value(Attribute::Stage) {
            "" if self.done.contains(&row.state.project.id) => Cell::mark(Mark::new(MarkKind::Good, "已完成")),
            "" => Cell::text("规划年限内").with_short("年限内"),
            "suspended" | "cancelled" => Cell::mark(Mark::new(MarkKind::Bad, stage_label(row))),
            "completion" | "settlement" | "operation" => Cell::mark(Mark::new(MarkKind::Good, stage_label(row))),
            _ => Cell::mark(Mark::new(MarkKind::Running, stage_label(row))),
        }
    }

    fn year_sum(&self, row: &ProjectRow, measure: Measure) -> Sum {
        self.year.get(&row.state.project.id).map_or(Sum::default(), |figures| figures.sum(measure))
    }
}

/// The lights that shine, of these projects; none before reports begin.
fn lights(conn: &mut AnyConnection, asked: &Asked, ids: &[i64]) -> Result<HashMap<i64, Light>> {
    let view = View::at(conn, asked.as_of, &asked.known)?.seen_by(asked.filter.hidden);
    if !read::is_enabled(conn, &view)? {
        return Ok(HashMap::new());
    }
    let judged = read::few(conn, &view, ids)?.into_iter().map(|(_, judged)| (judged.id, judged.light()));
    Ok(judged.filter(|(_, light)| *light != Light::Off).collect())
}

fn stage_label(row: &ProjectRow) -> &str {
    crate::exchange::export::word(&STAGES, row.state.value(Attribute::Stage))
}

/// How a listing is laid out.
pub struct Layout<'a> {
    /// The id of the table.
    pub id: &'a str,
    /// Its caption.
    pub caption: &'a str,
    /// Groups with sub-totals: of all years, and of the fiscal year.
    pub groups: Option<(Dimension, &'a Rollup, &'a Rollup)>,
    /// The totals: of all years, and of the fiscal year.
    pub total: (&'a Figures, &'a Figures),
    /// What shares are of, when the column is shown.
    pub whole: Option<Sum>,
    /// Whether the system stands in a column (where rows are not grouped by it).
    pub with_category: bool,
    /// Links on the headers that sort, on the list page.
    pub sorts: bool,
}

/// The columns a table of projects can have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Col {
    Code,
    Name,
    Category,
    Department,
    Years,
    Investment,
    Share,
    Money(Measure),
    Rate,
    Variance,
    Next,
    Light,
    Status,
    Report,
    Latest,
}

/// The table.
pub fn table(asked: &Asked, listing: &Listing, layout: &Layout<'_>) -> Table {
    let (all, year) = layout.total;
    let money = [Measure::Plan, Measure::Completed, Measure::Paid];
    let folded: Vec<Measure> = money.into_iter().filter(|measure| year.sum(*measure).n == 0).collect();
    let judged = year.sum(Measure::Plan).n > 0 && year.sum(Measure::Completed).n > 0;
    let mut columns = vec![Col::Code, Col::Name];
    columns.extend(layout.with_category.then_some(Col::Category));
    columns.extend([Col::Department, Col::Years, Col::Investment]);
    columns.extend(layout.whole.map(|_| Col::Share));
    columns.extend(money.into_iter().filter(|measure| !folded.contains(measure)).map(Col::Money));
    columns.extend(judged.then_some([Col::Rate, Col::Variance]).into_iter().flatten());
    columns.extend(listing.has_next.then_some(Col::Next));
    // A light says the stage in its second line.
    columns.push(if listing.lights.is_empty() { Col::Status } else { Col::Light });
    // Where the system takes a column there is no room for both.
    columns.extend((!listing.lights.is_empty() && !layout.with_category).then_some(Col::Report));
    columns.extend(listing.has_latest.then_some(Col::Latest));
    let all_inferred = all_inferred(asked, listing);
    let pen = Pen { asked, listing, layout, decimals: decimals(asked, listing, layout), all_inferred };
    let shown: Vec<&ProjectRow> = listing.rows.iter().collect();
    let mut notes = Vec::new();
    if listing.count() > shown.len() {
        notes.push(format!(
            "共 {} 项，这里列前 {} 项；用筛选缩小范围，或下载 CSV 看全部。",
            listing.count(),
            shown.len()
        ));
    }
    if judged {
        notes.push(
            "完成率＝本年完成投资÷年度计划投资，合计按总额相除，不取平均；序时差＝完成率−月份÷12，单位为百分点。"
                .into(),
        );
    }
    if listing.lights.is_empty() {
        notes.push("亮灯：月报尚未启用，尚无记录。".into());
    }
    Table {
        id: layout.id.into(),
        caption: layout.caption.into(),
        columns: columns.iter().map(|col| pen.column(*col)).collect(),
        groups: pen.groups(&columns, &shown),
        total: Some(Row::from(
            columns.iter().map(|col| pen.summary(*col, "合计", None, all, year)).collect::<Vec<_>>(),
        )),
        folded: (!folded.is_empty()).then(|| {
            let labels: Vec<&str> = folded.iter().map(|measure| measure.label()).collect();
            format!("{}：{} 年尚无记录（0/{} 项）", labels.join("、"), asked.as_of.year(), listing.count())
        }),
        notes,
        empty: None,
    }
}

/// The decimals of each money column: as many as any row, sub-total or total in it needs.
fn decimals(asked: &Asked, listing: &Listing, layout: &Layout<'_>) -> HashMap<Measure, u32> {
    let (all, year) = layout.total;
    let of_groups = |measure: Measure| {
        let groups = layout.groups.iter().flat_map(move |(_, all, year)| match measure {
            Measure::Investment => &all.rows,
            _ => &year.rows,
        });
        groups.map(move |group| group.figures.sum(measure))
    };
    let column = |measure: Measure| {
        let sums = listing.rows.iter().map(|row| match measure {
            Measure::Investment => row.figures.sum(measure),
            _ => listing.year_sum(row, measure),
        });
        asked.decimals(sums.chain(of_groups(measure)).chain([all.sum(measure), year.sum(measure)]))
    };
    Measure::ALL.into_iter().map(|measure| (measure, column(measure))).collect()
}

struct Pen<'a> {
    asked: &'a Asked,
    listing: &'a Listing,
    layout: &'a Layout<'a>,
    decimals: HashMap<Measure, u32>,
    all_inferred: Vec<Attribute>,
}

impl Pen<'_> {
    fn column(&self, col: Col) -> Column {
        let column =
            |label: &str, kind: Kind, narrow: bool| Column { label: label.into(), kind, narrow, ..Column::default() };
        let unit = Some(self.asked.unit.label().to_owned());
        let year = Some(format!("{} 年", self.asked.as_of.year()));
        let inferred = Some("推定·待确认".to_owned());
        let mut made = match col {
            Col::Code => column("编号", Kind::Code, false),
            Col::Name => column("工程名称", Kind::Name, true),
            Col::Category => Column {
                note: inferred.filter(|_| self.all_inferred.contains(&Attribute::Category)),
                ..column("体系", Kind::Text, false)
            },
            Col::Department => Column {
                note: inferred.filter(|_| self.all_inferred.contains(&Attribute::LeadDepartment)),
                ..column("责任部门", Kind::Text, false)
            },
            Col::Years => column("建设年限", Kind::Date, true),
            Col::Investment => {
                Column { unit, note: Some("估算".into()), ..column("规划投资额", Kind::Number, true) }
            }
            Col::Share => column("占比", Kind::Number, false),
            Col::Money(measure) => Column { unit, note: year, ..column(measure.label(), Kind::Number, false) },
            Col::Rate => column("完成率", Kind::Number, false),
            Col::Variance => Column { unit: Some("百分点".into()), ..column("序时差", Kind::Number, false) },
            Col::Next => column("下一节点", Kind::Text, false),
            Col::Light => Column {
                note: Some(judged_month(self.asked.as_of).to_string()),
                ..column("亮灯", Kind::Status, true)
            },
            Col::Status => column("状态", Kind::Status, true),
            Col::Report => column("上次月报", Kind::Date, false),
            Col::Latest => column("数据截至", Kind::Date, false),
        };
        if self.layout.sorts {
            made.sort = sort_word(col).map(|word| super::projects::sort_link(self.asked, word));
        }
        made
    }

    /// Where the column does not say it of all, each cell that is inferred says so itself.
    fn marked(&self, cell: Cell, row: &ProjectRow, attribute: Attribute) -> Cell {
        match row.state.is_inferred(attribute) && !self.all_inferred.contains(&attribute) {
            true => cell.with_note("推定·待确认"),
            false => cell,
        }
    }

    fn groups(&self, columns: &[Col], shown: &[&ProjectRow]) -> Vec<Group> {
        let body = |rows: Vec<&ProjectRow>| rows.into_iter().map(|row| self.row(columns, row)).collect::<Vec<_>>();
        let Some((by, all, year)) = self.layout.groups else {
            return vec![Group { head: None, rows: body(shown.to_vec()) }];
        };
        all.rows
            .iter()
            .map(|group| {
                let key = group.keys.first().map_or(NONE, String::as_str);
                let label = group.labels.first().map_or("", String::as_str);
                let of_year = year
                    .rows
                    .iter()
                    .find(|other| other.keys == group.keys)
                    .map_or_else(Figures::default, |row| row.figures);
                let head =
                    columns.iter().map(|col| self.summary(*col, label, Some((by, key)), &group.figures, &of_year));
                let members = shown.iter().copied().filter(|row| group_key(row, by) == key).collect();
                Group { head: Some(Row::from(head.collect::<Vec<_>>())), rows: body(members) }
            })
            .collect()
    }

    fn row(&self, columns: &[Col], row: &ProjectRow) -> Row {
        let code = &row.state.project.code;
        Row { id: Some(code.to_lowercase()), cells: columns.iter().map(|col| self.cell(*col, row)).collect() }
    }

    fn cell(&self, col: Col, row: &ProjectRow) -> Cell {
        let asked = self.asked;
        let (code, state) = (row.state.project.code.as_str(), &row.state);
        let entries = |measure: Measure| asked.link("/entries", &[("project", code), ("measure", measure.key())]);
        let of_year = |measure: Measure| {
            let year = asked.as_of.year().to_string();
            asked.link("/entries", &[("project", code), ("measure", measure.key()), ("year", &year)])
        };
        match col {
            Col::Code => Cell::link(code, asked.link(&format!("/projects/{code}"), &[])),
            Col::Name => Cell::link(state.value(Attribute::Name), asked.link(&format!("/projects/{code}"), &[])),
            Col::Category => {
                let name = |slug: &str| self.listing.names.category(slug).to_owned();
                let cell = named(asked, "/categories/", state.value(Attribute::Category), name);
                self.marked(cell, row, Attribute::Category)
            }
            Col::Department => {
                let name = |code: &str| self.listing.names.department(code).to_owned();
                let cell = named(asked, "/departments/", state.value(Attribute::LeadDepartment), name);
                self.marked(cell, row, Attribute::LeadDepartment)
            }
            Col::Years => years(state.year(Attribute::StartYear), state.year(Attribute::EndYear)),
            Col::Investment => asked.money_cell(
                row.figures.sum(Measure::Investment),
                self.decimals(Measure::Investment),
                entries(Measure::Investment),
                "未填",
            ),
            Col::Share => self.share(row.figures.sum(Measure::Investment)),
            Col::Money(measure) => asked.money_cell(
                self.listing.year_sum(row, measure),
                self.decimals(measure),
                of_year(measure),
                absent(measure),
            ),
            Col::Rate => {
                rate(self.listing.year_sum(row, Measure::Completed), self.listing.year_sum(row, Measure::Plan))
            }
            Col::Variance => variance(
                asked,
                self.listing.year_sum(row, Measure::Completed),
                self.listing.year_sum(row, Measure::Plan),
            ),
            Col::Next => match self.listing.next.get(&state.project.id) {
                Some((name, on)) => {
                    Cell::link(name.as_str(), asked.link(&format!("/projects/{code}"), &[]) + "#milestones")
                        .with_note(on.as_str())
                }
                None => Cell::absent("未填"),
            },
            Col::Light => {
                let status = self.listing.status(row, asked.as_of);
                let lamp = match self.listing.lights.get(&state.project.id) {
                    Some(light) => Cell::mark(super::lights::mark(*light)),
                    None => Cell::absent("月报尚未启用"),
                };
                // The second line is narrow: the short words where there are some.
                let words = match status.mark {
                    Some(mark) => mark.short.unwrap_or(mark.text),
                    None => status.short.unwrap_or(status.text),
                };
                lamp.with_note(words)
            }
            Col::Status => self.listing.status(row, asked.as_of),
            Col::Report => self.listing.reported.cell(asked, state.project.id, code),
            Col::Latest => self
                .listing
                .latest
                .get(&state.project.id)
                .map_or_else(|| Cell::absent("未填报"), |day| Cell::text(day.to_string())),
        }
    }

    fn summary(&self, col: Col, label: &str, group: Option<(Dimension, &str)>, all: &Figures, year: &Figures) -> Cell {
        let asked = self.asked;
        let entries = |measure: Measure, of_year: bool| {
            let fiscal = asked.as_of.year().to_string();
            let mut params = vec![("measure", measure.key())];
            params.extend(group.map(|(by, key)| (by.word(), key)));
            params.extend(of_year.then_some(("year", fiscal.as_str())));
            let filters: Vec<(&str, &str)> = asked
                .params
                .iter()
                .filter(|(key, _)| FILTERS.contains(&key.as_str()))
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            params.extend(filters);
            asked.link("/entries", &params)
        };
        match col {
            Col::Name => match group {
                Some((Dimension::Category, slug)) if slug != NONE => {
                    Cell::link(label, asked.link(&format!("/categories/{slug}"), &[]))
                }
                Some((Dimension::Department, code)) if code != NONE => {
                    Cell::link(label, asked.link(&format!("/departments/{code}"), &[]))
                }
                _ => Cell::text(label),
            },
            Col::Department => Cell::text(format!("{} 项", all.projects.unwrap_or(0))),
            Col::Investment => asked.money_cell(
                all.sum(Measure::Investment),
                self.decimals(Measure::Investment),
                entries(Measure::Investment, false),
                "未填",
            ),
            Col::Share => self.share(all.sum(Measure::Investment)),
            Col::Money(measure) => {
                asked.money_cell(year.sum(measure), self.decimals(measure), entries(measure, true), absent(measure))
            }
            Col::Rate => rate(year.sum(Measure::Completed), year.sum(Measure::Plan)),
            Col::Variance => variance(asked, year.sum(Measure::Completed), year.sum(Measure::Plan)),
            _ => Cell::blank(),
        }
    }

    fn decimals(&self, measure: Measure) -> u32 {
        self.decimals.get(&measure).copied().unwrap_or(2)
    }

    fn share(&self, sum: Sum) -> Cell {
        match self.layout.whole.and_then(|whole| Ratio::new(sum.fen, whole.fen)) {
            Some(_) if sum.n == 0 => Cell::absent("未填"),
            Some(ratio) => Cell::text(ratio.percent()),
            None => Cell::absent("不适用"),
        }
    }
}

/// The attributes of which every project of the list has only an inferred value, and shows it.
fn all_inferred(asked: &Asked, listing: &Listing) -> Vec<Attribute> {
    let whole = &listing.whole;
    [(Attribute::Category, whole.inferred_categories), (Attribute::LeadDepartment, whole.inferred_departments)]
        .into_iter()
        .filter(|(attribute, _)| !asked.filter.hidden.is_of(*attribute))
        .filter(|(_, inferred)| *inferred > 0 && *inferred == whole.projects)
        .map(|(attribute, _)| attribute)
        .collect()
}

/// The filters that a sub-total's link carries along.
pub const FILTERS: [&str; 9] =
    ["category", "department", "nature", "stage", "start_year", "end_year", "active_in", "q", "source"];

fn sort_word(col: Col) -> Option<&'static str> {
    match col {
        Col::Code => Some("code"),
        Col::Name => Some("name"),
        Col::Years => Some("end_year"),
        Col::Investment => Some("investment"),
        Col::Money(measure) => Some(measure.key()),
        _ => None,
    }
}

/// The key of a project in a dimension of its own.
pub fn group_key(row: &ProjectRow, by: Dimension) -> &str {
    let attribute = match by {
        Dimension::Category => Attribute::Category,
        Dimension::Department => Attribute::LeadDepartment,
        Dimension::Nature => Attribute::Nature,
        Dimension::Stage => Attribute::Stage,
        Dimension::StartYear => Attribute::StartYear,
        Dimension::EndYear | Dimension::Year | Dimension::Source => Attribute::EndYear,
    };
    match row.state.value(attribute) {
        "" => NONE,
        value => value,
    }
}

/// Why a money cell is empty.
fn absent(measure: Measure) -> &'static str {
    match measure {
        Measure::Plan => "未下达",
        _ => "未填报",
    }
}

fn named(asked: &Asked, path: &str, code: &str, name: impl Fn(&str) -> String) -> Cell {
    match code {
        "" => Cell::absent("待确认"),
        code => Cell::link(name(code), asked.link(&format!("{path}{code}"), &[])),
    }
}

/// 2023–2025, on a narrow screen 2023–25.
pub fn years(start: Option<i32>, end: Option<i32>) -> Cell {
    match (start, end) {
        (Some(start), Some(end)) => {
            Cell::text(format!("{start}–{end}")).with_short(format!("{start}–{:02}", end % 100))
        }
        _ => Cell::absent("未填"),
    }
}

/// 完成投资 ÷ 年度计划投资; without a plan it is not judged.
pub fn rate(completed: Sum, plan: Sum) -> Cell {
    match (plan.n, Ratio::new(completed.fen, plan.fen)) {
        (0, _) => Cell::absent("未下达"),
        (_, None) => Cell::absent("不适用"),
        (_, Some(_)) if completed.n == 0 => Cell::absent("未填报"),
        (_, Some(ratio)) => Cell::text(ratio.percent()),
    }
}

/// (完成率 − 月份 ÷ 12) in percentage points, one decimal.
pub fn variance(asked: &Asked, completed: Sum, plan: Sum) -> Cell {
    if plan.n == 0 || plan.fen <= 0 || completed.n == 0 {
        return Cell::absent("不适用");
    }
    Cell::text(crate::ratio::points_behind(completed.fen, plan.fen, i64::from(asked.as_of.raw() / 100 % 100), 12))
}
