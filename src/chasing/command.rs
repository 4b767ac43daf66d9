//! Noting that a department was reminded, and where its reminders are mailed.

use serde_json::{Map, json};

use super::{Chase, store};
use crate::auth::{Action, Actor, authorise};
use crate::close::command::check_department;
use crate::db::{Head, Tx};
use crate::error::{Error, Result};
use crate::journal::Recording;
use crate::period::Month;

/// Fifty projects with long names fit.
const MAX_TEXT: usize = 8_000;
/// A few addresses.
const MAX_ADDRESS: usize = 300;

/// A reminder as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChase {
    /// Of which month's reports.
    pub month: Month,
    /// The department's code.
    pub department: String,
    /// [`super::MESSAGE`] or [`super::MAIL`].
    pub way: &'static str,
    /// How many projects had no report.
    pub missing: usize,
    /// The words.
    pub text: String,
}

/// Notes that a department was reminded.
pub fn chase(tx: &mut Tx<'_>, actor: &Actor, new: NewChase) -> Result<Head> {
    authorise(actor, Action::Close)?;
    let text = new.text.replace("\r\n", "\n");
    let is_plain = text.chars().all(|c| !c.is_control() || c == '\n');
    if text.trim().is_empty() || text.chars().count() > MAX_TEXT || !is_plain {
        return Err(Error::invalid("text", "", format!("催报文字要有内容，最多 {MAX_TEXT} 个字，不含制表符之类")));
    }
    if new.department.is_empty() || new.missing == 0 {
        return Err(Error::invalid("department", &new.department, "这个部门没有未报送的项目，不用催"));
    }
    let missing = i32::try_from(new.missing).unwrap_or(i32::MAX);
    let subject = format!("{}/{}", new.month, new.department);
    let mut recording = Recording::begin(tx, actor, "report.chase", subject)?;
    check_department(&mut recording, &new.department)?;
    recording.add(|id, seq| Chase {
        id,
        seq,
        month: new.month.raw(),
        department: new.department.clone(),
        way: new.way.into(),
        missing,
        text,
    })?;
    recording.finish(Map::from_iter([
        ("department".to_owned(), json!(new.department)),
        ("kind".to_owned(), json!(if new.way == super::MAIL { "邮件" } else { "即时通讯" })),
        ("count".to_owned(), json!(missing)),
    ]))
}

/// Says where a department's reminders are mailed; empty: nowhere. The journal says that it was
/// changed, not to what: an address can be a person's and must be erasable.
pub fn set_address(tx: &mut Tx<'_>, actor: &Actor, department: &str, address: &str) -> Result<Head> {
    authorise(actor, Action::Close)?;
    let address = address.split([',', '，', '、', ';', '；']).map(str::trim).filter(|one| !one.is_empty());
    let address = address.collect::<Vec<_>>().join(",");
    check_address(&address)?;
    let mut recording = Recording::begin(tx, actor, "report.address", department)?;
    check_department(&mut recording, department)?;
    store::put_address(recording.tx().conn(), department, &address)?;
    recording.finish(Map::from_iter([("after".to_owned(), json!(if address.is_empty() { "不寄" } else { "已设" }))]))
}

/// Addresses look like addresses; whether they take mail, the mail server says.
fn check_address(address: &str) -> Result<()> {
    let refuse = |message: &str| Err(Error::invalid("address", address.chars().take(60).collect::<String>(), message));
    if address.chars().count() > MAX_ADDRESS {
        return refuse("太长；最多写几个地址");
    }
    let fits = |one: &str| {
        let (name, host) = one.split_once('@').unwrap_or_default();
        let plain =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c));
        plain(name) && plain(host) && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    };
    match address.is_empty() || address.split(',').all(fits) {
        true => Ok(()),
        false => refuse("不是邮件地址；写成 shuiwu@example.gov.cn，几个用逗号分开"),
    }
}
