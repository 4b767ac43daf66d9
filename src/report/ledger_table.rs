//! The table of entries that a project's page and the list of entries share, and links to origins.

use super::asked::Asked;
use super::frame::Link;
use super::table::{Cell, Column, Kind, Row, Table};
use crate::auth::Action;
use crate::db::AnyConnection;
use crate::document::store as documents;
use crate::error::Result;
use crate::exchange::export::{Names, project_codes};
use crate::ledger::{Entry, Kind as EntryKind};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Month};
use crate::subtotal::Sum;

/// A document's page. Its code may hold brackets and spaces.
pub fn document_path(code: &str) -> String {
    format!("/documents/{}", percent_encoding::utf8_percent_encode(code, percent_encoding::NON_ALPHANUMERIC))
}

/// The measures that entries are of, in the register's order. Entries of several are not added up.
pub fn measures_of(entries: &[Entry]) -> Vec<Measure> {
    Measure::ALL.into_iter().filter(|measure| entries.iter().any(|entry| entry.measure == measure.code())).collect()
}

/// Where a fact comes from: a line of the plan or a document.
pub fn origin_link(
    conn: &mut AnyConnection,
    asked: &Asked,
    names: &Names,
    line_id: Option<i64>,
    document_id: Option<i64>,
) -> Result<Option<Link>> {
    if let Some(line) = line_id.map(|id| documents::find_line_by_id(conn, id)).transpose()?.flatten() {
        let row = line.row_no.map_or_else(String::new, |row| format!(" 第 {row} 行"));
        return Ok(Some(Link::new(
            format!("{}{row}", line.section),
            asked.link(&format!("/lines/{}", line.code), &[]),
        )));
    }
    Ok(document_id
        .and_then(|id| names.documents.get(&id))
        .map(|(code, _)| Link::new(code.as_str(), asked.link(&document_path(code), &[]))))
}

/// The day of an entry; a row of the plan is dated as exactly as the plan's cover is.
fn date(asked: &Asked, entry: &Entry) -> Result<String> {
    let day = Day::from_raw(entry.occurred_on)?;
    let (cover, precision) = asked.site.dated;
    Ok(if entry.line_id.is_some() && day == cover { precision.render(day) } else { day.to_string() })
}

/// The entry's number; for those who may take it back, the way there.
fn number(asked: &Asked, entry: &Entry) -> Cell {
    let may = asked.reader.may(Action::RecordEntry)
        && entry.kind != EntryKind::Reversal.code()
        && Measure::from_code(entry.measure).is_some_and(|measure| asked.reader.actor.may_record(measure));
    // What two people must agree on is asked for: the form would only refuse it.
    if may && entry.measure == Measure::Investment.code() {
        return Cell::link(entry.id.to_string(), format!("/admin/approvals?entry={}#reverse_investment", entry.id))
            .with_note("申请冲正");
    }
    match may {
        true => Cell::link(entry.id.to_string(), format!("/entries/{}/reversal", entry.id)).with_note("冲正"),
        false => Cell::text(entry.id.to_string()),
    }
}

/// The entries; with `total`, a closing line that is their sum.
pub fn entries_table(
    conn: &mut AnyConnection,
    asked: &Asked,
    names: &Names,
    entries: &[Entry],
    total: Option<Sum>,
) -> Result<Table> {
    let column = |label: &str, kind, narrow| Column { label: label.into(), kind, narrow, ..Column::default() };
    let decimals = asked.decimals(entries.iter().map(|entry| Sum { fen: entry.amount_fen, n: 1 }).chain(total));
    let codes = if total.is_some() { project_codes(conn, entries)? } else { Default::default() };
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let measure = Measure::from_code(entry.measure).map_or("", Measure::label);
        let kind = EntryKind::from_code(entry.kind).map_or("", EntryKind::label);
        let posted = entry.posted_month.map(Month::from_raw).transpose()?;
        let posted = posted.map_or_else(String::new, |month| format!("补记于 {month}"));
        let note = [
            kind,
            posted.as_str(),
            if entry.is_estimate == 1 { "含估算或预计" } else { "" },
            &entry.reason_code,
            &entry.note,
        ];
        let note = note.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("，");
        let mut cells = vec![number(asked, entry)];
        if total.is_some() {
            let code = codes.get(&entry.project_id).map_or("", String::as_str);
            cells.push(Cell::link(code, asked.link(&format!("/projects/{code}"), &[])));
        }
        let source = entry.source_id.and_then(|id| names.sources.get(&id));
        let origin = origin_link(conn, asked, names, entry.line_id, entry.document_id)?;
        cells.extend([
            Cell::text(measure).with_note(note),
            Cell::text(date(asked, entry)?),
            entry.year.map_or_else(|| Cell::absent("未分年"), |year| Cell::text(year.to_string())),
            source.map_or_else(
                || Cell::absent("未落实"),
                |(code, name)| Cell::text(name.as_str()).with_note(code.as_str()),
            ),
            Cell::text(asked.unit.render_with(Fen::new(entry.amount_fen), decimals)),
            origin.map_or_else(|| Cell::absent("未填"), |link| Cell::link(link.label, link.href)),
        ]);
        rows.push(Row { id: Some(format!("e{}", entry.id)), cells });
    }
    let mut columns = vec![column("分录", Kind::Code, false)];
    columns.extend(total.map(|_| column("项目", Kind::Code, true)));
    columns.extend([
        column("口径", Kind::Name, true),
        column("日期", Kind::Date, true),
        column("年度", Kind::Date, false),
        column("资金来源", Kind::Text, false),
        Column { unit: Some(asked.unit.label().into()), ..column("金额", Kind::Number, true) },
        column("出处", Kind::Text, true),
    ]);
    let closing = total.map(|sum| {
        let cells = columns.iter().map(|column| match (column.kind, column.label.as_str()) {
            (Kind::Name, _) => Cell::text(format!("合计 {} 笔", sum.n)),
            (Kind::Number, _) => Cell::text(asked.unit.render_with(Fen::new(sum.fen), decimals)),
            _ => Cell::blank(),
        });
        Row::from(cells.collect::<Vec<_>>())
    });
    let empty = rows.is_empty().then(|| "没有符合的分录。".to_owned());
    Ok(Table { id: "entry-list".into(), caption: "分录".into(), columns, total: closing, empty, ..Table::default() }
        .with_rows(rows))
}
