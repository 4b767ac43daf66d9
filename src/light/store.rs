//! What lights are judged from, read for a few projects or for all of them in a few statements.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel::{RunQueryDsl, sql_query};

use super::{Exemption, LightJudgement, PlanMonths};
use crate::db::AnyConnection;
use crate::db::schema::{exemption, light_judgement, plan_months, report_step, report_version};
use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::monthly::course::{Event, Step, What, course};
use crate::period::{Day, Month};
use crate::project::{Hidden, NOT_FISCAL};
use crate::subtotal::Sum;
use crate::subtotal::store::SumColumns;

/// The ids of [`NOT_FISCAL`] sources, as a subquery.
pub fn not_fiscal() -> String {
    format!("SELECT id FROM source WHERE code IN ('{}')", NOT_FISCAL.join("', '"))
}

/// Sums of a project's entries as far as lights look at them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Money {
    /// The year's plan, of what was issued before the month began.
    pub plan_before: Sum,
    /// The year's plan up to the cut-off.
    pub plan: Sum,
    /// What was first issued of it (kind: original).
    pub plan_original: Sum,
    /// Up to the cut-off, of the year.
    pub completed: Sum,
    /// Of the year.
    pub budget: Sum,
    /// Of the year.
    pub received: Sum,
    /// Of the year, not from enterprises.
    pub paid_fiscal: Sum,
    /// Of all years.
    pub investment: Sum,
    /// Of all years.
    pub completed_all: Sum,
    /// Of all years.
    pub received_all: Sum,
    /// Of all years.
    pub paid_all: Sum,
}

/// Entries added up: of a measure, of the year or not, from a source that is not fiscal or not, and when.
#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = BigInt)]
    project_id: i64,
    #[diesel(sql_type = Integer)]
    measure: i32,
    #[diesel(sql_type = Integer)]
    in_year: i32,
    #[diesel(sql_type = Integer)]
    outside: i32,
    #[diesel(sql_type = Integer)]
    original: i32,
    /// 0 before the month, 1 within it up to the cut-off, 2 after the cut-off.
    #[diesel(sql_type = Integer)]
    at: i32,
    #[diesel(sql_type = BigInt)]
    fen: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

const COLUMNS: &str = "project_id, measure, CASE WHEN year = $1 THEN 1 ELSE 0 END AS in_year, \
     CASE WHEN source_id IN (__NOT_FISCAL__) THEN 1 ELSE 0 END AS outside, \
     CASE WHEN kind = 1 THEN 1 ELSE 0 END AS original, \
     CASE WHEN occurred_on > $2 THEN 2 WHEN occurred_on >= $3 THEN 1 ELSE 0 END AS at, \
     CAST(SUM(amount_fen) AS BIGINT) AS fen, COUNT(*) AS n FROM entry";

fn columns() -> String {
    COLUMNS.replace("__NOT_FISCAL__", &not_fiscal())
}

/// The month asked about, and the last day and row of the journal that count.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub month: Month,
    pub cutoff: Day,
    pub seq: i64,
}

impl At {
    fn year(&self) -> i32 {
        self.month.raw() / 100
    }
}

/// The entries of some projects, summed.
pub(super) fn money_of(conn: &mut AnyConnection, ids: &[i64], at: At) -> Result<HashMap<i64, Money>> {
    let mut money = HashMap::new();
    for ids in ids.chunks(1_000) {
        let rows: Vec<SumRow> = sql_query(format!(
            "SELECT {} WHERE project_id IN ({}) AND occurred_on <= $2 AND seq <= $4 GROUP BY 1, 2, 3, 4, 5, 6",
            columns(),
            numbers(ids)
        ))
        .bind::<Integer, _>(at.year())
        .bind::<Integer, _>(at.cutoff.raw())
        .bind::<Integer, _>(at.month.first_day().raw())
        .bind::<BigInt, _>(at.seq)
        .load(conn)?;
        for row in rows {
            add(money.entry(row.project_id).or_default(), &row)?;
        }
    }
    Ok(money)
}

