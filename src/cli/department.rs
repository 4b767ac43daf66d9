//! `taizhang department …`

use super::args::{Department, DepartmentAdd, Shared};
use super::entry::{date, day};
use super::{open, print};
use crate::auth::Actor;
use crate::document::Citation;
use crate::error::Result;
use crate::exchange::{Format, Table, Value};
use crate::money::Unit;
use crate::project::department::NewDepartment;
use crate::project::department::command::register;
use crate::project::store;

pub(super) fn run(shared: &Shared, command: Department) -> Result<()> {
    match command {
        Department::Add(add) => add_one(shared, add),
        Department::List => list(shared),
    }
}

fn add_one(shared: &Shared, add: DepartmentAdd) -> Result<()> {
    let dated = add.document_date.as_deref().map(|text| date("document-date", text)).transpose()?;
    let document =
        add.document.map(|code| Citation { code, title: add.document_title, issuer: add.document_issuer, dated });
    let effective_on = add.on.as_deref().map(|text| day("on", text)).transpose()?;
    let new = NewDepartment { code: add.code, name: add.name, effective_on, document, reason: add.reason };
    let (held, head) = open(shared)?.write(move |tx| register(tx, &Actor::operator(), new))?;
    print(&format!("已登记 {}（{}），日志 {} {}\n", held.name, held.code, head.seq, head.at.rfc3339()));
    Ok(())
}

fn list(shared: &Shared) -> Result<()> {
    let format = Format::parse(&shared.format)?;
    let mut table = Table::new(&[("code", "代码"), ("name", "部门"), ("note", "依据"), ("seq", "日志")]);
    for department in open(shared)?.read(store::list_departments)? {
        table.rows.push(vec![
            Value::Text(department.code),
            Value::Text(department.name),
            Value::Text(department.note),
            Value::Number(department.seq),
        ]);
    }
    print(&table.render(format, Unit::Wan)?);
    Ok(())
}
