//! 说明文字: the sentences of a light, always the same ones for the same inputs (domain guide §4.4).

use super::change::Change;
use super::consistency::overpaid_words;
use super::gap::Gap;
use super::input::{Inputs, Planned, Report};
use super::judge::{Found, Verdict, Whole, Why, thresholds};
use super::rule::{Params, Schedule};
use super::{DUE_DAY, Light, Part};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Month};

/// What stands behind an input, so that a page can lead there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// The entries of a measure, of one year or all.
    Entries(Measure, Span),
    /// The milestones.
    Milestones,
    /// What the registry says.
    Registry,
    /// The months of the annual plan.
    PlanMonths,
    /// The parameters.
    Parameters,
}

/// Which entries make an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Those of the report month's year.
    Year,
    /// Of these those of fiscal sources.
    FiscalYear,
    /// Those of all years.
    AllYears,
}

/// An input of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it is.
    pub label: &'static str,
    /// Its value, in words.
    pub value: String,
    /// What stands behind it; none where nothing is recorded.
    pub behind: Option<Behind>,
}

/// 「2025年9月」.
pub fn month_words(month: Month) -> String {
    format!("{}年{}月", month.raw() / 100, month.raw() % 100)
}

/// The sentence of the whole: why no part was judged, or the sentences of the parts, red before yellow.
pub fn summary(inputs: &Inputs, params: &Params, verdict: &Verdict, now: Day) -> String {
    let month = inputs.month;
    match verdict.whole {
        Whole::Off => "月报尚未启用，不亮灯。".into(),
        Whole::Missing => {
            format!("{}月月报应于{}-{DUE_DAY}前报送，截至{now}未报送，不作评价。", month.raw() % 100, month)
        }
        Whole::NoStage => "阶段未填，不作评价；登记阶段后再判。".into(),
        Whole::Done(late) => done_words(inputs, late),
        Whole::Halted => format!("{}，不判灯。", verdict.light.label()),
        Whole::Parts => {
            let shown = verdict.in_order();
            let worst: Vec<&&Found> =
                shown.iter().filter(|part| matches!(part.light, Light::Red | Light::Yellow)).collect();
            let told: Vec<String> = match worst.is_empty() {
                false => worst.iter().map(|part| sentence(inputs, params, part)).collect(),
                true => shown.iter().map(|part| sentence(inputs, params, part)).collect(),
            };
            let missing = if verdict.is_incomplete() { "数据不全。" } else { "" };
            match told.is_empty() {
                true => "没有适用的规则，不判灯。".into(),
                false => format!("{}{missing}", told.join("")),
            }
        }
    }
}

fn done_words(inputs: &Inputs, late: Option<i32>) -> String {
    match (late, inputs.finish.met, inputs.opened) {
        (Some(0), Some(_), _) => "完成，按期。".into(),
        (Some(0), None, _) => "完成，按期（按开放日计；开放不等于竣工验收，须补验收日）。".into(),
        (Some(late), ..) => format!("完成，逾期{late}个月。"),
        (None, None, None) => "完成，竣工验收日未填，是否按期不能判断。".into(),
        (None, ..) => "完成，未定竣工期限，是否按期不能判断。".into(),
    }
}

/// The sentence of one part.
pub fn sentence(inputs: &Inputs, params: &Params, found: &Found) -> String {
    let lamp = found.light.label();
    match (found.why, found.part) {
        (Why::Gap(gap), Part::Payment) => pay_sentence(inputs, params, gap, lamp),
        (Why::Gap(gap), _) => {
            format!(
                "{}，{}，{lamp}（{}：{}）。",
                schedule_words(inputs, gap),
                compared(params.schedule, gap),
                params.profile.code(),
                levels(params.schedule)
            )
        }
        (Why::Floor(gap), _) => {
            format!("{}，2、3月完成为0，{lamp}（可选规则［设］）。", schedule_words(inputs, gap))
        }
        (Why::NothingDue(_), _) => "序时进度为0，不判。".into(),
        (Why::NoPlan, _) => format!("未填{}年年度计划，进度不判。", inputs.month.raw() / 100),
        (Why::ZeroPlan, _) => format!("{}年年度计划为0，进度不适用。", inputs.month.raw() / 100),
        (Why::NoCompleted, _) => format!("未填{}完成投资，进度不判。", month_words(inputs.month)),
        (Why::NotYet(planned), Part::Start) => format!("计划{}开工，未到。", planned.month),
        (Why::NotYet(planned), _) => format!("{}竣工期限{}，未到。", approved(planned), planned.month),
        (Why::Late(planned, late), Part::Start) => {
            let report = inputs.month;
            format!("计划{}开工{}，截至{report}连续{late}个月应开未开，{lamp}。", planned.month, by_year(planned))
        }
        (Why::Late(planned, late), _) => finish_sentence(inputs, planned, late, lamp),
        (Why::Exempt(planned, late), _) => {
            let until = inputs.exempted().map_or_else(String::new, |exempt| format!("，至{}", exempt.until));
            format!("计划{}开工，已{late}个月未开，已豁免{until}，{lamp}。", planned.month)
        }
        (Why::NoMonth, Part::Start) => "未定开工月，开工不判。".into(),
        (Why::NoMonth, _) => "未定竣工期限，竣工不判。".into(),
        (Why::Begun, _) => "已开工，开工不再判。".into(),
        (Why::Accepted, _) => "已登记竣工验收，竣工不再判。".into(),
        (Why::NoBudget, _) => format!("未填{}年财政预算，支付不判。", inputs.month.raw() / 100),
        (Why::ZeroBudget, _) => format!("{}年财政预算为0，支付不适用。", inputs.month.raw() / 100),
        (Why::NotFiscal, _) => "不是财政资金项目，或投资性质待确认且没有财政预算，支付不适用。".into(),
        (Why::NoQuota, _) => "本季度的支付要求没有设定，支付不判。".into(),
        (Why::Overpaid(paid, received), _) => format!("{}；数据错误，不出支付灯。", overpaid_words(paid, received)),
        (Why::NoRule, part) => format!("{}没有{}规则，不判。", params.profile.code(), part.label()),
    }
}

