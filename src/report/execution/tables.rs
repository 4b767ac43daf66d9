//! The tables of `/execution`: what is to be looked at first, the rows, what stands apart, the months.

use std::collections::BTreeMap;

use super::{BY, EXCEPTIONS, FISCAL, Found, SHOWN, kept};
use crate::db::AnyConnection;
use crate::error::Result;
use crate::exchange::export::Names;
use crate::execution::{Executed, Standing, Step, due};
use crate::light::gap::Tau;
use crate::light::read;
use crate::measure::Measure;
use crate::money::Fen;
use crate::project::Attribute;
use crate::report::lights::{in_order, mark};
use crate::report::table::{Cell, Column, Kind, Row, Table};
use crate::rollup::{Dimension, Figures, Filter, NONE};
use crate::subtotal::Sum;

impl Found {
    fn heading(&self, label: &str, kind: Kind, narrow: bool, unit: &str) -> Column {
        let note = format!("{} 年，至 {}", self.month.raw() / 100, self.month.last_day());
        let unit = (!unit.is_empty()).then(|| unit.to_owned());
        Column { label: label.into(), kind, narrow, unit, note: Some(note), ..Column::default() }
    }

    /// Budget, received, paid, 执行率 and gap.
    fn figure_columns(&self, is_narrow: bool) -> Vec<Column> {
        let unit = self.then.unit.label();
        vec![
            self.heading("年度财政预算", Kind::Number, false, unit),
            self.heading("到位资金", Kind::Number, false, unit),
            self.heading("支付（财政资金）", Kind::Number, is_narrow, unit),
            Column { label: "预算执行率".into(), kind: Kind::Number, narrow: true, ..Column::default() },
            Column {
                label: "序时差".into(),
                kind: Kind::Number,
                unit: Some("百分点".into()),
                narrow: true,
                ..Column::default()
            },
        ]
    }

    /// The same columns of a row; more decimals near the thresholds of its light.
    fn figure_cells(
        &self,
        of: &Executed,
        (due, thresholds): (Tau, &[i64]),
        decimals: u32,
        rows: &[(&str, &str)],
    ) -> Vec<Cell> {
        let asked = &self.then;
        let money = |amount: Option<Fen>, measure: Measure, why: &str| match amount {
            None => Cell::absent(why),
            Some(fen) => Cell::link(asked.unit.render_with(fen, decimals), self.entries(measure, rows)),
        };
        let mut cells = vec![
            money(of.budget, Measure::Budget, "未下达"),
            money(of.received, Measure::Received, "未填报"),
            money(of.paid, Measure::Paid, "未填报"),
        ];
        match of.gap(due) {
            None => cells.extend([Cell::absent("不适用"), Cell::absent("不适用")]),
            Some(gap) => cells.extend([
                Cell::text(format!("{}%", gap.rate().unsigned(1))),
                Cell::text(gap.points().signed(thresholds)),
            ]),
        }
        cells
    }

    /// The decimals that the money of a table needs.
    fn decimals<'e>(&self, all: impl Iterator<Item = &'e Executed>) -> u32 {
        let amounts: Vec<Fen> = all.flat_map(|one| [one.budget, one.received, one.paid]).flatten().collect();
        self.then.unit.column_decimals(&amounts)
    }
}

