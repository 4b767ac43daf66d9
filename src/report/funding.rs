//! `/projects/{code}/funding` 资金表: a project's money by fiscal year and source, with what was first laid down and
//! what has changed since; the estimate beside what was approved.

use super::asked::Asked;
use super::frame::{Fact, Link};
use super::section::{Section, Sections, fact};
use super::table::{Cell, Column, Group, Kind, Mark, MarkKind, Row, Table};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange::export::Names;
use crate::exchange::{self, Value};
use crate::ledger::funding::{Funding, Line, MEASURES, Standing, funding};
use crate::ledger::store::list_parts;
use crate::light::gap::{Gap, Tau};
use crate::measure::Measure;
use crate::money::Fen;
use crate::project::{Attribute, ProjectState, strays_from_estimate};
use crate::rollup::NONE;
use crate::subtotal::Sum;

/// What a project's page is asked for, and what was found.
fn find(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<(ProjectState, Funding, Sum)> {
    let state = asked.find_state(conn, code)?.filter(|state| asked.sees(state));
    let state = state.ok_or_else(|| asked.no_project(code))?;
    let parts = list_parts(conn, state.project.id, asked.as_of, asked.known.seq)?;
    let estimate = parts.iter().filter(|part| part.measure == Measure::Investment);
    let estimate = estimate.map(|part| part.sum).try_fold(Sum::default(), Sum::plus)?;
    Ok((state, funding(&parts)?, estimate))
}

/// The page.
pub fn build(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<Sections> {
    let (state, made, estimate) = find(conn, asked, code)?;
    let names = Names::load(conn)?;
    let mut page = Sections::new(asked, &format!("{} 资金表", state.value(Attribute::Name)), "/projects");
    page.frame.formats = asked.formats();
    page.frame.actions = super::money::actions(asked, Some(code));
    page.frame.crumbs.push(Link::new("项目", asked.link("/projects", &[])));
    page.frame.crumbs.push(Link::new(code, asked.link(&format!("/projects/{code}"), &[])));
    page.sentences.push("年度×资金来源。每个数点开是它的分录；有调整的，下行写原数和调整数。".into());
    page = page.with(Section { facts: costs(asked, &state, estimate), ..Section::new("cost", "估算和概算") });
    Ok(page
        .with(Section {
            table: Some(table(asked, code, &names, &made)?), ..Section::new("funding", "分年度、分来源")
        }))
}

/// T₀ beside T; more than a tenth apart is marked.
fn costs(asked: &Asked, state: &ProjectState, estimate: Sum) -> Vec<Fact> {
    let money = |fen: i64| asked.money_words(fen);
    let code = state.project.code.as_str();
    let href = asked.link("/entries", &[("project", code), ("measure", "investment")]);
    let planned = if estimate.n == 0 { String::new() } else { money(estimate.fen) };
    let mut facts =
        vec![Fact { href: (estimate.n > 0).then_some(href), ..fact("规划投资额（估算）", planned) }];
    let Some(approved) = state.approved_cost() else {
        facts.push(fact("批复概算", ""));
        return facts;
    };
    facts.push(fact("批复概算", money(approved.get())));
    // 批复 ÷ 估算 − 1, in percent: what is beyond one whole.
    if let Some(gap) = Gap::new(approved, Fen::new(estimate.fen), Tau::new(1, 1)) {
        let mark = strays_from_estimate(approved, Fen::new(estimate.fen));
        let mark = mark.then(|| Mark::new(MarkKind::Caution, "超过 10%"));
        facts.push(Fact { mark, ..fact("批复比估算", format!("{}%", gap.points().signed(&[10]))) });
    }
    facts
}

fn table(asked: &Asked, code: &str, names: &Names, made: &Funding) -> Result<Table> {
    let lines = made.years.iter().flat_map(|year| year.sources.iter().map(|(_, line)| line).chain([&year.sum]));
    let all: Vec<Sum> = lines.chain([&made.sum]).flatten().flat_map(|one| [one.original, one.changed]).collect();
    let decimals = asked.decimals(all);
    let mut columns =
        vec![Column { label: "资金来源".into(), kind: Kind::Name, narrow: true, ..Column::default() }];
    columns.extend(MEASURES.map(|measure| Column {
        label: measure.label().into(),
        kind: Kind::Number,
        narrow: measure != Measure::Completed,
        unit: Some(asked.unit.label().into()),
        ..Column::default()
    }));
    let cells = |line: &Line, place: &[(&str, &str)]| -> Result<Vec<Cell>> {
        MEASURES.iter().zip(line).map(|(measure, one)| cell(asked, code, *measure, *one, decimals, place)).collect()
    };
    let mut groups = Vec::new();
    for year in &made.years {
        let key = year.year.map_or_else(|| NONE.to_owned(), |year| year.to_string());
        let label = year.year.map_or_else(|| "未分年".to_owned(), |year| format!("{year} 年"));
        let mut head = vec![Cell::text(label)];
        head.extend(cells(&year.sum, &[("year", &key)])?);
        let mut rows = Vec::new();
        for (source, line) in &year.sources {
            let known = source.and_then(|id| names.sources.get(&id));
            let own = known.map_or(NONE, |(code, _)| code.as_str());
            let mut row = vec![match known {
                Some((code, name)) => Cell::text(name.as_str()).with_note(code.as_str()),
                None => Cell::text("未落实"),
            }];
            row.extend(cells(line, &[("year", &key), ("source", own)])?);
            rows.push(Row::from(row));
        }
        groups.push(Group { head: Some(Row::from(head)), rows });
    }
    let mut total = vec![Cell::text("合计")];
    total.extend(cells(&made.sum, &[])?);
    Ok(Table {
        id: "funding-table".into(),
        caption: "资金表".into(),
        columns,
        total: (!groups.is_empty()).then(|| Row::from(total)),
        empty: groups.is_empty().then(|| "还没有年度计划、预算、到位、完成和支付的记录。".into()),
        notes: vec!["完成投资一般不分来源，列在「未落实」；计划和预算没有写来源的也在这里。".into()],
        groups,
        ..Table::default()
    })
}

fn cell(
    asked: &Asked,
    code: &str,
    measure: Measure,
    one: Standing,
    decimals: u32,
    place: &[(&str, &str)],
) -> Result<Cell> {
    let params = [&[("project", code), ("measure", measure.key())], place].concat();
    let cell = asked.money_cell(one.current()?, decimals, asked.link("/entries", &params), "没有");
    let money = |sum: Sum| asked.unit.render_with(Fen::new(sum.fen), decimals);
    Ok(match one.changed.n {
        0 => cell,
        _ => cell.with_note(format!("原 {}，调整 {}", money(one.original), money(one.changed))),
    })
}

/// The table as a file: a row a year, source and measure.
pub fn export(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<exchange::Table> {
    let (_, made, _) = find(conn, asked, code)?;
    let names = Names::load(conn)?;
    let mut table = exchange::Table::new(&[
        ("project", "项目"),
        ("year", "年度"),
        ("source", "资金来源"),
        ("measure", "口径"),
        ("original", "原数"),
        ("changed", "调整"),
        ("current", "现行"),
        ("entries", "分录数"),
    ]);
    for year in &made.years {
        for (source, line) in &year.sources {
            for (measure, one) in MEASURES.iter().zip(line) {
                let current = one.current()?;
                if current.n == 0 {
                    continue;
                }
                let source = source.and_then(|id| names.sources.get(&id)).map_or("", |(code, _)| code);
                table.rows.push(vec![
                    Value::from(code),
                    Value::from(year.year.map(i64::from)),
                    Value::from(source),
                    Value::from(measure.key()),
                    Value::Money(Fen::new(one.original.fen)),
                    Value::Money(Fen::new(one.changed.fen)),
                    Value::Money(Fen::new(current.fen)),
                    Value::Number(current.n),
                ]);
            }
        }
    }
    Ok(table)
}
