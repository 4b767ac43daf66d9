//! What a check reads of the kept tables, and the run it leaves behind.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel::{RunQueryDsl, sql_query};

use super::Proof;
use super::replay::{Pair, ShiftKey, YearKey};
use crate::clock::Instant;
use crate::db::schema::{milestone_now, project_now, shift, year_now};
use crate::db::{AnyConnection, Tx};
use crate::error::{Error, Result};
use crate::period::Day;

/// The first journal number of each recorded month (yyyymm).
pub(super) fn recorded_months(conn: &mut AnyConnection) -> Result<Vec<(i64, i32)>> {
    use crate::journal::store::{head_at, seq_at};
    let mut months = Vec::new();
    let mut seq = 1;
    while let Some(row) = head_at(conn, seq)? {
        let month = row.at.month();
        months.push((seq, month.raw()));
        seq = seq_at(conn, Instant::start_of(month.succ().first_day()).pred())? + 1;
    }
    Ok(months)
}

type ShiftRow = (i64, i32, i64, i32, i64, i64);

pub(super) fn shifts(conn: &mut AnyConnection) -> Result<HashMap<ShiftKey, Pair>> {
    let mut shifts = HashMap::new();
    let mut after = i64::MIN;
    loop {
        // A page of whole journal rows: the next one starts after the last seq.
        let last: Option<i64> = shift::table
            .filter(shift::seq.gt(after))
            .order(shift::seq)
            .offset(50_000)
            .select(shift::seq)
            .first(conn)
            .optional()?;
        let until = last.unwrap_or(i64::MAX);
        let rows: Vec<ShiftRow> = shift::table
            .filter(shift::seq.gt(after).and(shift::seq.le(until)))
            .select((shift::seq, shift::day, shift::member, shift::measure, shift::fen, shift::n))
            .load(conn)?;
        for (seq, day, member, measure, fen, n) in rows {
            shifts.insert((seq, day, member, measure), (fen, n));
        }
        match last {
            Some(last) => after = last,
            None => return Ok(shifts),
        }
    }
}

#[derive(QueryableByName)]
struct CellRow {
    #[diesel(sql_type = Integer)]
    a: i32,
    #[diesel(sql_type = Integer)]
    b: i32,
    #[diesel(sql_type = BigInt)]
    member: i64,
    #[diesel(sql_type = Integer)]
    measure: i32,
    #[diesel(sql_type = BigInt)]
    fen: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Cells with two leading keys.
pub(super) fn cells_two(
    conn: &mut AnyConnection,
    table: &str,
    a: &str,
    b: &str,
) -> Result<HashMap<(i32, i32, i64, i32), Pair>> {
    let rows: Vec<CellRow> =
        sql_query(format!("SELECT {a} AS a, {b} AS b, member, measure, fen, n FROM {table}")).load(conn)?;
    Ok(rows.into_iter().map(|row| ((row.a, row.b, row.member, row.measure), (row.fen, row.n))).collect())
}

/// Cells with one leading key.
pub(super) fn cells_one(conn: &mut AnyConnection, table: &str, a: &str) -> Result<HashMap<(i32, i64, i32), Pair>> {
    let rows: Vec<CellRow> =
        sql_query(format!("SELECT {a} AS a, {a} AS b, member, measure, fen, n FROM {table}")).load(conn)?;
    Ok(rows.into_iter().map(|row| ((row.a, row.member, row.measure), (row.fen, row.n))).collect())
}

/// A project's current row as kept.
pub(super) struct CurrentRow {
    pub project_id: i64,
    pub category: String,
    pub department: String,
    pub nature: String,
    pub stage: String,
    pub start_year: i32,
    pub end_year: i32,
    pub name: String,
    pub supports: String,
    pub statuses: [String; 4],
    pub latest_on: i32,
    pub balance: [Pair; 6],
}

pub(super) fn current_rows(conn: &mut AnyConnection) -> Result<Vec<CurrentRow>> {
    use project_now as now;
    type Said = (i64, String, String, String, String, i32, i32, String, String);
    type Statuses = (String, String, String, String);
    let rows: Vec<(Said, Statuses, i32, Money)> = now::table
        .select((
            (
                now::project_id,
                now::category,
                now::department,
                now::nature,
                now::stage,
                now::start_year,
                now::end_year,
                now::name,
                now::supports,
            ),
            (now::category_status, now::department_status, now::nature_status, now::supports_status),
            now::latest_on,
            (
                now::investment_fen,
                now::investment_n,
                now::plan_fen,
                now::plan_n,
                now::budget_fen,
                now::budget_n,
                now::received_fen,
                now::received_n,
                now::completed_fen,
                now::completed_n,
                now::paid_fen,
                now::paid_n,
            ),
        ))
        .order(now::project_id)
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(said, statuses, latest_on, money)| {
            let (project_id, category, department, nature, stage, start_year, end_year, name, supports) = said;
            CurrentRow {
                project_id,
                category,
                department,
                nature,
                stage,
                start_year,
                end_year,
                name,
                supports,
                statuses: statuses.into(),
                latest_on,
                balance: pairs(money),
            }
        })
        .collect())
}

