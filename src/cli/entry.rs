//! `taizhang entry …`

use super::args::{Document, DocumentAbout, Entry, EntryAdd, EntryReverse, EntryTransfer, Shared};
use super::{open, print};
use crate::auth::Actor;
use crate::db::Head;
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::ledger::command::{self, How, Late, NewEntry, NewReversal, Recorded};
use crate::ledger::transfer::{Line, NewTransfer, both_units};
use crate::ledger::{Entry as Row, Kind};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::{Day, Precision, Year};

pub(super) fn run(shared: &Shared, command: Entry) -> Result<()> {
    let recorded = match command {
        Entry::Add(add) => record(shared, *add)?,
        Entry::Reverse(reverse) => undo(shared, reverse)?,
        Entry::Transfer(transfer) => return move_money(shared, transfer),
    };
    print(&told(&recorded.entry, &recorded.head));
    Ok(())
}

fn told(entry: &Row, head: &Head) -> String {
    format!(
        "已记入分录 {}：{}，日志 {} {}\n",
        entry.id,
        both_units(Fen::new(entry.amount_fen)),
        head.seq,
        head.at.rfc3339()
    )
}

/// 调剂: every line of it, told one by one.
fn move_money(shared: &Shared, transfer: EntryTransfer) -> Result<()> {
    let lines = transfer.line.iter().map(|text| line(text, transfer.in_yuan)).collect::<Result<Vec<_>>>()?;
    let new = NewTransfer { lines, occurred_on: day("on", &transfer.on)?, reason: transfer.reason };
    let document = citation(transfer.document)?;
    let (entries, head) = open(shared)?.write(move |tx| command::transfer(tx, &Actor::operator(), new, document))?;
    print(&entries.iter().map(|entry| told(entry, &head)).collect::<String>());
    Ok(())
}

/// `CY-08:budget:2025:D1:-120`.
fn line(text: &str, in_yuan: bool) -> Result<Line> {
    let parts: Vec<&str> = text.split(':').collect();
    let [project, measure, year, source, amount] = parts.as_slice() else {
        let message = "写成 项目:口径:年度:资金来源:金额，如 CY-08:budget:2025:D1:-120；年度、来源可空";
        return Err(Error::invalid("line", text.chars().take(60).collect::<String>(), message));
    };
    let given = |part: &str| (!part.is_empty()).then(|| part.to_owned());
    Ok(Line {
        project: (*project).to_owned(),
        measure: Measure::parse(measure)?,
        year: given(year).map(|year| Year::parse(&year)).transpose()?,
        source: given(source),
        amount: if in_yuan { Fen::parse_yuan(amount)? } else { Fen::parse_wan(amount)? },
    })
}

fn record(shared: &Shared, add: EntryAdd) -> Result<Recorded> {
    let amount = match (&add.wan, &add.yuan) {
        (Some(wan), _) => Fen::parse_wan(wan)?,
        (None, yuan) => Fen::parse_yuan(yuan.as_deref().unwrap_or_default())?,
    };
    let new = NewEntry {
        project: add.project,
        measure: Measure::parse(&add.measure)?,
        kind: Kind::parse(&add.kind)?,
        year: add.year.as_deref().map(Year::parse).transpose()?,
        source: add.source,
        amount,
        occurred_on: day("on", &add.on)?,
        reason: add.reason,
        is_estimate: add.estimate,
        note: add.note,
    };
    let late = if add.late { Late::Posted } else { Late::Refused };
    let document = citation(add.document)?;
    open(shared)?.write(move |tx| command::record_as(tx, &Actor::operator(), new, document, How { late, ..How::PLAIN }))
}

fn undo(shared: &Shared, reverse: EntryReverse) -> Result<Recorded> {
    let on = reverse.on.as_deref().map(|text| day("on", text)).transpose()?;
    let document = reverse.document.map(bare);
    let new = NewReversal { id: reverse.id, on, reason: reverse.reason };
    open(shared)?.write(move |tx| command::reverse(tx, &Actor::operator(), &new, document))
}

/// A day, or what is wrong with it said of its flag.
pub(super) fn day(flag: &str, text: &str) -> Result<Day> {
    Day::parse(text).map_err(|error| error.of(flag))
}

/// A date known as far as it is written.
pub(super) fn date(flag: &str, text: &str) -> Result<(Day, Precision)> {
    Precision::parse_date(text).map_err(|error| error.of(flag))
}

/// A document named by its number alone.
pub(super) fn bare(code: String) -> Citation {
    Citation { code, title: None, issuer: None, dated: None }
}

/// The document that the flags name.
pub(super) fn citation(document: Document) -> Result<Citation> {
    cited(document.document, document.about)
}

/// A document of this number, and what is said of it.
pub(super) fn cited(code: String, about: DocumentAbout) -> Result<Citation> {
    Ok(Citation {
        code,
        title: about.document_title,
        issuer: about.document_issuer,
        dated: about.document_date.as_deref().map(|text| date("document-date", text)).transpose()?,
    })
}
