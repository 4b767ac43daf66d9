//! `/reconciliation` 对账: 单位自报 beside the ledger, differences first, and what finance confirms.

use std::collections::HashMap;

use super::asked::Asked;
use super::form::{Filled, Form};
use super::frame::{Banner, Link, Tone};
use super::section::{Section, Sections, fact};
use super::table::{Cell, Column, Kind, Row as Line, Table};
use crate::auth::{Action, authorise};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::exchange::{self, Value};
use crate::execution::month_over;
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::Month;
use crate::project::{Attribute, ProjectState, store as registry};
use crate::reconciliation::{Row, rows};
use crate::rollup::NONE;
use crate::rollup::list::{self, Order};

/// Projects a page compares; each costs a reading of its entries.
const FEW: usize = 500;
/// Rows listed.
const SHOWN: usize = 500;
/// Reports confirmed from one page.
const FORMS: usize = 20;

/// The month asked for: the last one that is over unless another is named.
fn month_of(asked: &Asked) -> Result<Month> {
    let last = month_over(asked.as_of);
    let month = match asked.param("month") {
        None => return Ok(last),
        Some(text) => Month::parse(text).map_err(|error| error.of("month"))?,
    };
    match month.first_day() > asked.as_of {
        true => Err(Error::invalid("month", month.to_string(), format!("还没有开始（截至 {}）", asked.as_of))),
        false => Ok(month),
    }
}

/// What was found: the month, its rows, and the projects they are of.
struct Found {
    month: Month,
    rows: Vec<Row>,
    states: HashMap<i64, ProjectState>,
    left_out: usize,
}

fn find(conn: &mut AnyConnection, asked: &Asked) -> Result<Found> {
    authorise(&asked.reader.actor, Action::ReadAll)?;
    let month = month_of(asked)?;
    let all = list::ids(conn, asked.view_of(&asked.filter), Order::REGISTERED)?;
    let ids = all.get(..FEW.min(all.len())).unwrap_or_default();
    let found = rows(conn, ids, month, asked.as_of, asked.known.seq)?;
    let states = registry::list_states_of(conn, asked.as_of, asked.known.seq, ids)?;
    let states = states.into_iter().map(|state| (state.project.id, state)).collect();
    Ok(Found { month, rows: found, states, left_out: all.len() - ids.len() })
}

/// How many projects of the last month that is over differ: what finance's to-do asks.
///
/// # Errors
/// The database's.
pub fn count_different(conn: &mut AnyConnection, asked: &Asked) -> Result<(Month, i64)> {
    let found = find(conn, asked)?;
    let mut ids: Vec<i64> = Vec::new();
    for row in &found.rows {
        if row.difference()? != Fen::ZERO && !ids.contains(&row.project_id) {
            ids.push(row.project_id);
        }
    }
    Ok((found.month, i64::try_from(ids.len()).unwrap_or(i64::MAX)))
}

/// The page.
pub fn build(conn: &mut AnyConnection, asked: &Asked) -> Result<Sections> {
    let found = find(conn, asked)?;
    let names = Names::load(conn)?;
    let month = found.month;
    let mut page = Sections::new(asked, &format!("{month} 对账"), "/execution");
    page.frame.formats = asked.formats();
    page.frame.crumbs.push(Link::new("预算执行", asked.link("/execution", &[])));
    page.sentences.push(format!(
        "单位自报（已通过的 {month} 月报，年初至今）与台账（日期在 {} 以前的到位、支付）逐项目、逐来源对照。",
        month.last_day()
    ));
    page.sentences.push(
        "国库集中支付的来源以国库数据为准，差额要查；国库看不到的（市级、自筹、贷款等）由财政确认后按自报记入。".into(),
    );
    if found.left_out > 0 {
        let text = format!("项目多于 {FEW} 项，这里只对前 {FEW} 项；按责任部门筛选看其余的。");
        page.banners.push(Banner { tone: Tone::Caution, text, link: None });
    }
    let before = month.pred();
    // Earlier months while there is something to compare; before that there is nothing to see.
    let before = (!found.rows.is_empty())
        .then(|| Link::new(format!("{before}"), asked.with("month", Some(&before.to_string()))));
    let mut links: Vec<Link> = before.into_iter().collect();
    let after = Some(month.succ()).filter(|after| after.first_day() <= asked.as_of);
    links.extend(after.map(|after| Link::new(format!("{after}"), asked.with("month", Some(&after.to_string())))));
    let mut different: Vec<&Row> = Vec::new();
    for row in &found.rows {
        if row.difference()? != Fen::ZERO {
            different.push(row);
        }
    }
    let facts = vec![
        fact("对照", format!("{} 行", found.rows.len())),
        fact("一致", format!("{} 行", found.rows.len() - different.len())),
        fact("有差额", format!("{} 行", different.len())),
    ];
    page = page.with(Section { facts, links, ..Section::new("sum", "结果") });
    let empty = match found.rows.is_empty() {
        true => "这个月还没有已通过的月报，没有可对的自报数。",
        false => "单位自报与台账一致。",
    };
    let table = table(asked, &found, &names, &different, empty)?;
    page = page.with(Section { table: Some(table), ..Section::new("different", "有差额的") });
    if asked.is_whole && asked.reader.may(Action::RecordEntry) && asked.reader.actor.may_record(Measure::Paid) {
        let forms = forms(asked, &found)?;
        if !forms.is_empty() {
            let sentences = vec!["按已通过的月报把差额记入台账，依据是这份月报；国库集中支付的来源不在内。".into()];
            page = page.with(Section { sentences, forms, ..Section::new("confirm", "确认自报") });
        }
    }
    Ok(page)
}

