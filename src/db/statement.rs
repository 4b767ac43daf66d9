//! Statements whose text is the same every time, prepared once a connection.

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Untyped};

/// SQL with a `?` for every number. Unlike [`diesel::sql_query`], which is prepared anew each
/// time, the engine keeps it: what a command looks up is mostly statements like these.
#[derive(Debug, Clone)]
pub struct Statement {
    sql: String,
    numbers: Vec<i64>,
}

impl Statement {
    /// A statement that will come again with other numbers.
    pub fn new(sql: impl Into<String>, numbers: Vec<i64>) -> Statement {
        Statement { sql: sql.into(), numbers }
    }
}

impl<DB> QueryFragment<DB> for Statement
where
    DB: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut parts = self.sql.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (number, part) in self.numbers.iter().zip(parts) {
            out.push_bind_param::<BigInt, _>(number)?;
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
