//! What people may say: between which months a plan runs, which late start has leave, and what a light is in
//! their own judgement. What is computed is never touched.

use serde_json::json;

use super::{
    Exemption, Light, LightJudgement, PlanMonths, Sayer, judged_from, judged_month, judged_until, months_between, store,
};
use crate::auth::{Action, Actor, Role, authorise, authorise_lead};
use crate::db::{Head, Tx};
use crate::document::command::cite;
use crate::document::{Citation, check_text};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::{Day, Month, Year};
use crate::project::command::{detail, get_state};
use crate::project::{Attribute, check_not_future};

/// Between which months a year's plan runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMonths {
    /// The project's code.
    pub project: String,
    /// The fiscal year.
    pub year: Year,
    /// The first month, in that year.
    pub first: Month,
    /// The last month, in that year.
    pub last: Month,
    /// Ten-thousandths due by the end of each month from first to last; empty: straight.
    pub curve: Vec<i64>,
    /// From when it holds; empty: today.
    pub effective_on: Option<Day>,
    /// Why.
    pub reason: String,
}

/// Whether the months of a plan make sense: in their year, in order, and a curve that rises to the whole.
pub fn check_months(new: &NewMonths) -> Result<()> {
    for (field, month) in [("first_month", new.first), ("last_month", new.last)] {
        if month.first_day().year() != new.year {
            return Err(Error::invalid(field, month.to_string(), format!("不在 {} 年内", new.year)));
        }
    }
    if new.last < new.first {
        return Err(Error::invalid("last_month", new.last.to_string(), format!("早于首月 {}", new.first)));
    }
    let refuse = |message: String| {
        let shown: Vec<String> = new.curve.iter().map(|part| percent(*part)).collect();
        Err(Error::invalid("curve", shown.join("、"), message))
    };
    let months = months_between(new.first, new.last) + 1;
    if !new.curve.is_empty() && i64::try_from(new.curve.len()) != Ok(months.into()) {
        return refuse(format!("要 {months} 个月末累计百分比（{} 至 {}），每月一个", new.first, new.last));
    }
    if new.curve.iter().any(|part| !(0..=10_000).contains(part)) || !new.curve.is_sorted() {
        return refuse("月末累计百分比在 0 至 100 之间，只增不减".into());
    }
    match new.curve.last() {
        Some(last) if *last != 10_000 => refuse(format!("末月 {} 应为 100", new.last)),
        _ => Ok(()),
    }
}

/// Reads a curve as people write it: `10、25、50、100`, in percent with at most two decimals, separated by
/// spaces, commas or 、.
pub fn read_curve(text: &str) -> Result<Vec<i64>> {
    let parts = text.split([' ', ',', '，', '、', '\n', '\t']).map(|part| part.trim_end_matches('%'));
    parts.filter(|part| !part.is_empty()).map(read_percent).collect()
}

