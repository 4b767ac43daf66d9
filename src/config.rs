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
    /// `DATABASE_URL`.
    pub database_url: String,
    /// `TAIZHANG_DEMO`: serve the demonstration.
    pub demo: bool,
    /// `TAIZHANG_TODAY`: read an ordinary database as if today were this day.
    pub today: Option<Day>,
    /// Who runs it.
    pub operator: Operator,
    /// How it is reached.
    pub reach: Reach,
    /// Who outside is given the journal's head each day.
    pub witness: Witness,
    /// How reminders are mailed; none: they are not.
    pub post: Option<Post>,
}

/// Whom the journal's head is given to, once a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Witness {
    /// `TAIZHANG_WITNESS_URL`: takes it as JSON by POST.
    pub url: Option<String>,
    /// Takes it as a letter.
    pub mail: Option<Mail>,
}

/// How letters are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// `TAIZHANG_SMTP_URL`: `smtps://user:password@host`. Never shown: it holds a password.
    pub smtp: String,
    /// `TAIZHANG_MAIL_FROM`: from whom.
    pub from: String,
}

impl Post {
    /// Both, or none.
    pub fn of(smtp: Option<&str>, from: Option<&str>) -> Option<Post> {
        Some(Post { smtp: smtp?.to_owned(), from: from?.to_owned() })
    }
}

/// A letter a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// By whom and from whom.
    pub post: Post,
    /// `TAIZHANG_WITNESS_MAIL`: to whom.
    pub to: String,
}

impl Witness {
    /// Reads what was given.
    ///
    /// # Errors
    /// What is no address, and a letter without a server or a sender.
    pub fn parse(url: Option<&str>, to: Option<&str>, smtp: Option<&str>, from: Option<&str>) -> Result<Witness> {
        if let Some(url) = url.filter(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
            return Err(Error::invalid("witness-url", url, "写成 https://主机/路径"));
        }
        let missing = |field: &str, what: &str| {
            Error::invalid(field, "", format!("要寄日志末条（--witness-mail），还要写{what}"))
        };
        let mail = match to {
            None => None,
            Some(to) => Some(Mail {
                to: to.to_owned(),
                post: Post {
                    smtp: smtp.ok_or_else(|| missing("smtp-url", "邮件服务器 smtps://用户:口令@主机"))?.to_owned(),
                    from: from.ok_or_else(|| missing("mail-from", "寄件地址"))?.to_owned(),
                },
            }),
        };
        Ok(Witness { url: url.map(str::to_owned), mail })
    }
}

/// How the pages are reached from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// `TAIZHANG_PUBLIC_URL`: the address people type, when a proxy serves it. With https, cookies
    /// are sent over https only.
    pub public_url: Option<String>,
    /// `TAIZHANG_TRUSTED_PROXIES`: whose word is believed on where a request comes from.
    pub proxies: Vec<ipnet::IpNet>,
}

impl Reach {
    /// Reads both.
    ///
    /// # Errors
    /// Names what is no address.
    pub fn parse(public_url: Option<&str>, proxies: Option<&str>) -> Result<Reach> {
        let public_url = public_url.map(|url| {
            let is_plain = url.chars().all(|c| !c.is_control() && !c.is_whitespace());
            match is_plain && (url.starts_with("https://") || url.starts_with("http://")) {
                true => Ok(url.trim_end_matches('/').to_owned()),
                false => Err(Error::invalid("public-url", url, "写成 https://域名 或 http://地址:端口")),
            }
        });
        let network = |text: &str| {
            let single = text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
            single
                .or_else(|_| text.parse::<ipnet::IpNet>())
                .map_err(|_| Error::invalid("trusted-proxies", text, "写成 127.0.0.1 或 10.0.0.0/8，逗号分隔"))
        };
        let proxies = proxies.unwrap_or_default().split(',').map(str::trim).filter(|text| !text.is_empty());
        Ok(Reach { public_url: public_url.transpose()?, proxies: proxies.map(network).collect::<Result<_>>()? })
    }

    /// Whether people come over https.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }
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
