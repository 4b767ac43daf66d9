//! `taizhang entry …`

use super::args::{Document, Entry, EntryAdd, EntryReverse, Shared};
use super::{open, print};
use crate::auth::Actor;
use crate::document::Citation;
use crate::error::Result;
use crate::ledger::Kind;
use crate::ledger::command::{self, NewEntry, NewReversal, Recorded};
use crate::measure::Measure;
use crate::money::{Fen, Unit};
use crate::period::{Day, Precision, Year};

pub(super) fn run(shared: &Shared, command: Entry) -> Result<()> {
    let recorded = match command {
        Entry::Add(add) => record(shared, *add)?,
        Entry::Reverse(reverse) => undo(shared, reverse)?,
    };
    let amount = Fen::new(recorded.entry.amount_fen);
    print(&format!(
        "已记入分录 {}：{} 元（{} 万元），日志 {} {}\n",
        recorded.entry.id,
        Unit::Yuan.render(amount),
        amount.wan_exact(),
        recorded.head.seq,
        recorded.head.at.rfc3339()
    ));
    Ok(())
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
    let document = citation(add.document)?;
    open(shared)?.write(move |tx| command::record(tx, &Actor::operator(), new, document))
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
    Ok(Citation {
        code: document.document,
        title: document.document_title,
        issuer: document.document_issuer,
        dated: document.document_date.as_deref().map(|text| date("document-date", text)).transpose()?,
    })
}
