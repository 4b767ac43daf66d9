//! The ledger's table.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Nullable};

use super::transfer::MAX_LINES;
use super::{Entry, Kind};
use crate::db::schema::entry;
use crate::db::{AnyConnection, Later, Rows};
use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::period::Day;
use crate::subtotal::Sum;

impl Later for Entry {
    fn statements(rows: &[Entry]) -> Result<Vec<Rows>> {
        let values = rows
            .iter()
            .map(|row| {
                vec![
                    row.id.into(),
                    row.seq.into(),
                    row.project_id.into(),
                    row.measure.into(),
                    row.kind.into(),
                    row.year.into(),
                    row.source_id.into(),
                    row.amount_fen.into(),
                    row.occurred_on.into(),
                    row.posted_month.into(),
                    row.reason_code.as_str().into(),
                    row.is_estimate.into(),
                    row.document_id.into(),
                    row.line_id.into(),
                    row.reverses_id.into(),
                    row.note.as_str().into(),
                ]
            })
            .collect();
        let columns = "id, seq, project_id, measure, kind, year, source_id, amount_fen, occurred_on, posted_month, \
                       reason_code, is_estimate, document_id, line_id, reverses_id, note";
        Ok(vec![Rows::new(format!("INSERT INTO entry ({columns})"), values, "")])
    }
}

/// The entry of an id.
pub fn find(conn: &mut AnyConnection, id: i64) -> Result<Option<Entry>> {
    Ok(entry::table.filter(entry::id.eq(id)).select(Entry::as_select()).first(conn).optional()?)
}

/// The entry that reverses `id`.
pub fn find_reversal(conn: &mut AnyConnection, id: i64) -> Result<Option<Entry>> {
    Ok(entry::table.filter(entry::reverses_id.eq(id)).select(Entry::as_select()).first(conn).optional()?)
}

/// Every side of the transfer or carry-over that one of its entries belongs to. Ids of one command follow each
/// other, and so the primary key finds them.
pub fn list_sides(conn: &mut AnyConnection, one: &Entry) -> Result<Vec<Entry>> {
    let reach = i64::try_from(MAX_LINES).unwrap_or(i64::MAX);
    Ok(entry::table
        .filter(entry::id.between(one.id.saturating_sub(reach), one.id.saturating_add(reach)))
        .filter(entry::seq.eq(one.seq).and(entry::kind.eq(one.kind)))
        .order(entry::id)
        .select(Entry::as_select())
        .load(conn)?)
}

/// Whether a project has entries of a measure.
pub fn has_measure(conn: &mut AnyConnection, project_id: i64, measure: Measure) -> Result<bool> {
    let held = entry::table.filter(entry::project_id.eq(project_id).and(entry::measure.eq(measure.code())));
    Ok(diesel::select(diesel::dsl::exists(held)).get_result::<bool>(conn)?)
}

/// What entries of a project come to at a place, apart by whether they laid down or changed what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Of what.
    pub measure: Measure,
    /// The fiscal year.
    pub year: Option<i32>,
    /// The source.
    pub source_id: Option<i64>,
    /// First recorded or brought over; a reversal goes with what it reverses.
    pub is_original: bool,
    /// How much, of how many entries.
    pub sum: Sum,
}

#[derive(QueryableByName)]
struct PartRow {
    #[diesel(sql_type = Integer)]
    measure: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    year: Option<i32>,
    #[diesel(sql_type = Nullable<BigInt>)]
    source_id: Option<i64>,
    #[diesel(sql_type = Integer)]
    kind: i32,
    #[diesel(sql_type = BigInt)]
    fen: i64,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// The parts of a project's funds at (`as_of`, `seq`).
pub fn list_parts(conn: &mut AnyConnection, project_id: i64, as_of: Day, seq: i64) -> Result<Vec<Part>> {
    let rows: Vec<PartRow> = sql_query(
        "SELECT e.measure, e.year, e.source_id, COALESCE(wrong.kind, e.kind) AS kind, \
         CAST(SUM(e.amount_fen) AS BIGINT) AS fen, COUNT(*) AS n FROM entry e \
         LEFT JOIN entry wrong ON wrong.id = e.reverses_id \
         WHERE e.project_id = $1 AND e.occurred_on <= $2 AND e.seq <= $3 \
         GROUP BY e.measure, e.year, e.source_id, COALESCE(wrong.kind, e.kind)",
    )
    .bind::<BigInt, _>(project_id)
    .bind::<Integer, _>(as_of.raw())
    .bind::<BigInt, _>(seq)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let measure = Measure::from_code(row.measure)
                .ok_or_else(|| Error::internal("分录的口径无效", row.measure.to_string()))?;
            let is_original = [Kind::Original.code(), Kind::Opening.code()].contains(&row.kind);
            let sum = Sum { fen: row.fen, n: row.n };
            Ok(Part { measure, year: row.year, source_id: row.source_id, is_original, sum })
        })
        .collect()
}

