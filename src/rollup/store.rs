//! What a rollup reads of the facts: entries summed chunk by chunk or by project.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable};
use diesel::{RunQueryDsl, sql_query};

use super::Sum;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::period::Day;
use crate::project::Project;
use crate::subtotal::counter::{Fact, FactKind};
use crate::subtotal::{is_money_flow, slot};

/// Entries of a chunk, summed as far as the question allows.
#[derive(QueryableByName)]
pub(super) struct ChunkRow {
    /// 0 when the project does not matter.
    #[diesel(sql_type = BigInt)]
    pub project_id: i64,
    #[diesel(sql_type = Integer)]
    pub measure: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    pub year: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub source_id: Option<i64>,
    #[diesel(sql_type = BigInt)]
    pub fen: i64,
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

/// What of an entry a question looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grain {
    pub project: bool,
    pub year: bool,
    pub source: bool,
}

/// Sums of the entries with `after < id ≤ last` at (`as_of`, `seq`).
pub(super) fn sum_chunk(
    conn: &mut AnyConnection,
    grain: Grain,
    ids: (i64, i64),
    as_of: Day,
    seq: i64,
) -> Result<Vec<ChunkRow>> {
    let pick =
        |wanted: bool, column: &str, otherwise: &str| if wanted { column.to_owned() } else { otherwise.to_owned() };
    let group: Vec<&str> =
        [(true, "measure"), (grain.project, "project_id"), (grain.year, "year"), (grain.source, "source_id")]
            .into_iter()
            .filter_map(|(wanted, column)| wanted.then_some(column))
            .collect();
    Ok(sql_query(format!(
        "SELECT {} AS project_id, measure, {} AS year, {} AS source_id, CAST(SUM(amount_fen) AS BIGINT) AS fen, COUNT(*) AS n \
         FROM entry WHERE id > $1 AND id <= $2 AND occurred_on <= $3 AND seq <= $4 GROUP BY {}",
        pick(grain.project, "project_id", "CAST(0 AS BIGINT)"),
        pick(grain.year, "year", "CAST(NULL AS INTEGER)"),
        pick(grain.source, "source_id", "CAST(NULL AS BIGINT)"),
        group.join(", ")
    ))
    .bind::<BigInt, _>(ids.0)
    .bind::<BigInt, _>(ids.1)
    .bind::<Integer, _>(as_of.raw())
    .bind::<BigInt, _>(seq)
    .load(conn)?)
}

#[derive(QueryableByName)]
struct Bounds {
    #[diesel(sql_type = BigInt)]
    first: i64,
    #[diesel(sql_type = BigInt)]
    last: i64,
}

/// The least and greatest id of the entries; (1, 0) when there are none.
pub(super) fn entry_bounds(conn: &mut AnyConnection) -> Result<(i64, i64)> {
    let bounds: Bounds =
        sql_query("SELECT COALESCE(MIN(id), 1) AS first, COALESCE(MAX(id), 0) AS last FROM entry").get_result(conn)?;
    Ok((bounds.first, bounds.last))
}

/// The number of the last journal row that changed a figure or what the registry says.
pub(super) fn last_change(conn: &mut AnyConnection) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Last {
        #[diesel(sql_type = BigInt)]
        seq: i64,
    }
    // Ids rise with the journal's numbers, so each table's last row is the last to be recorded.
    let last = |table: &str| format!("COALESCE((SELECT seq FROM {table} ORDER BY id DESC LIMIT 1), 0)");
    let tables = ["entry", "project", "project_fact", "milestone", "milestone_fact", "withdrawal"];
    let rows: Vec<String> = tables.iter().map(|table| format!("SELECT {} AS seq", last(table))).collect();
    let row: Last =
        sql_query(format!("SELECT MAX(seq) AS seq FROM ({}) AS lasts", rows.join(" UNION ALL "))).get_result(conn)?;
    Ok(row.seq)
}

/// A value that holds from the journal row `seq` until it was withdrawn, if it was.
pub(super) struct Known<T> {
    pub seq: i64,
    pub withdrawn: Option<i64>,
    pub value: T,
}

impl<T> Known<T> {
    /// Whether it holds once row `seq` is recorded.
    pub(super) fn is_known(&self, seq: i64) -> bool {
        self.seq <= seq && self.withdrawn.is_none_or(|withdrawn| withdrawn > seq)
    }

