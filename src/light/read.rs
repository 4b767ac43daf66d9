//! From what is stored to what is judged: of a few projects with all that is said of them, or of all of them.

use std::collections::HashMap;

use super::input::{Exempt, Inputs, Moved, Nature, Node, Planned, Report, Run, Stage, parse_curve};
use super::rule::{Basis, Late, Params, Pay, Profile, Schedule};
use super::store::{self, At, Money, NodeRow};
use super::{Exemption, Light, LightJudgement, PlanMonths, Sayer, Verdict, cutoff, judge, judged_month};
use crate::db::{AnyConnection, Head};
use crate::error::{Error, Result};
use crate::milestone;
use crate::milestone::order::{self, Span};
use crate::milestone::store::Told;
use crate::money::Fen;
use crate::period::{Day, Month, Precision};
use crate::project::{Attribute, ProjectState, store as registry};
use crate::rollup::{Deadline, Sum, is_now};
use crate::setting::{self, lights as names};

/// What is asked of lights: on which day, as known when, and by which rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// 截至.
    pub as_of: Day,
    /// 按…时的记录.
    pub known: Head,
    /// The report month that is judged on that day.
    pub month: Month,
    /// The last day of which anything counts for it.
    pub cutoff: Day,
    /// The rules in force at the cut-off.
    pub params: Params,
}

impl View {
    /// The lights of a day.
    pub fn at(conn: &mut AnyConnection, as_of: Day, known: &Head) -> Result<View> {
        let month = judged_month(as_of);
        let cutoff = cutoff(month, as_of);
        let params = params(conn, cutoff, known.seq, None)?;
        Ok(View { as_of, known: known.clone(), month, cutoff, params })
    }

    /// The same by the rules of another profile: a trial.
    pub fn under(&self, conn: &mut AnyConnection, profile: Profile) -> Result<View> {
        let params = params(conn, self.cutoff, self.known.seq, Some(profile))?;
        Ok(View { params, ..self.clone() })
    }

    fn at_store(&self) -> At {
        At { month: self.month, cutoff: self.cutoff, seq: self.known.seq }
    }
}

/// The rules in force on a day.
fn params(conn: &mut AnyConnection, on: Day, seq: i64, profile: Option<Profile>) -> Result<Params> {
    let set = setting::all_set(conn, on, seq)?;
    let value = |name: &'static str| -> Result<&str> {
        Ok(set.get(name).map_or(setting::known(name)?.default, String::as_str))
    };
    let number = |name| -> Result<Option<i64>> { Ok(value(name)?.parse::<i64>().ok()) };
    let whole = |name| -> Result<i64> { number(name)?.ok_or_else(|| Error::internal("亮灯参数不是数", name)) };
    let months =
        |name| -> Result<i32> { i32::try_from(whole(name)?).map_err(|_| Error::internal("亮灯参数太大", name)) };
    let profile = match profile {
        Some(profile) => profile,
        None => Profile::parse(value(names::PROFILE)?)?,
    };
    let mut params = Params::published(profile);
    params.fund_min = number(names::FUND_MIN)?;
    params.basis = if value(names::TIME_BASIS)? == "day" { Basis::Day } else { Basis::Month };
    params.early_floor = value(names::EARLY_FLOOR)? == "on";
    let by_quota = value(names::PAY_MODE)? == "quota";
    let mut quota = [None; 4];
    for (slot, name) in quota.iter_mut().zip(names::PAY_QUOTAS) {
        *slot = number(name)?;
    }
    if profile == Profile::YC2025 {
        let tolerant = value(names::TOLERANT)? == "on";
        let points = |yellow, red| Schedule::Points { yellow, red, tolerant };
        params.schedule = points(whole(names::BEHIND_YELLOW)?, whole(names::BEHIND_RED)?);
        params.start = Some(Late { yellow: months(names::START_YELLOW)?, red: months(names::START_RED)? });
        params.finish = Some(Late { yellow: months(names::FINISH_YELLOW)?, red: months(names::FINISH_RED)? });
        let schedule = points(whole(names::PAY_YELLOW)?, whole(names::PAY_RED)?);
        params.pay = Some(Pay { schedule, by_quota, quota });
    } else {
        params.pay = params.pay.map(|pay| Pay { by_quota, quota, ..pay });
    }
    Ok(params)
}