fn read_percent(text: &str) -> Result<i64> {
    let refuse = || {
        Error::invalid("curve", text.chars().take(20).collect::<String>(), "不是百分比；写成 25 或 37.5，最多两位小数")
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || decimals.len() > 2 || !digits(whole) || !digits(decimals) {
        return Err(refuse());
    }
    format!("{whole}{decimals:0<2}").parse().map_err(|_| refuse())
}

/// A ten-thousandth as people read it: `37.5`.
pub fn percent(part: i64) -> String {
    let text = format!("{}.{:02}", part / 100, part % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Sets between which months a year's plan runs, from a day on, by a document.
pub fn set_months(tx: &mut Tx<'_>, actor: &Actor, new: &NewMonths, document: &Citation) -> Result<Head> {
    authorise(actor, Action::PlanMonths)?;
    check_months(new)?;
    check_text("reason", &new.reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "light.months", &new.project)?;
    let (today, seq) = (recording.today(), recording.seq());
    let on = new.effective_on.unwrap_or(today);
    check_not_future("effective_on", on, today)?;
    let (project, _) = get_state(&mut recording, &new.project, on)?;
    let before = store::list_months(recording.tx().conn(), new.year.get(), on, seq)?.remove(&project.id);
    let curve: Vec<String> = new.curve.iter().map(i64::to_string).collect();
    let curve = curve.join(",");
    let same =
        |row: &PlanMonths| (row.first_month, row.last_month, &row.curve) == (new.first.raw(), new.last.raw(), &curve);
    if before.as_ref().is_some_and(same) {
        return Err(Error::Conflict(format!("{} 年度计划的首末月和曲线在 {on} 已是这样，没有变化", new.year)));
    }
    let document_id = cite(&mut recording, document)?;
    recording.add(|id, seq| PlanMonths {
        id,
        seq,
        project_id: project.id,
        year: new.year.get(),
        first_month: new.first.raw(),
        last_month: new.last.raw(),
        curve: curve.clone(),
        effective_on: on.raw(),
        document_id,
        reason: new.reason.clone(),
    })?;
    let words = |first: i32, last: i32, curve: &str| {
        let shape = if curve.is_empty() { "匀速" } else { "按曲线" };
        format!("{}-{:02} 至 {}-{:02}，{shape}", first / 100, first % 100, last / 100, last % 100)
    };
    recording.finish(detail([
        ("year", json!(new.year.get())),
        (
            "before",
            json!(
                before
                    .map_or_else(|| "全年，匀速".to_owned(), |row| words(row.first_month, row.last_month, &row.curve))
            ),
        ),
        ("after", json!(words(new.first.raw(), new.last.raw(), &curve))),
        ("effective_on", json!(on.to_string())),
        ("document", json!(document.code)),
        ("reason", json!(new.reason)),
    ]))
}

/// A late start with leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExemption {
    /// The project's code.
    pub project: String,
    /// From when it holds; empty: today.
    pub effective_on: Option<Day>,
    /// The last day it holds; to end one, the day it ends.
    pub expires_on: Day,
    /// 批准人.
    pub approver: String,
    /// Why.
    pub reason: String,
}

/// The longest leave: what is to wait longer is planned anew.
const LONGEST_YEARS: i32 = 2;

/// Records leave to begin late, until a day.
pub fn exempt(tx: &mut Tx<'_>, actor: &Actor, new: &NewExemption, document: &Citation) -> Result<Head> {
    authorise(actor, Action::OverrideLight)?;
    check_text("approver", &new.approver, 50)?;
    check_text("reason", &new.reason, 500)?;
    let mut recording = Recording::begin(tx, actor, "light.exempt", &new.project)?;
    let today = recording.today();
    let on = new.effective_on.unwrap_or(today);
    check_not_future("effective_on", on, today)?;
    if new.expires_on < on {
        return Err(Error::invalid("expires_on", new.expires_on.to_string(), format!("早于生效日 {on}")));
    }
    if new.expires_on.raw() > on.raw() + LONGEST_YEARS * 10_000 {
        let message = format!("豁免最长 {LONGEST_YEARS} 年；更久请批准新的计划开工月");
        return Err(Error::invalid("expires_on", new.expires_on.to_string(), message));
    }
    let (project, _) = get_state(&mut recording, &new.project, on)?;
    let document_id = cite(&mut recording, document)?;
    recording.add(|id, seq| Exemption {
        id,
        seq,
        project_id: project.id,
        effective_on: on.raw(),
        expires_on: new.expires_on.raw(),
        approver: new.approver.clone(),
        reason: new.reason.clone(),
        document_id,
    })?;
    recording.finish(detail([
        ("effective_on", json!(on.to_string())),
        ("expires_on", json!(new.expires_on.to_string())),
        ("approver", json!(new.approver)),
        ("document", json!(document.code)),
        ("reason", json!(new.reason)),
    ]))
}

/// What someone says of a light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJudgement {
    /// The project's code.
    pub project: String,
    /// The report month it is said of: the one judged today.
    pub month: Month,
    /// Who says it.
    pub sayer: Sayer,
    /// What the light is; none: what was said is taken back.
    pub light: Option<Light>,
    /// Why.
    pub reason: String,
    /// The last day it holds; empty: as long as the month is judged.
    pub expires_on: Option<Day>,
}

/// Says what a light is beside what is computed, for the report month that is judged today:
/// 1. the office changes the light (人工认定), by a document; it lapses with the report month at the latest;
/// 2. whoever files and whoever reviews say their own judgement of what their department leads; it stands
///    beside and changes nothing.
pub fn say(tx: &mut Tx<'_>, actor: &Actor, new: &NewJudgement, document: Option<&Citation>) -> Result<Head> {
    authorise(actor, Action::JudgeLight)?;
    check_sayer(actor, new.sayer)?;
    check_text("reason", &new.reason, 500)?;
    if let Some(light) = new.light.filter(|light| !light.can_be_said()) {
        return Err(Error::invalid(
            "light",
            light.word(),
            "可用 red（红灯）、yellow（黄灯）、green（绿灯）、grey（灰灯）",
        ));
    }
    if new.sayer == Sayer::Office && new.light.is_some() && document.is_none() {
        return Err(Error::invalid("document", "", "人工认定要有依据文件：写文号，原件附在文件页"));
    }
    let mut recording = Recording::begin(tx, actor, "light.say", &new.project)?;
    let (today, seq) = (recording.today(), recording.seq());
    let (project, state) = get_state(&mut recording, &new.project, today)?;
    authorise_lead(actor, Action::JudgeLight, state.value(Attribute::LeadDepartment))?;
    check_month(new.month, today)?;
    let enabled = Month::parse(state.value(Attribute::ReportingFrom)).is_ok_and(|from| from <= new.month);
    if !enabled {
        return Err(Error::Conflict(format!(
            "{} 在 {} 月报尚未启用，不亮灯，也就没有可认定的",
            new.project, new.month
        )));
    }
    let expires_on = expiry(new, today)?;
    let said = store::list_said(recording.tx().conn(), new.month, today, seq)?.remove(&project.id);
    let before = said.unwrap_or_default().into_iter().find(|row| row.kind == new.sayer.word());
    if before.is_none() && new.light.is_none() {
        return Err(Error::Conflict(format!("{} 的 {} 没有{}可撤回", new.project, new.month, new.sayer.label())));
    }
    let document_id = document.map(|citation| cite(&mut recording, citation)).transpose()?;
    recording.add(|id, seq| LightJudgement {
        id,
        seq,
        project_id: project.id,
        month: new.month.raw(),
        kind: new.sayer.word().into(),
        light: new.light.map_or("", Light::word).into(),
        reason: new.reason.clone(),
        document_id,
        effective_on: today.raw(),
        expires_on: expires_on.raw(),
    })?;
    let label = |word: &str| Light::parse(word).map_or("没有", Light::label).to_owned();
    recording.finish(detail([
        ("month", json!(new.month.to_string())),
        ("sayer", json!(new.sayer.label())),
        ("before", json!(label(before.as_ref().map_or("", |row| row.light.as_str())))),
        ("after", json!(label(new.light.map_or("", Light::word)))),
        ("expires_on", json!(expires_on.to_string())),
        ("document", json!(document.map_or("", |citation| citation.code.as_str()))),
        ("reason", json!(new.reason)),
    ]))
}

fn check_sayer(actor: &Actor, sayer: Sayer) -> Result<()> {
    let is = |role: Role| actor.roles().contains(&role) || actor.roles().contains(&Role::Operator);
    let may = match sayer {
        Sayer::Office => actor.may(Action::OverrideLight),
        Sayer::Owner => is(Role::Reporter),
        Sayer::Supervisor => is(Role::Reviewer),
    };
    match may {
        true => Ok(()),
        false => Err(Error::Forbidden(format!("您的角色不能作{}", sayer.label()))),
    }
}

fn check_month(month: Month, today: Day) -> Result<()> {
    let judged = judged_month(today);
    match month == judged {
        true => Ok(()),
        false => {
            let (from, until) = (judged_from(judged), judged_until(judged));
            let message = format!("现在判的是 {judged}（{from} 至 {until}）；认定只对本报告期有效，不改以前的月份");
            Err(Error::invalid("month", month.to_string(), message))
        }
    }
}

fn expiry(new: &NewJudgement, today: Day) -> Result<Day> {
    let last = judged_until(new.month);
    let on = new.expires_on.unwrap_or(last);
    match on >= today && on <= last {
        true => Ok(on),
        false => {
            let message = format!("应在今天（{today}）至 {last} 之间：只在本报告期有效");
            Err(Error::invalid("expires_on", on.to_string(), message))
        }
    }
}