/// Whether the same was recorded before by another journal row: project, measure, source, day, amount and document.
pub fn is_repeated(conn: &mut AnyConnection, one: &Entry) -> Result<bool> {
    let alike: Vec<(Option<i64>, Option<i64>)> = entry::table
        .filter(entry::project_id.eq(one.project_id).and(entry::measure.eq(one.measure)))
        .filter(entry::occurred_on.eq(one.occurred_on).and(entry::amount_fen.eq(one.amount_fen)))
        .filter(entry::seq.ne(one.seq))
        .select((entry::source_id, entry::document_id))
        .load(conn)?;
    Ok(alike.contains(&(one.source_id, one.document_id)))
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this project only.
    pub project_id: Option<i64>,
    /// Of these measures; empty: all.
    pub measures: Vec<i32>,
    /// Of these fiscal years.
    pub years: Vec<i32>,
    /// Of these sources.
    pub sources: Vec<i64>,
    /// Resting on this document.
    pub document_id: Option<i64>,
    /// Resting on this plan line.
    pub line_id: Option<i64>,
}

/// Entries at (`as_of`, `seq`) after `after_id`, in order of id, at most `limit`.
pub fn list(
    conn: &mut AnyConnection,
    wanted: &Wanted,
    as_of: Day,
    seq: i64,
    after_id: i64,
    limit: i64,
) -> Result<Vec<Entry>> {
    let mut query = entry::table
        .filter(entry::id.gt(after_id).and(entry::occurred_on.le(as_of.raw())).and(entry::seq.le(seq)))
        .order(entry::id)
        .limit(limit)
        .select(Entry::as_select())
        .into_boxed();
    if let Some(project) = wanted.project_id {
        query = query.filter(entry::project_id.eq(project));
    }
    if let Some(document) = wanted.document_id {
        query = query.filter(entry::document_id.eq(document));
    }
    if let Some(line) = wanted.line_id {
        query = query.filter(entry::line_id.eq(line));
    }
    if !wanted.measures.is_empty() {
        query = query.filter(entry::measure.eq_any(wanted.measures.clone()));
    }
    if !wanted.years.is_empty() {
        query = query.filter(entry::year.eq_any(wanted.years.clone()));
    }
    if !wanted.sources.is_empty() {
        query = query.filter(entry::source_id.eq_any(wanted.sources.clone()));
    }
    Ok(query.load(conn)?)
}

/// Entries recorded after one journal row and by another, dated by `as_of`: what a publication did
/// not know of its month yet. In order of id, at most `limit`.
pub fn list_since(conn: &mut AnyConnection, since: i64, until: i64, as_of: Day, limit: i64) -> Result<Vec<Entry>> {
    Ok(entry::table
        .filter(entry::seq.gt(since).and(entry::seq.le(until)).and(entry::occurred_on.le(as_of.raw())))
        .order(entry::id)
        .limit(limit)
        .select(Entry::as_select())
        .load(conn)?)
}

/// The last entry of a measure: its day, and whether it is a line of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// Of what.
    pub measure: Measure,
    /// When.
    pub day: Day,
    /// Whether all entries of that day are lines of the plan.
    pub is_of_plan: bool,
}

/// The last entry of each measure that a project has, at (`as_of`, `seq`).
pub fn last_by_measure(conn: &mut AnyConnection, project: i64, as_of: Day, seq: i64) -> Result<Vec<Last>> {
    #[derive(diesel::QueryableByName)]
    struct LastRow {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        measure: i32,
        #[diesel(sql_type = diesel::sql_types::Integer)]
        day: i32,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        beyond: i64,
    }
    let rows: Vec<LastRow> = diesel::sql_query(
        "SELECT e.measure, e.occurred_on AS day, COUNT(*) - COUNT(e.line_id) AS beyond FROM entry e JOIN \
         (SELECT measure, MAX(occurred_on) AS day FROM entry WHERE project_id = $1 AND occurred_on <= $2 AND seq <= $3 \
         GROUP BY measure) last ON last.measure = e.measure AND last.day = e.occurred_on \
         WHERE e.project_id = $1 AND e.seq <= $3 GROUP BY e.measure, e.occurred_on ORDER BY e.measure",
    )
    .bind::<diesel::sql_types::BigInt, _>(project)
    .bind::<diesel::sql_types::Integer, _>(as_of.raw())
    .bind::<diesel::sql_types::BigInt, _>(seq)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            let measure = Measure::from_code(row.measure)
                .ok_or_else(|| Error::internal("分录的口径无效", row.measure.to_string()))?;
            Ok(Last { measure, day: Day::from_raw(row.day)?, is_of_plan: row.beyond == 0 })
        })
        .collect()
}