/// A project's light, from what, and what people say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The project.
    pub id: i64,
    /// What it is judged from.
    pub inputs: Inputs,
    /// 系统判定.
    pub verdict: Verdict,
    /// What people say beside it, in force on the day.
    pub said: Vec<LightJudgement>,
    /// The slug of its system on the day asked about; empty: 待确认.
    pub category: String,
    /// The code of its lead department likewise.
    pub department: String,
}

impl Judged {
    /// 人工认定, where the office changed the light.
    pub fn changed(&self) -> Option<&LightJudgement> {
        self.said.iter().find(|row| row.kind == Sayer::Office.word())
    }

    /// The light that shines: the office's where there is one, else the computed one. Before 报送启用月 none does.
    pub fn light(&self) -> Light {
        let changed = self.changed().and_then(|row| Light::parse(&row.light).ok());
        changed.filter(|_| self.verdict.light != Light::Off).unwrap_or(self.verdict.light)
    }
}

/// What is the same for many projects: read once.
struct Common {
    enabled: HashMap<i64, Month>,
    months: HashMap<i64, PlanMonths>,
    exemptions: HashMap<i64, Exemption>,
    said: HashMap<i64, Vec<LightJudgement>>,
    reports: HashMap<i64, Report>,
}

impl Common {
    fn load(conn: &mut AnyConnection, view: &View) -> Result<Common> {
        let (seq, year) = (view.known.seq, view.month.raw() / 100);
        let enabled = store::list_enabled(conn, view.as_of, seq)?;
        Ok(Common {
            months: store::list_months(conn, year, view.cutoff, seq)?,
            exemptions: store::list_exemptions(conn, view.cutoff, seq)?,
            said: store::list_said(conn, view.month, view.as_of, seq)?,
            reports: reports(conn, view, &enabled)?,
            enabled,
        })
    }

    /// The inputs that do not depend on the registry or the milestones.
    fn inputs(&self, view: &View, id: i64, money: Money) -> Result<Inputs> {
        let enabled = self.enabled.get(&id).copied();
        let report = match enabled {
            Some(from) if from <= view.month => self.reports.get(&id).copied().unwrap_or(Report::Missing),
            _ => Report::NotEnabled,
        };
        let run = match self.months.get(&id) {
            None => Run::of_year(view.month),
            Some(row) => Run {
                first: Month::from_raw(row.first_month)?,
                last: Month::from_raw(row.last_month)?,
                curve: parse_curve(&row.curve)?,
                document_id: Some(row.document_id),
            },
        };
        let exempt = self.exemptions.get(&id).map(exempt_of).transpose()?;
        Ok(Inputs {
            cutoff: view.cutoff,
            enabled,
            report,
            run,
            exempt,
            moved: moved(money),
            ..Inputs::blank(view.month)
        })
    }

    fn judged(&mut self, view: &View, id: i64, inputs: Inputs, place: (String, String)) -> Judged {
        let verdict = judge(&inputs, &view.params);
        let said = self.said.remove(&id).unwrap_or_default();
        Judged { id, verdict, inputs, said, category: place.0, department: place.1 }
    }
}

fn exempt_of(row: &Exemption) -> Result<Exempt> {
    Ok(Exempt {
        approver: row.approver.clone(),
        reason: row.reason.clone(),
        from: Day::from_raw(row.effective_on)?,
        until: Day::from_raw(row.expires_on)?,
        document_id: row.document_id,
    })
}

/// How projects stand with the month's report; who is not named has not filed.
fn reports(_: &mut AnyConnection, _: &View, enabled: &HashMap<i64, Month>) -> Result<HashMap<i64, Report>> {
    Ok(enabled.keys().map(|id| (*id, Report::Filed)).collect())
}

/// P of a month is what was issued before it began: a change within the month counts from the next. What is
/// first issued within the month counts at once.
fn moved(money: Money) -> Moved {
    let recorded = |sum: Sum| (sum.n > 0).then(|| Fen::new(sum.fen));
    let changed = money.plan_before.n > 0 && money.plan_before != money.plan;
    let plan = if money.plan_before.n > 0 { money.plan_before } else { money.plan };
    Moved {
        plan: recorded(plan),
        plan_to_come: if changed { recorded(money.plan) } else { None },
        plan_original: recorded(money.plan_original),
        completed: recorded(money.completed),
        budget: recorded(money.budget),
        received: recorded(money.received),
        paid_fiscal: recorded(money.paid_fiscal),
        investment: recorded(money.investment),
        completed_all: recorded(money.completed_all),
        received_all: recorded(money.received_all),
        paid_all: recorded(money.paid_all),
    }
}

