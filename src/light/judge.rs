//! The rules R0–R6, with no words: words are made where someone reads them.

use super::gap::{Gap, Tau};
use super::input::{Inputs, Nature, Planned, Report, Stage};
use super::rule::{Params, Pay, Schedule};
use super::{Light, Part, months_between};
use crate::money::Fen;

/// Why a part has the light it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Held against what was due.
    Gap(Gap),
    /// Nothing was due yet, and the profile judges by the index.
    NothingDue(Gap),
    /// 2、3 月完成为 0.
    Floor(Gap),
    /// 未填年度计划.
    NoPlan,
    /// The annual plan is zero.
    ZeroPlan,
    /// 未填完成投资.
    NoCompleted,
    /// The month has not come.
    NotYet(Planned),
    /// So many months late.
    Late(Planned, i32),
    /// Late with leave.
    Exempt(Planned, i32),
    /// 未定开工月, 未定竣工期限.
    NoMonth,
    /// It has begun: there is nothing to judge any more.
    Begun,
    /// It is accepted, though the stage does not say so yet.
    Accepted,
    /// 未填财政预算.
    NoBudget,
    /// The budget is zero.
    ZeroBudget,
    /// 企业投资, or 投资性质待确认 and no budget recorded.
    NotFiscal,
    /// 未下达季度支付要求.
    NoQuota,
    /// Paid more than received: no light, an error in the data. (paid, received)
    Overpaid(Fen, Option<Fen>),
    /// The profile has no rule for it.
    NoRule,
}

/// What a rule found of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Of what.
    pub part: Part,
    /// The light, [`Light::None`] where there is nothing to judge.
    pub light: Light,
    /// Why.
    pub why: Why,
}

/// Why the whole is what it is where no part decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// The parts decide it (R6).
    Parts,
    /// 月报尚未启用.
    Off,
    /// 未报送.
    Missing,
    /// 阶段未填.
    NoStage,
    /// 已完成; so many months late, none when the day is not known.
    Done(Option<i32>),
    /// 已暂停 or 已取消.
    Halted,
}

/// A project's light in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// 总灯.
    pub light: Light,
    /// What decides it.
    pub whole: Whole,
    /// The parts that were looked at, in the order S, K, E, Y.
    pub parts: Vec<Found>,
}

impl Verdict {
    /// 数据不全: a red or yellow light beside which something could not be judged.
    pub fn is_incomplete(&self) -> bool {
        matches!(self.light, Light::Red | Light::Yellow) && self.parts.iter().any(|part| part.light == Light::Grey)
    }

    /// The parts that shine, worst first, then those that could not be judged.
    pub fn in_order(&self) -> Vec<&Found> {
        let mut parts: Vec<&Found> = self.parts.iter().filter(|part| part.light != Light::None).collect();
        parts.sort_by_key(|part| part.light);
        parts
    }

    /// The light of one part.
    pub fn part(&self, part: Part) -> Option<&Found> {
        self.parts.iter().find(|found| found.part == part)
    }
}

/// A project's light in a month.
/// R0. before 报送启用月 no light shines; finished, suspended and cancelled projects are not judged; what is
///     late with its report is grey, whatever it was the month before; without a stage nothing can be judged;
/// R6. else the worst of S, K, E and Y, leaving out what does not apply; grey only where nothing is red or
///     yellow.
pub fn judge(inputs: &Inputs, params: &Params) -> Verdict {
    let alone = |light, whole| Verdict { light, whole, parts: Vec::new() };
    if !inputs.is_enabled() || inputs.report == Report::NotEnabled {
        return alone(Light::Off, Whole::Off);
    }
    match inputs.stage {
        Stage::Finished => return alone(Light::Done, Whole::Done(finished_late(inputs))),
        Stage::Suspended => return alone(Light::Suspended, Whole::Halted),
        Stage::Cancelled => return alone(Light::Cancelled, Whole::Halted),
        _ if inputs.report == Report::Missing => return alone(Light::Grey, Whole::Missing),
        Stage::Unfilled => return alone(Light::Grey, Whole::NoStage),
        Stage::Reserve | Stage::Preparation | Stage::Construction => {}
    }
    let parts = vec![progress(inputs, params), start(inputs, params), finish(inputs, params), payment(inputs, params)];
    let lights = || parts.iter().map(|part| part.light);
    let light = [Light::Red, Light::Yellow, Light::Grey, Light::Green]
        .into_iter()
        .find(|light| lights().any(|found| found == *light))
        .unwrap_or(Light::None);
    Verdict { light, whole: Whole::Parts, parts }
}

/// How many months after the plan a finished project was accepted, or opened where no acceptance is recorded.
fn finished_late(inputs: &Inputs) -> Option<i32> {
    let on = inputs.finish.met.map(|(day, _)| day).or(inputs.opened)?;
    let planned = inputs.finish.planned?;
    Some(months_between(planned.month, on.month()).max(0))
}

