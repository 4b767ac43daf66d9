//! 横道图: the geometry of years and milestones, a row each, on one axis.
//!
//! A row is a row of a table, so that names stay where they are when the years are scrolled, and
//! paper repeats the head. What differs in kind differs in shape: planned a ring, past its day and
//! not met a crossed ring, forecast a diamond, met a square; a line leads from the first plan to
//! what is known last.

use serde::Serialize;

use super::chart::{Axis, Tick, Today, YearDay, percent};
use super::frame::Link;
use crate::milestone::slip;
use crate::period::Day;

/// A date of a milestone: the day it is drawn at, and how it is written.
#[derive(Clone, Debug)]
pub struct Dated {
    /// The last day it can be.
    pub day: Day,
    /// As exactly as it is known.
    pub words: String,
}

/// A milestone to draw.
#[derive(Clone, Debug)]
pub struct NodeInput {
    /// Its name.
    pub name: String,
    /// Where it leads.
    pub href: String,
    /// The first plan.
    pub first_plan: Option<Day>,
    /// The plan in force.
    pub planned: Option<Dated>,
    /// The forecast in force.
    pub forecast: Option<Dated>,
    /// When it was met.
    pub met: Option<Dated>,
}

/// A row to draw.
#[derive(Clone, Debug)]
pub struct RowInput {
    /// What it is.
    pub label: String,
    /// A second, quieter line.
    pub note: String,
    /// Where it leads.
    pub href: String,
    /// 建设年限.
    pub years: Option<(i32, i32)>,
    /// Whether its term is over without a record of completion.
    pub open: bool,
    /// Its milestones.
    pub nodes: Vec<NodeInput>,
}

/// A finished chart.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Gantt {
    /// Prefix of the ids inside, unique on its page.
    pub id: String,
    /// The heading of the names.
    pub heading: String,
    /// The whole in one sentence.
    pub summary: String,
    /// The years along the top.
    pub ticks: Vec<Tick>,
    /// The day it is seen from.
    pub today: Option<Today>,
    /// The rows, in groups.
    pub groups: Vec<Group>,
    /// What of the legend is drawn: bar, open, planned, late, forecast, met, slip.
    pub legend: Legend,
    /// The table that holds the same facts.
    pub twin: Link,
}

/// Which marks are drawn, so that only those are explained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Legend {
    /// Bars of years.
    pub bar: bool,
    /// Hatched bars.
    pub open: bool,
    /// Rings.
    pub planned: bool,
    /// Crossed rings.
    pub late: bool,
    /// Diamonds.
    pub forecast: bool,
    /// Squares.
    pub met: bool,
    /// Lines of slip.
    pub slip: bool,
}

/// Rows under a heading.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Group {
    /// The heading; none where rows are not grouped.
    pub heading: Option<Link>,
    /// How many there are of it: 「9 项」.
    pub count: String,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A finished row.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// A second, quieter line.
    pub note: String,
    /// Where it leads.
    pub href: String,
    /// The row in words, for those who cannot see it.
    pub words: String,
    /// Its years.
    pub bar: Option<Bar>,
    /// Lines from the first plan to what is known last.
    pub slips: Vec<Slip>,
    /// The marks.
    pub marks: Vec<Mark>,
}

/// A bar of years.
#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    /// Left end.
    pub x: String,
    /// Length.
    pub width: String,
    /// Hatched: over, and nothing says how it ended.
    pub open: bool,
}

/// A line of slip.
#[derive(Clone, Debug, Serialize)]
pub struct Slip {
    /// From the first plan.
    pub from: String,
    /// To what is known last.
    pub to: String,
}

/// A mark.
#[derive(Clone, Debug, Serialize)]
pub struct Mark {
    /// Where.
    pub x: String,
    /// Its shape; the class.
    pub shape: &'static str,
    /// What it says.
    pub words: String,
    /// Where it leads.
    pub href: String,
}

/// What a chart says about itself.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    /// Prefix of the ids inside.
    pub id: &'a str,
    /// The heading of the names.
    pub heading: &'a str,
    /// The whole in one sentence.
    pub summary: &'a str,
    /// The words at today's line.
    pub today: &'a str,
    /// The table that holds the same facts.
    pub twin: Link,
}