/// Projects of one look.
const CHUNK: usize = 1_000;
/// The same where all are gone through.
const CHUNK_OF_ALL: i64 = 1_000;

/// The lights of some projects with what the registry says of them on the day asked about, from their facts one
/// by one. Those not registered by the cut-off are left out.
pub fn few(conn: &mut AnyConnection, view: &View, ids: &[i64]) -> Result<Vec<(ProjectState, Judged)>> {
    let mut common = Common::load(conn, view)?;
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let states = registry::list_states_of(conn, view.as_of, view.known.seq, ids)?;
        found.extend(of_states(conn, view, &mut common, states)?);
    }
    Ok(found)
}

/// The lights of projects as they stand on the day asked about; what is judged is how they stood at the cut-off.
fn of_states(
    conn: &mut AnyConnection,
    view: &View,
    common: &mut Common,
    states: Vec<ProjectState>,
) -> Result<Vec<(ProjectState, Judged)>> {
    let ids: Vec<i64> = states.iter().map(|state| state.project.id).collect();
    let mut then: HashMap<i64, ProjectState> = match view.cutoff == view.as_of {
        true => HashMap::new(),
        false => registry::list_states_of(conn, view.cutoff, view.known.seq, &ids)?
            .into_iter()
            .map(|state| (state.project.id, state))
            .collect(),
    };
    let mut money = store::money_of(conn, &ids, view.at_store())?;
    let mut told: HashMap<i64, Vec<Told>> = HashMap::new();
    for one in milestone::store::list_of(conn, &ids, view.cutoff, view.known.seq)? {
        told.entry(one.0.project_id).or_default().push(one);
    }
    let mut found = Vec::with_capacity(states.len());
    for state in states {
        let id = state.project.id;
        let at_cutoff = match (view.cutoff == view.as_of, then.remove(&id)) {
            (true, _) => state.clone(),
            (false, Some(then)) => then,
            (false, None) => continue,
        };
        let mut inputs = common.inputs(view, id, money.remove(&id).unwrap_or_default())?;
        inputs.stage = Stage::parse(at_cutoff.value(Attribute::Stage))?;
        inputs.nature = Nature::parse(at_cutoff.value(Attribute::Nature));
        let year = |attribute| at_cutoff.year(attribute).unwrap_or(0);
        let years = [year(Attribute::StartYear), year(Attribute::EndYear)];
        set_nodes(&mut inputs, &nodes_of(&told.remove(&id).unwrap_or_default(), view.cutoff)?, years);
        let place = |attribute| state.value(attribute).to_owned();
        let place = (place(Attribute::Category), place(Attribute::LeadDepartment));
        let judged = common.judged(view, id, inputs, place);
        found.push((state, judged));
    }
    Ok(found)
}

/// A milestone as far as lights look at it.
#[derive(Debug, Clone, Copy, Default)]
struct At5 {
    planned: Option<(Day, Precision)>,
    forecast: Option<(Day, Precision)>,
    met: Option<(Day, Precision)>,
}

/// The milestones that begin, end and open a project, by their place in [`store::CODES`].
type Nodes = [Option<At5>; 5];

fn nodes_of(told: &[Told], on: Day) -> Result<Nodes> {
    let mut nodes = Nodes::default();
    for (milestone, facts) in told {
        let Some(slot) = store::CODES.iter().position(|code| *code == milestone.code).and_then(|at| nodes.get_mut(at))
        else {
            continue;
        };
        let node = order::Node::at(&milestone.code, &milestone.name, facts, on)?;
        let day = |span: Option<Span>| span.map(|span| (span.last, span.precision));
        *slot = Some(At5 { planned: day(node.planned), forecast: day(node.forecast), met: day(node.met) });
    }
    Ok(nodes)
}

