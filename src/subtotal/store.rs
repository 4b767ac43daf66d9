//! The subtotals' tables, and what of the facts they are made from.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel::{RunQueryDsl, sql_query};

use super::counter::{Fact, FactKind};
use super::{Cell, Changes, Step, Sum, Timeline, slot};
use crate::clock::Instant;
use crate::db::{AnyConnection, Head, Later, Rows, Statement, Value};
use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::period::{Day, Month};

/// The six measures as a row of sums holds them: embedded in what reads `project_now`, `year_now`
/// and sums over them.
#[derive(Debug, QueryableByName)]
pub struct SumColumns {
    #[diesel(sql_type = BigInt)]
    investment_fen: i64,
    #[diesel(sql_type = BigInt)]
    investment_n: i64,
    #[diesel(sql_type = BigInt)]
    plan_fen: i64,
    #[diesel(sql_type = BigInt)]
    plan_n: i64,
    #[diesel(sql_type = BigInt)]
    budget_fen: i64,
    #[diesel(sql_type = BigInt)]
    budget_n: i64,
    #[diesel(sql_type = BigInt)]
    received_fen: i64,
    #[diesel(sql_type = BigInt)]
    received_n: i64,
    #[diesel(sql_type = BigInt)]
    completed_fen: i64,
    #[diesel(sql_type = BigInt)]
    completed_n: i64,
    #[diesel(sql_type = BigInt)]
    paid_fen: i64,
    #[diesel(sql_type = BigInt)]
    paid_n: i64,
}

impl SumColumns {
    /// In the order of [`Measure::ALL`].
    pub fn sums(&self) -> [Sum; 6] {
        let sum = |fen, n| Sum { fen, n };
        [
            sum(self.investment_fen, self.investment_n),
            sum(self.plan_fen, self.plan_n),
            sum(self.budget_fen, self.budget_n),
            sum(self.received_fen, self.received_n),
            sum(self.completed_fen, self.completed_n),
            sum(self.paid_fen, self.paid_n),
        ]
    }
}

#[derive(QueryableByName)]
struct MoveRow {
    #[diesel(sql_type = BigInt)]
    project_id: i64,
    #[diesel(sql_type = Integer)]
    effective_on: i32,
    #[diesel(sql_type = BigInt)]
    member: i64,
}

/// Which system each project in `after < id ≤ last` stood in over time, as known now.
pub fn list_timelines(conn: &mut AnyConnection, after: i64, last: i64) -> Result<HashMap<i64, Timeline>> {
    let rows: Vec<MoveRow> = Statement::new(
        "SELECT f.project_id, f.effective_on, COALESCE(c.id, 0) AS member FROM project_fact f \
         LEFT JOIN category c ON c.slug = f.value LEFT JOIN withdrawal w ON w.fact_id = f.id \
         WHERE f.project_id > ? AND f.project_id <= ? AND f.attribute = 'category' AND w.id IS NULL \
         ORDER BY f.project_id, f.effective_on, f.id",
        vec![after, last],
    )
    .load(conn)?;
    let mut facts: HashMap<i64, Vec<(Day, i64)>> = HashMap::new();
    for row in rows {
        facts.entry(row.project_id).or_default().push((Day::from_raw(row.effective_on)?, row.member));
    }
    Ok(facts.into_iter().map(|(project, facts)| (project, Timeline::new(facts))).collect())
}

/// Which system one project stood in over time, as known now.
pub fn timeline(conn: &mut AnyConnection, project: i64) -> Result<Timeline> {
    Ok(list_timelines(conn, project - 1, project)?.remove(&project).unwrap_or_default())
}

