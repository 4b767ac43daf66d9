//! What a rollup reads: the current rows, and entries summed chunk by chunk.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel::{RunQueryDsl, sql_query};

use super::{Dimension, Figures, Filter, Groups, Milestones, NONE, Scope, Sum};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::period::Day;
use crate::project::Project;
use crate::subtotal::counter::{Fact, FactKind};

#[derive(QueryableByName)]
struct CurrentRow {
    #[diesel(sql_type = Text)]
    k0: String,
    #[diesel(sql_type = Text)]
    k1: String,
    #[diesel(sql_type = BigInt)]
    projects: i64,
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

impl CurrentRow {
    fn figures(&self) -> Figures {
        let sum = |fen, n| Sum { fen, n };
        Figures {
            projects: Some(self.projects),
            sums: [
                sum(self.investment_fen, self.investment_n),
                sum(self.plan_fen, self.plan_n),
                sum(self.budget_fen, self.budget_n),
                sum(self.received_fen, self.received_n),
                sum(self.completed_fen, self.completed_n),
                sum(self.paid_fen, self.paid_n),
            ],
            milestones: Some(Milestones::default()),
        }
    }
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Text)]
    k0: String,
    #[diesel(sql_type = Text)]
    k1: String,
    #[diesel(sql_type = BigInt)]
    planned: i64,
    #[diesel(sql_type = BigInt)]
    due: i64,
    #[diesel(sql_type = BigInt)]
    met: i64,
    #[diesel(sql_type = BigInt)]
    late: i64,
}

/// As of today and known now, by project attributes: summed from one row a project.
pub(super) fn current(conn: &mut AnyConnection, scope: &Scope) -> Result<Groups> {
    let columns = [column(scope.by.first()), column(scope.by.get(1))];
    Ok(current_by(conn, &columns, &scope.filter, scope.as_of)?
        .into_iter()
        .map(|((k0, k1), figures)| (group_keys(scope, &k0, &k1), figures))
        .collect())
}

/// As of today and known now, each project by itself.
pub(super) fn current_projects(conn: &mut AnyConnection, as_of: Day) -> Result<HashMap<i64, Figures>> {
    let columns = ["CAST(p.project_id AS TEXT)".to_owned(), "''".to_owned()];
    Ok(current_by(conn, &columns, &Filter::default(), as_of)?
        .into_iter()
        .filter_map(|((id, _), figures)| Some((id.parse().ok()?, figures)))
        .collect())
}

fn current_by(
    conn: &mut AnyConnection,
    columns: &[String; 2],
    filter: &Filter,
    as_of: Day,
) -> Result<HashMap<(String, String), Figures>> {
    let keys = format!("{} AS k0, {} AS k1", columns[0], columns[1]);
    let sums = Measure::ALL
        .map(|measure| {
            let key = measure.key();
            format!("CAST(COALESCE(SUM(p.{key}_fen), 0) AS BIGINT) AS {key}_fen, CAST(COALESCE(SUM(p.{key}_n), 0) AS BIGINT) AS {key}_n")
        })
        .join(", ");
    let (condition, texts, numbers) = conditions(filter, 0);
    let rows: Vec<CurrentRow> = sql_query(format!(
        "SELECT {keys}, COUNT(*) AS projects, {sums} FROM project_now p WHERE {condition} GROUP BY 1, 2"
    ))
    .into_boxed()
    .with(&texts, &numbers)
    .load(conn)?;
    let mut groups: HashMap<(String, String), Figures> = rows
        .into_iter()
        .map(|row| {
            let figures = row.figures();
            ((row.k0, row.k1), figures)
        })
        .collect();
    let (condition, texts, numbers) = conditions(filter, 1);
    let counts: Vec<CountRow> = sql_query(format!(
        "SELECT {keys}, COUNT(m.planned_on) AS planned, \
         CAST(COALESCE(SUM(CASE WHEN m.planned_on <= $1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS due, \
         COUNT(m.met_on) AS met, \
         CAST(COALESCE(SUM(CASE WHEN m.planned_on < $1 AND m.met_on IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS late \
         FROM milestone_now m JOIN project_now p ON p.project_id = m.project_id WHERE {condition} GROUP BY 1, 2"
    ))
    .into_boxed()
    .bind::<Integer, _>(as_of.raw())
    .with(&texts, &numbers)
    .load(conn)?;
    for row in counts {
        let figures = groups.entry((row.k0, row.k1)).or_insert_with(Figures::of_projects);
        figures.milestones = Some(Milestones { planned: row.planned, due: row.due, met: row.met, late: row.late });
    }
    Ok(groups)
}

fn group_keys(scope: &Scope, k0: &str, k1: &str) -> Vec<String> {
    let key = |text: &str| if text.is_empty() || text == "0" { NONE.to_owned() } else { text.to_owned() };
    [k0, k1].into_iter().take(scope.by.len()).map(key).collect()
}

