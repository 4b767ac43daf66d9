//! The chain, and the digest of every journal row's facts, in one pass over the journal.

use serde_json::Value;

use super::{Differences, Proof, RESTORE};
use crate::account::{Account, AccountFact, Delegation};
use crate::approval::{Request, RequestAnswer};
use crate::chasing::Chase;
use crate::close::Close;
use crate::db::{AnyConnection, Fact, Head};
use crate::document::attachment::Attachment;
use crate::document::{Assertion, Document, Finding, PlanLine};
use crate::error::{Error, Result};
use crate::indicator::Indicator;
use crate::journal::chain::{FactDigest, Verifier};
use crate::journal::store::{self, JournalRow};
use crate::ledger::Entry;
use crate::light::{Exemption, LightJudgement, PlanMonths};
use crate::milestone::{Clue, ClueAnswer, Milestone, MilestoneFact};
use crate::money::Fen;
use crate::monthly::{
    ProblemAnswer, ProposalAnswer, ReportLine, ReportPhoto, ReportProblem, ReportStep, ReportVersion, ReviewWaiver,
};
use crate::project::confirm::Claim;
use crate::project::{Category, Department, Project, ProjectFact, Source, Withdrawal};
use crate::publication::Publication;
use crate::setting::Setting;

const CHUNK: i64 = 5_000;

/// A fact table read in order of id, one journal row's facts at a time.
struct Stream<F: Fact> {
    rows: std::vec::IntoIter<F>,
    next: Option<F>,
    after: i64,
    started: bool,
    money: fn(&F) -> Option<i64>,
}

trait Table {
    fn name(&self) -> &'static str;
    /// The digest of the facts of row `seq`, if it has any, and how many there are.
    fn take(&mut self, conn: &mut AnyConnection, seq: i64) -> Result<Option<(Value, u64)>>;
    /// The seq of the next fact.
    fn peek(&mut self, conn: &mut AnyConnection) -> Result<Option<i64>>;
    /// The highest id given out to its facts; 0 when it has none.
    fn last_id(&self, conn: &mut AnyConnection) -> Result<i64>;
    /// The facts of row `seq` in the written form, at most `limit`.
    fn list(&self, conn: &mut AnyConnection, seq: i64, limit: i64) -> Result<Vec<String>>;
}

impl<F: Fact> Stream<F> {
    fn boxed(money: fn(&F) -> Option<i64>) -> Box<dyn Table> {
        Box::new(Stream { rows: Vec::new().into_iter(), next: None, after: i64::MIN, started: false, money })
    }

    fn fill(&mut self, conn: &mut AnyConnection) -> Result<()> {
        if self.next.is_some() {
            return Ok(());
        }
        self.next = self.rows.next();
        if self.next.is_none() && (!self.started || self.after != i64::MAX) {
            self.started = true;
            self.rows = F::list_after(conn, self.after, CHUNK)?.into_iter();
            self.next = self.rows.next();
            self.after = self.rows.as_slice().last().or(self.next.as_ref()).map_or(i64::MAX, F::id);
        }
        Ok(())
    }
}

impl<F: Fact> Table for Stream<F> {
    fn name(&self) -> &'static str {
        F::TABLE
    }

    fn peek(&mut self, conn: &mut AnyConnection) -> Result<Option<i64>> {
        self.fill(conn)?;
        Ok(self.next.as_ref().map(F::seq))
    }

    fn last_id(&self, conn: &mut AnyConnection) -> Result<i64> {
        Ok(F::last_id(conn)?.unwrap_or_default())
    }

    /// Ids and journal rows grow together, so the place is found by halving: no index by journal
    /// row is needed on tables of millions.
    fn list(&self, conn: &mut AnyConnection, seq: i64, limit: i64) -> Result<Vec<String>> {
        let (mut before, mut after) = (0, F::last_id(conn)?.unwrap_or_default() + 1);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            match F::list_after(conn, middle - 1, 1)?.first().map(F::seq) {
                Some(found) if found < seq => before = middle,
                _ => after = middle,
            }
        }
        let rows = F::list_after(conn, before, limit)?;
        Ok(rows.iter().filter(|fact| fact.seq() == seq).map(F::canonical).collect())
    }

    fn take(&mut self, conn: &mut AnyConnection, seq: i64) -> Result<Option<(Value, u64)>> {
        let mut digest: Option<FactDigest> = None;
        let mut n = 0;
        while self.peek(conn)? == Some(seq) {
            let Some(fact) = self.next.take() else { break };
            let digest = digest.get_or_insert_with(FactDigest::default);
            digest.push(&fact.canonical())?;
            if let Some(fen) = (self.money)(&fact) {
                digest.add_money([Fen::new(fen)])?;
            }
            n += 1;
        }
        Ok(digest.map(|digest| (digest.finish(), n)))
    }
}