#[derive(QueryableByName)]
struct DayRow {
    #[diesel(sql_type = Integer)]
    day: i32,
    #[diesel(sql_type = Integer)]
    measure: i32,
    #[diesel(sql_type = BigInt)]
    fen: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A project's entries, summed by day and measure.
pub fn list_day_sums(conn: &mut AnyConnection, project: i64) -> Result<Vec<(Day, i32, Sum)>> {
    let rows: Vec<DayRow> = sql_query(
        "SELECT occurred_on AS day, measure, CAST(SUM(amount_fen) AS BIGINT) AS fen, COUNT(*) AS n \
         FROM entry WHERE project_id = $1 GROUP BY occurred_on, measure ORDER BY occurred_on, measure",
    )
    .bind::<BigInt, _>(project)
    .load(conn)?;
    rows.into_iter().map(|row| Ok((Day::from_raw(row.day)?, row.measure, Sum { fen: row.fen, n: row.n }))).collect()
}

#[derive(QueryableByName)]
struct CountedRow {
    #[diesel(sql_type = BigInt)]
    milestone_id: i64,
    #[diesel(sql_type = Integer)]
    kind: i32,
    #[diesel(sql_type = Integer)]
    happens_on: i32,
    #[diesel(sql_type = Integer)]
    effective_on: i32,
}

/// The milestone facts of a project not withdrawn by now, by milestone, each in order of
/// (effective day, seq).
pub fn list_milestones(conn: &mut AnyConnection, project: i64) -> Result<Vec<(i64, Vec<Fact>)>> {
    let rows: Vec<CountedRow> = sql_query(
        "SELECT f.milestone_id, f.kind, f.happens_on, f.effective_on FROM milestone_fact f \
         JOIN milestone m ON m.id = f.milestone_id LEFT JOIN withdrawal w ON w.fact_id = f.id \
         WHERE m.project_id = $1 AND w.id IS NULL ORDER BY f.milestone_id, f.effective_on, f.id",
    )
    .bind::<BigInt, _>(project)
    .load(conn)?;
    let mut milestones: Vec<(i64, Vec<Fact>)> = Vec::new();
    for row in rows {
        let fact = Fact {
            kind: FactKind::from_code(row.kind)
                .ok_or_else(|| Error::internal("节点事实种类无效", row.kind.to_string()))?,
            happens_on: Day::from_raw(row.happens_on)?,
            effective_on: Day::from_raw(row.effective_on)?,
        };
        match milestones.last_mut() {
            Some((id, facts)) if *id == row.milestone_id => facts.push(fact),
            _ => milestones.push((row.milestone_id, vec![fact])),
        }
    }
    Ok(milestones)
}

/// Adds to today's balances by fiscal year and source.
pub fn add_years<'a>(
    conn: &mut AnyConnection,
    years: impl IntoIterator<Item = (&'a Cell, &'a [Sum; 6])>,
) -> Result<()> {
    Ok(Rows::store_all(vec![of_years(years.into_iter().map(|(cell, sums)| (*cell, *sums)))], conn)?)
}

fn of_years(years: impl IntoIterator<Item = (Cell, [Sum; 6])>) -> Rows {
    let rows = years.into_iter().map(|(cell, sums)| {
        let key = [cell.year.into(), cell.project, cell.source];
        key.into_iter().chain(sums.into_iter().flat_map(|sum| [sum.fen, sum.n])).map(Value::from).collect()
    });
    let columns = Measure::ALL.map(|measure| format!("{0}_fen, {0}_n", measure.key())).join(", ");
    let sets = Measure::ALL.map(|measure| {
        let key = measure.key();
        format!("{key}_fen = year_now.{key}_fen + excluded.{key}_fen, {key}_n = year_now.{key}_n + excluded.{key}_n")
    });
    let after = format!("ON CONFLICT (year, project_id, source_id) DO UPDATE SET {}", sets.join(", "));
    Rows::new(format!("INSERT INTO year_now (year, project_id, source_id, {columns})"), rows.collect(), after)
}

/// What one command adds to the kept tables.
#[derive(Debug)]
pub struct Applied {
    seq: i64,
    recorded: Month,
    steps: Vec<(Step, Sum)>,
    balances: Vec<((i64, i32), Sum)>,
    years: Vec<(Cell, [Sum; 6])>,
    latest: Vec<(i64, Day)>,
}

