//! Opening a database and reading it.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::Pool;

use super::connect::Manager;
use super::write::{Tx, Writer};
use super::{AnyConnection, Migrations, Target};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// How long a page waits for a free connection before it says that the service is busy.
const PATIENCE: Duration = Duration::from_secs(3);
/// Connections for reading. Two cores serve the pages; more only cost memory.
const READERS: u32 = 4;

/// An open database. Cheap to clone; all clones share the pool and the writer.
#[derive(Clone)]
pub struct Db {
    target: Target,
    clock: Clock,
    pool: Pool<Manager>,
    writer: Option<Writer>,
}

impl Db {
    /// Opens the database, creating the file and bringing the schema up to date.
    pub fn open(url: &str, clock: Clock) -> Result<Db> {
        let target = Target::parse(url)?;
        Migrations::run(&mut target.connect()?)?;
        let writer = Writer::start(target.clone(), clock.clone())?;
        Db::with(target, clock, Some(writer))
    }

    /// Opens a database that exists and is up to date, for reading only.
    pub fn open_read_only(url: &str, clock: Clock) -> Result<Db> {
        Db::with(Target::parse(url)?, clock, None)
    }

    fn with(target: Target, clock: Clock, writer: Option<Writer>) -> Result<Db> {
        let pool = Pool::builder()
            .max_size(READERS)
            .min_idle(Some(1))
            .test_on_check_out(true)
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build_unchecked(Manager(target.clone()));
        Ok(Db { target, clock, pool, writer })
    }

    /// The clock of everything that happens here.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Where the database is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The database as it may be shown: a file name, or a URL without its password.
    pub fn label(&self) -> String {
        match &self.target {
            Target::Sqlite(path) => path.clone(),
            Target::Pg(url) => super::connect::without_password(url),
        }
    }

    /// Whether commands can be run at all.
    pub fn is_writable(&self) -> bool {
        self.writer.is_some()
    }

    /// Reads within one snapshot: everything `read` sees belongs to the same head.
    pub fn read<T>(&self, read: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
        let mut conn = self.pool.get().map_err(|error| {
            Error::Unavailable(format!("数据库暂时不可用，请稍后重试（{}）", first_line(&error.to_string())))
        })?;
        conn.batch_execute(match &*conn {
            AnyConnection::Sqlite(_) => "BEGIN",
            AnyConnection::Pg(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })?;
        let answer = read(&mut conn);
        // Nothing was written: ending the snapshot cannot lose anything, whatever the answer was.
        conn.batch_execute("ROLLBACK")?;
        answer
    }

    /// Runs one command: all of it is stored, or nothing. Returns once it is on disk.
    pub fn write<T: Send + 'static>(
        &self,
        command: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.writer {
            Some(writer) => writer.run(command),
            None => Err(Error::Forbidden("这个库以只读方式打开（--today 或只读），不能写入".into())),
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
