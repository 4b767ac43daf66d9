//! The current rows: one a project, one a milestone, one a project's fiscal year and source.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel::{RunQueryDsl, sql_query};

use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::measure::Measure;
use crate::period::Day;
use crate::project::{Attribute, Hidden};
use crate::rollup::list::{COMPLETION, Key, Order, TermOver, Whole};
use crate::rollup::store::numbers;
use crate::rollup::{Dimension, Figures, Filter, Milestones, NONE, Sum};
use crate::subtotal::store::SumColumns;

#[derive(QueryableByName)]
struct CurrentRow {
    #[diesel(sql_type = Text)]
    k0: String,
    #[diesel(sql_type = Text)]
    k1: String,
    #[diesel(sql_type = BigInt)]
    projects: i64,
    #[diesel(embed)]
    money: SumColumns,
}

impl CurrentRow {
    fn figures(&self) -> Figures {
        Figures { projects: Some(self.projects), sums: self.money.sums(), milestones: Some(Milestones::default()) }
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

/// Which current rows count: those within the filter and, where words were searched, among `ids`.
#[derive(Debug, Clone, Copy)]
pub(in crate::rollup) struct Within<'a> {
    pub filter: &'a Filter,
    pub ids: Option<&'a [i64]>,
}

/// Figures by the keys of two dimensions.
pub(in crate::rollup) type Grouped = HashMap<(String, String), Figures>;

/// Projects, their balances and their milestones, grouped by two of their attributes.
pub(in crate::rollup) fn of_projects(
    conn: &mut AnyConnection,
    by: [Option<Dimension>; 2],
    within: Within<'_>,
    as_of: Day,
) -> Result<Grouped> {
    let hidden = within.filter.hidden;
    let keys = format!("{} AS k0, {} AS k1", attribute(by[0], hidden), attribute(by[1], hidden));
    let (condition, texts, years) = conditions(within, 0);
    let rows: Vec<CurrentRow> = sql_query(format!(
        "SELECT {keys}, COUNT(*) AS projects, {} FROM project_now p WHERE {condition} GROUP BY 1, 2",
        sums("p")
    ))
    .into_boxed()
    .with(&texts, &years)
    .load(conn)?;
    let mut groups: Grouped = rows
        .into_iter()
        .map(|row| {
            let figures = row.figures();
            ((row.k0, row.k1), figures)
        })
        .collect();
    let (condition, texts, years) = conditions(within, 1);
    let counts: Vec<CountRow> = sql_query(format!(
        "SELECT {keys}, COUNT(m.planned_on) AS planned, \
         CAST(COALESCE(SUM(CASE WHEN m.planned_on <= $1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS due, \
         COUNT(m.met_on) AS met, \
         CAST(COALESCE(SUM(CASE WHEN m.planned_on < $1 AND m.met_on IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT) AS late \
         FROM milestone_now m JOIN project_now p ON p.project_id = m.project_id WHERE {condition} GROUP BY 1, 2"
    ))
    .into_boxed()
    .bind::<Integer, _>(as_of.raw())
    .with(&texts, &years)
    .load(conn)?;
    for row in counts {
        let figures = groups.entry((row.k0, row.k1)).or_insert_with(Figures::of_projects);
        figures.milestones = Some(Milestones { planned: row.planned, due: row.due, met: row.met, late: row.late });
    }
    Ok(groups)
}

/// Balances of fiscal years and sources, grouped by them or by attributes of their projects. A
/// source's key is its id; what has no year or no source has the key 0.
pub(in crate::rollup) fn of_entries(
    conn: &mut AnyConnection,
    by: [Option<Dimension>; 2],
    within: Within<'_>,
    sources: &[i64],
) -> Result<Grouped> {
    let key = |by| match by {
        Some(Dimension::Year) => "y.year".to_owned(),
        Some(Dimension::Source) => "y.source_id".to_owned(),
        by => attribute(by, within.filter.hidden),
    };
    let (condition, texts, years) = conditions(within, 0);
    let mut condition = condition;
    if !within.filter.year.is_empty() {
        let wanted: Vec<i64> = within.filter.year.iter().map(|year| i64::from(year.unwrap_or(0))).collect();
        condition += &format!(" AND y.year IN ({})", numbers(&wanted));
    }
    if !sources.is_empty() {
        condition += &format!(" AND y.source_id IN ({})", numbers(sources));
    }
    // The keys become text once a group, not once a row: this reads every project of a year.
    let rows: Vec<CurrentRow> = sql_query(format!(
        "SELECT CAST(g0 AS TEXT) AS k0, CAST(g1 AS TEXT) AS k1, CAST(0 AS BIGINT) AS projects, {} FROM ( \
         SELECT {} AS g0, {} AS g1, {} FROM year_now y JOIN project_now p ON p.project_id = y.project_id \
         WHERE {condition} GROUP BY 1, 2) g",
        Measure::ALL.map(|measure| format!("{0}_fen, {0}_n", measure.key())).join(", "),
        key(by[0]),
        key(by[1]),
        sums("y")
    ))
    .into_boxed()
    .with(&texts, &years)
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let figures = Figures { projects: None, milestones: None, ..row.figures() };
            ((row.k0, row.k1), figures)
        })
        .collect())
}

