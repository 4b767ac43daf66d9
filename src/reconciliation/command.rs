//! Taking what a unit reported into the ledger.

use super::rows;
use crate::auth::{Action, Actor, authorise, authorise_measure};
use crate::db::{Head, Tx};
use crate::document::Citation;
use crate::error::{Error, Result};
use crate::ledger::command::{NewEntry, import};
use crate::ledger::{Entry, Kind};
use crate::measure::Measure;
use crate::money::Fen;
use crate::monthly::{document_code, store as monthly};
use crate::project::store as registry;

/// 确认自报: what an approved report says of sources that the treasury does not pay becomes entries, as far as the
/// ledger has it not yet. By the report's own document, dated its month's last day or today.
///
/// # Errors
/// A report that does not stand, or that leaves nothing to confirm.
pub fn confirm(tx: &mut Tx<'_>, actor: &Actor, version: i64) -> Result<(Vec<Entry>, Head)> {
    authorise(actor, Action::RecordEntry)?;
    authorise_measure(actor, Measure::Received)?;
    authorise_measure(actor, Measure::Paid)?;
    let (today, seq) = (tx.clock().today(), tx.head().seq);
    let unknown = || Error::not_found("月报", &version.to_string(), "从对账页确认");
    let (code, month) = monthly::place_of(tx.conn(), version)?.ok_or_else(unknown)?;
    let project = registry::find(tx.conn(), &code)?.ok_or_else(unknown)?;
    let mut entries = Vec::new();
    for row in rows(tx.conn(), &[project.id], month, today, seq)? {
        if row.version != version {
            return Err(Error::Conflict(format!("{code} {month} 月报已有新的一版；请刷新对账页再看")));
        }
        if !row.may_be_confirmed()? {
            continue;
        }
        let amount = row.difference()?;
        entries.push(NewEntry {
            project: code.clone(),
            measure: row.measure,
            kind: if amount > Fen::ZERO { Kind::Original } else { Kind::Adjustment },
            year: Some(month.first_day().year()),
            source: row.source.map(|(_, code)| code),
            amount,
            occurred_on: month.last_day().min(today),
            reason: format!("按 {month} 月报单位自报确认"),
            is_estimate: false,
            note: String::new(),
        });
    }
    if entries.is_empty() {
        let message = "没有可以确认的差额：国库集中支付的以国库数据为准，其余与台账一致";
        return Err(Error::Conflict(format!("{code} {month} {message}")));
    }
    let document = Citation { code: document_code(&code, month), title: None, issuer: None, dated: None };
    import(tx, actor, &format!("{code}/{month}"), entries, document)
}
