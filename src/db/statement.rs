//! Statements whose text is the same every time, prepared once a connection.

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Nullable, Text, Untyped};

use super::AnyConnection;

/// Rows of one statement: the widest row has 25 columns, and the engines take at most 32,766
/// (SQLite) and 65,535 (PostgreSQL) parameters.
const ROWS_AT_ONCE: usize = 500;
/// Values of several statements sent to PostgreSQL as one.
const VALUES_AT_ONCE: usize = 30_000;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A whole number, of whatever width its column has.
    Number(i64),
    /// A text.
    Text(String),
    /// No number.
    Nothing,
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Value {
        Value::Number(number.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl<N: Into<i64>> From<Option<N>> for Value {
    fn from(number: Option<N>) -> Value {
        number.map_or(Value::Nothing, |number| Value::Number(number.into()))
    }
}

/// SQL with a `?` for every value. Unlike [`diesel::sql_query`], which is prepared anew each
/// time, the engine keeps it: writing one entry is mostly statements like these.
#[derive(Debug, Clone)]
pub struct Statement {
    sql: String,
    values: Vec<Value>,
    once: bool,
}

impl Statement {
    /// A statement that will come again with other values.
    pub fn new<V: Into<Value>>(sql: impl Into<String>, values: impl IntoIterator<Item = V>) -> Statement {
        Statement { sql: sql.into(), values: values.into_iter().map(Into::into).collect(), once: false }
    }

    /// A statement of a length of its own: not worth keeping.
    pub fn once<V: Into<Value>>(sql: impl Into<String>, values: impl IntoIterator<Item = V>) -> Statement {
        Statement { once: true, ..Statement::new(sql, values) }
    }

    /// Rows between `before` and `after`, as `(?, ?), (?, ?)`: an insertion, mostly. One row is
    /// what every form that is filled in gives, and is kept prepared.
    pub fn of_rows(before: &str, rows: &[impl AsRef<[Value]>], after: &str) -> Vec<Statement> {
        let Some(first) = rows.first() else { return Vec::new() };
        let place = format!("({})", vec!["?"; first.as_ref().len()].join(", "));
        rows.chunks(ROWS_AT_ONCE)
            .map(|rows| {
                let places = vec![place.as_str(); rows.len()].join(", ");
                let sql = format!("{before} {places} {after}");
                let values = rows.iter().flat_map(|row| row.as_ref().iter().cloned());
                if rows.len() == 1 { Statement::new(sql, values) } else { Statement::once(sql, values) }
            })
            .collect()
    }

    /// Runs statements of which no two touch the same row, so that their order does not matter.
    /// A round trip to PostgreSQL costs more than the work it asks for; there they are one.
    pub fn run_all(statements: Vec<Statement>, conn: &mut AnyConnection) -> QueryResult<()> {
        match conn {
            AnyConnection::Sqlite(conn) => {
                statements.into_iter().try_for_each(|statement| statement.execute(conn).map(drop))
            }
            AnyConnection::Pg(conn) => {
                joined(statements).into_iter().try_for_each(|statement| statement.execute(conn).map(drop))
            }
        }
    }
}

/// `WITH part0 AS (…), part1 AS (…) …`: as few statements as their number of values allows.
fn joined(statements: Vec<Statement>) -> Vec<Statement> {
    let mut all: Vec<Statement> = Vec::new();
    let (mut waiting, mut values) = (Vec::new(), 0);
    for statement in statements {
        if values + statement.values.len() > VALUES_AT_ONCE {
            all.extend(join(std::mem::take(&mut waiting)));
            values = 0;
        }
        values += statement.values.len();
        waiting.push(statement);
    }
    all.extend(join(waiting));
    all
}

fn join(mut parts: Vec<Statement>) -> Option<Statement> {
    let mut last = parts.pop()?;
    if parts.is_empty() {
        return Some(last);
    }
    let once = last.once || parts.iter().any(|part| part.once);
    let withs: Vec<String> = parts.iter().enumerate().map(|(at, part)| format!("part{at} AS ({})", part.sql)).collect();
    let sql = format!("WITH {} {}", withs.join(", "), last.sql);
    let mut values: Vec<Value> = parts.into_iter().flat_map(|part| part.values).collect();
    values.append(&mut last.values);
    Some(Statement { sql, values, once })
}

impl<DB> QueryFragment<DB> for Statement
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    Option<i64>: ToSql<Nullable<BigInt>, DB>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.once {
            out.unsafe_to_cache_prepared();
        }
        let mut parts = self.sql.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (value, part) in self.values.iter().zip(parts) {
            match value {
                Value::Number(number) => out.push_bind_param::<BigInt, _>(number)?,
                Value::Text(text) => out.push_bind_param::<Text, _>(text)?,
                Value::Nothing => out.push_bind_param::<Nullable<BigInt>, _>(&None::<i64>)?,
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement {
    type SqlType = Untyped;
}

impl<Conn> RunQueryDsl<Conn> for Statement {}
