//! The geometry of our own small charts: integers in, finished coordinates and labels out.
//!
//! Horizontal positions are percentages, so that a drawing is as wide as its column and its
//! text keeps its size; vertical positions are pixels. Nothing here measures text: a label gets
//! a line of its own, or is cut to the width it certainly has on a screen of 390 px, with the
//! full wording beside it for wider ones. Lengths are drawn from exact amounts and are never
//! read back as figures: the figures are the labels.

use chrono::Datelike;
use serde::Serialize;

use super::frame::Link;
use crate::period::Day;

/// The narrowest drawing we lay out for: a 390 px screen less its margins.
const NARROWEST_PX: i64 = 340;
/// The size of a chart's text; the style sheet uses the same.
const TEXT_PX: i64 = 12;
/// A bar's row: a line of text, the bar, and air.
const BAR_PITCH: i64 = 38;
/// A timeline's row.
const LANE_PITCH: i64 = 22;
/// Room for the years above a timeline.
const AXIS_HEIGHT: i64 = 26;

/// One amount to draw.
#[derive(Clone, Debug)]
pub struct BarInput {
    /// What it is.
    pub label: String,
    /// The amount in words, as the table prints it.
    pub value: String,
    /// Its share of the whole, printed: `36.5%`.
    pub share: Option<String>,
    /// The exact amount; the longest bar is the greatest one.
    pub size: i64,
    /// The rows behind it.
    pub href: String,
}

/// Horizontal bars, largest first.
#[derive(Clone, Debug, Serialize)]
pub struct BarChart {
    /// Prefix of the ids inside the drawing, unique on its page.
    pub id: String,
    /// The heading.
    pub title: String,
    /// The whole drawing in one sentence, for those who cannot see it.
    pub summary: String,
    /// The unit of the values.
    pub unit: String,
    /// Height of the drawing in pixels.
    pub height: i64,
    /// The bars, largest first.
    pub bars: Vec<Bar>,
}

/// A finished bar.
#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    /// The label, in full.
    pub label: String,
    /// The label cut to the narrowest drawing, when it is longer.
    pub short: Option<String>,
    /// The printed amount.
    pub value: String,
    /// The printed share.
    pub share: Option<String>,
    /// The rows behind it.
    pub href: String,
    /// Top of the row: the part that answers to the pointer.
    pub hit_y: i64,
    /// Baseline of the text.
    pub text_y: i64,
    /// Top of the bar.
    pub bar_y: i64,
    /// Length of the bar, `36.49%`.
    pub width: String,
}

/// Lays out horizontal bars, largest first; equal amounts keep their order.
/// An amount of zero or below has no length: its label says what it is.
pub fn bars(id: &str, title: &str, summary: &str, unit: &str, mut inputs: Vec<BarInput>) -> BarChart {
    inputs.sort_by_key(|input| std::cmp::Reverse(input.size));
    let greatest = inputs.first().map_or(0, |input| input.size);
    let bars: Vec<Bar> = (0_i64..).zip(inputs).map(|(index, input)| bar(index, greatest, input)).collect();
    let height = BAR_PITCH * i64::try_from(bars.len()).unwrap_or(0);
    BarChart {
        id: id.to_owned(),
        title: title.to_owned(),
        summary: summary.to_owned(),
        unit: unit.to_owned(),
        height,
        bars,
    }
}

fn bar(index: i64, greatest: i64, input: BarInput) -> Bar {
    let figures = ems(&input.value) + input.share.as_deref().map_or(0, |share| ems(share) + 200);
    let room = NARROWEST_PX * 100 / TEXT_PX - figures - 100;
    Bar {
        short: cut(&input.label, room),
        label: input.label,
        value: input.value,
        share: input.share,
        href: input.href,
        hit_y: index * BAR_PITCH,
        text_y: index * BAR_PITCH + 14,
        bar_y: index * BAR_PITCH + 21,
        width: percent(length(input.size, greatest)),
    }
}

/// One span of years to draw.
#[derive(Clone, Debug)]
pub struct SpanInput {
    /// What it is.
    pub label: String,
    /// First year.
    pub start: i64,
    /// Last year, inclusive.
    pub end: i64,
    /// Whether its term is over without a record of completion.
    pub open: bool,
    /// The page behind it.
    pub href: String,
}

/// A part of the year: day `day` of `days`.
#[derive(Clone, Copy, Debug)]
pub struct YearDay {
    /// The year.
    pub year: i64,
    /// The day's number in its year, from 1.
    pub day: i64,
    /// How many days the year has.
    pub days: i64,
}

impl YearDay {
    /// Where a day lies in its year.
    pub fn of(day: Day) -> YearDay {
        let date = day.to_naive();
        let days = if date.leap_year() { 366 } else { 365 };
        YearDay { year: i64::from(day.year().get()), day: i64::from(date.ordinal()), days }
    }
}