/// A heading with its count, and the rows under it.
pub type Grouped = (Option<Link>, String, Vec<RowInput>);

/// Lays out rows on one axis: the years of all bars, of all marks and of the day it is seen from.
pub fn lay_out(text: &Text<'_>, as_of: Day, groups: Vec<Grouped>) -> Gantt {
    let axis = axis(as_of, &groups);
    let mut legend = Legend::default();
    let groups = groups
        .into_iter()
        .map(|(heading, count, rows)| Group {
            heading,
            count,
            rows: rows.into_iter().map(|row| self::row(&axis, as_of, row, &mut legend)).collect(),
        })
        .collect();
    Gantt {
        id: text.id.into(),
        heading: text.heading.into(),
        summary: text.summary.into(),
        ticks: axis.ticks(),
        today: axis.day(YearDay::of(as_of)).map(|x| Today { label: text.today.into(), x: percent(x) }),
        groups,
        legend,
        twin: text.twin.clone(),
    }
}

fn axis(as_of: Day, groups: &[Grouped]) -> Axis {
    let rows = || groups.iter().flat_map(|(.., rows)| rows);
    let days = rows().flat_map(|row| &row.nodes).flat_map(|node| {
        let dated = [&node.planned, &node.forecast, &node.met].into_iter().flatten().map(|dated| dated.day);
        dated.chain(node.first_plan).map(|day| day.year().get()).collect::<Vec<_>>()
    });
    let years = rows().filter_map(|row| row.years).flat_map(|(start, end)| [start, end]).chain(days);
    // The day it is seen from is always in sight.
    let (first, last) =
        years.fold((as_of.year().get(), as_of.year().get()), |(first, last), year| (first.min(year), last.max(year)));
    Axis { first: first.into(), last: last.into() }
}

fn row(axis: &Axis, as_of: Day, input: RowInput, legend: &mut Legend) -> Row {
    let bar = input.years.map(|(start, end)| {
        let (from, to) = (axis.at(start.into()), axis.at(i64::from(end) + 1));
        legend.bar |= !input.open;
        legend.open |= input.open;
        Bar { x: percent(from), width: percent(to - from), open: input.open }
    });
    let mut words = match input.years {
        Some((start, end)) => vec![format!("{}，规划年限 {start}–{end}", input.label)],
        None => vec![input.label.clone()],
    };
    if input.open {
        words.push("规划年限已满，完成情况未填".into());
    }
    let (mut slips, mut marks) = (Vec::new(), Vec::new());
    for node in &input.nodes {
        slips.extend(slip_of(axis, node));
        let own = marks_of(axis, as_of, node);
        words.extend(own.iter().map(|mark: &Mark| mark.words.clone()));
        marks.extend(own);
    }
    legend.slip |= !slips.is_empty();
    for mark in &marks {
        match mark.shape {
            "planned" => legend.planned = true,
            "late" => legend.late = true,
            "forecast" => legend.forecast = true,
            _ => legend.met = true,
        }
    }
    Row { label: input.label, note: input.note, href: input.href, words: words.join("；"), bar, slips, marks }
}

fn at(axis: &Axis, day: Day) -> Option<String> {
    axis.day(YearDay::of(day)).map(percent)
}

/// From the first plan to the day it was met, or to the latest forecast or plan.
fn slip_of(axis: &Axis, node: &NodeInput) -> Option<Slip> {
    let last = node.met.as_ref().or(node.forecast.as_ref()).or(node.planned.as_ref())?.day;
    let first = node.first_plan.filter(|first| *first != last)?;
    Some(Slip { from: at(axis, first)?, to: at(axis, last)? })
}