/// The first so many projects, the worst first.
pub(super) fn projects(
    conn: &mut AnyConnection,
    found: &Found,
    names: &Names,
    caption: &str,
    most: usize,
) -> Result<Table> {
    let asked = &found.then;
    let picked = found.fiscal.get(..most).unwrap_or_default();
    let ids: Vec<i64> = picked.iter().map(|(_, one)| one.id).collect();
    let shown = in_order(read::few(conn, &found.view, &ids)?, &ids);
    let executed: Vec<Executed> = picked.iter().map(|(_, one)| Executed::of(&one.inputs.moved)).collect();
    let decimals = found.decimals(executed.iter());
    let mut columns = vec![
        Column { label: "工程名称".into(), kind: Kind::Name, narrow: true, ..Column::default() },
        Column { label: "责任部门".into(), kind: Kind::Text, ..Column::default() },
    ];
    // A phone has room for a name and how far behind it is.
    columns.extend(found.figure_columns(false));
    columns.push(Column { label: "支付灯".into(), kind: Kind::Status, narrow: true, ..Column::default() });
    let thresholds = found.view.params.pay_points();
    let rows = shown.iter().zip(picked).zip(&executed).map(|(((state, judged), (standing, _)), of)| {
        let code = state.project.code.as_str();
        let mut cells = vec![
            Cell::link(state.value(Attribute::Name), asked.link(&format!("/projects/{code}"), &[])).with_note(code),
            match state.value(Attribute::LeadDepartment) {
                "" => Cell::absent("待确认"),
                lead => Cell::link(names.department(lead), asked.link(&format!("/departments/{lead}"), &[])),
            },
        ];
        let due = judged.inputs.due(&found.view.params);
        cells.extend(found.figure_cells(of, (due, &thresholds), decimals, &[("project", code)]));
        cells.push(match standing {
            Standing::Judged(light, _) => Cell::mark(mark(*light)),
            other => Cell::text(other.words(&thresholds)),
        });
        Row::from(cells)
    });
    let rows: Vec<Row> = rows.collect();
    let mut notes = Vec::new();
    let exceptions = found.fiscal.iter().filter(|(standing, _)| standing.is_exception()).count();
    if most == EXCEPTIONS && most < exceptions {
        notes.push(format!("要先看的共 {exceptions} 项，这里列前 {most} 项；按项目看全部。"));
    }
    if most < found.fiscal.len() && most == SHOWN {
        notes.push(format!("共 {} 项，这里列前 {most} 项；用筛选缩小范围，或下载 CSV 看全部。", found.fiscal.len()));
    }
    Ok(Table {
        id: "projects".into(),
        caption: format!("{caption}，异常的在前"),
        empty: rows.is_empty().then(|| "没有符合的项目。去掉一个条件再试。".into()),
        columns,
        notes,
        ..Table::default()
    }
    .with_rows(rows))
}

/// A row a system or a department, those furthest behind first.
pub(super) fn groups(found: &Found, names: &Names, by: &str) -> Result<Table> {
    let mut sums: BTreeMap<&str, (Executed, usize)> = BTreeMap::new();
    for (standing, one) in &found.fiscal {
        let key = if by == "department" { one.department.as_str() } else { one.category.as_str() };
        let (sum, exceptions) = sums.entry(if key.is_empty() { NONE } else { key }).or_default();
        *sum = sum.plus(Executed::of(&one.inputs.moved))?;
        *exceptions += usize::from(standing.is_exception());
    }
    let mut sums: Vec<(&str, (Executed, usize))> = sums.into_iter().collect();
    let behind = |of: &Executed| of.gap(due(found.month)).map_or(i128::MAX, |gap| gap.points().millionths());
    sums.sort_by_key(|(_, (of, _))| behind(of));
    let label = BY.iter().find(|(word, _)| *word == by).map_or("", |(_, label)| label);
    let mut columns = vec![
        Column { label: label.into(), kind: Kind::Name, narrow: true, ..Column::default() },
        Column { label: "项目".into(), kind: Kind::Number, unit: Some("项".into()), ..Column::default() },
    ];
    columns.extend(found.figure_columns(true));
    columns.push(Column {
        label: "要先看的".into(), kind: Kind::Number, unit: Some("项".into()), ..Column::default()
    });
    let decimals = found.decimals(sums.iter().map(|(_, (of, _))| of));
    let asked = &found.then;
    let row = |head: Cell, key: Option<&str>, of: &Executed, exceptions: usize| {
        let own: Vec<(&str, &str)> = key.map(|key| (by, key)).into_iter().collect();
        let listed = [&own[..], &[("by", "project")]].concat();
        let mut cells = vec![head, Cell::link(of.projects.to_string(), asked.link("/execution", &listed))];
        cells.extend(found.figure_cells(of, (due(found.month), &[]), decimals, &own));
        cells.push(match exceptions {
            0 => Cell::text("0"),
            n => Cell::link(n.to_string(), asked.link("/execution", &listed)),
        });
        Row::from(cells)
    };
    let rows: Vec<Row> = sums
        .iter()
        .map(|(key, (of, exceptions))| {
            let head = match (*key, by) {
                (NONE, _) => Cell::text("待确认"),
                (code, "department") => {
                    Cell::link(names.department(code), asked.link(&format!("/departments/{code}"), &[]))
                }
                (slug, _) => Cell::link(names.category(slug), asked.link(&format!("/categories/{slug}"), &[])),
            };
            row(head, Some(key), of, *exceptions)
        })
        .collect();
    let exceptions = sums.iter().map(|(_, (_, exceptions))| exceptions).sum();
    Ok(Table {
        id: "execution".into(),
        caption: format!("预算执行，按{label}，落后的在前"),
        empty: rows.is_empty().then(|| "没有符合的项目。去掉一个条件再试。".into()),
        total: Some(row(Cell::text("合计"), None, &found.whole()?, exceptions)),
        columns,
        ..Table::default()
    }
    .with_rows(rows))
}

