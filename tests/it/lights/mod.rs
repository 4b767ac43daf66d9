//! 红黄绿灯: the rules by their worked examples, and what the register makes of them.

mod facts;
mod rules;
mod said;

use taizhang::light::gap::Tau;
use taizhang::light::input::{Nature, Planned, Run};
use taizhang::light::rule::Schedule;
use taizhang::light::{Inputs, Node, Params, Part, Profile, Report, Stage, Verdict, judge};
use taizhang::money::Fen;
use taizhang::period::{Month, Precision};

use crate::support::day;

fn month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}

fn wan(text: &str) -> Fen {
    Fen::parse_wan(text).expect("an amount")
}

/// A project under construction that has filed its report, planned to end far ahead.
fn a_project(report: &str) -> Inputs {
    let far = Node { planned: Planned::in_year(2035), first: Planned::in_year(2035), ..Node::default() };
    Inputs {
        stage: Stage::Construction,
        nature: Nature::Enterprise,
        enabled: Some(month("2020-01")),
        report: Report::Filed,
        finish: far,
        ..Inputs::blank(month(report))
    }
}

/// The same with a plan and what is completed of it, in 万元.
fn with_money(report: &str, plan: &str, completed: &str) -> Inputs {
    let mut inputs = a_project(report);
    (inputs.moved.plan, inputs.moved.completed) = (Some(wan(plan)), Some(wan(completed)));
    inputs
}

fn strict() -> Params {
    let schedule = Schedule::Points { yellow: 10, red: 30, tolerant: false };
    Params { schedule, ..Params::published(Profile::YC2025) }
}

fn yc() -> Params {
    Params::published(Profile::YC2025)
}

/// The light of one part, by its name on screen.
fn part(verdict: &Verdict, part: Part) -> &'static str {
    verdict.part(part).map_or("没有判", |found| found.light.label())
}

/// A planned month of a milestone.
fn planned(text: &str) -> Planned {
    let (on, precision) = Precision::parse_date(text).expect("a date");
    Planned::on(precision.last_day_of(on), precision)
}