fn tables() -> Vec<Box<dyn Table>> {
    fn none<F>(_: &F) -> Option<i64> {
        None
    }
    vec![
        Stream::<Document>::boxed(none),
        Stream::<PlanLine>::boxed(none),
        Stream::<Assertion>::boxed(none),
        Stream::<Finding>::boxed(none),
        Stream::<Category>::boxed(none),
        Stream::<Department>::boxed(none),
        Stream::<Source>::boxed(none),
        Stream::<Project>::boxed(none),
        Stream::<ProjectFact>::boxed(none),
        Stream::<Entry>::boxed(|entry| Some(entry.amount_fen)),
        Stream::<Milestone>::boxed(none),
        Stream::<MilestoneFact>::boxed(none),
        Stream::<Withdrawal>::boxed(none),
        Stream::<Clue>::boxed(none),
        Stream::<ClueAnswer>::boxed(none),
        Stream::<Indicator>::boxed(none),
        Stream::<Attachment>::boxed(none),
        Stream::<Setting>::boxed(none),
        Stream::<Publication>::boxed(none),
        Stream::<Close>::boxed(none),
        Stream::<Chase>::boxed(none),
        Stream::<Claim>::boxed(none),
        Stream::<Request>::boxed(none),
        Stream::<RequestAnswer>::boxed(none),
        Stream::<ReportVersion>::boxed(none),
        Stream::<ReportLine>::boxed(none),
        Stream::<ReportProblem>::boxed(none),
        Stream::<ProblemAnswer>::boxed(none),
        Stream::<ReportStep>::boxed(none),
        Stream::<ProposalAnswer>::boxed(none),
        Stream::<ReportPhoto>::boxed(none),
        Stream::<ReviewWaiver>::boxed(none),
        Stream::<Account>::boxed(none),
        Stream::<AccountFact>::boxed(none),
        Stream::<Delegation>::boxed(none),
        Stream::<PlanMonths>::boxed(none),
        Stream::<Exemption>::boxed(none),
        Stream::<LightJudgement>::boxed(none),
    ]
}

/// The facts of a journal row in the written form, by table, at most `limit` of each.
pub fn facts_of(conn: &mut AnyConnection, row: &JournalRow, limit: i64) -> Result<Vec<(&'static str, Vec<String>)>> {
    let told: Value = serde_json::from_str(&row.payload).unwrap_or(Value::Null);
    let mut found = Vec::new();
    for table in tables().iter().filter(|table| told["facts"].get(table.name()).is_some()) {
        found.push((table.name(), table.list(conn, row.seq, limit)?));
    }
    Ok(found)
}

fn highest_id(conn: &mut AnyConnection) -> Result<i64> {
    tables().iter().try_fold(0, |highest, table| Ok(table.last_id(conn)?.max(highest)))
}

/// The chain holds; every journal row's facts are those in the tables, and no other are there.
pub(super) fn prove(conn: &mut AnyConnection, progress: &mut dyn FnMut(&str)) -> Result<Vec<Proof>> {
    let head = Head::find(conn)?;
    let (mut chain, mut facts) = (Differences::default(), Differences::default());
    let mut verifier = Verifier::default();
    let mut tables = tables();
    let (mut after, mut rows, mut counted) = (i64::MIN, 0u64, 0u64);
    loop {
        let page = store::list_after(conn, after, CHUNK)?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for row in &page {
            if let Err(Error::Difference(what)) = verifier.push(row) {
                chain.add(what);
                verifier.resume(row);
            }
            let told: Value = serde_json::from_str(&row.payload).unwrap_or(Value::Null);
            for table in &mut tables {
                while table.peek(conn)?.is_some_and(|seq| seq < row.seq) {
                    let seq = table.peek(conn)?.unwrap_or_default();
                    table.take(conn, seq)?;
                    facts.add(format!("{} 有事实属于日志 {seq}，而日志里没有这一条或顺序不对", table.name()));
                }
                let expected = told.get("facts").and_then(|facts| facts.get(table.name()));
                let actual = table.take(conn, row.seq)?;
                counted += actual.as_ref().map_or(0, |(_, n)| *n);
                if expected != actual.as_ref().map(|(digest, _)| digest) {
                    facts.add(format!("日志 {} 的 {} 与摘要不符", row.seq, table.name()));
                }
            }
            rows += 1;
        }
        progress(&format!("核对日志与事实：{rows} 条日志，{counted} 条事实"));
    }
    for table in &mut tables {
        if let Some(seq) = table.peek(conn)? {
            facts.add(format!("{} 有事实属于日志 {seq}，日志里没有这一条", table.name()));
        }
    }
    let end = verifier.head();
    if (end.seq, &end.hash) != (head.seq, &head.hash) || (end.seq > 0 && end.at != head.at) {
        chain.add(format!("日志最后一条是 {}，记下的末条是 {}", end.seq, head.seq));
    }
    let (given, highest) = (Head::last_id(conn)?, highest_id(conn)?);
    if given != highest {
        facts.add(format!("事实的最大编号是 {highest}，记下的是 {given}"));
    }
    let detail = format!("末条 {} {}", head.seq, head.hash.chars().take(12).collect::<String>());
    Ok(vec![
        Proof::new("日志链首尾相接，没有改动", format!("{rows} 条日志"), detail, chain, RESTORE),
        Proof::new(
            "每条日志的事实与其摘要一致，不多不少",
            format!("{counted} 条事实"),
            "逐条重算 SHA-256，全部相符".into(),
            facts,
            RESTORE,
        ),
    ])
}