fn amount(figures: &Figures, measure: Measure) -> Option<Fen> {
    let sum: Sum = figures.sum(measure);
    (sum.n > 0).then(|| Fen::new(sum.fen))
}

/// What was asked for of the projects judged by fiscal rates, or of those that stand apart.
fn filter(found: &Found, natures: &[&str]) -> Filter {
    Filter {
        year: vec![Some(found.month.raw() / 100)],
        nature: natures.iter().map(|nature| (*nature).to_owned()).collect(),
        ..found.then.filter.clone()
    }
}

/// A row a source. Paid counts where the source is fiscal, as everywhere on the page; a budget is often issued
/// without a source.
pub(super) fn sources(conn: &mut AnyConnection, found: &Found, names: &Names) -> Result<Table> {
    let made = found.then.rollup(conn, &[Dimension::Source], &filter(found, &FISCAL))?;
    let mut all: Vec<(&str, Executed)> = Vec::new();
    for row in &made.rows {
        let code = row.keys.first().map_or(NONE, String::as_str);
        let is_fiscal = found.sources.iter().any(|fiscal| fiscal == code);
        let of = Executed {
            projects: 0,
            budget: amount(&row.figures, Measure::Budget),
            received: amount(&row.figures, Measure::Received),
            paid: amount(&row.figures, Measure::Paid).filter(|_| is_fiscal),
        };
        if !of.is_nothing() {
            all.push((code, of));
        }
    }
    let mut columns =
        vec![Column { label: "资金来源".into(), kind: Kind::Name, narrow: true, ..Column::default() }];
    columns.extend(found.figure_columns(true));
    let decimals = found.decimals(all.iter().map(|(_, of)| of));
    let row = |head: Cell, of: &Executed, place: &[(&str, &str)]| {
        let mut cells = vec![head];
        cells.extend(found.figure_cells(of, (due(found.month), &[]), decimals, place));
        Row::from(cells)
    };
    let rows = all.iter().map(|(code, of)| {
        let name = names.sources.values().find(|(known, _)| known == code);
        let is_fiscal = found.sources.iter().any(|fiscal| fiscal == code);
        let head = match name {
            None => Cell::text("未落实"),
            Some((_, name)) if is_fiscal => Cell::text(name.as_str()).with_note(*code),
            Some((_, name)) => Cell::text(name.as_str()).with_note(format!("{code}，不是财政资金，支付不计")),
        };
        row(head, of, &[("source", code)])
    });
    let rows: Vec<Row> = rows.collect();
    let total = all.iter().try_fold(Executed::default(), |sum, (_, of)| sum.plus(*of))?;
    Ok(Table {
        id: "execution".into(),
        caption: "预算执行，按资金来源".into(),
        empty: rows.is_empty().then(|| "还没有预算、到位和支付。".into()),
        total: Some(row(Cell::text("合计"), &total, &[])),
        columns,
        ..Table::default()
    }
    .with_rows(rows))
}