/// What the entries of a project come to in one measure and fiscal year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// The project.
    pub project_id: i64,
    /// `Measure::code`.
    pub measure: i32,
    /// None: 未分年.
    pub year: Option<i32>,
    /// The sum.
    pub sum: Sum,
    /// The day of its last entry.
    pub last_on: i32,
}

/// The balances of these projects at (`as_of`, `seq`), by project, measure and fiscal year.
pub fn list_balances(conn: &mut AnyConnection, projects: &[i64], as_of: Day, seq: i64) -> Result<Vec<Balance>> {
    #[derive(diesel::QueryableByName)]
    struct BalanceRow {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        project_id: i64,
        #[diesel(sql_type = diesel::sql_types::Integer)]
        measure: i32,
        #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Integer>)]
        year: Option<i32>,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        fen: i64,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
        #[diesel(sql_type = diesel::sql_types::Integer)]
        last_on: i32,
    }
    let mut balances = Vec::new();
    for ids in projects.chunks(1_000) {
        // Whole numbers of ours: nothing that was typed becomes part of the statement.
        let ids = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        if ids.is_empty() {
            continue;
        }
        let rows: Vec<BalanceRow> = diesel::sql_query(format!(
            "SELECT project_id, measure, year, CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen, COUNT(*) AS n, \
             MAX(occurred_on) AS last_on FROM entry WHERE project_id IN ({ids}) AND occurred_on <= $1 AND seq <= $2 \
             GROUP BY project_id, measure, year ORDER BY project_id, measure, year"
        ))
        .bind::<diesel::sql_types::Integer, _>(as_of.raw())
        .bind::<diesel::sql_types::BigInt, _>(seq)
        .load(conn)?;
        balances.extend(rows.into_iter().map(|row| Balance {
            project_id: row.project_id,
            measure: row.measure,
            year: row.year,
            sum: Sum { fen: row.fen, n: row.n },
            last_on: row.last_on,
        }));
    }
    Ok(balances)
}

/// Whether any entry rests on something other than a line of the plan.
pub fn has_beyond_plan(conn: &mut AnyConnection, seq: i64) -> Result<bool> {
    let found: Option<i64> = entry::table
        .filter(entry::seq.le(seq).and(entry::line_id.is_null()))
        .select(entry::id)
        .order(entry::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

#[derive(diesel::QueryableByName)]
struct SumRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    fen: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// The investment entries that are rows of the plan, summed one by one.
pub fn sum_of_plan(conn: &mut AnyConnection, as_of: Day, seq: i64) -> Result<Sum> {
    let row: SumRow = diesel::sql_query(
        "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen, COUNT(*) AS n FROM entry \
         WHERE line_id IS NOT NULL AND measure = 1 AND kind = 1 AND occurred_on <= $1 AND seq <= $2",
    )
    .bind::<diesel::sql_types::Integer, _>(as_of.raw())
    .bind::<diesel::sql_types::BigInt, _>(seq)
    .get_result(conn)?;
    Ok(Sum { fen: row.fen, n: row.n })
}

/// What a project's entries of a measure come to, of fiscal years and days from … to … (no year counts
/// as year 0), by what was recorded up to `seq`.
pub fn sum_of(
    conn: &mut AnyConnection,
    project: i64,
    measure: Measure,
    years: (i32, i32),
    days: (i32, i32),
    seq: i64,
) -> Result<Sum> {
    let row: SumRow = diesel::sql_query(
        "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen, COUNT(*) AS n FROM entry \
         WHERE project_id = $1 AND measure = $2 AND COALESCE(year, 0) BETWEEN $3 AND $4 \
         AND occurred_on BETWEEN $5 AND $6 AND seq <= $7",
    )
    .bind::<diesel::sql_types::BigInt, _>(project)
    .bind::<diesel::sql_types::Integer, _>(measure.code())
    .bind::<diesel::sql_types::Integer, _>(years.0)
    .bind::<diesel::sql_types::Integer, _>(years.1)
    .bind::<diesel::sql_types::Integer, _>(days.0)
    .bind::<diesel::sql_types::Integer, _>(days.1)
    .bind::<diesel::sql_types::BigInt, _>(seq)
    .get_result(conn)?;
    Ok(Sum { fen: row.fen, n: row.n })
}
