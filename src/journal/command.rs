//! Recording a command: its facts, then one journal row that holds their digest.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::chain::{FactDigest, Fields, hash_of};
use super::store::JournalRow;
use crate::auth::Actor;
use crate::clock::Instant;
use crate::db::{Fact, Head, Later, Tx};
use crate::error::{Error, Result};
use crate::money::Fen;
use crate::period::Day;

/// So many facts of one command wait for the commit.
const FEW: usize = 50;

/// A command under way. Facts are stored through it, so that none escapes the journal.
pub struct Recording<'t, 'c> {
    tx: &'t mut Tx<'c>,
    actor: String,
    action: &'static str,
    subject: String,
    seq: i64,
    at: Instant,
    digests: BTreeMap<&'static str, FactDigest>,
}

impl<'t, 'c> Recording<'t, 'c> {
    /// Begins the journal row after the head. Its instant is `max(clock, previous + 1 µs)`.
    ///
    /// Callers authorise first.
    pub fn begin(tx: &'t mut Tx<'c>, actor: &Actor, action: &'static str, subject: impl Into<String>) -> Result<Self> {
        let at = tx.clock().now().max(tx.head().at.succ());
        let subject = subject.into();
        if subject.chars().any(char::is_control) {
            return Err(Error::invalid("subject", subject, "含控制字符"));
        }
        Ok(Recording {
            seq: tx.head().seq + 1,
            at,
            actor: actor.name().to_owned(),
            action,
            subject,
            digests: BTreeMap::new(),
            tx,
        })
    }

    /// The transaction, for reading what the command needs.
    pub fn tx(&mut self) -> &mut Tx<'c> {
        self.tx
    }

    /// The number this command will have.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// The instant this command will have.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The day of this command: nothing it records may be dated later.
    pub fn today(&self) -> Day {
        self.at.day()
    }

    /// Stores one fact, made from its id and seq.
    pub fn add<F: Fact>(&mut self, make: impl FnOnce(i64, i64) -> F) -> Result<F> {
        let fact = make(self.tx.next_id(), self.seq);
        fact.insert(self.tx.conn())?;
        self.digest::<F>().push(&fact.canonical())?;
        Ok(fact)
    }

    /// Stores many facts of one kind, made from their ids and seq.
    pub fn add_all<F: Fact, N>(
        &mut self,
        new: impl IntoIterator<Item = N>,
        make: impl Fn(i64, i64, N) -> F,
    ) -> Result<Vec<F>> {
        let facts = self.made(new, make)?;
        if !facts.is_empty() {
            F::insert_all(&facts, self.tx.conn())?;
        }
        Ok(facts)
    }

    /// The same for facts that may wait for the commit, together with those of other commands.
    /// Many are no gain to wait for.
    pub fn add_all_later<F: Fact + Later + Clone, N>(
        &mut self,
        new: impl IntoIterator<Item = N>,
        make: impl Fn(i64, i64, N) -> F,
    ) -> Result<Vec<F>> {
        let facts = self.made(new, make)?;
        if facts.len() > FEW {
            F::insert_all(&facts, self.tx.conn())?;
        } else {
            facts.iter().for_each(|fact| self.tx.later(fact.clone()));
        }
        Ok(facts)
    }

    fn made<F: Fact, N>(
        &mut self,
        new: impl IntoIterator<Item = N>,
        make: impl Fn(i64, i64, N) -> F,
    ) -> Result<Vec<F>> {
        let facts: Vec<F> = new.into_iter().map(|new| make(self.tx.next_id(), self.seq, new)).collect();
        if !facts.is_empty() {
            let digest = self.digest::<F>();
            facts.iter().try_for_each(|fact| digest.push(&fact.canonical()))?;
        }
        Ok(facts)
    }

    /// Says what the money among the facts of a table comes to.
    pub fn sum<F: Fact>(&mut self, amounts: impl IntoIterator<Item = Fen>) -> Result<()> {
        self.digest::<F>().add_money(amounts)
    }

    fn digest<F: Fact>(&mut self) -> &mut FactDigest {
        self.digests.entry(F::TABLE).or_default()
    }

    /// Writes the journal row. `detail` is what a person reads: before, after, reason.
    pub fn finish(self, detail: Map<String, Value>) -> Result<Head> {
        let facts: Map<String, Value> =
            self.digests.into_iter().map(|(table, digest)| (table.to_owned(), digest.finish())).collect();
        let mut payload = Map::new();
        payload.insert("facts".into(), json!(facts));
        payload.extend(detail);
        let payload = Value::Object(payload).to_string();
        // JSON escapes most of them, not all (U+007F); the chain allows none.
        if payload.chars().any(char::is_control) {
            return Err(Error::invalid("payload", self.subject, "说明中含控制字符"));
        }
        let previous = self.tx.head().hash.clone();
        let fields = Fields {
            seq: self.seq,
            at_us: self.at.micros(),
            actor: &self.actor,
            action: self.action,
            subject: &self.subject,
            payload: &payload,
            previous: &previous,
        };
        let hash = hash_of(&fields);
        self.tx.later(JournalRow {
            seq: self.seq,
            at_us: self.at.micros(),
            actor: self.actor,
            action: self.action.to_owned(),
            subject: self.subject,
            payload,
            previous,
            hash: hash.clone(),
        });
        let head = Head { seq: self.seq, at: self.at, hash };
        self.tx.advance(head.clone());
        Ok(head)
    }
}