fn add(money: &mut Money, row: &SumRow) -> Result<()> {
    let sum = Sum { fen: row.fen, n: row.n };
    let slots = slots(money, row)?;
    for slot in slots {
        *slot = slot.plus(sum)?;
    }
    Ok(())
}

/// The sums that a row counts in.
fn slots<'m>(money: &'m mut Money, row: &SumRow) -> Result<Vec<&'m mut Sum>> {
    let measure =
        Measure::from_code(row.measure).ok_or_else(|| Error::internal("分录的口径无效", row.measure.to_string()))?;
    let (in_year, before, original) = (row.in_year == 1, row.at == 0, row.original == 1);
    let (of_year, of_all) = match measure {
        Measure::Plan => {
            let mut slots = Vec::new();
            if in_year {
                slots.push(&mut money.plan);
                if before {
                    slots.push(&mut money.plan_before);
                }
                if original {
                    slots.push(&mut money.plan_original);
                }
            }
            return Ok(slots);
        }
        Measure::Investment => (None, Some(&mut money.investment)),
        Measure::Budget => (Some(&mut money.budget), None),
        Measure::Received => (Some(&mut money.received), Some(&mut money.received_all)),
        Measure::Completed => (Some(&mut money.completed), Some(&mut money.completed_all)),
        Measure::Paid => ((row.outside == 0).then_some(&mut money.paid_fiscal), Some(&mut money.paid_all)),
    };
    Ok(of_year.filter(|_| in_year).into_iter().chain(of_all).collect())
}

#[derive(QueryableByName)]
struct NowRow {
    #[diesel(sql_type = BigInt)]
    project_id: i64,
    #[diesel(embed)]
    money: SumColumns,
}

/// What is kept of every project's present, for lights.
#[derive(QueryableByName)]
pub(super) struct Standing {
    #[diesel(sql_type = BigInt)]
    pub project_id: i64,
    #[diesel(sql_type = Text)]
    pub category: String,
    #[diesel(sql_type = Text)]
    pub department: String,
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub nature: String,
    #[diesel(sql_type = Integer)]
    pub start_year: i32,
    #[diesel(sql_type = Integer)]
    pub end_year: i32,
    #[diesel(embed)]
    money: SumColumns,
}

/// Every project's present, in order of registration; what is hidden is not said.
pub(super) fn list_now(conn: &mut AnyConnection, hidden: Hidden) -> Result<Vec<Standing>> {
    let said = |name: &str, is_hidden: bool| match is_hidden {
        true => format!("CASE WHEN {name}_status = 'inferred' THEN '' ELSE {name} END AS {name}"),
        false => name.to_owned(),
    };
    Ok(sql_query(format!(
        "SELECT project_id, {}, {}, stage, nature, start_year, end_year, {} FROM project_now ORDER BY project_id",
        said("category", hidden.categories),
        said("department", hidden.departments),
        Measure::ALL.map(|measure| format!("{0}_fen, {0}_n", measure.key())).join(", ")
    ))
    .load(conn)?)
}

/// Every project's sums of now, less what came after the cut-off; the plan as it was before the month
/// besides. What is dated after a day was recorded after it, and so stands at the end of the entries.
pub(super) fn money_now(
    conn: &mut AnyConnection,
    standings: &[Standing],
    at: At,
    before: i64,
) -> Result<HashMap<i64, Money>> {
    let mut money: HashMap<i64, Money> = standings
        .iter()
        .map(|now| {
            let [investment, _, _, received_all, completed_all, paid_all] = now.money.sums();
            (now.project_id, Money { investment, completed_all, received_all, paid_all, ..Money::default() })
        })
        .collect();
    for row in year_rows(conn, at.year())? {
        let money = money.entry(row.project_id).or_default();
        [_, money.plan, money.budget, money.received, money.completed, money.paid_fiscal] = row.money.sums();
        money.plan_before = money.plan;
    }
    for row in tail(conn, at, before)? {
        let money = money.entry(row.project_id).or_default();
        let sum = Sum { fen: row.fen, n: row.n }.negated()?;
        if row.at == 2 {
            for slot in slots(money, &row)? {
                *slot = slot.plus(sum)?;
            }
        }
        if row.measure == Measure::Plan.code() && row.in_year == 1 {
            money.plan_before = money.plan_before.plus(sum)?;
        }
    }
    Ok(money)
}