impl Applied {
    /// The changes of the command `seq`.
    pub fn new(seq: i64, at: Instant, changes: &Changes) -> Applied {
        Applied {
            seq,
            recorded: at.month(),
            steps: changes.steps().map(|(step, sum)| (*step, *sum)).collect(),
            balances: changes.balances().map(|(key, sum)| (*key, *sum)).collect(),
            years: changes.years().map(|(cell, sums)| (*cell, *sums)).collect(),
            latest: changes.latest_days().collect(),
        }
    }
}

impl Later for Applied {
    /// A cell that several commands change is written once.
    fn statements(commands: &[Applied]) -> Result<Vec<Rows>> {
        let mut cells = Cells::default();
        let mut shifts = Vec::new();
        let mut balances: BTreeMap<i64, [Sum; 6]> = BTreeMap::new();
        let mut years: BTreeMap<Cell, [Sum; 6]> = BTreeMap::new();
        let mut latest: BTreeMap<i64, Day> = BTreeMap::new();
        for command in commands {
            for (step, sum) in &command.steps {
                cells.add(command.recorded, step, *sum)?;
                shifts.push((command.seq, *step, *sum));
            }
            for ((project, measure), sum) in &command.balances {
                let sums = balances.entry(*project).or_default();
                if let Some(slot) = slot(sums, *measure) {
                    *slot = slot.plus(*sum)?;
                }
            }
            for (cell, sums) in &command.years {
                let slots = years.entry(*cell).or_default();
                for (slot, sum) in slots.iter_mut().zip(sums) {
                    *slot = slot.plus(*sum)?;
                }
            }
            for (project, day) in &command.latest {
                let last = latest.entry(*project).or_insert(*day);
                *last = (*last).max(*day);
            }
        }
        let balances = balances.into_iter().map(|(project, sums)| (project, sums, latest.get(&project).copied()));
        let mut all = vec![of_shifts(shifts), of_balances(balances), of_years(years)];
        all.extend(cells.rows()?);
        Ok(all)
    }
}

#[derive(QueryableByName)]
struct YearRow {
    #[diesel(sql_type = Integer)]
    year: i32,
    #[diesel(sql_type = BigInt)]
    source_id: i64,
    #[diesel(sql_type = Integer)]
    measure: i32,
    #[diesel(sql_type = BigInt)]
    fen: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
    #[diesel(sql_type = Integer)]
    latest: i32,
}

/// A project's entries by fiscal year and source, and the last day of each measure's.
pub fn list_year_sums(conn: &mut AnyConnection, project: i64) -> Result<Vec<(Cell, i32, Sum, Day)>> {
    let rows: Vec<YearRow> = sql_query(
        "SELECT COALESCE(year, 0) AS year, COALESCE(source_id, 0) AS source_id, measure, \
         CAST(SUM(amount_fen) AS BIGINT) AS fen, COUNT(*) AS n, MAX(occurred_on) AS latest \
         FROM entry WHERE project_id = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    )
    .bind::<BigInt, _>(project)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let cell = Cell { year: row.year, project, source: row.source_id };
            Ok((cell, row.measure, Sum { fen: row.fen, n: row.n }, Day::from_raw(row.latest)?))
        })
        .collect()
}

/// Adds steps of journal rows: (seq, step, sum).
pub fn add_shifts(conn: &mut AnyConnection, steps: impl IntoIterator<Item = (i64, Step, Sum)>) -> Result<()> {
    Ok(Rows::store_all(vec![of_shifts(steps)], conn)?)
}

fn of_shifts(steps: impl IntoIterator<Item = (i64, Step, Sum)>) -> Rows {
    let rows: Vec<([i64; 4], Sum)> = steps
        .into_iter()
        .map(|(seq, step, sum)| ([seq, step.day.raw().into(), step.member, step.measure.into()], sum))
        .collect();
    of_sums("shift", ["seq", "day", "member", "measure"], rows)
}