fn nodes_now(rows: Vec<NodeRow>) -> Result<HashMap<i64, Nodes>> {
    let mut nodes: HashMap<i64, Nodes> = HashMap::new();
    for row in rows {
        let day = |raw: Option<i32>| raw.map(Day::from_raw).transpose();
        let exact = |day: Option<Day>| day.map(|day| (day, Precision::Day));
        let at = At5 {
            planned: exact(day(row.planned_on)?),
            forecast: exact(day(row.forecast_on)?),
            met: exact(day(row.met_on)?),
        };
        let of = nodes.entry(row.project_id).or_default();
        if let Some(slot) = store::CODES.iter().position(|code| *code == row.code).and_then(|at| of.get_mut(at)) {
            *slot = Some(at);
        }
    }
    Ok(nodes)
}

/// Begin and end are N5 and N8; of what is no construction, S1 and S3. Without a planned day the plan's years
/// stand in, as their Decembers.
fn set_nodes(inputs: &mut Inputs, nodes: &Nodes, [start, end]: [i32; 2]) {
    let [begun, launched, accepted, passed, opened] = *nodes;
    let node = |at: Option<At5>, year: i32| {
        let at = at.unwrap_or_default();
        let first = Planned::in_year(year);
        let planned = at.planned.map(|(day, precision)| Planned::on(day, precision)).or(first);
        Node { planned, first, forecast: at.forecast, met: at.met }
    };
    inputs.start = node(begun.or(launched), start);
    inputs.finish = node(accepted.or(passed), end);
    inputs.opened = opened.and_then(|at| at.met).map(|(day, _)| day);
}

/// The lights of every project, in order of registration. As of now from what is kept of each project's
/// present, in a few statements; at another date or instant from the facts, chunk by chunk.
pub fn all(conn: &mut AnyConnection, view: &View, deadline: &Deadline) -> Result<Vec<Judged>> {
    match is_now(conn, view.as_of, &view.known)? {
        true => all_now(conn, view),
        false => all_then(conn, view, deadline),
    }
}

fn all_then(conn: &mut AnyConnection, view: &View, deadline: &Deadline) -> Result<Vec<Judged>> {
    let mut common = Common::load(conn, view)?;
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        deadline.check()?;
        let states = registry::list_states(conn, view.as_of, view.known.seq, after, CHUNK_OF_ALL)?;
        let Some(last) = states.last() else { return Ok(found) };
        after = last.project.id;
        found.extend(of_states(conn, view, &mut common, states)?.into_iter().map(|(_, judged)| judged));
    }
}

fn all_now(conn: &mut AnyConnection, view: &View) -> Result<Vec<Judged>> {
    let mut common = Common::load(conn, view)?;
    // What is recorded of days after the cut-off came after the end of that day; of the month, after its eve.
    let end = crate::journal::store::seq_at(conn, crate::clock::Instant::end_of(view.cutoff))?;
    let eve = crate::journal::store::seq_at(conn, crate::clock::Instant::end_of(view.month.first_day().pred()))?;
    let standings = store::list_now(conn)?;
    let mut money = store::money_now(conn, &standings, view.at_store(), eve)?;
    let mut nodes = nodes_now(store::nodes_now(conn)?)?;
    let moved: Vec<i64> = store::moved_since(conn, view.cutoff, end)?;
    let mut exact: HashMap<i64, Judged> = HashMap::new();
    if !moved.is_empty() {
        exact.extend(few(conn, view, &moved)?.into_iter().map(|(_, judged)| (judged.id, judged)));
    }
    let mut found = Vec::with_capacity(standings.len());
    for now in standings {
        let id = now.project_id;
        if moved.binary_search(&id).is_ok() {
            found.extend(exact.remove(&id));
            continue;
        }
        let mut inputs = common.inputs(view, id, money.remove(&id).unwrap_or_default())?;
        inputs.stage = Stage::parse(&now.stage)?;
        inputs.nature = Nature::parse(&now.nature);
        set_nodes(&mut inputs, &nodes.remove(&id).unwrap_or_default(), [now.start_year, now.end_year]);
        found.push(common.judged(view, id, inputs, (now.category, now.department)));
    }
    Ok(found)
}

/// Whether lights shine for any project by a day: before, pages say 「月报尚未启用」 once.
pub fn is_enabled(conn: &mut AnyConnection, view: &View) -> Result<bool> {
    Ok(store::list_enabled(conn, view.as_of, view.known.seq)?.values().any(|from| *from <= view.month))
}
