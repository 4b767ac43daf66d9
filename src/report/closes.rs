//! `/admin/closes` 月报锁定: which months are locked, by whom and why, and the forms for it.

use super::approvals;
use super::asked::Asked;
use super::form::{Field, Filled, Form};
use super::frame::Link;
use super::section::{Section, Sections, table};
use super::table::{Cell, Kind as Set, Row, Table};
use crate::account;
use crate::approval::{Kind as Second, check_ask};
use crate::auth::{Action, authorise};
use crate::close::command::Closing;
use crate::close::{Close, Kind, LOCKED, store};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::journal;
use crate::period::{Day, Month};
use crate::project::store as registry;

/// The page.
pub fn list(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::Close)?;
    let locks = store::locks(conn, Kind::Reports, asked.known.seq)?;
    let mut page = Sections::new(asked, "月报锁定", "/admin/approvals");
    page.sentences.push(match locks.last("") {
        Some(month) => format!("锁定到 {month}，连同以前各月：日期在这以内的登记、节点、投资、计划和月报都不能再记。"),
        None => "还没有锁定任何一个月。".into(),
    });
    page.sentences.push(
        "锁定不影响公众看到的数：那由发布决定。预算、到位、支付由财政结账锁定。后来才知道的金额可以“补记”，日期不变，\
         记在当月。"
            .into(),
    );
    page = page.with(Section {
        forms: vec![lock_form(conn, asked, &Filled::default())?],
        ..Section::new("lock", "锁定一个月")
    });
    if check_ask(Second::ReopenMonth, &asked.reader.actor).is_ok() {
        let options = locked_options(conn, asked)?;
        let sentences = vec![format!("要两个人：{}。只能打开最后锁定的一个月。", Second::ReopenMonth.row().why)];
        let forms = match options.len() {
            ..=1 => Vec::new(),
            _ => vec![approvals::ask_form(conn, asked, Second::ReopenMonth, &Filled::default())?],
        };
        page = page.with(Section { sentences, forms, ..Section::new("reopen", "重新打开") });
    }
    let history = history(conn, asked)?;
    Ok(page.with(Section { table: Some(history), ..Section::new("history", "锁定和重新打开") }))
}

fn history(conn: &mut AnyConnection, asked: &Asked) -> Result<Table> {
    let columns = [
        ("月份", Set::Date, true),
        ("范围", Set::Name, true),
        ("状态", Set::Status, true),
        ("谁", Set::Text, false),
        ("何时", Set::Text, false),
        ("原因", Set::Prose, false),
        ("日志", Set::Code, false),
    ];
    let people = account::store::list_names(conn)?;
    let mut rows = Vec::new();
    for row in store::list(conn, Kind::Reports, asked.known.seq)?.iter().rev() {
        let told = journal::store::find(conn, row.seq)?;
        let (who, when) = told.map_or_else(Default::default, |told| {
            let at = crate::clock::Instant::from_micros(told.at_us).to_the_second();
            (super::journal::who(&told.actor, &people), at)
        });
        rows.push(Row::from(vec![
            Cell::text(Month::from_raw(row.month)?.to_string()),
            Cell::text(scope_words(conn, row)?),
            Cell::text(if row.state == LOCKED { "已锁定" } else { "重新打开" }),
            Cell::text(who),
            Cell::text(when),
            if row.reason.is_empty() { Cell::absent("未填") } else { Cell::text(row.reason.as_str()) },
            Cell::link(row.seq.to_string(), format!("/journal/{}", row.seq)),
        ]));
    }
    let made = table("closes", "锁定和重新打开，新的在前", &columns, "还没有锁定过。");
    Ok(if rows.is_empty() { made } else { Table { empty: None, ..made.with_rows(rows) } })
}

fn scope_words(conn: &mut AnyConnection, row: &Close) -> Result<String> {
    if row.department.is_empty() {
        return Ok("全部".into());
    }
    let found = registry::find_department(conn, &row.department)?;
    Ok(found.map_or_else(|| row.department.clone(), |department| department.name))
}

/// The departments as choices; the first is what stands for all of them.
pub(super) fn department_options(conn: &mut AnyConnection, all: &str) -> Result<Vec<(String, String)>> {
    let departments = registry::list_departments(conn)?.into_iter().map(|d| (d.code, d.name));
    Ok(std::iter::once((String::new(), all.to_owned())).chain(departments).collect())
}

/// The month before a day's: what is usually locked and published.
pub fn month_before(day: Day) -> Month {
    day.first_of_month().pred().month()
}

/// The form that locks.
pub fn lock_form(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<Form> {
    let month = month_before(asked.today()).to_string();
    let form = Form::new(asked, "lock", "/admin/closes", "锁定", filled)
        .with(Field::new("month", "月份", "month").required().holding(month).hint("已经过完的月份"), filled)
        .with(Field::select("department", "范围", &department_options(conn, "全部")?, ""), filled)
        .with(Field { max: 500, ..Field::new("reason", "说明", "text") }, filled);
    Ok(Form { is_grave: true, cancel: Some(Link::new("返回", "/admin/closes")), ..form })
}

/// What can be opened again: the last locked month of each scope.
pub fn locked_options(conn: &mut AnyConnection, asked: &Asked) -> Result<Vec<(String, String)>> {
    let mut options = vec![(String::new(), "请选择".to_owned())];
    for (kind, _, label) in Kind::ALL {
        let locks = store::locks(conn, kind, asked.known.seq)?;
        for (month, department) in locks.list() {
            if locks.last(department) != Some(month) {
                continue;
            }
            let closing = Closing { kind, month, department: department.to_owned(), reason: String::new() };
            let whose = match registry::find_department(conn, department)? {
                Some(found) => found.name,
                None => "全部".into(),
            };
            options.push((closing.subject(), format!("{month} {label}（{whose}）")));
        }
    }
    Ok(options)
}