/// Spans of years under headings, with the day they are seen from.
#[derive(Clone, Debug, Serialize)]
pub struct Timeline {
    /// Prefix of the ids inside the drawing, unique on its page.
    pub id: String,
    /// The heading.
    pub title: String,
    /// The whole drawing in one sentence.
    pub summary: String,
    /// Height of the drawing in pixels.
    pub height: i64,
    /// The years along the top.
    pub ticks: Vec<Tick>,
    /// The day it is seen from, when within the years drawn.
    pub today: Option<Today>,
    /// The groups, each with its heading.
    pub lanes: Vec<Lane>,
    /// Whether any span is drawn hatched, so that the legend explains it.
    pub has_open: bool,
    /// The table that holds the same facts.
    pub twin: Link,
}

/// A year's mark.
#[derive(Clone, Debug, Serialize)]
pub struct Tick {
    /// The year; empty for a line without a label.
    pub label: String,
    /// Where.
    pub x: String,
}

/// The line of the day the drawing is seen from.
#[derive(Clone, Debug, Serialize)]
pub struct Today {
    /// The words: 「今天 2026-11-23」 or 「截至 2025-06-30」.
    pub label: String,
    /// Where.
    pub x: String,
}

/// A group of spans.
#[derive(Clone, Debug, Serialize)]
pub struct Lane {
    /// The group's name.
    pub heading: String,
    /// Baseline of the heading.
    pub y: i64,
    /// The spans.
    pub spans: Vec<Span>,
}

/// A finished span.
#[derive(Clone, Debug, Serialize)]
pub struct Span {
    /// The label in full.
    pub label: String,
    /// The label cut to the narrowest drawing, when it is longer.
    pub short: Option<String>,
    /// The years in words: `2023–2025`.
    pub years: String,
    /// The page behind it.
    pub href: String,
    /// Left end.
    pub x: String,
    /// Length.
    pub width: String,
    /// Top of the row: the part that answers to the pointer.
    pub hit_y: i64,
    /// Top of the span.
    pub y: i64,
    /// Baseline of the label.
    pub text_y: i64,
    /// Where the label begins: inside a long span, after a short one.
    pub text_x: String,
    /// Whether the label stands on the span.
    pub inside: bool,
    /// Whether the term is over without a record of completion; drawn hatched.
    pub open: bool,
}

/// What a timeline says about itself.
#[derive(Clone, Debug)]
pub struct TimelineText<'a> {
    /// Prefix of the ids inside the drawing.
    pub id: &'a str,
    /// The heading.
    pub title: &'a str,
    /// The whole drawing in one sentence.
    pub summary: &'a str,
    /// The words at today's line.
    pub today: &'a str,
    /// The table that holds the same facts.
    pub twin: Link,
}

/// Lays out spans of years under headings. The years drawn are those of the spans.
pub fn timeline(text: TimelineText<'_>, today: YearDay, groups: Vec<(String, Vec<SpanInput>)>) -> Timeline {
    let spans = || groups.iter().flat_map(|(_, spans)| spans);
    let axis = Axis {
        first: spans().map(|span| span.start).min().unwrap_or(today.year),
        last: spans().map(|span| span.end).max().unwrap_or(today.year),
    };
    let has_open = spans().any(|span| span.open);
    let mut y = AXIS_HEIGHT;
    let mut lanes = Vec::with_capacity(groups.len());
    for (heading, members) in groups {
        let top = y;
        y += LANE_PITCH;
        let mut spans = Vec::with_capacity(members.len());
        for member in members {
            spans.push(axis.span(member, y));
            y += LANE_PITCH;
        }
        y += LANE_PITCH / 3;
        lanes.push(Lane { heading, y: top + 15, spans });
    }
    Timeline {
        id: text.id.to_owned(),
        title: text.title.to_owned(),
        summary: text.summary.to_owned(),
        height: y,
        ticks: axis.ticks(),
        today: axis.day(today).map(|x| Today { label: text.today.to_owned(), x: percent(x) }),
        lanes,
        has_open,
        twin: text.twin,
    }
}

/// The years drawn, both inclusive; positions are in hundredths of a percent.
pub(super) struct Axis {
    pub(super) first: i64,
    pub(super) last: i64,
}

impl Axis {
    fn years(&self) -> i64 {
        (self.last - self.first + 1).max(1)
    }

    /// Where a year begins.
    pub(super) fn at(&self, year: i64) -> i64 {
        (year - self.first) * 10_000 / self.years()
    }

    pub(super) fn day(&self, day: YearDay) -> Option<i64> {
        if day.year < self.first || day.year > self.last || day.days <= 0 {
            return None;
        }
        Some(self.at(day.year) + (day.day - 1) * 10_000 / (day.days * self.years()))
    }