fn schedule_words(inputs: &Inputs, gap: Gap) -> String {
    format!(
        "{}：年度计划{}万元，累计完成{}万元（{}%），序时进度{}%",
        month_words(inputs.month),
        wan(gap.whole()),
        wan(gap.done()),
        signed_rate(gap),
        gap.due().percent().unsigned(1)
    )
}

fn signed_rate(gap: Gap) -> String {
    let minus = if gap.rate().sign().is_lt() { "−" } else { "" };
    format!("{minus}{}", gap.rate().unsigned(1))
}

/// How far it is, in the profile's own terms.
fn compared(schedule: Schedule, gap: Gap) -> String {
    let near = thresholds(schedule);
    match schedule {
        Schedule::Points { .. } => {
            let points = gap.points();
            let word = match points.sign() {
                std::cmp::Ordering::Less => "落后",
                std::cmp::Ordering::Equal => return "与序时进度持平".into(),
                std::cmp::Ordering::Greater => "超前",
            };
            // Ahead there is no threshold to be near to.
            let text = if word == "落后" { points.beside(&near) } else { points.unsigned(1) };
            format!("{word}{text}个百分点")
        }
        Schedule::Index { .. } => match gap.index() {
            Some(index) => format!("为序时进度的{}%", index.beside(&near)),
            None => "序时进度为0".into(),
        },
    }
}

/// The thresholds in words.
pub fn levels(schedule: Schedule) -> String {
    match schedule {
        Schedule::Points { yellow, red, tolerant: true } => {
            format!("落后{yellow}~{red}个百分点亮黄灯，超过{red}个亮红灯")
        }
        Schedule::Points { red, tolerant: false, .. } => {
            format!("落后即亮黄灯，超过{red}个百分点亮红灯")
        }
        Schedule::Index { green: 100, red } => format!("低于序时进度亮黄灯，低于序时进度的{red}%亮红灯"),
        Schedule::Index { green, red } => format!("低于序时进度的{green}%亮黄灯，低于{red}%亮红灯"),
    }
}

fn pay_sentence(inputs: &Inputs, params: &Params, gap: Gap, lamp: &str) -> String {
    let pay = params.pay;
    let schedule = pay.map_or(params.schedule, |pay| pay.schedule);
    let due = if pay.is_some_and(|pay| pay.by_quota) { "本季度要求" } else { "序时进度" };
    format!(
        "{}：年度财政预算{}万元，财政资金支付{}万元（{}%），{due}{}%，{}，{lamp}（支付：{}）。",
        month_words(inputs.month),
        wan(gap.whole()),
        wan(gap.done()),
        signed_rate(gap),
        gap.due().percent().unsigned(1),
        compared(schedule, gap).replace("序时进度", due),
        levels(schedule).replace("序时进度", due)
    )
}

fn finish_sentence(inputs: &Inputs, planned: Planned, late: i32, lamp: &str) -> String {
    let forecast = inputs.finish.forecast.map_or_else(|| "未填报".to_owned(), |(day, precision)| precision.render(day));
    let put_off = match inputs.finish.put_off() {
        0 => String::new(),
        months => format!("较规划延期{months}个月；"),
    };
    format!(
        "{}竣工期限{}{}，已逾期{late}个月未竣工，{lamp}；{put_off}预计竣工{forecast}。",
        approved(planned),
        planned.month,
        by_year(planned)
    )
}

fn approved(planned: Planned) -> &'static str {
    if planned.by_milestone { "批准" } else { "规划" }
}

fn by_year(planned: Planned) -> &'static str {
    if planned.by_year { "（按年份推定）" } else { "" }
}

/// The threshold a part is judged by.
pub fn threshold(params: &Params, part: Part) -> String {
    let late = |late: Option<super::rule::Late>, what: &str| match late {
        None => format!("{}没有这项规则", params.profile.code()),
        Some(late) => format!("{what}{}个月亮黄灯，{}个月亮红灯", late.yellow, late.red),
    };
    match part {
        Part::Progress => levels(params.schedule),
        Part::Start => late(params.start, "应开未开满（当月算第1个月）"),
        Part::Finish => late(params.finish, "过了竣工期限［设］"),
        Part::Payment => match params.pay {
            None => format!("{}没有这项规则", params.profile.code()),
            Some(pay) => levels(pay.schedule),
        },
    }
}

