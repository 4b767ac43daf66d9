//! From a database URL to a connection.

use diesel::connection::SimpleConnection;
use diesel::r2d2::ManageConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

use crate::error::{Error, Result};

/// A connection to whichever engine the URL named.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// SQLite, compiled in.
    Sqlite(SqliteConnection),
    /// PostgreSQL, through libpq.
    Pg(PgConnection),
}

/// Where the database is, as its URL says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A SQLite file.
    Sqlite(String),
    /// A PostgreSQL URL, passed to libpq whole.
    Pg(String),
}

const ALLOWED: &str = "写成 sqlite://taizhang.db 或 postgres://用户:口令@localhost:5432/库名";

impl Target {
    /// Reads a database URL; the scheme decides the engine.
    pub fn parse(url: &str) -> Result<Target> {
        let refuse =
            |why: &str| Err(Error::invalid("database-url", without_password(url), format!("{why}；{ALLOWED}")));
        if let Some(path) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            return match path {
                "" => refuse("缺少文件名"),
                _ if path.contains(":memory:") => refuse("内存库不能保存台账"),
                _ if path.chars().any(char::is_control) => refuse("文件名含控制字符"),
                _ => Ok(Target::Sqlite(path.to_owned())),
            };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            if cfg!(feature = "bundled-libpq") && !is_local(url) {
                return refuse("内置的 PostgreSQL 客户端不带 TLS，只连本机；连远程主机会明文传输");
            }
            return Ok(Target::Pg(url.to_owned()));
        }
        match url.split_once("://") {
            Some((scheme, _)) => refuse(&format!("不认识的数据库类型「{scheme}」")),
            None => refuse("不是数据库地址"),
        }
    }

    /// Opens a connection; readers and the one writer have the same settings.
    pub fn connect(&self) -> Result<AnyConnection> {
        match self {
            Target::Sqlite(path) => connect_sqlite(path),
            Target::Pg(url) => PgConnection::establish(url).map(AnyConnection::Pg).map_err(|error| {
                // libpq tells each address it tried on a line of its own.
                let cause = error.to_string().lines().map(str::trim).collect::<Vec<_>>().join("；");
                Error::Unavailable(format!(
                    "连不上 PostgreSQL（{}）：{cause}。请检查服务是否启动、库名与口令是否正确",
                    without_password(url)
                ))
            }),
        }
    }
}

/// The order of the settings matters: the time-out first, so that switching to WAL may wait.
fn connect_sqlite(path: &str) -> Result<AnyConnection> {
    let unavailable = |cause: String| {
        let hint = if cause.contains("not a database") {
            "这个文件不是 SQLite 数据库"
        } else {
            "请检查路径、权限和磁盘空间"
        };
        Error::Unavailable(format!("打不开数据库文件 {path}：{cause}。{hint}"))
    };
    let mut conn = SqliteConnection::establish(path).map_err(|e| unavailable(e.to_string()))?;
    // A savepoint's undo stays in memory, and the log is folded into the file every 32 MB: both
    // measured to make single entries cheaper, neither touches what a commit promises.
    conn.batch_execute(
        "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY; \
         PRAGMA wal_autocheckpoint = 8000;",
    )
    .map_err(|e| unavailable(e.to_string()))?;
    Ok(AnyConnection::Sqlite(conn))
}

/// Whether libpq would talk to this machine only: a loopback host or a Unix socket.
fn is_local(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let (authority, query) = match rest.find(['/', '?']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    let overridden = query.contains("host=") || query.contains("hostaddr=");
    let from_query = query
        .split(['?', '&'])
        .filter_map(|pair| pair.strip_prefix("host=").or_else(|| pair.strip_prefix("hostaddr=")));
    let local = |host: &str| {
        let host = host.replace("%2F", "/").replace("%2f", "/");
        matches!(host.as_str(), "" | "localhost" | "[::1]" | "::1") || host.starts_with("127.") || host.starts_with('/')
    };
    hosts.split(',').all(|host| local(without_port(host)))
        && (!overridden || from_query.flat_map(|h| h.split(',')).all(local))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

/// The URL as it may be shown: without its password.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        let kept = |word: &str| if word.starts_with("password=") { "password=…".into() } else { word.to_owned() };
        return url.split(' ').map(kept).collect::<Vec<_>>().join(" ");
    };
    match rest.rsplit_once('@') {
        Some((user, host)) => format!("{scheme}://{}@{host}", user.split(':').next().unwrap_or_default()),
        None => url.to_owned(),
    }
}

/// Opens and checks pooled connections (the derive's own `establish` hides PostgreSQL's error).
#[derive(Debug)]
pub(super) struct Manager(pub(super) Target);

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = Error;

    fn connect(&self) -> Result<AnyConnection> {
        self.0.connect()
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<()> {
        Ok(conn.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, _conn: &mut AnyConnection) -> bool {
        std::thread::panicking()
    }
}
