//! `/reports/waivers`: which departments' reports go to the office without a review of their own.

use crate::account;
use crate::auth::{Action, authorise};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::monthly::store;
use crate::report::asked::Asked;
use crate::report::form::{Field, Filled, Form};
use crate::report::frame::Link;
use crate::report::section::{Section, Sections, table};
use crate::report::table::{Cell, Kind, Row, Table};

/// What 免内审 means, in a sentence.
pub const MEANING: &str =
    "免内审的部门，月报提交后直接送办公室复核；其他部门先由本部门的审核人审核，填报的人不能审核自己报的。";

/// The departments this reader answers for: code and name.
fn own(conn: &mut AnyConnection, asked: &Asked) -> Result<Vec<(String, String)>> {
    let all = account::store::list_departments(conn)?;
    let limits = asked.reader.actor.limits(Action::ReviewReport);
    Ok(all.into_iter().filter(|(code, _)| limits.is_none_or(|own| own.contains(code))).collect())
}

/// The page.
pub fn list(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::ReviewReport)?;
    let mut rows = Vec::new();
    for (code, name) in own(conn, asked)? {
        let waived = store::is_waived(conn, &code, asked.as_of, asked.known.seq)?;
        let word = if waived { "免内审" } else { "有内审" };
        rows.push(Row::from(vec![Cell::text(name), Cell::text(word)]));
    }
    let columns = [("部门", Kind::Name, true), ("内审", Kind::Text, true)];
    let made = table("waivers", "各部门的内审", &columns, "没有可以设的部门。");
    let made = if rows.is_empty() { made } else { Table { empty: None, ..made.with_rows(rows) } };
    let mut page = Sections::new(asked, "免内审", "/reports");
    page.sentences.push(MEANING.into());
    let forms = vec![form(conn, asked, &Filled::default())?];
    Ok(page.with(Section { table: Some(made), forms, ..Section::new("departments", "部门") }))
}

/// The form that changes it.
pub fn form(conn: &mut AnyConnection, asked: &Asked, filled: &Filled) -> Result<Form> {
    let departments = own(conn, asked)?;
    let first = departments.first().map_or("", |(code, _)| code.as_str()).to_owned();
    let words = [("yes", "免内审"), ("no", "有内审")].map(|(word, label)| (word.to_owned(), label.to_owned()));
    let form = Form::new(asked, "waiver", "/reports/waivers", "改", filled)
        .with(Field::select("department", "部门", &departments, &first), filled)
        .with(Field::select("waived", "改为", &words, "yes"), filled)
        .with(Field::new("effective_on", "自", "date").hint("不写则从今天起"), filled)
        .with(Field { max: 500, ..Field::new("reason", "原因", "text") }.required(), filled);
    Ok(Form { cancel: Some(Link::new("返回", "/reports")), ..form })
}