fn sums(table: &str) -> String {
    Measure::ALL
        .map(|measure| {
            let key = measure.key();
            format!(
                "CAST(COALESCE(SUM({table}.{key}_fen), 0) AS BIGINT) AS {key}_fen, \
                 CAST(COALESCE(SUM({table}.{key}_n), 0) AS BIGINT) AS {key}_n"
            )
        })
        .join(", ")
}

/// A column of the current rows as a reader sees it: what is hidden is not said.
fn column(name: &str, hidden: Hidden) -> String {
    let status = match name {
        "category" if hidden.categories => "category_status",
        "department" if hidden.departments => "department_status",
        "supports" if hidden.departments => "supports_status",
        _ => return format!("p.{name}"),
    };
    format!("CASE WHEN p.{status} = 'inferred' THEN '' ELSE p.{name} END")
}

fn attribute(by: Option<Dimension>, hidden: Hidden) -> String {
    match by {
        None | Some(Dimension::Year | Dimension::Source) => "''".into(),
        Some(Dimension::StartYear) => "CAST(p.start_year AS TEXT)".into(),
        Some(Dimension::EndYear) => "CAST(p.end_year AS TEXT)".into(),
        Some(by) => column(by.word(), hidden),
    }
}

/// The condition on the current rows, its texts and then its numbers, after `bound` earlier ones.
fn conditions(within: Within<'_>, bound: usize) -> (String, Vec<String>, Vec<i32>) {
    let filter = within.filter;
    let (mut parts, mut texts, mut years) = (vec!["1 = 1".to_owned()], Vec::new(), Vec::new());
    for (name, wanted) in [
        ("category", &filter.category),
        ("department", &filter.department),
        ("nature", &filter.nature),
        ("stage", &filter.stage),
    ] {
        if !wanted.is_empty() {
            let from = bound + texts.len() + 1;
            let places: Vec<String> = (from..from + wanted.len()).map(|at| format!("${at}")).collect();
            parts.push(format!("{} IN ({})", column(name, filter.hidden), places.join(", ")));
            texts.extend(wanted.iter().map(|key| if key == NONE { String::new() } else { key.clone() }));
        }
    }
    // What REPLACE takes away was there: the same letter for letter on both engines, as LIKE is not.
    let supported = |from: usize, pieces: usize| {
        let supports = column("supports", filter.hidden);
        let listed = format!("('、' || {supports} || '、')");
        let found: Vec<String> =
            (from..from + pieces).map(|at| format!("REPLACE({listed}, ${at}, '') <> {listed}")).collect();
        format!("({supports} <> '' AND ({}))", found.join(" OR "))
    };
    if !filter.supports.is_empty() {
        parts.push(supported(bound + texts.len() + 1, filter.supports.len()));
        texts.extend(filter.supports.iter().cloned());
    }
    if let Some(own) = &filter.own {
        let from = bound + texts.len() + 1;
        let places: Vec<String> = (from..from + own.leads.len()).map(|at| format!("${at}")).collect();
        let supports = supported(from + own.leads.len(), own.supports.len());
        parts.push(format!("(p.department IN ({}) OR {supports})", places.join(", ")));
        texts.extend(own.leads.iter().chain(&own.supports).cloned());
    }
    for (column, wanted) in [("start_year", &filter.start_year), ("end_year", &filter.end_year)] {
        if !wanted.is_empty() {
            let from = bound + texts.len() + years.len() + 1;
            let places: Vec<String> = (from..from + wanted.len()).map(|at| format!("${at}")).collect();
            parts.push(format!("p.{column} IN ({})", places.join(", ")));
            years.extend(wanted.iter().copied());
        }
    }
    if let Some(year) = filter.active_in {
        let at = bound + texts.len() + years.len() + 1;
        parts.push(format!("p.start_year <= ${at} AND p.end_year >= ${at}"));
        years.push(year);
    }
    if let Some(ids) = within.ids {
        parts.push(format!("p.project_id IN ({})", numbers(ids)));
    }
    (parts.join(" AND "), texts, years)
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

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The projects within the filter in the order asked, equal ones in order of registration; those
/// after `after`, at most `limit`.
pub(in crate::rollup) fn list_ids(
    conn: &mut AnyConnection,
    within: Within<'_>,
    order: Order,
    after: i64,
    limit: Option<usize>,
) -> Result<Vec<i64>> {
    // Rust and SQLite compare texts byte by byte; PostgreSQL has to be told.
    let bytewise = match conn {
        AnyConnection::Sqlite(_) => "",
        AnyConnection::Pg(_) => " COLLATE \"C\"",
    };
    let (from, by) = match order.key {
        Key::Registered => ("project_now p", "p.project_id".to_owned()),
        Key::Code => ("project_now p JOIN project q ON q.id = p.project_id", format!("q.code{bytewise}")),
        Key::Name => ("project_now p", format!("p.name{bytewise}")),
        Key::StartYear => ("project_now p", "p.start_year".to_owned()),
        Key::EndYear => ("project_now p", "p.end_year".to_owned()),
        Key::Sum(measure) => ("project_now p", format!("p.{}_fen", measure.key())),
    };
    let direction = if order.descending { "DESC" } else { "ASC" };
    let (condition, texts, years) = conditions(within, 0);
    let limit = limit.map_or_else(String::new, |limit| format!(" LIMIT {limit}"));
    let rows: Vec<IdRow> = sql_query(format!(
        "SELECT p.project_id AS id FROM {from} WHERE {condition} AND p.project_id > {after} \
         ORDER BY {by} {direction}, p.project_id ASC{limit}"
    ))
    .into_boxed()
    .with(&texts, &years)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(QueryableByName)]
struct WholeRow {
    #[diesel(sql_type = BigInt)]
    projects: i64,
    #[diesel(sql_type = BigInt)]
    categories: i64,
    #[diesel(sql_type = BigInt)]
    departments: i64,
    #[diesel(sql_type = BigInt)]
    over: i64,
    #[diesel(sql_type = BigInt)]
    over_fen: i64,
}

/// How many projects are within the filter, of how many the system or department is inferred,
/// and of how many the term is over by `as_of` and nothing says how it ended.
pub(in crate::rollup) fn whole(conn: &mut AnyConnection, within: Within<'_>, as_of: Day) -> Result<Whole> {
    let (condition, texts, years) = conditions(within, 1);
    let over = format!(
        "p.end_year > 0 AND p.end_year < $1 AND p.stage IN ('', 'construction') AND NOT EXISTS ( \
         SELECT 1 FROM milestone_now n JOIN milestone m ON m.id = n.milestone_id \
         WHERE n.project_id = p.project_id AND n.met_on IS NOT NULL AND m.code IN ({}))",
        COMPLETION.map(|code| format!("'{code}'")).join(", ")
    );
    let row: WholeRow = sql_query(format!(
        "SELECT COUNT(*) AS projects, \
         CAST(COALESCE(SUM(CASE WHEN category_status = 'inferred' THEN 1 ELSE 0 END), 0) AS BIGINT) AS categories, \
         CAST(COALESCE(SUM(CASE WHEN department_status = 'inferred' THEN 1 ELSE 0 END), 0) AS BIGINT) AS departments, \
         CAST(COALESCE(SUM(over), 0) AS BIGINT) AS over, \
         CAST(COALESCE(SUM(over * investment_fen), 0) AS BIGINT) AS over_fen FROM ( \
         SELECT p.category_status, p.department_status, p.investment_fen, CASE WHEN {over} THEN 1 ELSE 0 END AS over \
         FROM project_now p WHERE {condition}) w"
    ))
    .into_boxed()
    .bind::<Integer, _>(as_of.year().get())
    .with(&texts, &years)
    .get_result(conn)?;
    Ok(Whole {
        projects: row.projects,
        inferred_categories: row.categories,
        inferred_departments: row.departments,
        over: TermOver { projects: row.over, fen: row.over_fen },
    })
}

#[derive(QueryableByName)]
struct StatusRow {
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    projects: i64,
}

/// How many of these projects there are of each status of an attribute; empty: nothing is said.
pub(in crate::rollup) fn count_statuses(
    conn: &mut AnyConnection,
    within: Within<'_>,
    attribute: Attribute,
) -> Result<Vec<(String, i64)>> {
    let column = match attribute {
        Attribute::Category => "category_status",
        Attribute::LeadDepartment => "department_status",
        Attribute::Nature => "nature_status",
        Attribute::SupportDepartments => "supports_status",
        other => return Err(Error::internal("这一项的状态没有留存", other.word())),
    };
    let (condition, texts, numbers) = conditions(within, 0);
    let rows: Vec<StatusRow> = sql_query(format!(
        "SELECT p.{column} AS status, COUNT(*) AS projects FROM project_now p WHERE {condition} GROUP BY 1"
    ))
    .into_boxed()
    .with(&texts, &numbers)
    .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.status, row.projects)).collect())
}