fn year_rows(conn: &mut AnyConnection, year: i32) -> Result<Vec<NowRow>> {
    let sum =
        |key: &str| format!("CAST(SUM({key}_fen) AS BIGINT) AS {key}_fen, CAST(SUM({key}_n) AS BIGINT) AS {key}_n");
    let outside = not_fiscal();
    let fiscal = |what: &str| {
        format!("CAST(SUM(CASE WHEN source_id IN ({outside}) THEN 0 ELSE paid_{what} END) AS BIGINT) AS paid_{what}")
    };
    Ok(sql_query(format!(
        "SELECT project_id, {}, {}, {}, {}, {}, {}, {} FROM year_now WHERE year = $1 GROUP BY project_id",
        sum("investment"),
        sum("plan"),
        sum("budget"),
        sum("received"),
        sum("completed"),
        fiscal("fen"),
        fiscal("n")
    ))
    .bind::<Integer, _>(year)
    .load(conn)?)
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Entries dated after the cut-off, and plans dated within the month, among those recorded after `before`.
fn tail(conn: &mut AnyConnection, at: At, before: i64) -> Result<Vec<SumRow>> {
    let last = last_entry_by(conn, before)?;
    Ok(sql_query(format!(
        "SELECT {} WHERE id > $4 AND (occurred_on > $2 OR (measure = 2 AND occurred_on >= $3)) \
         GROUP BY 1, 2, 3, 4, 5, 6",
        columns()
    ))
    .bind::<Integer, _>(at.year())
    .bind::<Integer, _>(at.cutoff.raw())
    .bind::<Integer, _>(at.month.first_day().raw())
    .bind::<BigInt, _>(last)
    .load(conn)?)
}

/// The last entry recorded by a journal row: every fact recorded later has a greater id.
fn last_entry_by(conn: &mut AnyConnection, seq: i64) -> Result<i64> {
    let found: Vec<IdRow> =
        sql_query("SELECT id FROM entry WHERE seq <= $1 ORDER BY id DESC LIMIT 1").bind::<BigInt, _>(seq).load(conn)?;
    Ok(found.first().map_or(0, |row| row.id))
}

/// The milestones that begin and end projects.
pub(super) const CODES: [&str; 5] = ["N5", "S1", "N8", "S3", "N9"];

/// Such a milestone as it stands now.
#[derive(QueryableByName)]
pub(super) struct NodeRow {
    #[diesel(sql_type = BigInt)]
    pub project_id: i64,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Nullable<Integer>)]
    pub planned_on: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub forecast_on: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub met_on: Option<i32>,
}

/// Every project's milestones of [`CODES`] as they stand now.
pub(super) fn nodes_now(conn: &mut AnyConnection) -> Result<Vec<NodeRow>> {
    let codes = CODES.map(|code| format!("'{code}'")).join(", ");
    Ok(sql_query(format!(
        "SELECT n.project_id, m.code, n.planned_on, n.forecast_on, n.met_on FROM milestone_now n \
         JOIN milestone m ON m.id = n.milestone_id WHERE m.code IN ({codes})"
    ))
    .load(conn)?)
}