/// R1 进度灯 S: the year's completed investment against the annual plan and the time gone by.
fn progress(inputs: &Inputs, params: &Params) -> Found {
    let found = |light, why| Found { part: Part::Progress, light, why };
    let Some(plan) = inputs.moved.plan else { return found(Light::Grey, Why::NoPlan) };
    let completed = match (inputs.moved.completed, inputs.report) {
        (Some(completed), _) => completed,
        // A report without an amount says that there was none.
        (None, Report::Filed) => Fen::new(0),
        (None, _) if plan.get() <= 0 => Fen::new(0),
        (None, _) => return found(Light::Grey, Why::NoCompleted),
    };
    let Some(gap) = Gap::new(completed, plan, inputs.due(params)) else { return found(Light::None, Why::ZeroPlan) };
    let month = inputs.month.raw() % 100;
    if params.early_floor && completed.get() == 0 && (month == 2 || month == 3) {
        return found(Light::Red, Why::Floor(gap));
    }
    match params.schedule.light(gap) {
        Some(light) => found(light, Why::Gap(gap)),
        None => found(Light::None, Why::NothingDue(gap)),
    }
}

/// R2 开工灯 K: what should have begun and has not; the month itself is the first.
fn start(inputs: &Inputs, params: &Params) -> Found {
    let found = |light, why| Found { part: Part::Start, light, why };
    let Some(rule) = params.start else { return found(Light::None, Why::NoRule) };
    let before = matches!(inputs.stage, Stage::Reserve | Stage::Preparation);
    if !before || inputs.start.met.is_some() {
        return found(Light::None, Why::Begun);
    }
    let Some(planned) = inputs.start.planned else { return found(Light::Grey, Why::NoMonth) };
    let late = months_between(planned.month, inputs.month) + 1;
    match rule.light(late) {
        _ if late < 1 => found(Light::None, Why::NotYet(planned)),
        _ if inputs.exempted().is_some() => found(Light::Green, Why::Exempt(planned, late)),
        Some(light) => found(light, Why::Late(planned, late)),
        None => found(Light::Green, Why::Late(planned, late)),
    }
}

/// R3 竣工灯 E: what should have been finished and is not; a term that was put off with approval is judged by
/// the month approved.
fn finish(inputs: &Inputs, params: &Params) -> Found {
    let found = |light, why| Found { part: Part::Finish, light, why };
    let Some(rule) = params.finish else { return found(Light::None, Why::NoRule) };
    if inputs.finish.met.is_some() {
        return found(Light::None, Why::Accepted);
    }
    let Some(planned) = inputs.finish.planned else { return found(Light::Grey, Why::NoMonth) };
    let late = months_between(planned.month, inputs.month);
    match rule.light(late) {
        _ if late < 1 => found(Light::None, Why::NotYet(planned)),
        Some(light) => found(light, Why::Late(planned, late)),
        None => found(Light::Green, Why::Late(planned, late)),
    }
}

/// R4 支付灯 Y: for projects paid from the budget, what was paid of the year's budget against the time gone by
/// or the quarter's quota. Paid more than received is an error in the data and has no light.
pub fn payment(inputs: &Inputs, params: &Params) -> Found {
    let found = |light, why| Found { part: Part::Payment, light, why };
    let Some(pay) = params.pay else { return found(Light::None, Why::NoRule) };
    let judged = match inputs.nature {
        Nature::Enterprise => false,
        Nature::Fiscal => true,
        Nature::Unknown => inputs.moved.budget.is_some(),
    };
    if !judged {
        return found(Light::None, Why::NotFiscal);
    }
    if let Some(error) = overpaid(inputs) {
        return found(Light::Grey, error);
    }
    let Some(budget) = inputs.moved.budget else { return found(Light::Grey, Why::NoBudget) };
    let due = match required(inputs, params, pay) {
        Some(due) => due,
        None => return found(Light::Grey, Why::NoQuota),
    };
    let paid = inputs.moved.paid_fiscal.unwrap_or(Fen::new(0));
    let Some(gap) = Gap::new(paid, budget, due) else { return found(Light::None, Why::ZeroBudget) };
    match pay.schedule.light(gap) {
        Some(light) => found(light, Why::Gap(gap)),
        None => found(Light::None, Why::NothingDue(gap)),
    }
}

/// 支付 over 到位, of all years: a payment not received for is missing its record, or was advanced.
pub fn overpaid(inputs: &Inputs) -> Option<Why> {
    let paid = inputs.moved.paid_all?;
    let received = inputs.moved.received_all;
    (paid > received.unwrap_or(Fen::new(0))).then_some(Why::Overpaid(paid, received))
}

fn required(inputs: &Inputs, params: &Params, pay: Pay) -> Option<Tau> {
    if !pay.by_quota {
        return Some(inputs.due(params));
    }
    let quarter = usize::try_from((inputs.month.raw() % 100 - 1) / 3).ok()?;
    pay.quota.get(quarter).copied().flatten().map(|percent| Tau::new(percent, 100))
}

/// The thresholds in whole percentage points or percent, near which more decimals are shown.
pub(super) fn thresholds(schedule: Schedule) -> [i64; 2] {
    match schedule {
        Schedule::Points { yellow, red, .. } => [yellow, red],
        Schedule::Index { green, red } => [green, red],
    }
}
