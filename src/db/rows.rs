//! Rows of several tables, stored together.

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel::sqlite::Sqlite;

use super::AnyConnection;

/// Rows of one statement on SQLite, which takes at most 32,766 parameters.
const ROWS_AT_ONCE: usize = 500;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A whole number, of whatever width its column has; or none.
    Number(Option<i64>),
    /// A text.
    Text(String),
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(Some(number))
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Value {
        Value::Number(Some(number.into()))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl<N: Into<i64>> From<Option<N>> for Value {
    fn from(number: Option<N>) -> Value {
        Value::Number(number.map(Into::into))
    }
}

/// A statement over any number of rows: SQL before and after them. Where a table stands, as
/// after `FROM (`, its columns are called `column1`, `column2`, ….
#[derive(Debug, Clone)]
pub struct Rows {
    before: String,
    rows: Vec<Vec<Value>>,
    after: String,
}

impl Rows {
    /// `before`, the rows, `after`. All rows are of the same length.
    pub fn new(before: impl Into<String>, rows: Vec<Vec<Value>>, after: impl Into<String>) -> Rows {
        Rows { before: before.into(), rows, after: after.into() }
    }

    /// Runs statements of which no two touch the same row, so that their order does not matter.
    /// A round trip to PostgreSQL costs more than the work it asks for; there they are one.
    pub fn store_all(all: Vec<Rows>, conn: &mut AnyConnection) -> QueryResult<()> {
        let mut all: Vec<Rows> = all.into_iter().filter(|rows| !rows.rows.is_empty()).collect();
        match conn {
            AnyConnection::Sqlite(conn) => all.iter().try_for_each(|rows| {
                let chunks = rows.rows.chunks(ROWS_AT_ONCE);
                chunks.map(|chunk| rows.listed(chunk)).try_for_each(|list| list.execute(conn).map(drop))
            }),
            AnyConnection::Pg(conn) => match all.pop() {
                None => Ok(()),
                Some(last) => joined(&all, &last).execute(conn).map(drop),
            },
        }
    }

    /// `VALUES (?, ?), (?, ?)`. One row is what every form that is filled in gives: kept prepared.
    fn listed<'r>(&self, rows: &'r [Vec<Value>]) -> Listed<'r> {
        Listed { sql: format!("{} {} {}", self.before, values_of(rows), self.after), rows }
    }

    /// One row as a list of values, which is planned once for all; several as
    /// `SELECT * FROM unnest(?::bigint[], …)`, the same text for any number of them.
    fn bound(&self, binds: &mut Vec<Bind>) -> String {
        if let [row] = self.rows.as_slice() {
            binds.extend(row.iter().cloned().map(Bind::One));
            return format!("{} {} {}", self.before, values_of(&self.rows), self.after);
        }
        let width = self.rows.first().map_or(0, Vec::len);
        let mut places = Vec::with_capacity(width);
        for at in 0..width {
            let bind = column(self.rows.iter().filter_map(|row| row.get(at)));
            places.push(if matches!(bind, Bind::Texts(_)) { "?::text[]" } else { "?::bigint[]" });
            binds.push(bind);
        }
        let names: Vec<String> = (1..=width).map(|at| format!("column{at}")).collect();
        let from = format!("SELECT * FROM unnest({}) AS given_rows ({})", places.join(", "), names.join(", "));
        format!("{} {from} {}", self.before, self.after)
    }
}

fn values_of(rows: &[Vec<Value>]) -> String {
    let places: Vec<String> = rows.iter().map(|row| format!("({})", vec!["?"; row.len()].join(", "))).collect();
    format!("VALUES {}", places.join(", "))
}

/// A statement of SQLite.
struct Listed<'r> {
    sql: String,
    rows: &'r [Vec<Value>],
}

impl QueryFragment<Sqlite> for Listed<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if self.rows.len() > 1 {
            out.unsafe_to_cache_prepared();
        }
        let mut parts = self.sql.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (value, part) in self.rows.iter().flatten().zip(parts) {
            match value {
                Value::Number(number) => out.push_bind_param::<Nullable<BigInt>, _>(number)?,
                Value::Text(text) => out.push_bind_param::<Text, _>(text)?,
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

impl QueryId for Listed<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> RunQueryDsl<Conn> for Listed<'_> {}

/// A parameter of PostgreSQL: a value, or one column of several rows.
enum Bind {
    One(Value),
    Numbers(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
}

fn column<'r>(values: impl Iterator<Item = &'r Value> + Clone) -> Bind {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(_) => None,
    };
    let number = |value: &Value| match value {
        Value::Number(number) => *number,
        Value::Text(_) => None,
    };
    match values.clone().any(|value| matches!(value, Value::Text(_))) {
        true => Bind::Texts(values.map(text).collect()),
        false => Bind::Numbers(values.map(number).collect()),
    }
}

/// A statement of PostgreSQL.
struct Joined {
    sql: String,
    binds: Vec<Bind>,
}

/// `WITH part0 AS (…), part1 AS (…) …`
fn joined(parts: &[Rows], last: &Rows) -> Joined {
    let mut binds = Vec::new();
    let parts: Vec<String> =
        parts.iter().enumerate().map(|(at, part)| format!("part{at} AS ({})", part.bound(&mut binds))).collect();
    let with = if parts.is_empty() { String::new() } else { format!("WITH {} ", parts.join(", ")) };
    Joined { sql: format!("{with}{}", last.bound(&mut binds)), binds }
}

impl QueryFragment<Pg> for Joined {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut parts = self.sql.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (bind, part) in self.binds.iter().zip(parts) {
            match bind {
                Bind::One(Value::Number(number)) => out.push_bind_param::<Nullable<BigInt>, _>(number)?,
                Bind::One(Value::Text(text)) => out.push_bind_param::<Text, _>(text)?,
                Bind::Numbers(numbers) => out.push_bind_param::<Array<Nullable<BigInt>>, _>(numbers)?,
                Bind::Texts(texts) => out.push_bind_param::<Array<Nullable<Text>>, _>(texts)?,
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

impl QueryId for Joined {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> RunQueryDsl<Conn> for Joined {}