fn marks_of(axis: &Axis, as_of: Day, node: &NodeInput) -> Vec<Mark> {
    let mark = |dated: &Dated, shape: &'static str, words: String| {
        at(axis, dated.day).map(|x| Mark { x, shape, words, href: node.href.clone() })
    };
    let mut marks = Vec::new();
    if let Some(planned) = &node.planned {
        let is_late = node.met.is_none() && planned.day < as_of;
        let past = if is_late { "，到期未完成" } else { "" };
        let words = format!("{} 计划 {}{past}", node.name, planned.words);
        marks.extend(mark(planned, if is_late { "late" } else { "planned" }, words));
    }
    let against = |day: Day| match node.first_plan.map(|first| slip::days(first, day)) {
        None | Some(0) => String::new(),
        Some(days) => format!("，较首次计划{}", slip::words(days)),
    };
    if let Some(forecast) = node.forecast.as_ref().filter(|_| node.met.is_none()) {
        let words = format!("{} 预计 {}{}", node.name, forecast.words, against(forecast.day));
        marks.extend(mark(forecast, "forecast", words));
    }
    if let Some(met) = &node.met {
        let words = format!("{} 完成 {}{}", node.name, met.words, against(met.day));
        marks.extend(mark(met, "met", words));
    }
    marks
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test stops where the world is not as it says")]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    fn dated(text: &str) -> Option<Dated> {
        Some(Dated { day: day(text), words: text.into() })
    }

    fn drawn(node: NodeInput, as_of: &str) -> Row {
        let row = RowInput {
            label: "甲".into(),
            note: String::new(),
            href: "/".into(),
            years: Some((2024, 2025)),
            open: false,
            nodes: vec![node],
        };
        let text = Text { id: "g", heading: "", summary: "", today: "", twin: Link::default() };
        let chart = lay_out(&text, day(as_of), vec![(None, String::new(), vec![row])]);
        chart.groups.into_iter().next().and_then(|group| group.rows.into_iter().next()).expect("a row")
    }

    fn node() -> NodeInput {
        NodeInput {
            name: "开工".into(),
            href: String::new(),
            first_plan: None,
            planned: None,
            forecast: None,
            met: None,
        }
    }

    #[test]
    fn what_differs_in_kind_differs_in_shape() {
        let shapes = |row: Row| row.marks.iter().map(|mark| mark.shape).collect::<Vec<_>>();
        let planned = NodeInput { planned: dated("2025-06-30"), forecast: dated("2025-09-30"), ..node() };
        assert_eq!(shapes(drawn(planned.clone(), "2025-01-01")), ["planned", "forecast"]);
        assert_eq!(shapes(drawn(planned.clone(), "2025-07-01")), ["late", "forecast"]);
        let met = NodeInput { met: dated("2025-07-15"), ..planned };
        assert_eq!(shapes(drawn(met, "2025-08-01")), ["planned", "met"], "a forecast is over once it is met");
    }

    #[test]
    fn a_line_leads_from_the_first_plan_to_what_is_known_last() {
        let first = Some(day("2024-01-01"));
        let moved = NodeInput { first_plan: first, planned: dated("2025-01-01"), ..node() };
        let line =
            |node: NodeInput| drawn(node, "2024-06-01").slips.into_iter().next().map(|slip| (slip.from, slip.to));
        assert_eq!(line(moved.clone()), Some(("0.00%".into(), "50.00%".into())));
        assert_eq!(line(NodeInput { planned: dated("2024-01-01"), ..moved }), None, "nothing moved");
    }

    #[test]
    fn a_date_outside_the_years_of_the_bars_widens_the_axis() {
        let text = Text { id: "g", heading: "", summary: "", today: "", twin: Link::default() };
        let row = RowInput {
            label: "甲".into(),
            note: String::new(),
            href: String::new(),
            years: Some((2024, 2025)),
            open: true,
            nodes: vec![NodeInput { forecast: dated("2027-03-31"), ..node() }],
        };
        let chart = lay_out(&text, day("2025-01-01"), vec![(None, String::new(), vec![row])]);
        assert_eq!(chart.ticks.first().map(|tick| tick.label.as_str()), Some("2024"));
        assert_eq!(chart.ticks.len(), 4);
        assert!(chart.legend.open && chart.legend.forecast && !chart.legend.bar && !chart.legend.met);
        assert!(chart.groups[0].rows[0].words.contains("开工 预计 2027-03-31"));
    }
}
