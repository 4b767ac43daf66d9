//! 对账: what units report of 到位 and 支付 beside what the ledger has, by project and source. What the treasury pays
//! is recorded from the treasury's own papers; money it never sees (市级, 自筹, 贷款) is taken from the report once
//! finance confirms it.

pub mod command;

use std::collections::BTreeMap;

use crate::db::AnyConnection;
use crate::error::Result;
use crate::ledger::store::list_parts;
use crate::measure::Measure;
use crate::money::Fen;
use crate::monthly::{State, store as monthly};
use crate::period::{Day, Month};
use crate::project::store as registry;
use crate::setting::{self, rules::PAIRED_SOURCES};
use crate::subtotal::Sum;

/// A project's measure of one source, both ways, of the year to the end of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The project's id.
    pub project_id: i64,
    /// The approved report.
    pub version: i64,
    /// 到位 or 支付.
    pub measure: Measure,
    /// The source's id and code; none: 未落实.
    pub source: Option<(i64, String)>,
    /// 单位自报; none: not reported.
    pub reported: Option<Fen>,
    /// What the ledger has.
    pub recorded: Sum,
    /// Whether the treasury pays it.
    pub is_treasury: bool,
}

impl Row {
    /// 差额: reported less recorded.
    ///
    /// # Errors
    /// A difference beyond what an amount can hold.
    pub fn difference(&self) -> Result<Fen> {
        self.reported.unwrap_or(Fen::ZERO).checked_sub(Fen::new(self.recorded.fen))
    }

    /// Whether finance takes it from the report.
    ///
    /// # Errors
    /// As [`Row::difference`].
    pub fn may_be_confirmed(&self) -> Result<bool> {
        Ok(!self.is_treasury && self.source.is_some() && self.reported.is_some() && self.difference()? != Fen::ZERO)
    }
}

/// The rows of some projects whose report of `month` is approved, in the projects' order.
///
/// # Errors
/// The database's.
pub fn rows(conn: &mut AnyConnection, ids: &[i64], month: Month, as_of: Day, seq: i64) -> Result<Vec<Row>> {
    let end = month.last_day().min(as_of);
    let year = Some(month.raw() / 100);
    let sources: BTreeMap<i64, String> =
        registry::list_sources(conn)?.into_iter().map(|source| (source.id, source.code)).collect();
    let paired = setting::get(conn, PAIRED_SOURCES, as_of, seq)?;
    let standings = monthly::standings(conn, ids, month, as_of, seq)?;
    let mut rows = Vec::new();
    for id in ids {
        let Some(standing) = standings.get(id) else { continue };
        let (State::Approved | State::Published, Some(version)) = (standing.state, standing.version) else { continue };
        // Received before paid: nothing is paid that is not there.
        let mut both: BTreeMap<(i32, Option<i64>), (Option<Fen>, Sum)> = BTreeMap::new();
        for line in monthly::list_lines(conn, version)? {
            both.entry((line.measure, line.source_id)).or_default().0 = Some(Fen::new(line.amount_fen));
        }
        for part in list_parts(conn, *id, end, seq)?.into_iter().filter(|part| part.year == year) {
            if matches!(part.measure, Measure::Received | Measure::Paid) {
                let own = both.entry((part.measure.code(), part.source_id)).or_default();
                own.1 = own.1.plus(part.sum)?;
            }
        }
        for ((measure, source), (reported, recorded)) in both {
            let Some(measure) = Measure::from_code(measure) else { continue };
            let source = source.and_then(|id| Some((id, sources.get(&id)?.clone())));
            let is_treasury =
                source.as_ref().is_some_and(|(_, code)| paired.split('、').any(|paired| paired == code.as_str()));
            rows.push(Row { project_id: *id, version, measure, source, reported, recorded, is_treasury });
        }
    }
    Ok(rows)
}
