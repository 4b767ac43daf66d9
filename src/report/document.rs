//! `/documents/{code}`: a source document and its lines.

use serde::Serialize;

use super::asked::Asked;
use super::frame::Link;
use super::frame::{Fact, Frame};
use super::ledger_table::{document_path, entries_table, measures_of};
use super::table::Table;
use super::table::{Cell, Column, Kind, Mark, MarkKind, Row};
use crate::db::AnyConnection;
use crate::document::{Document as Held, PlanLine, store};
use crate::error::{Error, Result};
use crate::exchange::export::Names;
use crate::ledger;
use crate::measure::Measure;
use crate::period::{Day, Precision};
use crate::rollup::list::{self, Order};
use crate::subtotal::Sum;

/// The context of `document.html`.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// The surroundings.
    pub frame: Frame,
    /// The document's title.
    pub name: String,
    /// Issuer, number, date, SHA-256, note.
    pub facts: Vec<Fact>,
    /// What the document itself claims: its own total and counts, and whether the lines agree.
    pub assertions: Table,
    /// The files attached to it that this reader may have.
    pub attachments: Table,
    /// Its lines, in order.
    pub lines: Table,
}

/// A document's page.
pub fn build(conn: &mut AnyConnection, asked: &Asked, code: &str) -> Result<Document> {
    let held = store::find_by_code(conn, code)?.filter(|document| document.seq <= asked.known.seq);
    let held = held.ok_or_else(|| Error::not_found("文件", code, "用文号或代码查找，见「数据说明」页"))?;
    let lines: Vec<PlanLine> =
        store::list_lines(conn)?.into_iter().filter(|line| line.document_id == held.id).collect();
    let mut frame = asked.frame(&held.title, "/data");
    frame.crumbs.push(Link::new("数据说明", asked.link("/data", &[])));
    if asked.reader.may(crate::auth::Action::Attach) {
        frame.actions.push(Link::new("附上原件", format!("{}/attach", document_path(&held.code))));
    }
    let table = if lines.is_empty() { citing(conn, asked, &held)? } else { lines_table(asked, &lines) };
    Ok(Document {
        frame,
        name: held.title.clone(),
        facts: facts(&held)?,
        assertions: assertions(conn, asked, &lines)?,
        attachments: super::attachment::table(conn, asked, held.id)?,
        lines: table,
    })
}

fn facts(held: &Held) -> Result<Vec<Fact>> {
    let dated = match held.dated_on {
        Some(day) => Precision::parse(&held.precision)?.render(Day::from_raw(day)?),
        None => "未填".into(),
    };
    let fact = |label: &str, value: &str, missing: &str| Fact {
        label: label.into(),
        value: if value.is_empty() { missing.into() } else { value.into() },
        absent: value.is_empty(),
        ..Fact::default()
    };
    Ok(vec![
        fact("发布机关", &held.issuer, "未填"),
        fact("文号", &held.number, "未公开"),
        fact("日期", &dated, "未填"),
        fact("SHA-256", &held.sha256, "没有存原文"),
        fact("引用代码", &held.code, ""),
    ])
}

/// What the document says of its own lines, beside the lines themselves.
fn assertions(conn: &mut AnyConnection, asked: &Asked, lines: &[PlanLine]) -> Result<Table> {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let columns = vec![
        column("写明", Kind::Name, true),
        column("原文的数", Kind::Number, true),
        column("逐行重算", Kind::Number, true),
        column("核对", Kind::Status, true),
    ];
    let mut rows = Vec::new();
    let categories = i64::try_from(crate::project::store::list_categories(conn)?.len()).unwrap_or(0);
    for claim in store::list_assertions(conn)? {
        let Some(line) = lines.iter().find(|line| line.id == claim.line_id) else { continue };
        let in_section: Vec<&PlanLine> =
            lines.iter().filter(|line| line.section == claim.section && line.row_no.is_some()).collect();
        let (expected, actual, same) = if claim.kind == "count" {
            let actual =
                if claim.section == "体系" { categories } else { i64::try_from(in_section.len()).unwrap_or(0) };
            (claim.expected.to_string(), actual.to_string(), actual == claim.expected)
        } else {
            let sum = ledger::store::sum_of_plan(conn, asked.today(), asked.known.seq)?;
            (asked.money_words(claim.expected), asked.money_words(sum.fen), sum.fen == claim.expected)
        };
        let mark = if same { Mark::new(MarkKind::Good, "一致") } else { Mark::new(MarkKind::Bad, "不一致") };
        rows.push(Row::from(vec![
            Cell::link(claim.note, asked.link(&format!("/lines/{}", line.code), &[])).with_note(claim.section),
            Cell::text(expected),
            Cell::link(actual, asked.link("/proof", &[])),
            Cell::mark(mark),
        ]));
    }
    let empty = rows.is_empty().then(|| "这份文件没有写明合计或个数。".to_owned());
    Ok(Table {
        id: "assertions".into(),
        caption: "文件写明的合计与逐行重算".into(),
        columns,
        empty,
        ..Table::default()
    }
    .with_rows(rows))
}

fn lines_table(asked: &Asked, lines: &[PlanLine]) -> Table {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let rows = lines.iter().map(|line| {
        Row::from(vec![
            Cell::link(super::line::name(line), asked.link(&format!("/lines/{}", line.code), &[])),
            Cell::text(line.text.replace('\t', "　")),
        ])
    });
    let columns = vec![column("位置", Kind::Name, true), column("原文", Kind::Prose, true)];
    Table { id: "rows".into(), caption: "逐行原文".into(), columns, ..Table::default() }.with_rows(rows.collect())
}

/// Entries a page.
const SHOWN: i64 = 1_000;

/// The entries that cite a document which is not the plan.
fn citing(conn: &mut AnyConnection, asked: &Asked, held: &Held) -> Result<Table> {
    let wanted = ledger::store::Wanted { document_id: Some(held.id), ..Default::default() };
    let mut entries = ledger::store::list(conn, &wanted, asked.as_of, asked.known.seq, 0, SHOWN + 1)?;
    let is_cut = entries.len() > usize::try_from(SHOWN).unwrap_or(usize::MAX);
    entries.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    if asked.filter.own.is_some() {
        let seen = list::ids(conn, asked.view_of(&asked.everything()), Order::REGISTERED)?;
        entries.retain(|entry| seen.contains(&entry.project_id));
    }
    let total = entries.iter().map(|entry| Sum { fen: entry.amount_fen, n: 1 }).try_fold(Sum::default(), Sum::plus)?;
    let names = Names::load(conn)?;
    let mut table = entries_table(conn, asked, &names, &entries, Some(total))?;
    table.caption = "以这份文件为据的分录".into();
    let measures = measures_of(&entries);
    if measures.len() > 1 {
        let words: Vec<&str> = measures.into_iter().map(Measure::label).collect();
        table.total = None;
        table.notes.push(format!("含 {} 几种口径，不相加。", words.join("、")));
    }
    if is_cut {
        // A part is never called a total.
        table.total = None;
        table.notes.push(format!("多于 {SHOWN} 笔，这里列先记入的 {SHOWN} 笔，不相加；全部见分录页，按文号筛选。"));
    }
    Ok(table)
}