type Money = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);

fn pairs(m: Money) -> [Pair; 6] {
    [(m.0, m.1), (m.2, m.3), (m.4, m.5), (m.6, m.7), (m.8, m.9), (m.10, m.11)]
}

/// The kept balances by fiscal year and source.
pub(super) fn years(conn: &mut AnyConnection) -> Result<HashMap<YearKey, [Pair; 6]>> {
    use year_now as now;
    let rows: Vec<(YearKey, Money)> = now::table
        .select((
            (now::year, now::project_id, now::source_id),
            (
                now::investment_fen,
                now::investment_n,
                now::plan_fen,
                now::plan_n,
                now::budget_fen,
                now::budget_n,
                now::received_fen,
                now::received_n,
                now::completed_fen,
                now::completed_n,
                now::paid_fen,
                now::paid_n,
            ),
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(|(key, money)| (key, pairs(money))).collect())
}

/// A milestone's current row: project, planned, forecast, met.
type Current = (i64, Option<i32>, Option<i32>, Option<i32>);

pub(super) fn current_milestones(conn: &mut AnyConnection) -> Result<HashMap<i64, Current>> {
    use milestone_now as now;
    let rows: Vec<(i64, i64, Option<i32>, Option<i32>, Option<i32>)> = now::table
        .select((now::milestone_id, now::project_id, now::planned_on, now::forecast_on, now::met_on))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, project, planned, forecast, met)| (id, (project, planned, forecast, met))).collect())
}

/// Investment entries that are rows of the plan: (line, fen).
pub(super) fn plan_amounts(conn: &mut AnyConnection) -> Result<Vec<(i64, i64)>> {
    use crate::db::schema::entry;
    let rows: Vec<(Option<i64>, i64)> = entry::table
        .filter(entry::line_id.is_not_null().and(entry::measure.eq(1)).and(entry::kind.eq(1)))
        .select((entry::line_id, entry::amount_fen))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(line, fen)| Some((line?, fen))).collect())
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    broken: i64,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// What may point nowhere: (what, how many do, how many there are).
pub(super) fn broken_references(conn: &mut AnyConnection) -> Result<Vec<(&'static str, i64, i64)>> {
    let sum = "CAST(COALESCE(SUM(CASE WHEN {} THEN 1 ELSE 0 END), 0) AS BIGINT) AS broken, COUNT(*) AS total";
    let queries = [
        (
            "体系不存在",
            "c.id IS NULL",
            "project_fact f LEFT JOIN category c ON c.slug = f.value WHERE f.attribute = 'category'",
        ),
        (
            "责任部门不存在",
            "d.id IS NULL",
            "project_fact f LEFT JOIN department d ON d.code = f.value WHERE f.attribute = 'lead_department'",
        ),
        (
            "撤回的事实不存在",
            "f.id IS NULL AND m.id IS NULL AND a.id IS NULL AND d.id IS NULL",
            "withdrawal w LEFT JOIN project_fact f ON f.id = w.fact_id LEFT JOIN milestone_fact m ON m.id = w.fact_id \
             LEFT JOIN account_fact a ON a.id = w.fact_id LEFT JOIN delegation d ON d.id = w.fact_id",
        ),
        (
            "冲正与原分录不相抵",
            "e.id IS NULL OR e.amount_fen + r.amount_fen <> 0 OR e.project_id <> r.project_id OR e.measure <> r.measure",
            "entry r LEFT JOIN entry e ON e.id = r.reverses_id WHERE r.reverses_id IS NOT NULL",
        ),
        ("分录的项目不存在", "p.id IS NULL", "entry e LEFT JOIN project p ON p.id = e.project_id"),
        ("分录没有出处", "e.document_id IS NULL AND e.line_id IS NULL", "entry e"),
    ];
    queries
        .into_iter()
        .map(|(what, broken, from)| {
            let row: CountRow =
                sql_query(format!("SELECT {} FROM {from}", sum.replace("{}", broken))).get_result(conn)?;
            Ok((what, row.broken, row.total))
        })
        .collect()
}