/// Projects of which something was said that holds only after the cut-off: their present is not what they were.
pub(super) fn moved_since(conn: &mut AnyConnection, cutoff: Day, before: i64) -> Result<Vec<i64>> {
    let last = last_entry_by(conn, before)?;
    let rows: Vec<IdRow> = sql_query(
        "SELECT project_id AS id FROM project_fact WHERE seq > $1 AND effective_on > $2 \
         UNION SELECT m.project_id AS id FROM milestone_fact f JOIN milestone m ON m.id = f.milestone_id \
         WHERE f.id > $3 AND f.effective_on > $2 ORDER BY id",
    )
    .bind::<BigInt, _>(before)
    .bind::<Integer, _>(cutoff.raw())
    .bind::<BigInt, _>(last)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct EnabledRow {
    #[diesel(sql_type = BigInt)]
    project_id: i64,
    #[diesel(sql_type = Text)]
    value: String,
}

/// 报送启用月 of these projects, or of every one that has one, at a day and a journal row.
pub(super) fn list_enabled(
    conn: &mut AnyConnection,
    of: Option<&[i64]>,
    as_of: Day,
    seq: i64,
) -> Result<HashMap<i64, Month>> {
    let rows: Vec<EnabledRow> = sql_query(format!(
        "SELECT f.project_id, f.value FROM project_fact f WHERE {} AND f.attribute = 'reporting_from' \
         AND f.effective_on <= $1 AND f.seq <= $2 \
         AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.fact_id = f.id AND w.seq <= $2) \
         ORDER BY f.project_id, f.effective_on, f.id",
        among("f.project_id", of)
    ))
    .bind::<Integer, _>(as_of.raw())
    .bind::<BigInt, _>(seq)
    .load(conn)?;
    // The winner of a project comes last.
    rows.into_iter().map(|row| Ok((row.project_id, Month::parse(&row.value)?))).collect()
}

/// Which of these projects, or of all, have filed the month's report by a day and a journal row: what was taken
/// back before anybody looked at it is not filed, what was returned is (`monthly::course`).
pub(super) fn list_filed(
    conn: &mut AnyConnection,
    of: Option<&[i64]>,
    month: Month,
    as_of: Day,
    seq: i64,
) -> Result<HashSet<i64>> {
    let mut versions = report_version::table
        .filter(report_version::month.eq(month.raw()))
        .filter(report_version::submitted_on.le(as_of.raw()).and(report_version::seq.le(seq)))
        .select((report_version::project_id, report_version::seq, report_version::submitted_on))
        .into_boxed();
    let mut steps = report_step::table
        .filter(report_step::month.eq(month.raw()).and(report_step::step.eq(Step::Withdraw.word())))
        .filter(report_step::taken_on.le(as_of.raw()).and(report_step::seq.le(seq)))
        .select((report_step::project_id, report_step::seq, report_step::taken_on))
        .into_boxed();
    if let Some(ids) = of {
        versions = versions.filter(report_version::project_id.eq_any(ids.to_vec()));
        steps = steps.filter(report_step::project_id.eq_any(ids.to_vec()));
    }
    let mut events: HashMap<i64, Vec<Event>> = HashMap::new();
    let submitted = What::Submitted { version: 0, skips_review: false };
    let versions: Vec<(i64, i64, i32)> = versions.load(conn)?;
    let steps: Vec<(i64, i64, i32)> = steps.load(conn)?;
    let all = versions.into_iter().map(|row| (row, submitted));
    for ((project, seq, on), what) in all.chain(steps.into_iter().map(|row| (row, What::Taken(Step::Withdraw)))) {
        events.entry(project).or_default().push(Event { seq, on: Day::from_raw(on)?, what });
    }
    events.values_mut().for_each(|events| events.sort_by_key(|event| event.seq));
    let filed = events.into_iter().filter(|(_, events)| course(events, None).first_submitted_on.is_some());
    Ok(filed.map(|(project, _)| project).collect())
}

/// Whether a project had a 报送启用月 not after a month, at a day and a journal row. One that was set and then
/// put off counts too: this only saves the way to where there is nothing.
pub(super) fn has_enabled(conn: &mut AnyConnection, month: Month, as_of: Day, seq: i64) -> Result<bool> {
    let found: Vec<IdRow> = sql_query(
        "SELECT f.id FROM project_fact f WHERE f.attribute = 'reporting_from' AND f.value <= $1 \
         AND f.effective_on <= $2 AND f.seq <= $3 \
         AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.fact_id = f.id AND w.seq <= $3) LIMIT 1",
    )
    .bind::<Text, _>(month.to_string())
    .bind::<Integer, _>(as_of.raw())
    .bind::<BigInt, _>(seq)
    .load(conn)?;
    Ok(!found.is_empty())
}

/// `column IN (…)`, or what is always so.
fn among(column: &str, of: Option<&[i64]>) -> String {
    of.map_or_else(|| "1 = 1".to_owned(), |ids| format!("{column} IN ({})", numbers(ids)))
}

/// The months of a year's plans, of these projects or of all, at a day and a journal row.
pub fn list_months(
    conn: &mut AnyConnection,
    of: Option<&[i64]>,
    year: i32,
    as_of: Day,
    seq: i64,
) -> Result<HashMap<i64, PlanMonths>> {
    let mut query = plan_months::table
        .filter(plan_months::year.eq(year))
        .filter(plan_months::effective_on.le(as_of.raw()).and(plan_months::seq.le(seq)))
        .into_boxed();
    if let Some(ids) = of {
        query = query.filter(plan_months::project_id.eq_any(ids.to_vec()));
    }
    // The winner of a project comes last.
    let rows: Vec<PlanMonths> =
        query.order((plan_months::effective_on, plan_months::id)).select(PlanMonths::as_select()).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.project_id, row)).collect())
}

