//! How the program is told to run: one small struct a concern, each field naming its variable.

use crate::error::{Error, Result};
use crate::period::Day;

/// Where the database is when nothing is said.
pub const DEFAULT_DATABASE: &str = "sqlite://taizhang.db";
/// Where the demonstration is when nothing is said.
pub const DEMO_DATABASE: &str = "sqlite://taizhang-demo.db";
/// Where pages are served when nothing is said: this machine only.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// Who runs this register, as pages say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operator {
    /// `TAIZHANG_OPERATOR`: 主办单位.
    pub name: Option<String>,
    /// `TAIZHANG_CONTACT`: how to reach it.
    pub contact: Option<String>,
}

/// How pages are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serve {
    /// `TAIZHANG_LISTEN`: address and port; port 0 takes a free one.
    pub listen: String,
    /// `DATABASE_URL` or `TAIZHANG_DATABASE_URL`.
    pub database_url: String,
    /// `TAIZHANG_DEMO`: serve the demonstration.
    pub demo: bool,
    /// `TAIZHANG_TODAY`: read an ordinary database as if today were this day.
    pub today: Option<Day>,
    /// Who runs it.
    pub operator: Operator,
}

impl Serve {
    /// The address, or what is wrong with it. The demonstration is for this machine only: what
    /// is invented is not put before others.
    pub fn address(&self) -> Result<std::net::SocketAddr> {
        let address: std::net::SocketAddr = self
            .listen
            .parse()
            .map_err(|_| Error::invalid("listen", &self.listen, "不是监听地址；写成 127.0.0.1:8080（地址:端口）"))?;
        match self.demo && !address.ip().is_loopback() {
            true => Err(Error::invalid("listen", &self.listen, "演示库只能在本机打开；用 127.0.0.1:端口")),
            false => Ok(address),
        }
    }
}