    /// The rows at which it comes and goes.
    pub(super) fn turns(&self) -> impl Iterator<Item = i64> + use<T> {
        std::iter::once(self.seq).chain(self.withdrawn)
    }
}

/// Projects after `after` in order of id, at most `limit`.
pub(super) fn list_projects(conn: &mut AnyConnection, after: i64, limit: i64) -> Result<Vec<Project>> {
    use crate::db::schema::project;
    Ok(project::table
        .filter(project::id.gt(after))
        .order(project::id)
        .limit(limit)
        .select(Project::as_select())
        .load(conn)?)
}

#[derive(QueryableByName)]
struct MoveRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    withdrawn: Option<i64>,
    #[diesel(sql_type = Integer)]
    effective_on: i32,
    #[diesel(sql_type = BigInt)]
    member: i64,
}

/// The systems a project was ever said to stand in, in order of (effective day, id).
pub(super) fn list_category_facts(conn: &mut AnyConnection, project: i64) -> Result<Vec<Known<(Day, i64)>>> {
    let rows: Vec<MoveRow> = sql_query(
        "SELECT f.seq, w.seq AS withdrawn, f.effective_on, COALESCE(c.id, 0) AS member FROM project_fact f \
         LEFT JOIN category c ON c.slug = f.value LEFT JOIN withdrawal w ON w.fact_id = f.id \
         WHERE f.project_id = $1 AND f.attribute = 'category' ORDER BY f.effective_on, f.id",
    )
    .bind::<BigInt, _>(project)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(Known { seq: row.seq, withdrawn: row.withdrawn, value: (Day::from_raw(row.effective_on)?, row.member) })
        })
        .collect()
}

#[derive(QueryableByName)]
struct CountedRow {
    #[diesel(sql_type = BigInt)]
    milestone_id: i64,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    withdrawn: Option<i64>,
    #[diesel(sql_type = Integer)]
    kind: i32,
    #[diesel(sql_type = Integer)]
    happens_on: i32,
    #[diesel(sql_type = Integer)]
    effective_on: i32,
}

/// Everything ever said of a project's milestones, each in order of (effective day, id).
pub(super) fn list_milestone_facts(conn: &mut AnyConnection, project: i64) -> Result<Vec<(i64, Vec<Known<Fact>>)>> {
    let rows: Vec<CountedRow> = sql_query(
        "SELECT f.milestone_id, f.seq, w.seq AS withdrawn, f.kind, f.happens_on, f.effective_on FROM milestone_fact f \
         JOIN milestone m ON m.id = f.milestone_id LEFT JOIN withdrawal w ON w.fact_id = f.id \
         WHERE m.project_id = $1 ORDER BY f.milestone_id, f.effective_on, f.id",
    )
    .bind::<BigInt, _>(project)
    .load(conn)?;
    let mut milestones: Vec<(i64, Vec<Known<Fact>>)> = Vec::new();
    for row in rows {
        let value = Fact {
            kind: FactKind::from_code(row.kind)
                .ok_or_else(|| Error::internal("节点事实种类无效", row.kind.to_string()))?,
            happens_on: Day::from_raw(row.happens_on)?,
            effective_on: Day::from_raw(row.effective_on)?,
        };
        let fact = Known { seq: row.seq, withdrawn: row.withdrawn, value };
        match milestones.last_mut() {
            Some((id, facts)) if *id == row.milestone_id => facts.push(fact),
            _ => milestones.push((row.milestone_id, vec![fact])),
        }
    }
    Ok(milestones)
}

#[derive(QueryableByName)]
struct EntryRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Integer)]
    day: i32,
    #[diesel(sql_type = Integer)]
    measure: i32,
    #[diesel(sql_type = BigInt)]
    fen: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A project's entries, summed by journal row, day and measure.
pub(super) fn list_entry_sums(conn: &mut AnyConnection, project: i64) -> Result<Vec<(i64, Day, i32, Sum)>> {
    let rows: Vec<EntryRow> = sql_query(
        "SELECT seq, occurred_on AS day, measure, CAST(SUM(amount_fen) AS BIGINT) AS fen, COUNT(*) AS n \
         FROM entry WHERE project_id = $1 GROUP BY seq, occurred_on, measure",
    )
    .bind::<BigInt, _>(project)
    .load(conn)?;
    rows.into_iter()
        .map(|row| Ok((row.seq, Day::from_raw(row.day)?, row.measure, Sum { fen: row.fen, n: row.n })))
        .collect()
}

