//! The entries as a plain-text ledger that hledger reads: each a transaction in yuan, its account the measure, the
//! fiscal year, the source and the project. What other programs add up from it must be what this one says.

use std::collections::HashMap;

use super::export::{Moment, Names};
use crate::error::{Error, Result};
use crate::ledger::{Entry, Kind};
use crate::measure::Measure;
use crate::money::Fen;
use crate::period::Day;
use crate::rollup::NONE;

/// What a file begins with: at what day and instant it was made.
pub fn head(moment: &Moment) -> String {
    format!(
        "; 台账分录，截至 {}，按 {} 时的记录（日志第 {} 条，{}）\n; 账户：口径:年度:资金来源:项目；{NONE} 是未分年、未落实。金额为元。\n\ncommodity 1000.00 CNY\n\n",
        moment.as_of,
        moment.known.at.rfc3339(),
        moment.known.seq,
        moment.known.hash
    )
}

/// Some entries as transactions, in their order.
///
/// # Errors
/// An entry with a code that this program does not know.
pub fn transactions(names: &Names, codes: &HashMap<i64, String>, entries: &[Entry]) -> Result<String> {
    let mut text = String::new();
    for entry in entries {
        let measure = Measure::from_code(entry.measure)
            .ok_or_else(|| Error::internal("分录的口径无效", entry.measure.to_string()))?;
        let kind = Kind::from_code(entry.kind).map_or("", Kind::word);
        let year = entry.year.map_or_else(|| NONE.to_owned(), |year| year.to_string());
        let source = entry.source_id.and_then(|id| names.sources.get(&id)).map_or(NONE, |(code, _)| code.as_str());
        let project = codes.get(&entry.project_id).map_or(NONE, String::as_str);
        let document = entry.document_id.and_then(|id| names.documents.get(&id)).map_or("", |(code, _)| code);
        let on = Day::from_raw(entry.occurred_on)?;
        let key = measure.key();
        text.push_str(&format!(
            "{on} {project} {}  ; entry:{}, kind:{kind}, journal:{}, document:{}\n    {key}:{year}:{source}:{project}  {} CNY\n    balance:{key}\n\n",
            measure.label(),
            entry.id,
            entry.seq,
            tag(document),
            Fen::new(entry.amount_fen).yuan()
        ));
    }
    Ok(text)
}

/// A tag's value ends at a comma and at the line's end.
fn tag(text: &str) -> String {
    text.replace(',', "，").replace(['\n', '\r'], " ")
}