/// Projects built with enterprises' money: what moved, without a fiscal rate.
pub(super) fn apart(conn: &mut AnyConnection, found: &Found) -> Result<Option<Table>> {
    if found.apart == 0 {
        return Ok(None);
    }
    let asked = &found.then;
    let made = asked.rollup(conn, &[Dimension::Category], &filter(found, &["enterprise"]))?;
    let measures = [Measure::Plan, Measure::Received, Measure::Completed, Measure::Paid];
    let sums = made.rows.iter().flat_map(|row| measures.map(|measure| row.figures.sum(measure)));
    let decimals = asked.decimals(sums.chain(measures.map(|measure| made.total.sum(measure))));
    let year = (found.month.raw() / 100).to_string();
    let cells = |figures: &Figures, key: Option<&str>| {
        measures.map(|measure| {
            let mut params: Vec<(&str, &str)> = key.map(|key| ("category", key)).into_iter().collect();
            params.extend(kept(asked).into_iter().filter(|(name, _)| key.is_none() || *name != "category"));
            params.extend([("nature", "enterprise"), ("measure", measure.key()), ("year", year.as_str())]);
            asked.money_cell(figures.sum(measure), decimals, asked.link("/entries", &params), "尚无记录")
        })
    };
    let mut columns = vec![Column { label: "体系".into(), kind: Kind::Name, narrow: true, ..Column::default() }];
    columns.extend(
        measures
            .map(|measure| found.heading(measure.label(), Kind::Number, measure == Measure::Paid, asked.unit.label())),
    );
    let rows = made.rows.iter().filter(|row| row.figures.sums.iter().any(|sum| sum.n > 0)).map(|row| {
        let label = row.labels.first().map_or("", String::as_str);
        let mut all = vec![Cell::text(label)];
        all.extend(cells(&row.figures, row.keys.first().map(String::as_str)));
        Row::from(all)
    });
    let rows: Vec<Row> = rows.collect();
    let mut total = vec![Cell::text("合计")];
    total.extend(cells(&made.total, None));
    Ok(Some(
        Table {
            id: "apart".into(),
            caption: format!("投资性质为企业的 {} 项：不按财政资金的执行率评价", found.apart),
            empty: rows.is_empty().then(|| "这一年还没有它们的资金记录。".into()),
            total: (!rows.is_empty()).then(|| Row::from(total)),
            columns,
            ..Table::default()
        }
        .with_rows(rows),
    ))
}

/// The months as a table, with what was posted after each was closed.
pub(super) fn months(found: &Found, steps: &[Step]) -> Table {
    let asked = &found.then;
    let decimals = found.decimals(steps.iter().map(|step| &step.executed));
    let number = |label: &str, narrow: bool, unit: &str| Column {
        label: label.into(),
        kind: Kind::Number,
        narrow,
        unit: (!unit.is_empty()).then(|| unit.to_owned()),
        ..Column::default()
    };
    let unit = asked.unit.label();
    let columns = vec![
        Column { label: "截至".into(), kind: Kind::Date, narrow: true, ..Column::default() },
        number("年度财政预算", false, unit),
        number("累计到位", false, unit),
        number("累计支付（财政资金）", true, unit),
        number("其中后来补记", false, unit),
        number("预算执行率", true, ""),
        number("序时进度", false, ""),
        number("序时差", true, "百分点"),
    ];
    let rows = steps.iter().map(|step: &Step| {
        let gap = step.executed.gap(due(step.month));
        let then = asked.on(step.month.last_day());
        let money = |amount: Option<Fen>, measure: Measure| match amount {
            None => Cell::absent("尚无记录"),
            Some(fen) => Cell::link(asked.unit.render_with(fen, decimals), found.entries_on(&then, measure, &[])),
        };
        let last = step.month.last_day().to_string();
        Row::from(vec![
            Cell::link(step.month.to_string(), then.link("/execution", &kept(asked)))
                .with_short(last.get(5..7).map_or_else(String::new, |month| format!("{month} 月"))),
            money(step.executed.budget, Measure::Budget),
            money(step.executed.received, Measure::Received),
            money(step.executed.paid, Measure::Paid),
            match step.posted_later {
                Fen::ZERO => Cell::absent("没有"),
                fen => Cell::text(asked.unit.render_with(fen, decimals)),
            },
            gap.map_or_else(|| Cell::absent("不适用"), |gap| Cell::text(format!("{}%", gap.rate().unsigned(1)))),
            Cell::text(format!("{}%", due(step.month).percent().unsigned(1))),
            gap.map_or_else(|| Cell::absent("不适用"), |gap| Cell::text(gap.points().signed(&[]))),
        ])
    });
    Table { id: "months".into(), caption: "逐月，按现在知道的".into(), columns, ..Table::default() }
        .with_rows(rows.collect())
}