#[derive(QueryableByName)]
struct FutureRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Integer)]
    occurred_on: i32,
    #[diesel(sql_type = BigInt)]
    at_us: i64,
}

/// Facts dated after the day they were recorded: (id, date, recorded day).
pub(super) fn future_facts(conn: &mut AnyConnection) -> Result<Vec<(i64, String, Day)>> {
    let mut found = Vec::new();
    for (table, column) in [
        ("entry", "occurred_on"),
        ("project_fact", "effective_on"),
        ("milestone_fact", "effective_on"),
        ("account_fact", "effective_on"),
    ] {
        // The day of a row in Asia/Shanghai as yyyymmdd is not SQL's to say on both engines: the
        // latest fact of each journal row is compared here.
        let rows: Vec<FutureRow> = sql_query(format!(
            "SELECT MAX(f.id) AS id, MAX(f.{column}) AS occurred_on, j.at_us FROM {table} f JOIN journal j ON j.seq = f.seq GROUP BY j.seq, j.at_us"
        ))
        .load(conn)?;
        for row in rows {
            let day = Instant::from_micros(row.at_us).day();
            if row.occurred_on > day.raw() {
                found.push((row.id, row.occurred_on.to_string(), day));
            }
        }
    }
    Ok(found)
}

/// What a check found, at which head, when and in how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The head's number.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Milliseconds.
    pub took_ms: i64,
    /// The proofs.
    pub proofs: Vec<Proof>,
}

#[derive(QueryableByName)]
struct RunRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = BigInt)]
    at_us: i64,
    #[diesel(sql_type = BigInt)]
    took_ms: i64,
    #[diesel(sql_type = Text)]
    report: String,
}

/// The last run that was kept.
pub fn find_run(conn: &mut AnyConnection) -> Result<Option<Run>> {
    let row: Option<RunRow> =
        sql_query("SELECT seq, at_us, took_ms, report FROM check_run").get_result(conn).optional()?;
    row.map(|row| {
        let proofs = serde_json::from_str(&row.report)
            .map_err(|error| Error::internal("读不出上次核对的结果", error.to_string()))?;
        Ok(Run { seq: row.seq, at: Instant::from_micros(row.at_us), took_ms: row.took_ms, proofs })
    })
    .transpose()
}

/// Keeps a run for the pages; operational, not a fact.
pub fn keep_run(tx: &mut Tx<'_>, run: &Run) -> Result<()> {
    let report =
        serde_json::to_string(&run.proofs).map_err(|error| Error::internal("写不下核对结果", error.to_string()))?;
    let conn = tx.conn();
    sql_query(
        "INSERT INTO check_run (one, seq, at_us, took_ms, report) VALUES (1, $1, $2, $3, $4) \
         ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, at_us = excluded.at_us, took_ms = excluded.took_ms, report = excluded.report",
    )
    .bind::<BigInt, _>(run.seq)
    .bind::<BigInt, _>(run.at.micros())
    .bind::<BigInt, _>(run.took_ms)
    .bind::<Text, _>(report)
    .execute(conn)?;
    Ok(())
}

/// How many entries there are.
pub fn entry_count(conn: &mut AnyConnection) -> Result<i64> {
    Ok(crate::db::schema::entry::table.count().get_result(conn)?)
}