/// Cells collected before they are stored, so that many facts of one cell cost one row.
#[derive(Debug, Default)]
pub struct Cells(HashMap<(Month, Step), Sum>);

impl Cells {
    /// Adds a step recorded in a month.
    pub fn add(&mut self, recorded: Month, step: &Step, sum: Sum) -> Result<()> {
        let slot = self.0.entry((recorded, *step)).or_default();
        *slot = slot.plus(sum)?;
        Ok(())
    }

    /// Adds everything collected to the four tables of cells.
    pub fn store(&self, conn: &mut AnyConnection) -> Result<()> {
        Ok(Rows::store_all(self.rows()?, conn)?)
    }

    fn rows(&self) -> Result<Vec<Rows>> {
        let month = |step: &Step| i64::from(step.day.month().raw());
        let day = |step: &Step| i64::from(step.day.raw());
        let kept = |recorded: &Month| i64::from(recorded.raw());
        let by_month = self.grouped(|recorded, step| [kept(recorded), month(step)])?;
        let by_day = self.grouped(|recorded, step| [day(step), kept(recorded)])?;
        let now_by_month = without_second(&self.grouped(|_, step| [month(step), 0])?);
        let now_by_day = without_second(&self.grouped(|_, step| [day(step), 0])?);
        Ok(vec![
            of_sums("cell_month", ["recorded_month", "month", "member", "measure"], by_month),
            of_sums("cell_day", ["day", "recorded_month", "member", "measure"], by_day),
            of_sums("now_month", ["month", "member", "measure"], now_by_month),
            of_sums("now_day", ["day", "member", "measure"], now_by_day),
        ])
    }

    /// The cells of one table, in the order of its key.
    fn grouped(&self, lead: impl Fn(&Month, &Step) -> [i64; 2]) -> Result<Vec<([i64; 4], Sum)>> {
        let mut groups: BTreeMap<[i64; 4], Sum> = BTreeMap::new();
        for ((recorded, step), sum) in &self.0 {
            let [first, second] = lead(recorded, step);
            let slot = groups.entry([first, second, step.member, step.measure.into()]).or_default();
            *slot = slot.plus(*sum)?;
        }
        Ok(groups.into_iter().collect())
    }
}

fn without_second(rows: &[([i64; 4], Sum)]) -> Vec<([i64; 3], Sum)> {
    rows.iter().map(|([first, _, member, measure], sum)| ([*first, *member, *measure], *sum)).collect()
}

/// Adds sums to the rows of their keys; a key that is not there yet begins at nothing.
fn of_sums<const KEYS: usize>(table: &str, keys: [&str; KEYS], rows: Vec<([i64; KEYS], Sum)>) -> Rows {
    let keys = keys.join(", ");
    let rows: Vec<Vec<Value>> =
        rows.iter().map(|(key, sum)| key.iter().copied().chain([sum.fen, sum.n]).map(Value::from).collect()).collect();
    let after =
        format!("ON CONFLICT ({keys}) DO UPDATE SET fen = {table}.fen + excluded.fen, n = {table}.n + excluded.n");
    Rows::new(format!("INSERT INTO {table} ({keys}, fen, n)"), rows, after)
}

/// Empties every kept table.
pub fn clear(conn: &mut AnyConnection) -> Result<()> {
    for table in ["shift", "cell_month", "cell_day", "now_month", "now_day", "year_now", "milestone_now", "project_now"]
    {
        sql_query(format!("DELETE FROM {table}")).execute(conn)?;
    }
    Ok(())
}

/// Notes that the kept tables follow this program's rules.
pub fn set_version(conn: &mut AnyConnection) -> Result<()> {
    sql_query("UPDATE derived SET version = $1").bind::<Integer, _>(super::VERSION).execute(conn)?;
    Ok(())
}

/// The version of the rules that made the kept tables.
pub fn version(conn: &mut AnyConnection) -> Result<i32> {
    use crate::db::schema::derived;
    Ok(derived::table.select(derived::version).first(conn)?)
}