/// A project's texts of today: id, code, name, content.
pub(in crate::rollup) type Texts = (i64, String, String, String);

/// The projects after `after` with the texts that words are searched in, at most `limit`.
pub(in crate::rollup) fn list_texts(conn: &mut AnyConnection, after: i64, limit: i64) -> Result<Vec<Texts>> {
    use crate::db::schema::{project, project_fact, project_now, withdrawal};
    let named: Vec<(i64, String, String)> = project_now::table
        .inner_join(project::table.on(project::id.eq(project_now::project_id)))
        .filter(project_now::project_id.gt(after))
        .order(project_now::project_id)
        .limit(limit)
        .select((project_now::project_id, project::code, project_now::name))
        .load(conn)?;
    let (Some(first), Some(last)) = (named.first(), named.last()) else { return Ok(Vec::new()) };
    let withdrawn = withdrawal::table.filter(withdrawal::fact_id.eq(project_fact::id));
    let contents: Vec<(i64, String)> = project_fact::table
        .filter(project_fact::project_id.between(first.0, last.0).and(project_fact::attribute.eq("content")))
        .filter(diesel::dsl::not(diesel::dsl::exists(withdrawn)))
        .order((project_fact::project_id, project_fact::effective_on, project_fact::id))
        .select((project_fact::project_id, project_fact::value))
        .load(conn)?;
    // The winner comes last.
    let mut contents: HashMap<i64, String> = contents.into_iter().collect();
    Ok(named.into_iter().map(|(id, code, name)| (id, code, name, contents.remove(&id).unwrap_or_default())).collect())
}

