//! Bringing the schema up to this program's version, and refusing what is newer.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::AnyConnection;
use crate::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The migrations of both engines.
#[derive(Debug)]
pub struct Migrations;

impl Migrations {
    /// Applies what is missing; returns the names applied. One process at a time.
    ///
    /// # Errors
    /// Refuses a database that holds migrations this program does not know.
    pub fn run(conn: &mut AnyConnection) -> Result<Vec<String>> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            let cause = error.to_string();
            match cause.contains("readonly") || cause.contains("read-only") {
                true => Error::Unavailable("数据库只读，无法建表或升级。请检查文件权限后重试".into()),
                false => Error::internal("数据库升级失败", cause),
            }
        };
        // With nothing to do nothing is written: a copy for reading only can be opened too.
        if applied(conn)? == Some(known_here(conn)?) {
            return Ok(Vec::new());
        }
        match conn {
            AnyConnection::Sqlite(conn) => {
                refuse_newer(known::<diesel::sqlite::Sqlite>(&SQLITE)?, conn.applied_migrations().map_err(failed)?)?;
                Ok(names(conn.run_pending_migrations(SQLITE).map_err(failed)?))
            }
            AnyConnection::Pg(conn) => {
                // Two servers starting together: the second waits, then finds nothing to do.
                conn.batch_execute("SELECT pg_advisory_lock(7381001)")?;
                let done =
                    refuse_newer(known::<diesel::pg::Pg>(&POSTGRES)?, conn.applied_migrations().map_err(failed)?)
                        .and_then(|()| Ok(names(conn.run_pending_migrations(POSTGRES).map_err(failed)?)));
                conn.batch_execute("SELECT pg_advisory_unlock(7381001)")?;
                done
            }
        }
    }

    /// Undoes every migration (tests prove up → down → up).
    pub fn revert_all(conn: &mut AnyConnection) -> Result<()> {
        let failed =
            |error: Box<dyn std::error::Error + Send + Sync>| Error::internal("撤销迁移失败", error.to_string());
        match conn {
            AnyConnection::Sqlite(conn) => conn.revert_all_migrations(SQLITE).map(drop).map_err(failed),
            AnyConnection::Pg(conn) => conn.revert_all_migrations(POSTGRES).map(drop).map_err(failed),
        }
    }
}

/// The migrations applied so far; none when the database is new.
///
/// # Errors
/// Refuses a database that holds tables and has never seen a migration: it is another program's.
fn applied(conn: &mut AnyConnection) -> Result<Option<BTreeSet<String>>> {
    let tables = tables(conn)?;
    if tables.iter().any(|table| table == LOG) {
        let versions = texts(conn, &format!("SELECT version AS text FROM {LOG} ORDER BY version"))?;
        return Ok(Some(versions.into_iter().collect()));
    }
    match tables.first() {
        None => Ok(None),
        Some(table) => Err(Error::Unavailable(format!(
            "这不是台账的数据库：里面已有别的表（如 {table}），没有改动它。请换一个新文件或空库"
        ))),
    }
}

/// Where diesel notes what was applied.
const LOG: &str = "__diesel_schema_migrations";

fn tables(conn: &mut AnyConnection) -> Result<Vec<String>> {
    let query = match conn {
        AnyConnection::Sqlite(_) => {
            "SELECT name AS text FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        AnyConnection::Pg(_) => {
            "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
        }
    };
    texts(conn, query)
}

fn texts(conn: &mut AnyConnection, query: &str) -> Result<Vec<String>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        text: String,
    }
    let rows: Vec<Row> = diesel::sql_query(query).load(conn)?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}

fn known_here(conn: &AnyConnection) -> Result<BTreeSet<String>> {
    match conn {
        AnyConnection::Sqlite(_) => known::<diesel::sqlite::Sqlite>(&SQLITE),
        AnyConnection::Pg(_) => known::<diesel::pg::Pg>(&POSTGRES),
    }
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

fn known<DB: diesel::backend::Backend>(source: &EmbeddedMigrations) -> Result<BTreeSet<String>>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations = MigrationSource::<DB>::migrations(source)
        .map_err(|error| Error::internal("读取内置迁移失败", error.to_string()))?;
    Ok(migrations.iter().map(|m| m.name().version().to_string()).collect())
}

fn refuse_newer(known: BTreeSet<String>, applied: Vec<diesel::migration::MigrationVersion<'_>>) -> Result<()> {
    match applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        Some(version) => Err(Error::Unavailable(format!(
            "数据库比程序新（含迁移 {version}，本程序不认识）。请换用更新的 taizhang，或恢复旧备份"
        ))),
        None => Ok(()),
    }
}