fn forms(asked: &Asked, found: &Found) -> Result<Vec<Form>> {
    let mut made: Vec<(i64, Form)> = Vec::new();
    for row in &found.rows {
        if !row.may_be_confirmed()? || made.len() >= FORMS || made.iter().any(|(version, _)| *version == row.version) {
            continue;
        }
        let state = found.states.get(&row.project_id);
        let name = state.map_or("", |state| state.value(Attribute::Name));
        let code = state.map_or("", |state| state.project.code.as_str());
        let label = format!("确认 {code} {name} 的自报");
        let id = format!("confirm-{}", row.version);
        let form = Form::new(asked, &id, "/reconciliation/confirm", &label, &Filled::default());
        made.push((row.version, form.hiding("report", row.version.to_string())));
    }
    Ok(made.into_iter().map(|(_, form)| form).collect())
}

fn table(asked: &Asked, found: &Found, names: &Names, rows: &[&Row], empty: &str) -> Result<Table> {
    let mut amounts = Vec::new();
    for row in rows {
        amounts.extend([row.reported.unwrap_or(Fen::ZERO), Fen::new(row.recorded.fen), row.difference()?]);
    }
    let decimals = asked.unit.column_decimals(&amounts);
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let unit = || Some(asked.unit.label().to_owned());
    let columns = vec![
        column("工程名称", Kind::Name, true),
        column("责任部门", Kind::Text, false),
        column("资金来源", Kind::Text, true),
        column("口径", Kind::Text, false),
        Column { unit: unit(), ..column("单位自报", Kind::Number, false) },
        Column { unit: unit(), ..column("台账", Kind::Number, false) },
        Column { unit: unit(), ..column("差额", Kind::Number, true) },
        column("怎么办", Kind::Text, false),
    ];
    let year = (found.month.raw() / 100).to_string();
    let then = asked.on(found.month.last_day().min(asked.as_of));
    let mut lines = Vec::new();
    for row in rows.iter().take(SHOWN) {
        let Some(state) = found.states.get(&row.project_id) else { continue };
        let code = state.project.code.as_str();
        let report = asked.link(&format!("/reports/{code}/{}", found.month), &[]);
        let own = row.source.as_ref().map_or(NONE, |(_, code)| code.as_str());
        let entries = [("project", code), ("measure", row.measure.key()), ("year", year.as_str()), ("source", own)];
        let money = |fen: Fen| asked.unit.render_with(fen, decimals);
        lines.push(Line::from(vec![
            Cell::link(state.value(Attribute::Name), asked.link(&format!("/projects/{code}"), &[])).with_note(code),
            match state.value(Attribute::LeadDepartment) {
                "" => Cell::absent("待确认"),
                lead => Cell::text(names.department(lead)),
            },
            match row.source.as_ref().and_then(|(id, _)| names.sources.get(id)) {
                Some((code, name)) => Cell::text(name.as_str()).with_note(code.as_str()),
                None => Cell::text("未落实"),
            },
            Cell::text(row.measure.label()),
            row.reported.map_or_else(|| Cell::absent("没有报"), |fen| Cell::link(money(fen), report)),
            asked.money_cell(row.recorded, decimals, then.link("/entries", &entries), "没有记"),
            Cell::text(money(row.difference()?)),
            Cell::text(match (row.is_treasury, row.may_be_confirmed()?) {
                (_, true) => "财政确认后记入",
                (true, _) => "与国库核对",
                _ => "核对来源",
            }),
        ]));
    }
    let notes = (rows.len() > SHOWN).then(|| format!("共 {} 行，这里列前 {SHOWN} 行；下载 CSV 看全部。", rows.len()));
    Ok(Table {
        id: "differences".into(),
        caption: format!("{} 有差额的", found.month),
        empty: lines.is_empty().then(|| empty.to_owned()),
        columns,
        notes: notes.into_iter().collect(),
        ..Table::default()
    }
    .with_rows(lines))
}

/// Every row as a file, those that agree as well.
pub fn export(conn: &mut AnyConnection, asked: &Asked) -> Result<exchange::Table> {
    let found = find(conn, asked)?;
    let mut table = exchange::Table::new(&[
        ("project", "项目"),
        ("month", "月份"),
        ("source", "资金来源"),
        ("measure", "口径"),
        ("reported", "单位自报"),
        ("recorded", "台账"),
        ("difference", "差额"),
        ("treasury", "国库集中支付"),
    ]);
    for row in &found.rows {
        table.rows.push(vec![
            Value::from(found.states.get(&row.project_id).map_or("", |state| state.project.code.as_str())),
            Value::Text(found.month.to_string()),
            Value::from(row.source.as_ref().map_or("", |(_, code)| code.as_str())),
            Value::from(row.measure.key()),
            row.reported.map_or(Value::Null, Value::Money),
            Value::from(row.recorded),
            Value::Money(row.difference()?),
            Value::Number(i64::from(row.is_treasury)),
        ]);
    }
    Ok(table)
}