/// Adds to a project's balance of today; `latest` is the last day of money among what is added.
pub fn add_balance(conn: &mut AnyConnection, project: i64, sums: &[Sum; 6], latest: Option<Day>) -> Result<()> {
    Ok(Rows::store_all(vec![of_balances([(project, *sums, latest)])], conn)?)
}

fn of_balances(balances: impl IntoIterator<Item = (i64, [Sum; 6], Option<Day>)>) -> Rows {
    let balances: Vec<Vec<Value>> = balances
        .into_iter()
        .map(|(project, sums, latest)| {
            let day = latest.map_or(0, |day| i64::from(day.raw()));
            sums.iter().flat_map(|sum| [sum.fen, sum.n]).chain([project, day]).map(Value::from).collect()
        })
        .collect();
    let columns = Measure::ALL.map(|measure| [format!("{}_fen", measure.key()), format!("{}_n", measure.key())]);
    let sets: Vec<String> = columns
        .iter()
        .flatten()
        .enumerate()
        .map(|(at, column)| format!("{column} = {column} + given.column{}", at + 1))
        .collect();
    // PostgreSQL takes numbers as BIGINT; the day's column is an INTEGER.
    let later =
        "latest_on = CASE WHEN latest_on < given.column14 THEN CAST(given.column14 AS INTEGER) ELSE latest_on END";
    let before = format!("UPDATE project_now SET {}, {later} FROM (", sets.join(", "));
    Rows::new(before, balances, ") AS given WHERE project_now.project_id = given.column13")
}

/// What the registry says of a project today, as kept beside its balance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The system's slug; empty: 待确认.
    pub category: String,
    /// The lead department's code; empty: 待确认.
    pub department: String,
    /// 投资性质; empty: 待确认.
    pub nature: String,
    /// 阶段; empty: 未填.
    pub stage: String,
    /// First year, 0 when not given.
    pub start_year: i32,
    /// Last year, 0 when not given.
    pub end_year: i32,
    /// Its name today.
    pub name: String,
    /// 协同部门, as written.
    pub supports: String,
    /// How sure the system, the lead department, 投资性质 and 协同部门 are: the word of the status;
    /// empty when nothing is said.
    pub statuses: [&'static str; 4],
}

/// Writes what the registry says today; the balance of a known project stays.
pub fn put_standing(conn: &mut AnyConnection, project: i64, standing: &Standing) -> Result<()> {
    let [category, department, nature, supports] = standing.statuses;
    sql_query(
        "INSERT INTO project_now (project_id, category, department, nature, stage, start_year, end_year, name, \
         supports, category_status, department_status, nature_status, supports_status, latest_on, \
         investment_fen, investment_n, plan_fen, plan_n, budget_fen, budget_n, received_fen, received_n, \
         completed_fen, completed_n, paid_fen, paid_n) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) \
         ON CONFLICT (project_id) DO UPDATE SET category = excluded.category, department = excluded.department, \
         nature = excluded.nature, stage = excluded.stage, start_year = excluded.start_year, \
         end_year = excluded.end_year, name = excluded.name, supports = excluded.supports, \
         category_status = excluded.category_status, department_status = excluded.department_status, \
         nature_status = excluded.nature_status, supports_status = excluded.supports_status",
    )
    .bind::<BigInt, _>(project)
    .bind::<Text, _>(&standing.category)
    .bind::<Text, _>(&standing.department)
    .bind::<Text, _>(&standing.nature)
    .bind::<Text, _>(&standing.stage)
    .bind::<Integer, _>(standing.start_year)
    .bind::<Integer, _>(standing.end_year)
    .bind::<Text, _>(&standing.name)
    .bind::<Text, _>(&standing.supports)
    .bind::<Text, _>(category)
    .bind::<Text, _>(department)
    .bind::<Text, _>(nature)
    .bind::<Text, _>(supports)
    .execute(conn)?;
    Ok(())
}