/// Everything said of a project's plan months by a journal row, newest first.
pub fn list_months_of(conn: &mut AnyConnection, project_id: i64, seq: i64) -> Result<Vec<PlanMonths>> {
    Ok(plan_months::table
        .filter(plan_months::project_id.eq(project_id).and(plan_months::seq.le(seq)))
        .order(plan_months::id.desc())
        .select(PlanMonths::as_select())
        .load(conn)?)
}

/// Exemptions in force or over at a day and a journal row; the latest of a project.
pub fn list_exemptions(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<HashMap<i64, Exemption>> {
    let rows: Vec<Exemption> = exemption::table
        .filter(exemption::effective_on.le(as_of.raw()).and(exemption::seq.le(seq)))
        .order((exemption::effective_on, exemption::id))
        .select(Exemption::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.project_id, row)).collect())
}

/// What people say of a month's lights at a day and a journal row, of each project the last of each kind;
/// what was taken back or is over is left out.
pub fn list_said(
    conn: &mut AnyConnection,
    month: Month,
    as_of: Day,
    seq: i64,
) -> Result<HashMap<i64, Vec<LightJudgement>>> {
    let rows: Vec<LightJudgement> = light_judgement::table
        .filter(light_judgement::month.eq(month.raw()))
        .filter(light_judgement::effective_on.le(as_of.raw()).and(light_judgement::seq.le(seq)))
        .order(light_judgement::id)
        .select(LightJudgement::as_select())
        .load(conn)?;
    let mut said: HashMap<i64, Vec<LightJudgement>> = HashMap::new();
    for row in rows {
        let of = said.entry(row.project_id).or_default();
        of.retain(|other| other.kind != row.kind);
        of.push(row);
    }
    for of in said.values_mut() {
        of.retain(|row| !row.light.is_empty() && row.expires_on >= as_of.raw());
    }
    Ok(said)
}

/// Everything people ever said of a project's lights by a journal row, newest first.
pub fn list_said_of(conn: &mut AnyConnection, project_id: i64, seq: i64) -> Result<Vec<LightJudgement>> {
    Ok(light_judgement::table
        .filter(light_judgement::project_id.eq(project_id).and(light_judgement::seq.le(seq)))
        .order(light_judgement::id.desc())
        .select(LightJudgement::as_select())
        .load(conn)?)
}

fn numbers(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
