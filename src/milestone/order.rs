//! What milestones can and cannot be in their order: the impossible is refused, the odd is told.

use super::{FactKind, MilestoneFact, slip};
use crate::error::{Error, Result};
use crate::period::{Day, Precision};

/// Between which days something is: a month from its first to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first day it can be.
    pub first: Day,
    /// The last.
    pub last: Day,
    /// How exactly it is known.
    pub precision: Precision,
}

impl Span {
    /// The span of a date as it is stored: its last possible day, or today while it runs.
    pub fn of(on: Day, precision: Precision) -> Span {
        Span { first: precision.first_day_of(on), last: on, precision }
    }

    /// Whether it certainly lies before another.
    fn is_before(&self, other: &Span) -> bool {
        self.last < other.first
    }

    fn words(&self) -> String {
        self.precision.render(self.last)
    }
}

/// A milestone as its project's other milestones see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// N5, S1, or one's own.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The plan in force.
    pub planned: Option<Span>,
    /// The forecast in force.
    pub forecast: Option<Span>,
    /// When it was met, unless reopened.
    pub met: Option<Span>,
}

impl Node {
    /// A milestone with what is said of it by a day, in the facts' order.
    pub fn at(code: &str, name: &str, facts: &[MilestoneFact], on: Day) -> Result<Node> {
        let mut node = Node { code: code.into(), name: name.into(), planned: None, forecast: None, met: None };
        for fact in facts.iter().filter(|fact| fact.effective_on <= on.raw()) {
            let span = Span::of(Day::from_raw(fact.happens_on)?, Precision::parse(&fact.precision)?);
            match FactKind::from_code(fact.kind) {
                Some(FactKind::Plan) => node.planned = Some(span),
                Some(FactKind::Forecast) => node.forecast = Some(span),
                Some(FactKind::Met) => node.met = Some(span),
                Some(FactKind::Reopened) => node.met = None,
                None => return Err(Error::internal("节点事实种类无效", fact.kind.to_string())),
            }
        }
        Ok(node)
    }

    fn of_kind(&self, kind: FactKind) -> Option<Span> {
        match kind {
            FactKind::Plan => self.planned,
            FactKind::Forecast => self.forecast,
            FactKind::Met | FactKind::Reopened => self.met,
        }
    }
}

/// What is to be said of a milestone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// What.
    pub kind: FactKind,
    /// Of when.
    pub span: Span,
    /// Why a date moved.
    pub reason: &'a str,
}

/// A start and what cannot be finished before it.
const STARTS: [(&str, &[&str]); 2] = [("N5", &["N6", "N7", "N8"]), ("S1", &["S2", "S3", "S4"])];

/// Refuses what cannot be:
/// 1. what is not met cannot be reopened; what is met is not met again (two starts);
/// 2. a project begins once: 开工 or 启动, not both;
/// 3. a finish does not lie before its start, neither as met nor as planned;
/// 4. a plan or forecast moves later only with a reason.
pub fn check(node: &Node, others: &[Node], said: Said<'_>) -> Result<()> {
    match (said.kind, node.met) {
        (FactKind::Reopened, None) => return Err(Error::Conflict("节点尚未完成，不能重开".into())),
        (FactKind::Reopened, Some(_)) => return Ok(()),
        (FactKind::Met, Some(met)) => {
            return Err(Error::Conflict(format!("节点已于 {} 完成；如有误，先重开", met.last)));
        }
        _ => {}
    }
    if said.kind == FactKind::Met && STARTS.iter().any(|(start, _)| *start == node.code) {
        let begun =
            others.iter().find(|other| STARTS.iter().any(|(start, _)| *start == other.code) && other.met.is_some());
        if let Some((other, met)) = begun.and_then(|other| other.met.map(|met| (other, met))) {
            let message =
                format!("项目已于 {} {}，不能再记{}；如有误，先重开那个节点", met.words(), other.name, node.name);
            return Err(Error::Conflict(message));
        }
    }
    check_start_and_finish(node, others, said)?;
    check_reason(node, said)
}