/// Whether any milestone is planned or forecast and not met.
pub(in crate::rollup) fn has_next(conn: &mut AnyConnection) -> Result<bool> {
    use crate::db::schema::milestone_now as now;
    let found: Option<i64> = now::table
        .filter(now::met_on.is_null().and(now::planned_on.is_not_null().or(now::forecast_on.is_not_null())))
        .select(now::milestone_id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Whether money was received, completed or paid for any project.
pub(in crate::rollup) fn has_money(conn: &mut AnyConnection) -> Result<bool> {
    use crate::db::schema::project_now as now;
    let found: Option<i64> = now::table.filter(now::latest_on.gt(0)).select(now::project_id).first(conn).optional()?;
    Ok(found.is_some())
}

type Money = ((i64, i64), (i64, i64), (i64, i64), (i64, i64), (i64, i64), (i64, i64));

fn to_sums(m: Money) -> [Sum; 6] {
    [m.0, m.1, m.2, m.3, m.4, m.5].map(|(fen, n)| Sum { fen, n })
}

/// The balance of each project, and its last day of money (0: none).
pub(in crate::rollup) fn balances(conn: &mut AnyConnection, ids: &[i64]) -> Result<HashMap<i64, ([Sum; 6], i32)>> {
    use crate::db::schema::project_now as now;
    let rows: Vec<(i64, i32, Money)> = now::table
        .filter(now::project_id.eq_any(ids))
        .select((
            now::project_id,
            now::latest_on,
            (
                (now::investment_fen, now::investment_n),
                (now::plan_fen, now::plan_n),
                (now::budget_fen, now::budget_n),
                (now::received_fen, now::received_n),
                (now::completed_fen, now::completed_n),
                (now::paid_fen, now::paid_n),
            ),
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, latest, money)| (id, (to_sums(money), latest))).collect())
}

/// The balances of one fiscal year of each project, one a source.
pub(in crate::rollup) fn list_year(conn: &mut AnyConnection, ids: &[i64], year: i32) -> Result<Vec<(i64, [Sum; 6])>> {
    use crate::db::schema::year_now as now;
    let rows: Vec<(i64, Money)> = now::table
        .filter(now::year.eq(year).and(now::project_id.eq_any(ids)))
        .select((
            now::project_id,
            (
                (now::investment_fen, now::investment_n),
                (now::plan_fen, now::plan_n),
                (now::budget_fen, now::budget_n),
                (now::received_fen, now::received_n),
                (now::completed_fen, now::completed_n),
                (now::paid_fen, now::paid_n),
            ),
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, money)| (id, to_sums(money))).collect())
}

/// The current rows of a system with the largest investment.
pub(in crate::rollup) fn list_largest(
    conn: &mut AnyConnection,
    hidden: Hidden,
    category: &str,
    limit: i64,
) -> Result<Vec<(String, String, Figures)>> {
    use crate::db::schema::{project, project_now as now};
    let wanted = if category == NONE { "" } else { category };
    type Row = (String, String, (i64, i64), (i64, i64), (i64, i64), (i64, i64), (i64, i64), (i64, i64));
    let rows = now::table.inner_join(project::table.on(project::id.eq(now::project_id))).into_boxed();
    let rows = match (hidden.categories, wanted) {
        (false, wanted) => rows.filter(now::category.eq(wanted)),
        (true, "") => rows.filter(now::category.eq("").or(now::category_status.eq("inferred"))),
        (true, wanted) => rows.filter(now::category.eq(wanted).and(now::category_status.ne("inferred"))),
    };
    let rows: Vec<Row> = rows
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