/// Writes a milestone's state of today; one of which nothing is said (any more) has no row.
pub fn put_milestone(
    conn: &mut AnyConnection,
    milestone: i64,
    project: i64,
    state: super::counter::State,
) -> Result<()> {
    if state == super::counter::State::default() {
        Statement::new("DELETE FROM milestone_now WHERE milestone_id = ?", vec![milestone]).execute(conn)?;
        return Ok(());
    }
    sql_query(
        "INSERT INTO milestone_now (milestone_id, project_id, planned_on, forecast_on, met_on) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (milestone_id) DO UPDATE SET planned_on = excluded.planned_on, \
         forecast_on = excluded.forecast_on, met_on = excluded.met_on",
    )
    .bind::<BigInt, _>(milestone)
    .bind::<BigInt, _>(project)
    .bind::<Nullable<Integer>, _>(state.planned_on.map(Day::raw))
    .bind::<Nullable<Integer>, _>(state.forecast_on.map(Day::raw))
    .bind::<Nullable<Integer>, _>(state.met_on.map(Day::raw))
    .execute(conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = BigInt)]
    member: i64,
    #[diesel(sql_type = Integer)]
    measure: i32,
    #[diesel(sql_type = BigInt)]
    fen: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Sums by (system, measure or counter code).
pub type Sums = HashMap<(i64, i32), Sum>;

/// The subtotals at `as_of`, as known at `known`: kept cells, never the entries themselves.
pub fn sums(conn: &mut AnyConnection, as_of: Day, known: &Head) -> Result<Sums> {
    let rows = match *known == Head::find(conn)? {
        true => known_now(conn, as_of)?,
        false => known_then(conn, as_of, known)?,
    };
    let mut sums = Sums::new();
    for row in rows {
        let slot = sums.entry((row.member, row.measure)).or_default();
        *slot = slot.plus(Sum { fen: row.fen, n: row.n })?;
    }
    Ok(sums)
}

/// Whole months before, and the days of the month of `as_of`.
fn known_now(conn: &mut AnyConnection, as_of: Day) -> Result<Vec<SumRow>> {
    Ok(sql_query(
        "SELECT member, measure, CAST(SUM(fen) AS BIGINT) AS fen, CAST(SUM(n) AS BIGINT) AS n \
         FROM now_month WHERE month < $1 GROUP BY member, measure UNION ALL \
         SELECT member, measure, CAST(SUM(fen) AS BIGINT) AS fen, CAST(SUM(n) AS BIGINT) AS n \
         FROM now_day WHERE day >= $2 AND day <= $3 GROUP BY member, measure",
    )
    .bind::<Integer, _>(as_of.month().raw())
    .bind::<Integer, _>(as_of.first_of_month().raw())
    .bind::<Integer, _>(as_of.raw())
    .load(conn)?)
}

/// Whole recorded months before the month of `known`, then that month's own rows up to it.
fn known_then(conn: &mut AnyConnection, as_of: Day, known: &Head) -> Result<Vec<SumRow>> {
    let recorded = known.at.month();
    let before = crate::journal::store::seq_at(conn, recorded.first_instant().pred())?;
    Ok(sql_query(
        "SELECT member, measure, CAST(SUM(fen) AS BIGINT) AS fen, CAST(SUM(n) AS BIGINT) AS n FROM ( \
         SELECT member, measure, fen, n FROM cell_month WHERE recorded_month < $1 AND month < $2 UNION ALL \
         SELECT member, measure, fen, n FROM cell_day WHERE day >= $3 AND day <= $4 AND recorded_month < $1 UNION ALL \
         SELECT member, measure, fen, n FROM shift WHERE seq > $5 AND seq <= $6 AND day <= $4) parts \
         GROUP BY member, measure",
    )
    .bind::<Integer, _>(recorded.raw())
    .bind::<Integer, _>(as_of.month().raw())
    .bind::<Integer, _>(as_of.first_of_month().raw())
    .bind::<Integer, _>(as_of.raw())
    .bind::<BigInt, _>(before)
    .bind::<BigInt, _>(known.seq)
    .load(conn)?)
}