fn check_start_and_finish(node: &Node, others: &[Node], said: Said<'_>) -> Result<()> {
    for (start, finishes) in STARTS {
        for other in others {
            let Some(theirs) = other.of_kind(said.kind) else { continue };
            let (begins, ends, name) = if node.code == start && finishes.contains(&other.code.as_str()) {
                (said.span, theirs, [&other.name, &node.name])
            } else if other.code == start && finishes.contains(&node.code.as_str()) {
                (theirs, said.span, [&node.name, &other.name])
            } else {
                continue;
            };
            if ends.is_before(&begins) {
                let [finish, start] = name;
                let kind = super::kind_label(said.kind);
                let message =
                    format!("{kind}的先后不对：{finish} {} 早于{start} {}；核对两个日期", ends.words(), begins.words());
                return Err(Error::invalid("on", said.span.words(), message));
            }
        }
    }
    Ok(())
}

fn check_reason(node: &Node, said: Said<'_>) -> Result<()> {
    let before = match said.kind {
        FactKind::Plan => node.planned,
        FactKind::Forecast => node.forecast.or(node.planned),
        FactKind::Met | FactKind::Reopened => None,
    };
    match before {
        Some(before) if said.span.last > before.last && said.reason.is_empty() => {
            let late = slip::days(before.last, said.span.last);
            Err(Error::invalid("reason", "", format!("比上次说的 {} 晚 {late} 天，要写原因", before.words())))
        }
        _ => Ok(()),
    }
}

/// What the project's registry says that bears on its milestones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// First year of 建设年限.
    pub start_year: Option<i32>,
    /// Last year of 建设年限.
    pub end_year: Option<i32>,
    /// 阶段, its word.
    pub stage: String,
}

/// What to look at in each pair before the second is met.
const BEFORE: [(&str, &str); 9] = [
    ("N1", "N2"),
    ("N2", "N5"),
    ("N5", "N8"),
    ("N8", "N9"),
    ("N8", "N10"),
    ("N6", "N7"),
    ("N7", "N8"),
    ("S1", "S3"),
    ("S3", "S4"),
];

/// Tells what is odd; it is recorded all the same.
pub fn warnings(node: &Node, others: &[Node], said: Said<'_>, around: &Surroundings, today: Day) -> Vec<String> {
    let mut told = Vec::new();
    let when = said.span.words();
    match said.kind {
        FactKind::Forecast if said.span.last < today => {
            told.push(format!("预计日期 {when} 已过；已经完成的请记完成，没有完成的请写新的预计日期"));
        }
        FactKind::Plan | FactKind::Forecast => {
            if let Some(end) = around.end_year.filter(|end| said.span.first.year().get() > *end) {
                told.push(format!("{when} 晚于规划年限（{end} 年底）"));
            }
        }
        FactKind::Met => told.extend(odd_when_met(node, others, said.span, around)),
        FactKind::Reopened => {}
    }
    told
}

fn odd_when_met(node: &Node, others: &[Node], span: Span, around: &Surroundings) -> Vec<String> {
    let mut told = Vec::new();
    for (first, second) in BEFORE {
        let known = |code: &str| others.iter().find(|other| other.code == code);
        if node.code == second {
            match known(first) {
                Some(Node { name, met: Some(met), .. }) if span.is_before(met) => {
                    told.push(format!("{}早于{name}（{}）", node.name, met.words()));
                }
                Some(Node { name, met: None, .. }) => told.push(format!("{name}还没有记完成")),
                _ => {}
            }
        }
    }
    if let Some(start) = around.start_year.filter(|start| span.last.year().get() < *start) {
        told.push(format!("{} 早于规划年限（{start} 年起）", span.words()));
    }
    if ["N8", "S3"].contains(&node.code.as_str()) && around.stage == "construction" {
        told.push(format!("已记{}，阶段仍是在建；请一并变更阶段", node.name));
    }
    told
}
