//! The database: which engine, how it is opened, read and written. Knows no rule.
//!
//! One binary speaks SQLite and PostgreSQL; the scheme of the URL chooses. Reads run in one
//! snapshot on a pooled connection ([`Db::read`]); writes are commands on one writing
//! connection, several of which may share a commit ([`Db::write`]).

mod connect;
mod fact;
mod later;
mod migrate;
mod read;
mod rows;
pub mod schema;
mod statement;
mod write;

pub use connect::{AnyConnection, Target};
pub(crate) use fact::fact;
pub use fact::{Cell, Fact};
pub use later::Later;
pub use migrate::Migrations;
pub use read::Db;
pub use rows::{Rows, Value};
pub use statement::Statement;
pub use write::{Head, Tx};

use crate::error::Error;

/// The hash before the first row of the journal.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl From<diesel::result::Error> for Error {
    /// Database text is for the log, not for the reader. What the reader can mend is named.
    fn from(error: diesel::result::Error) -> Self {
        let cause = error.to_string();
        if cause.contains("database or disk is full") || cause.contains("No space left") {
            return Error::Unavailable("磁盘已满，什么都没有写入。请腾出空间后重试".into());
        }
        if cause.contains("disk I/O error") {
            return Error::Unavailable(
                "磁盘读写失败（可能已满、超出限额或损坏），什么都没有写入。请检查磁盘后重试".into(),
            );
        }
        if cause.contains("readonly database") || cause.contains("read-only") {
            return Error::Unavailable("数据库文件或所在目录只读，什么都没有写入。请检查文件权限后重试".into());
        }
        if cause.contains("database is locked") {
            return Error::Unavailable("数据库正被另一个进程写入，请稍后重试".into());
        }
        Error::internal("数据库操作失败", cause)
    }
}
