//! `taizhang department …`

use clap::Subcommand;

use super::args::{DocumentAbout, Shared};
use super::entry::{cited, day};
use super::{open, print};
use crate::auth::Actor;
use crate::error::Result;
use crate::exchange::{Format, Table, Value};
use crate::money::Unit;
use crate::project::department::NewDepartment;
use crate::project::department::command::register;
use crate::project::store;

#[derive(Debug, Subcommand)]
pub(super) enum Department {
    /// 登记一个部门：此后可以确认为牵头或协同，也可以开账户
    Add(DepartmentAdd),
    /// 列出登记的部门
    List,
}

#[derive(Debug, clap::Args)]
pub(super) struct DepartmentAdd {
    /// 代码：小写英文，如 commerce；定了不改
    pub code: String,
    /// 全称
    #[arg(long)]
    pub name: String,
    /// 自哪天起；不写则文件的日期，没有文件则今天
    #[arg(long)]
    pub on: Option<String>,
    /// 依据文件的文号；没有文件时写 --reason
    #[arg(long)]
    pub document: Option<String>,
    #[command(flatten)]
    pub about: DocumentAbout,
    /// 原因
    #[arg(long, default_value = "")]
    pub reason: String,
}

pub(super) fn run(shared: &Shared, command: Department) -> Result<()> {
    match command {
        Department::Add(add) => add_one(shared, add),
        Department::List => list(shared),
    }
}

fn add_one(shared: &Shared, add: DepartmentAdd) -> Result<()> {
    let document = add.document.map(|code| cited(code, add.about)).transpose()?;
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