/// What a part was judged from.
pub fn inputs_of(inputs: &Inputs, params: &Params, part: Part) -> Vec<Input> {
    let money = |label, amount: Option<Fen>, (measure, span), missing: &str| Input {
        label,
        value: amount.map_or_else(|| missing.to_owned(), |fen| format!("{} 万元", wan(fen))),
        behind: amount.map(|_| Behind::Entries(measure, span)),
    };
    let run = Input { label: "年度计划起止", value: run_words(inputs), behind: Some(Behind::PlanMonths) };
    let due = Input {
        label: "序时进度",
        value: format!("{}%", inputs.due(params).percent().unsigned(1)),
        behind: Some(Behind::Parameters),
    };
    let moved = &inputs.moved;
    match part {
        Part::Progress => vec![
            money("年度计划投资", moved.plan, (Measure::Plan, Span::Year), "未下达"),
            money("年内累计完成投资", moved.completed, (Measure::Completed, Span::Year), "没有记录"),
            run,
            due,
        ],
        Part::Start => node_inputs("计划开工", "实际开工", &inputs.start),
        Part::Finish => node_inputs("竣工期限", "竣工验收", &inputs.finish),
        Part::Payment => vec![
            money("年度财政预算", moved.budget, (Measure::Budget, Span::Year), "未填"),
            money("本年财政资金支付", moved.paid_fiscal, (Measure::Paid, Span::FiscalYear), "没有记录"),
            money("累计到位资金", moved.received_all, (Measure::Received, Span::AllYears), "没有记录"),
            money("累计支付资金", moved.paid_all, (Measure::Paid, Span::AllYears), "没有记录"),
            due,
        ],
    }
}

fn run_words(inputs: &Inputs) -> String {
    let run = &inputs.run;
    let curve = if run.curve.is_empty() { "匀速" } else { "按月度计划曲线" };
    format!("{} 至 {}，{curve}", run.first, run.last)
}

fn node_inputs(planned: &'static str, met: &'static str, node: &super::Node) -> Vec<Input> {
    let behind = |planned: Option<Planned>| match planned {
        Some(Planned { by_milestone: false, .. }) => Behind::Registry,
        _ => Behind::Milestones,
    };
    let shown = |planned: Planned| format!("{}{}", planned.month, by_year(planned));
    let day = |on: Option<(Day, crate::period::Precision)>, missing: &str| {
        on.map_or_else(|| missing.to_owned(), |(day, precision)| precision.render(day))
    };
    vec![
        Input {
            label: planned,
            value: node.planned.map_or_else(|| "未定".to_owned(), shown),
            behind: Some(behind(node.planned)),
        },
        Input { label: "预计", value: day(node.forecast, "未填报"), behind: Some(Behind::Milestones) },
        Input { label: met, value: day(node.met, "没有记录"), behind: Some(Behind::Milestones) },
    ]
}

/// Hints that stand beside a light and do not make it: R5 到位, a plan that changed, what is behind and green.
pub fn hints(inputs: &Inputs, params: &Params) -> Vec<String> {
    let mut hints = Vec::new();
    let moved = &inputs.moved;
    if let (Some(least), Some(plan)) = (params.fund_min, moved.plan)
        && let Some(gap) = Gap::new(moved.received.unwrap_or(Fen::new(0)), plan, super::gap::Tau::new(1, 1))
        && gap.rate().cmp_whole(least).is_lt()
    {
        let rate = gap.rate().unsigned(1);
        hints.push(format!("到位率 {rate}%，低于 {least}%（R5，只提示，不进总灯）"));
    }
    if let (Some(original), Some(plan)) = (moved.plan_original, moved.plan)
        && original != plan
    {
        hints.push(format!("年度计划原 {} 万元，现 {} 万元", wan(original), wan(plan)));
    }
    if let (Some(plan), Some(to_come)) = (moved.plan, moved.plan_to_come)
        && plan != to_come
    {
        let from = month_words(inputs.month.succ());
        hints.push(format!("年度计划本月调整为 {} 万元，从{from}起按它计", wan(to_come)));
    }
    hints
}

/// When the light would change if nothing happens.
pub fn change_words(inputs: &Inputs, params: &Params, change: Option<&Change>) -> String {
    match change {
        _ if inputs.report == Report::Missing => "补报以后按所报的数判；到下一期仍未报送则仍不作评价。".into(),
        None => "若按月报送而没有新进展，两年内不变。".into(),
        Some(change) => {
            let then = super::change::later(inputs, change.month);
            format!(
                "若按月报送而没有新进展，{}（{}起判）变为{}：{}",
                month_words(change.month),
                change.from,
                change.verdict.light.label(),
                summary(&then, params, &change.verdict, change.from)
            )
        }
    }
}

fn wan(fen: Fen) -> String {
    fen.wan_exact()
}
