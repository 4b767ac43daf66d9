//! `/admin/settings`: what is set, since when and why.

use super::asked::Asked;
use super::form::{Field, Filled, Form};
use super::frame::Link;
use super::section::{Section, Sections, fact, table};
use super::table::{Cell, Kind, Row, Table};
use crate::auth::{Action, authorise};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::period::Day;
use crate::setting::{Allowed, KNOWN, Known, get, known, store};

/// Every setting with its form.
pub fn list(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::Set)?;
    let mut page = Sections::new(asked, "设置", "/admin/settings");
    page.sentences.push("设置是带日期的事实，记在日志里：以前某一天按什么办的，以后也查得到。".into());
    for setting in &KNOWN {
        let form = form(conn, asked, setting, &Filled::default())?;
        let value = get(conn, setting.name, asked.today(), asked.known.seq)?;
        let last = store::find(conn, setting.name, asked.today(), asked.known.seq)?;
        let since = match &last {
            Some(last) => format!("自 {}：{}", Day::from_raw(last.effective_on)?, last.reason),
            None => "默认，没有改过".into(),
        };
        page = page.with(Section {
            sentences: vec![format!("{}。", setting.why)],
            facts: vec![fact("现在", setting.shown(&value)), fact("由来", since)],
            forms: vec![form],
            ..Section::new(setting.name, setting.label)
        });
    }
    let history = history(conn, asked)?;
    Ok(page.with(Section { table: Some(history), ..Section::new("history", "改过的") }))
}

fn history(conn: &mut AnyConnection, asked: &Asked) -> Result<Table> {
    let columns = [
        ("设置", Kind::Name, true),
        ("值", Kind::Text, true),
        ("自", Kind::Date, true),
        ("原因", Kind::Prose, false),
        ("日志", Kind::Code, false),
    ];
    let mut rows = Vec::new();
    for row in store::list(conn, asked.known.seq)? {
        let setting = known(&row.name)?;
        rows.push(Row::from(vec![
            Cell::text(setting.label),
            Cell::text(setting.shown(&row.value)),
            Cell::text(Day::from_raw(row.effective_on)?.to_string()),
            Cell::text(row.reason.as_str()),
            Cell::link(row.seq.to_string(), format!("/journal/{}", row.seq)),
        ]));
    }
    let made = table("settings", "改过的设置，新的在前", &columns, "还没有改过设置，都按默认。");
    Ok(if rows.is_empty() { made } else { Table { empty: None, ..made.with_rows(rows) } })
}

/// The form of one setting.
pub fn form(conn: &mut AnyConnection, asked: &Asked, setting: &Known, filled: &Filled) -> Result<Form> {
    let now = get(conn, setting.name, asked.today(), asked.known.seq)?;
    let value = match setting.allowed {
        Allowed::Words(words) => {
            let options: Vec<(String, String)> =
                words.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned())).collect();
            Field::select("value", setting.label, &options, &now)
        }
        Allowed::Codes => Field { max: 100, ..Field::new("value", setting.label, "text") }
            .holding(&now)
            .hint(&setting.allowed_words()),
        Allowed::Number { .. } => Field { max: 8, ..Field::new("value", setting.label, "text") }
            .holding(setting.typed(&now))
            .hint(&setting.allowed_words()),
    };
    let form = Form::new(asked, setting.name, format!("/admin/settings/{}", setting.name), "设置", filled)
        .with(value.required(), filled)
        .with(Field::new("effective_on", "自", "date").hint("不填即今天；不能晚于今天"), filled)
        .with(Field { max: 500, ..Field::new("reason", "原因", "text").required() }, filled);
    Ok(Form { cancel: Some(Link::new("返回", "/admin/settings")), ..form })
}
