//! `taizhang init` and `taizhang project …`

use super::args::{Init, Project, ProjectAdd, ProjectChange, ProjectImport, Shared, Withdraw};
use super::entry::{bare, citation, day};
use super::{open, print};
use crate::auth::Actor;
use crate::clock::Clock;
use crate::db::{Db, Head};
use crate::error::Result;
use crate::money::Fen;
use crate::period::Year;
use crate::project::command::{self, Change};
use crate::project::{Attribute, check_not_future, check_years};
use crate::seed::{self, ProjectRow, load};

pub(super) fn init(shared: &Shared, options: &Init) -> Result<()> {
    let plan = match &options.seeds {
        Some(dir) => seed::read(dir)?,
        None => seed::embedded()?,
    };
    let (title, count) = (plan.document.title.clone(), plan.projects.len());
    let total = plan.projects.iter().try_fold(Fen::ZERO, |sum, project| sum.checked_add(project.amount))?;
    // Before the database is opened, so that a refused plan leaves not even an empty file.
    check_not_future("plan.csv 第 2 行 dated", plan.document.dated.0, Clock::System.today())?;
    let db = Db::open(&shared.database_url, Clock::System)?;
    let head = db.write(move |tx| load::load(tx, &Actor::loader(), plan))?;
    print(&format!(
        "已载入《{}》：{count} 项，合计 {} 万元，日志 {}\n",
        title.trim_matches(['《', '》']),
        total.wan_exact(),
        head.seq
    ));
    Ok(())
}

pub(super) fn run(shared: &Shared, command: Project) -> Result<()> {
    let head = match command {
        Project::Add(add) => register(shared, *add)?,
        Project::Change(change) => amend(shared, change)?,
        Project::Import(import) => import_file(shared, import)?,
        Project::Withdraw(withdraw) => take_back(shared, withdraw)?,
    };
    print(&format!("已记入，日志 {} {}\n", head.seq, head.at.rfc3339()));
    Ok(())
}

fn register(shared: &Shared, add: ProjectAdd) -> Result<Head> {
    let (start_year, end_year) = (year("start-year", &add.start_year)?, year("end-year", &add.end_year)?);
    check_years(start_year, end_year)?;
    let stated = [("category", add.category), ("lead_department", add.department)];
    let row = ProjectRow {
        code: add.code,
        no: add.no,
        name: add.name,
        content: add.content,
        start_year,
        end_year,
        amount: Fen::parse_wan(&add.wan).map_err(|error| error.of("wan"))?,
        line: None,
        stated: stated.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect(),
    };
    let on = add.on.as_deref().map(|text| day("on", text)).transpose()?;
    let document = citation(add.document)?;
    open(shared)?.write(move |tx| load::import_projects(tx, &Actor::operator(), vec![row], on, document))
}

fn year(flag: &str, text: &str) -> Result<i32> {
    Year::parse(text).map(Year::get).map_err(|error| error.of(flag))
}

fn amend(shared: &Shared, change: ProjectChange) -> Result<Head> {
    let on = change.on.as_deref().map(|text| day("on", text)).transpose()?;
    let attribute = Attribute::parse(&change.attribute)?;
    let document = citation(change.document)?;
    let db = open(shared)?;
    let effective_on = on.unwrap_or_else(|| db.clock().today());
    let change =
        Change { code: change.code, attribute, value: change.value, effective_on, document, reason: change.reason };
    db.write(move |tx| command::change(tx, &Actor::operator(), change))
}

fn import_file(shared: &Shared, import: ProjectImport) -> Result<Head> {
    let rows = seed::read_projects(&import.file)?;
    let on = import.on.as_deref().map(|text| day("on", text)).transpose()?;
    let document = citation(import.document)?;
    let db = open(shared)?;
    super::progress()(&format!("正在登记 {} 个项目…", rows.len()));
    db.write(move |tx| load::import_projects(tx, &Actor::operator(), rows, on, document))
        .inspect(|_| super::progress_done())
}

fn take_back(shared: &Shared, withdraw: Withdraw) -> Result<Head> {
    let document = withdraw.document.map(bare);
    open(shared)?.write(move |tx| command::withdraw(tx, &Actor::operator(), withdraw.seq, &withdraw.reason, document))
}
