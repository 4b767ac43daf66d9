//! `/admin/departments`: the departments that are registered, and registering another.

use super::asked::Asked;
use super::form::{Field, Filled, Form};
use super::frame::Link;
use super::section::{Section, Sections, table};
use super::table::{Cell, Kind, Row, Table};
use crate::auth::{Action, authorise};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::project::store;
use crate::rollup::Dimension;

/// Every department with what it leads, and the form of another.
pub fn list(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    authorise(&asked.reader.actor, Action::ChangeProject)?;
    let led = asked.rollup(conn, &[Dimension::Department], &asked.everything())?;
    let projects = |code: &str| {
        let row = led.rows.iter().find(|row| row.keys.first().is_some_and(|key| key == code));
        row.and_then(|row| row.figures.projects).unwrap_or(0)
    };
    let columns = [
        ("部门", Kind::Name, true),
        ("代码", Kind::Code, true),
        ("牵头的项目", Kind::Number, true),
        ("说明和依据", Kind::Prose, false),
        ("日志", Kind::Code, false),
    ];
    let rows = store::list_departments(conn)?.into_iter().map(|department| {
        let href = asked.link(&format!("/departments/{}", department.code), &[]);
        Row::from(vec![
            Cell::link(department.name, href),
            Cell::text(department.code.as_str()),
            Cell::text(format!("{} 项", projects(&department.code))),
            if department.note.is_empty() { Cell::absent("随规划载入") } else { Cell::text(department.note) },
            Cell::link(department.seq.to_string(), format!("/journal/{}", department.seq)),
        ])
    });
    let made = table("departments", "登记的部门", &columns, "还没有登记部门。").with_rows(rows.collect());
    let mut page = Sections::new(asked, "部门", "/admin/confirmations");
    page.frame.crumbs.push(Link::new("确认", "/admin/confirmations"));
    page.sentences.push(
        "登记以后，这个部门可以被确认为牵头或协同，也可以给它的人开账户。机构改名或合并：按新名称登记一个部门，再凭文件把牵头部门确认为它，自文件的日期起；以前的日子仍是旧名称。"
            .into(),
    );
    let form = form(asked, &Filled::default());
    Ok(page
        .with(Section { table: Some(Table { empty: None, ..made }), ..Section::new("all", "已登记") })
        .with(Section { forms: vec![form], ..Section::new("new", "登记一个部门") }))
}

/// The form of another department.
pub fn form(asked: &Asked, filled: &Filled) -> Form {
    let form = Form::new(asked, "department", "/admin/departments", "登记", filled)
        .with(
            Field {
                max: 40, ..Field::new("name", "名称", "text").required().hint("全称，如 朝阳区商务局")
            },
            filled,
        )
        .with(
            Field {
                max: 32,
                ..Field::new("code", "代码", "text").required().hint("小写英文，网址和表格里用，如 commerce；定了不改")
            },
            filled,
        )
        .with(Field { max: 500, ..Field::new("document", "依据文号", "text").hint("没有文件时写原因") }, filled)
        .with(Field::new("document_date", "文件日期", "text").hint("首次引用时填：2025-09-10 或 2025-09"), filled)
        .with(Field::new("effective_on", "自", "date").hint("不填即文件的日期，没有文件即今天"), filled)
        .with(Field { max: 500, ..Field::new("reason", "原因", "text") }, filled);
    Form { cancel: Some(Link::new("返回", "/admin/departments")), ..form }
}