#[derive(QueryableByName)]
struct MeasureRow {
    #[diesel(sql_type = Integer)]
    measure: i32,
    #[diesel(sql_type = BigInt)]
    fen: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// One project's entries, summed by measure.
pub(super) fn project_sums(conn: &mut AnyConnection, project: i64, as_of: Day, seq: i64) -> Result<[Sum; 6]> {
    let rows: Vec<MeasureRow> = sql_query(
        "SELECT measure, CAST(SUM(amount_fen) AS BIGINT) AS fen, COUNT(*) AS n FROM entry \
         WHERE project_id = $1 AND occurred_on <= $2 AND seq <= $3 GROUP BY measure",
    )
    .bind::<BigInt, _>(project)
    .bind::<Integer, _>(as_of.raw())
    .bind::<BigInt, _>(seq)
    .load(conn)?;
    let mut sums = [Sum::default(); 6];
    for row in rows {
        if let Some(slot) = slot(&mut sums, row.measure) {
            *slot = Sum { fen: row.fen, n: row.n };
        }
    }
    Ok(sums)
}

#[derive(QueryableByName)]
struct ProjectMeasureRow {
    #[diesel(sql_type = BigInt)]
    project_id: i64,
    #[diesel(sql_type = Integer)]
    measure: i32,
    #[diesel(sql_type = BigInt)]
    fen: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
    #[diesel(sql_type = BigInt)]
    year_fen: i64,
    #[diesel(sql_type = BigInt)]
    year_n: i64,
    #[diesel(sql_type = Integer)]
    latest: i32,
}

/// What some projects' entries add up to.
#[derive(Debug, Clone, Default)]
pub(super) struct Money {
    /// Of all years.
    pub sums: [Sum; 6],
    /// Of the fiscal year asked for.
    pub year: [Sum; 6],
    /// The last day of received, completed or paid money.
    pub latest: Option<Day>,
}

/// The entries of some projects at (`as_of`, `seq`), summed by project, and of one fiscal year.
pub(super) fn money_of(conn: &mut AnyConnection, ids: &[i64], as_of: Day, seq: i64) -> Result<HashMap<i64, Money>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<ProjectMeasureRow> = sql_query(format!(
        "SELECT project_id, measure, CAST(SUM(amount_fen) AS BIGINT) AS fen, COUNT(*) AS n, \
         CAST(SUM(CASE WHEN year = $1 THEN amount_fen ELSE 0 END) AS BIGINT) AS year_fen, \
         CAST(SUM(CASE WHEN year = $1 THEN 1 ELSE 0 END) AS BIGINT) AS year_n, MAX(occurred_on) AS latest \
         FROM entry WHERE project_id IN ({}) AND occurred_on <= $2 AND seq <= $3 GROUP BY project_id, measure",
        numbers(ids)
    ))
    .bind::<Integer, _>(as_of.year().get())
    .bind::<Integer, _>(as_of.raw())
    .bind::<BigInt, _>(seq)
    .load(conn)?;
    let mut money: HashMap<i64, Money> = HashMap::new();
    for row in rows {
        let of = money.entry(row.project_id).or_default();
        if let Some(slot) = slot(&mut of.sums, row.measure) {
            *slot = Sum { fen: row.fen, n: row.n };
        }
        if let Some(slot) = slot(&mut of.year, row.measure) {
            *slot = Sum { fen: row.year_fen, n: row.year_n };
        }
        if is_money_flow(row.measure) {
            of.latest = of.latest.max(Some(Day::from_raw(row.latest)?));
        }
    }
    Ok(money)
}

/// Numbers as a list in a statement; ids are ours and whole numbers.
pub(super) fn numbers(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether money was received, completed or paid for any project at (`as_of`, `seq`).
pub(super) fn has_money(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<bool> {
    use crate::db::schema::entry;
    let found: Option<i64> = entry::table
        .filter(entry::measure.between(4, 6))
        .filter(entry::occurred_on.le(as_of.raw()).and(entry::seq.le(seq)))
        .order(entry::id)
        .select(entry::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}