fn column(by: Option<&Dimension>) -> String {
    match by {
        None | Some(Dimension::Year | Dimension::Source) => "''".into(),
        Some(Dimension::StartYear) => "CAST(p.start_year AS TEXT)".into(),
        Some(Dimension::EndYear) => "CAST(p.end_year AS TEXT)".into(),
        Some(by) => format!("p.{}", by.word()),
    }
}

/// The condition on the current rows, its texts and then its numbers, after `bound` earlier ones.
fn conditions(filter: &Filter, bound: usize) -> (String, Vec<String>, Vec<i32>) {
    let (mut parts, mut texts, mut numbers) = (vec!["1 = 1".to_owned()], Vec::new(), Vec::new());
    for (column, wanted) in [
        ("category", &filter.category),
        ("department", &filter.department),
        ("nature", &filter.nature),
        ("stage", &filter.stage),
    ] {
        if !wanted.is_empty() {
            let from = bound + texts.len() + 1;
            let places: Vec<String> = (from..from + wanted.len()).map(|at| format!("${at}")).collect();
            parts.push(format!("p.{column} IN ({})", places.join(", ")));
            texts.extend(wanted.iter().map(|key| if key == NONE { String::new() } else { key.clone() }));
        }
    }
    for (column, wanted) in [("start_year", &filter.start_year), ("end_year", &filter.end_year)] {
        if !wanted.is_empty() {
            let from = bound + texts.len() + numbers.len() + 1;
            let places: Vec<String> = (from..from + wanted.len()).map(|at| format!("${at}")).collect();
            parts.push(format!("p.{column} IN ({})", places.join(", ")));
            numbers.extend(wanted.iter().copied());
        }
    }
    if let Some(year) = filter.active_in {
        let at = bound + texts.len() + numbers.len() + 1;
        parts.push(format!("p.start_year <= ${at} AND p.end_year >= ${at}"));
        numbers.push(year);
    }
    (parts.join(" AND "), texts, numbers)
}

type Boxed = diesel::query_builder::BoxedSqlQuery<
    'static,
    <AnyConnection as diesel::Connection>::Backend,
    diesel::query_builder::SqlQuery,
>;

/// Binding the texts and numbers of [`conditions`], in that order.
trait Bind {
    fn with(self, texts: &[String], numbers: &[i32]) -> Self;
}

impl Bind for Boxed {
    fn with(mut self, texts: &[String], numbers: &[i32]) -> Self {
        for text in texts {
            self = self.bind::<Text, _>(text.clone());
        }
        for number in numbers {
            self = self.bind::<Integer, _>(*number);
        }
        self
    }
}

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
    let row: Last = sql_query(format!("SELECT MAX(seq) AS seq FROM ({}) AS lasts", rows.join(" UNION ALL ")))
        .get_result(conn)?;
    Ok(row.seq)
}

/// The greatest project id; 0 when there are none.
pub(super) fn last_project(conn: &mut AnyConnection) -> Result<i64> {
    Ok(crate::db::schema::project::table
        .select(diesel::dsl::max(crate::db::schema::project::id))
        .first::<Option<i64>>(conn)?
        .unwrap_or(0))
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

/// The current rows of a system with the largest investment.
pub(super) fn list_largest(
    conn: &mut AnyConnection,
    category: &str,
    limit: i64,
) -> Result<Vec<(String, String, Figures)>> {
    use crate::db::schema::{project, project_now as now};
    let wanted = if category == NONE { "" } else { category };
    type Row = (String, String, (i64, i64), (i64, i64), (i64, i64), (i64, i64), (i64, i64), (i64, i64));
    let rows: Vec<Row> = now::table
        .inner_join(project::table.on(project::id.eq(now::project_id)))
        .filter(now::category.eq(wanted))
        .order((now::investment_fen.desc(), now::project_id))
        .limit(limit)
        .select((
            project::code,
            now::name,
            (now::investment_fen, now::investment_n),
            (now::plan_fen, now::plan_n),
            (now::budget_fen, now::budget_n),
            (now::received_fen, now::received_n),
            (now::completed_fen, now::completed_n),
            (now::paid_fen, now::paid_n),
        ))
        .load(conn)?;
    let figures =
        |sums: [(i64, i64); 6]| Figures { sums: sums.map(|(fen, n)| Sum { fen, n }), ..Figures::of_projects() };
    Ok(rows.into_iter().map(|(code, name, a, b, c, d, e, f)| (code, name, figures([a, b, c, d, e, f]))).collect())
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
        if let Some(slot) = usize::try_from(row.measure - 1).ok().and_then(|at| sums.get_mut(at)) {
            *slot = Sum { fen: row.fen, n: row.n };
        }
    }
    Ok(sums)
}