    /// A line for every year; a label for as many as fit on the narrowest drawing.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let step = (self.years() + 6) / 7;
        (self.first..=self.last)
            .map(|year| Tick {
                label: if (year - self.first) % step == 0 { year.to_string() } else { String::new() },
                x: percent(self.at(year)),
            })
            .collect()
    }

    fn span(&self, input: SpanInput, y: i64) -> Span {
        let (from, to) = (self.at(input.start), self.at(input.end + 1));
        // A label goes where there is more room: inside the span, or between its end and the edge.
        let inside = to - from > 10_000 - to;
        let room = if inside { to - from } else { 10_000 - to };
        let room_ems = room * NARROWEST_PX / 10_000 * 100 / TEXT_PX - 100;
        Span {
            short: cut(&input.label, room_ems),
            label: input.label,
            years: format!("{}–{}", input.start, input.end),
            href: input.href,
            x: percent(from),
            width: percent(to - from),
            hit_y: y,
            y: y + 2,
            text_y: y + 15,
            text_x: percent(if inside { from } else { to }),
            inside,
            open: input.open,
        }
    }
}

/// Length in hundredths of a percent; a positive amount is never drawn as nothing.
fn length(size: i64, greatest: i64) -> i64 {
    if size <= 0 || greatest <= 0 {
        return 0;
    }
    let exact = i128::from(size) * 10_000 / i128::from(greatest);
    i64::try_from(exact).unwrap_or(10_000).clamp(40, 10_000)
}

/// Hundredths of a percent as an SVG length.
pub(super) fn percent(hundredths: i64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// A generous width in hundredths of an em: full width for everything but ASCII.
fn ems(text: &str) -> i64 {
    text.chars().map(|c| if c.is_ascii() { 60 } else { 100 }).sum()
}

/// The label cut to `room` hundredths of an em, or `None` when it fits as it is.
fn cut(label: &str, room: i64) -> Option<String> {
    if ems(label) <= room {
        return None;
    }
    let mut width = 100; // the ellipsis
    let kept: String = label
        .chars()
        .take_while(|c| {
            width += if c.is_ascii() { 60 } else { 100 };
            width <= room
        })
        .collect();
    Some(format!("{}…", kept.trim_end_matches([' ', '(', '（', '“', '、', '—'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(label: &str, size: i64) -> BarInput {
        BarInput { label: label.to_owned(), value: size.to_string(), share: None, size, href: String::new() }
    }

    #[test]
    fn bars_are_sorted_and_scaled_to_the_greatest() {
        let chart =
            bars("c", "", "", "", vec![input("小", 1), input("大", 40_000), input("中", 10_000), input("负", -5)]);
        let drawn: Vec<_> = chart.bars.iter().map(|bar| (bar.label.as_str(), bar.width.as_str())).collect();
        assert_eq!(drawn, [("大", "100.00%"), ("中", "25.00%"), ("小", "0.40%"), ("负", "0.00%")]);
        assert_eq!(chart.height, 4 * BAR_PITCH);
    }

    #[test]
    fn bars_survive_the_largest_amounts() {
        let chart = bars("c", "", "", "", vec![input("a", i64::MAX), input("b", i64::MAX / 2)]);
        assert_eq!(chart.bars[1].width, "49.99%");
    }

    #[test]
    fn a_timeline_places_years_and_today() {
        let span = |start, end| SpanInput { label: "甲".into(), start, end, open: false, href: String::new() };
        let text = TimelineText { id: "t", title: "", summary: "", today: "今天", twin: Link::default() };
        let noon = YearDay { year: 2026, day: 183, days: 364 };
        let chart = timeline(text, noon, vec![("体系".into(), vec![span(2022, 2025), span(2025, 2031)])]);
        assert_eq!((chart.lanes[0].spans[0].x.as_str(), chart.lanes[0].spans[0].width.as_str()), ("0.00%", "40.00%"));
        assert_eq!(chart.lanes[0].spans[0].text_x, "40.00%", "a short span is labelled after its end");
        assert_eq!(chart.lanes[0].spans[1].text_x, "30.00%", "a long span is labelled inside");
        assert_eq!(chart.today.map(|today| today.x).as_deref(), Some("45.00%"));
        assert_eq!(chart.ticks.iter().filter(|tick| !tick.label.is_empty()).count(), 5);
    }

    #[test]
    fn a_day_outside_the_years_draws_no_line() {
        let text = TimelineText { id: "t", title: "", summary: "", today: "", twin: Link::default() };
        let span = SpanInput { label: "甲".into(), start: 2022, end: 2025, open: false, href: String::new() };
        let chart = timeline(text, YearDay { year: 2030, day: 1, days: 365 }, vec![(String::new(), vec![span])]);
        assert!(chart.today.is_none());
    }

    #[test]
    fn a_label_is_cut_only_when_it_must_be() {
        assert_eq!(cut("水生态修复项目", 700), None);
        assert_eq!(cut("水生态修复项目", 699).as_deref(), Some("水生态修复…"));
        assert_eq!(cut("沼气利用(发电)工程", 600).as_deref(), Some("沼气利用…"));
    }
}
